"""A page that was turned to an upright one: the slope of its rows, its ink turned, and boxes and crops turned back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.geometry import Box
from hdr.vision.binarize import Ink
from hdr.vision.normalize import Crop

_STEEPEST = 45.0
_STEP = 0.5
_BAND = 0.25
"""Centres of one row lie within a band this high, in digits."""
_FEWEST = 3
_STANDS_OUT = 6.0
"""Rows stand out where the profile at their slope is so many median deviations above that at others."""
_COMPANY = 1.0
"""And where a digit has this much company in its band; scattered digits have less."""
_AS_IT_LIES = 0.15
"""How much clearer rows at the steepest slope must be than level ones."""
_INK = 128


def find_slope(boxes: Sequence[Box]) -> float:
    """Find the slope of a page's rows from the line of the digits' centres; their own slant has no say.

    The projection profile of the centres is sharpest along the rows; the slope is then that of all pairs in a row
    together, by least squares.

    Parameters
    ----------
    boxes
        Of the page's digits, in any order.

    Returns
    -------
    Degrees from -45 to 45, positive where rows go down to the right; 0 where no rows stand out.

    References
    ----------
    W. Postl, "Detection of linear oblique structures and skew scan in digitized documents", 1986 (the profile whose
    energy is greatest).
    """
    if len(boxes) < _FEWEST:
        return 0.0
    size = float(np.median([max(box.width, box.height) for box in boxes]))
    centers = np.array([box.center for box in boxes]) / max(1.0, size)
    centers -= centers.mean(axis=0)
    angles = np.arange(-_STEEPEST, _STEEPEST + _STEP / 2, _STEP)
    energy = _profile_energy(centers, angles)
    usual = float(np.median(energy))
    spread = float(np.median(np.abs(energy - usual))) + 1e-9
    best = int((energy * (1 - _AS_IT_LIES * np.abs(angles) / _STEEPEST)).argmax())
    if energy[best] < max(usual + _STANDS_OUT * spread, _COMPANY * len(boxes)):
        return 0.0
    return _refined(centers, float(angles[best]))


def _profile_energy(centers: NDArray[np.float64], angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """How sharp the profile of the centres is at each angle: the squares of its bins, less what one centre gives."""
    radians = np.radians(angles)[:, None]
    across = (np.cos(radians) * centers[:, 1] - np.sin(radians) * centers[:, 0]) / _BAND
    lower = np.floor(across)
    upper_part = across - lower
    bins = int(across.max() - across.min()) + 4
    place = (lower - lower.min()).astype(np.int64) + np.arange(len(angles))[:, None] * bins
    count = len(angles) * bins
    profile = np.bincount(place.ravel(), (1 - upper_part).ravel(), count)
    profile += np.bincount(place.ravel() + 1, upper_part.ravel(), count)
    return np.asarray((profile.reshape(len(angles), bins) ** 2).sum(axis=1) - len(centers) * 2 / 3, np.float64)


def _refined(centers: NDArray[np.float64], angle: float) -> float:
    """The slope, in degrees, that neighbours on the rows of about this slope have together."""
    delta = centers[None, :400] - centers[:400, None]
    for _ in range(3):
        sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
        along = cosine * delta[:, :, 0] + sine * delta[:, :, 1]
        across = cosine * delta[:, :, 1] - sine * delta[:, :, 0]
        row = (along > 0.3) & (along < 8) & (np.abs(across) < 0.35)
        if not row.any():
            break
        angle += float(np.degrees(np.arctan((along * across)[row].sum() / (along[row] ** 2).sum())))
    return min(max(angle, -_STEEPEST), _STEEPEST)


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
    _, marks, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    unwanted = {box.xywh for box in boxes}
    out = np.array([tuple(row[:4]) in unwanted for row in stats.tolist()])
    out[0] = False
    return np.asarray(mask & ~out[marks], np.bool_)
