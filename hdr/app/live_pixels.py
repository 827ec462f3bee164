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
    """Return a picture scaled, quickly: far smaller, every other pixel and so on is left out first.

    Parameters
    ----------
    pixels
        Shape (height, width) or (height, width, 3), ``uint8``.
    scale
        Above 0.
    """
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    step = max(1, int(0.5 / scale))
    if size == (width, height):
        return pixels
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels[::step, ::step], size, interpolation=how), np.uint8)


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
