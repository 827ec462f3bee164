"""A page and where its digits lie to figures that tell how well it can be read: size, contrast, blur, grain, light.

Only small windows around some digits are looked at, and some rows of the page: 2 to 3 ms at 2 megapixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box, bounding_box
from hdr.vision.light import count_levels, level_below, share_level

_WINDOWS = 12
"""So many digits tell of the page; they are taken from all over it."""
_BAND_PX = 64
"""Of a large digit a band of this height is enough."""
_BURNT = 250
"""Paper this bright has lost what was faint on it."""
_BLOCK = 8
"""Side of JPEG's blocks in pixels."""
_LARGEST_STEP = 24


@dataclass(frozen=True)
class Quality:
    """What a page is like where its digits are; zero where there are none to tell.

    Parameters
    ----------
    digit_px
        Median height of the digits.
    contrast
        Between ink and the paper beside it, in gray levels.
    paper
        Brightness of that paper, 0 to 255.
    blur_px
        Standard deviation of the blur that would make the strokes' edges as wide as they are.
    grain
        Standard deviation of the paper's grain, in gray levels.
    blocks
        How much stronger the steps between JPEG's blocks are than those inside, in gray levels.
    darkest, brightest
        Between these lies nearly all of the page, 0 to 255.
    glare
        Part of the written area that is burnt out while the paper by its digits is not, 0 to 1.
    cut
        How many digits the edge of the page cuts.
    """

    digit_px: float = 0.0
    contrast: float = 0.0
    paper: float = 0.0
    blur_px: float = 0.0
    grain: float = 0.0
    blocks: float = 0.0
    darkest: float = 0.0
    brightest: float = 0.0
    glare: float = 0.0
    cut: int = 0


def measure_quality(gray: NDArray[np.uint8], ink: NDArray[np.bool_], boxes: Sequence[Box]) -> Quality:
    """Measure a page.

    Parameters
    ----------
    gray
        Shape (height, width), ``uint8``.
    ink
        The same shape, ``bool``.
    boxes
        Of the digits.
    """
    height, width = gray.shape
    few = count_levels(np.ascontiguousarray(gray[::8, ::8]))
    darkest, brightest = share_level(few, 0.005), share_level(few, 0.995)
    if not boxes:
        return Quality(blocks=_blocks(gray), darkest=darkest, brightest=brightest)
    heights = sorted(box.height for box in boxes)
    figures = np.array([_window(gray, ink, box) for box in boxes[:: math.ceil(len(boxes) / _WINDOWS)]])
    contrast, paper, blur_px, grain = np.median(figures, axis=0)
    return Quality(
        digit_px=float(heights[len(heights) // 2]),
        contrast=float(contrast),
        paper=float(paper),
        blur_px=float(blur_px),
        grain=float(grain),
        blocks=_blocks(gray),
        darkest=darkest,
        brightest=brightest,
        glare=_glare(gray[bounding_box(boxes).clipped(width, height).slices]) if paper < _BURNT - 15 else 0.0,
        cut=sum(box.x0 <= 1 or box.y0 <= 1 or box.x1 >= width - 1 or box.y1 >= height - 1 for box in boxes),
    )


def _window(gray: NDArray[np.uint8], ink: NDArray[np.bool_], box: Box) -> tuple[float, float, float, float]:
    """Contrast, paper, blur and grain around one digit."""
    area = _around(box).clipped(gray.shape[1], gray.shape[0])
    pixels, mask = gray[area.slices], ink[area.slices]
    if not mask.any() or mask.all():
        return 0.0, level_below(pixels, 0.5), 0.0, 0.0
    written = count_levels(pixels, mask.view(np.uint8))
    paper = share_level(count_levels(pixels) - written, 0.5)
    darker = share_level(written, 0.5) < paper
    contrast = abs(share_level(written, 0.1 if darker else 0.9) - paper)
    smooth = cv2.GaussianBlur(pixels, (3, 3), 0).astype(np.float32)
    slope = cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)) / 8
    edge = mask != (cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    steep = slope[edge]
    steepest = float(np.partition(steep, len(steep) * 3 // 4)[len(steep) * 3 // 4])
    return contrast, paper, contrast / max(steepest, 0.1) / math.sqrt(2 * math.pi), _grain(pixels, mask)


def _around(box: Box) -> Box:
    """The box with some paper around it; of a high one a band across, which its strokes pass through."""
    margin = min(max(3, box.height // 5), _BAND_PX)
    y0, y1 = box.y0 - margin, box.y1 + margin
    if y1 - y0 > _BAND_PX:
        y0 = (y0 + y1 - _BAND_PX) // 2
        y1 = y0 + _BAND_PX
    return Box(box.x0 - margin, y0, box.x1 + margin, y1)


def _grain(pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> float:
    away = cv2.dilate(mask.view(np.uint8), np.ones((5, 5), np.uint8)) == 0
    rest = cv2.absdiff(pixels, cv2.medianBlur(np.ascontiguousarray(pixels), 3))[away]
    return 1.25 * float(rest.mean()) if rest.size else 0.0


def _blocks(gray: NDArray[np.uint8]) -> float:
    if gray.shape[1] < 4 * _BLOCK:
        return 0.0
    rows = gray[:: max(1, gray.shape[0] // 128)]
    # Larger steps are edges of ink, which may well come in eights on a form.
    steps = np.minimum(cv2.absdiff(rows[:, 1:], rows[:, :-1]), _LARGEST_STEP).mean(axis=0)
    whole = steps[: steps.size // _BLOCK * _BLOCK].reshape(-1, _BLOCK).mean(axis=0)
    return float(whole[_BLOCK - 1] - np.median(whole[: _BLOCK - 1]))


def _glare(gray: NDArray[np.uint8]) -> float:
    if float((gray[::8, ::8] >= _BURNT).mean()) < 0.1:
        return 0.0
    few = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)  # grain is not glare
    return float((few >= _BURNT).mean())
