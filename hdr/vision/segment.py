"""An ink mask to regions: the ink of one candidate digit each, and a reason for all that is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box
from hdr.settings import SegmentSettings
from hdr.vision.clutter import (
    LARGE,
    Group,
    box_of,
    count_within,
    crowded_edges,
    drop_cells,
    drop_frames,
    drop_high,
    find_parts,
    find_sizes,
    larger_height,
    typical_height,
    why_edge,
    why_no_digit,
)
from hdr.vision.join import join_strokes
from hdr.vision.rules import remove_rules

_FREED = 0.05
"""Taking lines out must set free so many more digits, in parts of those that there were."""
_TAKEN_APART = 3
"""What a digit that comes to pieces counts, in digits set free."""
_LEFT = 0.4
"""A region of which less is left when lines are taken out is a piece of a line."""
_SQUARE = np.ones((3, 3), np.uint8)
_UPRIGHT, _HIGHER = 0.7, 1.6
"""Of an upright stroke, how wide it is at most in its heights, and by how much it is higher than others."""
_PEN_KNOWN = 5
_THIN, _FAIRLY_THIN = 0.55, 0.75
"""From so many regions on the page's pen is known; slender ink below this part of its width is a printed line..."""
_RULED, _RULED_HIGH = 0.95, 1.2
"""... and fairly thin ink where it fills so much of its box and is by so much higher than the digits."""


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
        ink = self.mask.view(np.uint8)
        core = cv2.countNonZero(cv2.erode(ink, _SQUARE, borderType=cv2.BORDER_CONSTANT, borderValue=0))
        area = self.area
        return 2 * area / max(1, area - core)

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


def find_regions(
    mask: NDArray[np.bool_], settings: SegmentSettings | None = None, *, rules: bool = True
) -> Segmentation:
    """Find the candidate digits of a page.

    Connected components, without specks, frames, rules and what hangs in from the edge of the page; the broken strokes
    of one digit joined. What counts as large or small is told by the page's own ink.

    Parameters
    ----------
    mask
        Shape (height, width), ``bool``, true for ink.
    settings
        The smallest and the highest digit, and whether strokes are joined.
    rules
        Whether printed lines are looked for.
    """
    settings = settings or SegmentSettings()
    plain = _segment(mask, settings)
    without_rules = remove_rules(mask) if rules else mask
    if without_rules is mask:
        return plain
    # A grid comes out whole as a frame unless digits touch it; taken to pieces it leaves crumbs. So its lines are only
    # taken out where that sets more digits free.
    freed = _segment(without_rules, settings, amid_print=False)  # lines that crumble would pass for print
    typical = median([region.box.height for region in plain.regions] or [0])
    lines = [_is_line(region, without_rules, typical) for region in plain.regions]
    digits = [region for region, is_line in zip(plain.regions, lines, strict=True) if not is_line]
    apart = _taken_apart(digits, freed)
    if apart > len(digits) / 2:
        return plain
    before, after = _order(plain, lines), _order(freed) - _TAKEN_APART * apart
    return freed if after > before + max(1, _FREED * abs(before)) else plain


def _order(segmentation: Segmentation, lines: Sequence[bool] = ()) -> int:
    """How much the regions look like the digits of one page: how many are of one height, less those that are not.

    Those that are pieces of lines are not, whatever their height.
    """
    heights = np.array([region.box.height for region in segmentation.regions])
    slender = np.array([region.box.width < 0.22 * region.box.height for region in segmentation.regions])
    if not heights.size:
        return 0
    others = slender | np.array(lines, np.bool_) if lines else slender
    alike = (heights[None, :] > heights[:, None] / 1.4) & (heights[None, :] < heights[:, None] * 1.4) & ~others
    return 2 * int(alike.sum(axis=1).max()) - heights.size


def _is_line(region: Region, without_rules: NDArray[np.bool_], typical: float) -> bool:
    """Whether a region is mostly gone once lines are taken out; but an upright one as high as others is a 1 or a 7."""
    if region.box.width < _UPRIGHT * region.box.height < _UPRIGHT * _HIGHER * typical:
        return False
    left = int(np.count_nonzero(without_rules[region.box.slices] & region.mask))
    return left < _LEFT * region.area


def _taken_apart(digits: Sequence[Region], freed: Segmentation) -> int:
    """How many regions that may be one digit have come to pieces, or are gone."""
    centers = np.array([region.box.center for region in freed.regions], np.float64).reshape(-1, 2)
    upright = [region.box for region in digits if region.box.width < 1.3 * region.box.height]
    return sum(count_within(box, centers) != 1 for box in upright)


def _segment(mask: NDArray[np.bool_], settings: SegmentSettings, *, amid_print: bool = True) -> Segmentation:
    size = mask.shape[1], mask.shape[0]
    parts, marks = find_parts(mask, settings.smallest_px)
    parts, dropped = drop_high(parts, settings.largest_px)
    parts, frames = drop_frames(parts, size)
    parts, cells = drop_cells(parts, marks)
    dropped += frames + cells
    sizes = find_sizes([[part] for part in parts], size)
    typical = typical_height(sizes)
    parts.sort(key=lambda part: -part.area)
    joined = join_strokes([part.box for part in parts], typical) if settings.join else [[i] for i in range(len(parts))]
    groups = [[parts[i] for i in group] for group in joined]
    if len(groups) < len(parts):
        sizes = find_sizes(groups, size)
        typical = typical_height(sizes)
    larger = larger_height(sizes, typical) if amid_print else 0.0
    crowded = crowded_edges([part.box for part in parts], size)
    regions: list[Region] = []
    for group in groups:
        box = box_of(group)
        usual = larger if box.height > LARGE * typical and larger else typical
        reason = why_no_digit(box, group, usual) or why_edge(box, group, usual, size, crowded)
        if reason:
            dropped.append((box, reason))
        else:
            regions.append(_cut(marks, group, box))
    return _without_thin_lines(Segmentation(tuple(regions), tuple(dropped)))


def _without_thin_lines(segmentation: Segmentation) -> Segmentation:
    """Take out pieces of printed lines: slender ink much thinner than the pen that wrote the rest, or as by a ruler."""
    regions = segmentation.regions
    if len(regions) < _PEN_KNOWN:
        return segmentation
    pens = [region.pen_px for region in regions]
    usual = median(pens)  # of NumPy's own median a few numbers take twenty times as long
    high = _RULED_HIGH * median(region.box.height for region in regions)
    kept: list[Region] = []
    dropped = list(segmentation.dropped)
    for region, pen in zip(regions, pens, strict=True):
        slender = min(region.box.width, region.box.height) < 0.4 * max(region.box.width, region.box.height)
        ruled = region.box.height > high and region.area > _RULED * region.box.area
        if slender and pen < (_FAIRLY_THIN if ruled else _THIN) * usual:
            dropped.append((region.box, "thin beside the other ink"))
        else:
            kept.append(region)
    return Segmentation(tuple(kept), tuple(dropped))


def _cut(marks: NDArray[np.int32], group: Group, box: Box) -> Region:
    window = marks[box.slices]
    ink = window == group[0].index
    for part in group[1:]:
        ink |= window == part.index
    return Region(box, ink)
