"""What a person does to saved crops, done to their files in the worker; each change is taken back and done again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.data import moving
from hdr.data.captures import CaptureStore
from hdr.data.moving import Change
from hdr.data.wording import counted

if TYPE_CHECKING:
    from hdr.app.jobs import Jobs

Act = Callable[[CaptureStore, Sequence[Path]], Change]


class CaptureChanges:
    """The changes of this session, and the way back.

    Parameters
    ----------
    state, services, jobs
        As the controller's.
    changed
        Called after each change.
    """

    def __init__(self, state: AppState, services: Services, jobs: Jobs, changed: Callable[[], None]) -> None:
        self._state = state
        self._services = services
        self._jobs = jobs
        self._changed = changed
        self._done: list[Change] = []
        self._undone: list[Change] = []
        self._count = 0

    def do(self, act: Act, paths: Sequence[Path]) -> None:
        """Do something to crops."""
        self._undone.clear()
        self._submit(lambda store: act(store, paths), self._done)

    def undo(self) -> None:
        """Take the last change back."""
        if self._done:
            change = self._done.pop()
            self._submit(lambda store: moving.undo(store, change), self._undone, "Taken back: ")

    def redo(self) -> None:
        """Do again what was taken back last."""
        if self._undone:
            change = self._undone.pop()
            self._submit(lambda store: moving.undo(store, change), self._done, "Done again: ")

    def _submit(self, act: Callable[[CaptureStore], Change], onto: list[Change], prefix: str = "") -> None:
        self._count += 1  # a key of its own: none takes another's place; and no title: none is stopped half way

        def done(change: Change) -> None:
            onto.append(change)
            failed = f" {len(change.failures)} could not be: {change.failures[0][1].message}" if change.failures else ""
            told = f"{prefix}{counted(len(change), 'crop')} {change.what}.{failed}"
            self._state.say("warning" if failed else "done", told)
            self._changed()

        self._jobs.submit(f"captures {self._count}", lambda _: act(self._services.store()), done)
