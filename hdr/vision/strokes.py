"""Pen data to an image, so that what was drawn is never grabbed off the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SHIFT = 4  # OpenCV draws at a sixteenth of a pixel
_FINER = 4  # and we on a grid so much finer than the paper's


@dataclass(frozen=True)
class Stroke:
    """One movement of the pen, or of the eraser.

    Parameters
    ----------
    points
        ``(x, y)`` in pixels of the drawing, at least one; a single point is a dot.
    width_px
        Width of the pen.
    erases
        Whether it takes ink away.
    """

    points: tuple[tuple[float, float], ...]
    width_px: float = 14.0
    erases: bool = False


def rasterize_strokes(strokes: Iterable[Stroke], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Draw strokes on white paper, anti-aliased, with round caps and joints.

    Parameters
    ----------
    strokes
        In the order drawn.
    size
        (width, height) of the drawing in pixels.

    Returns
    -------
    Shape (height, width, 3), ``uint8`` RGB, black ink on white.
    """
    paper = np.full((size[1], size[0]), 255, np.uint8)
    for stroke in strokes:
        draw_stroke(paper, stroke)
    return np.repeat(paper[:, :, None], 3, axis=2)


def draw_stroke(paper: NDArray[np.uint8], stroke: Stroke) -> None:
    """Draw one stroke onto gray paper of shape (height, width), in place.

    How much of each pixel the pen covers is counted on a finer grid, and the darker of paper and ink stays: a stroke
    drawn in pieces is the stroke drawn at once, with no edge the bolder for being gone over twice.
    """
    points = np.array(stroke.points, np.float64)
    reach = stroke.width_px / 2 + 2
    x0, y0 = np.maximum(np.floor(points.min(axis=0) - reach), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(points.max(axis=0) + reach) + 1, paper.shape[::-1]).astype(int)
    if x0 >= x1 or y0 >= y1:
        return
    covered = _coverage(points - (x0, y0), stroke.width_px, (x1 - x0, y1 - y0))
    part = paper[y0:y1, x0:x1]
    if stroke.erases:
        np.maximum(part, covered, out=part)
    else:
        np.minimum(part, 255 - covered, out=part)


def _coverage(points: NDArray[np.float64], width_px: float, size: tuple[int, int]) -> NDArray[np.uint8]:
    """How much of each pixel of a (width, height) field the stroke covers, 0 to 255."""
    fine = np.zeros((size[1] * _FINER, size[0] * _FINER), np.uint8)
    # A point is the middle of its pixel, which lies between two of the finer grid.
    places = np.round((points * _FINER + (_FINER - 1) / 2) * (1 << _SHIFT)).astype(np.int32)
    if len(places) == 1 or (places == places[0]).all():
        radius = max(1, round(width_px / 2 * _FINER * (1 << _SHIFT)))
        cv2.circle(fine, (int(places[0, 0]), int(places[0, 1])), radius, 255, -1, cv2.LINE_8, _SHIFT)
    else:
        thickness = max(1, round(width_px * _FINER))
        cv2.polylines(fine, [places.reshape(-1, 1, 2)], False, 255, thickness, cv2.LINE_8, _SHIFT)
    return np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8)
