"""Boxes as a person handles them, as plain arithmetic; and digits put into the rows of a reading, and their order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from hdr.geometry import Box

if TYPE_CHECKING:
    from hdr.reading.results import Digit, Reading

Edges = tuple[bool, bool, bool, bool]
"""Which edges move: left, top, right, bottom."""
LEAST_PX = 2
"""A box has at least this side."""
_SAME_ROW = 0.5
HANDLES: tuple[Edges, ...] = (
    (True, True, False, False),
    (False, True, False, False),
    (False, True, True, False),
    (False, False, True, False),
    (False, False, True, True),
    (False, False, False, True),
    (True, False, False, True),
    (True, False, False, False),
)
"""From the top left corner, clockwise."""


def handle_points(box: tuple[float, float, float, float]) -> list[tuple[float, float]]:
    """Return where the handles of a box are, as in `HANDLES`; ``box`` and points on the canvas."""
    x0, y0, x1, y1 = box
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return [(x0, y0), (x, y0), (x1, y0), (x1, y), (x1, y1), (x, y1), (x0, y1), (x0, y)]


def handle_at(box: tuple[float, float, float, float], x: float, y: float, reach: float) -> Edges | None:
    """Return the edges that the handle at a point of the canvas moves; None for no handle."""
    near = [
        ((hx - x) ** 2 + (hy - y) ** 2, edges)
        for (hx, hy), edges in zip(handle_points(box), HANDLES, strict=True)
        if abs(hx - x) <= reach and abs(hy - y) <= reach
    ]
    return min(near)[1] if near else None


def moved(box: Box, dx: int, dy: int, size: tuple[int, int]) -> Box:
    """Return a box moved by whole pixels, kept on a page of (width, height)."""
    dx = min(max(dx, -box.x0), size[0] - box.x1)
    dy = min(max(dy, -box.y0), size[1] - box.y1)
    return box.shifted(dx, dy)


def resized(box: Box, edges: Edges, dx: int, dy: int, size: tuple[int, int]) -> Box:
    """Return a box with some edges moved, kept on the page; an edge stops short of the one it faces.

    Parameters
    ----------
    box
        As it is.
    edges
        Which move.
    dx, dy
        By how many whole pixels, right and down.
    size
        Width and height of the page.
    """
    left, top, right, bottom = edges
    x0 = min(max(box.x0 + dx, 0), box.x1 - LEAST_PX) if left else box.x0
    y0 = min(max(box.y0 + dy, 0), box.y1 - LEAST_PX) if top else box.y0
    x1 = max(min(box.x1 + dx, size[0]), box.x0 + LEAST_PX) if right else box.x1
    y1 = max(min(box.y1 + dy, size[1]), box.y0 + LEAST_PX) if bottom else box.y1
    return Box(x0, y0, x1, y1)


def spanned(start: tuple[float, float], end: tuple[float, float], size: tuple[int, int]) -> Box | None:
    """Return the box between two points of a page; None where it is too small to be meant."""
    (ax, ay), (bx, by) = start, end
    box = Box(round(min(ax, bx)), round(min(ay, by)), round(max(ax, bx)), round(max(ay, by))).clipped(*size)
    return box if box.width > LEAST_PX and box.height > LEAST_PX else None


def crossed(box: Box, start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Whether a line between two points goes through a box."""
    low, high = 0.0, 1.0
    for a, b, near, far in ((start[0], end[0], box.x0, box.x1), (start[1], end[1], box.y0, box.y1)):
        if a == b:
            if not near <= a <= far:
                return False
            continue
        first, last = sorted(((near - a) / (b - a), (far - a) / (b - a)))
        low, high = max(low, first), min(high, last)
    return low < high


# Rows and their order -------------------------------------------------------------------------------------------------


def with_rows(reading: Reading, rows: Iterable[Sequence[Digit]]) -> Reading:
    """Return a reading of these rows, in this order; empty ones go."""
    filled = [row for row in rows if row]
    digits = tuple(
        digit if digit.row == number else dataclasses.replace(digit, row=number)
        for number, row in enumerate(filled)
        for digit in row
    )
    return dataclasses.replace(reading, digits=digits)


def rows_of(reading: Reading) -> list[list[Digit]]:
    """Return the digits by row, what the model left out among them."""
    rows: dict[int, list[Digit]] = {}
    for digit in reading.digits:
        rows.setdefault(digit.row, []).append(digit)
    return [rows[index] for index in sorted(rows)]


