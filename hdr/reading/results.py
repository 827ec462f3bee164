"""What reading a page gives: digits in rows, and the steps that led there."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Prediction
from hdr.classify.names import NOT_A_DIGIT
from hdr.geometry import Box
from hdr.vision.normalize import Crop


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit of a page.

    Parameters
    ----------
    crop
        Its ink.
    prediction
        What the model makes of it.
    row
        Index of its row on the page, from the top.
    corrected
        The label a person gave it, `NOT_A_DIGIT` included; None where nobody said anything.
    """

    crop: Crop
    prediction: Prediction
    row: int = 0
    corrected: str | None = None

    @property
    def box(self) -> Box:
        """Where it is, in image pixels."""
        return self.crop.box

    @property
    def label(self) -> str:
        """The person's label, else the model's."""
        return self.prediction.label if self.corrected is None else self.corrected

    @property
    def confidence(self) -> float:
        """The model's probability of its own best label, 0 to 1; 1 where a person has spoken."""
        return self.prediction.confidence if self.corrected is None else 1.0

    @property
    def is_digit(self) -> bool:
        """Whether it counts as a digit of the page's text."""
        return self.label != NOT_A_DIGIT

    @property
    def is_rejected(self) -> bool:
        """Whether the model took it for no digit, and nobody has said otherwise."""
        return self.corrected is None and self.prediction.label == NOT_A_DIGIT

    def relabelled(self, label: str | None) -> Digit:
        """Return a copy with a person's label; None takes it back."""
        return dataclasses.replace(self, corrected=label)


@dataclass(frozen=True)
class PageProblem:
    """Something about a page that makes it hard to read.

    Parameters
    ----------
    what
        A sentence on the page: ``The digits are only 6 pixels high.``
    cure
        What a person can do about it.
    """

    what: str
    cure: str


@dataclass(frozen=True, eq=False)
class Steps:
    """How the page was read, for `--steps` and the app's view of the steps.

    Parameters
    ----------
    gray
        Shape (height, width), ``uint8``, as the page has it.
    ink
        Shape (height, width), ``bool``: all that was taken for ink.
    method
        ``otsu``, ``flattened``, ``colour``, ``sauvola``, ``fixed``, or ``two levels`` where faint ink was looked for
        again: what made the ink mask.
    polarity
        ``dark`` or ``light``: the ink's.
    dropped
        Boxes of ink that was taken for no digit, each with the reason.
    divided
        Boxes of ink that was taken for several digits that touch, each with the number of them.
    turned_deg
        By how much the page was turned, clockwise, before it was read; 0 for not at all.
    problems
        Why the page may be read badly, worst first.
    """

    gray: NDArray[np.uint8]
    ink: NDArray[np.bool_]
    method: str
    polarity: str
    dropped: tuple[tuple[Box, str], ...] = ()
    divided: tuple[tuple[Box, int], ...] = ()
    turned_deg: float = 0.0
    problems: tuple[PageProblem, ...] = ()


@dataclass(frozen=True, eq=False)
class Reading:
    """A page as read: digits in reading order. Without any it is still a reading.

    Parameters
    ----------
    size
        The image's (width, height) in pixels.
    digits
        In reading order: row by row, left to right; what the model rejected (``is_digit`` false) among them, so that a
        person can take it back.
    model
        Name of the model that labelled them.
    steps
        How it came about; None where nothing was kept.
    """

    size: tuple[int, int]
    digits: tuple[Digit, ...] = ()
    model: str = ""
    steps: Steps | None = field(default=None, repr=False)

    @property
    def rows(self) -> list[list[Digit]]:
        """The digits by row, without what is no digit and without rows that this leaves empty."""
        rows: dict[int, list[Digit]] = {}
        for digit in self.digits:
            if digit.is_digit:
                rows.setdefault(digit.row, []).append(digit)
        return [rows[index] for index in sorted(rows)]

    @property
    def text(self) -> str:
        """The labels, a row a line."""
        return "\n".join("".join(digit.label for digit in row) for row in self.rows)

    @property
    def kept(self) -> tuple[Digit, ...]:
        """All but what the model alone rejected: what is counted, corrected and saved."""
        return tuple(digit for digit in self.digits if not digit.is_rejected)

    @property
    def rejected(self) -> tuple[Digit, ...]:
        """What the model took for no digit, and nobody has taken back."""
        return tuple(digit for digit in self.digits if digit.is_rejected)

    def with_label(self, index: int, label: str | None) -> Reading:
        """Return a copy in which a person has labelled one digit; None takes it back."""
        digits = list(self.digits)
        digits[index] = digits[index].relabelled(label)
        return dataclasses.replace(self, digits=tuple(digits))
