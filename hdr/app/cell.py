"""One crop as a gallery shows it, and what a gallery asks of whoever has the crops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hdr.app.jobs import Jobs
from hdr.app.state import AppState


@dataclass(frozen=True)
class Cell:
    """One crop as a gallery shows it.

    Parameters
    ----------
    path
        Its file.
    label
        What its folder says.
    other
        What the model takes it for, or it is likelier to be, where that is something else; empty where not.
    confirmed
        Whether a person gave the label.
    index
        Its number in the file; None for a file of its own.
    sure
        How sure the model is of what it takes it for, 0 to 1; None where that is not shown.
    """

    path: Path
    label: str
    other: str = ""
    confirmed: bool = False
    index: int | None = None
    sure: float | None = None


class Shelf(Protocol):
    """Whoever has the crops: what is shown in which order, and what is selected."""

    state: AppState
    jobs: Jobs
    cursor: int
    chosen: set[int]

    @property
    def count(self) -> int:
        """How many are shown."""
        ...

    def cell(self, position: int) -> Cell:
        """Return what stands at a position."""
        ...

    def pick(self, position: int, *, add: bool = False, reach: bool = False) -> None:
        """Select one; or add it to the selection or take it out; or all up to it."""
        ...

    def empty_words(self) -> str:
        """Say why nothing is shown."""
        ...

    def picture(self, path: Path, index: int | None) -> Any:
        """In the worker: the pixels of one, shape (height, width) or (height, width, 3), ``uint8``.

        Raises
        ------
        HdrError
            Where it cannot be read.
        """
        ...

    def listen(self, listener: Callable[..., None]) -> None:
        """Have a function called after each change."""
        ...
