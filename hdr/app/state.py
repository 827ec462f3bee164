"""What the app knows: its pages, what is selected, and the way back. Changes come as calls, listeners are told.

It imports neither Tk nor NumPy: every window test but those of the widgets themselves runs without a screen, and the
window is painted before anything heavy is loaded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hdr.app.document import Document, count_lost, neighbour, next_open, order_by_doubt
from hdr.app.pages import CLOSE, Pages
from hdr.app.snapshot import Snapshot, look_alike, without_page
from hdr.classify.names import CANNOT_TELL
from hdr.geometry import iou

if TYPE_CHECKING:
    from collections.abc import Callable

    from hdr.geometry import Box
    from hdr.reading.results import Digit, Reading, Steps
    from hdr.vision.strokes import Stroke


class AppState(Pages):
    """The session with its pages, and all that can be done to them."""

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

        Parameters
        ----------
        key
            The page: one that is not shown keeps its reading too; of one that is gone nothing is kept.
        reading
            What was read.
        name
            What undo calls it; None where it is no step of its own.
        of
            The strokes that were read: where others came meanwhile, the reading is behind from the start.
        merge
            Whether it is one of a run of trials under changing settings: together they are one step to undo, and
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


def _relabel_name(label: str | None) -> str:
    if label is None:
        return "label taken back"
    named = {"none": "not a digit", CANNOT_TELL: "cannot tell"}
    return named.get(label, f"label {label}")
