"""What was found out about crops of one index, to the rows of a later one, in which some were moved or are gone."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from hdr.data.index import CaptureIndex, Rows

if TYPE_CHECKING:
    from hdr.data.mistakes import Mistakes


def mistakes_in(old: CaptureIndex, new: CaptureIndex, found: Mistakes) -> Mistakes:
    """Return what is known of likely wrong labels, without the crops, and the labels, that are gone."""
    names = [new.labels.index(label) if label in new.labels else -1 for label in old.labels]
    rows, suggested = rows_in(old, new, found.rows), np.array([*names, -1], np.int64)[found.suggested]
    kept = (rows >= 0) & (suggested >= 0)
    return dataclasses.replace(found, rows=rows[kept], suggested=suggested[kept], doubt=found.doubt[kept])


def rows_in(old: CaptureIndex, new: CaptureIndex, rows: Rows) -> Rows:
    """Return where crops of one index stand in a later one, whatever label they have now; -1 for what is gone."""
    places = {key: place for place, key in enumerate(_keys(new))}
    keys = _keys(old)
    return np.array([places.get(keys[row], -1) for row in rows.tolist()], np.int64)


def _keys(index: CaptureIndex) -> list[tuple[int, int, str]]:
    """What a crop is, wherever it lies: its page and number, or the name of a file that is not ours."""
    names = [index.texts[name] if name >= 0 else "" for name in index.rows["name"].tolist()]
    return list(zip(index.rows["capture"].tolist(), index.rows["number"].tolist(), names, strict=True))
