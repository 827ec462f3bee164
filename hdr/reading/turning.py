"""A page read as it lies, with a classifier's word on what it would be turned, to the turn that makes it upright."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier, Prediction
from hdr.classify.names import DIGITS
from hdr.geometry import Box
from hdr.reading.judging import Judged, Labelled, judge
from hdr.reading.results import Steps
from hdr.settings import Settings
from hdr.vision.binarize import Ink
from hdr.vision.cut import cut_crop
from hdr.vision.deskew import TurnedPage, find_slope, turn_page, turn_pixels
from hdr.vision.normalize import Crop
from hdr.vision.segment import Region, find_regions

_SLIGHT_DEG = 8.0
"""Rows that slope less need no turn: digits tilted so far are read as well, and rows are followed as they go."""
_SURE = -0.04
"""A page whose digits are this likely on the mean (as a logarithm) reads well."""
_FEWEST = 3
"""Fewer digits do not tell how the page lies: 0, 1 and 8 look the same upside down, 6 and 9 like each other."""
_MOST = 1000
"""More ink than this is a page of noise, and looking at it four ways would take long."""
_READ, _MOSTLY = -0.4, 0.7
"""On a page that is turned to another side, so many of the crops must be read with this likelihood at least."""
_NO_WORSE = 0.01
"""What level rows are worth by themselves: strokes are joined and digits divided better on them."""
_STEEPEST_DEG = 45.0
_JUDGES = 20
"""So many digits, of the page's usual size, judge for all."""
_FLOOR = -3.0
"""What the likelihood of one crop (as a logarithm) counts for at least: a scrawl must not outvote the digits."""
_TELLING = {True: frozenset("2345679"), False: frozenset("23457")}
"""Digits that tell how a page lies: by a quarter turn or not. A stroke is a 1 whichever way, a ring a 0; letters turned
upside down make 0, 1, 6, 8 and 9."""
_CLEARLY, _MUCH, _TOGETHER = 0.03, 0.12, 0.25
"""What digits gain on the mean by a turn that makes them read well, or better at least; and all of them together."""


def lay_upright(
    ink: Ink, regions: Sequence[Region], judged: Judged, steps: Steps, classifier: Classifier, settings: Settings
) -> tuple[Judged, Steps, TurnedPage | None]:
    """Read a page anew, turned, where it is wanted so or where it is read better.

    Parameters
    ----------
    ink
        Of the page as it lies.
    regions, judged, steps
        What was read of that.
    classifier, settings
        What reads, and how.

    Returns
    -------
    What is to be kept, with its crops on the turned page but its steps on the page as it lies, and the turned page;
    all as given, and None, where it is not turned.
    """
    wanted = settings.read.turn
    degrees = 0.0 if isinstance(wanted, str) else float(wanted)
    if wanted == "auto":
        degrees = _promising(ink, regions, judged.labelled, classifier)
    if not degrees:
        return judged, steps, None
    page = turn_page(ink, degrees, [box for box, reason in steps.dropped if reason == "page edge"])
    found = find_regions(page.ink.mask, settings.segment)
    anew = judge(found.regions, page.ink.strength, classifier, split=settings.segment.split)
    if wanted == "auto" and not _is_better(judged.labelled, anew.labelled, degrees):
        return judged, steps, None
    return anew, _steps_back(steps, (*found.dropped, *anew.dropped), anew, page), page


def _steps_back(steps: Steps, dropped: Sequence[tuple[Box, str]], judged: Judged, page: TurnedPage) -> Steps:
    """The steps of a turned page with their boxes on the page as it lies."""
    return dataclasses.replace(
        steps,
        dropped=tuple((page.box_back(box), reason) for box, reason in dropped),
        divided=tuple((page.box_back(box), number) for box, number in judged.divided),
        turned_deg=page.turned_deg,
    )


