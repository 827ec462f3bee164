"""A run that has ended to the figures of its model's card, each with its interval."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdr.classify.litert import run_tflite
from hdr.data.dataset import Dataset
from hdr.data.fields import Fields
from hdr.data.metrics import Accuracy, accuracy
from hdr.data.pictures import to_channels
from hdr.train.convert import Parity, compare
from hdr.train.events import Event, Measured
from hdr.train.fit import Training


class Measures(NamedTuple):
    """What came of measuring a model.

    Parameters
    ----------
    scores
        Of its card.
    told
        What is told of them.
    right
        Shape (samples,), ``bool``: where it was right; None where there was nothing to measure it on.
    """

    scores: dict[str, Any]
    told: list[Event]
    right: NDArray[np.bool_] | None = None


def measure(test: tuple[str, Dataset] | None, training: Training, tflite: bytes) -> Measures:
    """Measure a model once.

    Parameters
    ----------
    test
        What had no part in training or in any choice, by the name of its score; None for nothing.
    training
        That has ended.
    tflite
        The same model as LiteRT has it.
    """
    scores = _of_validation(training)
    if test is None:
        return Measures(scores, [])
    name, data = test
    exact, light = _both(data, training, tflite)
    right = light.argmax(axis=1) == data.labels
    got, parity = accuracy(data.labels, light.argmax(axis=1)), compare(exact, light)
    scores[name] = {
        **got.as_score(),
        "how": "model.tflite, measured once on data that had no part in training or in any choice; Wilson interval",
        "keras_accuracy": round(accuracy(data.labels, exact.argmax(axis=1)).value, 6),
        "parity": _parity(parity, data.labels, exact, light),
    }
    return Measures(scores, [Measured(name, got.value, got.interval, got.n, len(parity.changed))], right)


def _of_validation(training: Training) -> dict[str, Any]:
    """How it did on what was held out, as it is and warped."""
    best, held, hard = training.best, training.material.validation_count, training.material.hard_count
    right = Accuracy(round(best.validation_accuracy * held), held)
    warped = Accuracy(round(best.warped_accuracy * hard), hard)
    return {
        "validation": {**right.as_score(), "epoch": best.epoch, **_since(training)},
        "validation_warped": {
            **warped.as_score(),
            "how": "with what was held out of the other sources, warped as in training",
        },
        "temperature": {
            "value": round(training.temperature, 4),
            "how": "of the validation digits, plain and warped",
        },
    }


def _since(training: Training) -> dict[str, str]:
    """What the model has learned since it was validated for the last time."""
    after = [one.epoch for one in training.history if one.epoch > training.best.epoch]
    if not training.material.all_seen or not after:
        return {}
    how = f"measured after epoch {training.best.epoch}; epochs {after[0]} to {after[-1]} learned from these crops too"
    return {"how": how}


def _both(data: Dataset, training: Training, tflite: bytes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the Keras and the LiteRT file say."""
    exact, light = [], []
    for part in Fields(data, training.size).parts():
        x = to_channels(part, training.architecture.channels)
        exact.append(training.answers(x))
        light.append(run_tflite(tflite, x))
    return np.concatenate(exact), np.concatenate(light)


def _parity(
    parity: Parity, truth: NDArray[np.int64], exact: NDArray[np.float32], light: NDArray[np.float32]
) -> dict[str, Any]:
    """Each disagreement with what was true and what either file says."""
    changed = [
        {"index": i, "true": int(truth[i]), "keras": int(exact[i].argmax()), "tflite": int(light[i].argmax())}
        for i in parity.changed
    ]
    return {**parity.as_score(), "changed": changed}
