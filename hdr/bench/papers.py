"""Plain paper to what people write on: ruled and squared, printed on either side, with a desk around it.

Each takes and returns what those of `lights` do. What is on the paper darkens it, so that ink stays ink.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hdr.bench.generate import Floats, PageStyle
from hdr.bench.lights import Degradation, Rng

_LINE = np.array((90, 120, 190), np.float32) / 235
"""A printed line's blue, as a share of the light that paper throws back."""

_WORDS = (
    "Total",
    "amount",
    "Date",
    "Name",
    "Please",
    "write",
    "clearly",
    "Invoice",
    "Customer",
    "signature",
    "Address",
)

PRINT_ROWS = 3
"""So few rows leave room for words between them."""

CLUTTER_MARGIN = 1.7
"""In digit heights: what lies around the paper covers no digit."""


def _rules(pixels: Floats, strength: float, step: int, *, both: bool) -> Floats:
    light = np.ones_like(pixels)
    line = 1 - strength * (1 - _LINE)
    for start in range(step, pixels.shape[0], step):
        light[start : start + 2] = line
    for start in range(step, pixels.shape[1] if both else 0, step):
        light[:, start : start + 2] = line
    return pixels * light


def _lines(pixels: Floats, strength: float, _: Rng) -> Floats:
    return _rules(pixels, strength, pixels.shape[0] // 12, both=False)


def _squares(pixels: Floats, strength: float, _: Rng) -> Floats:
    return _rules(pixels, strength, pixels.shape[0] // 24, both=True)


def draw_text(pixels: Floats, place: tuple[float, float], text: str, size: float, ink: tuple[int, int, int]) -> Floats:
    """Return an image with text printed on it.

    Parameters
    ----------
    pixels
        Shape (height, width, 3), 0 to 255.
    place
        The middle of the text's left end, (x, y), in pixels.
    text
        What is printed.
    size
        Of the font, in pixels.
    ink
        RGB, 0 to 255.
    """
    mask = Image.new("L", (pixels.shape[1], pixels.shape[0]))
    font = ImageFont.load_default(max(5, round(size)))
    ImageDraw.Draw(mask).text(place, text, fill=255, font=font, anchor="lm")
    cover = np.asarray(mask, np.float32)[:, :, None] / 255
    return np.asarray(pixels + (np.array(ink, np.float32) - pixels) * cover, np.float32)


def _print(pixels: Floats, strength: float, rng: Rng) -> Floats:
    """Printed words between the rows, at full strength as high as the writing."""
    pitch = pixels.shape[0] / PRINT_ROWS
    # Capitals are about seven tenths of a font's size.
    size = PageStyle.digit_px / 0.7 * strength
    for row in range(PRINT_ROWS):
        words = " ".join(str(word) for word in rng.choice(_WORDS, 3))
        pixels = draw_text(pixels, (30, pitch * (row + 0.15)), words, size, (30, 30, 30))
    return pixels


def _through(pixels: Floats, strength: float, rng: Rng) -> Floats:
    """The print of the other side, mirrored, soft and pale."""
    back = np.full_like(pixels, 1.0)
    for row in range(9):
        words = " ".join(str(word) for word in rng.choice(_WORDS, 8))
        back = draw_text(back, (rng.uniform(-200, 60), pixels.shape[0] * (row + 0.5) / 9), words, 55, (0, 0, 0))
    soft = cv2.GaussianBlur(np.ascontiguousarray(back[:, ::-1]), (0, 0), 1.2)
    return np.asarray(pixels * (1 - 0.45 * strength * (1 - soft)), np.float32)


def _clutter(pixels: Floats, strength: float, rng: Rng) -> Floats:
    """A desk at the edges, a finger, binding holes, a time stamp: the stronger, the more of them."""
    items = rng.permutation(np.array([_desk, _finger, _holes, _stamp], object))
    for item in items[: round(4 * strength)]:
        pixels = item(pixels, strength, rng)
    return pixels


def _desk(pixels: Floats, strength: float, rng: Rng) -> Floats:
    """What lies beyond one or two edges of the paper, with grain along it and the paper's own shadow."""
    height, width = pixels.shape[:2]
    colour = np.array([(95, 65, 45), (60, 60, 65), (150, 120, 85), (25, 25, 28)][int(rng.integers(4))], np.float32)
    streaks = cv2.GaussianBlur(rng.normal(0, 30, (height, width)).astype(np.float32), (0, 0), 25, sigmaY=0.8)
    desk = colour + 6 * streaks[:, :, None]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    reach = PageStyle.digit_px * CLUTTER_MARGIN * (0.3 + 0.5 * strength)
    beyond = np.zeros((height, width), np.float32)
    sides = [x + 0.03 * y, y + 0.02 * x, width - x + 0.03 * y, height - y + 0.02 * x]
    for side in rng.permutation(4)[: 1 + round(strength)]:
        beyond = np.maximum(beyond, np.clip(reach - sides[int(side)], 0, 1))
    shade = cv2.GaussianBlur(beyond, (0, 0), 6)[:, :, None]
    return np.asarray(np.where(beyond[:, :, None] > 0.5, desk, pixels * (1 - 0.35 * shade)), np.float32)


def _finger(pixels: Floats, strength: float, rng: Rng) -> Floats:
    """A fingertip that holds the paper at its lower or upper edge."""
    height, width = pixels.shape[:2]
    reach = round(PageStyle.digit_px * CLUTTER_MARGIN * (0.4 + 0.4 * strength))
    at = (round(rng.uniform(0.2, 0.8) * width), 0 if rng.random() < 0.5 else height)
    cover = np.zeros((height, width), np.float32)
    cv2.ellipse(cover, at, (max(20, round(0.55 * reach)), reach), float(rng.uniform(-15, 15)), 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(cover, (0, 0), 1.5)[:, :, None]
    shade = 1 - 0.4 * cv2.GaussianBlur(cover, (0, 0), 9)[:, :, None]
    skin = np.array((205, 150, 120), np.float32) * (0.85 + 0.15 * shade)
    return np.asarray(pixels * shade * (1 - soft) + skin * soft, np.float32)


def _holes(pixels: Floats, strength: float, rng: Rng) -> Floats:
    """Punched holes or a spiral down the left edge."""
    cover = np.zeros(pixels.shape[:2], np.float32)
    spiral = rng.random() < 0.5
    step = 40 if spiral else pixels.shape[0] // 4
    for y in range(step // 2, pixels.shape[0], step):
        cv2.circle(cover, (28, y), 7 if spiral else 15, 1.0, -1, cv2.LINE_AA)
        if spiral:
            cv2.line(cover, (0, y - 6), (28, y), 1.0, 4, cv2.LINE_AA)
    dark = np.array((50, 50, 55), np.float32)
    return np.asarray(pixels + (dark - pixels) * (0.5 + 0.5 * strength) * cover[:, :, None], np.float32)


def _stamp(pixels: Floats, strength: float, rng: Rng) -> Floats:
    """The time that a camera prints into a corner."""
    height, width = pixels.shape[:2]
    size = PageStyle.digit_px * (0.3 + 0.3 * strength)
    ink = [(230, 120, 20), (20, 20, 20), (200, 30, 30)][int(rng.integers(3))]
    text = f"20{rng.integers(10, 26)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d} {rng.integers(0, 24):02d}:07"
    y = size if rng.random() < 0.5 else height - size
    return draw_text(pixels, (float(rng.uniform(0.1, 0.6) * width), y), text, size, ink)


PAPERS: dict[str, Degradation] = {
    "lines": _lines,
    "squares": _squares,
    "print": _print,
    "through": _through,
    "clutter": _clutter,
}
"""What is on the paper beside the writing, and around it."""
