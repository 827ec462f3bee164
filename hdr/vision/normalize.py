"""A digit's ink at the page's own resolution, made the 28x28 field that a model was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box

GEOMETRY = "mnist-1"
"""The version of the geometry below. It stands in every model card; a model of another version is refused."""

PICTURE = "picture-1"
"""The geometry of models that look at whole pictures, not at ink; see `fit_picture`."""


_BRIGHT = 200
"""The brighter half of the ink is at least so bright on the mean, of 255."""


@dataclass(frozen=True, eq=False)
class Crop:
    """One digit's ink as cut from the page.

    Parameters
    ----------
    pixels
        Shape (height, width), ``uint8``, white ink on black at the page's own resolution, neighbours masked out.
    box
        Where it was, in image pixels. Its size is that of ``pixels``, but on a page that was turned to be read: there
        the pixels stand upright and the box lies as the page does.
    """

    pixels: NDArray[np.uint8]
    box: Box


def normalize_digit(pixels: NDArray[np.uint8], size_px: int = 28) -> NDArray[np.uint8]:
    """Place a digit as MNIST does: the long side 20 of 28 pixels, the centre of mass in the middle.

    Cut to the ink, scale the long side to ``20/28 * size_px`` keeping the aspect ratio (area resampling when it gets
    smaller, brightened where that paled a thin stroke), and put the centre of mass at pixel (14, 14) of the field by a
    whole-pixel shift. An MNIST digit comes back bit for bit.

    Parameters
    ----------
    pixels
        Shape (height, width), ``uint8``, white ink on black.
    size_px
        Side of the field. MNIST's is 28.

    Returns
    -------
    Shape (size_px, size_px), ``uint8``, white on black; all black where there was no ink.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998,
    doi:10.1109/5.726791 (section III.A, the 28x28 centring).
    """
    field = np.zeros((size_px, size_px), np.uint8)
    x, y, width, height = cv2.boundingRect(pixels)
    if not width:
        return field
    ink = _scale_long_side(pixels[y : y + height, x : x + width], round(size_px * 20 / 28))
    top, left = _corner(ink, size_px)
    height, width = ink.shape
    field[top : top + height, left : left + width] = ink
    return field


def _scale_long_side(ink: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    height, width = ink.shape
    factor = side / max(height, width)
    if factor == 1:
        return ink
    size = max(1, round(width * factor)), max(1, round(height * factor))
    if factor > 1:
        return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return _brightened(np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8))


def _brightened(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A line of one pixel must not fade away when it is scaled down: the brighter half of the ink becomes white."""
    if 2 * np.count_nonzero(ink >= _BRIGHT) >= np.count_nonzero(ink):
        return ink  # as mostly; it spares the sorting
    inked = np.sort(ink, axis=None)[ink.size - np.count_nonzero(ink) :]
    if not inked.size:
        return ink
    median = (float(inked[(inked.size - 1) // 2]) + float(inked[inked.size // 2])) / 2
    bright = float(inked[np.searchsorted(inked, median) :].mean())
    return ink if bright >= _BRIGHT else cv2.convertScaleAbs(ink, alpha=255 / bright).astype(np.uint8)


def _corner(ink: NDArray[np.uint8], size: int) -> tuple[int, int]:
    """Where the ink's top left corner goes so that its centre of mass falls on the middle, kept inside the field."""
    moments = cv2.moments(ink)
    mass = max(moments["m00"], 1e-9)
    height, width = ink.shape
    top = round(size / 2 - moments["m01"] / mass)
    left = round(size / 2 - moments["m10"] / mass)
    return min(max(top, 0), size - height), min(max(left, 0), size - width)


def fit_picture(pixels: NDArray[np.uint8], size_px: int, channels: int = 3) -> NDArray[np.uint8]:
    """Place a whole picture in a square: its long side fills it, its shape stays, its edges go on into what is left.

    Parameters
    ----------
    pixels
        Shape (height, width) gray or (height, width, 3) RGB, ``uint8``.
    size_px
        Side of the square.
    channels
        1 or 3: gray, as the eye weighs colours, or RGB.

    Returns
    -------
    Shape (size_px, size_px, channels), ``uint8``.
    """
    height, width = pixels.shape[:2]
    scale = size_px / max(height, width)
    wide, high = (max(1, round(side * scale)) for side in (width, height))
    small = cv2.resize(pixels, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (size_px - wide) // 2, (size_px - high) // 2
    whole = cv2.copyMakeBorder(small, top, size_px - high - top, left, size_px - wide - left, cv2.BORDER_REPLICATE)
    if whole.ndim == 3 and channels == 1:
        whole = cv2.cvtColor(whole, cv2.COLOR_RGB2GRAY)
    if whole.ndim == 2:
        whole = np.repeat(whole[:, :, None], channels, axis=2)
    return np.asarray(whole, np.uint8)
