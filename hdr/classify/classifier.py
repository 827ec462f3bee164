"""What every back end promises: crops in, one prediction each out, in one batched call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.names import NOT_A_DIGIT
from hdr.vision.normalize import PICTURE, Crop, fit_picture, normalize_digit


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model makes of one crop.

    Parameters
    ----------
    labels
        The model's labels, in the order of its outputs.
    probabilities
        Shape (labels,), ``float32``, 0 to 1, summing to 1.
    """

    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.labels[int(self.probabilities.argmax())]

    @property
    def confidence(self) -> float:
        """Its probability, 0 to 1."""
        return float(self.probabilities.max())

    @property
    def digit(self) -> tuple[str, float]:
        """The most probable label that is a digit or letter at all, not `NOT_A_DIGIT`, and its probability."""
        return next(((label, p) for label, p in self.top(2) if label != NOT_A_DIGIT), (self.label, self.confidence))

    def top(self, k: int) -> list[tuple[str, float]]:
        """Return the k most probable labels with their probabilities, best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:k]
        return [(self.labels[i], float(self.probabilities[i])) for i in order]


class Classifier(Protocol):
    """Anything that labels crops."""

    @property
    def card(self) -> ModelCard:
        """What it is and what it expects."""
        ...

    def classify(self, crops: Sequence[Crop]) -> list[Prediction]:
        """Label all crops of a page in one call; an empty list for none."""
        ...


def model_input(crops: Sequence[Crop], card: ModelCard) -> NDArray[np.uint8]:
    """Return what a model of this card sees of these crops.

    Returns
    -------
    Shape (crops, size, size, channels), ``uint8``: white ink on black, or whole pictures as the card's geometry says.
    """
    size = card.input_size
    if card.geometry == PICTURE:
        pictures = [fit_picture(crop.pixels, size, card.channels) for crop in crops]
        return np.array(pictures, np.uint8).reshape(-1, size, size, card.channels)
    fields = np.zeros((len(crops), size, size, card.channels), np.uint8)
    for index, crop in enumerate(crops):
        fields[index] = normalize_digit(crop.pixels, size)[:, :, None]
    return fields


class StubClassifier:
    """A classifier for tests that gives the labels it was told, over and over, with one confidence."""

    def __init__(self, labels: Sequence[str] = ("0",), confidence: float = 0.9, card: ModelCard | None = None) -> None:
        self.card = card or ModelCard(name="stub")
        self.calls: list[int] = []
        self._labels = list(labels)
        self._confidence = confidence

    def classify(self, crops: Sequence[Crop]) -> list[Prediction]:
        """Label the n-th crop with the n-th of the labels, from the start again at each call."""
        self.calls.append(len(crops))
        labels = self.card.labels
        rest = (1 - self._confidence) / (len(labels) - 1)
        predictions = []
        for index in range(len(crops)):
            probabilities = np.full(len(labels), rest, np.float32)
            probabilities[labels.index(self._labels[index % len(self._labels)])] = self._confidence
            predictions.append(Prediction(labels, probabilities))
        return predictions
