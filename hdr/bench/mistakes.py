"""Digits with some labels made wrong on purpose to how soon a person finds those, beside plainer ways of looking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.classify.features import HiddenLayer, shipped_hidden_layer
from hdr.data.dataset import Dataset
from hdr.data.load import load_dataset
from hdr.data.metrics import wilson
from hdr.data.mistakes import discriminant, find_mistakes
from hdr.geometry import Box
from hdr.vision.normalize import Crop

WRONG = 0.03
SHOWN = 0.05
SMALL = 500
"""As many crops as a person has who begins."""
ALIKE = np.array([6, 7, 7, 5, 9, 3, 0, 1, 3, 4])
"""For 0 to 9 a digit that it is taken for by mistake."""
_PAGE = 20
_AT_ONCE = 2000

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """How soon one way of looking finds the wrong labels of one set.

    Parameters
    ----------
    data
        What was looked through.
    way
        How.
    crops, wrong
        How many there were, and how many of them had a wrong label.
    found
        How many of those are among the first `SHOWN`.
    to_find_most
        The share of all crops that must be looked at until 95 % of the wrong ones are found, 0 to 1.
    """

    data: str
    way: str
    crops: int
    wrong: int
    found: int
    to_find_most: float

    def figures(self) -> dict[str, Any]:
        """As JSON has it."""
        low, high = wilson(self.found, self.wrong)
        return {
            "data": self.data,
            "way": self.way,
            "crops": self.crops,
            "wrong": self.wrong,
            "shown": SHOWN,
            "found": round(self.found / self.wrong, 6),
            "interval": [round(low, 6), round(high, 6)],
            "to_find_95_percent": round(self.to_find_most, 6),
        }


def bench_mistakes(files: dict[str, Path], classifier: Classifier, seed: int = 1) -> Iterator[Found]:
    """Make labels wrong, and look for them in four ways.

    Parameters
    ----------
    files
        What to look through, by name: files that `load_dataset` takes. The models must not have learned from them.
    classifier
        The model in use, for the plain way.
    seed
        Which labels become wrong.

    Yields
    ------
    For each set and for its first `SMALL` crops in a drawn order, with wrong labels that are any other and with such as
    are easily mistaken: ours, the model's lowest probability of the label, the same of a model that learned from the
    wrong labels too, and chance.
    """
    layer = shipped_hidden_layer()
    for name, path in files.items():
        data = load_dataset(path, classifier.card.labels)
        seen = _seen(data, layer)
        plain = _probabilities(data, classifier)
        order = np.random.default_rng(seed).permutation(len(data))
        for rows in (order[:SMALL], order) if len(data) > SMALL else (order,):
            for kind, alike in (("", False), (", alike", True)):
                labels, wrong = spoil(data.labels[rows], seed, alike=alike)
                yield from _look(f"{name}, {len(rows):,}{kind}", seen[rows], plain[rows], (labels, wrong), seed)


def _look(
    name: str, seen: NDArray[np.float32], plain: Scores, spoilt: tuple[NDArray[np.int64], NDArray[np.bool_]], seed: int
) -> Iterator[Found]:
    labels, wrong = spoilt
    everyone = np.arange(len(labels))
    ways: dict[str, Callable[[], Scores]] = {
        "ours": lambda: _ours(seen, labels),
        "model": lambda: -plain[everyone, labels],
        "taught": lambda: _taught(seen, labels),
        "chance": lambda: np.random.default_rng(seed + 1).random(len(labels)),
    }
    for way, score in ways.items():
        yield _found(name, way, wrong, score())


def spoil(truth: NDArray[np.int64], seed: int, *, alike: bool = False) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Make a share of `WRONG` of the labels wrong; return the labels, and which are wrong.

    Parameters
    ----------
    truth
        Shape (crops,), 0 to 9.
    seed
        Which, and what they become.
    alike
        Whether each becomes the digit of `ALIKE`; else any other, each as often.
    """
    rng = np.random.default_rng(seed)
    wrong = np.zeros(len(truth), np.bool_)
    wrong[rng.choice(len(truth), max(1, round(WRONG * len(truth))), replace=False)] = True
    labels = truth.copy()
    others = (labels[wrong] + rng.integers(1, len(ALIKE), np.count_nonzero(wrong))) % len(ALIKE)
    labels[wrong] = ALIKE[labels[wrong]] if alike else others
    return labels, wrong


def _ours(seen: NDArray[np.float32], labels: NDArray[np.int64]) -> Scores:
    """As a captures folder is looked through: as if each `_PAGE` crops were of one page."""
    found = find_mistakes(seen, labels, np.arange(len(labels)) // _PAGE)
    scores = np.full(len(labels), -np.inf)
    scores[found.rows] = found.doubt
    return scores


def _taught(seen: NDArray[np.float32], labels: NDArray[np.int64]) -> Scores:
    """The same classifier without cross-validation: it has learned from the labels that it is to judge."""
    wide = seen.astype(np.float64)
    logits = discriminant(wide, labels, wide, int(labels.max()) + 1)
    own = logits[np.arange(len(labels)), labels]
    return np.asarray(np.log(np.exp(logits - own[:, None]).sum(axis=1)), np.float64)


def _found(name: str, way: str, wrong: NDArray[np.bool_], scores: Scores) -> Found:
    in_order = wrong[np.argsort(-scores, kind="stable")]
    shown = round(SHOWN * len(wrong))
    total = int(np.count_nonzero(wrong))
    most = int(np.searchsorted(np.cumsum(in_order), np.ceil(0.95 * total))) + 1
    return Found(name, way, len(wrong), total, int(np.count_nonzero(in_order[:shown])), most / len(wrong))


def _seen(data: Dataset, layer: HiddenLayer) -> NDArray[np.float32]:
    starts = range(0, len(data), _AT_ONCE)
    return np.concatenate([layer(_crops(data, start)) for start in starts])


def _probabilities(data: Dataset, classifier: Classifier) -> Scores:
    parts = [classifier.classify(_crops(data, start)) for start in range(0, len(data), _AT_ONCE)]
    return np.array([one.probabilities for part in parts for one in part], np.float64)


def _crops(data: Dataset, start: int) -> list[Crop]:
    part = data.crops[start : start + _AT_ONCE]
    return [Crop(np.asarray(pixels), Box(0, 0, pixels.shape[1], pixels.shape[0])) for pixels in part]
