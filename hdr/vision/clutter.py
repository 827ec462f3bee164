"""Connected ink to what of it may be digits, with a reason for what is clutter: specks, frames, cells, rules, edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box, bounding_box
from hdr.vision.components import find_components

TOO_LARGE = "larger than asked for"
_SMALL, LARGE = 0.32, 3.2
"""Digits are between these times the typical height of the page's ink; other ink is specks, strokes or frames."""
_MANY_LARGE, _MUCH_LARGE = 4, 0.2
"""So many of one height, with so much of the ink of what is typical, are writing amid print, not frames."""
_FRAME_PART = 0.35
_FRAME_HOLDS = 4
"""Ink that spans this part of the page and has more than so many pieces of other ink inside is a frame or grid."""
_SOLID = 0.6
"""What covers more of its box than this at the edge of the page is a hole or a wire, not a stroke."""
_BLOT = 0.72
"""Ink that covers more of the square around it than this is too solid to be made of strokes."""
_TINY = 0.66
"""Below the setting by so much, ink is no speck where digits are as little above it."""
_LEAST_CELL = 12
_STRAIGHT = 0.9
"""The cell of a form is at least so many pixels wide and high, and this part of each of its sides is ink."""
_MOST_PARTS = 4000
"""A page of noise has more components than anybody writes digits: of more than this, the largest."""


@dataclass(frozen=True)
class Part:
    """One connected component: its number in the label image, its box and its pixels of ink."""

    index: int
    box: Box
    area: int


Group = list[Part]


@dataclass(frozen=True, eq=False)
class Sizes:
    """Of all ink that may tell how large a page's digits are: ink at its edge has no say where there is other ink.

    Parameters
    ----------
    heights, areas
        Shape (groups,), ``float64``: in pixels, and pixels of ink.
    """

    heights: NDArray[np.float64]
    areas: NDArray[np.float64]


def find_parts(mask: NDArray[np.bool_], smallest_px: int) -> tuple[list[Part], NDArray[np.int32]]:
    """Find the connected components that are no specks, and the label image that their numbers refer to."""
    found = find_components(mask)
    longest = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1)  # 0 for the paper
    wanted = np.flatnonzero(longest >= max(1, round(_TINY * smallest_px)))
    if wanted.size > _MOST_PARTS:
        wanted = np.sort(wanted[np.argsort(-found.areas[wanted], kind="stable")[:_MOST_PARTS]])
    numbers = zip(wanted.tolist(), found.boxes[wanted].tolist(), found.areas[wanted].tolist(), strict=True)
    parts = [Part(index, Box(*edges), area) for index, edges, area in numbers]
    return _without_specks(parts, smallest_px, (mask.shape[1], mask.shape[0])), found.marks


def _without_specks(parts: list[Part], smallest_px: int, size: tuple[int, int]) -> list[Part]:
    """Leave out what is smaller than a digit, but judge kindly where the page's digits are hardly larger than that."""
    large = [part for part in parts if max(part.box.width, part.box.height) >= smallest_px]
    if len(large) == len(parts):
        return parts
    typical = typical_height(find_sizes([[part] for part in large], size))
    return parts if 0 < typical < smallest_px / _TINY else large


def drop_high(parts: list[Part], largest_px: int) -> tuple[list[Part], list[tuple[Box, str]]]:
    """Take out what is higher than asked for, 0 being any height; what is wider may be several digits that touch."""
    if not largest_px:
        return parts, []
    high = [part.box.height > largest_px for part in parts]
    kept = [part for part, is_high in zip(parts, high, strict=True) if not is_high]
    return kept, [(part.box, TOO_LARGE) for part, is_high in zip(parts, high, strict=True) if is_high]


def drop_frames(parts: list[Part], size: tuple[int, int]) -> tuple[list[Part], list[tuple[Box, str]]]:
    """Take out grids and frames around other ink, and rules."""
    kept: list[Part] = []
    dropped: list[tuple[Box, str]] = []
    centers = np.array([part.box.center for part in parts], np.float64).reshape(-1, 2)
    for part in parts:
        reason = ""
        if _is_rule(part):
            reason = "line"
        elif part.box.width > size[0] * _FRAME_PART or part.box.height > size[1] * _FRAME_PART:
            reason = "frame" if count_within(part.box, centers) > _FRAME_HOLDS else ""
        if reason:
            dropped.append((part.box, reason))
        else:
            kept.append(part)
    return kept, dropped


def _is_rule(part: Part) -> bool:
    return part.box.width >= 8 * part.box.height and part.box.width >= 24


def drop_cells(parts: list[Part], marks: NDArray[np.int32]) -> tuple[list[Part], list[tuple[Box, str]]]:
    """Take out the cells of forms: boxes with straight sides that hold other ink, and empty ones of the same size."""
    straight = [part for part in parts if _is_straight_box(part, marks)]
    holding = [part for part in straight if any(_within(other.box, part.box) for other in parts)]
    cells = {part.index for part in straight if any(_alike(part.box, other.box) for other in holding)}
    dropped = [(part.box, "cell") for part in parts if part.index in cells]
    return [part for part in parts if part.index not in cells], dropped


def _is_straight_box(part: Part, marks: NDArray[np.int32]) -> bool:
    """Whether ink goes along all four sides of its box, as that of no round digit does."""
    if min(part.box.width, part.box.height) < _LEAST_CELL or part.area > 0.5 * part.box.area:
        return False
    window = marks[part.box.slices]
    near_y, near_x = max(2, round(0.08 * part.box.height)), max(2, round(0.08 * part.box.width))
    sides = ((window[:near_y], 0), (window[-near_y:], 0), (window[:, :near_x], 1), (window[:, -near_x:], 1))
    return all(_goes_along(side == part.index, axis) for side, axis in sides)  # most fail at the first


