"""A page that was turned to an upright one: the slope of its rows, its ink turned, and boxes and crops turned back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box
from hdr.vision.binarize import Ink
from hdr.vision.components import find_components
from hdr.vision.normalize import Crop

_STEEPEST = 45
_FEWEST = 3
_REACH = 8.0
"""Digits so many heights apart still tell how their row runs."""
_BAND = 0.25
"""The centres of digits of one row lie within this, in heights."""
_COMPANY = 0.9
"""Rows stand out where each digit has so much company along them; scattered digits have less."""
_FEWER_COMPANY, _STANDS_OUT, _MANY = 0.25, 8.0, 12
"""Or less, where there are so many digits, and the slope so many median deviations more company than others."""
_AS_IT_LIES = 0.15
"""How much more company there must be along the steepest slope than along a level row."""
_NEARLY = 0.6
_MOST, _MOST_PAIRS = 400, 2500
"""Of more digits and pairs, some tell the slope."""
_INK = 128


def find_slope(boxes: Sequence[Box]) -> float:
    """Find the slope of a page's rows from the centres of its digits; their own slant has no say.

    Each pair of digits that are not far apart votes for the slopes along which they stand on one row, near ones more
    than far ones. The slope is then that of all pairs on a row together, by least squares.

    Parameters
    ----------
    boxes
        Of the page's digits, in any order.

    Returns
    -------
    Degrees from -45 to 45, positive where rows go down to the right; 0 where no rows stand out.

    References
    ----------
    L. O'Gorman, "The document spectrum for page layout analysis", 1993, doi:10.1109/34.244677 (skew from pairs of
    near components).
    """
    if len(boxes) < _FEWEST:
        return 0.0
    boxes = sorted(boxes, key=lambda box: (box.y0, box.x0, box.y1, box.x1))[:: 1 + len(boxes) // _MOST]
    size = max(1.0, float(np.median([max(box.width, box.height) for box in boxes])))
    pairs = _pairs(np.array([box.center for box in boxes]) / size)
    angles = np.arange(-_STEEPEST, _STEEPEST + 1)
    step = 1 + pairs.shape[1] // _MOST_PAIRS
    company = _company(pairs[:, ::step], angles) * step / len(boxes)
    best = int((company * (1 - _AS_IT_LIES * np.abs(angles) / _STEEPEST)).argmax())
    usual = float(np.median(company))
    beyond = float(company[best]) - usual - _STANDS_OUT * float(np.median(np.abs(company - usual)))
    many = len(boxes) >= _MANY and beyond > 0
    if company[best] < (_FEWER_COMPANY if many else _COMPANY):
        return 0.0
    return _refined(pairs, _middle(company, best) + float(angles[0]))


def _pairs(centers: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each pair of near digits is apart to the right and down, in heights: shape (2, pairs)."""
    first, second = np.triu_indices(len(centers), 1)
    across, down = (centers[second] - centers[first]).T
    down = np.where(across < 0, -down, down)
    across = np.abs(across)
    apart = np.hypot(across, down)
    near = (apart < _REACH) & (apart > 0.3) & (np.abs(down) < 3.5 * across)  # no row is steeper than 74 degrees
    return np.asarray([across[near], down[near]], np.float64)


def _company(pairs: NDArray[np.float64], angles: NDArray[np.int_]) -> NDArray[np.float64]:
    """How much company all digits together have along each slope; a neighbour one height away, both ways, counts 2."""
    radians = np.radians(angles)[:, None]
    across, down = pairs.astype(np.float32)
    off = (np.cos(radians).astype(np.float32) * down - np.sin(radians).astype(np.float32) * across) / _BAND
    return np.asarray(np.maximum(0, 1 - off * off) @ (2 / np.hypot(across, down)), np.float64)


def _middle(company: NDArray[np.float64], best: int) -> float:
    """The middle, as an index, of the slopes around the best one that have nearly as much company: rows may bend."""
    poor = np.flatnonzero(company < _NEARLY * company[best])
    low = int(poor[poor < best].max(initial=-1)) + 1
    high = int(poor[poor > best].min(initial=len(company)))
    return float(np.average(np.arange(low, high), weights=company[low:high]))


def _refined(pairs: NDArray[np.float64], angle: float) -> float:
    """The slope, in degrees, that the pairs on rows of about this slope have together."""
    across, down = pairs
    for _ in range(3):
        sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
        along, off = cosine * across + sine * down, cosine * down - sine * across
        row = np.abs(off) < 0.35
        if not row.any():
            break
        angle += float(np.degrees(np.arctan((along * off)[row].sum() / (along[row] ** 2).sum())))
    return min(max(angle, -float(_STEEPEST)), float(_STEEPEST))


