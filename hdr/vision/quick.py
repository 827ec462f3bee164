"""A gray frame to its ink in a hurry: one of many like it, whose polarity and grain are known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.vision.binarize import GRAIN_TIMES, Ink, apart, as_dark, least_contrast, smooth_grain, spread
from hdr.vision.light import count_levels, estimate_paper, flatten_light, is_even, mean_level, shrink

_LIGHT_PX = 160
"""The light is told on a copy whose long side is this: coarser than a page's, which nobody moves."""
_ROWS_APART = 3
"""Every third row tells how many pixels have each gray level."""


def find_ink_quickly(gray: NDArray[np.uint8], polarity: str, noise: float) -> Ink:
    """Tell ink from paper as `hdr.vision.binarize.find_ink` does with its defaults, in a third of the time.

    Parameters
    ----------
    gray
        Shape (height, width), ``uint8``.
    polarity
        ``dark`` or ``light`` ink.
    noise
        Standard deviation of the grain, in gray levels, as `hdr.vision.binarize.measure_noise` tells it.
    """
    clean, noise = smooth_grain(gray, noise)
    page = as_dark(clean, polarity)
    paper = estimate_paper(shrink(page, _LIGHT_PX))
    counts = count_levels(page[::_ROWS_APART])
    method, deepest = "otsu", 255.0
    if not is_even(paper, mean_level(apart(counts)[0])):
        method, deepest = "flattened", float(paper.min())
        light = np.asarray(cv2.resize(paper, page.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
        dark, page = page, flatten_light(page, light)
        counts = count_levels(page[::_ROWS_APART])
    ink, rest = apart(counts)
    if not ink.any() or not rest.any() or mean_level(rest) - mean_level(ink) < least_contrast(noise):
        return Ink(np.zeros(gray.shape, np.bool_), np.zeros_like(gray), method, polarity)
    level = int(np.flatnonzero(ink)[-1])
    mask = np.asarray(cv2.threshold(page, level, 1, cv2.THRESH_BINARY_INV)[1], np.uint8).view(np.bool_)
    # Where the paper is nearly black, evening the light makes grain as deep as ink is elsewhere.
    if method == "flattened" and deepest * (1 - level / 255) < GRAIN_TIMES * noise:
        mask &= cv2.subtract(light, dark) >= min(GRAIN_TIMES * noise, 255)
    return Ink(mask, spread(page, ink, rest), method, polarity)
