"""Strokes of one width to strokes of another, as if another pen had written them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def redraw(mask: Mask, pen_px: int) -> NDArray[np.float32]:
    """Return the digit as a round pen of this width draws it along the middle of its strokes.

    Parameters
    ----------
    mask
        Shape (height, width): its ink.
    pen_px
        Width of the pen; 1 is a line of single pixels, as a mouse draws it.

    Returns
    -------
    Shape (height + 2 pen_px, width + 2 pen_px), 0 to 1.
    """
    middle = np.pad(thin(mask), pen_px).astype(np.uint8)
    if pen_px > 1:
        round_pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pen_px, pen_px))
        middle = np.asarray(cv2.dilate(middle, round_pen), np.uint8)
    return middle.astype(np.float32)


def thin(mask: Mask) -> Mask:
    """Return the middle lines of strokes, one pixel wide.

    References
    ----------
    T. Y. Zhang, C. Y. Suen, "A fast parallel algorithm for thinning digital patterns", 1984, doi:10.1145/357994.358023.
    """
    ink = np.pad(mask, 1)
    changed = True
    while changed:
        changed = False
        for first in (True, False):
            loose = _loose(ink, first=first)
            changed |= bool(loose.any())
            ink[1:-1, 1:-1] &= ~loose
    return ink[1:-1, 1:-1]


def _loose(ink: Mask, *, first: bool) -> Mask:
    """The ink that one of the two passes takes away: at the rim, no end of a line, and no bridge."""
    around = _neighbours(ink)
    count = around.sum(axis=0)
    steps = (~around & np.roll(around, -1, axis=0)).sum(axis=0)
    up, right, down, left = around[::2]
    if first:
        rim = ~(up & right & down) & ~(right & down & left)
    else:
        rim = ~(up & right & left) & ~(up & down & left)
    return np.asarray(ink[1:-1, 1:-1] & (count >= 2) & (count <= 6) & (steps == 1) & rim, np.bool_)


def _neighbours(ink: Mask) -> Mask:
    """The eight neighbours of each pixel, clockwise from the one above: shape (8, height, width)."""
    height, width = ink.shape
    corners = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    return np.stack([ink[y : y + height - 2, x : x + width - 2] for y, x in corners])
