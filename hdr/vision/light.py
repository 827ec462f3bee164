"""A gray page to its light: how bright its paper is everywhere under the ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_SMALL_PX = 400
"""Light changes slowly: the paper's brightness is looked for on a copy whose long side is this."""
_EVEN = 0.25
"""Light is even where the paper's brightness varies by less than this part of the contrast of the ink."""


def estimate_paper(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the brightness of the paper under dark ink.

    A gray closing fills every stroke thinner than an eighth of the page with the paper beside it and, other than a
    blur, keeps the edge of a shadow where it is.

    Parameters
    ----------
    gray
        Shape (height, width), ``uint8``, dark ink.

    Returns
    -------
    Of a shape at most `_SMALL_PX` long, ``uint8``.

    References
    ----------
    J. Serra, "Image Analysis and Mathematical Morphology", 1982, ISBN 0-12-637240-3 (the closing and its residue).
    """
    small = cv2.medianBlur(shrink(gray), 3)
    side = max(5, min(small.shape) // 8)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, _ellipse(side))
    return np.asarray(cv2.GaussianBlur(paper, (0, 0), side / 6), np.uint8)


def is_even(gray: NDArray[np.uint8], paper: NDArray[np.uint8]) -> bool:
    """Whether one level for the whole page can tell its ink from its paper."""
    low, high = level_below(paper, 0.03), level_below(paper, 0.97)
    level, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = gray[gray <= level]
    contrast = level_below(paper, 0.5) - (float(ink.mean()) if ink.size else 0.0)
    return bool(high - low < _EVEN * contrast)


def flatten_light(gray: NDArray[np.uint8], light: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Divide a page by the brightness of its paper, an array of the page's shape, so that paper is white everywhere."""
    return np.asarray(cv2.divide(gray, np.maximum(light, 1), scale=255), np.uint8)


def level_below(gray: NDArray[np.uint8], share: float, mask: NDArray[np.uint8] | None = None) -> float:
    """The gray level that this share of the pixels does not exceed; by counting, which beats sorting on 8 bits."""
    counts = cv2.calcHist([gray], [0], mask, [256], [0, 256]).ravel().cumsum()
    return float(np.searchsorted(counts, counts[-1] * share))


def shrink(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A copy, gray or in colour, whose long side is at most `_SMALL_PX`."""
    height, width = picture.shape[:2]
    factor = _SMALL_PX / max(height, width)
    if factor >= 1:
        return picture
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _ellipse(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side | 1, side | 1)), np.uint8)
