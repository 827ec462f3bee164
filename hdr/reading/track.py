"""Boxes of one frame and of the next to pairs: which of them are the same digit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Edges = NDArray[np.int64]
"""Shape (boxes, 4): x0, y0, x1, y1 of each, in image pixels."""
Pairs = list[tuple[int, int]]

_FARTHEST = 0.6
"""A digit moves by at most so much of its long side from one frame to the next, beyond what all of them move."""
_RESHAPED = 0.5
"""What a change of size costs, beside a move by as many of its own sizes."""
_MOST_RESHAPED = 1.1
"""As a logarithm: three times as large at most."""


def match(before: Edges, after: Edges, drift: tuple[float, float] = (0.0, 0.0)) -> Pairs:
    """Pair the boxes that are nearest to each other in place and size, the nearest pair first.

    Parameters
    ----------
    before, after
        Boxes of two frames, each in any order.
    drift
        By how much all of them moved, x and y, as far as is known: a camera that pans goes on panning.

    Returns
    -------
    Indices into both, each at most once; in no order.

    References
    ----------
    A. Bewley, Z. Ge, L. Ott, F. Ramos, B. Upcroft, "Simple online and realtime tracking", 2016,
    doi:10.1109/ICIP.2016.7533003 (boxes alone are followed, where each is expected). The assignment is greedy here:
    writing does not overlap, so that the nearest is hardly ever the wrong one, and the Hungarian method needs SciPy.
    """
    if not len(before) or not len(after):
        return []
    order = np.lexsort(after.T)  # whichever order they came in
    costs = _costs(before, after[order], drift)
    near = np.argwhere(np.isfinite(costs))
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs: Pairs = []
    for one, other in near[np.argsort(costs[near[:, 0], near[:, 1]], kind="stable")].tolist():
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            pairs.append((one, int(order[other])))
    return pairs


def _costs(before: Edges, after: Edges, drift: tuple[float, float]) -> NDArray[np.float64]:
    """How far apart each pair is, in digits; infinite for what cannot be the same one."""
    sizes = [np.maximum((edges[:, 2:] - edges[:, :2]).max(axis=1), 1) for edges in (before, after)]
    middles = [(edges[:, :2] + edges[:, 2:]) / 2 for edges in (before, after)]
    apart = np.hypot(*(middles[0][:, None] + drift - middles[1][None]).transpose(2, 0, 1))
    moved = apart / np.maximum(sizes[0][:, None], sizes[1][None])
    reshaped = np.abs(np.log(sizes[0][:, None] / sizes[1][None]))
    possible = (moved < _FARTHEST) & (reshaped < _MOST_RESHAPED)
    return np.where(possible, moved + _RESHAPED * reshaped, np.inf)


def drift_of(before: Edges, after: Edges, pairs: Pairs) -> tuple[float, float]:
    """By how much most of the paired boxes moved, x and y in pixels; nothing for no pairs."""
    if not pairs:
        return 0.0, 0.0
    ones, others = np.array(pairs).T
    moved = (after[others] - before[ones]).reshape(-1, 2, 2).mean(axis=1)
    x, y = middle_of(moved)
    return float(x), float(y)


def middle_of(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each column, shape (columns,), of at least one row: for few rows NumPy's own is slow."""
    ordered, half = np.sort(points, axis=0), len(points) // 2
    return np.asarray((ordered[half] + ordered[-half - 1]) / 2, np.float64)
