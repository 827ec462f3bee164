"""What a training run tells: its epochs, how the model did, and numbers in the words in which a person reads them.

It imports neither Tk nor NumPy nor anything of `hdr.train`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_CHANCE = 0.05
_DATA = {
    "mnist_test": "MNIST's test part",
    "test": "the part held out to test on",
    "captures_held_out": "your own captures that were held out",
    "your captures, held out": "your own captures that were held out",
    "known before": "what it knew before",
}


@dataclass(frozen=True)
class Epoch:
    """A point of the curves; what is not known is NaN.

    Parameters
    ----------
    number
        From 1.
    loss, accuracy
        On what is learned from.
    validation_loss, validation_accuracy
        On what is held out.
    best
        Whether it was the best so far.
    """

    number: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    best: bool


@dataclass(frozen=True)
class Result:
    """How the finished model did on data that had no part in any choice.

    Parameters
    ----------
    data
        Its name in the card.
    accuracy, low, high
        0 to 1, with its 95 % interval.
    n
        Samples.
    """

    data: str
    accuracy: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return (
            f"Right on {called(self.data)}: {percent(self.accuracy)} "
            f"(95 % interval {percent(self.low)} to {percent(self.high)}, n = {self.n:,})."
        )


@dataclass(frozen=True)
class Comparison:
    """The new model and the one before on the same samples.

    Parameters
    ----------
    data
        Which samples.
    before, after
        Accuracy, 0 to 1.
    n
        Samples.
    p
        Chance of such a difference between equally good models (McNemar's test).
    """

    data: str
    before: float
    after: float
    n: int
    p: float

    def __str__(self) -> str:
        told = f"Right on {called(self.data)}: {percent(self.before)} before, {percent(self.after)} now"
        if self.after == self.before:
            return f"{told} (n = {self.n:,})."
        better = "better" if self.after > self.before else "worse"
        chance = f"{better}, and not by chance" if self.p < _CHANCE else "the difference may be chance"
        return f"{told}: {chance} (n = {self.n:,}, p = {self.p:.2g})."


def called(data: str) -> str:
    """Return what a person calls data of the card."""
    return _DATA.get(data, data.replace("_", " "))


def percent(share: float) -> str:
    """Return a share as a person reads it, near 100 % more exactly."""
    return "?" if math.isnan(share) else f"{share:.2%}".replace("%", " %")


def in_words(seconds: float) -> str:
    """Return a duration as a person says it."""
    if seconds < 90:
        return f"{max(1, round(seconds)):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
