"""A page of any size to the pixels of the part of it that a canvas shows."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import ViewTransform
from hdr.vision.strokes import Stroke, draw_stroke

Pixels = NDArray[np.uint8]
_SMOOTH_UP_TO = 4.0  # beyond this zoom the page's own pixels are shown as squares


class Pyramid:
    """An image and its halves, quarters and so on, made when first needed: far zoom costs what near zoom costs.

    Parameters
    ----------
    image
        Shape (height, width) or (height, width, 3), ``uint8``.
    """

    def __init__(self, image: Pixels) -> None:
        self._levels = [image]

    @property
    def image(self) -> Pixels:
        """The image itself."""
        return self._levels[0]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self._levels[0].shape[:2]
        return width, height

    def level(self, scale: float) -> tuple[Pixels, float]:
        """Return the smallest image that still has every pixel that this zoom shows, and its scale to the page."""
        index, left = 0, scale
        while left <= 0.5 and min(self._at(index).shape[:2]) > 1:
            index, left = index + 1, left * 2
        image = self._at(index)
        return image, image.shape[1] / self.size[0]

    def _at(self, index: int) -> Pixels:
        while len(self._levels) <= index:
            height, width = self._levels[-1].shape[:2]
            half = max(1, width // 2), max(1, height // 2)
            self._levels.append(np.asarray(cv2.resize(self._levels[-1], half, interpolation=cv2.INTER_AREA), np.uint8))
        return self._levels[index]


def cut(
    page: Pyramid, view: ViewTransform, area: tuple[int, int, int, int], desk: tuple[int, int, int]
) -> NDArray[np.uint8]:
    """Return what an area of the canvas shows.

    Parameters
    ----------
    page
        The page.
    view
        Where it lies on the canvas.
    area
        ``(x0, y0, x1, y1)`` in canvas pixels.
    desk
        RGB around the page.

    Returns
    -------
    Shape (y1 - y0, x1 - x0, 3), ``uint8`` RGB.
    """
    x0, y0, x1, y1 = area
    out = np.empty((y1 - y0, x1 - x0, 3), np.uint8)
    out[:] = desk
    image, shrunk = page.level(view.scale)
    # The part of the level that is seen, with a margin for the interpolation; the rest is never touched.
    left, top = view.to_image(x0, y0)
    right, bottom = view.to_image(x1, y1)
    height, width = image.shape[:2]
    u0, u1 = _span(left * shrunk, right * shrunk, width)
    v0, v1 = _span(top * shrunk, bottom * shrunk, height)
    if u0 >= u1 or v0 >= v1:
        return out
    part = image[v0:v1, u0:u1]
    if part.ndim == 2:
        part = np.repeat(part[:, :, None], 3, axis=2)
    factor = view.scale / shrunk
    matrix = np.array(
        [
            [1 / factor, 0, (x0 - view.offset_x + 0.5) / factor - 0.5 - u0],
            [0, 1 / factor, (y0 - view.offset_y + 0.5) / factor - 0.5 - v0],
        ]
    )
    how = cv2.INTER_NEAREST if view.scale > _SMOOTH_UP_TO else cv2.INTER_LINEAR
    flags = how | cv2.WARP_INVERSE_MAP
    cv2.warpAffine(part, matrix, (x1 - x0, y1 - y0), out, flags, cv2.BORDER_CONSTANT, desk)
    return out


def _span(low: float, high: float, length: int) -> tuple[int, int]:
    return min(max(int(low) - 2, 0), length), max(min(int(high) + 3, length), 0)


class Paper:
    """A drawing's ink as an image, brought up to date by the strokes that came since."""

    def __init__(self) -> None:
        self._strokes: tuple[Stroke, ...] = ()
        self._gray: Pixels = np.zeros((0, 0), np.uint8)

    def gray(self, strokes: Sequence[Stroke], size: tuple[int, int]) -> Pixels:
        """Return the page of these strokes: shape (height, width), ``uint8``, black on white; to be left as it is."""
        told = tuple(strokes)
        known = len(self._strokes)
        grown = self._gray.shape == (size[1], size[0]) and told[:known] == self._strokes
        if not grown:
            self._gray = np.full((size[1], size[0]), 255, np.uint8)
            known = 0
        elif known < len(told):
            self._gray = self._gray.copy()
        for stroke in told[known:]:
            draw_stroke(self._gray, stroke)
        self._strokes = told
        return self._gray


def ink_picture(ink: NDArray[np.bool_], faint: bool = False) -> Pixels:
    """Return an ink mask as black on white; or as gray, so that boxes over it stand out."""
    return np.where(ink, np.uint8(176 if faint else 0), np.uint8(255))
