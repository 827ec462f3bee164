"""An ink mask to the same without the printed lines under the writing: ruled and squared paper, cells, grids."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_LEAST_RUN = 0.1
"""A straight run of ink this long, as a part of the page's side, may belong to a line."""
_LONG = 0.75
"""One line this long is printed..."""
_FAIRLY_LONG = 0.3
_MANY = 3
"""... and so are this many parallel ones that are fairly long. A single large digit has neither."""


def remove_rules(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take printed lines out and mend the strokes that cross them.

    Straight horizontal and vertical runs are found by an opening; a stroke that goes on at both sides of a line is
    closed over the gap that the line leaves.

    Parameters
    ----------
    mask
        Shape (height, width), ``bool``, true for ink.

    Returns
    -------
    The mask itself where it has no lines.
    """
    ink = mask.view(np.uint8)
    flat = _remove_horizontal(ink)
    turned = np.ascontiguousarray(flat.T)
    upright = _remove_horizontal(turned)
    if flat is ink and upright is turned:
        return mask
    return np.ascontiguousarray(upright.T).view(np.bool_)


def _remove_horizontal(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = ink.shape
    run = max(24, round(width * _LEAST_RUN))
    if run >= width:
        return ink
    runs = _long_runs(ink, run)
    if runs is None:
        return ink
    lines, thickness = _printed_lines(runs, height, width)
    if not thickness:
        return ink
    rest = np.where(lines > 0, np.uint8(0), ink)
    bridge = np.ones((2 * thickness + 3, 1), np.uint8)
    # A border, else the closing takes what lies beyond the page for ink.
    padded = np.pad(rest, bridge.size)
    mended = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, bridge)[bridge.size : -bridge.size, bridge.size : -bridge.size]
    return np.asarray(cv2.bitwise_or(rest, cv2.bitwise_and(mended, ink)), np.uint8)


def _long_runs(ink: NDArray[np.uint8], least: int) -> NDArray[np.uint8] | None:
    """The ink in horizontal runs of at least so many pixels, None for none: an opening, but told by the runs' ends."""
    width = ink.shape[1] + 1  # a column of paper ends the last run of each row
    padded = np.zeros((ink.shape[0], width), np.int8)
    padded[:, :-1] = ink
    steps = np.diff(padded.ravel(), prepend=np.int8(0))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    long = ends - starts >= least
    if not long.any():
        return None
    marks = np.zeros(padded.size, np.int8)
    marks[starts[long]], marks[ends[long]] = 1, -1
    return np.ascontiguousarray(np.cumsum(marks, dtype=np.int8).reshape(padded.shape)[:, :-1]).view(np.uint8)


def _printed_lines(runs: NDArray[np.uint8], height: int, width: int) -> tuple[NDArray[np.uint8], int]:
    """The runs that are printed lines, a pixel wider than they are, and how thick they are; 0 for none."""
    # Runs of one sloping line lie a pixel above each other: dilated, they are one component.
    joined = cv2.dilate(runs, np.ones((3, 1), np.uint8))
    _, marks, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    lengths, areas = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    thick = areas / np.maximum(lengths, 1) - 2
    thin = (thick < 0.02 * max(height, width) + 2) & (np.arange(len(stats)) > 0)
    long = thin & (lengths >= _LONG * width)
    fair = thin & (lengths >= _FAIRLY_LONG * width)
    if not long.any() and np.count_nonzero(fair) < _MANY:
        return runs, 0
    level = np.median(thick[fair])
    tops, bottoms = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]
    middles = (tops + bottoms)[:, None] / 2
    # What is left of a line between two digits lies on the line's own height; a digit's straight stroke seldom does.
    on_line = ((middles > tops[fair] - level) & (middles < bottoms[fair] + level)).any(axis=1)
    lines = (fair | (thin & on_line & (thick < 1.5 * level + 1)))[marks].astype(np.uint8)
    return np.asarray(lines, np.uint8), max(1, round(float(level)))
