"""An ink mask to regions: the ink of one candidate digit each, and a reason for all that is left out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box, bounding_box
from hdr.settings import SegmentSettings
from hdr.vision.join import join_strokes
from hdr.vision.rules import remove_rules

_LEAST_OF_TYPICAL = 0.32
_MOST_OF_TYPICAL = 3.2
"""Digits are between these times the typical height of the page's ink; other ink is specks, strokes or frames."""
_FRAME_PART = 0.35
_FRAME_HOLDS = 4
"""Ink that spans this part of the page and has more than so many pieces of other ink inside is a frame or grid."""
_LEAST_CELL = 12
_STRAIGHT = 0.9
"""The cell of a form is at least so many pixels wide and high, and this part of each of its sides is ink."""
_FREED = 0.05
_PEN_KNOWN = 5
_THIN = 0.55
"""From so many regions on the page's pen is known; slender ink below this part of its width is a printed line."""
_MOST_PARTS = 4000
"""A page of noise has more components than anybody writes digits: of more than this, the largest."""


@dataclass(frozen=True, eq=False)
class Region:
    """The ink of one candidate digit.

    Parameters
    ----------
    box
        Where it is, in image pixels.
    mask
        Shape (box.height, box.width), ``bool``: its own ink, without that of neighbours inside the box.
    """

    box: Box
    mask: NDArray[np.bool_]

    @property
    def area(self) -> int:
        """Pixels of ink."""
        return int(np.count_nonzero(self.mask))

    @property
    def pen_px(self) -> float:
        """About how wide the pen was: twice the ink by its edge."""
        ink = np.pad(self.mask.view(np.uint8), 1)
        core = cv2.countNonZero(cv2.erode(ink, np.ones((3, 3), np.uint8)))
        edge = self.area - core
        return 2 * self.area / max(1, edge)

    def joined(self, other: Region) -> Region:
        """Both as one."""
        box = self.box.union(other.box)
        mask = np.zeros((box.height, box.width), np.bool_)
        for part in (self, other):
            rows, columns = part.box.shifted(-box.x0, -box.y0).slices
            mask[rows, columns] |= part.mask
        return Region(box, mask)


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What a page's ink falls into.

    Parameters
    ----------
    regions
        The candidate digits, in no order.
    dropped
        Boxes of all other ink that is more than a speck, each with the reason.
    """

    regions: tuple[Region, ...]
    dropped: tuple[tuple[Box, str], ...] = ()


@dataclass(frozen=True)
class _Part:
    """One connected component: its number in the label image, its box and its pixels of ink."""

    index: int
    box: Box
    area: int


_Group = list[_Part]


def find_regions(mask: NDArray[np.bool_], settings: SegmentSettings | None = None) -> Segmentation:
    """Find the candidate digits of a page.

    Connected components, without specks, frames, rules and what hangs in from the edge of the page; the broken strokes
    of one digit joined. What counts as large or small is told by the page's own ink.

    Parameters
    ----------
    mask
        Shape (height, width), ``bool``, true for ink.
    settings
        The smallest digit, and whether strokes are joined.
    """
    settings = settings or SegmentSettings()
    plain = _segment(mask, settings)
    without_rules = remove_rules(mask)
    if without_rules is mask:
        return plain
    # A grid comes out whole as a frame unless digits touch it; taken to pieces it leaves crumbs. So its lines are only
    # taken out where that sets more digits free.
    freed = _segment(without_rules, settings)
    before, after = _order(plain), _order(freed) - 3 * _taken_apart(plain, freed)
    return freed if after > before + max(1, _FREED * abs(before)) else plain


def _order(segmentation: Segmentation) -> int:
    """How much the regions look like the digits of one page: how many are of one height, less those that are not."""
    heights = np.array([region.box.height for region in segmentation.regions])
    slender = np.array([region.box.width < 0.22 * region.box.height for region in segmentation.regions])
    if not heights.size:
        return 0
    alike = (heights[None, :] > heights[:, None] / 1.4) & (heights[None, :] < heights[:, None] * 1.4) & ~slender
    return 2 * int(alike.sum(axis=1).max()) - heights.size


def _taken_apart(whole: Segmentation, pieces: Segmentation) -> int:
    """How many regions that may be one digit have come to pieces."""
    centers = np.array([region.box.center for region in pieces.regions], np.float64).reshape(-1, 2)
    upright = [region.box for region in whole.regions if region.box.width < 1.3 * region.box.height]
    return sum(_holds(box, centers) > 1 for box in upright)


def _segment(mask: NDArray[np.bool_], settings: SegmentSettings) -> Segmentation:
    size = mask.shape[1], mask.shape[0]
    parts, marks = _components(mask, settings.smallest_px)
    parts, dropped = _drop_frames(parts, size)
    parts, cells = _drop_cells(parts, marks)
    dropped += cells
    typical = _typical_height([[part] for part in parts], size)
    parts.sort(key=lambda part: -part.area)
    joined = join_strokes([part.box for part in parts], typical) if settings.join else [[i] for i in range(len(parts))]
    groups = [[parts[i] for i in group] for group in joined]
    typical = _typical_height(groups, size)
    crowded = _crowded_edges([part.box for part in parts], size)
    regions: list[Region] = []
    for group in groups:
        box = bounding_box(part.box for part in group)
        reason = _why_no_digit(box, group, typical) or _why_edge(box, typical, size, crowded)
        if reason:
            dropped.append((box, reason))
        else:
            regions.append(_cut(marks, group, box))
    return _without_thin_lines(Segmentation(tuple(regions), tuple(dropped)))


def _without_thin_lines(segmentation: Segmentation) -> Segmentation:
    """Take out pieces of printed lines: slender ink much thinner than the pen that wrote the rest."""
    regions = segmentation.regions
    if len(regions) < _PEN_KNOWN:
        return segmentation
    pens = [region.pen_px for region in regions]
    thin = _THIN * float(np.median(pens))
    kept: list[Region] = []
    dropped = list(segmentation.dropped)
    for region, pen in zip(regions, pens, strict=True):
        if pen < thin and min(region.box.width, region.box.height) < 0.4 * max(region.box.width, region.box.height):
            dropped.append((region.box, "thin beside the other ink"))
        else:
            kept.append(region)
    return Segmentation(tuple(kept), tuple(dropped))


def _components(mask: NDArray[np.bool_], smallest_px: int) -> tuple[list[_Part], NDArray[np.int32]]:
    _, marks, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    longest = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    longest[0] = 0  # the paper
    wanted = np.flatnonzero(longest >= smallest_px)
    if wanted.size > _MOST_PARTS:
        wanted = np.sort(wanted[np.argsort(-stats[wanted, cv2.CC_STAT_AREA], kind="stable")[:_MOST_PARTS]])
    parts = [_Part(int(i), Box.from_xywh(*map(int, stats[i, :4])), int(stats[i, cv2.CC_STAT_AREA])) for i in wanted]
    return parts, np.asarray(marks, np.int32)


def _drop_frames(parts: list[_Part], size: tuple[int, int]) -> tuple[list[_Part], list[tuple[Box, str]]]:
    """Take out grids and frames around other ink, and rules."""
    kept: list[_Part] = []
    dropped: list[tuple[Box, str]] = []
    centers = np.array([part.box.center for part in parts], np.float64).reshape(-1, 2)
    for part in parts:
        reason = ""
        if _is_rule(part):
            reason = "line"
        elif part.box.width > size[0] * _FRAME_PART or part.box.height > size[1] * _FRAME_PART:
            reason = "frame" if _holds(part.box, centers) > _FRAME_HOLDS else ""
        if reason:
            dropped.append((part.box, reason))
        else:
            kept.append(part)
    return kept, dropped


def _is_rule(part: _Part) -> bool:
    return part.box.width >= 8 * part.box.height and part.box.width >= 24


def _drop_cells(parts: list[_Part], marks: NDArray[np.int32]) -> tuple[list[_Part], list[tuple[Box, str]]]:
    """Take out the cells of forms: boxes with straight sides that hold other ink, and empty ones of the same size."""
    straight = [part for part in parts if _is_straight_box(part, marks)]
    holding = [part for part in straight if any(_within(other.box, part.box) for other in parts)]
    cells = {part.index for part in straight if any(_alike(part.box, other.box) for other in holding)}
    dropped = [(part.box, "cell") for part in parts if part.index in cells]
    return [part for part in parts if part.index not in cells], dropped


def _is_straight_box(part: _Part, marks: NDArray[np.int32]) -> bool:
    """Whether ink goes along all four sides of its box, as that of no round digit does."""
    if min(part.box.width, part.box.height) < _LEAST_CELL or part.area > 0.5 * part.box.area:
        return False
    ink = marks[part.box.slices] == part.index
    near_y, near_x = max(2, round(0.08 * part.box.height)), max(2, round(0.08 * part.box.width))
    sides = (
        ink[:near_y].any(axis=0),
        ink[-near_y:].any(axis=0),
        ink[:, :near_x].any(axis=1),
        ink[:, -near_x:].any(axis=1),
    )
    return all(float(side.mean()) > _STRAIGHT for side in sides)


def _holds(box: Box, centers: NDArray[np.float64]) -> int:
    """How many of some points lie in a box."""
    return int(np.count_nonzero((centers > (box.x0, box.y0)).all(axis=1) & (centers < (box.x1, box.y1)).all(axis=1)))


def _within(inner: Box, outer: Box) -> bool:
    return outer.x0 < inner.x0 and outer.y0 < inner.y0 and inner.x1 < outer.x1 and inner.y1 < outer.y1


def _alike(a: Box, b: Box) -> bool:
    return abs(a.width - b.width) <= 0.12 * b.width and abs(a.height - b.height) <= 0.12 * b.height


def _typical_height(groups: list[_Group], size: tuple[int, int]) -> float:
    """The height of the page's digits: the one that most ink agrees with, large ink counting for more than small.

    Ink at the page's edge has no say where there is other ink.
    """
    boxes = [bounding_box(part.box for part in group) for group in groups]
    inner = [i for i, box in enumerate(boxes) if not any(_edges(box, size)) and not _is_blot(groups[i], box)]
    chosen = inner or list(range(len(boxes)))
    if not chosen:
        return 0.0
    heights = np.array([boxes[i].height for i in chosen], np.float64)
    weights = np.array([sum(part.area for part in groups[i]) for i in chosen], np.float64) ** 0.75
    candidates = np.unique(heights)
    agree = (heights > candidates[:, None] / 1.6) & (heights < candidates[:, None] * 1.6)
    best = agree[int((agree * weights).sum(axis=1).argmax())]
    order = np.argsort(heights[best])
    below = np.cumsum(weights[best][order])
    return float(heights[best][order][np.searchsorted(below, below[-1] / 2)])


def _edges(box: Box, size: tuple[int, int]) -> tuple[bool, bool, bool, bool]:
    """Which edges of the page a box touches: left, top, right, bottom."""
    return box.x0 <= 1, box.y0 <= 1, box.x1 >= size[0] - 1, box.y1 >= size[1] - 1


def _is_blot(group: _Group, box: Box) -> bool:
    """Whether it is too solid to be made of strokes."""
    return sum(part.area for part in group) > 0.72 * max(box.width, box.height) ** 2 and min(box.width, box.height) > 6


def _why_no_digit(box: Box, group: _Group, typical: float) -> str:
    """The reason why ink is no digit; empty where it may be one."""
    if box.height < _LEAST_OF_TYPICAL * typical:
        return "small beside the other ink"
    if box.height > _MOST_OF_TYPICAL * typical:
        return "large beside the other ink"
    # A row of touching digits is as wide as a line, but as high as a digit.
    if box.width > (2.5 if box.height < 0.6 * typical else 12) * box.height:
        return "line"
    if _is_blot(group, box) and box.height > 12:
        return "blot"
    return ""


def _crowded_edges(boxes: list[Box], size: tuple[int, int]) -> tuple[bool, ...]:
    """Which edges of the page hold more ink than a digit cut off: a binding, a desk, the shade of a fold."""
    return tuple(count >= 3 for count in map(sum, zip(*(_edges(box, size) for box in boxes), strict=True)))


def _why_edge(box: Box, typical: float, size: tuple[int, int], crowded: tuple[bool, ...]) -> str:
    """The reason why ink at the edge of the page is rather the edge than a digit that it cuts."""
    edges = _edges(box, size)
    if not any(edges):
        return ""
    # A picture cut to its one digit has ink at opposite edges or at all; a corner has it at two that meet.
    corner = (edges[0] != edges[2]) and (edges[1] != edges[3])
    beyond = max(box.width, box.height) > 1.7 * typical
    thin = min(box.width, box.height) < 0.12 * typical
    bound = any(edge and many for edge, many in zip(edges, crowded, strict=True))
    return "page edge" if corner or beyond or thin or bound else ""


def _cut(marks: NDArray[np.int32], group: _Group, box: Box) -> Region:
    window = marks[box.slices]
    return Region(box, np.isin(window, [part.index for part in group]))
