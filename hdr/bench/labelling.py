"""Crops to labels, by ours and in the baselines' ways of framing a digit that is already cut out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.bench.baselines import FRAMES, frame_crop, only_digits
from hdr.classify.classifier import Classifier
from hdr.classify.litert import TFLiteModel
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.geometry import Box
from hdr.vision.normalize import Crop

_AT_ONCE = 2000
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Told:
    """What somebody makes of crops.

    Parameters
    ----------
    digit
        Shape (crops,): the likeliest digit, 0 to 9.
    confidence
        Shape (crops,): the probability of what was decided, 0 to 1.
    strange
        Shape (crops,): how much it looks like no digit, 0 to 1.
    rejected
        Shape (crops,): whether it was taken for no digit.
    can_reject
        Whether anything ever is.
    """

    digit: NDArray[np.int64]
    confidence: NDArray[np.float64]
    strange: NDArray[np.float64]
    rejected: NDArray[np.bool_]
    can_reject: bool

    def right(self, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each was told as the digit that it is."""
        return np.asarray((self.digit == labels) & ~self.rejected, np.bool_)


Crops = Sequence[Pixels] | Pixels
Labeller = Callable[[Crops], Told]
"""Crops of shape (height, width), white on black, to what they are told to be."""


def labellers(classifier: Classifier, model: bytes, ours: str) -> dict[str, Labeller]:
    """Return ours, under the name it has, and the baselines by theirs.

    Parameters
    ----------
    classifier
        For ours.
    model
        The same model as the bytes of a `.tflite` file, for the baselines.
    ours
        The name of ours.
    """
    predict = only_digits(TFLiteModel(model), classifier.card)

    def baseline(name: str) -> Labeller:
        def label(crops: Crops) -> Told:
            fields = np.stack([frame_crop(name, np.asarray(crop)) for crop in crops])
            return _told(predict(fields[:, :, :, None]).astype(np.float64), None)

        return label

    return {ours: lambda crops: _ours(classifier, crops), **{name: baseline(name) for name in FRAMES}}


def _ours(classifier: Classifier, crops: Crops) -> Told:
    labels = classifier.card.labels
    probabilities = np.concatenate(
        [_probabilities(classifier, crops[start : start + _AT_ONCE]) for start in range(0, len(crops), _AT_ONCE)]
    )
    of_ten = probabilities[:, [labels.index(digit) for digit in DIGITS]]
    return _told(of_ten, probabilities[:, labels.index(NOT_A_DIGIT)] if NOT_A_DIGIT in labels else None)


def _probabilities(classifier: Classifier, crops: Crops) -> NDArray[np.float64]:
    cut = [Crop(np.asarray(pixels), Box(0, 0, pixels.shape[1], pixels.shape[0])) for pixels in crops]
    return np.stack([one.probabilities for one in classifier.classify(cut)]).astype(np.float64)


def _told(of_ten: NDArray[np.float64], none: NDArray[np.float64] | None) -> Told:
    """To a model without a word for "none of these" a crop is as strange as it is unsure of it.

    References
    ----------
    D. Hendrycks, K. Gimpel, "A baseline for detecting misclassified and out-of-distribution examples in neural
    networks", 2017, https://openreview.net/forum?id=Hkg4TI9xl.
    """
    best = of_ten.max(axis=1)
    strange = 1 - best if none is None else none
    rejected = np.zeros(len(best), np.bool_) if none is None else none > best
    confidence = best if none is None else np.maximum(best, none)
    return Told(of_ten.argmax(axis=1), confidence, strange, rejected, none is not None)
