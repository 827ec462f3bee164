"""An ink mask to the same without the printed lines under the writing: ruled and squared paper, cells and grids."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.vision.components import find_components, find_runs

Runs = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]
"""Of each horizontal run of ink the row, where it begins and where it has ended."""

_SMALL_PX = 640
"""The slope of lines is told on a copy whose long side is this."""
_INKED = 60
"""A pixel of that copy is ink where so much of it is, of 255."""
_STEEPEST = 0.16
"""Lines slope by at most so much, dy/dx: about nine degrees."""
_MOST_VOTES = 9
"""Of so many lines with most votes the middle slope is taken."""
_LEAST_RUN = 0.03
"""A straight run of ink this long, as a part of the page's width, may belong to a line."""
_LONG = 0.75
"""One line this long, gaps not counted, is printed..."""
_FAIRLY_LONG = 0.3
_MANY = 3
"""... and so are this many parallel ones that are fairly long. A single large digit has neither."""
_DENSE = 0.65
"""A line is there for this part of the way from its first run to its last."""


def remove_rules(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take printed lines out, level or sloping, and leave the strokes that cross them.

    The common slope of the lines is looked for by a Hough transform, and the page sheared so that they lie level. Long
    runs that make up a line are followed, and of them only what is no thicker than the line is taken out: where a
    stroke crosses, the ink is thicker, and stays.

    Parameters
    ----------
    mask
        Shape (height, width), ``bool``, true for ink.

    Returns
    -------
    The mask itself where it has no lines.

    References
    ----------
    R. O. Duda, P. E. Hart, "Use of the Hough transformation to detect lines and curves in pictures", 1972,
    doi:10.1145/361237.361242 (the slope).
    C. Dalitz, M. Droettboom, B. Pranzas, I. Fujinaga, "A comparative study of staff removal algorithms", 2008,
    doi:10.1109/TPAMI.2007.70749 (taking lines out by the length of the vertical run through them).
    """
    small = _shrunken(mask)
    level, upright = _find_slope(small), _find_slope(np.ascontiguousarray(small.T))
    if level is None and upright is None:
        return mask
    ink = mask.view(np.uint8)
    flat = _without_level_lines(ink, level)
    if upright is not None:
        turned = np.asarray(cv2.transpose(flat), np.uint8)  # several times quicker than NumPy's
        both = _without_level_lines(turned, upright)
        flat = flat if both is turned else np.asarray(cv2.transpose(both), np.uint8)
    return mask if flat is ink else flat.view(np.bool_)


def _without_level_lines(ink: NDArray[np.uint8], slope: float | None) -> NDArray[np.uint8]:
    if slope is None:
        return ink
    level = _sheared(ink, slope)
    # Sheared by whole pixels, a thin line still has steps of one: dilated, it is one long run.
    thicker = np.asarray(cv2.dilate(level, np.ones((3, 1), np.uint8)), np.uint8)
    runs = _long_runs(thicker, max(20, round(_LEAST_RUN * ink.shape[1])))
    rest = level.copy()
    for lines, thick in _printed_lines(runs, level.shape):
        for rows in _bands(lines, round(6 * thick) + 6):
            _take_out(rest[rows], level[rows], lines[rows], thick)
    if np.array_equal(rest, level):
        return ink
    return _unsheared(rest, slope, ink.shape[0])


def _bands(lines: NDArray[np.uint8], reach: int) -> Iterator[slice]:
    """The rows around lines, and so far beyond as there may be strokes that cross them: few of a page's."""
    rows = np.flatnonzero(lines.any(axis=1))
    for band in np.split(rows, np.flatnonzero(np.diff(rows) > reach) + 1):
        yield slice(max(0, int(band[0]) - reach), int(band[-1]) + reach + 1)


def _take_out(rest: NDArray[np.uint8], level: NDArray[np.uint8], lines: NDArray[np.uint8], thick: float) -> None:
    """Take lines of one thickness out of the ink, in place."""
    # Where a stroke crosses a line, the ink goes on above or below.
    crossed = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((round(1.5 * thick + 1), 1), np.uint8))
    line = np.asarray(cv2.bitwise_and(lines, 1 - crossed), np.uint8)
    rest &= 1 - line
    rest |= _closed_over(rest, round(thick)) & line


def _closed_over(ink: NDArray[np.uint8], gap: int) -> NDArray[np.uint8]:
    """The strokes, and the gaps that a line taken out left in those which go on at both of its sides."""
    # What ragged edges leave of the line is no stroke, else it would be closed over to the line again.
    strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((gap + 2, 1), np.uint8))
    bridge = np.ones((2 * gap + 3, 1), np.uint8)
    # A border, else the closing takes what lies beyond the page for ink.
    padded = np.pad(strokes, ((bridge.size, bridge.size), (0, 0)))
    return np.asarray(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, bridge)[bridge.size : -bridge.size], np.uint8)


