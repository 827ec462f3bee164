from __future__ import annotations

import numpy as np
import pytest

from hdr.settings import InkSettings
from hdr.vision.binarize import find_ink, find_polarity, to_gray
from hdr.vision.strokes import Stroke, rasterize_strokes

SEVEN = [Stroke(((60, 40), (140, 40), (90, 160)), 10)]


def page(ink: int = 40, paper: int = 220) -> np.ndarray:
    white = rasterize_strokes(SEVEN, (200, 200))[:, :, 0].astype(float) / 255
    return np.round(ink + (paper - ink) * white).astype(np.uint8)


TRUE_INK = rasterize_strokes(SEVEN, (200, 200))[:, :, 0] < 128


def overlap(mask: np.ndarray) -> float:
    return np.count_nonzero(mask & TRUE_INK) / np.count_nonzero(mask | TRUE_INK)


def test_a_tiny_page_exactly() -> None:
    gray = np.full((4, 5), 200, np.uint8)
    gray[1, 1:4] = 20
    ink = find_ink(gray)
    assert ink.mask.tolist() == (gray == 20).tolist()
    assert (ink.strength[ink.mask] == 255).all()
    assert (ink.strength[~ink.mask] == 0).all()
    assert (ink.method, ink.polarity) == ("otsu", "dark")


def test_even_light_is_otsus() -> None:
    ink = find_ink(page())
    assert ink.method == "otsu"
    assert overlap(ink.mask) > 0.95


@pytest.mark.parametrize("threshold", ["auto", "otsu", "sauvola"])
@pytest.mark.parametrize("light", [False, True])
def test_either_polarity_gives_the_same_ink(threshold: str, light: bool) -> None:
    gray = 255 - page() if light else page()
    ink = find_ink(gray, InkSettings(threshold=threshold))
    assert ink.polarity == ("light" if light else "dark")
    assert overlap(ink.mask) > 0.85


def test_a_told_polarity_is_believed() -> None:
    assert overlap(find_ink(page(), InkSettings(polarity="light")).mask) < 0.2


def test_a_fixed_level_is_exact_for_both_polarities() -> None:
    gray = np.array([[0, 99, 100, 101, 255]] * 3, np.uint8)
    dark = find_ink(gray, InkSettings(threshold=100, polarity="dark"))
    light = find_ink(gray, InkSettings(threshold=100, polarity="light"))
    assert dark.mask[0].tolist() == [True, True, False, False, False]
    assert light.mask[0].tolist() == [False, False, False, True, True]
    assert dark.method == "fixed"


def shaded(gray: np.ndarray, kind: str) -> np.ndarray:
    x = np.linspace(0, 1, gray.shape[1])
    light = 1 - 0.8 * x if kind == "gradient" else np.where(x < 0.52, 1.0, 0.35)
    return np.round(gray * light).astype(np.uint8)


@pytest.mark.parametrize("kind", ["gradient", "shadow"])
def test_uneven_light_is_evened_out(kind: str) -> None:
    gray = shaded(page(), kind)
    ink = find_ink(gray)
    assert ink.method == "flattened"
    assert overlap(ink.mask) > 0.85
    assert overlap(find_ink(gray, InkSettings(threshold="otsu")).mask) < 0.3


def test_sauvola_copes_with_a_gradient() -> None:
    assert overlap(find_ink(shaded(page(), "gradient"), InkSettings(threshold="sauvola")).mask) > 0.75


@pytest.mark.parametrize("value", [0, 17, 128, 255])
@pytest.mark.parametrize("threshold", ["auto", "otsu", "sauvola"])
def test_a_blank_page_has_no_ink(value: int, threshold: str) -> None:
    gray = np.full((50, 60), value, np.uint8)
    assert not find_ink(gray, InkSettings(threshold=threshold)).mask.any()


@pytest.mark.parametrize("threshold", ["auto", "otsu", "sauvola"])
def test_the_grain_of_blank_paper_is_no_ink(threshold: str) -> None:
    grain = np.random.default_rng(0).normal(180, 6, (300, 400)).clip(0, 255).astype(np.uint8)
    assert find_ink(grain, InkSettings(threshold=threshold)).mask.mean() < 0.01


def test_ink_is_found_in_strong_grain() -> None:
    noisy = page() + np.random.default_rng(0).normal(0, 35, (200, 200))
    assert overlap(find_ink(noisy.clip(0, 255).astype(np.uint8)).mask) > 0.8


def test_a_line_of_one_pixel_is_ink() -> None:
    gray = np.full((280, 280), 255, np.uint8)
    gray[40:200, 140] = 0
    ink = find_ink(gray)
    assert ink.mask.sum() == 160
    assert (ink.strength[ink.mask] == 255).all()


@pytest.mark.parametrize("tiles", [2, 3])
def test_the_edges_of_many_shadows_do_not_turn_the_polarity(tiles: int) -> None:
    gray = np.tile(shaded(page(), "gradient"), (tiles, tiles))
    assert find_polarity(gray) == "dark"
    assert find_polarity(255 - gray) == "light"


def test_a_bright_time_stamp_does_not_outvote_faint_writing() -> None:
    gray = np.full((300, 480), 110, np.uint8)
    for x in range(40, 440, 60):
        gray[60:120, x : x + 6] = gray[60:66, x : x + 30] = 70
    for x in range(300, 440, 14):
        gray[270:286, x : x + 4] = 255
    assert find_polarity(gray) == "dark"
    assert find_polarity(255 - gray) == "light"


def test_one_pixel_is_no_page_and_no_error() -> None:
    assert not find_ink(np.zeros((1, 1), np.uint8)).mask.any()
    assert find_polarity(np.zeros((1, 1), np.uint8)) in {"dark", "light"}


def test_gray_of_every_kind_of_array() -> None:
    rgb = np.zeros((2, 3, 3), np.uint8)
    rgb[..., 0] = 255
    assert to_gray(rgb)[0, 0] == 76  # red's share of brightness, ITU-R BT.601
    assert to_gray(np.dstack([rgb, rgb[..., :1]]))[0, 0] == 76
    assert to_gray(rgb[..., :1])[0, 0] == 255
    assert to_gray(rgb[..., 1])[0, 0] == 0


def test_edges_stay_smooth() -> None:
    strength = find_ink(page()).strength
    assert np.count_nonzero((strength > 30) & (strength < 225)) > 20
