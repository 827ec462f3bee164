"""A classifier and labelled crops to how well the one reads the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.data.dataset import Dataset
from hdr.data.metrics import Accuracy, ClassFigures, accuracy, calibration_error, confusion, per_class
from hdr.errors import DatasetError
from hdr.geometry import Box
from hdr.vision.normalize import Crop

_AT_ONCE = 2000


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of labelled crops, in their order.

    Parameters
    ----------
    truth, predicted
        Shape (crops,), indices into the model's labels.
    confidence
        Shape (crops,): the probability of what was predicted, 0 to 1.
    """

    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]

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
    accuracy
        Over all crops.
    classes
        Figures of each label.
    matrix
        Shape (labels, labels): rows the true label, columns the predicted one.
    calibration_error
        How far confidence is from accuracy, 0 to 1.
    answers
        What was said of each crop.
    trained_on
        What the model learned from, in words.
    """

    model: str
    names: tuple[str, ...]
    accuracy: Accuracy
    classes: tuple[ClassFigures, ...]
    matrix: NDArray[np.int64]
    calibration_error: float
    answers: Answers
    trained_on: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        classes = zip(self.names, self.classes, strict=True)
        return {
            "model": self.model,
            **self.accuracy.as_score(),
            "calibration_error": round(self.calibration_error, 6),
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


def evaluate(classifier: Classifier, data: Dataset) -> Evaluation:
    """Label every crop and compare with its true label.

    Raises
    ------
    DatasetError
        Where the data has labels that the model does not know.
    """
    names = classifier.card.labels
    answers = predict(classifier, data)
    matrix = confusion(answers.truth, answers.predicted, len(names))
    return Evaluation(
        classifier.card.name,
        names,
        accuracy(answers.truth, answers.predicted),
        tuple(per_class(matrix)),
        matrix,
        calibration_error(answers.confidence, answers.right),
        answers,
        classifier.card.trained_on,
    )


def predict(classifier: Classifier, data: Dataset) -> Answers:
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
    predicted, confidence = np.zeros(len(data), np.int64), np.zeros(len(data))
    for start in range(0, len(data), _AT_ONCE):
        part = [_crop(np.asarray(pixels)) for pixels in data.crops[start : start + _AT_ONCE]]
        for index, one in enumerate(classifier.classify(part), start):
            predicted[index] = int(one.probabilities.argmax())
            confidence[index] = one.confidence
    return Answers(data.among(names).labels, predicted, confidence)


def _crop(pixels: NDArray[np.uint8]) -> Crop:
    return Crop(pixels, Box(0, 0, pixels.shape[1], pixels.shape[0]))
