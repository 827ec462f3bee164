"""Boxes of connected ink to groups: the strokes of one digit that the pen, the paper or the camera broke."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hdr.geometry import Box

_REACH = 0.22
"""How far a stroke may lie from its digit, in heights of the page's digits."""
_LARGEST = 1.4
"""No digit is higher or wider than this once strokes are joined, in the same heights."""


def join_strokes(boxes: Sequence[Box], typical: float) -> list[list[int]]:
    """Put the strokes of one digit together: a cap of a 5, a bar of a 4, the halves of a broken 0.

    Parameters
    ----------
    boxes
        Of connected ink, that with most ink first: what is smaller joins what is larger.
    typical
        Height of the page's digits in pixels.

    Returns
    -------
    Indices into ``boxes``, a list a digit; the largest ink of each comes first.
    """
    groups: list[list[int]] = []
    whole: list[Box] = []
    # Groups by the place of their corner, in squares of the largest size that they may grow to: a page of print has
    # thousands, and only those of neighbouring squares can be near.
    squares: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    side = max(1.0, _LARGEST * typical)
    for index, box in enumerate(boxes):
        near = (i for square in _around(box, side) for i in squares.get(square, ()))
        belonging = [i for i in near if _belong(whole[i], box, typical)]
        best = min(belonging, key=lambda i: (_gap(whole[i], box), i), default=len(groups))
        if best == len(groups):
            groups.append([])
            whole.append(box)
        else:
            squares[_square(whole[best], side)].remove(best)
        groups[best].append(index)
        whole[best] = whole[best].union(box)
        squares[_square(whole[best], side)].append(best)
    return groups


def _square(box: Box, side: float) -> tuple[int, int]:
    return int(box.x0 // side), int(box.y0 // side)


def _around(box: Box, side: float) -> list[tuple[int, int]]:
    column, row = _square(box, side)
    return [(x, y) for x in range(column - 1, column + 2) for y in range(row - 1, row + 2)]


def _gap(a: Box, b: Box) -> float:
    dx = max(a.x0 - b.x1, b.x0 - a.x1, 0)
    dy = max(a.y0 - b.y1, b.y0 - a.y1, 0)
    return max(dx, dy)


def _belong(digit: Box, stroke: Box, typical: float) -> bool:
    """Whether a smaller stroke is a piece of a larger digit and not a digit, a dot or a dash of its own."""
    long_side = max(stroke.width, stroke.height)
    both = digit.union(stroke)
    if long_side < 0.15 * typical or max(both.height, both.width) > _LARGEST * typical:
        return False
    if digit.intersection(stroke) >= 0.7 * stroke.area and stroke.height < 0.75 * digit.height:
        return True
    if stroke.height > 0.65 * typical and digit.height > 0.65 * typical:
        return False
    overlap = min(digit.x1, stroke.x1) - max(digit.x0, stroke.x0)
    if overlap >= 0.5 * min(digit.width, stroke.width) and _gap(digit, stroke) <= _REACH * typical:
        return True
    beside = digit.y0 - 0.15 * typical <= stroke.y0 and stroke.y1 <= digit.y1 + 0.1 * typical
    return beside and stroke.height <= 0.5 * typical and _gap(digit, stroke) <= 0.07 * typical
