"""A page and the boxes that somebody drew on it to their crops, as the pipeline would have cut them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box, iou
from hdr.reading.pipeline import find_crops
from hdr.vision.binarize import Ink, find_ink
from hdr.vision.normalize import Crop

Pixels = NDArray[np.uint8]

_SAME = 0.6
"""A box shares this much with what the pipeline found (intersection over union) where it means that digit."""
_NEIGHBOURS = 0.25
"""A piece of ink of which a box holds less than this is its neighbour's, unless nothing in the box is larger."""


def cut_boxes(image: Pixels, boxes: Sequence[Box]) -> list[Pixels]:
    """Cut out what stands in each box, white on black, without what hangs in from the neighbours.

    Parameters
    ----------
    image
        Shape (height, width) or (height, width, 3) RGB, ``uint8``.
    boxes
        Inside the image, none empty.

    Returns
    -------
    One crop a box, of the box's size; all black only where the box holds nothing but paper.
    """
    if not boxes:
        return []
    found = find_crops(image).crops
    crops = [_placed(box, _nearest(box, found)) for box in boxes]
    if any(crop is None for crop in crops):
        ink = find_ink(image)
        parts = _Parts(ink)
        crops = [parts.cut(box) if crop is None else crop for box, crop in zip(boxes, crops, strict=True)]
    return [_looked_closer(image, box) if not np.any(crop) else crop for box, crop in zip(boxes, crops, strict=True)]  # type: ignore[misc]  # none is None any more


def _nearest(box: Box, found: Sequence[Crop]) -> Crop | None:
    best = max(found, key=lambda crop: iou(box, crop.box), default=None)
    return best if best is not None and iou(box, best.box) >= _SAME else None


def _placed(box: Box, crop: Crop | None) -> Pixels | None:
    """The crop in the frame of the box, with nothing of it beyond."""
    if crop is None:
        return None
    x0, y0 = max(box.x0, crop.box.x0), max(box.y0, crop.box.y0)
    both = Box(x0, y0, min(box.x1, crop.box.x1), min(box.y1, crop.box.y1))
    pixels = np.zeros((box.height, box.width), np.uint8)
    pixels[both.shifted(-box.x0, -box.y0).slices] = crop.pixels[both.shifted(-crop.box.x0, -crop.box.y0).slices]
    return pixels


class _Parts:
    """The connected pieces of a page's ink."""

    def __init__(self, ink: Ink) -> None:
        self._strength = np.where(ink.mask, ink.strength, np.uint8(0))
        _, self._names, stats, _ = cv2.connectedComponentsWithStats(ink.mask.view(np.uint8), connectivity=8)
        self._areas = stats[:, cv2.CC_STAT_AREA]

    def cut(self, box: Box) -> Pixels:
        names = self._names[box.slices]
        inside = np.bincount(names[names > 0], minlength=len(self._areas))
        if not inside.any():
            return np.zeros((box.height, box.width), np.uint8)
        own = inside >= _NEIGHBOURS * self._areas
        own[inside.argmax()] = True
        own[0] = False
        return np.where(own[names], self._strength[box.slices], np.uint8(0))


def _looked_closer(image: Pixels, box: Box) -> Pixels:
    """A digit so faint that the page's level misses it has a level of its own."""
    part = np.ascontiguousarray(image[box.slices])
    ink = find_ink(part)
    return np.where(ink.mask, ink.strength, np.uint8(0))
