"""What a page is like where its digits are: on pages whose size, contrast, blur and grain are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdr.geometry import Box
from hdr.vision.quality import Quality, measure_quality

BOXES = [Box.from_xywh(30 + 60 * column, 30 + 80 * row, 12, 50) for row in range(3) for column in range(4)]


def draw_page(paper: int = 220, ink: int = 40) -> np.ndarray:
    """Upright bars, 50 px high."""
    page = np.full((280, 300), paper, np.uint8)
    for box in BOXES:
        page[box.slices] = ink
    return page


def measure(page: np.ndarray, boxes: list[Box] = BOXES) -> Quality:
    ink = np.zeros(page.shape, np.bool_)
    for box in boxes:
        ink[box.slices] = True
    return measure_quality(page, ink, boxes)


def test_size_contrast_and_paper_are_exact() -> None:
    quality = measure(draw_page())
    assert (quality.digit_px, quality.contrast, quality.paper) == (50, 180, 220)
    assert (quality.grain, quality.blocks, quality.glare, quality.cut) == (0, 0, 0, 0)
    assert (quality.darkest, quality.brightest) == (40, 220)


def test_light_ink_stands_out_as_much() -> None:
    quality = measure(draw_page(40, 220))
    assert (quality.contrast, quality.paper) == (180, 40)


@pytest.mark.parametrize("sigma", [2, 3, 4])
def test_blur_is_measured_in_pixels(sigma: float) -> None:
    page = cv2.GaussianBlur(draw_page(), (0, 0), sigma)
    assert measure(page).blur_px == pytest.approx(sigma, rel=0.3)
    assert measure(draw_page()).blur_px < 1.6


@pytest.mark.parametrize("sigma", [6, 20])
def test_grain_is_measured_in_gray_levels(sigma: float) -> None:
    noise = np.random.default_rng(1).normal(0, sigma, (280, 300))
    page = np.clip(draw_page(200) + noise, 0, 255).astype(np.uint8)
    assert measure(page).grain == pytest.approx(sigma, rel=0.4)


def test_blocks_are_steps_every_eight_pixels() -> None:
    page = draw_page()
    steps = np.add.outer(np.arange(280) // 8, np.arange(300) // 8) % 2 * 10
    assert measure((page - steps).astype(np.uint8)).blocks > 5
    assert measure((page - np.roll(steps, 3, axis=1)).astype(np.uint8)).blocks < 1


def test_glare_is_paper_burnt_out_between_the_digits() -> None:
    page = draw_page()
    page[:, 75:140] = 255
    assert measure(page, [box for box in BOXES if box.x0 != 90]).glare == pytest.approx(0.33, abs=0.06)


def test_white_paper_is_no_glare() -> None:
    assert measure(draw_page(255)).glare == 0


def test_digits_that_the_edge_cuts_are_counted() -> None:
    page = draw_page()[30:]
    assert measure(page, [box.shifted(0, -30) for box in BOXES]).cut == 4


def test_a_large_digit_is_measured_by_a_band_of_it() -> None:
    page = np.full((900, 400), 200, np.uint8)
    box = Box(150, 50, 220, 850)
    page[box.slices] = 80
    assert measure(page, [box]).contrast == 120


def test_a_page_without_digits_has_only_its_own_figures() -> None:
    quality = measure_quality(np.full((20, 20), 7, np.uint8), np.zeros((20, 20), np.bool_), [])
    assert quality == Quality(darkest=7, brightest=7)


def test_ink_that_fills_its_surroundings_tells_nothing() -> None:
    page = np.full((40, 40), 30, np.uint8)
    quality = measure_quality(page, np.ones((40, 40), np.bool_), [Box(0, 0, 40, 40)])
    assert (quality.contrast, quality.paper, quality.cut) == (0, 30, 1)
