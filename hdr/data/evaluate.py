"""A classifier and labelled crops to how well the one reads the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.data.confidence import brier_score, calibration_error, log_loss
from hdr.data.dataset import Dataset
from hdr.data.metrics import Accuracy, ClassFigures, accuracy, confusion, per_class
from hdr.errors import DatasetError
from hdr.geometry import Box
from hdr.vision.normalize import Crop

_AT_ONCE = 500
Progress = Callable[[int, int], None]
"""Told how many of how many crops are done."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of labelled crops, in their order.

    Parameters
    ----------
    truth
        Shape (crops,), indices into the model's labels.
    probabilities
        Shape (crops, labels), 0 to 1.
    """

    truth: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """Shape (crops,), indices into the model's labels."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @cached_property
    def confidence(self) -> NDArray[np.float64]:
        """Shape (crops,): the probability of what was predicted, 0 to 1."""
        return np.asarray(self.probabilities.max(axis=1), np.float64)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Shape (crops,)."""
        return np.asarray(self.predicted == self.truth, np.bool_)

    def mistakes(self, most: int | None = None) -> NDArray[np.int64]:
        """Return the crops that it got wrong, those that it was surest of first."""
        wrong = np.flatnonzero(~self.right)
        return np.asarray(wrong[np.argsort(-self.confidence[wrong], kind="stable")][:most], np.int64)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What came out.

    Parameters
    ----------
    model
        Name of the model.
    names
        The labels, in the order of the model's outputs.
    answers
        What was said of each crop.
    trained_on
        What the model learned from, in words.
    """

    model: str
    names: tuple[str, ...]
    answers: Answers
    trained_on: str = ""

    @cached_property
    def accuracy(self) -> Accuracy:
        """Over all crops."""
        return accuracy(self.answers.truth, self.answers.predicted)

    @cached_property
    def matrix(self) -> NDArray[np.int64]:
        """Shape (labels, labels): rows the true label, columns the predicted one."""
        return confusion(self.answers.truth, self.answers.predicted, len(self.names))

    @cached_property
    def classes(self) -> tuple[ClassFigures, ...]:
        """Figures of each label."""
        return tuple(per_class(self.matrix))

    @cached_property
    def calibration_error(self) -> float:
        """How far confidence is from accuracy, 0 to 1."""
        return calibration_error(self.answers.confidence, self.answers.right)

    @cached_property
    def log_loss(self) -> float:
        """The mean of -ln of what the true label was given, from 0."""
        return log_loss(self.answers.probabilities, self.answers.truth)

    @cached_property
    def brier(self) -> float:
        """The mean squared distance of the probabilities from the truth, 0 to 2."""
        return brier_score(self.answers.probabilities, self.answers.truth)

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        classes = zip(self.names, self.classes, strict=True)
        return {
            "model": self.model,
            **self.accuracy.as_score(),
            "calibration_error": round(self.calibration_error, 6),
            "log_loss": round(self.log_loss, 6),
            "brier": round(self.brier, 6),
            "classes": {
                name: {
                    "precision": round(one.precision, 6),
                    "recall": round(one.recall, 6),
                    "f1": round(one.f1, 6),
                    "n": one.support,
                }
                for name, one in classes
            },
            "labels": list(self.names),
            "confusion": self.matrix.tolist(),
        }


def evaluate(classifier: Classifier, data: Dataset, progress: Progress | None = None) -> Evaluation:
    """Label every crop and compare with its true label.

    Raises
    ------
    DatasetError
        Where the data has labels that the model does not know.
    """
    card = classifier.card
    return Evaluation(card.name, card.labels, predict(classifier, data, progress), card.trained_on)


def predict(classifier: Classifier, data: Dataset, progress: Progress | None = None) -> Answers:
    """Label every crop.

    Raises
    ------
    DatasetError
        Where the data has labels that the model does not know.
    """
    names = classifier.card.labels
    unknown = [name for name, number in data.count().items() if number and name not in names]
    if unknown:
        raise DatasetError(
            f"There are crops labelled {', '.join(unknown)}; the model knows {', '.join(names)}.",
            hint="Evaluate a model that was trained with these labels, or leave those crops out.",
        )
    probabilities = np.zeros((len(data), len(names)), np.float32)
    for start in range(0, len(data), _AT_ONCE):
        part = [_crop(np.asarray(pixels)) for pixels in data.crops[start : start + _AT_ONCE]]
        for index, one in enumerate(classifier.classify(part), start):
            probabilities[index] = one.probabilities
        if progress:
            progress(start + len(part), len(data))
    return Answers(data.among(names).labels, probabilities)


def _crop(pixels: NDArray[np.uint8]) -> Crop:
    return Crop(pixels, Box(0, 0, pixels.shape[1], pixels.shape[0]))