def _shrunken(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A smaller copy that keeps thin lines; by a whole number, which is quicker."""
    step = -(-max(mask.shape) // _SMALL_PX)
    height, width = mask.shape[0] // step, mask.shape[1] // step
    if step == 1 or not height or not width:
        return mask.view(np.uint8)
    ink = mask[: height * step, : width * step].view(np.uint8) * np.uint8(255)
    return np.asarray(cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA) > _INKED, np.uint8)


def _find_slope(small: NDArray[np.uint8]) -> float | None:
    """The slope of the page's level lines, dy/dx; None where it has none."""
    # The upper edges alone: those of a thick line are as sharp as those of a thin one.
    edges = small.copy()
    edges[1:] &= ~small[:-1]
    upright, steepest = np.pi / 2, np.arctan(_STEEPEST)
    found = cv2.HoughLines(
        edges,
        1,
        1 / small.shape[1],
        round(_FAIRLY_LONG * small.shape[1]),
        min_theta=upright - steepest,
        max_theta=upright + steepest,
    )
    if found is None:
        return None
    return float(np.tan(np.median(found.reshape(-1, 2)[:_MOST_VOTES, 1]) - upright))


def _sheared(ink: NDArray[np.uint8], slope: float) -> NDArray[np.uint8]:
    """Shift columns down or up so that lines of this slope lie level; the page grows by what they move."""
    height, width = ink.shape
    drops = _drops(slope, width)
    level = np.zeros((height + int(drops.max()), width), np.uint8)
    for drop, columns in _blocks(drops):
        level[drop : drop + height, columns] = ink[:, columns]
    return level


def _unsheared(level: NDArray[np.uint8], slope: float, height: int) -> NDArray[np.uint8]:
    ink = np.empty((height, level.shape[1]), np.uint8)
    for drop, columns in _blocks(_drops(slope, level.shape[1])):
        ink[:, columns] = level[drop : drop + height, columns]
    return ink


def _drops(slope: float, width: int) -> NDArray[np.intp]:
    """By how many pixels each column moves down; the least is 0."""
    drops = np.round(-slope * np.arange(width)).astype(np.intp)
    return np.asarray(drops - drops.min(), np.intp)


def _blocks(drops: NDArray[np.intp]) -> Iterator[tuple[int, slice]]:
    """Neighbouring columns that move alike."""
    edges = np.flatnonzero(np.diff(drops)) + 1
    for start, end in zip([0, *edges], [*edges, drops.size], strict=True):
        yield int(drops[start]), slice(int(start), int(end))


def _long_runs(ink: NDArray[np.uint8], least: int) -> Runs:
    """The horizontal runs of ink of at least so many pixels: row, begin and end of each."""
    y, x0, x1 = find_runs(ink.view(np.bool_))
    long = x1 - x0 >= least
    return y[long], x0[long], x1[long]


def _drawn(runs: Runs, shape: tuple[int, ...], beyond: tuple[int, int] = (0, 0)) -> NDArray[np.uint8]:
    """A mask of runs, each grown by so many pixels to the sides and up and down."""
    drawn = np.zeros(shape, np.uint8)
    aside, off = beyond
    for y, x0, x1 in zip(*(ends.tolist() for ends in runs), strict=True):
        drawn[max(0, y - off) : y + off + 1, max(0, x0 - aside) : x1 + aside] = 1
    return drawn


def _printed_lines(runs: Runs, shape: tuple[int, ...]) -> Iterator[tuple[NDArray[np.uint8], float]]:
    """The places of printed lines, a mask for those of like thickness, and how thick those are."""
    height, width = shape
    if not runs[0].size:
        return
    y = runs[0] - runs[0][0]
    found = find_components(_drawn((y, *runs[1:]), (int(y[-1]) + 1, width)).view(np.bool_))
    boxes, areas, owner = found.boxes, found.areas, found.marks[y, runs[1]]
    lengths = boxes[:, 2] - boxes[:, 0]
    thick = np.maximum(areas / np.maximum(lengths, 1) - 2, 1)
    thin = thick < 0.02 * max(height, width) + 2
    thin[0] = False  # the paper
    if not thin.any():
        return
    totals, extents = _on_one_line(boxes, thin, thick)
    # Caps of digits in a row lie at one height too, but far from each other.
    fair = thin & (totals >= _FAIRLY_LONG * width) & (totals >= _DENSE * extents)
    if not (totals[fair] >= _LONG * width).any() and np.count_nonzero(fair) < _MANY:
        return
    # Grids have lines of two kinds.
    usual = _percentile(thick[fair], lengths[fair], 0.25)
    for chosen in (fair & (thick <= 2 * usual), fair & (thick > 2 * usual)):
        if chosen.any():
            most = _percentile(thick[chosen], lengths[chosen], 0.75)
            # What strokes that cross leave of a line is short, and its edges are ragged.
            beyond = round(_LEAST_RUN * width), round(most / 3)
            own = chosen[owner]
            yield _drawn((runs[0][own], runs[1][own], runs[2][own]), shape, beyond), most


def _percentile(values: NDArray[np.float64], weights: NDArray[np.int64], share: float) -> float:
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, below[-1] * share)])


def _on_one_line(
    boxes: NDArray[np.int64], thin: NDArray[np.bool_], thick: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each run the summed length of all that lie at its height, itself among them, and how far apart they reach."""
    totals, extents = np.zeros(len(boxes), np.int64), np.ones(len(boxes), np.int64)
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    order = np.flatnonzero(thin)[np.argsort(middles[thin], kind="stable")]
    left, right = boxes[order, 0], boxes[order, 2]
    reach = np.maximum(1.5, thick[order] / 2) + 1
    first = np.searchsorted(middles[order], middles[order] - reach, side="left")
    last = np.searchsorted(middles[order], middles[order] + reach, side="right")
    for index, start, end in zip(order, first, last, strict=True):
        totals[index] = (right[start:end] - left[start:end]).sum()
        extents[index] = right[start:end].max() - left[start:end].min()
    return totals, extents
