"""Boxes to reading order: rows from the top, each from left to right."""

from __future__ import annotations

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
    slope = _common_slope(boxes)
    for index in sorted(range(len(boxes)), key=lambda i: (boxes[i].center[0], boxes[i].y0)):
        fits = [(_overlap(boxes, row, index, slope), r) for r, row in enumerate(rows)]
        best, row_number = max(fits, default=(0.0, -1))
        if best > 0.3:
            rows[row_number].append(index)
        else:
            rows.append([index])
    return sorted(rows, key=lambda row: float(np.median([_level(boxes[i], slope) for i in row])))


def _level(box: Box, slope: float) -> float:
    """Where a box's middle would be at the left edge of the page."""
    return box.center[1] - slope * box.center[0]


def _overlap(boxes: Sequence[Box], row: list[int], index: int, slope: float) -> float:
    """How much of the shorter of a box and its row's end lies at the same height, 0 to 1."""
    box = boxes[index]
    near = row[-3:]
    middle = float(np.median([_level(boxes[i], slope) for i in near])) + slope * box.center[0]
    half = float(np.median([boxes[i].height for i in near])) / 2
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
