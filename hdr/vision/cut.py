"""A region of a page to its crop: the ink at the page's own resolution, white on black, without its neighbours'."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box
from hdr.vision.normalize import Crop
from hdr.vision.segment import Region

_SQUARE = np.ones((3, 3), np.uint8)
_SOFT_EDGE = 48
"""Ink of this strength (of 255) beyond the mask is the soft edge of a stroke; below, it is the grain of the paper."""


def cut_crop(strength: NDArray[np.uint8], region: Region) -> Crop:
    """Cut one region's ink out of the page, with its soft edge where that reaches a pixel beyond the mask.

    Parameters
    ----------
    strength
        Shape (height, width), ``uint8``: 0 for paper to 255 for full ink.
    region
        What to cut; the ink of neighbours inside its box is left out.
    """
    height, width = strength.shape
    box = region.box.padded(1).clipped(width, height)
    own = np.zeros((box.height, box.width), np.uint8)
    rows, columns = region.box.shifted(-box.x0, -box.y0).slices
    own[rows, columns] = region.mask
    window = strength[box.slices]
    pixels = np.asarray(cv2.bitwise_and(window, window, mask=cv2.dilate(own, _SQUARE)), np.uint8)
    return _trimmed(Crop(pixels, box), region.box)


def _trimmed(crop: Crop, least: Box) -> Crop:
    """Take off a margin without ink, but nothing of the mask's own box."""
    pixels = crop.pixels
    x0, y0, x1, y1 = least.x0, least.y0, least.x1, least.y1
    y0 -= bool(crop.box.y0 < y0 and pixels[0].max() >= _SOFT_EDGE)
    y1 += bool(crop.box.y1 > y1 and pixels[-1].max() >= _SOFT_EDGE)
    x0 -= bool(crop.box.x0 < x0 and pixels[:, 0].max() >= _SOFT_EDGE)
    x1 += bool(crop.box.x1 > x1 and pixels[:, -1].max() >= _SOFT_EDGE)
    box = Box(x0, y0, x1, y1)
    return Crop(np.ascontiguousarray(pixels[box.shifted(-crop.box.x0, -crop.box.y0).slices]), box)
