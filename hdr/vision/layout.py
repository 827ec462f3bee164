"""Boxes to reading order: rows from the top, the boxes of each from the left; blocks that stand side by side in turn.

Rows are read across the page, as in a table, even where their parts are far apart. Two blocks are read one after the
other only where a gutter parts them from top to bottom and the rows of one do not meet those of the other.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box
from hdr.vision.deskew import find_slope

_LEAST = 0.3
"""A box is on a row where it shares this part of its height with it."""
_NEAR = 4
"""So many neighbours tell where a row runs."""
_STIFF = 1.8
"""How hard a row is to bend: where its boxes vary in place by this, in heights squared, it goes half its own way."""
_GUTTER = 1.5
"""A gutter is this wide, in heights of the page's digits."""
_FEWEST_ROWS = 2, 3
"""A block has so many rows, and one of two side by side so many: fewer miss each other by chance."""
_MEET = 0.75
"""Rows on both sides of a gutter are the same where they share this part of their height on the mean."""

_AT_ONCE = 256
"""Boxes compared with all others at a time, so that thousands do not fill the memory."""

_Row = list[int]
Floats = NDArray[np.float64]


def group_rows(boxes: Sequence[Box], digits: Sequence[bool] | None = None) -> list[list[int]]:
    """Group boxes into rows by the ink itself, however a row slopes or bends, and put them in reading order.

    Boxes are taken from left to right; each goes on the row that it continues best: the one that, drawn on through its
    nearest boxes, shares most of its height.

    Parameters
    ----------
    boxes
        In any order.
    digits
        Whether each is a digit; all are by default. Others neither make nor join rows of digits: they are put on the
        row in whose way they stand, or on rows of their own.

    Returns
    -------
    Indices into ``boxes``: a list a row in reading order, each from left to right.
    """
    counts = [True] * len(boxes) if digits is None or not any(digits) else list(digits)
    chosen = [i for i, count in enumerate(counts) if count]
    page = _Page(boxes, chosen)
    blocks = _blocks(page, chosen)
    bands = _Bands(page, [row for block in blocks for row in block])
    for index in sorted((i for i, count in enumerate(counts) if not count), key=page.place):
        page.put(index, blocks, bands)
    return [row for block in blocks for row in sorted(block, key=page.level)]


@dataclass(frozen=True)
class _Line:
    """Where a row runs: its middle at one place, the page's slope, its own bend, where it is known, half its height."""

    x: float
    y: float
    slope: float
    bend: float
    known: tuple[float, float]
    half: float

    def at(self, x: float) -> float:
        """The middle at some place; beyond where it is known it soon goes on as the page does."""
        low, high = self.known
        own = min(max(x, low - 4 * self.half), high + 4 * self.half)
        return self.y + self.slope * (x - self.x) + self.bend * (own - self.x)

    def shared(self, box: Box, middle: float) -> float:
        """How much of the shorter of the two, a box and the row where its middle is here, lies at the same height."""
        both = min(box.y1, middle + self.half) - max(box.y0, middle - self.half)
        return both / max(1.0, min(box.y1 - box.y0, 2 * self.half))


