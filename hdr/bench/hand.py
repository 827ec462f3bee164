"""Digits of our own hand: pen strokes, each time a little different, so that pages can be made without any data set."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.vision.strokes import Stroke, rasterize_strokes

# Ways to write each digit: strokes of points x,y in hundredths of a field of 1 by 1.4, y down, drawn as smooth curves.
_WAYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "0": (
        ("55,3 20,20 6,70 20,125 50,138 85,115 94,65 80,15 50,3",),
        ("70,10 30,10 10,60 15,115 50,137 85,110 90,50 70,8 40,5",),
    ),
    "1": (
        ("50,2 50,70 50,138",),
        ("25,40 45,20 58,3 57,70 55,138",),
    ),
    "2": (
        ("10,35 25,8 60,2 85,25 75,65 40,105 8,134 50,133 92,132",),
        ("12,30 40,2 80,15 80,50 50,90 10,130 25,115 55,130 95,130",),
    ),
    "3": (
        ("12,15 50,2 82,20 75,50 40,64 78,80 88,110 55,137 10,122",),
        ("15,5 50,5 80,6 55,35 42,55 80,70 85,110 50,136 12,125",),
    ),
    "4": (
        ("45,2 25,50 6,90 50,88 95,86", "72,45 70,90 68,138"),
        ("68,3 35,50 5,95 50,95 95,94", "68,3 68,70 67,138"),
    ),
    "5": (
        ("85,5 50,5 22,6 19,35 17,60 50,50 85,75 80,120 40,137 8,122",),
        ("24,8 20,35 18,62 55,52 87,80 75,125 40,137 8,125", "22,8 50,7 88,5"),
    ),
    "6": (
        ("70,3 35,35 12,85 20,125 50,138 84,115 75,82 45,75 16,100",),
        ("55,2 25,50 10,100 35,137 75,130 88,100 60,78 25,90 12,105",),
    ),
    "7": (
        ("8,6 50,6 92,5 70,55 50,100 40,138",),
        ("8,10 50,7 90,5 65,70 45,138", "30,70 55,69 85,68"),
    ),
    "8": (
        ("80,20 50,3 20,25 40,60 75,85 80,120 45,137 15,115 30,80 70,50 80,20",),
        ("50,62 18,35 50,3 82,33 50,62 12,100 50,137 88,100 50,62",),
    ),
    "9": (
        ("82,30 50,5 18,30 30,62 65,60 83,30 80,80 72,138",),
        ("80,35 55,3 15,25 20,60 60,62 82,30 78,90 60,130 30,136",),
    ),
}

_HEIGHT = 1.4


def write_digit(
    label: str, rng: np.random.Generator, height_px: float = 60, pen_px: float | None = None
) -> list[Stroke]:
    """Write one digit as this hand does: one of its ways, slanted, stretched and trembling a little.

    Parameters
    ----------
    label
        ``0`` to ``9``.
    rng
        Decides how.
    height_px
        Of the digit.
    pen_px
        Width of the pen; None takes one that suits the height.

    Returns
    -------
    Its strokes, from about (0, 0).
    """
    ways = _WAYS[label]
    way = ways[int(rng.integers(len(ways)))]
    slant, wide = rng.uniform(-0.25, 0.12), rng.uniform(0.8, 1.15)
    scale = height_px / _HEIGHT
    pen = pen_px or height_px * rng.uniform(0.06, 0.13)
    strokes = []
    for told in way:
        points = np.array([point.split(",") for point in told.split()], np.float64) / 100
        path = points + rng.normal(0, 0.022, points.shape)
        path[:, 0] = path[:, 0] * wide + slant * (path[:, 1] - _HEIGHT / 2)
        strokes.append(Stroke(tuple(map(tuple, _smooth(path * scale))), pen))
    return strokes


def _smooth(path: NDArray[np.float64], steps: int = 8) -> NDArray[np.float64]:
    """A Catmull-Rom spline through the points (E. Catmull, R. Rom, 1974, doi:10.1016/B978-0-12-079050-0.50020-5)."""
    padded = np.vstack([2 * path[0] - path[1], path, 2 * path[-1] - path[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        parts.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.vstack([*parts, path[-1:]])


def written_digits(count: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], list[str]]:
    """Return digits of this hand as small pictures.

    Returns
    -------
    Pictures of shape (count, 96, 96), ``uint8``, white on black, and a label each.
    """
    pictures, labels = np.zeros((count, 96, 96), np.uint8), []
    for index in range(count):
        label = str(int(rng.integers(10)))
        strokes = write_digit(label, rng, 64)
        moved = [Stroke(tuple((x + 24, y + 14) for x, y in one.points), one.width_px) for one in strokes]
        pictures[index] = 255 - cv2.cvtColor(rasterize_strokes(moved, (96, 96)), cv2.COLOR_RGB2GRAY)
        labels.append(label)
    return pictures, labels
