"""What a model said of every picture, and what a person has changed since, to figures and lists of rows.

It imports no Tk. Labels follow the files: where a file lies after a change is its label, so that undoing needs no other
way than doing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data.answers import Told
from hdr.data.evaluate import Answers, Evaluation
from hdr.data.fair import Place
from hdr.data.sorting import current_label

Rows = NDArray[np.int64]
_OUT = -1


@dataclass(frozen=True)
class Which:
    """Which pictures are shown.

    Parameters
    ----------
    true, told
        Indices of labels: pictures of that label, taken for that one. None for any; with both None and with one alone,
        only what is wrong.
    """

    true: int | None = None
    told: int | None = None


class Measured:
    """The answers of one model, kept up to date.

    Parameters
    ----------
    answers
        As `hdr evaluate --answers` wrote them.
    """

    def __init__(self, answers: Told) -> None:
        first = answers.evaluation
        self.model = first.model
        self.names = first.names
        self.trained_on = first.trained_on
        self.probabilities = first.answers.probabilities
        self.predicted = first.answers.predicted
        self.confidence = first.answers.confidence
        self.truth = first.answers.truth.copy()
        self.places: list[Place] = list(answers.places)
        self._row_of = {place.file: row for row, place in enumerate(self.places) if place.index is None}

    def __len__(self) -> int:
        return len(self.evaluation.answers.truth)

    @cached_property
    def evaluation(self) -> Evaluation:
        """The figures of all that still counts."""
        there = self.truth != _OUT
        return Evaluation(
            self.model, self.names, Answers(self.truth[there], self.probabilities[there]), self.trained_on
        )

    @property
    def wrong(self) -> int:
        """How many it got wrong."""
        return len(self) - self.evaluation.accuracy.right

    def rows(self, which: Which) -> Rows:
        """Return the pictures to be shown: mistakes, the surest first; or what is right, the least sure first."""
        shown = self.truth != _OUT
        if which.true is not None:
            shown &= self.truth == which.true
        if which.told is not None:
            shown &= self.predicted == which.told
        right = which.true is not None and which.true == which.told
        shown &= (self.truth == self.predicted) == right
        rows = np.flatnonzero(shown)
        order = self.confidence[rows] if right else -self.confidence[rows]
        return np.asarray(rows[np.argsort(order, kind="stable")], np.int64)

    def label(self, row: int) -> str:
        """Return the true label of a picture."""
        return self.names[int(self.truth[row])]

    def top(self, row: int) -> list[tuple[str, float]]:
        """Return every label with its probability, the likeliest first."""
        order = np.argsort(-self.probabilities[row], kind="stable")
        return [(self.names[i], float(self.probabilities[row, i])) for i in order]

    def path(self, row: int) -> Path | None:
        """Return the file of a picture; None for one in an array."""
        place = self.places[row]
        return Path(place.file) if place.index is None else None

    def follow(self, steps: Iterable[tuple[Path, Path]]) -> None:
        """Take files at their new places, and the labels that these say."""
        for before, after in steps:
            row = self._row_of.pop(str(before), None)
            if row is None:
                continue
            self._row_of[str(after)] = row
            self.places[row] = Place(str(after))
            label = current_label(after)
            self.truth[row] = self.names.index(label) if label in self.names else _OUT
        self.__dict__.pop("evaluation", None)