class _Page:
    """Boxes, and the slope that the rows of the digits among them have in common."""

    def __init__(self, boxes: Sequence[Box], chosen: Sequence[int]) -> None:
        self.boxes = boxes
        self.centers = [box.center for box in boxes]
        self._lines: dict[tuple[int, ...], _Line] = {}
        digits = [boxes[i] for i in chosen]
        self.slope = math.tan(math.radians(find_slope(digits))) or _usual_slope(digits)

    def place(self, index: int) -> tuple[float, int, int, int]:
        """What boxes are sorted by from left to right; the same whatever order they came in."""
        box = self.boxes[index]
        return self.centers[index][0], box.y0, box.y1, box.x0

    def level(self, row: _Row) -> float:
        """Where the middle of a row would be at the left edge of the page."""
        return statistics.median(self.centers[i][1] - self.slope * self.centers[i][0] for i in row)

    def rows(self, indices: Iterable[int]) -> list[_Row]:
        """Group boxes into rows."""
        rows: list[_Row] = []
        lines: list[_Line] = []
        for index in sorted(indices, key=self.place):
            number = self._best(index, rows, lines)
            if number is None:
                rows.append([index])
                lines.append(self.line([index]))
            else:
                rows[number].append(index)
                lines[number] = self.line(rows[number][-_NEAR:])
        return self._mended(rows)

    def _best(self, index: int, rows: Sequence[_Row], lines: Sequence[_Line]) -> int | None:
        """The row that a box to the right of all others continues best; None where it begins one."""
        box, (x, y) = self.boxes[index], self.centers[index]
        fits = []
        for number, line in enumerate(lines):
            middle = line.at(x)
            if abs(middle - y) < line.half + box.height / 2:
                fits.append((line.shared(box, middle), -abs(middle - y), number))
        for shared, _, number in sorted(fits, reverse=True):
            if shared <= _LEAST:
                return None
            if not any(_is_stacked(box, self.boxes[other]) for other in rows[number][-2:]):
                return number
        return None

    def _mended(self, rows: list[_Row]) -> list[_Row]:
        """Put the parts of a row that broke, as at a raised digit, back into the row that runs where they stand."""
        kept: list[_Row] = []
        for row in sorted(rows, key=lambda row: (-len(row), self.place(row[0]))):
            best, number = max(((self.shared(row, other), n) for n, other in enumerate(kept)), default=(0.0, -1))
            if best > _LEAST:
                kept[number] = sorted([*kept[number], *row], key=self.place)
            else:
                kept.append(row)
        return kept

    def shared(self, part: _Row, row: _Row) -> float:
        """How much of their height boxes share with a row where they stand; 0 where one of them is not on it."""
        total = 0.0
        for index in part:
            box, x = self.boxes[index], self.centers[index][0]
            near = self._nearest(row, x)
            line = self.line(near)
            share = line.shared(box, line.at(x))
            if share <= 0 or any(_is_stacked(box, self.boxes[other]) for other in near):
                return 0.0
            total += share
        return total / len(part)

    def _nearest(self, row: _Row, x: float) -> _Row:
        """The few of a row that are nearest to some place."""
        low = high = bisect(row, x, key=lambda i: self.centers[i][0])
        while high - low < min(_NEAR, len(row)):
            before = x - self.centers[row[low - 1]][0] if low else math.inf
            after = self.centers[row[high]][0] - x if high < len(row) else math.inf
            low, high = (low - 1, high) if before <= after else (low, high + 1)
        return row[low:high]

    def line(self, near: Sequence[int]) -> _Line:
        """The line through boxes beside each other, held to the page's slope where they say little."""
        key = tuple(near)
        if key not in self._lines:
            self._lines[key] = self._fitted(key)
        return self._lines[key]

    def _fitted(self, near: Sequence[int]) -> _Line:
        count = len(near)
        xs = [self.centers[i][0] for i in near]
        half = sorted(self.boxes[i].height for i in near)[count // 2] / 2
        x, y = sum(xs) / count, sum(self.centers[i][1] for i in near) / count
        off = [self.centers[i][1] - y - self.slope * (self.centers[i][0] - x) for i in near]
        stiff = _STIFF * (2 * half) ** 2 * count
        bend = sum((a - x) * b for a, b in zip(xs, off, strict=True)) / (sum((a - x) ** 2 for a in xs) + stiff + 1e-9)
        return _Line(x, y, self.slope, bend, (min(xs), max(xs)), half)

    def put(self, index: int, blocks: list[list[_Row]], bands: _Bands) -> None:
        """Put what is no digit on the row that runs where it stands; else on a row of its own in the nearest block."""
        fits = [(self.shared([index], bands.rows[number]), -number) for number in bands.near(index)]
        share, number = max(fits, default=(0.0, 0))
        if share > _LEAST:
            insort(bands.rows[-number], index, key=self.place)
            bands.widen(-number, index)
        else:
            row = [index]
            block = blocks[0] if len(blocks) == 1 else min(blocks, key=lambda block: self._distance(index, block))
            block.append(row)
            bands.add(row)

    def _distance(self, index: int, block: list[_Row]) -> float:
        """How far a box is from the nearest of a block."""
        x, y = self.centers[index]
        return min(math.hypot(self.centers[i][0] - x, self.centers[i][1] - y) for row in block for i in row)


class _Bands:
    """Between which heights each row runs, as if it lay level: few are near a box, and need a closer look."""

    def __init__(self, page: _Page, rows: Iterable[_Row]) -> None:
        self.rows: list[_Row] = []
        self._page = page
        self._edges = np.zeros((64, 2))
        for row in rows:
            self.add(row)

    def add(self, row: _Row) -> None:
        """Know one more row."""
        if len(self.rows) == len(self._edges):
            self._edges = np.concatenate([self._edges, np.zeros_like(self._edges)])
        self.rows.append(row)
        self._edges[len(self.rows) - 1] = math.inf, -math.inf
        for index in row:
            self.widen(len(self.rows) - 1, index)

    def widen(self, number: int, index: int) -> None:
        """Know that a row has one more box."""
        top, bottom = self._level(index)
        edges = self._edges[number]
        edges[:] = min(edges[0], top), max(edges[1], bottom)

    def near(self, index: int) -> list[int]:
        """Which rows may run where a box stands, however they bend."""
        top, bottom = self._level(index)
        low, high = self._edges[: len(self.rows)].T
        return np.flatnonzero((2 * low - high < bottom) & (2 * high - low > top)).tolist()

    def _level(self, index: int) -> tuple[float, float]:
        box = self._page.boxes[index]
        lower = self._page.slope * self._page.centers[index][0]
        return box.y0 - lower, box.y1 - lower


def _blocks(page: _Page, indices: Sequence[int]) -> list[list[_Row]]:
    """The rows of each block that is read by itself, from the left."""
    rows = page.rows(indices)
    if len(rows) < _FEWEST_ROWS[1]:
        return [rows]
    for left, right in _gutters(page, indices):
        if _are_blocks(page, page.rows(left), page.rows(right)):
            return [*_blocks(page, left), *_blocks(page, right)]
    return [rows]


def _gutters(page: _Page, indices: Sequence[int]) -> list[tuple[list[int], list[int]]]:
    """What stands to the left and right of each gap through all rows, the widest first."""
    height = statistics.median(page.boxes[i].height for i in indices)
    lean = {i: page.slope * page.centers[i][1] for i in indices}  # a turned page's gutter leans as its rows slope
    order = sorted(indices, key=lambda i: page.boxes[i].x0 + lean[i])
    gaps: list[tuple[float, int]] = []
    reach = -math.inf
    for number, index in enumerate(order):
        box = page.boxes[index]
        if number and box.x0 + lean[index] - reach > _GUTTER * height:
            gaps.append((box.x0 + lean[index] - reach, number))
        reach = max(reach, box.x1 + lean[index])
    return [(order[:number], order[number:]) for _, number in sorted(gaps, reverse=True)]


def _are_blocks(page: _Page, left: list[_Row], right: list[_Row]) -> bool:
    """Whether the rows on both sides of a gutter are too many to miss each other by chance, and do."""
    few, many = sorted((left, right), key=len)
    if len(few) < _FEWEST_ROWS[0] or len(many) < _FEWEST_ROWS[1]:
        return False
    if any(sum(map(len, side)) < 1.5 * len(side) for side in (left, right)):
        return False
    nearest = [max(_meeting(page, row, other) for other in many) for row in few]
    met = [share for share in nearest if share > 0]  # a row may have nothing beside it
    return len(met) >= _FEWEST_ROWS[0] and statistics.fmean(met) < _MEET


def _meeting(page: _Page, row: _Row, other: _Row) -> float:
    """How much of their height two rows on the two sides of a gutter share in the middle of it."""
    a, b = sorted((row, other), key=lambda one: page.centers[one[0]][0])
    one, two = page.line(a[-_NEAR:]), page.line(b[:_NEAR])
    x = (one.known[1] + two.known[0]) / 2
    apart = abs(one.at(x) - two.at(x))
    return (one.half + two.half - apart) / (2 * min(one.half, two.half))


def _is_stacked(a: Box, b: Box) -> bool:
    """Whether one box stands above another rather than beside it."""
    wide = (min(a.x1, b.x1) - max(a.x0, b.x0)) / max(1, min(a.width, b.width))
    high = (min(a.y1, b.y1) - max(a.y0, b.y0)) / max(1, min(a.height, b.height))
    return wide > 0.5 and wide > high


def _usual_slope(boxes: Sequence[Box]) -> float:
    """The slope that most neighbours in a row agree on, as dy/dx; 0 for too few boxes to tell."""
    if len(boxes) < 3:
        return 0.0
    centers = np.array([box.center for box in boxes])
    heights = np.array([box.height for box in boxes], np.float64)
    parts = range(0, len(boxes), _AT_ONCE)
    pairs = np.concatenate([_next_in_row(centers, heights, slice(part, part + _AT_ONCE)) for part in parts])
    if len(pairs) < 2:
        return 0.0
    return float(np.median(pairs[:, 1] / pairs[:, 0]))


def _next_in_row(centers: Floats, heights: Floats, part: slice) -> Floats:
    """How far it is, to the right and down, from each of a part of the boxes to the next one in its row, if any."""
    delta = centers[None, :] - centers[part, None]
    ahead = (delta[:, :, 0] > 0.3 * heights[part, None]) & (np.abs(delta[:, :, 1]) < 0.6 * delta[:, :, 0])
    distance = np.where(ahead, np.hypot(delta[:, :, 0], 2 * delta[:, :, 1]), np.inf)
    has = np.flatnonzero(ahead.any(axis=1))
    return np.asarray(delta[has, distance[has].argmin(axis=1)], np.float64)
