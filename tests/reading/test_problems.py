"""Why a page may be read badly: named where the reading is in doubt for that reason, and never on a good page."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.geometry import Box
from hdr.reading.problems import find_problems
from hdr.reading.results import Digit, Steps
from hdr.vision.normalize import Crop

SURE, UNSURE = 0.99, 0.6


def draw_page(paper: int = 220, ink: int = 40, height_px: int = 48, shift: int = 30) -> tuple[np.ndarray, list[Box]]:
    """Upright bars in rows, the first so far from the upper edge."""
    step = 2 * height_px
    boxes = [
        Box.from_xywh(30 + step * column, shift + step * row, max(2, height_px // 5), height_px)
        for row in range(3)
        for column in range(4)
    ]
    page = np.full((shift + 3 * step, 60 + 4 * step), paper, np.uint8)
    for box in boxes:
        page[box.slices] = ink
    return page, boxes


def told(page: np.ndarray, boxes: list[Box], confidence: float, label: str = "1", turned: float = 0.0) -> list[str]:
    """What is said of a page whose bars were read with this confidence."""
    ink = np.zeros(page.shape, np.bool_)
    for box in boxes:
        ink[box.slices] = True
    card = ModelCard("stub", (*DIGITS, NOT_A_DIGIT))
    crops = [Crop(np.full((box.height, box.width), 255, np.uint8), box) for box in boxes]
    predictions = StubClassifier([label], confidence, card).classify(crops)
    digits = [Digit(crop, one, 0) for crop, one in zip(crops, predictions, strict=True)]
    steps = Steps(page, ink, "otsu", "dark", turned_deg=turned)
    problems = find_problems(steps, digits)
    assert all(problem.cure.endswith(".") for problem in problems)
    return [problem.what for problem in problems]


def blurred(page: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(page, (0, 0), 5)


def grainy(page: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 40, page.shape)
    return np.clip(page.astype(float) + noise, 0, 255).astype(np.uint8)


def in_blocks(page: np.ndarray) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", grainy(page), [cv2.IMWRITE_JPEG_QUALITY, 2])[1], cv2.IMREAD_GRAYSCALE)


MENDABLE = {
    "dark": (lambda page: page // 10, "very dark"),
    "overexposed": (lambda page: np.where(page < 100, 240, 255).astype(np.uint8), "overexposed"),
    "faint": (lambda page: (190 + page // 12).astype(np.uint8), "hardly stands out"),
    "blurred": (blurred, "out of focus"),
    "grainy": (grainy, "grainy"),
    "blocks": (in_blocks, "falls into blocks"),
}


@pytest.mark.parametrize("kind", MENDABLE)
def test_a_cause_is_named_where_the_reading_is_in_doubt(kind: str) -> None:
    spoil, words = MENDABLE[kind]
    page, boxes = draw_page()
    assert any(words in one for one in told(spoil(page), boxes, UNSURE))
    assert told(spoil(page), boxes, SURE) == []


def test_a_good_page_is_passed_over_even_where_the_model_is_unsure() -> None:
    assert told(*draw_page(), UNSURE) == []
    assert told(*draw_page(255, 0), UNSURE) == []
    assert told(*draw_page(10, 250), UNSURE) == []


def test_small_digits_are_told_with_their_height() -> None:
    assert told(*draw_page(height_px=12), UNSURE) == ["The digits are only 12 pixels high."]
    assert told(*draw_page(height_px=12), SURE) == []
    assert told(*draw_page(height_px=6), SURE) == ["The digits are only 6 pixels high."]


def test_what_hides_digits_is_told_however_sure_the_others_are() -> None:
    page, boxes = draw_page()
    kept = [box for box in boxes if box.x0 not in (126, 222)]
    page[:, 100:300] = 255
    assert [one[:27] for one in told(page, kept, SURE)] == ["Part of the page is burnt o"]
    cut = told(*draw_page(shift=0), SURE)
    assert cut == ["The edge of the picture cuts 4 digits."]


def test_rows_that_slope_and_were_not_turned_are_told() -> None:
    page = np.full((400, 600), 220, np.uint8)
    boxes = [Box.from_xywh(40 + 60 * i, 60 + 20 * i + 100 * row, 9, 40) for row in range(2) for i in range(8)]
    for box in boxes:
        page[box.slices] = 40
    assert told(page, boxes, UNSURE) == ["The rows slope by 18 degrees."]
    assert told(page, boxes, UNSURE, turned=-18.0) == []


def test_ink_that_is_all_rejected_is_told_and_a_blank_page_is_not() -> None:
    page, boxes = draw_page()
    assert told(page, boxes, SURE, NOT_A_DIGIT) == ["There is ink on the page, but none of it looks like a digit."]
    assert told(np.full((50, 50), 255, np.uint8), [], SURE) == []


def test_a_page_on_which_nothing_stands_out() -> None:
    page = np.full((50, 50), 200, np.uint8)
    page[20:30, 20:30] = 190
    assert told(page, [], SURE) == ["Hardly anything stands out on this page."]
