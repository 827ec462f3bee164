"""What was found out about saved crops, wrong labels and doubles, carried on where crops were moved or are gone."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hdr.data.index import CaptureIndex, Rows

if TYPE_CHECKING:
    from hdr.data.mistakes import Mistakes

MISTAKES = "mistakes"
"""The order that shows likely wrong labels first."""
DOUBLES = "doubles"
"""What is there more than once, its copies side by side."""


@dataclass(eq=False)
class Found:
    """What is known of the crops of one index.

    Parameters
    ----------
    mistakes
        Likely wrong labels; None until they were looked for.
    doubles
        Rows of what is there more than once, copies side by side; None until they were looked for.
    """

    mistakes: Mistakes | None = None
    doubles: Rows | None = None

    def rows(self, by: str) -> Rows | None:
        """Return what an order shows; None for what was not looked for."""
        return self.doubles if by == DOUBLES else self.mistakes.rows if self.mistakes else None

    def suggested(self, index: CaptureIndex, row: int) -> str:
        """Return the label that is likelier than a crop's own; empty for none."""
        assert self.mistakes is not None
        at = int(np.flatnonzero(self.mistakes.rows == row)[0])
        return index.labels[int(self.mistakes.suggested[at])] if self.mistakes.doubt[at] > 0 else ""

    def carried(self, old: CaptureIndex, new: CaptureIndex) -> Found:
        """Return what still holds in a later index: nothing where there are crops that were not looked at."""
        if len(new) > len(old):
            return Found()
        doubles = None if self.doubles is None else _rows_in(old, new, self.doubles)
        return Found(
            None if self.mistakes is None else _mistakes_in(old, new, self.mistakes),
            None if doubles is None else doubles[doubles >= 0],
        )


def _mistakes_in(old: CaptureIndex, new: CaptureIndex, found: Mistakes) -> Mistakes:
    """Likely wrong labels, without the crops, and the labels, that are gone."""
    names = [new.labels.index(label) if label in new.labels else -1 for label in old.labels]
    rows, suggested = _rows_in(old, new, found.rows), np.array([*names, -1], np.int64)[found.suggested]
    kept = (rows >= 0) & (suggested >= 0)
    return dataclasses.replace(found, rows=rows[kept], suggested=suggested[kept], doubt=found.doubt[kept])


def _rows_in(old: CaptureIndex, new: CaptureIndex, rows: Rows) -> Rows:
    """Where crops of one index stand in a later one, whatever label they have now; -1 for what is gone."""
    places = {key: place for place, key in enumerate(_keys(new))}
    keys = _keys(old)
    return np.array([places.get(keys[row], -1) for row in rows.tolist()], np.int64)


def _keys(index: CaptureIndex) -> list[tuple[int, int, str]]:
    """What a crop is, wherever it lies: its page and number, or the name of a file that is not ours."""
    names = [index.texts[name] if name >= 0 else "" for name in index.rows["name"].tolist()]
    return list(zip(index.rows["capture"].tolist(), index.rows["number"].tolist(), names, strict=True))
