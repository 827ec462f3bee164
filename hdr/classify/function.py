"""A model as a function of pictures, and how it is fed, to a classifier: what every back end does alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.classifier import Prediction, model_input
from hdr.classify.shapes import InputKind, feed, to_probabilities
from hdr.vision.normalize import Crop


class FunctionClassifier:
    """Labels crops with a function.

    Parameters
    ----------
    function
        A batch as `feed` makes it to outputs of shape (pictures, labels).
    kind
        How it is fed.
    card
        Its description.
    """

    def __init__(
        self, function: Callable[[NDArray[Any]], NDArray[np.float32]], kind: InputKind, card: ModelCard
    ) -> None:
        self._function = function
        self._kind = kind
        self.card = card

    def fed(self, crops: Sequence[Crop]) -> NDArray[Any]:
        """Return crops as the model takes them: shape (crops, ...)."""
        return feed(model_input(crops, self.card), self._kind)

    def classify(self, crops: Sequence[Crop]) -> list[Prediction]:
        """Label all crops of a page in one call; an empty list for none."""
        if not crops:
            return []
        return [Prediction(self.card.labels, row) for row in to_probabilities(self._function(self.fed(crops)))]
