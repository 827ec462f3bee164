"""Pen data to an image, so that what was drawn is never grabbed off the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SHIFT = 4  # OpenCV draws at a sixteenth of a pixel


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
    """Draw one stroke onto gray paper of shape (height, width), in place."""
    gray = 255 if stroke.erases else 0
    points = np.round(np.array(stroke.points, np.float64) * (1 << _SHIFT)).astype(np.int32)
    thickness = max(1, round(stroke.width_px))
    if len(points) > 1:
        cv2.polylines(paper, [points.reshape(-1, 1, 2)], False, gray, thickness, cv2.LINE_AA, _SHIFT)
    if thickness > 2 or len(points) == 1:
        # polylines leaves its ends flat and may leave a notch at a sharp turn: a disc at each point rounds them.
        radius = max(1, round(stroke.width_px / 2 * (1 << _SHIFT)))
        for x, y in points:
            cv2.circle(paper, (int(x), int(y)), radius, gray, -1, cv2.LINE_AA, _SHIFT)