def insert(rows: list[list[Digit]], digit: Digit) -> None:
    """Put a digit into the row whose height it shares, by its place from the left; else into a row of its own."""
    row = _row_for(rows, digit.box)
    if row is None:
        middle = digit.box.center[1]
        at = next((i for i, other in enumerate(rows) if _middle(other) > middle), len(rows))
        rows.insert(at, [digit])
        return
    x = digit.box.center[0]
    at = next((i for i, other in enumerate(row) if other.box.center[0] > x), len(row))
    row.insert(at, digit)


def _middle(row: Sequence[Digit]) -> float:
    return sum(digit.box.center[1] for digit in row) / len(row)


def _row_for(rows: list[list[Digit]], box: Box) -> list[Digit] | None:
    """The row of the nearest digit that shares enough of its height with a box."""
    best: tuple[float, list[Digit]] | None = None
    for row in rows:
        for digit in row:
            shared = min(digit.box.y1, box.y1) - max(digit.box.y0, box.y0)
            away = max(digit.box.x0 - box.x1, box.x0 - digit.box.x1, 0)
            level = shared >= _SAME_ROW * min(digit.box.height, box.height) and not digit.is_rejected
            if level and (best is None or away < best[0]):
                best = away, row
    return best[1] if best else None


def replaced(reading: Reading, old: Sequence[Digit], new: Sequence[Digit]) -> Reading:
    """Return a reading with some digits out and others in, each where it belongs."""
    gone = set(map(id, old))
    rows = [[digit for digit in row if id(digit) not in gone] for row in rows_of(reading)]
    rows = [row for row in rows if row]
    for digit in new:
        insert(rows, digit)
    return with_rows(reading, rows)


def reshaped(reading: Reading, old: Sequence[Digit], new: Sequence[Digit]) -> Reading:
    """Return a reading with some digits as others, each in its row and place as long as it still stands in that row."""
    instead = {id(was): now for was, now in zip(old, new, strict=True)}
    rows = [[instead.get(id(digit), digit) for digit in row] for row in rows_of(reading)]
    for digit in new:
        row = next(row for row in rows if any(other is digit for other in row))
        others = [other for other in row if other is not digit]
        if others and _row_for([others], digit.box) is None:
            row.remove(digit)
            insert(rows, digit)
    return with_rows(reading, rows)


def to_row(reading: Reading, chosen: Sequence[Digit], step: int) -> Reading:
    """Return a reading with digits in the row above (-1) or below (1); beyond the last, in a row of their own."""
    ids = set(map(id, chosen))
    rows = rows_of(reading)
    result: list[list[Digit]] = [[], *[[d for d in row if id(d) not in ids] for row in rows], []]
    for number, row in enumerate(rows, 1):
        for digit in (d for d in row if id(d) in ids):
            target = result[number + step]
            at = next((i for i, d in enumerate(target) if d.box.center[0] > digit.box.center[0]), len(target))
            target.insert(at, digit)
    return with_rows(reading, result)


def in_row(reading: Reading, digit: Digit, step: int) -> Reading:
    """Return a reading with a digit one place earlier (-1) or later (1) in its row."""
    rows = rows_of(reading)
    for row in rows:
        at = next((i for i, other in enumerate(row) if other is digit), None)
        if at is not None and 0 <= at + step < len(row):
            row[at], row[at + step] = row[at + step], row[at]
    return with_rows(reading, rows)


def broken(reading: Reading, digit: Digit) -> Reading:
    """Return a reading in which a row begins with a digit; where it began there already, it goes on the row above."""
    rows = rows_of(reading)
    number, row = next((n, row) for n, row in enumerate(rows) if any(other is digit for other in row))
    at = next(i for i, other in enumerate(row) if other is digit)
    if at:
        rows[number : number + 1] = [row[:at], row[at:]]
    elif number:
        rows[number - 1 : number + 1] = [[*rows[number - 1], *row]]
    return with_rows(reading, rows)


def indices_of(reading: Reading, digits: Iterable[Digit]) -> tuple[int, ...]:
    """Return where digits stand in a reading. They may be in other rows than they were: crop and word tell them."""
    places = {id(digit.crop): index for index, digit in enumerate(reading.digits)}
    return tuple(places[id(digit.crop)] for digit in digits if id(digit.crop) in places)
