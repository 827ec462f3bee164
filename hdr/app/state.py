"""What the app knows: its pages, what is selected, and the way back. Changes come as calls, listeners are told.

It imports neither Tk nor NumPy: every window test but those of the widgets themselves runs without a screen, and the
window is painted before anything heavy is loaded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hdr.app.document import CANNOT_TELL, Document, count_lost, neighbour, next_open, order_by_doubt
from hdr.app.history import History
from hdr.app.session import Session
from hdr.app.snapshot import Save, Snapshot, look_alike, own_bytes, without_page
from hdr.geometry import iou

if TYPE_CHECKING:
    from collections.abc import Callable

    from hdr.geometry import Box
    from hdr.reading.results import Digit, Reading, Steps
    from hdr.settings import Settings
    from hdr.vision.strokes import Stroke


CLOSE = "close page"


class AppState(Session):
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

    # Drawing ---------------------------------------------------------------------------------------------------------

    def add_stroke(self, stroke: Stroke) -> None:
        """Put ink on the page, or take some away."""
        self._replace(
            self.document.with_strokes((*self.document.strokes, stroke)), "eraser stroke" if stroke.erases else "stroke"
        )

    def clear(self) -> None:
        """Take all ink away, and with it what was read."""
        if self.document.is_drawing and not self.document.is_blank:
            self._replace(
                dataclasses.replace(self.document, strokes=(), reading=None, stale=False), "clear", selected=()
            )

    def resize_paper(self, size: tuple[int, int]) -> None:
        """Let a drawing's paper grow with the window; never below its ink, never under a reading. Not undone."""
        page = self.document
        if not page.is_drawing or page.reading is not None:
            return
        if page.strokes:
            size = max(size[0], page.size[0]), max(size[1], page.size[1])
        if size != page.size:
            self._replace(dataclasses.replace(page, size=size), None)

    # Pages -----------------------------------------------------------------------------------------------------------

    def open_pages(self, pages: Iterable[Document], name: str | None) -> None:
        """Add pages after this one and show the first of them; an untouched blank page makes way."""
        added = tuple(pages)
        if not added:
            return
        blank = self.document.is_blank
        at = self.now.index if blank else self.now.index + 1
        old = self.now.pages
        reading = added[0].reading
        doubtful = tuple(order_by_doubt(reading)[:1]) if reading else ()
        self._go(Snapshot((*old[:at], *added, *old[at + blank :]), at, doubtful), name)

    def restore_pages(self, found: Iterable[tuple[Document, Any]]) -> None:
        """Show pages again that an earlier session left, with their pictures where they have no file."""
        pages = []
        for page, image in found:
            pages.append(page)
            if image is not None:
                self.images[page.key] = image
            elif page.path is None and not page.is_drawing:
                self.missing.add(page.key)
        self.open_pages(pages, None)

    def new_drawing(self) -> None:
        """Start on a blank sheet; the present page stays."""
        if not self.document.is_blank:
            self.open_pages([Document(size=self.document.size if self.document.is_drawing else (0, 0))], "new drawing")

    def close_page(self) -> None:
        """Take this page out of the session."""
        rest = tuple(page for page in self.now.pages if page is not self.document)
        index = min(self.now.index, len(rest) - 1)
        self._go(Snapshot(rest or (Document(size=self.document.size),), max(index, 0)), CLOSE)

    def turn(self, step: int) -> None:
        """Show the next (1) or the previous (-1) page, the digit selected that most needs a look."""
        self.show(self.now.index + step)

    def show(self, index: int) -> None:
        """Show a page, the digit selected that most needs a look."""
        if 0 <= index < len(self.now.pages):
            reading = self.now.pages[index].reading
            self._go(Snapshot(self.now.pages, index, tuple(order_by_doubt(reading)[:1]) if reading else ()))

    def forget_page(self, key: int) -> None:
        """Take out a page that turned out not to be openable, as if it had never come: undo does not know it either."""
        self._history.revise(lambda state: without_page(state, key), look_alike)
        with self._changing("history"):
            self._go(without_page(self.now, key))

    # Reading ---------------------------------------------------------------------------------------------------------

    def set_reading(
        self,
        key: int,
        reading: Reading,
        name: str | None = "recognize",
        *,
        of: tuple[Stroke, ...] | None = None,
        merge: bool = False,
    ) -> int:
        """Take what was read of a page; return how many labels of a person found no digit in it.

        Of a page not shown it is kept too; of one that is gone it is not.
        ``of`` are the strokes that were read: where others came meanwhile, the reading is behind from the start.
        With ``merge`` it is one of a run of trials under changing settings: together they are one step to undo, and
        corrections are carried over from before the first, so that a bad trial in between loses none.
        """
        index = next((i for i, page in enumerate(self.now.pages) if page.key == key), None)
        if index is None:
            return 0
        base = self._history.merge_base(name) if merge and name else None
        began = next((page for page in base.pages if page.key == key), None) if base else None
        old = began or self.now.pages[index]
        page = old.with_reading(reading)
        if of is not None and of != page.strokes:
            page = dataclasses.replace(page, stale=True)
        assert page.reading is not None
        if reading.steps is not None:
            self._steps = page.reading, reading.steps
        pages = tuple(page if i == index else other for i, other in enumerate(self.now.pages))
        doubtful = order_by_doubt(page.reading)[:1]
        selected = (self._same_selection(page.reading) or tuple(doubtful)) if index == self.now.index else self.selected
        self._go(Snapshot(pages, self.now.index, selected), name, merge=merge)
        return count_lost(old.reading, page.reading, redrawn=old.stale) if old.reading else 0

    def keep_steps(self, reading: Reading, steps: Steps) -> None:
        """Take how a reading came about."""
        with self._changing("view"):
            self._steps = reading, steps

    def _same_selection(self, reading: Reading) -> tuple[int, ...]:
        """The digit selected, where the new reading has it as well."""
        if self.focus is None or self.reading is None:
            return ()
        box = self.reading.digits[self.focus].box
        return tuple(i for i, digit in enumerate(reading.digits) if digit.box == box)[:1]

    def relabel(self, label: str | None) -> None:
        """Give every selected digit a label (None takes it back), then go to the next one left.

        What had been left out stays selected: whoever brings it back looks there, and not for doubt.
        """
        self._say_what_they_are(self.selected, lambda _: label, _relabel_name(label), goes_on=label is not None)

    def confirm(self) -> None:
        """Say of every selected digit that it is what it was read as, then go to the next one left."""
        name = "confirm" if len(self.selected) == 1 else f"confirm {len(self.selected)} digits"
        self._say_what_they_are(self.selected, lambda digit: digit.label, name, goes_on=True)

    def confirm_above(self, least: float) -> int:
        """Confirm what nobody has spoken of yet and is read with this confidence or more; return how many."""
        sure = (
            [i for i in order_by_doubt(self.reading) if self.reading.digits[i].confidence >= least]
            if self.reading
            else []
        )
        if sure:
            name = f"confirm {len(sure)} digits" if len(sure) > 1 else "confirm"
            self._say_what_they_are(tuple(sure), lambda digit: digit.label, name, goes_on=True)
        return len(sure)

    def _say_what_they_are(
        self, indices: tuple[int, ...], label_of: Callable[[Digit], str | None], name: str, *, goes_on: bool
    ) -> None:
        reading = self.reading
        if reading is None or not indices:
            return
        was_left_out = reading.digits[indices[-1]].is_rejected
        for index in indices:
            reading = reading.with_label(index, label_of(reading.digits[index]))
        rest = next_open(reading, indices[-1], by_doubt=self.settings.app.next_by == "doubt")
        selected = (rest,) if rest is not None and goes_on and not was_left_out else self.selected[-1:]
        if self.steps is not None:
            self._steps = reading, self.steps
        self._replace(dataclasses.replace(self.document, reading=reading), name, selected)

    def edit(self, reading: Reading, selected: tuple[int, ...], name: str, *, merge: bool = False) -> None:
        """Take other boxes or rows from a person.

        With ``merge`` it is one step with the last change of that name to the same digits, as for a key held down.
        """
        page = dataclasses.replace(self.document, reading=reading, edited=True)
        if self.steps is not None:
            self._steps = reading, self.steps
        self._replace(page, name, selected, merge=merge and self._edited_last == self.selected)
        self._edited_last = selected

    # Selecting -------------------------------------------------------------------------------------------------------

    def select(self, index: int | None, *, extend: bool = False) -> None:
        """Select a digit, or none; or add it to the selection, or take it out."""
        if self.reading is None or index is None or not 0 <= index < len(self.reading.digits):
            self._select(())
        elif not extend:
            self._select((index,))
        elif index in self.selected:
            self._select(tuple(i for i in self.selected if i != index))
        else:
            self._select((*self.selected, index))

    def select_at(self, box: Box) -> None:
        """Select the digit that a box is of, if there is one."""
        digits = self.reading.digits if self.reading else ()
        best = max(range(len(digits)), key=lambda index: iou(digits[index].box, box), default=None)
        if best is not None and iou(digits[best].box, box) > 0:
            self._select((best,))

    def select_all(self) -> None:
        """Select every digit of the page."""
        digits = self.reading.digits if self.reading else ()
        self._select(tuple(index for index, digit in enumerate(digits) if not digit.is_rejected))

    def walk(self, step: int) -> bool:
        """Select the next (1) or previous (-1) digit in reading order; False at the end, where nothing changes."""
        beyond = [i for i in self.reachable if self.focus is None or (i - self.focus) * step > 0]
        if not beyond:
            return False
        self._select((beyond[0 if step > 0 else -1],))
        return True

    def walk_rows(self, rows: int) -> None:
        """Select the nearest digit of the next row down (1) or up (-1)."""
        if self.reading is not None and self.focus is not None:
            self._select((neighbour(self.reading, self.focus, rows, self.reachable),))

    def select_unsure(self, step: int = 1) -> None:
        """Select the digit that most needs a look; from there the next less doubtful (1), or the one before (-1)."""
        rest = order_by_doubt(self.reading) if self.reading else []
        if rest:
            at = rest.index(self.focus) + step if self.focus in rest else 0
            self._select((rest[at % len(rest)],))

    def select_next(self) -> None:
        """Select the digit to go to next, by the chosen order."""
        if self.reading is not None:
            at = self.focus if self.focus is not None else -1
            following = next_open(self.reading, at, by_doubt=self.settings.app.next_by == "doubt")
            if following is not None:
                self._select((following,))

    def _select(self, selected: tuple[int, ...]) -> None:
        self._go(dataclasses.replace(self.now, selected=selected))

    # The way back ----------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last change back."""
        self._travel(self._history.undo())

    def redo(self) -> None:
        """Do again what was undone last."""
        self._travel(self._history.redo())

    def _travel(self, state: Snapshot | None) -> None:
        if state is not None:
            self._travelling = True
            try:
                with self._changing("history", *({"saved"} if state.saves is not self.now.saves else ())):
                    self._go(state)
            finally:
                self._travelling = False

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


def _relabel_name(label: str | None) -> str:
    if label is None:
        return "label taken back"
    named = {"none": "not a digit", CANNOT_TELL: "cannot tell"}
    return named.get(label, f"label {label}")
