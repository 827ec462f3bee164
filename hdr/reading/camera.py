"""Cameras, videos and streams to frames: a thread that reads, and a mailbox in which only the newest lies."""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from hdr.errors import CameraError
from hdr.reading.sources import Capture, Frame, SourceOptions, checked, has_end, oriented, shown
from hdr.reading.sources_open import open_capture, why_lost

PAUSES_S = (0.5, 1, 2, 4, 8, 16, 30)
"""Before a lost source is looked for again; the last one again and again."""


@dataclass(frozen=True, eq=False)
class Captured:
    """A frame, and when it came.

    Parameters
    ----------
    frame
        Shape (height, width, 3), ``uint8`` RGB.
    at
        When the camera gave it, by `time.monotonic`.
    number
        Which it was of those that the camera gave, from 0. What is missing between two was dropped.
    """

    frame: Frame
    at: float
    number: int


class CameraState(enum.Enum):
    """How a camera is."""

    OPENING = "opening"
    LIVE = "live"
    LOST = "lost"  # until the pause is over
    RETRYING = "retrying"  # it is being opened again
    ENDED = "ended"  # a file's end, an error, or closed


class Mailbox:
    """One slot: putting replaces what nobody has taken, so that old frames are dropped and never queued."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: Any = None

    def put(self, item: Any) -> None:
        """Leave an item, in place of the one there."""
        with self._changed:
            self._item = item
            self._changed.notify_all()

    def take(self, timeout_s: float = 0.0) -> Any:
        """Take the newest item, waiting for one if need be; None where none came."""
        with self._changed:
            if self._item is None and timeout_s > 0:
                self._changed.wait(timeout_s)
            item, self._item = self._item, None
            return item

    def wake(self) -> None:
        """Let go whoever waits for an item that will not come; one that is there stays."""
        with self._changed:
            self._changed.notify_all()


class Camera:
    """A source that is read by a thread of its own, the device opened in it, so that nobody else ever waits.

    Parameters
    ----------
    source
        Index or name of a camera, or the name or address of a video; see `hdr.reading.sources.kind_of`.
    opener
        What opens it; tests give a `FakeCamera`'s. Without one, `open_capture`.
    options
        What is asked of it.
    retry
        Whether it is looked for again, with growing pauses, when it goes away after it was there once.
    wait
        Whether it is waited for as well where it cannot be opened at first; else that is told at once.
    pauses_s
        Those pauses.
    """

    def __init__(
        self,
        source: int | str,
        opener: Callable[[int | str], Capture] | None = None,
        options: SourceOptions | None = None,
        *,
        retry: bool = False,
        wait: bool = False,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        self.source = source
        self.options = options or SourceOptions()
        """Mirror and turn may be replaced at any time; the rest is asked when it is opened."""
        self.state = CameraState.OPENING
        self.notice = ""
        """What a person should know now, a sentence or two; empty while all is well."""
        self._opener = opener or partial(open_capture, options=self.options, tell=self._tell)
        self._retry, self._wait, self._pauses_s = retry, wait, pauses_s
        self._mailbox = Mailbox()
        self._stop = threading.Event()
        self._error: Exception | None = None
        self._given = 0
        self._thread = threading.Thread(target=self._run, name=f"hdr-camera-{shown(source)}", daemon=True)

    def start(self) -> Camera:
        """Begin to open and read it."""
        self._thread.start()
        return self

    def frame(self, timeout_s: float = 0.0) -> Frame | None:
        """Return the newest frame that was not taken yet; None where none came in time.

        Returns
        -------
        Shape (height, width, 3), ``uint8`` RGB.

        Raises
        ------
        CameraError
            Where it could not be opened, or went away. The last frames before that are still given out.
        """
        captured = self.capture(timeout_s)
        return captured.frame if captured else None

    def capture(self, timeout_s: float = 0.0) -> Captured | None:
        """Return the newest frame that was not taken yet, and when it came; as `frame` does."""
        taken = self._mailbox.take(timeout_s)
        if taken is not None:
            bgr, at, number = taken
            return Captured(oriented(bgr, self.options), at, number)
        if self._error is not None:
            raise self._error
        return None

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop reading and give the device back."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._keep_reading()
        except Exception as error:  # noqa: BLE001  (whoever asks for a frame is told, whatever it was)
            self._error = error
        finally:
            self._set(CameraState.ENDED, str(self._error or ""))
            self._mailbox.wake()

    def _keep_reading(self) -> None:
        attempt = -1
        while not self._stop.is_set():
            given = self._given
            why = self._read_until_lost()
            if why is None or self._stop.is_set():
                return
            if not (self._wait or (self._retry and self._given)):
                raise why
            attempt = 0 if self._given > given else attempt + 1
            self._pause(why, self._pauses_s[min(attempt, len(self._pauses_s) - 1)])

    def _read_until_lost(self) -> CameraError | None:
        """Open it and read; return why it gives no more frames, None for the end of a file."""
        import cv2

        try:
            capture = self._opener(self.source)
            try:
                self._read_all(capture)
            finally:
                capture.release()
        except CameraError as error:
            return error
        except cv2.error:
            return why_lost(self.source)
        return None if has_end(self.source) and self._given else why_lost(self.source)

    def _read_all(self, capture: Capture) -> None:
        while not self._stop.is_set():
            got, frame = capture.read()
            if not got or frame is None:
                return
            self._mailbox.put((checked(frame, self.source), time.monotonic(), self._given))
            self._given += 1
            if self.state is not CameraState.LIVE:
                self._set(CameraState.LIVE)

    def _pause(self, why: CameraError, pause_s: float) -> None:
        self._set(CameraState.LOST, f"{why.message} Looking for it again in {pause_s:g} s.")
        self._stop.wait(pause_s)
        self._set(CameraState.RETRYING, f"{why.message} Looking for it again.")

    def _set(self, state: CameraState, notice: str = "") -> None:
        self.state, self.notice = state, notice

    def _tell(self, notice: str) -> None:
        self.notice = notice
