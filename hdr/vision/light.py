"""A gray page to its light: how bright its paper is everywhere under the ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
"""How many pixels have each gray level: shape (256,)."""

SMALL_PX = 400
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
    Of a shape at most `SMALL_PX` long, ``uint8``.

    References
    ----------
    J. Serra, "Image Analysis and Mathematical Morphology", 1982, ISBN 0-12-637240-3 (the closing and its residue).
    """
    small = cv2.medianBlur(shrink(gray), 3)
    side = max(5, min(small.shape) // 8)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, _ellipse(side))
    return np.asarray(cv2.GaussianBlur(paper, (0, 0), side / 6), np.uint8)


def is_even(paper: NDArray[np.uint8], ink: float) -> bool:
    """Whether one level for the whole page, of which ink has this mean brightness, can tell that from its paper."""
    counts = count_levels(paper)
    low, middle, high = (share_level(counts, share) for share in (0.03, 0.5, 0.97))
    return bool(high - low < _EVEN * (middle - ink))


def flatten_light(gray: NDArray[np.uint8], light: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Divide a page by the brightness of its paper, an array of the page's shape, so that paper is white everywhere."""
    return np.asarray(cv2.divide(gray, np.maximum(light, 1), scale=255), np.uint8)


def level_below(gray: NDArray[np.uint8], share: float, mask: NDArray[np.uint8] | None = None) -> float:
    """The gray level that this share of the pixels does not exceed; by counting, which beats sorting on 8 bits."""
    return share_level(count_levels(gray, mask), share)


def share_level(counts: Counts, share: float) -> float:
    """The same of counts: the first level at which this share of them is reached."""
    below = counts.cumsum()
    return float(np.searchsorted(below, below[-1] * share))


def count_levels(gray: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None) -> Counts:
    """How many pixels have each of the 256 gray levels."""
    return np.asarray(cv2.calcHist([gray], [0], mask, [256], [0, 256]).ravel(), np.float64)


def mean_level(counts: Counts) -> float:
    """The mean of the pixels that were counted; 0 for none."""
    return float(np.arange(len(counts)) @ counts / max(1.0, float(counts.sum())))


def otsu_level(counts: Counts) -> int:
    """Otsu's level of a page whose levels were counted, by OpenCV's rules; 0 where it has but one.

    References
    ----------
    N. Otsu, "A threshold selection method from gray-level histograms", 1979, doi:10.1109/TSMC.1979.4310076.
    """
    shares = counts / counts.sum()
    dark = shares.cumsum()
    light = 1 - dark
    both = np.minimum(dark, light) >= np.finfo(np.float32).eps
    sums = (np.arange(256) * shares).cumsum()
    means = sums[both] / dark[both], (sums[-1] - sums[both]) / light[both]
    between = np.zeros(256)
    between[both] = dark[both] * light[both] * (means[0] - means[1]) ** 2
    return int(between.argmax())


def shrink(picture: NDArray[np.uint8], long_px: int = SMALL_PX) -> NDArray[np.uint8]:
    """A copy, gray or in colour, whose long side is at most this."""
    height, width = picture.shape[:2]
    factor = long_px / max(height, width)
    if factor >= 1:
        return picture
    size = max(1, round(width * factor)), max(1, round(height * factor))
    # First by a whole number, which is several times quicker, to twice the size at least; the few pixels over at the
    # far edges are left out.
    step = min(int(0.5 / factor), height, width)
    if step > 1:
        whole = width // step, height // step
        cut = picture[: whole[1] * step, : whole[0] * step]
        picture = np.asarray(cv2.resize(cut, whole, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _ellipse(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side | 1, side | 1)), np.uint8)
