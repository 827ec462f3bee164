from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.geometry import Box
from hdr.vision.binarize import Ink
from hdr.vision.cut import cut_crop
from hdr.vision.deskew import find_slope, turn_page, turn_pixels
from hdr.vision.normalize import Crop
from hdr.vision.segment import Region


def turned_boxes(rows: int, columns: int, degrees: float, jitter: float = 0.0, seed: int = 0) -> list[Box]:
    """Digits 40 high in rows, turned clockwise by an angle."""
    rng = np.random.default_rng(seed)
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    boxes = []
    for row in range(rows):
        for column in range(columns):
            x, y = 42 * column + rng.uniform(0, 8), 72 * row + 40 * rng.normal(0, jitter)
            middle = 2000 + cosine * x - sine * y, 2000 + sine * x + cosine * y
            wide, high = math.hypot(28 * cosine, 40 * sine), math.hypot(28 * sine, 40 * cosine)
            boxes.append(Box.from_xywh(*(round(v) for v in (middle[0] - wide / 2, middle[1] - high / 2, wide, high))))
    return boxes


@given(st.floats(-40, 40), st.integers(1, 6), st.integers(6, 12), st.integers(0, 9))
@settings(deadline=None, max_examples=60)
def test_the_slope_of_a_turned_layout_is_found(degrees: float, rows: int, columns: int, seed: int) -> None:
    assert find_slope(turned_boxes(rows, columns, degrees, 0.02, seed)) == pytest.approx(degrees, abs=1)


def test_three_digits_in_a_line_tell_a_slope_and_two_do_not() -> None:
    assert find_slope(turned_boxes(1, 3, 20)) == pytest.approx(20, abs=3)
    assert find_slope(turned_boxes(1, 2, 20)) == 0


def test_a_column_of_right_aligned_numbers_is_level() -> None:
    boxes = [Box.from_xywh(300 - 34 * i, 70 * row, 24, 40) for row in range(6) for i in range(2 + row % 3)]
    assert find_slope(boxes) == pytest.approx(0, abs=0.5)


def test_one_digit_above_another_makes_no_slope() -> None:
    assert find_slope([Box.from_xywh(100 + 7 * (row % 3), 70 * row, 24, 40) for row in range(8)]) == 0


def test_a_column_of_single_digits_beside_level_rows_does_not_tilt_them() -> None:
    boxes = [*turned_boxes(4, 8, 0), *(Box.from_xywh(2500 + 9 * i, 2000 + 60 * i, 24, 40) for i in range(4))]
    assert find_slope(boxes) == pytest.approx(0, abs=2)


def test_two_blocks_that_miss_each_other_are_level() -> None:
    left = turned_boxes(4, 5, 0)
    right = [box.shifted(300, 36) for box in left]
    assert find_slope([*left, *right]) == pytest.approx(0, abs=1)


def test_a_bent_row_is_level_where_it_is_level_on_the_whole() -> None:
    boxes = [Box.from_xywh(60 * i, round(200 - 40 * math.sin(math.pi * i / 11)), 30, 50) for i in range(12)]
    assert find_slope(boxes) == pytest.approx(0, abs=2)


def test_scattered_digits_have_no_slope() -> None:
    none = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        boxes: list[Box] = []
        while len(boxes) < 14:
            box = Box.from_xywh(*(int(v) for v in rng.integers(0, 420, 2)), 28, 40)
            if not any(box.padded(6).intersection(other) for other in boxes):
                boxes.append(box)
        none += find_slope(boxes) == 0
    assert none >= 56  # some scatter does fall into line


@given(st.integers(-30, 30), st.sampled_from([2, 5]), st.randoms())
@settings(deadline=None, max_examples=20)
def test_size_place_and_order_do_not_change_the_slope(degrees: int, times: int, random) -> None:
    boxes = turned_boxes(3, 8, degrees, 0.03)
    other = [Box(*(times * v for v in (b.x0, b.y0, b.x1, b.y1))).shifted(-700, 90) for b in boxes]
    random.shuffle(other)
    assert find_slope(other) == pytest.approx(find_slope(boxes), abs=1e-6)


