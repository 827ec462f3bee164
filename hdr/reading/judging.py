"""Regions of ink and a classifier to what each is: one digit, several that touch, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier, Prediction
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.geometry import Box
from hdr.reading.company import Floats, company, page_says, weigh
from hdr.reading.touching import divide, is_one_digit, is_wide, may_touch, typical_heights
from hdr.vision.cut import cut_crop
from hdr.vision.normalize import Crop
from hdr.vision.segment import Region
from hdr.vision.split import split_touching

_MOST_SUSPECTS = 300
"""A page with more ink that may be several digits is noise, and cutting it would take minutes."""

_IN_TEXT = 2.0
"""From here on the company says that ink is part of a text: its letters are not looked at for digits that touch."""

_BELIEVED = 0.75
"""Ink that only a second look finds is believed where so much of it looks like digits."""

Labelled = tuple[Crop, Prediction]


@dataclass(frozen=True, eq=False)
class Judged:
    """What became of the regions.

    Parameters
    ----------
    labelled
        Crops and what the model makes of them, those it rejects included; in no order.
    dropped
        Boxes of ink that cannot be one digit and could not be divided, each with the reason.
    divided
        Boxes of ink that was divided, each with the number of digits.
    """

    labelled: tuple[Labelled, ...]
    dropped: tuple[tuple[Box, str], ...] = ()
    divided: tuple[tuple[Box, int], ...] = ()


class LeftWhole(Protocol):
    """What is known, from frames before, of wide ink that is better left whole."""

    def is_whole(self, region: Region, prediction: Prediction) -> bool:
        """Whether this ink was looked at lately, and left whole."""
        ...

    def learn(self, region: Region, prediction: Prediction) -> None:
        """Remember that it was."""
        ...


def judge(
    regions: Sequence[Region],
    strength: NDArray[np.uint8],
    classifier: Classifier,
    *,
    split: bool = True,
    left_whole: LeftWhole | None = None,
) -> Judged:
    """Label every region: one call of the classifier, and one more where digits may touch.

    Parameters
    ----------
    regions
        Candidates.
    strength
        Shape (height, width), ``uint8``: the page, 0 for paper to 255 for full ink.
    classifier
        What labels the crops.
    split
        Whether to divide digits that touch.
    left_whole
        Spares what is in it another look.
    """
    crops = [cut_crop(strength, region) for region in regions]
    whole = classifier.classify(crops)
    suspects: list[int] = []
    said: Floats | None = None
    if split and set(DIGITS) <= set(classifier.card.labels):
        digit_px = typical_heights(regions)
        # Whether they are words or numbers, neighbours that are several characters in one do not know either.
        speak = [not is_wide(*one) for one in zip(regions, digit_px, strict=True)]
        asked = company([crop.box for crop in crops], whole, speak)
        suspects = [
            i for i, region in enumerate(regions) if asked[i] < _IN_TEXT and may_touch(region, whole[i], digit_px[i])
        ]
        said = asked if all(speak) else None
    if len(suspects) > _MOST_SUSPECTS:
        suspects = []
    if left_whole:
        suspects = [i for i in suspects if not left_whole.is_whole(regions[i], whole[i])]
    instead = _divide([(regions[i], whole[i]) for i in suspects], strength, classifier)
    pieces = dict(zip(suspects, instead, strict=True))
    if left_whole:
        for i in suspects:
            if not pieces[i]:
                left_whole.learn(regions[i], whole[i])
    labelled: list[Labelled] = []
    dropped: list[tuple[Box, str]] = []
    divided: list[tuple[Box, int]] = []
    for index, region in enumerate(regions):
        if pieces.get(index):
            labelled += pieces[index]
            divided.append((region.box, len(pieces[index])))
        elif is_one_digit(region):
            labelled.append((crops[index], whole[index]))
        else:
            dropped.append((region.box, "too wide for a digit"))
    unchanged = len(labelled) == len(regions) and not divided  # then the company has said what it says
    return Judged(_in_company(labelled, said if unchanged else None), tuple(dropped), tuple(divided))


def are_digits(regions: Sequence[Region], strength: NDArray[np.uint8], classifier: Classifier) -> bool:
    """Whether most of some regions look like digits, each by itself; where there are none, they do."""
    if not regions:
        return True
    predictions = classifier.classify([cut_crop(strength, region) for region in regions])
    digits = sum(one.label != NOT_A_DIGIT for one in predictions)
    return digits >= _BELIEVED * len(regions)


def _in_company(labelled: Sequence[Labelled], said: Floats | None = None) -> tuple[Labelled, ...]:
    predictions = [prediction for _, prediction in labelled]
    if said is None:
        said = company([crop.box for crop, _ in labelled], predictions)
    weighed = weigh(predictions, said + page_says(predictions))
    return tuple((crop, prediction) for (crop, _), prediction in zip(labelled, weighed, strict=True))


def _divide(
    suspects: Sequence[tuple[Region, Prediction]], strength: NDArray[np.uint8], classifier: Classifier
) -> list[list[Labelled]]:
    """The digits that each suspect is divided into; none where it is better left whole."""
    if not suspects:
        return []
    ways = [split_touching(region) for region, _ in suspects]
    crops = [cut_crop(strength, piece) for one in ways for piece in one.regions]
    predictions = classifier.classify(crops)
    divided: list[list[Labelled]] = []
    first = 0
    for (region, whole), one in zip(suspects, ways, strict=True):
        last = first + len(one.regions)
        chosen = divide(region, whole, one, predictions[first:last])
        divided.append([(crops[first + i], predictions[first + i]) for i in chosen])
        first = last
    return divided
