"""What a person wants to see of a captures folder, to rows of its index in the order in which to show them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from hdr.data.index import CaptureIndex, Rows

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Filter:
    """Which crops to show; what is None or empty leaves nothing out.

    Parameters
    ----------
    labels
        Only these.
    confidence
        Only those of which the model was so sure: (least, most), 0 to 1, both included.
    disagrees
        Whether the label is another than the model's (True), or the same (False).
    confirmed
        Whether a person gave the label.
    since, until
        Saved on these days or between them, in this computer's zone.
    capture
        Only crops of the page with this id.
    source
        Only crops of pages that came from here: a file's name, "pad", "camera 0"; the whole text.
    text
        Words, each of which is in the source, the label, the model, the writer or the name of the file; in any case.
    """

    labels: tuple[str, ...] = ()
    confidence: tuple[float, float] | None = None
    disagrees: bool | None = None
    confirmed: bool | None = None
    since: date | None = None
    until: date | None = None
    capture: str = ""
    source: str = ""
    text: str = ""


def select(index: CaptureIndex, wanted: Filter) -> Rows:
    """Return the rows that a filter leaves, in the index's order.

    Parameters
    ----------
    index
        Of all crops.
    wanted
        Which to show.
    """
    mask = np.ones(len(index), np.bool_)
    for condition in _conditions(index, wanted):
        mask &= condition
    return np.flatnonzero(mask)


ORDERS: dict[str, Callable[[CaptureIndex], tuple[NDArray[np.generic], ...]]] = {
    "label": lambda index: (np.arange(len(index)),),
    "unsure": lambda index: (index.confidence,),
    "sure": lambda index: (-index.confidence,),
    "newest": lambda index: (index.rows["number"], index.rows["capture"], -index.rows["saved"]),
    "oldest": lambda index: (index.rows["number"], index.rows["capture"], index.rows["saved"]),
    "page": lambda index: (index.rows["number"], index.rows["capture"], index.rows["source"]),
}
"""Ways to order crops: by label, least or most certain first, newest or oldest first, page by page."""


def order(index: CaptureIndex, rows: Rows, by: str = "label") -> Rows:
    """Return the same rows in another order.

    Parameters
    ----------
    index
        Of all crops.
    rows
        Those to order.
    by
        One of `ORDERS`.
    """
    keys = ORDERS[by](index)
    return rows[np.lexsort([key[rows] for key in keys])]


def _conditions(index: CaptureIndex, wanted: Filter) -> list[Mask]:
    found: list[Mask] = []
    if wanted.labels:
        found.append(np.isin(index.label, [index.labels.index(one) for one in wanted.labels if one in index.labels]))
    if wanted.confidence is not None:
        least, most = wanted.confidence
        found.append((index.confidence >= np.float32(least)) & (index.confidence <= np.float32(most)))
    if wanted.disagrees is not None:
        found.append(index.disagrees == wanted.disagrees)
    if wanted.confirmed is not None:
        found.append(index.confirmed == wanted.confirmed)
    if wanted.since is not None:
        found.append(index.rows["saved"] >= _midnight(wanted.since))
    if wanted.until is not None:
        found.append(index.rows["saved"] < _midnight(wanted.until + timedelta(days=1)))
    if wanted.capture:
        found.append(_of_page(index, wanted.capture))
    if wanted.source:
        found.append(_with_texts(index, "source", lambda text: text == wanted.source))
    return [*found, *(_with_word(index, word) for word in wanted.text.casefold().split())]


def _midnight(day: date) -> float:
    return datetime.combine(day, time()).astimezone().timestamp()


def _of_page(index: CaptureIndex, capture: str) -> Mask:
    if re.fullmatch("[0-9a-f]{16}", capture):
        return np.asarray((index.rows["capture"] == np.uint64(int(capture, 16))) & (index.rows["name"] < 0))
    return _with_texts(index, "name", lambda text: text.rsplit(".", 1)[0] == capture)


def _with_word(index: CaptureIndex, word: str) -> Mask:
    mask = _with_texts(index, "name", lambda text: word in text.casefold()) | _with_hex(index, word)
    for column in ("source", "model", "writer"):
        mask |= _with_texts(index, column, lambda text: word in text.casefold())
    labels = [number for number, label in enumerate(index.labels) if label.casefold() == word]
    return np.asarray(mask | np.isin(index.label, labels))


def _with_hex(index: CaptureIndex, word: str) -> Mask:
    """Whose page's id begins so; four characters at least, since any short number is the beginning of some id."""
    if not re.fullmatch("[0-9a-f]{4,16}", word):
        return np.zeros(len(index), np.bool_)
    rest = np.uint64(4 * (16 - len(word)))
    return np.asarray((index.rows["name"] < 0) & (index.rows["capture"] >> rest == np.uint64(int(word, 16))))


def _with_texts(index: CaptureIndex, column: str, fits: Callable[[str], bool]) -> Mask:
    """Whether a text column fits; each text is looked at once, however many crops have it."""
    wanted = np.array([*(fits(text) for text in index.texts), False])  # the last for -1: no text
    return np.asarray(wanted[index.rows[column]])
