from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.classify.classifier import Prediction, StubClassifier
from hdr.geometry import Box
from hdr.reading.known import KnownCrops, KnownWhole
from hdr.vision.normalize import Crop
from hdr.vision.segment import Region


def stroke(width: int = 40, height: int = 60) -> np.ndarray:
    ink = np.zeros((height, width), np.uint8)
    cv2.line(ink, (width // 2, 3), (width // 2, height - 4), 255, 5)
    return ink


def crop(pixels: np.ndarray, x: int = 10, y: int = 20) -> Crop:
    return Crop(pixels, Box.from_xywh(x, y, pixels.shape[1], pixels.shape[0]))


def grainy(pixels: np.ndarray, rng: np.random.Generator, deviation: float = 12) -> np.ndarray:
    return np.clip(pixels + rng.normal(0, deviation, pixels.shape), 0, 255).astype(np.uint8)


def asked_again(before: Crop, after: Crop) -> bool:
    stub = StubClassifier()
    known = KnownCrops(stub)
    known.classify([before])
    known.next_frame()
    known.classify([after])
    return len(stub.calls) == 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_grain_is_no_change_and_a_piece_of_a_stroke_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ink = stroke()
    assert not asked_again(crop(grainy(ink, rng)), crop(grainy(ink, rng)))
    bar = ink.copy()
    bar[28:32, 22:32] = 255
    assert asked_again(crop(grainy(ink, rng)), crop(grainy(bar, rng)))


def test_a_few_pixels_of_a_small_digit_are_a_change() -> None:
    ink = np.zeros((14, 9), np.uint8)
    ink[1:13, 3:5] = 255
    dotted = ink.copy()
    dotted[6:8, 5:7] = 255
    assert asked_again(crop(ink), crop(dotted))


def test_what_trembles_lies_still_and_what_moves_or_grows_does_not() -> None:
    ink = stroke()
    assert not asked_again(crop(ink), crop(ink[:, 1:], x=11))
    assert asked_again(crop(ink), crop(ink, x=30))
    assert asked_again(crop(ink), crop(np.pad(ink, ((0, 0), (0, 10)))))


def test_what_changes_slowly_is_seen_in_the_end() -> None:
    stub = StubClassifier()
    known = KnownCrops(stub)
    full = stroke()
    full[28:36, 20:38] = 255
    for step in range(30):
        faded = cv2.addWeighted(stroke(), 1 - step / 30, full, step / 30, 0)
        known.next_frame()
        known.classify([crop(np.asarray(faded, np.uint8))])
    assert len(stub.calls) > 2


def test_only_what_is_new_is_asked_in_one_call_and_answers_keep_their_order() -> None:
    stub = StubClassifier(["4", "5", "6"])
    known = KnownCrops(stub)
    first = known.classify([crop(stroke(), 10), crop(stroke(), 100)])
    known.next_frame()
    again = known.classify([crop(stroke(), 200), crop(stroke(), 100), crop(stroke(), 10)])
    assert stub.calls == [2, 1]
    assert again[1:] == [first[1], first[0]]
    assert again[0].label == "4"
    assert (known.asked, known.reused) == (3, 2)
    assert known.card is stub.card


def test_what_was_not_asked_for_is_forgotten() -> None:
    stub = StubClassifier()
    known = KnownCrops(stub)
    known.classify([crop(stroke())])
    for _ in range(2):
        known.next_frame()
    known.classify([crop(stroke())])
    known.next_frame(forget=True)
    known.classify([crop(stroke())])
    assert stub.calls == [1, 1, 1]


def test_a_crop_of_a_turned_page_is_always_asked() -> None:
    lying = Crop(stroke(), Box.from_xywh(10, 20, 60, 40))
    assert asked_again(lying, lying)


def test_wide_ink_left_whole_is_known_while_it_looks_alike_and_for_a_while() -> None:
    known = KnownWhole()
    told = Prediction(("0", "1"), np.array([0.9, 0.1], np.float32))
    other = Prediction(("0", "1"), np.array([0.1, 0.9], np.float32))

    def region(x: int, width: int = 50) -> Region:
        return Region(Box.from_xywh(x, 0, width, 50), np.ones((50, width), np.bool_))

    known.learn(region(0), told)
    assert known.is_whole(region(20), told)
    assert known.is_whole(region(40), told)  # it was followed
    assert not known.is_whole(region(40), other)
    assert not known.is_whole(region(40, 70), told)
    assert not known.is_whole(region(100), told)
    for _ in range(40):
        known.next_frame()
    assert not known.is_whole(region(40), told)
    known.learn(region(0), told)
    known.forget()
    assert not known.is_whole(region(0), told)
