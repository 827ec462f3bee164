"""Training runs that may be gone on with, on disk: begun, listed, taken up again, thrown away. Keras is not imported.

::

    models/.runs/<name>/
    ├── run.json         what was typed, and how far it came
    ├── checkpoint.npz   all that the run was after its last epoch; see `hdr.train.checkpoint`
    └── lock             held by the process that trains, for as long as it lives

A run has the name of the model that it is to become, and is gone when the model stands.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hdr.classify.store import check_name
from hdr.errors import ModelError
from hdr.train.run_folder import CHECKPOINT, RUN, clear, is_locked, locked, remove, said, sweep
from hdr.workspace import find_workspace, write_atomically

RUNS = ".runs"
_VERSION = 1
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Run:
    """An unfinished training run.

    Parameters
    ----------
    name
        Of the model that it is to become.
    path
        Its folder.
    argv
        What to type after ``hdr`` for the same run, the data by absolute paths.
    architecture
        Its name.
    epochs_done, epochs
        Kept, of how many.
    begun, saved
        When, in UTC, as ISO 8601 has it; ``saved`` is of the last epoch that was kept.
    best_accuracy
        On what is held out, 0 to 1; None before the first epoch is done.
    best_epoch
        The epoch that had it; 0 before.
    id
        No other run has it; the model that it becomes carries it in its card.
    running
        Whether a process trains it now.
    """

    name: str
    path: Path
    argv: tuple[str, ...]
    architecture: str
    epochs_done: int = 0
    epochs: int = 0
    begun: str = ""
    saved: str = ""
    best_accuracy: float | None = None
    best_epoch: int = 0
    id: str = ""
    running: bool = False

    @property
    def command(self) -> str:
        """What was typed, as one line for a shell."""
        return shlex.join(["hdr", *self.argv])

    def as_dict(self) -> dict[str, Any]:
        """For a program."""
        return {**dataclasses.asdict(self), "path": str(self.path), "command": self.command}


def list_runs(models: Path | None = None) -> list[Run]:
    """Return every unfinished run, the one that was kept last first; what is no run is left out.

    Parameters
    ----------
    models
        Folder of the models; None for the workspace's.
    """
    root = _root(models)
    folders = sorted(root.iterdir()) if root.is_dir() else []
    found = [run for folder in folders if (run := _read(folder)) and not _is_cleared_away(run)]
    return sorted(found, key=lambda run: (run.saved or run.begun, run.name), reverse=True)


def find_run(name: str = "", models: Path | None = None) -> Run:
    """Return the unfinished run of a name; without one the latest that no process trains.

    Raises
    ------
    ModelError
        Where there is none.
    """
    runs = list_runs(models)
    if not name:
        runs = [run for run in runs if not run.running] or runs
    found = next((run for run in runs if run.name == name or not name), None)
    if found is None:
        there = ", ".join(run.name for run in runs)
        raise ModelError(
            f"There is no unfinished run {name!r}." if name else "There is no unfinished run.",
            hint=f"There is: {there}." if there else "Begin one with: hdr train",
        )
    return found


def discard_run(name: str, models: Path | None = None) -> Run:
    """Throw an unfinished run away, and return what it was.

    Raises
    ------
    ModelError
        Where there is none of that name, or a process trains it.
    """
    run = find_run(check_name(name), models)
    with locked(run.path, run.name):
        remove(run.path)
    return run


class RunFolder:
    """The folder of a run that this process trains.

    Parameters
    ----------
    run
        What is known of it.
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return self.run.path

    def keep(self, epoch: int, accuracy: float, *, best: bool) -> None:
        """Say how far it came, after what was learned is kept.

        Raises
        ------
        ModelError
            Where it cannot be written.
        """
        better = {"best_accuracy": accuracy, "best_epoch": epoch} if best else {}
        self.run = dataclasses.replace(self.run, epochs_done=epoch, saved=_now(), **better)  # type: ignore[arg-type]  # of two kinds
        _write(self.run)

    def finish(self) -> None:
        """The model stands: nothing needs to be kept any more."""
        remove(self.path)


@contextlib.contextmanager
def begin_run(models: Path, name: str, argv: Sequence[str], architecture: str, epochs: int) -> Iterator[RunFolder]:
    """Give the folder of a new run. When the block ends it stays, if an epoch was done and it was not finished.

    Parameters
    ----------
    models
        Folder of the models.
    name, argv, architecture, epochs
        As `Run` has them.

    Raises
    ------
    ModelError
        Where there is an unfinished run of that name that has learned something, or the folder cannot be written.
    """
    path = _root(models) / check_name(name)
    before = _read(path)
    if before and (path / CHECKPOINT).exists() and not _is_published(before):
        raise ModelError(
            f"There is an unfinished run {name!r} already ({before.epochs_done} of {before.epochs} epochs).",
            hint=f"Go on with hdr train --resume {name}, throw it away with hdr train --discard {name}, "
            "or give another name with --name.",
        )
    with said(path):
        path.mkdir(parents=True, exist_ok=True)
    run = Run(name, path, tuple(argv), architecture, 0, epochs, _now(), id=os.urandom(8).hex())
    with locked(path, name):
        clear(path)
        _write(run)
        yield from _until_done(RunFolder(run))


@contextlib.contextmanager
def take_up_run(run: Run) -> Iterator[RunFolder]:
    """Give the folder of an unfinished run, as `begin_run` does.

    Raises
    ------
    ModelError
        Where another process trains it.
    """
    with locked(run.path, run.name):
        yield from _until_done(RunFolder(_read(run.path) or run))


def _until_done(folder: RunFolder) -> Iterator[RunFolder]:
    try:
        yield folder
    finally:
        if not (folder.path / CHECKPOINT).exists():
            remove(folder.path)


def _read(path: Path) -> Run | None:
    """What a folder says of a run; None where it says nothing that can be believed."""
    try:
        if (path / RUN).stat().st_size > _LARGEST:
            return None
        told = json.loads((path / RUN).read_text(encoding="utf-8"))
        best = told["best_accuracy"]
        return Run(
            path.name,
            path,
            tuple(str(one) for one in told["argv"]),
            str(told["architecture"]),
            int(told["epochs_done"]),
            int(told["epochs"]),
            dt.datetime.fromisoformat(told["begun"]).isoformat(),
            told["saved"] and dt.datetime.fromisoformat(told["saved"]).isoformat(),
            None if best is None else float(best),
            int(told["best_epoch"]),
            str(told["id"]),
            is_locked(path),
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _write(run: Run) -> None:
    told = {key: value for key, value in dataclasses.asdict(run).items() if key not in {"path", "running"}}
    with said(run.path):
        write_atomically(run.path / RUN, json.dumps({"version": _VERSION, **told}, indent=2).encode() + b"\n")


def _is_published(run: Run) -> bool:
    """Whether its model stands, and only the end of its process kept it from being cleared away."""
    try:
        card = json.loads((run.path.parents[1] / run.name / "card.json").read_text(encoding="utf-8"))
        return bool(run.id) and card["made"]["run"] == run.id
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False


def _is_cleared_away(run: Run) -> bool:
    """Whether it is over, and gone by now."""
    if not _is_published(run):
        return False
    if not run.running:
        remove(run.path)
        sweep(run.path)
    return True


def _root(models: Path | None) -> Path:
    return (models or find_workspace().models) / RUNS


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
