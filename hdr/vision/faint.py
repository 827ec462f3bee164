"""Ink and its regions to the same with the digits that were written so much fainter that one level missed them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.settings import SegmentSettings
from hdr.vision.binarize import Ink
from hdr.vision.light import count_levels, estimate_paper, mean_level, otsu_level, shrink
from hdr.vision.rules import remove_rules
from hdr.vision.segment import Region, Segmentation, find_regions

_FAINTEST = 14
_BOLD = 0.5 * 255
"""Between these strengths (0 to 255) ink may be faint; what is fainter is paper."""
_LOOKED_AT_PX = 800
"""Pixels between are left out where a page is longer: here only the question is whether to look closer."""
_HALVED_PX = 200
"""On a copy whose short side is this, the light is looked for on one of half the size."""
_SIGN = 0.0012
"""From this part of a page on, what is neither paper nor ink is worth a second look."""
_LEAST_OF_TYPICAL, _MOST_OF_TYPICAL = 0.6, 1.6
"""Faint digits are of about the height of the others."""
_ALONE = 3
"""So many of one height are believed where there are no others."""
_SHARP = 0.86, 1.25
"""Their edges are about as sharp as those of bold ink: what shows through from the back of the paper is blurred, and
what a thick line leaves beside it is sharper."""
_THINNEST = 0.3
_AROUND = 0.3
"""Ink thinner than this part of the usual pen, or with more than this part of it (or of bold ink) in one place with
bold ink, is the seam of a stroke or a box."""
_AMONG = 0.4
"""Digits are at least this part of the faint ink; else it is the grain of paper or a desk, some of it alike."""
_COMPARED = 12
_NOISE_TIMES = 5


def find_faint(ink: Ink, found: Segmentation, settings: SegmentSettings | None = None) -> tuple[Ink, Segmentation]:
    """Look again, between the ink that was found, for ink of the same size and sharpness that is fainter.

    Parameters
    ----------
    ink
        The page's ink.
    found
        Its regions.
    settings
        As the regions were found with.

    Returns
    -------
    Both with the faint digits among them, or both as they were.
    """
    if not _shows_more(ink):
        return ink, found
    beside = cv2.dilate(ink.mask.view(np.uint8), np.ones((7, 7), np.uint8)) == 0
    rest = _evened(ink) * beside.view(np.uint8)
    mask = _upper_level(rest)
    if mask is None:
        return ink, found
    chosen = _chosen(find_regions(remove_rules(mask), settings).regions, found.regions, ink.strength)
    if not chosen:
        return ink, found
    return _with(ink, rest, chosen), dataclasses.replace(found, regions=(*found.regions, *chosen))


def _shows_more(ink: Ink) -> bool:
    """Whether enough of the page is neither paper nor near ink; a quick look that spares most pages the slower one."""
    step = max(1, max(ink.strength.shape) // _LOOKED_AT_PX)
    small = shrink(255 - ink.strength[::step, ::step])
    halved = min(small.shape) >= _HALVED_PX
    rough = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) if halved else small
    departure = cv2.subtract(_light(np.asarray(rough, np.uint8), small.shape), small)
    near = cv2.dilate(np.asarray(departure > _BOLD, np.uint8), np.ones((5, 5), np.uint8))
    return bool(np.count_nonzero((departure > _FAINTEST) & (near == 0)) > _SIGN * small.size)


def _light(page: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(estimate_paper(page), shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _evened(ink: Ink) -> NDArray[np.uint8]:
    """The strength with that of the paper, where its light is uneven, taken off."""
    page = 255 - ink.strength
    return np.asarray(cv2.subtract(_light(page, page.shape), page), np.uint8)


def _upper_level(rest: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Otsu once more, on what is left; None where it divides nothing but grain."""
    noise = 1.5 * float(np.mean(cv2.absdiff(rest[::2, ::2], cv2.medianBlur(np.ascontiguousarray(rest[::2, ::2]), 3))))
    counts = count_levels(rest)
    counts[0] = 0
    if not counts.any():
        return None
    level = max(otsu_level(counts), _FAINTEST / 2, 3 * noise)
    above = np.where(np.arange(256) > level, counts, 0)
    if not above.any() or mean_level(above) < max(_FAINTEST, _NOISE_TIMES * noise):
        return None
    return np.asarray(rest > level, np.bool_)


def _chosen(faint: Sequence[Region], bold: Sequence[Region], strength: NDArray[np.uint8]) -> list[Region]:
    if len(faint) < (1 if bold else _ALONE):
        return []
    measure = bold[:: max(1, len(bold) // _COMPARED)] or faint
    height = float(np.median([region.box.height for region in measure]))
    pen_px = float(np.median([region.pen_px for region in measure]))
    fewest = max(_AMONG * len(faint), 0 if bold else _ALONE)
    fitting = [one for one in faint if _LEAST_OF_TYPICAL * height < one.box.height < _MOST_OF_TYPICAL * height]
    fitting = [one for one in fitting if one.pen_px > _THINNEST * pen_px] if len(fitting) > fewest else []
    if len(fitting) <= fewest:
        return []
    sharp = float(np.median([_sharpness(region, strength) for region in measure]))
    chosen = [
        one
        for one in fitting
        if not any(one.box.intersection(other.box) > _AROUND * min(one.box.area, other.box.area) for other in bold)
        and _SHARP[0] * sharp < _sharpness(one, strength) < _SHARP[1] * sharp
    ]
    return chosen if len(chosen) > fewest else []


def _sharpness(region: Region, strength: NDArray[np.uint8]) -> float:
    """How steep the edges of ink are, per pixel and in parts of its own strength."""
    box = region.box.padded(3).clipped(strength.shape[1], strength.shape[0])
    own = np.zeros((box.height, box.width), np.uint8)
    rows, columns = region.box.shifted(-box.x0, -box.y0).slices
    own[rows, columns] = region.mask
    soft = cv2.GaussianBlur(strength[box.slices].astype(np.float32), (0, 0), 1.0)
    steep = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125))
    edge = (cv2.dilate(own, np.ones((3, 3), np.uint8)) > 0) & (cv2.erode(own, np.ones((3, 3), np.uint8)) == 0)
    return float(np.percentile(steep[edge], 70)) / max(1.0, float(np.percentile(soft[own > 0], 90)))


def _with(ink: Ink, rest: NDArray[np.uint8], faint: Sequence[Region]) -> Ink:
    """The ink with that of some regions, as strong there as bold ink is elsewhere."""
    mask, strength = ink.mask.copy(), ink.strength.copy()
    for region in faint:
        mask[region.box.slices] |= region.mask
        box = region.box.padded(2).clipped(mask.shape[1], mask.shape[0])
        usual = float(np.median(rest[region.box.slices][region.mask]))
        stronger = np.clip(rest[box.slices] * (255 / max(1.0, usual)), 0, 255).astype(np.uint8)
        np.maximum(strength[box.slices], stronger, out=strength[box.slices])
    return dataclasses.replace(ink, mask=mask, strength=strength, method="two levels")
