from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hdr.vision.normalize import normalize_digit


def bar(height: int, width: int, value: int = 255) -> np.ndarray:
    field = np.zeros((height + 10, width + 10), np.uint8)
    field[5:-5, 5:-5] = value
    return field


@pytest.mark.shared
def test_our_crop_of_an_mnist_digit_is_that_digit(shared_data: Path) -> None:
    with np.load(shared_data / "mnist.npz", allow_pickle=False) as data:
        digits = data["x_test"]
    same = sum(np.array_equal(normalize_digit(digit), digit) for digit in digits)
    assert same == 9997


def test_the_long_side_becomes_20_and_the_aspect_ratio_stays() -> None:
    rows, columns = np.nonzero(normalize_digit(bar(100, 25)))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (20, 5)


def test_small_ink_is_enlarged() -> None:
    rows, columns = np.nonzero(normalize_digit(bar(5, 3)) > 127)
    assert np.ptp(rows) + 1 == 20
    assert 9 <= np.ptp(columns) + 1 <= 13


def test_the_centre_of_mass_goes_to_the_middle() -> None:
    heavy_below = bar(40, 30)
    heavy_below[5:25, 15:-5] = 0  # an L: its mass is left of and below the middle of its box
    field = normalize_digit(heavy_below).astype(float)
    rows, columns = np.mgrid[0:28, 0:28]
    assert abs((field * rows).sum() / field.sum() - 14) <= 0.51
    assert abs((field * columns).sum() / field.sum() - 14) <= 0.51


def test_without_ink_the_field_is_black() -> None:
    assert not normalize_digit(np.zeros((9, 7), np.uint8)).any()


def test_a_line_of_one_pixel_stays_bright_when_it_is_scaled_down() -> None:
    line = np.zeros((400, 100), np.uint8)
    line[:, 50] = 255
    line[0, :] = 255
    assert np.percentile(normalize_digit(line)[normalize_digit(line) > 0], 60) > 200


def test_other_sizes_keep_the_proportion() -> None:
    rows, _ = np.nonzero(normalize_digit(bar(64, 64), 56))
    assert np.ptp(rows) + 1 == 40


@given(arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60))))
@settings(max_examples=60, deadline=None)
def test_any_ink_fits_the_field(pixels: np.ndarray) -> None:
    field = normalize_digit(pixels)
    assert field.shape == (28, 28)
    assert field.dtype == np.uint8
    assert bool(field.any()) == bool(pixels.any()) or pixels.max() < 3


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
@settings(max_examples=30, deadline=None)
def test_black_around_the_ink_changes_nothing(top: int, left: int, right: int) -> None:
    ink = np.random.default_rng(1).integers(0, 256, (30, 17)).astype(np.uint8)
    assert np.array_equal(normalize_digit(np.pad(ink, ((top, 3), (left, right)))), normalize_digit(ink))
