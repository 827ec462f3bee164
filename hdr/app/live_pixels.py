"""A frame, its ink or a crop to the pixels that are shown of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.app.pixels import ink_picture

if TYPE_CHECKING:
    from hdr.reading.live_worker import Seen
    from hdr.settings import Settings

Pixels = NDArray[np.uint8]


def fitted(pixels: Pixels, scale: float) -> Pixels:
    """Return a picture scaled, quickly: far smaller, it is halved first, which OpenCV does best.

    Parameters
    ----------
    pixels
        Shape (height, width) or (height, width, 3), ``uint8``.
    scale
        Above 0.
    """
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    while min(pixels.shape[1] // size[0], pixels.shape[0] // size[1]) >= 2:
        half = pixels.shape[1] // 2, pixels.shape[0] // 2
        even = pixels[: 2 * half[1], : 2 * half[0]]
        pixels = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
    if pixels.shape[1::-1] == size:
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def ink_of(seen: Seen, settings: Settings) -> Pixels:
    """Return what was taken for ink in a frame, black on white: as it was read, or else found anew."""
    steps = seen.live.reading.steps
    if steps is not None:
        return ink_picture(steps.ink)
    from hdr.vision.binarize import find_ink

    return ink_picture(find_ink(seen.frame, settings.ink).mask)


def in_square(pixels: Pixels, side: int, *, smooth: bool) -> Pixels:
    """Return a crop in the middle of a black square, as large as fits; without ``smooth`` in whole multiples."""
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    if factor >= 1 and not smooth:
        factor = float(int(factor))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    how = cv2.INTER_NEAREST if not smooth else cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    out = np.zeros((side, side), np.uint8)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    out[top : top + size[1], left : left + size[0]] = cv2.resize(pixels, size, interpolation=how)
    return out
