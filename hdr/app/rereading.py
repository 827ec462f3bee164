"""A page's picture to its ink, and a box that a person drew, moved or cut on it to a digit read anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier, Prediction
from hdr.classify.names import NOT_A_DIGIT
from hdr.geometry import Box, bounding_box
from hdr.reading.results import Digit
from hdr.settings import Settings
from hdr.vision.binarize import Ink, find_ink
from hdr.vision.deskew import turn_pixels
from hdr.vision.faint import find_faint
from hdr.vision.normalize import Crop
from hdr.vision.segment import Region, find_regions
from hdr.vision.split import split_touching

Mask = NDArray[np.bool_]
Point = tuple[float, float]
_MINE = 0.5
"""Ink that hangs into a box belongs to it where so much of it lies inside."""


@dataclass(frozen=True, eq=False)
class PageInk:
    """A page as it is looked at for single boxes.

    Parameters
    ----------
    image
        Shape (height, width) or (height, width, 3), ``uint8``.
    ink
        Its ink, found as when the whole page is read.
    settings
        How it was found.
    turned_deg
        By how much, clockwise, crops are turned to be upright.
    """

    image: NDArray[np.uint8]
    ink: Ink
    settings: Settings
    turned_deg: float = 0.0


def look(image: NDArray[np.uint8], settings: Settings, turned_deg: float = 0.0) -> PageInk:
    """Find a page's ink as `hdr.reading.pipeline.read_digits` does."""
    ink = find_ink(image, settings.ink)
    if settings.ink.threshold == "auto":
        ink, _ = find_faint(ink, find_regions(ink.mask, settings.segment), settings.segment)
    return PageInk(image, ink, settings, turned_deg)


def read_boxes(page: PageInk, boxes: Sequence[Box], classifier: Classifier) -> list[Digit]:
    """Read what lies in some boxes, each as one digit."""
    return _read([_crop(page, box, *_ink_in(page, box)) for box in boxes], classifier)


def merge_boxes(page: PageInk, boxes: Sequence[Box], classifier: Classifier) -> list[Digit]:
    """Read the ink of several boxes as one digit."""
    whole = bounding_box(boxes)
    mask = np.zeros((whole.height, whole.width), np.bool_)
    strength = page.ink.strength[whole.slices].copy()
    for box in boxes:
        own, shown = _ink_in(page, box)
        rows, columns = box.shifted(-whole.x0, -whole.y0).slices
        mask[rows, columns] |= own
        strength[rows, columns] = np.maximum(strength[rows, columns], shown)
    return _read([_crop(page, whole, mask, strength)], classifier)


def cut_box(page: PageInk, box: Box, start: Point, end: Point, classifier: Classifier) -> list[Digit]:
    """Cut a box along the line through two points of the page and read both sides; none where one has no ink."""
    mask, strength = _ink_in(page, box)
    down, across = np.mgrid[box.y0 : box.y1, box.x0 : box.x1] + 0.5
    (x0, y0), (x1, y1) = start, end
    left = (x1 - x0) * (down - y0) - (y1 - y0) * (across - x0) > 0
    sides = [_inner(box, mask & left), _inner(box, mask & ~left)]
    if any(side is None for side in sides):
        return []
    crops = []
    for inner, side in zip(sides, (left, ~left), strict=True):
        assert inner is not None
        part = inner.shifted(-box.x0, -box.y0).slices
        crops.append(_crop(page, inner, (mask & side)[part], strength[part]))
    return _read(crops, classifier)


def halve_box(page: PageInk, box: Box, classifier: Classifier) -> list[Digit]:
    """Cut a box where two digits are likeliest to meet; through its middle where no such place is found."""
    mask, strength = _ink_in(page, box)
    inner = _inner(box, mask)
    if inner is None:
        return []
    if page.turned_deg == 0:
        found = _best_halves(page, inner, mask, strength, box, classifier)
        if found:
            return found
    (x, y), turn = inner.center, math.radians(page.turned_deg)
    return cut_box(page, box, (x, y), (x - math.sin(turn), y - math.cos(turn)), classifier)


