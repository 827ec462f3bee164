"""The one pipeline: an image to its crops, and with a classifier to a reading."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import DIGITS
from hdr.classify.classifier import Classifier, Prediction
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading, Steps
from hdr.reading.touching import divide, is_one_digit, may_touch, typical_height
from hdr.settings import Settings
from hdr.vision.binarize import Ink, find_ink, to_gray
from hdr.vision.layout import group_rows
from hdr.vision.normalize import Crop
from hdr.vision.segment import Region, find_regions
from hdr.vision.split import split_touching

_SOFT_EDGE = 48
"""Ink of this strength (of 255) beyond the mask is the soft edge of a stroke; below, it is the grain of the paper."""

_MOST_SUSPECTS = 300
"""A page with more ink that may be several digits is noise, and cutting it would take minutes."""


@dataclass(frozen=True, eq=False)
class Found:
    """The candidate digits of an image, before any model has seen them.

    Parameters
    ----------
    crops
        In reading order.
    rows
        The row of each, from the top.
    steps
        How they were found.
    """

    crops: tuple[Crop, ...]
    rows: tuple[int, ...]
    steps: Steps


def find_crops(image: NDArray[np.uint8], settings: Settings | None = None) -> Found:
    """Find and cut out every candidate digit; those that touch stay one, since telling them apart takes a classifier.

    Parameters
    ----------
    image
        Shape (height, width), (height, width, 3) RGB or (height, width, 4) RGBA, ``uint8``.
    settings
        Threshold, polarity and what counts as a digit.
    """
    ink, regions, steps = _look(image, settings or Settings())
    order = group_rows([region.box for region in regions])
    crops = [cut_crop(ink.strength, regions[i]) for row in order for i in row]
    rows = [number for number, row in enumerate(order) for _ in row]
    return Found(tuple(crops), tuple(rows), steps)


def _look(image: NDArray[np.uint8], settings: Settings) -> tuple[Ink, tuple[Region, ...], Steps]:
    gray = to_gray(image)
    ink = find_ink(gray, settings.ink)
    found = find_regions(ink.mask, settings.segment)
    return ink, found.regions, Steps(gray, ink.mask, ink.method, ink.polarity, found.dropped)


def cut_crop(strength: NDArray[np.uint8], region: Region) -> Crop:
    """Cut one region's ink out of the page, with its soft edge where that reaches a pixel beyond the mask.

    Parameters
    ----------
    strength
        Shape (height, width), ``uint8``: 0 for paper to 255 for full ink.
    region
        What to cut; the ink of neighbours inside its box is left out.
    """
    height, width = strength.shape
    box = region.box.padded(1).clipped(width, height)
    own = np.zeros((box.height, box.width), np.uint8)
    rows, columns = region.box.shifted(-box.x0, -box.y0).slices
    own[rows, columns] = region.mask
    reach = cv2.dilate(own, np.ones((3, 3), np.uint8))
    pixels = np.where(reach > 0, strength[box.slices], np.uint8(0))
    return _trimmed(Crop(pixels, box), region.box)


def _trimmed(crop: Crop, least: Box) -> Crop:
    """Take off a margin without ink, but nothing of the mask's own box."""
    inked = crop.pixels >= _SOFT_EDGE
    x0, y0, x1, y1 = least.x0, least.y0, least.x1, least.y1
    y0 -= bool(crop.box.y0 < y0 and inked[0].any())
    y1 += bool(crop.box.y1 > y1 and inked[-1].any())
    x0 -= bool(crop.box.x0 < x0 and inked[:, 0].any())
    x1 += bool(crop.box.x1 > x1 and inked[:, -1].any())
    box = Box(x0, y0, x1, y1)
    return Crop(np.ascontiguousarray(crop.pixels[box.shifted(-crop.box.x0, -crop.box.y0).slices]), box)


def read_digits(image: NDArray[np.uint8], classifier: Classifier, settings: Settings | None = None) -> Reading:
    """Find every digit of an image and label it: one call of the classifier, and one more where digits may touch.

    Parameters
    ----------
    image
        Shape (height, width), (height, width, 3) RGB or (height, width, 4) RGBA, ``uint8``.
    classifier
        What labels the crops.
    settings
        How to look, and the least confidence of what is kept.

    Returns
    -------
    The reading; one without digits where none was found.
    """
    settings = settings or Settings()
    ink, regions, steps = _look(image, settings)
    crops = [cut_crop(ink.strength, region) for region in regions]
    labelled = list(zip(crops, classifier.classify(crops), strict=True))
    if settings.segment.split and set(DIGITS) <= set(classifier.card.labels):
        labelled, steps = _divide_touching(labelled, regions, ink, classifier, steps)
    else:
        labelled = [own for own, region in zip(labelled, regions, strict=True) if is_one_digit(region)]
    digits = [
        Digit(*labelled[index], row)
        for row, indices in enumerate(group_rows([crop.box for crop, _ in labelled]))
        for index in indices
        if labelled[index][1].confidence >= settings.read.min_confidence
    ]
    height, width = image.shape[:2]
    return Reading((width, height), tuple(digits), classifier.card.name, steps)


_Labelled = list[tuple[Crop, Prediction]]


def _divide_touching(
    whole: _Labelled, regions: Sequence[Region], ink: Ink, classifier: Classifier, steps: Steps
) -> tuple[_Labelled, Steps]:
    """Put the pieces of regions that are several digits in their place; one more call where any region is suspect."""
    digit_px = typical_height(regions)
    suspects = [i for i, region in enumerate(regions) if may_touch(region, whole[i][1], digit_px)]
    if not 0 < len(suspects) <= _MOST_SUSPECTS:
        return whole, steps
    ways = [split_touching(regions[i]) for i in suspects]
    crops = [cut_crop(ink.strength, piece) for one in ways for piece in one.regions]
    predictions = classifier.classify(crops)
    instead: dict[int, _Labelled] = {}
    dropped: list[tuple[Box, str]] = []
    first = 0
    for index, one in zip(suspects, ways, strict=True):
        last = first + len(one.regions)
        chosen = divide(regions[index], whole[index][1], one, predictions[first:last])
        if chosen:
            instead[index] = [(crops[first + i], predictions[first + i]) for i in chosen]
        elif not is_one_digit(regions[index]):
            instead[index] = []
            dropped.append((regions[index].box, "too wide for a digit"))
        first = last
    labelled = [digit for i, own in enumerate(whole) for digit in instead.get(i, [own])]
    return labelled, dataclasses.replace(steps, dropped=(*steps.dropped, *dropped))