def _goes_along(side: NDArray[np.bool_], across: int) -> bool:
    along = side.any(axis=across)
    return bool(np.count_nonzero(along) > _STRAIGHT * along.size)


def count_within(box: Box, centers: NDArray[np.float64]) -> int:
    """How many of some points lie in a box."""
    return int(np.count_nonzero((centers > (box.x0, box.y0)).all(axis=1) & (centers < (box.x1, box.y1)).all(axis=1)))


def _within(inner: Box, outer: Box) -> bool:
    return outer.x0 < inner.x0 and outer.y0 < inner.y0 and inner.x1 < outer.x1 and inner.y1 < outer.y1


def _alike(a: Box, b: Box) -> bool:
    return abs(a.width - b.width) <= 0.12 * b.width and abs(a.height - b.height) <= 0.12 * b.height


def typical_height(sizes: Sizes) -> float:
    """The height of the page's digits: the one that most ink agrees with, large ink counting for more than small."""
    heights = sizes.heights
    if not heights.size:
        return 0.0
    weights = sizes.areas**0.75
    candidates = np.unique(heights)
    agree = (heights > candidates[:, None] / 1.6) & (heights < candidates[:, None] * 1.6)
    best = agree[int((agree * weights).sum(axis=1).argmax())]
    order = np.argsort(heights[best])
    below = np.cumsum(weights[best][order])
    return float(heights[best][order][np.searchsorted(below, below[-1] / 2)])


def larger_height(sizes: Sizes, typical: float) -> float:
    """The height of large writing amid so much small print that this is what is typical; 0 where there is none."""
    heights, areas = sizes.heights, sizes.areas
    small, large = heights < 1.6 * typical, heights > LARGE * typical
    if np.count_nonzero(large) < _MANY_LARGE:
        return 0.0
    height = float(np.median(heights[large]))
    alike = large & (heights > height / 1.6) & (heights < height * 1.6)
    enough = areas[alike].sum() > _MUCH_LARGE * areas[small].sum()
    return height if enough and np.count_nonzero(alike) > np.count_nonzero(large) / 2 else 0.0


def find_sizes(groups: list[Group], size: tuple[int, int]) -> Sizes:
    """Measure groups of ink on a page of (width, height)."""
    corners = np.array([(box.x0, box.y0, box.x1, box.y1) for box in map(box_of, groups)], np.int64).reshape(-1, 4)
    areas = np.array([sum(part.area for part in group) for group in groups], np.float64)
    at_edge = (corners[:, :2] <= 1).any(axis=1) | (corners[:, 2:] >= np.array(size) - 1).any(axis=1)
    sides = corners[:, 2:] - corners[:, :2]
    blots = (areas > _BLOT * sides.max(axis=1) ** 2) & (sides.min(axis=1) > 6)
    chosen = ~(at_edge | blots)
    if not chosen.any():
        chosen[:] = True
    return Sizes(sides[chosen, 1].astype(np.float64), areas[chosen])


def box_of(group: Group) -> Box:
    """The smallest box that holds a group."""
    return group[0].box if len(group) == 1 else bounding_box(part.box for part in group)


def _edges(box: Box, size: tuple[int, int]) -> tuple[bool, bool, bool, bool]:
    """Which edges of the page a box touches: left, top, right, bottom."""
    return box.x0 <= 1, box.y0 <= 1, box.x1 >= size[0] - 1, box.y1 >= size[1] - 1


def _is_blot(group: Group, box: Box) -> bool:
    """Whether it is too solid to be made of strokes."""
    return sum(part.area for part in group) > _BLOT * max(box.width, box.height) ** 2 and min(box.width, box.height) > 6


def why_no_digit(box: Box, group: Group, typical: float) -> str:
    """The reason why ink is no digit; empty where it may be one."""
    if box.height < _SMALL * typical:
        return "small beside the other ink"
    if box.height > LARGE * typical:
        return "large beside the other ink"
    # A row of touching digits is as wide as a line, but as high as a digit.
    if box.width > (2.5 if box.height < 0.6 * typical else 12) * box.height:
        return "line"
    if _is_blot(group, box) and box.height > 12:
        return "blot"
    return ""


def crowded_edges(boxes: list[Box], size: tuple[int, int]) -> tuple[bool, ...]:
    """Which edges of the page hold more ink than a digit cut off: a binding, a desk, the shade of a fold."""
    return tuple(count >= 3 for count in map(sum, zip(*(_edges(box, size) for box in boxes), strict=True)))


def why_edge(box: Box, group: Group, typical: float, size: tuple[int, int], crowded: tuple[bool, ...]) -> str:
    """The reason why ink at the edge of the page is rather the edge than a digit that it cuts."""
    edges = _edges(box, size)
    if not any(edges):
        return ""
    # A picture cut to its one digit has ink at opposite edges or at all; a corner has it at two that meet.
    corner = (edges[0] != edges[2]) and (edges[1] != edges[3])
    beyond = max(box.width, box.height) > 1.7 * typical
    thin = min(box.width, box.height) < 0.12 * typical
    # Digits cut off in several rows crowd an edge too, but they are strokes of the height of the others.
    strokes = sum(part.area for part in group) < _SOLID * box.area
    like_others = strokes and 0.7 * typical < box.height < 1.35 * typical and 0.25 * typical < box.width < 1.1 * typical
    bound = not like_others and any(edge and many for edge, many in zip(edges, crowded, strict=True))
    return "page edge" if corner or beyond or thin or bound else ""
