"""What a classifier says of digits frame after frame to labels that change only on evidence.

For each label that is not shown, evidence against the one shown is added up: the logarithm of how much likelier a frame
makes it. Frames that are sure weigh much, doubtful ones little, and every frame takes an allowance off, so that what is
said now and then fades. A label changes once another has gathered enough: about three frames that are sure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Prediction

Floats = NDArray[np.float64]

_ENOUGH = 6.0
"""Evidence that changes a label, or settles one: odds of 400 to 1."""
_MOST_AT_ONCE = 3.0
"""What one frame says at most: a hand that passes must not change a label."""
_ALLOWANCE = 0.7
"""What every frame takes off: another label has to be twice as likely, again and again, to count at all."""
_LEAST = 1e-3
"""A probability below this says no more than this one."""
_FEWEST_VOTES = 3
"""Frames it takes to settle a label, however sure they are."""
_NEWEST = 0.2
"""What the newest frame counts for in the confidence that is shown."""


class Votes:
    """What has been said of each of some digits, a row each.

    Parameters
    ----------
    labels
        Of the classifier.

    References
    ----------
    E. S. Page, "Continuous inspection schemes", 1954, doi:10.1093/biomet/41.1-2.100 (the cumulative sum, CUSUM, with
    its allowance). A. Wald, "Sequential tests of statistical hypotheses", 1945, doi:10.1214/aoms/1177731118 (settling).
    """

    def __init__(self, labels: Sequence[str] = ()) -> None:
        self.labels = tuple(labels)
        self.shown: NDArray[np.intp] = np.zeros(0, np.intp)
        """Index of the label that is shown of each."""
        self._said: Floats = np.zeros((0, len(labels)))  # the mean of late
        self._against: Floats = np.zeros((0, len(labels)))
        self._support: Floats = np.zeros(0)
        self._count: NDArray[np.intp] = np.zeros(0, np.intp)

    @property
    def settled(self) -> NDArray[np.bool_]:
        """Whether there is enough evidence for the label that is shown of each."""
        return np.asarray((self._support >= _ENOUGH) & (self._count >= _FEWEST_VOTES), np.bool_)

    def keep(self, rows: Sequence[int]) -> None:
        """Forget all but some rows, and put those in this order."""
        for name in ("shown", "_said", "_against", "_support", "_count"):
            setattr(self, name, getattr(self, name)[list(rows)])

    def begin(self, probabilities: Floats) -> None:
        """Add rows for digits that are new, shape (new, labels); what is likeliest is shown at once."""
        new = len(probabilities)
        self.shown = np.concatenate([self.shown, probabilities.argmax(axis=1)])
        self._said = np.concatenate([self._said, probabilities])
        self._against = np.concatenate([self._against, np.zeros_like(probabilities)])
        self._support = np.concatenate([self._support, np.zeros(new)])
        self._count = np.concatenate([self._count, np.zeros(new, np.intp)])
        self._weigh(np.arange(len(self.shown) - new, len(self.shown)), probabilities)

    def vote(self, rows: NDArray[np.intp], probabilities: Floats) -> NDArray[np.bool_]:
        """Hear a frame on some of the digits.

        Parameters
        ----------
        rows
            Which, each once.
        probabilities
            Shape (rows, labels), 0 to 1.

        Returns
        -------
        Shape (rows,): whose label changed.
        """
        against = self._weigh(rows, probabilities)
        changed = np.asarray(against.max(axis=1, initial=0) >= _ENOUGH, np.bool_)
        self._said[rows] += _NEWEST * (probabilities - self._said[rows])
        if changed.any():
            self._change(rows[changed], against[changed].argmax(axis=1), probabilities[changed])
        return changed

    def follow(self, rows: NDArray[np.intp], probabilities: Floats) -> None:
        """Show of some of the digits what this one frame says."""
        self._change(rows, probabilities.argmax(axis=1), probabilities)

    def _weigh(self, rows: NDArray[np.intp], probabilities: Floats) -> Floats:
        """Add up the evidence against the labels that are shown, and that for them; return the first."""
        logs = np.log(np.maximum(probabilities, _LEAST))
        each, shown = np.arange(len(rows)), self.shown[rows]
        ratio = np.clip(logs - logs[each, shown][:, None], -_MOST_AT_ONCE, _MOST_AT_ONCE)
        ratio[each, shown] = -_MOST_AT_ONCE
        self._against[rows] = np.maximum(0, self._against[rows] + ratio - _ALLOWANCE)
        self._support[rows] = np.clip(self._support[rows] - ratio.max(axis=1, initial=-_MOST_AT_ONCE), 0, 2 * _ENOUGH)
        self._count[rows] += 1
        return self._against[rows]

    def _change(self, rows: NDArray[np.intp], labels: NDArray[np.intp], probabilities: Floats) -> None:
        self.shown[rows] = labels
        self._said[rows] = probabilities
        self._against[rows] = 0
        self._support[rows] = 0
        self._count[rows] = 1

    def predictions(self) -> list[Prediction]:
        """Return what is shown of each: its label, as likely as it was of late."""
        said = self._said.copy()
        each = np.arange(len(said))
        # A label that nearly changed is a tie, not one that is likelier and yet not shown.
        said[each, self.shown] = np.maximum(said[each, self.shown], 1.001 * said.max(axis=1, initial=0))
        said /= np.maximum(said.sum(axis=1, keepdims=True), 1e-12)
        return [Prediction(self.labels, row) for row in said.astype(np.float32)]
