from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.classify.classifier import Prediction
from hdr.classify.names import DIGITS
from hdr.data.negatives import NAMES
from hdr.geometry import Box
from hdr.reading.company import company, page_says, weigh


def told(label: str, confidence: float = 0.98) -> Prediction:
    probabilities = np.full(11, (1 - confidence) / 10, np.float32)
    probabilities[NAMES.index(label)] = confidence
    return Prediction(NAMES, probabilities)


def in_line(labels: str, pitch: int = 22) -> tuple[list[Box], list[Prediction]]:
    """A line of ink: a digit each, x for what is none."""
    boxes = [Box.from_xywh(pitch * index, 100, 18, 30) for index in range(len(labels))]
    return boxes, [told("none" if label == "x" else label) for label in labels]


def read(labels: str, pitch: int = 22) -> list[str]:
    boxes, alone = in_line(labels, pitch)
    return [one.label for one in weigh(alone, company(boxes, alone))]


def test_what_looks_like_digits_in_a_word_is_letters() -> None:
    assert read("x0x1x") == ["none"] * 5
    assert read("xx1x0x0x") == ["none"] * 8


def test_a_number_stays_a_number() -> None:
    assert read("314159") == list("314159")
    assert read("12345x") == [*"12345", "none"]


def test_a_letter_before_a_number_does_not_take_it_along() -> None:
    assert read("x12345")[1:] == list("12345")


def test_ink_without_company_is_what_it_is() -> None:
    assert read("0x1x0", pitch=400) == ["0", "none", "1", "none", "0"]
    assert read("7") == ["7"]
    assert read("") == []


def test_lines_above_and_below_have_no_say() -> None:
    boxes = [Box.from_xywh(22 * i, y, 18, 30) for y in (0, 60) for i in range(4)]
    alone = [told("none")] * 4 + [told("5", 0.8)] * 4
    assert [one.label for one in weigh(alone, company(boxes, alone))][4:] == ["5"] * 4


def test_a_model_without_none_is_left_alone() -> None:
    alone = [Prediction(DIGITS, np.full(10, 0.1, np.float32))] * 3
    boxes = in_line("000")[0]
    assert not company(boxes, alone).any()
    assert weigh(alone, company(boxes, alone)) == alone


@given(st.permutations(range(12)), st.text("x0123456789", min_size=12, max_size=12))
def test_the_order_of_the_ink_does_not_matter(order: list[int], labels: str) -> None:
    boxes, alone = in_line(labels)
    said = company(boxes, alone)
    shuffled = company([boxes[i] for i in order], [alone[i] for i in order])
    assert shuffled == pytest.approx(said[order])
    assert all(one.probabilities.sum() == pytest.approx(1, abs=1e-5) for one in weigh(alone, said))


def test_thousands_of_letters_are_told_in_bands_as_at_once() -> None:
    boxes = [Box.from_xywh(22 * (i % 50), 60 * (i // 50), 18, 30) for i in range(1500)]
    alone = [told("none" if i % 3 else "0") for i in range(1500)]
    labels = [one.label for one in weigh(alone, company(boxes, alone))]
    assert {label for i, label in enumerate(labels) if 0 < i % 50 < 49} == {"none"}


def test_a_page_full_of_letters_makes_every_crop_likelier_to_be_one() -> None:
    assert page_says([told("none", 0.99)] * 90 + [told("0")] * 10) > 3
    assert page_says([told("none", 0.99)] * 2 + [told("0")] * 98) == 0
    assert page_says([told("none", 0.99)]) < 1, "one letter does not make a page of print"
    assert page_says([]) == page_says([Prediction(DIGITS, np.full(10, 0.1, np.float32))]) == 0


def test_an_o_in_a_line_of_print_is_no_0_however_much_it_looks_like_one() -> None:
    boxes = [Box.from_xywh(22 * index, 100, 18, 30) for index in range(21)]
    alone = [told("none")] * 10 + [told("0", 1 - 1e-5)] + [told("none")] * 10
    assert {one.label for one in weigh(alone, company(boxes, alone))} == {"none"}


def test_ink_that_is_several_characters_has_no_say() -> None:
    boxes, alone = in_line("xx0xx")
    assert not company(boxes, alone, [False, False, True, False, False])[2]
    assert company(boxes, alone)[2] > 3


def test_ink_of_few_pixels_is_not_trusted_to_be_letters() -> None:
    _, alone = in_line("xx0xx")
    heights = {px: [Box.from_xywh(px * index, 50, px - 1, px) for index in range(5)] for px in (4, 6, 30)}
    said = {px: company(boxes, alone)[2] for px, boxes in heights.items()}
    assert said[4] <= 0 < said[6] < said[30]
