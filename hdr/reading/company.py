"""Predictions of a page's ink, each by itself, to the same weighed by their company: an O among letters is no 0.

A single crop cannot tell an O from a 0 or an l from a 1. Its neighbours can: what stands in a word is a letter, what
stands in a number a digit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Prediction
from hdr.classify.names import NOT_A_DIGIT
from hdr.geometry import Box

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_WORD, _PHRASE, _LINE = 0.6, 3.0, 10.0
"""Ink this close at either side, in heights, stands in one word with it; this close, in one phrase; in one line."""
_PHRASE_SAYS, _LINE_SAYS = 0.3, 0.15
"""What a neighbour in the phrase or the line counts for beside one in the word."""
_ALIKE = 2.0
"""Neighbours are at most so many times higher or lower."""
_FOR_TEXT = 3.0
"""A neighbour that is no digit: by how much text is likelier than a number, as a logarithm. Numbers have few such."""
_FOR_NUMBER = 0.9
"""A neighbour that looks like a digit, the other way: two letters of five do, such as o, l, i, s."""
_MOST_FOR_NUMBER, _MOST_FOR_TEXT = 8.0, 14.0
"""What the company says at most: an o in a line of print is a 0 to whoever sees nothing else of it."""
_LEGIBLE_PX = (4, 10)
"""Ink no higher than the first is not known for letters; from the second on its word counts in full."""
_ROUNDS = 3
_REJECTED = 0.95
_USUAL, _KNOWN = 0.025, 40
"""How much of a page's ink is no digit, usually; and how much ink it takes to know the page by its own."""
_AT_ONCE = 128


def company(boxes: Sequence[Box], predictions: Sequence[Prediction], speak: Sequence[bool] | None = None) -> Floats:
    """Tell for each crop how much likelier its neighbours make it to be text than a number.

    Parameters
    ----------
    boxes
        In image pixels.
    predictions
        One a box, by the crop alone.
    speak
        Whose word counts; everybody's by default.

    Returns
    -------
    Shape (boxes,): the logarithm of the odds' factor, above 0 for text; 0 for all where the model knows no
    `NOT_A_DIGIT`.
    """
    said = np.zeros(len(boxes))
    if not boxes or NOT_A_DIGIT not in predictions[0].labels:
        return said
    none = predictions[0].labels.index(NOT_A_DIGIT)
    alone = np.array([one.probabilities[none] for one in predictions], np.float64)
    ours, theirs, weights = _neighbours(boxes)
    page = page_says(predictions)
    low, high = _LEGIBLE_PX
    legible = np.clip((np.array([box.height for box in boxes]) - low) / (high - low), 0, 1)
    for _ in range(_ROUNDS):
        factor = np.exp(said + page)
        rejected = alone * factor / (alone * factor + 1 - alone + 1e-12)
        words = rejected * legible * _FOR_TEXT - (1 - rejected) * _FOR_NUMBER
        if speak is not None:
            words *= speak
        told: Floats = np.bincount(ours, weights * words[theirs], len(boxes)).astype(np.float64)
        said = np.clip(told, -_MOST_FOR_NUMBER, _MOST_FOR_TEXT)
    return said


def page_says(predictions: Sequence[Prediction]) -> float:
    """Tell how much likelier a page makes any of its crops to be text: on one full of letters more is no digit.

    Parameters
    ----------
    predictions
        Of all its crops, by the crop alone.

    Returns
    -------
    The logarithm of the odds' factor, at least 0: a page without letters says nothing.

    References
    ----------
    M. Saerens, P. Latinne, C. Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
    2002, doi:10.1162/089976602753284446; the new ones told by the crops that are surely none, and held back by as many
    of a usual page.
    """
    if not predictions or NOT_A_DIGIT not in predictions[0].labels:
        return 0.0
    none = predictions[0].labels.index(NOT_A_DIGIT)
    surely = sum(float(one.probabilities[none]) > _REJECTED for one in predictions)
    share = (surely + _KNOWN * _USUAL) / (len(predictions) + _KNOWN)
    return float(max(0.0, np.log(share / (1 - share)) - np.log(_USUAL / (1 - _USUAL))))


def weigh(predictions: Sequence[Prediction], said: Floats) -> list[Prediction]:
    """Change the odds of each crop's being no digit by what is said of it, as `company` and `page_says` give it."""
    if not predictions or not np.any(said):
        return list(predictions)
    labels = predictions[0].labels
    odds = np.array([one.probabilities for one in predictions], np.float64)
    odds[:, labels.index(NOT_A_DIGIT)] *= np.exp(said)
    weighed = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
    return [Prediction(labels, row) for row in weighed]


def _neighbours(boxes: Sequence[Box]) -> tuple[Indices, Indices, Floats]:
    """Every pair of neighbours, each of both once as the first, and what the second counts for."""
    edges = np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes], np.float64)
    order = np.argsort(edges[:, 1], kind="stable")
    tops = edges[order, 1]
    ours: list[Indices] = []
    theirs: list[Indices] = []
    counts: list[Floats] = []
    # By bands of the page: all with all would take long where there are thousands.
    for start in range(0, len(order), _AT_ONCE):
        band = order[start : start + _AT_ONCE]
        tallest = _ALIKE * (edges[band, 3] - edges[band, 1]).max()
        first = np.searchsorted(tops, edges[band, 1].min() - tallest)
        last = np.searchsorted(tops, edges[band, 3].max())
        others = order[first:last]
        weights = _closeness(edges[band], edges[others])
        weights[band[:, None] == others[None, :]] = 0
        one, other = np.nonzero(weights)
        ours.append(band[one])
        theirs.append(others[other])
        counts.append(weights[one, other])
    return np.concatenate(ours), np.concatenate(theirs), np.concatenate(counts)


def _closeness(edges: Floats, others: Floats) -> Floats:
    """What each of the others counts for; shape (edges, others)."""
    x0, y0, x1, y1 = (edges[:, None, k] for k in range(4))
    u0, v0, u1, v1 = (others[None, :, k] for k in range(4))
    lower, higher = np.minimum(y1 - y0, v1 - v0), np.maximum(y1 - y0, v1 - v0)
    gap = np.maximum(x0 - u1, u0 - x1) / higher
    level = (np.minimum(y1, v1) - np.maximum(y0, v0) > 0.4 * lower) & (higher <= _ALIKE * lower)
    says = np.where(gap < _WORD, 1.0, np.where(gap < _PHRASE, _PHRASE_SAYS, _LINE_SAYS))
    return np.where(level & (gap < _LINE), says, 0.0)