def test_many_digits_tell_the_slope_as_well() -> None:
    assert find_slope(turned_boxes(24, 30, 12, 0.03)) == pytest.approx(12, abs=1)


def ink_of(mask: np.ndarray) -> Ink:
    return Ink(mask, mask.astype(np.uint8) * np.uint8(255), "otsu", "dark")


def drawn() -> np.ndarray:
    """A slender L and a bar: which side is up can be told."""
    mask = np.zeros((120, 200), np.bool_)
    mask[20:90, 50:56] = True
    mask[84:90, 50:90] = True
    mask[30:80, 140:148] = True
    return mask


def regions_of(mask: np.ndarray) -> list[Region]:
    """Every piece of ink."""
    count, marks, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    boxes = [Box.from_xywh(*stats[i, :4]) for i in range(count)]
    return [Region(boxes[i], marks[boxes[i].slices] == i) for i in range(1, count)]


@pytest.mark.parametrize("degrees", [90, 180, -90, 270])
def test_a_quarter_turn_and_back_loses_nothing(degrees: int) -> None:
    mask = drawn()
    page = turn_page(ink_of(mask), degrees)
    assert np.array_equal(np.rot90(page.ink.mask, round(degrees / 90)), mask)
    before = {region.box for region in regions_of(mask)}
    crops = [cut_crop(page.ink.strength, region) for region in regions_of(page.ink.mask)]
    assert {page.crop_back(crop).box for crop in crops} == before


@given(st.floats(-179, 179))
@settings(deadline=None, max_examples=40)
def test_a_box_comes_back_tight_around_its_own_ink(degrees: float) -> None:
    mask = drawn()
    true = sorted((50, 20, 90, 90) if part else (140, 30, 148, 80) for part in range(2))
    page = turn_page(ink_of(mask), degrees)
    crops = [cut_crop(page.ink.strength, region) for region in regions_of(page.ink.mask)]
    back = sorted((box.x0, box.y0, box.x1, box.y1) for box in (page.crop_back(crop).box for crop in crops))
    assert np.abs(np.array(back) - np.array(true)).max() <= 1


def test_a_turn_clockwise_brings_the_left_edge_to_the_top() -> None:
    mask = np.zeros((40, 60), np.bool_)
    mask[10:30, 2:5] = True
    rows, columns = np.nonzero(turn_page(ink_of(mask), 90).ink.mask)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 4, 10, 29)
    pixels = mask.astype(np.uint8) * np.uint8(255)
    assert np.array_equal(turn_pixels(pixels, 90) > 0, turn_page(ink_of(mask), 90).ink.mask)


def test_turned_pixels_keep_all_their_ink() -> None:
    pixels = np.full((30, 20), 255, np.uint8)
    assert int(turn_pixels(pixels, 30).sum()) == pytest.approx(int(pixels.sum()), rel=0.1)


def test_ink_at_the_edge_is_left_out_of_a_page_that_is_no_longer_square_to_it() -> None:
    mask = drawn()
    mask[100:120, 0:30] = True
    edge = Box(0, 100, 30, 120)
    kept = turn_page(ink_of(mask), 20, [edge]).ink
    assert np.count_nonzero(kept.mask) == pytest.approx(np.count_nonzero(drawn()), rel=0.05)
    assert int(kept.strength.astype(int).sum()) == pytest.approx(255 * np.count_nonzero(drawn()), rel=0.05)
    assert np.count_nonzero(turn_page(ink_of(mask), 20, []).ink.mask) > np.count_nonzero(kept.mask) + 400


def test_a_crop_without_ink_still_comes_back_inside_the_page() -> None:
    page = turn_page(ink_of(drawn()), 30)
    box = page.crop_back(Crop(np.zeros((5, 4), np.uint8), Box(20, 20, 24, 25))).box
    assert box == box.clipped(200, 120)


def test_a_box_without_a_crop_comes_back_around_all_of_it() -> None:
    page = turn_page(ink_of(drawn()), 90)
    assert page.box_back(Box(0, 0, 120, 200)) == Box(0, 0, 200, 120)
