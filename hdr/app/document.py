"""A drawing or a picture and what was read in it, as one immutable value: what the app shows, changes and undoes."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hdr.geometry import hit, iou

if TYPE_CHECKING:  # numpy and OpenCV are not imported before the window is painted
    from hdr.geometry import Box
    from hdr.reading.results import Reading
    from hdr.vision.strokes import Stroke

_keys = itertools.count(1)
SAME_DIGIT_IOU = 0.5
"""Boxes of two readings of a page that overlap by this much hold the same digit."""


@dataclass(frozen=True, eq=False)
class Document:
    """One page of the session.

    Parameters
    ----------
    name
        What the title calls it.
    origin
        ``drawing``, ``file``, ``clipboard`` or ``camera``.
    path
        The picture's file, if it came from one; it can be loaded from there again.
    size
        (width, height) of a drawing's paper in pixels; of a picture once it is loaded.
    strokes
        A drawing's pen data, in the order drawn.
    reading
        What was read last; without its steps, which are large and kept apart.
    stale
        Whether strokes came or went since then.
    edited
        Whether a person changed its boxes or rows since then.
    key
        The page's identity, the same in all its versions.
    """

    name: str = "Drawing"
    origin: str = "drawing"
    path: Path | None = None
    size: tuple[int, int] = (0, 0)
    strokes: tuple[Stroke, ...] = ()
    reading: Reading | None = None
    stale: bool = False
    edited: bool = False
    key: int = dataclasses.field(default_factory=lambda: next(_keys))

    @property
    def is_drawing(self) -> bool:
        """Whether it can be drawn on."""
        return self.origin == "drawing"

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing on it."""
        return self.is_drawing and not self.strokes and self.reading is None

    @property
    def corrections(self) -> int:
        """How many digits a person has labelled."""
        return sum(d.corrected is not None for d in self.reading.digits) if self.reading else 0

    @property
    def left(self) -> int:
        """How many digits nobody has spoken of yet."""
        return len(order_by_doubt(self.reading)) if self.reading else 0

    @property
    def has_work(self) -> bool:
        """Whether a person has done anything on it."""
        return bool(self.strokes) or self.edited or self.corrections > 0

    @property
    def fingerprint(self) -> tuple[tuple[Box, str, int, bool], ...]:
        """What saving it would keep; equal where nothing changed."""
        kept = self.reading.kept if self.reading else ()
        return tuple((d.box, d.label, d.row, d.corrected is not None) for d in kept)

    def with_strokes(self, strokes: tuple[Stroke, ...]) -> Document:
        """Return a copy with other ink; its reading, if any, is then behind."""
        return dataclasses.replace(self, strokes=strokes, stale=self.reading is not None)

    def with_reading(self, reading: Reading) -> Document:
        """Return a copy as just read, with the labels that a person gave to the same digits before."""
        kept = carry_corrections(self.reading, reading) if self.reading else reading
        size = self.size if self.is_drawing else reading.size
        return dataclasses.replace(
            self, reading=dataclasses.replace(kept, steps=None), stale=False, edited=False, size=size
        )


def carry_corrections(old: Reading, new: Reading) -> Reading:
    """Return the new reading with the old one's corrections, each on the digit that covers the same place best."""
    for digit in old.digits:
        if digit.corrected is None:
            continue
        overlaps = [(iou(digit.box, other.box), i) for i, other in enumerate(new.digits) if other.corrected is None]
        best, index = max(overlaps, default=(0.0, 0))
        if best >= SAME_DIGIT_IOU:
            new = new.with_label(index, digit.corrected)
    return new


def count_lost(old: Reading, new: Reading, *, redrawn: bool) -> int:
    """Return how many labels of a person found no digit in the new reading. Digits rubbed out since do not count."""
    lost = 0
    for digit in old.digits:
        if digit.corrected is None or not digit.is_digit:
            continue
        overlaps = [(iou(digit.box, other.box), other.corrected) for other in new.digits]
        kept = any(overlap >= SAME_DIGIT_IOU and label == digit.corrected for overlap, label in overlaps)
        rubbed_out = redrawn and not any(overlap > 0 for overlap, _ in overlaps)
        lost += not kept and not rubbed_out
    return lost


def shortened(name: str, most: int = 36) -> str:
    """Return a name that is not longer than this, its middle left out."""
    return name if len(name) <= most else f"{name[: most // 2]}…{name[-most // 2 + 1 :]}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names as a sentence tells them, the first few of many."""
    told = ", ".join(shortened(name) for name in names[:most])
    more = len(names) - most
    return f"{told} and {more} more" if more > 0 else told


def order_by_doubt(reading: Reading) -> list[int]:
    """Return the digits that no person has labelled, the least certain first; what the model left out is none."""
    open_ones = [(d.confidence, i) for i, d in enumerate(reading.digits) if d.corrected is None and not d.is_rejected]
    return [index for _, index in sorted(open_ones)]


def next_open(reading: Reading, after: int, *, by_doubt: bool) -> int | None:
    """Return the digit to go to next of those that no person has labelled; None where none is left."""
    rest = order_by_doubt(reading)
    if by_doubt or not rest:
        return rest[0] if rest else None
    return min(rest, key=lambda index: (index < after, index))


def left_out(reading: Reading) -> list[int]:
    """Return what the model took for no digit, and nobody has taken back."""
    return [index for index, digit in enumerate(reading.digits) if digit.is_rejected]


def digit_at(reading: Reading, x: float, y: float, slack_px: float) -> int | None:
    """Return the digit at a point of the page, or else what was left out there; None for neither."""
    for among in (False, True):
        indices = [index for index, digit in enumerate(reading.digits) if digit.is_rejected is among]
        found = hit([reading.digits[index].box for index in indices], x, y, slack_px)
        if found is not None:
            return indices[found]
    return None


def neighbour(reading: Reading, index: int, rows: int, among: Sequence[int]) -> int:
    """Return which of some digits is nearest in the next row down (1) or up (-1); itself where there is no such row."""
    here = reading.digits[index]
    others = [(reading.digits[i].row, i) for i in among if (reading.digits[i].row - here.row) * rows > 0]
    if not others:
        return index
    row = min(others, key=lambda found: abs(found[0] - here.row))[0]
    across = here.box.center[0]
    return min((i for r, i in others if r == row), key=lambda i: abs(reading.digits[i].box.center[0] - across))
