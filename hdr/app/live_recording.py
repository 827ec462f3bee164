"""Frames with what was read off them to a video with boxes and to two tables of readings, beside the captures.

The tables are written in the reading thread, a line a frame. Drawing and packing a frame takes longer than reading it:
that is done in a thread of its own, where the newest frame wins; the video keeps its pace, whatever is left out.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.errors import HdrError, RecordingError
from hdr.reading.camera import Mailbox
from hdr.reading.recorder import Recorder
from hdr.workspace import free_path

if TYPE_CHECKING:
    from hdr.reading.live import LiveReading

_WAIT_S, _LAST_FRAME_S = 0.1, 5.0


class Recording:
    """One recording: ``.mp4``, ``.jsonl`` and ``.csv`` of one name.

    Parameters
    ----------
    folder
        Where the files go; it need not exist yet.
    source
        What the source is called.
    fps
        Frames a second, about, of the video.

    Raises
    ------
    HdrError
        Where nothing can be written there.
    """

    def __init__(self, folder: Path, source: str, fps: float) -> None:
        self.folder = folder
        self._begun, self._ended = time.monotonic(), 0.0
        self.error: HdrError | None = None
        """Why it has ended by itself, or what of it cannot be used."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            told = f"Recordings cannot be written in {folder} ({error.strerror or error})."
            raise HdrError(told, hint="Make room or allow writing there.") from error
        # One name for all three, as no recording before has it: tables are added to where they are.
        table = free_path(folder / f"{datetime.now().astimezone():%Y-%m-%d_%H-%M-%S}.csv")
        with contextlib.ExitStack() as if_one_fails:
            self._tables: list[Recorder] = []
            for path in (table, table.with_suffix(".jsonl")):
                self._tables.append(Recorder(source, readings=path))
                if_one_fails.callback(self._tables[-1].close)
            if_one_fails.pop_all()
        self._video = Recorder(source, table.with_suffix(".mp4"), fps=fps)
        self._frames = Mailbox()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._film, name="hdr-recording", daemon=True)
        self._thread.start()
        atexit.register(self.close)  # a video without its end cannot be played

    @property
    def paths(self) -> list[Path]:
        """The files so far."""
        return [path for one in (self._video, *self._tables) for path in one.paths]

    @property
    def lasted(self) -> str:
        """How long it has run, or ran, in minutes and seconds."""
        seconds = int((self._ended or time.monotonic()) - self._begun)
        return f"{seconds // 60}:{seconds % 60:02d}"

    def add(self, frame: Any, live: LiveReading) -> None:
        """Record a frame, in the reading thread; what cannot be written ends the recording, not the reading."""
        if self.error is not None:
            return
        self._frames.put((frame, live))
        for table in self._tables:
            self._add(table, frame, live)

    def _film(self) -> None:
        while not self._stop.is_set():
            self._film_newest(_WAIT_S)
        self._film_newest(0)

    def _film_newest(self, wait_s: float) -> None:
        item = self._frames.take(wait_s)
        if item is not None:  # whatever became of the tables; a video that has failed takes nothing more
            self._add(self._video, *item)

    def _add(self, recorder: Recorder, frame: Any, live: LiveReading) -> None:
        try:
            recorder.add(frame, live)
        except HdrError as error:
            self.error = self.error or error

    def close(self) -> None:
        """Finish the files, which may take seconds; `error` tells where one of them cannot be used all the same."""
        self._ended = self._ended or time.monotonic()
        self._stop.set()
        self._thread.join(_LAST_FRAME_S)
        for recorder in (self._video, *self._tables):
            for path in recorder.close():
                told = f"{path.name} is not whole: not all of it could be written."
                self.error = self.error or RecordingError(told, hint="Free some space, and record anew.")
        atexit.unregister(self.close)