def _best_halves(
    page: PageInk, inner: Box, mask: Mask, strength: NDArray[np.uint8], box: Box, classifier: Classifier
) -> list[Digit]:
    pieces = split_touching(Region(inner, mask[inner.shifted(-box.x0, -box.y0).slices]))
    last = pieces.nodes - 1
    crops = [
        _crop(page, piece.box, piece.mask, strength[piece.box.shifted(-box.x0, -box.y0).slices])
        for piece in pieces.regions
    ]
    digits = dict(zip(pieces.spans, _read(crops, classifier), strict=True))
    ways = [[digits[0, k], digits[k, last]] for k in range(1, last) if (0, k) in digits and (k, last) in digits]
    return max(ways, key=lambda way: way[0].confidence * way[1].confidence, default=[])


def _ink_in(page: PageInk, box: Box) -> tuple[Mask, NDArray[np.uint8]]:
    """A box's own ink, and how strong it is. Where the page shows none, it is looked for in the box alone."""
    strength = page.ink.strength[box.slices]
    mask = _own(page.ink.mask, box)
    if mask.any():
        return mask, strength
    height, width = page.ink.mask.shape
    near = box.padded(max(8, box.width // 4, box.height // 4)).clipped(width, height)
    ink = find_ink(np.ascontiguousarray(page.image[near.slices]), page.settings.ink)
    part = box.shifted(-near.x0, -near.y0)
    return _own(ink.mask, part), ink.strength[part.slices]


def _own(mask: Mask, box: Box) -> Mask:
    """The ink in a box without what hangs in from its neighbours."""
    height, width = mask.shape
    around = box.padded(max(box.width, box.height)).clipped(width, height)
    count, marks = cv2.connectedComponents(mask[around.slices].astype(np.uint8), connectivity=8)
    inside = marks[box.shifted(-around.x0, -around.y0).slices]
    all_of = np.bincount(marks.ravel(), minlength=count)
    here = np.bincount(inside.ravel(), minlength=count)
    here[0] = 0
    mine = (here >= _MINE * all_of) | (here == here.max())
    mine[0] = False
    return np.asarray(mine[inside], np.bool_)


def _inner(box: Box, mask: Mask) -> Box | None:
    """The box around the ink of a box's mask; None for no ink."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1).shifted(box.x0, box.y0)


def _crop(page: PageInk, box: Box, mask: Mask, strength: NDArray[np.uint8]) -> Crop:
    """The ink of a mask, with its soft edge, as large as the box, and upright."""
    reach = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8))
    pixels = np.where(reach > 0, strength, np.uint8(0))
    return Crop(turn_pixels(pixels, page.turned_deg) if page.turned_deg else pixels, box)


def _read(crops: Sequence[Crop], classifier: Classifier) -> list[Digit]:
    predictions = classifier.classify(crops) if crops else []
    return [Digit(crop, _judged(crop, one)) for crop, one in zip(crops, predictions, strict=True)]


def _judged(crop: Crop, prediction: Prediction) -> Prediction:
    """Of a box without ink nothing is known."""
    if crop.pixels.any():
        return _believed(prediction)
    return _believed(
        Prediction(prediction.labels, np.full(len(prediction.labels), 1 / len(prediction.labels), np.float32))
    )


def _believed(prediction: Prediction) -> Prediction:
    """Whoever draws a box says that there is a digit: the model's doubt of that has no say."""
    if NOT_A_DIGIT not in prediction.labels:
        return prediction
    probabilities = prediction.probabilities.copy()
    probabilities[prediction.labels.index(NOT_A_DIGIT)] = 0
    total = float(probabilities.sum())
    if total <= 0:
        return prediction
    return Prediction(prediction.labels, (probabilities / total).astype(np.float32))
