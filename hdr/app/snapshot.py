"""The state of a session as one immutable value, which undo and redo go back and forth between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hdr.app.document import Document


@dataclass(frozen=True, eq=False)
class Save:
    """A page that lies in the captures.

    Parameters
    ----------
    key
        The page's identity.
    fingerprint
        What was saved of it.
    change
        What the save moved, to be taken back: `hdr.data.moving.Change`.
    """

    key: int
    fingerprint: Any
    change: Any


@dataclass(frozen=True)
class Snapshot:
    """All that undo brings back.

    Parameters
    ----------
    pages
        In the order of "previous" and "next"; never empty.
    index
        Which of them is shown.
    selected
        Indices of its selected digits; the last is the one that the inspector shows.
    saves
        What was saved, in order.
    """

    pages: tuple[Document, ...]
    index: int = 0
    selected: tuple[int, ...] = ()
    saves: tuple[Save, ...] = ()

    @property
    def document(self) -> Document:
        """The page shown."""
        return self.pages[self.index]


def without_page(state: Snapshot, key: int) -> Snapshot:
    """The state without a page; the very same where it has none of that key."""
    if all(page.key != key for page in state.pages):
        return state
    rest = tuple(page for page in state.pages if page.key != key)
    before = sum(page.key != key for page in state.pages[: state.index])
    selected = () if state.document.key == key else state.selected
    return Snapshot(
        rest or (Document(size=state.document.size),), max(0, min(before, len(rest) - 1)), selected, state.saves
    )


def look_alike(one: Snapshot, other: Snapshot) -> bool:
    """Whether a user could not tell two states apart: they are the same, or each is one blank page."""
    blank = len(one.pages) == len(other.pages) == 1 and one.document.is_blank and other.document.is_blank
    return blank or one == other


def own_bytes(before: Snapshot, after: Snapshot) -> int:
    """Roughly what a state keeps alive that the one before it does not: crops, and the lists they stand in."""
    was, now = (state.document.reading for state in (before, after))
    known = {id(digit.crop) for digit in was.digits} if was else set()
    digits = now.digits if now else ()
    pages = 0 if after.pages is before.pages else len(after.pages)
    return (
        1024
        + 8 * pages
        + 16 * len(digits)
        + sum(digit.crop.pixels.nbytes for digit in digits if id(digit.crop) not in known)
    )
