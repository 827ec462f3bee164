"""Boxes to reading order: rows from the top, each from left to right."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import numpy as np

from hdr.geometry import Box


def group_rows(boxes: Sequence[Box]) -> list[list[int]]:
    """Group boxes into rows by the ink itself, however a row slopes.

    Boxes are taken from left to right; each goes on the row whose last boxes it continues: the one whose line, drawn
    through its nearest boxes, it overlaps most.

    Parameters
    ----------
    boxes
        In any order.

    Returns
    -------
    Indices into ``boxes``: a list a row from the top, each from left to right.
    """
    rows: list[list[int]] = []
    ends: list[tuple[float, float]] = []
    slope = _common_slope(boxes)
    for index in sorted(range(len(boxes)), key=lambda i: (boxes[i].center[0], boxes[i].y0)):
        fits = [(_overlap(boxes[index], end, slope), r) for r, end in enumerate(ends)]
        best, row_number = max(fits, default=(0.0, -1))
        if best > 0.3:
            rows[row_number].append(index)
            ends[row_number] = _end([boxes[i] for i in rows[row_number][-3:]], slope)
        else:
            rows.append([index])
            ends.append(_end([boxes[index]], slope))
    return sorted(rows, key=lambda row: float(np.median([_level(boxes[i], slope) for i in row])))


def _level(box: Box, slope: float) -> float:
    """Where a box's middle would be at the left edge of the page."""
    return box.center[1] - slope * box.center[0]


def _end(near: Sequence[Box], slope: float) -> tuple[float, float]:
    """Level and half height at which the last boxes of a row end it."""
    return statistics.median(_level(box, slope) for box in near), statistics.median(box.height for box in near) / 2


def _overlap(box: Box, end: tuple[float, float], slope: float) -> float:
    """How much of the shorter of a box and a row's end lies at the same height, 0 to 1."""
    level, half = end
    middle = level + slope * box.center[0]
    shared = min(box.y1, middle + half) - max(box.y0, middle - half)
    return shared / max(1.0, min(box.height, 2 * half))


def _common_slope(boxes: Sequence[Box]) -> float:
    """The slope that most neighbours in a row agree on, as dy/dx; 0 for too few boxes to tell."""
    if len(boxes) < 3:
        return 0.0
    centers = np.array([box.center for box in boxes])
    heights = np.array([box.height for box in boxes], np.float64)
    delta = centers[None, :] - centers[:, None]
    ahead = (delta[:, :, 0] > 0.3 * heights[:, None]) & (np.abs(delta[:, :, 1]) < 0.6 * delta[:, :, 0])
    distance = np.where(ahead, np.hypot(delta[:, :, 0], 2 * delta[:, :, 1]), np.inf)
    nearest = distance.argmin(axis=1)
    has = np.isfinite(distance.min(axis=1))
    if np.count_nonzero(has) < 2:
        return 0.0
    pairs = delta[np.flatnonzero(has), nearest[has]]
    return float(np.median(pairs[:, 1] / pairs[:, 0]))
