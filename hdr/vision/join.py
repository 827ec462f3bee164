"""Boxes of connected ink to groups: the strokes of one digit that the pen, the paper or the camera broke."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box

_REACH = 0.22
"""How far a stroke may lie from its digit, in heights of the page's digits."""


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
    # The groups' boxes once more as an array: a page of noise has thousands, and only a few of them are near.
    corners = np.zeros((len(boxes), 4), np.int64)
    for index, box in enumerate(boxes):
        near = _near(corners[: len(groups)], box, _REACH * typical)
        belonging = [int(i) for i in near if _belong(whole[i], box, typical)]
        best = min(belonging, key=lambda i: _gap(whole[i], box), default=len(groups))
        if best == len(groups):
            groups.append([])
            whole.append(box)
        groups[best].append(index)
        whole[best] = whole[best].union(box)
        corners[best] = whole[best].x0, whole[best].y0, whole[best].x1, whole[best].y1
    return groups


def _near(corners: NDArray[np.int64], box: Box, reach_px: float) -> NDArray[np.intp]:
    gaps = np.maximum(corners[:, :2] - (box.x1, box.y1), (box.x0, box.y0) - corners[:, 2:])
    return np.flatnonzero((gaps <= reach_px).all(axis=1))


def _gap(a: Box, b: Box) -> float:
    dx = max(a.x0 - b.x1, b.x0 - a.x1, 0)
    dy = max(a.y0 - b.y1, b.y0 - a.y1, 0)
    return max(dx, dy)


def _belong(digit: Box, stroke: Box, typical: float) -> bool:
    """Whether a smaller stroke is a piece of a larger digit and not a digit, a dot or a dash of its own."""
    long_side = max(stroke.width, stroke.height)
    both = digit.union(stroke)
    if long_side < 0.15 * typical or both.height > 1.4 * typical or both.width > 1.4 * typical:
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