def _promising(ink: Ink, regions: Sequence[Region], labelled: Sequence[Labelled], classifier: Classifier) -> float:
    """The turn, in degrees clockwise, that may make a page upright; 0 for none.

    Rows tell the slope, but not whether they run along the page or up it, nor which end is up: digits do, a few of
    them cut out and turned. A page that reads well as it lies costs nothing but its slope.
    """
    if not _FEWEST <= min(len(regions), len(labelled)) <= _MOST or not set(DIGITS) <= set(classifier.card.labels):
        return 0.0
    boxes = [region.box for region in regions]
    level = _level(boxes)
    turns = [level] if level else []
    if float(_likelihoods([prediction for _, prediction in labelled]).mean()) < _SURE:
        turns += _other_turns(boxes, level)
    if not turns:
        return 0.0
    crops = [cut_crop(ink.strength, region) for region in _of_usual_size(regions)]
    worth = {turn: _turned_likelihood(crops, turn, classifier) for turn in (0.0, *turns)}
    if level:
        worth[level] += _NO_WORSE
    return max(worth, key=lambda turn: worth[turn])


def _is_better(before: Sequence[Labelled], after: Sequence[Labelled], degrees: float) -> bool:
    """Whether a page reads better after a turn; clearly so where that changes which side is up."""
    if min(len(before), len(after)) < _FEWEST:
        return False
    were, are = (_likelihoods([prediction for _, prediction in labelled]) for labelled in (before, after))
    gain = float(are.mean() - were.mean())
    if abs(degrees) <= _STEEPEST_DEG:
        return gain > -_NO_WORSE
    if np.count_nonzero(are > _READ) < _MOSTLY * len(are):
        return False  # a page of print gains as well: fewer letters look like letters
    if _telling(after, degrees) <= _telling(before, degrees):
        return False
    return gain > (_CLEARLY if are.mean() > _SURE else _MUCH) and gain * len(are) > _TOGETHER


def _telling(labelled: Sequence[Labelled], degrees: float) -> int:
    """How many digits are surely read that would not be, were the page to lie the other way."""
    telling = _TELLING[abs(degrees) < 180 - _STEEPEST_DEG]
    sure = [one.label for _, one in labelled if math.log(one.confidence) > _SURE]
    return sum(label in telling for label in sure)


def _level(boxes: Sequence[Box]) -> float:
    """The turn that lays sloping rows level; 0 where they slope too little to need one."""
    slope = find_slope(boxes)
    return -slope if abs(slope) > _SLIGHT_DEG else 0.0


def _other_turns(boxes: Sequence[Box], level: float) -> list[float]:
    """The turns that lay rows level with another side up."""
    # Turned clockwise by a quarter, a point (x, y) of the page comes to (-y, x).
    upended = [Box(-box.y1, box.x0, -box.y0, box.x1) for box in boxes]
    quarter = 90.0 + _level(upended)
    return [_wrapped(turn) for turn in (quarter, quarter + 180, level + 180)]


def _wrapped(degrees: float) -> float:
    """The same turn, above -180 to 180."""
    return 180.0 - (180.0 - degrees) % 360.0


def _of_usual_size(regions: Sequence[Region]) -> list[Region]:
    """Those whose size is nearest to the page's usual one."""
    sizes = np.log([max(region.box.width, region.box.height) for region in regions])
    nearest = np.argsort(np.abs(sizes - np.median(sizes)), kind="stable")
    return [regions[i] for i in nearest[:_JUDGES]]


def _turned_likelihood(crops: Sequence[Crop], turn: float, classifier: Classifier) -> float:
    """How likely crops are to be digits when turned clockwise, on the mean, as a logarithm."""
    turned = [Crop(turn_pixels(crop.pixels, turn), crop.box) for crop in crops]
    return float(_likelihoods(classifier.classify(turned)).mean())


def _likelihoods(predictions: Sequence[Prediction]) -> NDArray[np.float64]:
    """The probability of the likeliest digit of each, as a logarithm that is not below a floor."""
    of_digits = [predictions[0].labels.index(label) for label in DIGITS]
    best = np.array([prediction.probabilities[of_digits].max() for prediction in predictions], np.float64)
    return np.maximum(_FLOOR, np.log(np.maximum(best, 1e-9)))
