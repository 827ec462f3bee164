"""The saved crops as a person goes through them: what is shown in which order, what is selected, what is done to it.

It imports no Tk, and is imported when the captures are first looked at. Whatever takes long happens in the worker.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hdr.app.capture_changes import Act, CaptureChanges
from hdr.app.cell import Cell
from hdr.app.finding import ask_model, find_doubles, find_mistakes
from hdr.app.found import DOUBLES, MISTAKES, Found
from hdr.app.opening import Opener
from hdr.app.picking import Picking
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.data import moving
from hdr.data.index import CaptureIndex, Rows
from hdr.data.labels import label_of
from hdr.data.scanning import load_index
from hdr.data.selecting import ORDERS, Filter, order, select
from hdr.data.wording import counted
from hdr.geometry import Box

if TYPE_CHECKING:
    from hdr.app.jobs import Job, Jobs
    from hdr.data.duplicates import Duplicates
    from hdr.data.mistakes import Mistakes

_LOOK_BACK = 200
NO_CROPS: Rows = np.zeros(0, np.int64)


class Captures(Picking):
    """What is shown of the captures, and the verbs on it.

    Parameters
    ----------
    state, services, jobs
        As the controller's.
    opener
        Opens the page that a crop came from.
    """

    def __init__(self, state: AppState, services: Services, jobs: Jobs, opener: Opener) -> None:
        super().__init__()
        self.state = state
        self.services = services
        self.jobs = jobs
        self._opener = opener
        self.changes = CaptureChanges(state, services, jobs, self.load)
        self.index: CaptureIndex | None = None
        self.filter = Filter()
        self.by = "label"
        self.rows: Rows = NO_CROPS
        self.bin: list[Path] | None = None
        """The files in the recycle bin while that is shown."""
        self._found = Found()
        self._path_under_cursor: Path | None = None
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Have a function called after each change."""
        self._listeners.append(listener)

    def _picked(self) -> None:
        self._path_under_cursor = self.cell(self.cursor).path if self.count else None
        for listener in list(self._listeners):
            listener()

    # What is shown ---------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Look into the captures folder again."""
        root, in_bin = self.services.workspace.captures, self.bin is not None
        asked = self.index is not None and self.index.opinion is not None

        def look(job: Job) -> tuple[CaptureIndex, list[Path] | None]:
            store = self.services.store()
            store.counts()  # finishes saves that were cut short
            index = load_index(root)
            if asked:
                index = ask_model(job, index, self.services.classifier())
            return index, moving.binned(store) if in_bin else None

        self.jobs.submit("captures", look, lambda found: self._take(*found), title="Looking through the captures")

    def _take(self, index: CaptureIndex, binned: list[Path] | None) -> None:
        if self.index is not None:
            self._found = self._found.carried(self.index, index)
        self.index, self.bin = index, binned if self.bin is not None else None
        self.state.set_counts(index.counts())
        self._show()
        if self.is_looking:
            self.order_by(self.by)

    def _show(self, *, start: bool = False) -> None:
        stay = self._path_under_cursor
        if self.index is not None:
            self.rows = self._ordered(select(self.index, self.filter))
        self._pick_anew(0 if start else self._near_cursor(stay))

    def _near_cursor(self, path: Path | None) -> int:
        """Where a file is now; what was above it may have gone, so it is looked for from the cursor upwards."""
        last = max(0, self.count - 1)
        start = min(self.cursor, last)
        if path is not None and self.count:
            for position in range(start, max(-1, start - 1 - _LOOK_BACK), -1):
                if self.cell(position).path == path:
                    return position
        return start

    def _ordered(self, rows: Rows) -> Rows:
        assert self.index is not None
        if self.by not in (MISTAKES, DOUBLES):
            return order(self.index, rows, self.by)
        found = self._found.rows(self.by)
        if found is None:
            return NO_CROPS
        ranked = found[found < len(self.index)]
        return ranked[np.isin(ranked, rows)]

    @property
    def count(self) -> int:
        """How many crops are shown."""
        return len(self.bin) if self.bin is not None else len(self.rows)

    def cell(self, position: int) -> Cell:
        """Return what stands at a position."""
        if self.bin is not None:
            path = self.bin[position]
            return Cell(path, label_of(path.parent.name) or "")
        assert self.index is not None
        row = int(self.rows[position])
        return Cell(
            self.index.path(row), self.index.labels[self.index.label[row]], self._other(row),
            bool(self.index.confirmed[row]),
        )  # fmt: skip

    def _other(self, row: int) -> str:
        assert self.index is not None
        if self.by == MISTAKES:
            return self._found.suggested(self.index, row)
        predicted = int(self.index.predicted[row])
        differs = predicted >= 0 and predicted != self.index.label[row]
        return self.index.labels[predicted] if differs else ""

    def empty_words(self) -> str:
        """Say why nothing is shown."""
        if self.index is None:
            return "Looking through the captures …"
        if self.bin is not None:
            return "The recycle bin is empty."
        if self.is_looking and len(self.index):
            return "Looking …"
        return "Nothing is like this." if len(self.index) else "Nothing was saved yet."

    def picture(self, path: Path, index: int | None) -> Any:  # noqa: ARG002  (each crop has a file of its own)
        """In the worker: a crop's pixels."""
        from hdr.data.crops import read_crop

        return read_crop(path, "").pixels

    def show_only(self, **wanted: Any) -> None:
        """Change the filter."""
        self.filter = dataclasses.replace(self.filter, **wanted)
        self._show(start=True)

    def show_by_model(self, disagrees: bool | None) -> None:
        """Show what the model in use says otherwise about (True), or the same (False); ask it first."""
        self.show_only(disagrees=disagrees)
        index = self.index
        if disagrees is not None and index is not None and index.opinion is None:
            self.jobs.submit(
                "ask", lambda job: ask_model(job, index, self.services.classifier()),
                lambda told: self._take(told, None), title="Asking the model about every crop",
            )  # fmt: skip

    def toggle_label(self, label: str) -> None:
        """Show one label alone, or all again."""
        self.show_only(labels=() if self.filter.labels == (label,) else (label,))

    def order_by(self, by: str) -> None:
        """Show the crops in another order."""
        assert by in (*ORDERS, MISTAKES, DOUBLES), by
        self.by = by
        self._show(start=True)
        if self.index is None:
            return
        if self.is_looking:
            (self._find_mistakes if by == MISTAKES else self._find_doubles)(self.index)

    @property
    def is_looking(self) -> bool:
        """Whether what is to be shown is still looked for."""
        return self.by in (MISTAKES, DOUBLES) and self._found.rows(self.by) is None

    def _find_mistakes(self, index: CaptureIndex) -> None:
        def found(mistakes: Mistakes) -> None:
            self._found.mistakes = mistakes
            self._show(start=True)
            labels = counted(mistakes.wrong, "label looks", "labels look")
            self.state.say("info", f"{labels} wrong. The likeliest mistakes come first.")

        self.jobs.submit("mistakes", lambda job: find_mistakes(job, index), found, title="Looking for wrong labels")

    def _find_doubles(self, index: CaptureIndex) -> None:
        def found(doubles: Duplicates) -> None:
            self._found.doubles = np.concatenate([NO_CROPS, *doubles.exact, *doubles.near])
            self._show(start=True)
            crops = counted(len(doubles.exact), "crop is", "crops are")
            told = f"{crops} there more than once, {len(doubles.near)} nearly so."
            self.state.say("info", told, "Copies stand side by side; Delete moves one to the recycle bin.")

        self.jobs.submit("doubles", lambda job: find_doubles(job, index), found, title="Looking for doubles")

    def show_bin(self, shown: bool) -> None:
        """Show the recycle bin, or the captures again."""
        self.bin = [] if shown else None
        self._show(start=True)
        self.load()

    def stop(self) -> bool:
        """Look no longer for what takes long, and show all by label instead; whether there was something."""
        stopped = [self.jobs.cancel(key) for key in ("mistakes", "doubles", "ask")]
        if not any(stopped):
            return False
        self.filter, self.by = dataclasses.replace(self.filter, disagrees=None), "label"
        self._show(start=True)
        return True

    # Selecting -------------------------------------------------------------------------------------------------------

    @property
    def paths(self) -> list[Path]:
        """The files of what is selected."""
        return [self.cell(position).path for position in sorted(self.chosen) if position < self.count]

    # Doing -----------------------------------------------------------------------------------------------------------

    def relabel(self, label: str) -> None:
        """Give the selected crops a label."""
        if self.bin is None:
            self._act(lambda store, paths: moving.relabel(store, paths, label))

    def confirm(self) -> None:
        """Say that the selected crops' labels are right."""
        if self.bin is None:
            self._act(moving.confirm)

    def discard(self) -> None:
        """Move the selected crops to the recycle bin."""
        if self.bin is None:
            self._act(moving.discard)

    def restore(self) -> None:
        """Bring the selected crops back from the recycle bin."""
        if self.bin is not None:
            self._act(moving.restore)

    def _act(self, act: Act) -> None:
        if paths := self.paths:
            self.changes.do(act, paths)
            self.step(1)

    # The page that a crop came from ----------------------------------------------------------------------------------

    def jump(self) -> bool:
        """Open the page that the crop under the cursor came from, its box selected; whether there is one."""
        if self.bin is not None or self.index is None or not self.count:
            return False
        row = self.index.row(int(self.rows[self.cursor]))
        page = self.index.page(row.capture)
        if not page.is_file():
            self.state.say("info", "The page that this crop came from was not kept.")
            return False
        self._opener.open_at(page, Path(row.source).name or page.name, row.box or Box(0, 0, 0, 0))
        return True
