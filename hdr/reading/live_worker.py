"""A camera and a reader to readings as they come: a thread that reads the newest frame and drops those it missed."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hdr.reading.camera import Camera, Captured, Mailbox
from hdr.reading.live import LiveReading

_WAIT_S = 0.1
"""How long a stop may be missed."""


@dataclass(frozen=True, eq=False)
class Seen:
    """One frame and what was read off it.

    Parameters
    ----------
    frame
        Shape (height, width, 3), ``uint8`` RGB.
    live
        What was read.
    captured_at
        When the frame came, by `time.monotonic`.
    dropped
        Frames that came since the last one that was read, and were never looked at.
    """

    frame: NDArray[np.uint8]
    live: LiveReading
    captured_at: float
    dropped: int


class Reads(Protocol):
    """What turns a frame into a reading: a `hdr.reading.live.LiveReader`, for one."""

    def read(self, frame: NDArray[np.uint8], time_s: float) -> LiveReading:
        """As `hdr.reading.live.LiveReader.read`."""
        ...


class LiveWorker:
    """Reads what a camera shows, in a thread of its own; the newest frame wins.

    Parameters
    ----------
    camera
        Started by `start`, closed by `close`.
    reader
        A `LiveReader`, or what reads as one. Its settings may be replaced at any time.
    """

    def __init__(self, camera: Camera, reader: Reads) -> None:
        self.camera = camera
        self.reader = reader
        self._mailbox = Mailbox()
        self._stop = threading.Event()
        self._frozen = threading.Event()
        self._error: Exception | None = None
        self._last = -1
        self._thread = threading.Thread(target=self._run, name="hdr-live", daemon=True)

    def start(self) -> LiveWorker:
        """Begin to open the camera and to read."""
        self.camera.start()
        self._thread.start()
        return self

    def take(self, timeout_s: float = 0.0) -> Seen | None:
        """Return the newest reading that was not taken yet; None where none came in time.

        Raises
        ------
        HdrError
            What ended the reading: of the camera or of the classifier. The last reading before is still given out.
        """
        end = time.monotonic() + timeout_s
        while True:
            error = self._error  # before the mailbox is looked into: what lies there came before it
            seen: Seen | None = self._mailbox.take(max(0.0, min(_WAIT_S, end - time.monotonic())))
            if seen is not None:
                return seen
            if error is not None:
                raise error
            if time.monotonic() >= end:
                return None

    def freeze(self, frozen: bool) -> None:
        """Stop at the frame that was read last, or go on."""
        (self._frozen.set if frozen else self._frozen.clear)()

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop reading and give the camera back."""
        self._stop.set()
        self.camera.close(timeout_s)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                captured = self.camera.capture(_WAIT_S)
                if captured is not None and not self._frozen.is_set():
                    self._mailbox.put(self._read(captured))
        except Exception as error:  # noqa: BLE001  (whoever takes is told, whatever it was)
            self._error = error
            self._mailbox.wake()

    def _read(self, captured: Captured) -> Seen:
        live = self.reader.read(captured.frame, captured.at)
        dropped, self._last = captured.number - self._last - 1, captured.number
        return Seen(captured.frame, live, captured.at, dropped)
