"""Digits to films of them as a camera sees them, with the truth: grain, a moving shadow, a page held in a hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.bench.generate import Digits, PageStyle, TruePage, write_sheet
from hdr.bench.hand import written_digits

Frame = NDArray[np.uint8]
FPS = 30
"""Frames a second of every film."""


@dataclass(frozen=True)
class Scene:
    """What a camera looks at.

    Parameters
    ----------
    name
        For a report.
    size
        (width, height) in pixels.
    rows, columns
        How many digits.
    digit_px
        Their height.
    slope
        Of the rows, dy/dx.
    grain
        Of the sensor, standard deviation in gray levels.
    shadow
        Part of the light that a shadow takes which goes to and fro over the page; 0 for none.
    sway_px
        How far the page moves to and fro, as in a hand.
    """

    name: str
    size: tuple[int, int] = (640, 480)
    rows: int = 2
    columns: int = 5
    digit_px: int = 64
    slope: float = 0.0
    grain: float = 2.0
    shadow: float = 0.0
    sway_px: float = 0.0


EVEN = Scene("640x480, 10 digits, even light")
IN_HAND = Scene("the same, the page held in a hand", sway_px=8)
HARD = Scene("the same, a shadow moving over the page, noise and slope", slope=0.08, grain=10, shadow=0.5)
HD = Scene("1280x720, 20 digits, the page held in a hand", (1280, 720), 4, 5, 84, sway_px=8)
FULL_HD = Scene("1920x1080, 50 digits, the page held in a hand", (1920, 1080), 5, 10, 96, sway_px=8)
SCENES = (EVEN, IN_HAND, HARD, HD, FULL_HD)


def our_digits(seed: int = 1) -> Digits:
    """Return digits of our own hand, where there is no data set."""
    return written_digits(300, np.random.default_rng(seed))


def film(scene: Scene, digits: Digits, count: int, seed: int = 1) -> list[tuple[Frame, TruePage]]:
    """Make frames that may be shown over and over: the last goes on to the first.

    Parameters
    ----------
    scene
        What is seen.
    digits
        What it is written with.
    count
        Frames.
    seed
        The same seed makes the same film.

    Returns
    -------
    Frames of shape (height, width, 3), ``uint8`` RGB, each with its truth.
    """
    rng = np.random.default_rng(seed)
    page = _page(scene, digits, rng)
    return [_frame(scene, page, phase / count, rng) for phase in range(count)]


def _page(scene: Scene, digits: Digits, rng: np.random.Generator) -> TruePage:
    """A page with as many digits as the scene has; they are so drawn that hardly ever one has no room."""
    style = PageStyle(
        scene.size,
        scene.digit_px,
        scene.rows,
        scene.columns,
        gap=0.42 * scene.size[0] / scene.columns / scene.digit_px,
        slope=scene.slope,
        margin=1.0,
    )
    for _ in range(50):
        page = write_sheet(digits, rng, style).page()
        if len(page.boxes or ()) == scene.rows * scene.columns:
            return page
    raise ValueError(f"no room for {scene.rows} rows of {scene.columns} digits in {scene.name}")


def _frame(scene: Scene, page: TruePage, phase: float, rng: np.random.Generator) -> tuple[Frame, TruePage]:
    dx = scene.sway_px * math.sin(2 * math.pi * phase)
    dy = 0.6 * scene.sway_px * math.sin(4 * math.pi * phase + 1)
    pixels = page.image.astype(np.float32)
    if scene.sway_px:
        matrix = np.array([[1, 0, dx], [0, 1, dy]])
        pixels = cv2.warpAffine(pixels, matrix, scene.size, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    if scene.shadow:
        pixels *= _shade(scene, phase)
    pixels += rng.normal(0, scene.grain, pixels.shape[:2]).astype(np.float32)[:, :, None]
    boxes = tuple((box.shifted(round(dx), round(dy)), label) for box, label in page.boxes or ())
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8), TruePage(page.image, page.rows, boxes)


def _shade(scene: Scene, phase: float) -> NDArray[np.float32]:
    """How bright each pixel is in a shadow with a soft slanting edge; shape (height, width, 1)."""
    width, height = scene.size
    edge = (0.5 + 0.4 * math.sin(2 * math.pi * phase)) * width
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    soft = 1 / (1 + np.exp(-np.clip((x + 0.3 * y - 0.15 * height - edge) / (0.01 * width), -50, 50)))
    return np.asarray(1 - scene.shadow * soft, np.float32)[:, :, None]


def times(count: int) -> Iterator[float]:
    """When each frame is taken, in seconds."""
    return (number / FPS for number in range(count))
