"""States of the app to undo and redo: a past and a future of immutable snapshots, without limit but that of memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")


@dataclass(frozen=True)
class Step(Generic[S]):
    """One change that can be taken back.

    Parameters
    ----------
    name
        What it did, in words for the menu: "Undo *stroke*".
    before
        The state before it.
    after
        The state after it.
    """

    name: str
    before: S
    after: S


class History(Generic[S]):
    """The changes made, and those undone.

    Parameters
    ----------
    cost
        Bytes that a state keeps alive and the one before it does not, given both, for the limit below.
    limit_bytes
        Where the past keeps more than this alive, its oldest steps are forgotten.
    """

    def __init__(self, cost: Callable[[S, S], int] = lambda _before, _after: 0, limit_bytes: int = 512 * 2**20) -> None:
        self._past: list[Step[S]] = []
        self._future: list[Step[S]] = []
        self._cost = cost
        self._limit = limit_bytes

    @property
    def undo_name(self) -> str | None:
        """What undo would take back; None for nothing."""
        return self._past[-1].name if self._past else None

    @property
    def redo_name(self) -> str | None:
        """What redo would do again; None for nothing."""
        return self._future[-1].name if self._future else None

    @property
    def snapshots(self) -> list[S]:
        """Every state that undo or redo can still come to."""
        return [state for step in (*self._past, *self._future) for state in (step.before, step.after)]

    @property
    def past(self) -> tuple[Step[S], ...]:
        """What undo can take back, the oldest first."""
        return tuple(self._past)

    def record(self, name: str, before: S, after: S, *, merge: bool = False) -> None:
        """Keep a change. What had been undone before it cannot be redone any more.

        With ``merge``, a change of the same name as the last one becomes one with it, as for a slider that is dragged.
        """
        started = self.merge_base(name) if merge else None
        if started is not None:
            self._past.pop()
        self._past.append(Step(name, before if started is None else started, after))
        self._future.clear()
        self._forget()

    def merge_base(self, name: str) -> S | None:
        """Return the state before the last change if it has this name and nothing was undone since."""
        return self._past[-1].before if self._past and not self._future and self._past[-1].name == name else None

    def undo(self) -> S | None:
        """Return the state before the last change; None where there is none."""
        if not self._past:
            return None
        step = self._past.pop()
        self._future.append(step)
        return step.before

    def redo(self) -> S | None:
        """Return the state after the change last undone; None where there is none."""
        if not self._future:
            return None
        step = self._future.pop()
        self._past.append(step)
        return step.after

    def revise(self, change: Callable[[S], S], same: Callable[[S, S], bool]) -> None:
        """Replace every state; a step between two that are then the same is forgotten."""
        for steps in (self._past, self._future):
            revised = (Step(step.name, change(step.before), change(step.after)) for step in steps)
            steps[:] = [step for step in revised if not same(step.before, step.after)]

    def _forget(self) -> None:
        kept = 0
        last = len(self._past) - 1
        for index in range(last, -1, -1):
            kept += self._cost(self._past[index].before, self._past[index].after)
            if kept > self._limit:
                del self._past[: min(index + 1, last)]
                return
