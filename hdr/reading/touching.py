"""Ink that may be several digits, with a classifier's word on every piece of it, to the digits it is divided into."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hdr.classify.classifier import Prediction
from hdr.classify.names import NOT_A_DIGIT
from hdr.vision.segment import Region
from hdr.vision.split import Pieces

_WIDE = 0.85
"""Ink this wide, in heights of the page's digits, may be two digits: most single ones are narrower."""
_TOO_WIDE = 1.25
"""Ink this wide is hardly one digit, however sure the classifier is, which has never seen two."""
_LIKE = 3.2
"""Digits of one page are at most so many times higher than each other."""
_WIDEST_DIGIT = 2.5
"""No digit is wider than this, in its own heights."""
_SURE = 0.9
_PIECE_SURE = 0.5
_PIECE = 0.2
"""What every piece costs, so that a digit is not cut into two 1s."""


def may_touch(region: Region, whole: Prediction, digit_px: float) -> bool:
    """Whether a region is worth cutting.

    Parameters
    ----------
    region
        Ink of one or several digits.
    whole
        What it would be as one digit.
    digit_px
        Height of the page's digits.
    """
    if region.box.height < 10:
        return False
    wide = _wide(region, digit_px)
    return wide > _TOO_WIDE or (wide > _WIDE and whole.digit[1] < _SURE)


def is_wide(region: Region, digit_px: float) -> bool:
    """Whether ink is too wide for one digit on a page where digits are of this height."""
    return _wide(region, digit_px) > _TOO_WIDE


def _wide(region: Region, digit_px: float) -> float:
    return region.box.width / min(max(region.box.height, 0.7 * digit_px), 1.4 * digit_px)


def is_one_digit(region: Region) -> bool:
    """Whether ink that could not be divided may be one digit; a wider one is a line or a word."""
    return region.box.width <= _WIDEST_DIGIT * region.box.height


def divide(region: Region, whole: Prediction, pieces: Pieces, predictions: Sequence[Prediction]) -> list[int]:
    """Choose the pieces that a region is divided into: the way from its left to its right that is likeliest throughout.

    Parameters
    ----------
    region
        The ink as one.
    whole
        What it would be as one digit.
    pieces
        The ways to cut it.
    predictions
        One a piece.

    Returns
    -------
    Indices of pieces from left to right; empty where it is better left whole.
    """
    height = region.box.height
    best: list[tuple[float, list[int]]] = [(-math.inf, [])] * pieces.nodes
    best[0] = (0.0, [])
    # Pieces that start early come first: the best way to where a piece starts is then settled.
    for index in sorted(range(len(pieces.spans)), key=lambda i: pieces.spans[i]):
        start, end = pieces.spans[index]
        score = (
            best[start][0] + _score(pieces.regions[index], predictions[index], height) - _crossing(pieces.strokes[end])
        )
        if score > best[end][0]:
            best[end] = (score, [*best[start][1], index])
    score, chosen = best[-1]
    sure = sum(predictions[i].digit[1] >= _PIECE_SURE for i in chosen) >= len(chosen) * _share_sure(region)
    if whole.label == NOT_A_DIGIT and all(predictions[i].digit[0] == "1" for i in chosen):
        return []  # a letter of slanted strokes: N, V, W, X
    return chosen if len(chosen) > 1 and sure and score > _score(region, whole, height) else []


def _share_sure(region: Region) -> float:
    """The part of the pieces that must be surely digits: all, but of a long run some may be badly cut."""
    return 1.0 if is_one_digit(region) else 0.6


def _score(piece: Region, prediction: Prediction, height_px: int) -> float:
    """How likely ink is to be one digit, as a logarithm: by the classifier, and by its proportions."""
    aspect = piece.box.width / height_px
    label, probability = prediction.digit
    usual, spread = (0.22, 0.15) if label == "1" else (0.62, 0.25)
    unusual = max(0.0, abs(aspect - usual) / spread - 1)
    short = max(0.0, 0.75 - piece.box.height / height_px) * 4
    return math.log(max(probability, 1e-6)) - 0.5 * unusual**2 - short - _PIECE


def _crossing(strokes: float) -> float:
    """What it costs to cut through more than the one stroke by which two digits touch."""
    return max(0.0, strokes - 1.6)


def typical_heights(regions: Sequence[Region]) -> list[float]:
    """Return for each region the median height, in pixels, of those of a like size: print beside writing is not."""
    heights = np.array([region.box.height for region in regions], np.float64)
    ordered = np.sort(heights)
    first = np.searchsorted(ordered, heights / _LIKE)
    last = np.searchsorted(ordered, heights * _LIKE, side="right")
    middle = ordered[(first + last - 1) // 2] + ordered[(first + last) // 2]
    return list((middle / 2).tolist())
