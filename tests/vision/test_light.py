"""Light: levels by counting are those by sorting, and Otsu's is OpenCV's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdr.vision.light import count_levels, level_below, mean_level, otsu_level, share_level, shrink


@pytest.mark.parametrize("seed", range(8))
def test_otsus_level_is_that_of_opencv(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ink = rng.random((40, 60)) < 0.2
    page = np.clip(rng.normal(np.where(ink, 70, 180), 5 + 3 * seed), 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(page, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    assert otsu_level(count_levels(page)) == level


def test_a_page_of_one_level_has_no_level_between() -> None:
    assert otsu_level(count_levels(np.full((5, 5), 200, np.uint8))) == 0


def test_levels_are_counted_under_a_mask() -> None:
    page = np.array([[1, 2, 3, 250]], np.uint8)
    mask = np.array([[1, 1, 1, 0]], np.uint8)
    counts = count_levels(page, mask)
    assert mean_level(counts) == 2
    assert share_level(counts, 0.5) == level_below(page, 0.5, mask) == 2
    assert mean_level(np.zeros(256)) == 0


@pytest.mark.parametrize("shape", [(3000, 4000), (1203, 1700), (3, 5000), (900, 700, 3), (300, 400)])
def test_a_copy_is_at_most_400_long_and_as_bright(shape: tuple[int, ...]) -> None:
    page = np.zeros(shape, np.uint8)
    page[:, shape[1] // 2 :] = 200
    small = shrink(page)
    assert max(small.shape[:2]) == min(400, max(shape[:2]))
    assert small.shape[2:] == shape[2:]
    assert abs(float(small.mean()) - float(page.mean())) < 1
