"""The trials of a search to one JSON file and back: whole at any moment, and believed only where it fits its search.

::

    models/.tune/<name>/search.json     the space, the way of searching, and a row for each finished trial
    models/.tune/<name>/winner/         all that the winner was after its last epoch; gone when its model stands
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hdr.classify.store import check_name
from hdr.errors import ModelError
from hdr.train.search_space import ARCHITECTURE, SETTINGS, Value
from hdr.workspace import write_atomically

FOLDER = ".tune"
_FILE = "search.json"
_WINNER = "winner"
_VERSION = 1
_LARGEST_BYTES = 8 << 20


@dataclass(frozen=True)
class Trial:
    """One recipe that was tried.

    Parameters
    ----------
    number
        From 1.
    values
        What was chosen; see `hdr.train.search_space`.
    epochs
        Passes over the data.
    accuracy
        On what is held out, of the best epoch, 0 to 1; 0 for one that failed.
    loss
        There.
    parameters
        How many numbers it learned.
    seconds
        It took.
    failed
        Why there are no figures; empty where there are.
    """

    number: int
    values: Mapping[str, Value]
    epochs: int
    accuracy: float
    loss: float
    parameters: int
    seconds: float
    failed: str = ""

    @property
    def rank(self) -> tuple[bool, float, float]:
        """The larger, the better: right more often, and where that is even, surer of it."""
        return not self.failed, self.accuracy, -self.loss


@dataclass(frozen=True)
class Journal:
    """A search and its finished trials.

    Parameters
    ----------
    about
        What decides the search: another search has another one.
    trials
        In the order in which they were made.
    """

    about: Mapping[str, Any]
    trials: tuple[Trial, ...] = ()

    @property
    def best(self) -> Trial | None:
        """The best one; None where none has figures."""
        return max((one for one in self.trials if not one.failed), key=lambda one: one.rank, default=None)

    @property
    def seconds(self) -> float:
        """All trials together took."""
        return sum(one.seconds for one in self.trials)


def folder_of(models: Path, name: str) -> Path:
    """Return where a search of that name is kept in a folder of models."""
    return models / FOLDER / check_name(name)


def searches(models: Path) -> list[str]:
    """Return the names of all searches that a folder of models keeps."""
    return sorted(path.parent.name for path in (models / FOLDER).glob(f"*/{_FILE}"))


def read_journal(folder: Path) -> Journal | None:
    """Return a search; None where nothing was begun.

    Raises
    ------
    ModelError
        Where the file cannot be read, or is none of ours.
    """
    path = folder / _FILE
    try:
        _check(path.stat().st_size <= _LARGEST_BYTES, f"it has more than {_LARGEST_BYTES:,} bytes")
        told = json.loads(path.read_text(encoding="utf-8"))
        _check(told["version"] == _VERSION, f"it is of version {told['version']}")
        return Journal(dict(told["about"]), tuple(_trial(one, number) for number, one in enumerate(told["trials"], 1)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"The search in {folder} cannot be gone on with ({error}).", hint="Begin it anew with --fresh."
        ) from error


def write_journal(folder: Path, journal: Journal) -> None:
    """Write down a search, in one step.

    Raises
    ------
    ModelError
        Where it cannot be written.
    """
    told = {"version": _VERSION, "about": journal.about, "trials": [asdict(one) for one in journal.trials]}
    try:
        write_atomically(folder / _FILE, (json.dumps(told, indent=1) + "\n").encode())
    except OSError as error:
        raise ModelError(
            f"{folder} cannot be written ({error.strerror}).", hint="Choose another folder with --out."
        ) from error


def winner_of(folder: Path) -> Path:
    """Return where the winner of a search is kept while it learns from all data."""
    return folder / _WINNER


def forget(folder: Path) -> None:
    """Remove a search's trials, and what its winner has learned."""
    (folder / _FILE).unlink(missing_ok=True)
    shutil.rmtree(winner_of(folder), ignore_errors=True)


def _trial(told: Mapping[str, Any], number: int) -> Trial:
    figures: dict[str, Any] = {key: float(told[key]) for key in ("accuracy", "loss", "seconds")}
    values = {str(key): one if isinstance(one, str) else float(one) for key, one in told["values"].items()}
    _check(told["number"] == number, f"trial {number} is missing")
    _check(all(math.isfinite(one) and one >= 0 for one in figures.values()), f"trial {number} has impossible figures")
    _check(figures["accuracy"] <= 1, f"trial {number} was right more than always")
    _check({ARCHITECTURE} <= set(values) <= {ARCHITECTURE, *SETTINGS}, f"trial {number} has unknown settings")
    whole: dict[str, Any] = {key: int(told[key]) for key in ("epochs", "parameters")}
    return Trial(number=number, values=values, failed=str(told["failed"]), **whole, **figures)


def _check(right: bool, wrong: str) -> None:
    if not right:
        raise ValueError(wrong)
