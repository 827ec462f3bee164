"""One region of touching digits to the pieces that its digits may be made of; which pieces, a classifier judges."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box
from hdr.vision.segment import Region

_CUTS_A_DIGIT = 3
_ROWS = 48
"""Seams are looked for on a copy of this height: digits touch by strokes, not by single pixels."""
_BEND = 0.3
"""How far a seam may wander from where it starts, in heights of the region."""
_APART = 0.12
"""Seams start at least so far from each other, in heights of the region."""
_NARROWEST, _WIDEST = 0.1, 1.3
"""Width of a piece in heights of the region."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """The ways to divide a region.

    Parameters
    ----------
    nodes
        How many places it can be cut at, both ends included.
    spans
        From which node to which each piece reaches.
    regions
        The pieces themselves, one a span.
    strokes
        How many strokes of the pen each cut goes through: one where two digits touch, two through a 0.
    """

    nodes: int
    spans: tuple[tuple[int, int], ...]
    regions: tuple[Region, ...]
    strokes: tuple[float, ...]


def split_touching(region: Region) -> Pieces:
    """Cut a region where digits may touch, and list the pieces between any two cuts that may be one digit.

    Cuts are seams from top to bottom through as little ink as can be: over-segmentation, as readers of postal codes and
    of amounts on cheques do it.

    References
    ----------
    R. G. Casey, E. Lecolinet, "A survey of methods and strategies in character segmentation", 1996,
    doi:10.1109/34.506792 (over-segmentation, then recognition).
    S. Avidan, A. Shamir, "Seam carving for content-aware image resizing", 2007, doi:10.1145/1276377.1276390 (the seam).
    """
    seams = _seams(region.mask)
    height, width = region.mask.shape
    columns = np.arange(width)
    # sides[k] is what lies left of cut k; the first cut is the left edge, the last the right one.
    left = [columns[None, :] < seam[:, None] for seam in seams]
    sides = [np.zeros_like(region.mask), *left, np.ones_like(region.mask)]
    pen_px = region.pen_px
    crossed = [_strokes(region.mask[np.arange(height), np.minimum(seam, width - 1)], pen_px) for seam in seams]
    before, after = [region.mask & side for side in sides], [~side for side in sides]
    spans: list[tuple[int, int]] = []
    pieces: list[Region] = []
    for start in range(len(sides) - 1):
        for end in range(start + 1, len(sides)):
            piece = _trimmed(region, before[end] & after[start])
            if (
                piece
                and _NARROWEST * height <= piece.box.width <= _WIDEST * height
                and piece.box.height >= 0.4 * height
            ):
                spans.append((start, end))
                pieces.append(piece)
    return Pieces(len(sides), tuple(spans), tuple(pieces), (0.0, *crossed, 0.0))


def _strokes(ink: NDArray[np.bool_], pen_px: float) -> float:
    """How many strokes a cut goes through: its runs of ink, and more where it goes along a stroke."""
    runs = np.count_nonzero(np.diff(ink.astype(np.int8), prepend=0) == 1)
    return float(runs) + max(0.0, np.count_nonzero(ink) / max(1.0, pen_px) - 3 * runs) / 4


def _trimmed(region: Region, mask: NDArray[np.bool_]) -> Region | None:
    inner = Box.from_xywh(*cv2.boundingRect(mask.view(np.uint8)))
    if not inner.area:
        return None
    return Region(inner.shifted(region.box.x0, region.box.y0), np.ascontiguousarray(mask[inner.slices]))


def _seams(mask: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The cheapest seams, from left to right, as a column for each row of the mask."""
    height, width = mask.shape
    rows = min(_ROWS, height)
    size = max(2, round(width * rows / height)), rows
    small = np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
    starts = np.arange(round(_NARROWEST * rows), size[0] - round(_NARROWEST * rows))
    if not starts.size:
        return []
    costs, paths = _cheapest(small, starts, max(1, round(_BEND * rows)))
    chosen: list[int] = []
    most = _CUTS_A_DIGIT * max(2, round(width / height / 0.6))
    for index in np.argsort(costs, kind="stable"):
        if len(chosen) < most and all(abs(int(index) - other) >= _APART * rows for other in chosen):
            chosen.append(int(index))
    grown = np.minimum((np.arange(height) * rows) // height, rows - 1)
    winding = np.round((paths[chosen][:, grown] + 0.5) * width / size[0]).astype(np.intp)
    straight = np.repeat(_valleys(mask)[:, None], height, axis=1)
    seams = np.concatenate([winding, straight])
    seams = seams[np.argsort(seams.mean(axis=1), kind="stable")]
    # Seams may meet but must not cross, else a piece would have ink on both sides of another.
    return list(np.maximum.accumulate(seams, axis=0))


def _valleys(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Columns where the outline dips from above and from below, as between two round digits that touch at their waists.

    A seam rather goes through the thin top and bottom of a 0 than through the thick place where two of them meet.
    """
    height, width = mask.shape
    reach = max(2, round(_APART * height))
    depth = (mask.argmax(axis=0) + mask[::-1].argmax(axis=0)).astype(np.float32)
    depth[~mask.any(axis=0)] = height
    highest = cv2.dilate(depth[None], np.ones((1, 2 * reach + 1), np.uint8))[0]
    edge = round(_NARROWEST * height)
    inner = (np.arange(width) >= edge) & (np.arange(width) < width - edge)
    peaks = np.flatnonzero((depth >= highest) & (depth >= 0.12 * height) & inner)
    # Of a level floor the middle.
    groups = np.split(peaks, np.flatnonzero(np.diff(peaks) > 1) + 1) if peaks.size else []
    return np.array([group[len(group) // 2] for group in groups], np.intp)


def _cheapest(
    ink: NDArray[np.float32], starts: NDArray[np.intp], bend: int
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """The cheapest way down around each of some columns: ink costs, and so does moving aside. All at once.

    Returns
    -------
    The costs, shape (starts,), and the ways, shape (starts, rows): a column a row.
    """
    rows, width = ink.shape
    padded = np.pad(ink, ((0, 0), (bend, bend)), constant_values=1e3)  # nobody leaves the region
    bands = np.lib.stride_tricks.sliding_window_view(padded, 2 * bend + 1, axis=1)[:, starts]
    aside = np.abs(np.arange(-bend, bend + 1)).astype(np.float32)
    cost = bands[0] + 0.03 * aside
    steps = np.zeros(bands.shape, np.int8)
    wide = np.full((len(starts), cost.shape[1] + 2), np.inf, np.float32)
    for row in range(1, rows):
        wide[:, 1:-1] = cost
        left, right = wide[:, :-2] + 0.05, wide[:, 2:] + 0.05
        from_left = left <= cost
        cost = np.minimum(left, cost)
        from_right = right < cost
        cost = np.minimum(right, cost) + bands[row] + 0.003 * aside
        steps[row] = from_right.view(np.int8) - (from_left & ~from_right).view(np.int8)
    everyone = np.arange(len(starts))
    paths = np.empty((len(starts), rows), np.intp)
    paths[:, -1] = cost.argmin(axis=1)
    for row in range(rows - 1, 0, -1):
        paths[:, row - 1] = paths[:, row] + steps[row, everyone, paths[:, row]]
    least = cost[everyone, paths[:, -1]]
    return least, np.clip(paths + starts[:, None] - bend, 0, width - 1)
