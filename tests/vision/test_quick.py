from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdr.settings import InkSettings
from hdr.vision.binarize import find_ink, measure_noise
from hdr.vision.quick import find_ink_quickly


def page(shade: float = 0.0, grain: float = 0.0, ink: int = 40) -> np.ndarray:
    drawn = np.full((240, 320), 220, np.uint8)
    for x in range(40, 300, 60):
        cv2.putText(drawn, "5", (x, 140), cv2.FONT_HERSHEY_SIMPLEX, 2, ink, 4)
    sheet = drawn * (1 - shade * np.linspace(0, 1, 320))
    return np.clip(sheet + np.random.default_rng(1).normal(0, grain, sheet.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("polarity", ["dark", "light"])
@pytest.mark.parametrize(("shade", "grain"), [(0.0, 0.0), (0.0, 3.0), (0.6, 2.0), (0.6, 12.0), (0.8, 4.0)])
def test_it_finds_what_a_careful_look_finds(shade: float, grain: float, polarity: str) -> None:
    gray = page(shade, grain) if polarity == "dark" else 255 - page(shade, grain)
    careful = find_ink(gray, InkSettings(polarity=polarity))
    quick = find_ink_quickly(gray, polarity, measure_noise(gray))
    assert quick.method == careful.method
    assert (quick.mask & careful.mask).sum() / (quick.mask | careful.mask).sum() > 0.93
    assert np.abs(quick.strength[careful.mask].astype(int) - careful.strength[careful.mask]).mean() < 12


@pytest.mark.parametrize("grain", [0.0, 6.0])
@pytest.mark.parametrize("level", [0, 30, 200])
def test_a_page_without_contrast_has_no_ink(level: int, grain: float) -> None:
    gray = page(0, grain, ink=220) if level == 200 else np.full((90, 120), level, np.uint8)
    quick = find_ink_quickly(gray, "dark", measure_noise(gray))
    assert not quick.mask.any()
    assert not quick.strength.any()


def test_grain_on_nearly_black_paper_is_no_ink() -> None:
    dark = np.full((240, 320), 12, np.float32)
    dark[:, :160] = 220
    dark[100:140, 60:66] = 40
    gray = np.clip(dark + np.random.default_rng(1).normal(0, 5, dark.shape), 0, 255).astype(np.uint8)
    quick = find_ink_quickly(gray, "dark", measure_noise(gray))
    assert quick.mask[100:140, 60:66].mean() > 0.9
    assert quick.mask[:, 200:].mean() < 0.02