@dataclass(frozen=True, eq=False)
class TurnedPage:
    """A page's ink after a turn, and the way back to the page as it lies.

    Parameters
    ----------
    ink
        Of the turned page, which is as large as it must be to hold all of it.
    turned_deg
        By how much it was turned, clockwise.
    size
        (width, height) in pixels of the page as it lies.
    back
        Shape (2, 3): pixel coordinates of the turned page to those of the page as it lies.
    """

    ink: Ink
    turned_deg: float
    size: tuple[int, int]
    back: NDArray[np.float64] = field(repr=False)

    def box_back(self, box: Box) -> Box:
        """Return the box on the page as it lies that holds a box of the turned page."""
        corners = np.array([(x, y) for x in (box.x0, box.x1 - 1) for y in (box.y0, box.y1 - 1)], np.float64)
        return self._around(corners)

    def crop_back(self, crop: Crop) -> Crop:
        """Return a crop with its box tight around its ink on the page as it lies; its pixels stay upright."""
        if self.turned_deg % 90 == 0:
            return Crop(crop.pixels, self.box_back(crop.box))
        rows, columns = np.nonzero(crop.pixels >= min(_INK, int(crop.pixels.max(initial=0))))
        return Crop(crop.pixels, self._around(np.column_stack([columns + crop.box.x0, rows + crop.box.y0])))

    def _around(self, points: NDArray[np.float64]) -> Box:
        """The box around pixels of the turned page, given as shape (points, 2) of x and y."""
        there = points @ self.back[:, :2].T + self.back[:, 2]
        low, high = np.rint(there.min(axis=0)).astype(int), np.rint(there.max(axis=0)).astype(int) + 1
        return Box(*low.tolist(), *high.tolist()).clipped(*self.size)


def turn_page(ink: Ink, clockwise_deg: float, edges: Sequence[Box] = ()) -> TurnedPage:
    """Turn a page's ink; by quarters without loss.

    Parameters
    ----------
    ink
        Of the page as it lies.
    clockwise_deg
        By how much.
    edges
        Boxes of ink that hangs in from the edges of the page. After a turn that is no quarter it could no longer be
        told by its place, so it is left out.
    """
    height, width = ink.mask.shape
    there = _matrix((width, height), clockwise_deg)
    back = np.asarray(cv2.invertAffineTransform(there), np.float64)
    if clockwise_deg % 90 == 0:
        quarters = -round(clockwise_deg / 90) % 4
        mask = np.ascontiguousarray(np.rot90(ink.mask, quarters))
        strength = np.ascontiguousarray(np.rot90(ink.strength, quarters))
    else:
        size = _size_turned((width, height), clockwise_deg)
        inside = _without(ink.mask, edges)
        shown = np.where(inside | ~ink.mask, ink.strength, np.uint8(0))
        strength = np.asarray(cv2.warpAffine(shown, there, size, flags=cv2.INTER_LINEAR), np.uint8)
        soft = cv2.warpAffine(inside.view(np.uint8) * np.uint8(255), there, size, flags=cv2.INTER_LINEAR)
        mask = np.asarray(soft >= _INK, np.bool_)
    return TurnedPage(Ink(mask, strength, ink.method, ink.polarity), clockwise_deg, (width, height), back)


def turn_pixels(pixels: NDArray[np.uint8], clockwise_deg: float) -> NDArray[np.uint8]:
    """Turn a crop's pixels, white on black, about their middle; nothing is cut off."""
    if clockwise_deg % 90 == 0:
        return np.ascontiguousarray(np.rot90(pixels, -round(clockwise_deg / 90) % 4))
    height, width = pixels.shape
    size = _size_turned((width, height), clockwise_deg)
    there = _matrix((width, height), clockwise_deg)
    return np.asarray(cv2.warpAffine(pixels, there, size, flags=cv2.INTER_LINEAR), np.uint8)


def _size_turned(size: tuple[int, int], clockwise_deg: float) -> tuple[int, int]:
    """Width and height that hold a turned page."""
    sine, cosine = abs(np.sin(np.radians(clockwise_deg))), abs(np.cos(np.radians(clockwise_deg)))
    width, height = size
    return round(width * cosine + height * sine), round(width * sine + height * cosine)


def _matrix(size: tuple[int, int], clockwise_deg: float) -> NDArray[np.float64]:
    """Shape (2, 3): the turn about the middle of the page onto the middle of one that holds it."""
    (width, height), (wide, high) = size, _size_turned(size, clockwise_deg)
    matrix = np.asarray(cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -clockwise_deg, 1.0), np.float64)
    matrix[:, 2] += np.array([(wide - width) / 2, (high - height) / 2])
    return matrix


def _without(mask: NDArray[np.bool_], boxes: Sequence[Box]) -> NDArray[np.bool_]:
    """The mask without the connected ink whose box is one of these."""
    if not boxes:
        return mask
    found = find_components(mask)
    unwanted = {(box.x0, box.y0, box.x1, box.y1) for box in boxes}
    out = np.array([tuple(edges) in unwanted for edges in found.boxes.tolist()])
    out[0] = False
    return np.asarray(mask & ~out[found.marks], np.bool_)
