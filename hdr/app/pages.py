"""The pages of the app, what is selected and saved of them, and the way back: kept, told and compared.

It imports neither Tk nor NumPy, as `hdr.app.state`, which adds what is done to them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hdr.app.document import Document
from hdr.app.history import History
from hdr.app.session import Session
from hdr.app.snapshot import Save, Snapshot, own_bytes

if TYPE_CHECKING:
    from hdr.reading.results import Reading, Steps
    from hdr.settings import Settings

CLOSE = "close page"


class Pages(Session):
    """The session with its pages."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.now = Snapshot((Document(),))
        self.images: dict[int, Any] = {}
        """Pictures by page key, as loaded: shape (height, width, 3), ``uint8``. A drawing has none."""
        self.missing: set[int] = set()
        """Keys of pages whose picture could not be loaded again."""
        self._history: History[Snapshot] = History(cost=own_bytes)
        self._saved: dict[int, Any] = {}
        self._done: set[int] = set()
        self._job_keys: set[int] = set()
        self._steps: tuple[Reading, Steps] | None = None
        self._edited_last: tuple[int, ...] = ()
        self._travelling = False

    # What it is ------------------------------------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The page shown."""
        return self.now.document

    @property
    def reading(self) -> Reading | None:
        """What was read on it."""
        return self.now.document.reading

    @property
    def selected(self) -> tuple[int, ...]:
        """Indices of the selected digits."""
        return self.now.selected

    @property
    def focus(self) -> int | None:
        """The digit that the inspector shows."""
        return self.now.selected[-1] if self.now.selected else None

    @property
    def digit_count(self) -> int:
        """How many were found on this page, without what the model left out."""
        return len(self.reading.kept) if self.reading else 0

    @property
    def hand(self) -> str:
        """What the pointer does: a picture cannot be drawn on, so there the pen only points."""
        return self.tool if self.document.is_drawing or self.tool in ("box", "cut") else "select"

    @property
    def reachable(self) -> list[int]:
        """Indices of the digits that keys go to: what the model left out only where that is shown."""
        digits = self.reading.digits if self.reading else ()
        return [index for index, digit in enumerate(digits) if self.left_out_shown or not digit.is_rejected]

    @property
    def steps(self) -> Steps | None:
        """How the page shown was read; None where that is not known any more."""
        return self._steps[1] if self._steps and self._steps[0] is self.reading else None

    @property
    def undo_name(self) -> str | None:
        """What undo would take back."""
        return self._history.undo_name

    @property
    def redo_name(self) -> str | None:
        """What redo would do again."""
        return self._history.redo_name

    def is_unsaved(self, page: Document) -> bool:
        """Whether a person's corrections on it would be lost."""
        return (page.corrections > 0 or page.edited) and self._saved_of(page) != page.fingerprint

    def is_saved(self, page: Document) -> bool:
        """Whether the page as it is lies in the captures."""
        return page.reading is not None and not page.stale and self._saved_of(page) == page.fingerprint

    def _saved_of(self, page: Document) -> Any:
        """The fingerprint of a page as it lies in the captures; None where it does not."""
        saves = (save.fingerprint for save in reversed(self.now.saves) if save.key == page.key)
        return next(saves, self._saved.get(page.key))

    @property
    def unsaved_pages(self) -> list[Document]:
        """Pages with corrections that would be lost, those that were closed among them."""
        pages = {step.before.document.key: step.before.document for step in self._history.past if step.name == CLOSE}
        pages |= {page.key: page for page in self.now.pages}
        return [page for page in pages.values() if self.is_unsaved(page)]

    # A job -----------------------------------------------------------------------------------------------------------

    def set_job(self, keys: Iterable[int], done: Iterable[int]) -> None:
        """Take pages as those of a job, some of them done before."""
        with self._changing("pages"):
            self._job_keys |= set(keys)
            self._done |= set(done)

    def is_of_job(self, page: Document) -> bool:
        """Whether a page belongs to a job."""
        return page.key in self._job_keys

    def is_done(self, page: Document) -> bool:
        """Whether every digit of a page is confirmed and saved, now or in an earlier session."""
        if page.reading is None:
            return page.key in self._done
        return not page.left and (self.is_saved(page) or (page.key in self._done and not page.reading.kept))

    @property
    def done_count(self) -> int:
        """How many pages are done."""
        touched = (page for page in self.now.pages if page.reading is not None or page.key in self._done)
        return sum(self.is_done(page) for page in touched)

    def mark_done(self, page: Document) -> None:
        """Remember that nothing is left to do on a page."""
        with self._changing("saved"):
            self._done.add(page.key)

    def next_unfinished(self) -> int | None:
        """Return the index of the next page with work left, from this one on and round; None for none."""
        count, here = len(self.now.pages), self.now.index
        order = ((here + step) % count for step in range(1, count + 1))
        return next((i for i in order if not self.is_done(self.now.pages[i]) and not self.now.pages[i].is_blank), None)

    # Changing ---------------------------------------------------------------------------------------------------------

    def _go(self, now: Snapshot, name: str | None = None, *, merge: bool = False) -> None:
        if not self._travelling and now.saves is not self.now.saves and not now.saves:
            now = dataclasses.replace(now, saves=self.now.saves)
        before, self.now = self.now, now
        if name:
            self._history.record(name, before, now, merge=merge)
        what = {"history"} if name else set()
        if now.document is not before.document:
            what.add("page")
        if now.pages is not before.pages or now.index != before.index:
            what.add("pages")
        if now.selected != before.selected or now.document.reading is not before.document.reading:
            what.add("selection")
        with self._changing(*what):
            self._drop_images()

    def _replace(
        self, document: Document, name: str | None, selected: tuple[int, ...] | None = None, *, merge: bool = False
    ) -> None:
        pages = tuple(document if i == self.now.index else page for i, page in enumerate(self.now.pages))
        keep = self.now.selected if selected is None else selected
        self._go(Snapshot(pages, self.now.index, keep), name, merge=merge)

    def _drop_images(self) -> None:
        """Forget pictures that no page, past or future, needs; of files, which can be loaded again, all but this."""
        if len(self.images) < 2:
            return
        # What changed in a step is its page shown; of thousands of others nothing is to be looked at.
        pages = {*self.now.pages, *(state.document for state in self._history.snapshots)}
        # What a person corrected must be savable even if its file is gone by then.
        needed = {page.key for page in pages if page.path is None or page.corrections}
        needed.add(self.document.key)
        for key in self.images.keys() - needed:
            del self.images[key]

    # The rest --------------------------------------------------------------------------------------------------------

    def set_image(self, key: int, image: Any) -> None:
        """Take a page's picture as loaded."""
        self.images[key] = image
        self.missing.discard(key)
        height, width = image.shape[:2]
        pages = tuple(
            dataclasses.replace(page, size=(width, height)) if page.key == key else page for page in self.now.pages
        )
        with self._changing("page"):
            self._go(dataclasses.replace(self.now, pages=pages))

    def miss_image(self, key: int) -> None:
        """Remember that a page's picture could not be loaded again. It is no change of the page."""
        with self._changing("view"):
            self.missing.add(key)

    def record_saves(self, saves: Iterable[Save]) -> None:
        """Remember that pages lie in the captures; it can be taken back."""
        with self._changing("saved"):
            self._go(dataclasses.replace(self.now, saves=(*self.now.saves, *saves)), "save")

    def mark_saved(self, page: Document) -> None:
        """Remember that a page as it is has lain in the captures before."""
        with self._changing("saved"):
            self._saved[page.key] = page.fingerprint
