from __future__ import annotations

import numpy as np

from hdr.classify.classifier import Prediction
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.vision.normalize import Crop


def digit(label: str, row: int = 0, confidence: float = 0.8) -> Digit:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[int(label)] = confidence
    crop = Crop(np.full((5, 3), 255, np.uint8), Box(0, 0, 3, 5))
    return Digit(crop, Prediction(DIGITS, probabilities), row)


def rejected() -> Digit:
    labels = (*DIGITS, NOT_A_DIGIT)
    probabilities = np.array([0.01] * 10 + [0.9], np.float32)
    return Digit(digit("1").crop, Prediction(labels, probabilities), 1)


PAGE = Reading((100, 50), (digit("1"), digit("2"), digit("3", row=1), digit("4", row=2)))


def test_the_text_is_a_row_a_line() -> None:
    assert PAGE.text == "12\n3\n4"


def test_an_empty_page_is_a_reading() -> None:
    assert Reading((10, 10)).text == ""
    assert Reading((10, 10)).rows == []


def test_a_persons_label_counts_and_is_certain() -> None:
    mended = PAGE.with_label(1, "7")
    assert mended.text == "17\n3\n4"
    assert mended.digits[1].confidence == 1.0
    assert mended.digits[1].prediction.label == "2"
    assert PAGE.text == "12\n3\n4"


def test_not_a_digit_leaves_the_text_and_its_row_if_it_was_alone() -> None:
    assert PAGE.with_label(2, NOT_A_DIGIT).text == "12\n4"
    assert not PAGE.with_label(2, NOT_A_DIGIT).digits[2].is_digit


def test_a_label_can_be_taken_back() -> None:
    assert PAGE.with_label(0, "9").with_label(0, None).text == PAGE.text


def test_what_the_model_rejects_is_found_but_neither_kept_nor_text() -> None:
    page = Reading((100, 50), (*PAGE.digits, rejected()))
    assert page.text == PAGE.text
    assert page.kept == PAGE.digits
    assert page.rejected == page.digits[-1:]


def test_a_person_takes_back_or_confirms_what_the_model_rejects() -> None:
    page = Reading((100, 50), (*PAGE.digits, rejected()))
    for label, is_digit in (("5", True), (NOT_A_DIGIT, False)):
        mended = page.with_label(4, label)
        assert mended.rejected == ()
        assert len(mended.kept) == 5
        assert mended.kept[4].is_digit is is_digit
    assert page.with_label(4, "5").with_label(4, None).rejected
