"""Frames to a camera for tests: one that can be unplugged, and plugged in again."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from hdr.reading.sources import Capture, Frame


class FakeCamera:
    """A capture for tests: gives the frames it was given, then vanishes, or waits until it is let go.

    Parameters
    ----------
    frames
        BGR, ``uint8``.
    endless
        Whether the last frame comes again and again; else the camera is gone after it.
    """

    def __init__(self, frames: Iterable[Frame], *, endless: bool = False) -> None:
        self._frames = list(frames)
        self._endless = endless
        self._next = 0
        self._unplugged = threading.Event()
        self.released = False

    def open(self, source: int | str) -> Capture:
        """Stand in for `open_capture`."""
        del source
        return self

    def read(self) -> tuple[bool, Any]:
        """Give the next frame, at the pace of a quick camera."""
        self._unplugged.wait(0.005)
        if self._unplugged.is_set() or not self._frames:
            return False, None
        if self._next >= len(self._frames) and not self._endless:
            return False, None
        frame = self._frames[min(self._next, len(self._frames) - 1)]
        self._next += 1
        return True, frame

    def unplug(self) -> None:
        """Vanish."""
        self._unplugged.set()

    def plug_in(self) -> None:
        """Be there again."""
        self._unplugged.clear()

    def release(self) -> None:
        """Remember that it was given back."""
        self.released = True
