"""A picture to a gray page on which ink is dark by its colour, where brightness alone cannot tell it from its paper."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.vision.light import level_below

_BRIGHTNESS = np.array((0.299, 0.587, 0.114), np.float32)
_LEAST_DISTANCE = 24
_NOISE_TIMES = 6
"""Ink is at least so far from its paper in colour: in levels of 255, and in deviations of the picture's grain."""
_LOOKED_AT_PX = 400
"""Pixels between are left out where a picture is longer: here only the question is whether to look closer."""
_COVERS = 0.001, 0.2
"""Ink covers this part of a page at least and at most."""
_WEAK = 0.45
"""Ink whose brightness departs from the paper's by less than this part of its departure in colour is told by colour."""
_MOSTLY = 0.5


def gray_by_colour(picture: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Return how far the page's ink is from its paper in colour, as dark on white.

    Parameters
    ----------
    picture
        Shape (height, width), (height, width, 3) RGB or (height, width, 4) RGBA, ``uint8``.

    Returns
    -------
    Shape (height, width), ``uint8``: 255 for the colour of the paper; None where most ink is told as well by its
    brightness, as nearly always.
    """
    if picture.ndim == 2 or picture.shape[2] < 3:
        return None
    step = -(-max(picture.shape) // _LOOKED_AT_PX)
    small = np.ascontiguousarray(picture[::step, ::step, :3])
    if not _has_colours(small):
        return None
    paper = _paper(small)
    if not _is_told_by_colour(small, paper):
        return None
    full = np.asarray(cv2.resize(paper, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    distance = _distance(_departure(picture[:, :, :3], full))
    return np.asarray(255 - np.clip(distance, 0, 255), np.uint8)


def _has_colours(small: NDArray[np.uint8]) -> bool:
    """Whether not all is of one hue; a quick look that spares most pages the slower one."""
    red, green, blue = cv2.split(small)
    spread = np.asarray(cv2.max(cv2.absdiff(red, green), cv2.absdiff(green, blue)), np.uint8)
    return level_below(spread, 1 - _COVERS[0]) - level_below(spread, _COVERS[0]) >= _LEAST_DISTANCE


def _paper(small: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The colour of the paper: the median of a neighbourhood larger than any stroke."""
    half = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(half, min(255, max(3, min(half.shape[:2]) // 4)) | 1)
    return np.asarray(cv2.resize(paper, small.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _departure(picture: NDArray[np.uint8], paper: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.subtract(picture, paper, dtype=cv2.CV_32F), np.float32)


def _distance(departure: NDArray[np.float32]) -> NDArray[np.float32]:
    """So scaled that gray ink is as far from its paper as it is darker."""
    return np.asarray(np.sqrt(np.square(departure).sum(axis=2) / 3), np.float32)


def _is_told_by_colour(small: NDArray[np.uint8], paper: NDArray[np.uint8]) -> bool:
    departure = _departure(small, paper)
    distance = _distance(departure)
    grain = 1.5 * float(np.median(distance))
    ink = distance > max(_LEAST_DISTANCE, _NOISE_TIMES * grain)
    if not _COVERS[0] * ink.size < np.count_nonzero(ink) < _COVERS[1] * ink.size:
        return False
    weak = np.abs(departure[ink] @ _BRIGHTNESS) < _WEAK * distance[ink]
    return float(distance[ink][weak].sum()) > _MOSTLY * float(distance[ink].sum())
