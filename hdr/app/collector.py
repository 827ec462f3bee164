"""Garbage that holds Tk objects to the main thread: elsewhere, freeing it would call into Tk from the wrong thread."""

from __future__ import annotations

import gc
import tkinter as tk

_EVERY_MS = 1000
_SETTLED_TICKS = 4


class MainThreadCollector:
    """Takes the cyclic collector's place while the window is open, and runs it from the window's own loop.

    Python collects in whichever thread happens to allocate. A variable or picture of a closed dialog that the worker
    thread collects calls Tk from there, which fails, or waits for ever while the window is being closed.

    What is there in the first seconds is the program itself. It is never looked through, which would hold the window up
    for a frame or two, every time; the little garbage in it goes when the window is closed.
    """

    def __init__(self, root: tk.Misc) -> None:
        self._root = root
        self._due: str | None = None
        self._ticks = 0
        self._was_on = gc.isenabled()

    def start(self) -> None:
        """Collect in this thread only."""
        gc.disable()
        self._due = self._root.after(_EVERY_MS, self._tick)

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks <= _SETTLED_TICKS:
            gc.freeze()
        else:
            _collect_if_due()
        self._due = self._root.after(_EVERY_MS, self._tick)

    def stop(self) -> None:
        """Free what the window leaves, still in this thread, and go back to collecting as before."""
        gc.unfreeze()
        gc.collect()
        if self._was_on:
            gc.enable()


def _collect_if_due() -> None:
    """Collect what Python would."""
    young, middle, old = gc.get_threshold()
    count = gc.get_count()
    if count[0] > young:
        gc.collect(2 if count[2] > old else 1 if count[1] > middle else 0)
