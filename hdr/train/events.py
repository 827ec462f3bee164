"""What happens while a model is trained, one small record after the other: for a bar, a log, or lines of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.data.metrics import mcnemar


@dataclass(frozen=True)
class Reading:
    """The pictures of folders are read; it comes before all else.

    Parameters
    ----------
    done, of
        How many of how many files.
    """

    done: int
    of: int


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
        Passes over the data, and batches in each of the first ones.
    total
        Batches of the whole run; later epochs may have more of them, where what was held out is learned from at last.
    device
        What it runs on, in words.
    mixed
        Whether layers work in bfloat16.
    run
        The folder from which it can be gone on with after it was stopped or killed; empty where it cannot.
    resumed_from
        Epochs that were done before, by the run that this one goes on with.
    workers
        How many machines or processes learn together.
    """

    architecture: str
    parameters: int
    train: int
    validation: int
    epochs: int
    steps: int
    total: int = 0
    device: str = ""
    mixed: bool = False
    run: str = ""
    resumed_from: int = 0
    workers: int = 1


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
    done
        Batches done of `Started.total`; those that an early stop spares count as done.
    seconds_left
        At the pace of this run so far, until the last epoch is done.
    """

    epoch: int
    step: int
    loss: float
    done: int = 0
    seconds_left: float = 0.0


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
    learning_rate
        At its end.
    seconds_left
        As `Step` has it.
    """

    epoch: int
    loss: float
    validation_accuracy: float
    warped_accuracy: float
    seconds: float
    best: bool
    accuracy: float = 0.0
    validation_loss: float = 0.0
    learning_rate: float = 0.0
    seconds_left: float = 0.0


@dataclass(frozen=True)
class Note:
    """Something that a person should know of the run.

    Parameters
    ----------
    text
        A sentence.
    """

    text: str


@dataclass(frozen=True)
class Trained:
    """Nothing more is learned; what follows is to convert, to measure and to publish.

    Parameters
    ----------
    epochs
        Done.
    best
        The epoch whose figures on what was held out are the model's.
    weights
        SHA-256 of all its weights: workers that learned together have the same.
    worker
        Which of the workers says so, from 0.
    """

    epochs: int
    best: int
    weights: str
    worker: int = 0


@dataclass(frozen=True)
class Stopped:
    """The run was asked to stop, and did.

    Parameters
    ----------
    name
        Of the model that it was to become.
    epochs_done, epochs
        Kept, of how many.
    resume
        What to type to go on; empty where nothing was kept.
    """

    name: str
    epochs_done: int
    epochs: int
    resume: str


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


Event = Reading | Started | Step | EpochDone | Note | Trained | Measured | Compared | Published | Stopped

_NAMES = {
    Reading: "reading",
    Started: "started",
    Step: "step",
    EpochDone: "epoch",
    Note: "note",
    Trained: "trained",
    Measured: "measured",
    Compared: "compared",
    Published: "published",
    Stopped: "stopped",
}


def to_json(event: Event) -> str:
    """Return an event as one line of JSON, its kind under ``event``."""
    return json.dumps({"event": _NAMES[type(event)], **asdict(event)})
