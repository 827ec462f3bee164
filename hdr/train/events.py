"""What happens while a model is trained, one small record after the other: for a bar, a log, or lines of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.data.metrics import mcnemar


@dataclass(frozen=True)
class Started:
    """Training begins.

    Parameters
    ----------
    architecture
        Its name.
    parameters
        How many numbers are learned.
    train, validation
        Crops in either part.
    epochs, steps
        Passes over the data, and batches in each.
    """

    architecture: str
    parameters: int
    train: int
    validation: int
    epochs: int
    steps: int


@dataclass(frozen=True)
class Step:
    """Some batches are done.

    Parameters
    ----------
    epoch
        From 1.
    step
        Batches done of this epoch.
    loss
        Mean of the epoch so far.
    """

    epoch: int
    step: int
    loss: float


@dataclass(frozen=True)
class EpochDone:
    """A pass over the data is done.

    Parameters
    ----------
    epoch
        From 1.
    loss
        Mean of the epoch.
    validation_accuracy
        On held-out crops, 0 to 1.
    warped_accuracy
        On the same crops, bent as other hands and pens would have, 0 to 1.
    seconds
        It took.
    best
        Whether it is the best so far, and therefore kept.
    accuracy
        On the crops that were learned from, bent as they were, while they were learned, 0 to 1.
    validation_loss
        On held-out crops.
    """

    epoch: int
    loss: float
    validation_accuracy: float
    warped_accuracy: float
    seconds: float
    best: bool
    accuracy: float = 0.0
    validation_loss: float = 0.0


@dataclass(frozen=True)
class Measured:
    """The finished model was measured on data that had no part in any choice.

    Parameters
    ----------
    data
        Which.
    accuracy
        0 to 1.
    interval
        Its 95 % interval.
    n
        Crops.
    disagreements
        Crops on which the Keras and the LiteRT file give another label.
    """

    data: str
    accuracy: float
    interval: tuple[float, float]
    n: int
    disagreements: int


@dataclass(frozen=True)
class Compared:
    """A model was measured on the same held-out crops before and after it learned more.

    Parameters
    ----------
    data
        Which crops.
    before, after
        Accuracy, 0 to 1.
    n
        Crops.
    p
        Chance of such a difference between two models that are equally good (McNemar), 0 to 1.
    """

    data: str
    before: float
    after: float
    n: int
    p: float


def compared(data: str, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Compared:
    """Return the event of two models that were right, or not, crop by crop."""
    n = len(before)
    was, now = (round(float(one.mean()), 6) if n else 0.0 for one in (before, after))
    return Compared(data, was, now, n, round(mcnemar(before, after).p, 6))


@dataclass(frozen=True)
class Published:
    """The model stands in its folder.

    Parameters
    ----------
    name
        Of the model.
    path
        Its folder.
    tflite_bytes
        Size of the LiteRT file.
    """

    name: str
    path: str
    tflite_bytes: int


Event = Started | Step | EpochDone | Measured | Compared | Published

_NAMES = {
    Started: "started",
    Step: "step",
    EpochDone: "epoch",
    Measured: "measured",
    Compared: "compared",
    Published: "published",
}


def to_json(event: Event) -> str:
    """Return an event as one line of JSON, its kind under ``event``."""
    return json.dumps({"event": _NAMES[type(event)], **asdict(event)})
