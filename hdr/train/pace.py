"""The epochs of a run so far to what is decided by them: the rate, an early end, and how long the rest will take."""

from __future__ import annotations

import time
from collections.abc import Sequence

from hdr.train.events import EpochDone

PLATEAU = 3
"""Epochs that bring nothing better before the rate is halved."""


def waited(history: Sequence[EpochDone], first: int) -> int:
    """Return how many epochs in a row brought nothing better, of those from the first one on."""
    count = 0
    for one in history:
        count = 0 if one.best else count + (one.epoch >= first)
    return count


def halvings(history: Sequence[EpochDone], first: int) -> int:
    """Return how often a rate that falls on a plateau was halved, in the epochs from the first one on."""
    count = times = 0
    for one in (one for one in history if one.epoch >= first):
        count = 0 if one.best else count + 1
        if count == PLATEAU:
            count, times = 0, times + 1
    return times


class Pace:
    """How fast a run goes, as it goes.

    Parameters
    ----------
    total
        Batches of the whole run.
    done
        Batches that an earlier process did.
    """

    def __init__(self, total: int, done: int = 0) -> None:
        self.total, self.done = total, done
        self._worked, self._since = 0, time.monotonic()

    def step(self, count: int = 1) -> None:
        """Count batches that were learned from."""
        self.done, self._worked = self.done + count, self._worked + count

    def skip_to(self, done: int) -> None:
        """Count batches that nobody will learn from, after an early stop."""
        self.done = done

    @property
    def seconds_left(self) -> float:
        """Until all batches are done; 0 where nothing tells."""
        if not self._worked:
            return 0.0
        return round((time.monotonic() - self._since) / self._worked * max(0, self.total - self.done), 1)
