"""A model that has learned to the same model whose confidence is honest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.names import NOT_A_DIGIT
from hdr.train.registry import LAST

_NONE_IN_USE = 0.025
"""Share of a page's candidates that are no digit, before anybody has looked."""


def calibrate(model: Any, temperature: float, none: tuple[int, float] | None) -> None:
    """Divide what the last layer adds up by a temperature, and give "none" the odds that it has on a page.

    Parameters
    ----------
    model
        Of the registry.
    temperature
        Above 1 it becomes less sure of itself.
    none
        The output that stands for what is no digit, and its share, 0 to 1, of what was learned from; None where there
        is none.
    """
    last = model.get_layer(LAST)
    weights, bias = (weight / temperature for weight in last.get_weights())
    if none:
        # Much less of a page is no digit than of what is learned from: the odds of Bayes' rule.
        bias[none[0]] += _log_odds(_NONE_IN_USE) - _log_odds(none[1])
    last.set_weights([weights, bias])


def none_share(
    names: tuple[str, ...], labels: NDArray[np.int64], weights: NDArray[np.float32]
) -> tuple[int, float] | None:
    """Return which output stands for what is no digit and how much of what was learned it is; None where none does.

    Parameters
    ----------
    names
        Of the outputs.
    labels
        Of what was learned from, shape (samples,).
    weights
        How much a sample of each label counted, shape (names,).
    """
    if NOT_A_DIGIT not in names:
        return None
    none, counted = names.index(NOT_A_DIGIT), weights[labels]
    return none, float(counted[labels == none].sum() / counted.sum())


def figures(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[float, float]:
    """Return the accuracy, 0 to 1, and the mean negative log-likelihood."""
    own = probabilities[np.arange(len(labels)), labels]
    right = probabilities.argmax(axis=1) == labels
    return float(right.mean()), float(-np.log(np.maximum(own, 1e-7)).mean())


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share)) if 0 < share < 1 else 0.0
