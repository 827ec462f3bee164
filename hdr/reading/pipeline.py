"""The one pipeline: an image to its crops, and with a classifier to a reading."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.errors import ModelMismatchError
from hdr.geometry import Box
from hdr.reading.judging import Judged, Labelled, are_digits, judge
from hdr.reading.problems import find_problems
from hdr.reading.results import Digit, Reading, Steps
from hdr.reading.turning import lay_upright
from hdr.reading.wanted import Part, only_wanted, part_to_look_at, shifted_labels, shifted_steps
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
    labelled, steps = label_page(image, classifier, settings or Settings())
    digits = in_rows(labelled, (settings or Settings()).read.min_confidence, steps.turned_deg)
    steps = dataclasses.replace(steps, problems=find_problems(steps, digits))
    height, width = image.shape[:2]
    return Reading((width, height), digits, classifier.card.name, steps)


def label_page(
    image: NDArray[np.uint8], classifier: Classifier, settings: Settings
) -> tuple[tuple[Labelled, ...], Steps]:
    """Find every digit of an image and label it, as `read_digits`, which puts them in rows.

    Returns
    -------
    The crops with what the model makes of each, in no order, and how they were found; the page's problems not yet.
    """
    check_reads_digits(classifier)
    height, width = image.shape[:2]
    part = part_to_look_at(settings.segment, (width, height))
    if part is None:
        return _label_part(image, Part.whole(width, height), classifier, settings)
    looked = part.looked
    labelled, steps = _label_part(np.ascontiguousarray(image[looked.slices]), part, classifier, settings)
    return shifted_labels(labelled, looked), shifted_steps(steps, looked, to_gray(image))


def check_reads_digits(classifier: Classifier) -> None:
    """Refuse a model that looks at whole pictures.

    Raises
    ------
    ModelMismatchError
        Where it does.
    """
    if classifier.card.geometry == PICTURE:
        raise ModelMismatchError(
            f"The model {classifier.card.name!r} tells whole pictures apart; it reads no digits on a page.",
            hint="Read with a model of digits, such as default. Measure this one with: hdr evaluate",
        )


def _label_part(
    image: NDArray[np.uint8], part: Part, classifier: Classifier, settings: Settings
) -> tuple[tuple[Labelled, ...], Steps]:
    looked, judged = _look_and_judge(image, classifier, settings)
    knows_digits = set(DIGITS) <= set(classifier.card.labels)
    if settings.ink.polarity == "auto" and knows_digits and not _sure_digits(judged):
        looked, judged = _other_polarity(image, classifier, settings, looked, judged)
    ink, regions, steps = looked
    return upright_and_wanted(ink, regions, judged, steps, classifier, settings, part)


def upright_and_wanted(
    ink: Ink,
    regions: Sequence[Region],
    judged: Judged,
    steps: Steps,
    classifier: Classifier,
    settings: Settings,
    part: Part,
) -> tuple[tuple[Labelled, ...], Steps]:
    """Turn a page where it wants it, and keep the crops that were asked for; all boxes lie on the page as it came."""
    judged, steps, page = lay_upright(ink, regions, judged, steps, classifier, settings)
    back = [(page.crop_back(crop) if page else crop, told) for crop, told in judged.labelled]
    labelled, dropped = only_wanted(back, settings.segment, part)
    return labelled, dataclasses.replace(steps, dropped=(*steps.dropped, *dropped)) if dropped else steps


def in_rows(labelled: Sequence[Labelled], min_confidence: float = 0.0, turned_deg: float = 0.0) -> tuple[Digit, ...]:
    """Put crops in reading order, without those that the model is less sure of than this.

    Parameters
    ----------
    labelled
        In any order.
    min_confidence
        0 to 1.
    turned_deg
        By how much the page was turned, clockwise, to be read.
    """
    return tuple(
        Digit(*labelled[index], row)
        for index, row in reading_order(labelled, turned_deg)
        if labelled[index][1].confidence >= min_confidence
    )


def reading_order(labelled: Sequence[Labelled], turned_deg: float = 0.0) -> list[tuple[int, int]]:
    """Return the index of each crop, in reading order, and its row."""
    boxes = [upright_box(crop, turned_deg) if turned_deg else crop.box for crop, _ in labelled]
    rows = group_rows(boxes, [one.label != NOT_A_DIGIT for _, one in labelled])
    return [(index, row) for row, indices in enumerate(rows) for index in indices]


def upright_box(crop: Crop, turned_deg: float) -> Box:
    """Where a crop stands on the page as it was turned to be read, but for where that page begins."""
    turn = math.radians(turned_deg)
    x, y = crop.box.center
    height, width = crop.pixels.shape
    left = x * math.cos(turn) - y * math.sin(turn) - width / 2
    top = x * math.sin(turn) + y * math.cos(turn) - height / 2
    return Box.from_xywh(round(left), round(top), width, height)
