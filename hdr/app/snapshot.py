"""The state of a session as one immutable value, which undo and redo go back and forth between."""

from __future__ import annotations

from dataclasses import dataclass

from hdr.app.document import Document


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
    """

    pages: tuple[Document, ...]
    index: int = 0
    selected: tuple[int, ...] = ()

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
    return Snapshot(rest or (Document(size=state.document.size),), max(0, min(before, len(rest) - 1)), selected)


def look_alike(one: Snapshot, other: Snapshot) -> bool:
    """Whether a user could not tell two states apart: they are the same, or each is one blank page."""
    blank = len(one.pages) == len(other.pages) == 1 and one.document.is_blank and other.document.is_blank
    return blank or one == other


def own_bytes(state: Snapshot) -> int:
    """Roughly what a snapshot keeps alive that its neighbours do not: the crops of a page, or a stroke."""
    page = state.document
    digits = page.reading.digits if page.reading else ()
    return 4096 + sum(digit.box.area for digit in digits)
