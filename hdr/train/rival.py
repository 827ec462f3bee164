"""What a new model was measured on to a sentence on the model in use: a newer one is not always better."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.classify.loading import load_classifier
from hdr.classify.store import ModelStore
from hdr.data.dataset import Dataset
from hdr.data.evaluate import predict
from hdr.data.learned import read_learned
from hdr.data.metrics import mcnemar
from hdr.errors import HdrError
from hdr.train.events import Note

_CHANCE = 0.05


def beside_the_one_in_use(store: ModelStore, name: str, data: Dataset, right: NDArray[np.bool_]) -> Iterator[Note]:
    """Compare a model that was just measured with the one in use, in a sentence.

    Nothing is told where the model in use is the one that is replaced, knows other labels, has seen some of the data,
    or cannot be loaded, which is no reason to lose what was trained.

    Parameters
    ----------
    store
        Where the new one is published.
    name
        Of the new one.
    data
        What it was measured on.
    right
        Shape (crops,): where it was right.
    """
    with contextlib.suppress(HdrError):
        other = _fair_rival(store, name, data)
        if other is not None:
            yield Note(_sentence(other.card.name, predict(other, data).right, right))


def _fair_rival(store: ModelStore, name: str, data: Dataset) -> Classifier | None:
    current = store.current()
    if current == name or not len(data):
        return None
    entry = store.find(current)
    card, seen = entry.card, read_learned(entry.path)
    used = {label for label, count in data.count().items() if count}
    if card is None or card.geometry != data.geometry or not used <= set(card.labels):
        return None
    if seen is not None and any(part.any() for part in seen.knows(data)):
        return None
    return load_classifier(entry.path)


def _sentence(name: str, was: NDArray[np.bool_], now: NDArray[np.bool_]) -> str:
    p = mcnemar(was, now).p
    told = f"{name}, the model in use, is right on {float(was.mean()):.2%} of the same"
    if p >= _CHANCE:
        return f"{told}: the difference may be chance (McNemar's test, p = {p:.2g})."
    better = "better" if now.mean() > was.mean() else "worse"
    return f"{told}: this one is {better}, by more than chance (McNemar's test, p = {p:.2g})."
