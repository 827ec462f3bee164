"""Predictions of a page's ink, each by itself, to the same weighed by their company: an O among letters is no 0.

A single crop cannot tell an O from a 0 or an l from a 1. Its neighbours can: what stands in a word is a letter, what
stands in a number a digit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import NOT_A_DIGIT
from hdr.classify.classifier import Prediction
from hdr.geometry import Box

_REACH = 1.0
"""Company stands within this many heights at either side..."""
_ALIKE = 1.8
"""... and is at most so many times higher or lower."""
_PRIOR = 2.0
"""How many undecided neighbours everybody has: a single one proves little."""
_USUAL = 0.25
"""Share of company that is no digit at which it says nothing."""
_MOST_WORD = 20.0
"""By how much the company can change the odds, at most."""
_MOST = 1500
"""More ink than this is a page of noise or of print, and comparing all of it with all would take long."""


def weigh_by_company(boxes: Sequence[Box], predictions: Sequence[Prediction]) -> list[Prediction]:
    """Change the odds of every crop's being no digit by what its neighbours are.

    Parameters
    ----------
    boxes
        In image pixels.
    predictions
        One a box, by the crop alone.

    Returns
    -------
    As ``predictions``; those themselves where the model knows no `NOT_A_DIGIT`.
    """
    if not 1 < len(boxes) <= _MOST or NOT_A_DIGIT not in predictions[0].labels:
        return list(predictions)
    none = predictions[0].labels.index(NOT_A_DIGIT)
    rejected = np.array([one.probabilities[none] for one in predictions], np.float64)
    near = _neighbours(boxes)
    share = (near @ rejected + _PRIOR * _USUAL) / (near.sum(axis=1) + _PRIOR)
    factor = np.clip((share / (1 - share)) / (_USUAL / (1 - _USUAL)), 1 / _MOST_WORD, _MOST_WORD)
    return [_with_odds(one, none, float(by)) for one, by in zip(predictions, factor, strict=True)]


def _neighbours(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """1 where two boxes stand side by side in a line, else 0; shape (boxes, boxes)."""
    x0, y0, x1, y1 = np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes], np.float64).T
    height = y1 - y0
    lower = np.minimum(height[:, None], height[None, :])
    gap = np.maximum(x0[:, None] - x1[None, :], x0[None, :] - x1[:, None])
    shared = np.minimum(y1[:, None], y1[None, :]) - np.maximum(y0[:, None], y0[None, :])
    higher = np.maximum(height[:, None], height[None, :])
    near = (gap < _REACH * higher) & (shared > 0.5 * lower) & (higher < _ALIKE * lower)
    np.fill_diagonal(near, False)
    return near.astype(np.float64)


def _with_odds(prediction: Prediction, none: int, factor: float) -> Prediction:
    probabilities = prediction.probabilities.astype(np.float64)
    probabilities[none] *= factor
    return Prediction(prediction.labels, (probabilities / probabilities.sum()).astype(np.float32))
