"""How well models do, as a person goes through it: measured in a child process, mistakes looked at, labels mended.

It imports no Tk. What it shows are rows of `Measured`; the gallery asks it as it asks the captures.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hdr.app.cell import Cell
from hdr.app.picking import Picking
from hdr.app.results_files import Done, discard, relabel
from hdr.app.results_look import Found, look, read_picture
from hdr.app.results_measured import Measured, Rows, Which
from hdr.app.results_work import Start, Work
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.app.train_child import Child
from hdr.data.labels import NO_TRUTH
from hdr.data.wording import counted

if TYPE_CHECKING:
    from hdr.app.jobs import Jobs
    from hdr.app.train_run import Run

_NAMED = 12
NOTHING: Rows = np.zeros(0, np.int64)


class Results(Picking):
    """What is shown, and the verbs.

    Parameters
    ----------
    state, services, jobs
        As the controller's.
    start
        Starts a command of hdr; tests give another.
    """

    def __init__(self, state: AppState, services: Services, jobs: Jobs, start: Start = Child) -> None:
        super().__init__()
        self.state = state
        self.services = services
        self.jobs = jobs
        self.work = Work(start, services.child_environment)
        self.found = Found()
        self.measured: Measured | None = None
        self.compared: list[Mapping[str, Any]] = []
        self.history: Run | None = None
        self.told = ""
        """What the model had seen of the data, a sentence."""
        self.left_out: list[str] = []
        self.wrong: tuple[str, str] = ("", "")
        """Why nothing could be measured, and the cure."""
        self.model = ""
        self.data: tuple[Path, ...] = ()
        self.everything = False
        self.which = Which()
        self.rows = NOTHING
        self._done: list[Done] = []
        self._undone: list[Done] = []
        self._acts = 0
        self._folder: Path | None = None
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> None:
        """Have a function called with what changed: ``found``, ``work``, ``measured``, ``compared`` or ``shown``."""
        self._listeners.append(listener)

    def _tell(self, what: str) -> None:
        for listener in list(self._listeners):
            listener(what)

    # Measuring -------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look which models and which data there are."""
        workspace = self.services.workspace
        self.jobs.submit("results found", lambda _: look(workspace), self._take_found)

    def _take_found(self, found: Found) -> None:
        self.found = found
        self._tell("found")

    def measure(self, model: str, data: Sequence[Path], *, everything: bool = False) -> None:
        """Have a model measured; the answers come when `pump` finds them."""
        self.model, self.data, self.everything = model, tuple(data), everything
        if self._nothing_saved(data):
            return
        folder = self._new_folder()
        told = ["evaluate", model, *self._on(data, everything), "--answers", str(folder / "answers.npz")]
        self.work.begin(f"Measuring {model}", told, lambda answer, said: self._read(folder, answer, said), self._fail)
        self._tell("work")

    def _nothing_saved(self, data: Sequence[Path]) -> bool:
        """Say where there are no captures to measure on; else what was wrong before is no more."""
        captures = self.services.workspace.captures
        none = captures in data and not captures.is_dir()
        cure = "Read a page, correct it and save it (Ctrl+S); or choose other data."
        self.wrong = ("You have saved no digits yet.", cure) if none else ("", "")
        if none:
            self._tell("work")
        return none

    def _new_folder(self) -> Path:
        """Where a child puts its answers; that of the one before is not wanted any more."""
        self.jobs.cancel("results")
        self._tidy()
        self._folder = Path(tempfile.mkdtemp(prefix="hdr-results-"))
        return self._folder

    def _tidy(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    @staticmethod
    def _on(data: Sequence[Path], everything: bool) -> list[str]:
        paths = [part for path in data for part in ("--data", str(path))]
        return [*paths, "--json", "--progress", "jsonl", *(["--all"] if everything else [])]

    def _fail(self, message: str, hint: str) -> None:
        self.wrong = message, hint
        self._tell("work")

    def _read(self, folder: Path, answer: Mapping[str, Any], said: list[str]) -> None:
        model, workspace = self.model, self.services.workspace

        def read(_: object) -> tuple[Measured, Run | None]:
            from hdr.app.results_look import read_history_of
            from hdr.data.answers import read_answers

            return Measured(read_answers(folder / "answers.npz")), read_history_of(workspace, model)

        def take(found: tuple[Measured, Run | None]) -> None:
            self._tidy()
            self.measured, self.history = found
            self.told = str(answer.get("told", ""))
            self.left_out = [one for one in said if one.startswith("left out: ")]
            self._done.clear()
            self._undone.clear()
            self.show_only(Which())
            self._tell("measured")

        self.jobs.submit("results", read, take)

    def compare(self, models: Sequence[str], data: Sequence[Path], *, everything: bool = False) -> None:
        """Have models compared on the same data."""
        self.data, self.everything = tuple(data), everything
        if self._nothing_saved(data):
            return

        def take(answer: dict[str, Any], said: list[str]) -> None:
            self.compared = answer.get("models", [])
            self.told = str(answer.get("told", ""))
            self.left_out = [one for one in said if one.startswith("left out: ")]
            self._tell("compared")

        told = ["compare", *models, *self._on(data, everything)]
        self.work.begin(f"Comparing {', '.join(models)}", told, take, self._fail)
        self._tell("work")

    def report(self, path: Path, *, comparison: bool) -> None:
        """Have what is shown written as a page, from the data as it is now."""
        names = [str(row["model"]) for row in self.compared] if comparison else [self.model]
        told = ["compare" if comparison else "evaluate", *names, *self._on(self.data, self.everything)]

        def done(_answer: dict[str, Any], _said: list[str]) -> None:
            self.state.say("done", f"The report is in {path}.", "It is one file, to be kept or sent.")
            self._tell("work")

        self.work.begin("Writing the report", [*told, "--report", str(path)], done, self._fail)
        self._tell("work")

    def stop(self) -> bool:
        """End what runs; whether there was something."""
        stopped = self.work.stop()
        if stopped:
            self._tell("work")
        return stopped

    def pump(self) -> bool:
        """Take what the child said; whether there was anything."""
        took = self.work.pump()
        if took:
            self._tell("work")
        return took

    def close(self) -> None:
        """End what runs."""
        self.work.close()
        self._tidy()

    # What is shown ---------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many pictures are shown."""
        return len(self.rows)

    def show_only(self, which: Which) -> None:
        """Show the mistakes of a cell of the matrix, of a label, or all."""
        self.which, self.cursor = which, 0
        self._select()

    def _select(self) -> None:
        self.rows = self.measured.rows(self.which) if self.measured else NOTHING
        self._pick_anew(min(self.cursor, max(0, self.count - 1)))

    def _picked(self) -> None:
        self._tell("shown")

    def cell(self, position: int) -> Cell:
        """Return what stands at a position."""
        assert self.measured is not None
        row = int(self.rows[position])
        place = self.measured.places[row]
        told = self.measured.names[self.measured.predicted[row]]
        label = self.measured.label(row)
        sure = float(self.measured.confidence[row])
        return Cell(Path(place.file), label, told if told != label else "", index=place.index, sure=sure)

    @property
    def row(self) -> int | None:
        """The picture under the cursor."""
        return int(self.rows[self.cursor]) if self.count else None

    def empty_words(self) -> str:
        """Say why nothing is shown."""
        measured = self.measured
        if measured is None:
            return f"{self.work.title} …" if self.work.is_live else "Choose a model and data, and measure."
        if self.which != Which():
            return "No picture is like this."
        return f"Nothing is wrong: all {len(measured):,} right." if len(measured) else "Nothing is left to measure on."

    def picture(self, path: Path, index: int | None) -> Any:
        """In the worker: the pixels of a picture, shape (height, width) or (height, width, 3), ``uint8``."""
        return read_picture(path, index)

    # Doing -----------------------------------------------------------------------------------------------------------

    def relabel(self, label: str) -> None:
        """Give the selected pictures a label that the model knows, or one that says that there is none."""
        if self.measured is None:
            return
        if label in self.measured.names or label in NO_TRUTH:
            self._act(lambda paths: relabel(paths, label))
        else:
            known = ", ".join(self.measured.names[:_NAMED])
            self.state.say("info", f"{label!r} is no label of {self.measured.model}.", f"It knows {known}.")

    def discard(self) -> None:
        """Move the selected pictures to the recycle bin."""
        if self.measured is not None:
            self._act(discard)

    def _act(self, act: Callable[[Sequence[Path]], Done]) -> None:
        assert self.measured is not None
        found = [self.measured.path(int(self.rows[position])) for position in sorted(self.chosen)]
        paths = [path for path in found if path is not None]
        if found and not paths:
            self.state.say(
                "info", "Pictures in an array cannot be changed here.", "Export them to folders, and measure on those."
            )
        if paths:
            self._undone.clear()
            self._submit(lambda: act(paths), self._done)

    def undo(self) -> None:
        """Take the last change back."""
        if self._done:
            self._submit(self._done.pop().undo, self._undone, "Taken back: ")

    def redo(self) -> None:
        """Do again what was taken back last."""
        if self._undone:
            self._submit(self._undone.pop().undo, self._done, "Done again: ")

    def _submit(self, act: Callable[[], Done], onto: list[Done], prefix: str = "") -> None:
        self._acts += 1  # a key of its own: none takes another's place; and no title: none is stopped half way
        measured = self.measured

        def done(change: Done) -> None:
            onto.append(change)
            stayed = all(before == after for before, after in change.steps)
            self._say_what(change, prefix, stayed=stayed)
            if measured is not None and measured is self.measured:
                measured.follow(change.steps)
                self._select()
                self._tell("figures")
                if stayed:
                    self.step(1)

        self.jobs.submit(f"results {self._acts}", lambda _: act(), done)

    def _say_what(self, change: Done, prefix: str, *, stayed: bool) -> None:
        count = counted(len(change), "picture")
        what = "confirmed" if stayed else change.what
        wrong = f" {len(change.wrong)} could not be: {change.wrong[0]}" if change.wrong else ""
        hint = "" if prefix else "Ctrl+Z takes it back."
        self.state.say("warning" if wrong else "done", f"{prefix}{count} {what}.{wrong}", hint)
