"""The one pipeline: an image to its crops, and with a classifier to a reading."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.errors import ModelMismatchError
from hdr.reading.judging import Judged, are_digits, judge
from hdr.reading.problems import find_problems
from hdr.reading.results import Digit, Reading, Steps
from hdr.reading.turning import lay_upright
from hdr.settings import Settings
from hdr.vision.binarize import Ink, find_ink, to_gray
from hdr.vision.cut import cut_crop
from hdr.vision.faint import find_faint
from hdr.vision.layout import group_rows
from hdr.vision.normalize import PICTURE, Crop
from hdr.vision.segment import Region, find_regions

_SURE = 0.9
"""Digits this likely speak for the way in which they were found."""


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

    The page is taken as it lies, whatever the settings say of turning: only a classifier can tell which side is up.

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


def _look(
    image: NDArray[np.uint8], settings: Settings, classifier: Classifier | None = None
) -> tuple[Ink, tuple[Region, ...], Steps]:
    gray = to_gray(image)
    ink = find_ink(image, settings.ink)
    found = find_regions(ink.mask, settings.segment)
    if settings.ink.threshold == "auto":
        again, more = find_faint(ink, found, settings.segment)
        faint = more.regions[len(found.regions) :]
        # What shows through from the back of the paper is faint as well.
        if classifier is None or are_digits(faint, again.strength, classifier):
            ink, found = again, more
    return ink, found.regions, Steps(gray, ink.mask, ink.method, ink.polarity, found.dropped)


def _look_and_judge(
    image: NDArray[np.uint8], classifier: Classifier, settings: Settings
) -> tuple[tuple[Ink, tuple[Region, ...], Steps], Judged]:
    ink, regions, steps = _look(image, settings, classifier)
    judged = judge(regions, ink.strength, classifier, split=settings.segment.split)
    steps = dataclasses.replace(steps, dropped=(*steps.dropped, *judged.dropped), divided=judged.divided)
    return (ink, regions, steps), judged


def _other_polarity(
    image: NDArray[np.uint8],
    classifier: Classifier,
    settings: Settings,
    looked: tuple[Ink, tuple[Region, ...], Steps],
    judged: Judged,
) -> tuple[tuple[Ink, tuple[Region, ...], Steps], Judged]:
    """A page that shows no sure digit looked at the other way; as given unless that clearly shows some.

    A bright sign amid a dark picture is itself what departs from its neighbourhood: the digits are holes in it. Holes
    of letters pass for 0s and 1s, so that those alone prove nothing.
    """
    other = "light" if looked[0].polarity == "dark" else "dark"
    turned = dataclasses.replace(settings, ink=dataclasses.replace(settings.ink, polarity=other))
    again, found = _look_and_judge(image, classifier, turned)
    sure, digits = _sure_digits(found), sum(one.label != NOT_A_DIGIT for _, one in found.labelled)
    believed = len(sure) > 0.5 * digits and any(label not in "01" for label in sure)
    return (again, found) if believed else (looked, judged)


def _sure_digits(judged: Judged) -> list[str]:
    return [one.label for _, one in judged.labelled if one.label != NOT_A_DIGIT and one.confidence > _SURE]


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

    Raises
    ------
    ModelMismatchError
        Where the model looks at whole pictures, not at ink.
    """
    settings = settings or Settings()
    if classifier.card.geometry == PICTURE:
        raise ModelMismatchError(
            f"The model {classifier.card.name!r} tells whole pictures apart; it reads no digits on a page.",
            hint="Read with a model of digits, such as default. Measure this one with: hdr evaluate",
        )
    looked, judged = _look_and_judge(image, classifier, settings)
    knows_digits = set(DIGITS) <= set(classifier.card.labels)
    if settings.ink.polarity == "auto" and knows_digits and not _sure_digits(judged):
        looked, judged = _other_polarity(image, classifier, settings, looked, judged)
    ink, regions, steps = looked
    judged, steps, page = lay_upright(ink, regions, judged, steps, classifier, settings)
    labelled = judged.labelled
    rows = group_rows([crop.box for crop, _ in labelled], [one.label != NOT_A_DIGIT for _, one in labelled])
    digits = [
        Digit(page.crop_back(labelled[index][0]) if page else labelled[index][0], labelled[index][1], row)
        for row, indices in enumerate(rows)
        for index in indices
        if labelled[index][1].confidence >= settings.read.min_confidence
    ]
    steps = dataclasses.replace(steps, problems=find_problems(steps, digits))
    height, width = image.shape[:2]
    return Reading((width, height), tuple(digits), classifier.card.name, steps)
