"""Frames with what was read off them to a video with boxes and to two tables of readings, beside the captures."""

from __future__ import annotations

import atexit
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.errors import HdrError
from hdr.reading.recorder import Recorder

if TYPE_CHECKING:
    from hdr.reading.live import LiveReading


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
        self.begun = time.monotonic()
        self.error: HdrError | None = None
        """Why it has ended by itself."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            told = f"Recordings cannot be written in {folder} ({error.strerror or error})."
            raise HdrError(told, hint="Make room or allow writing there.") from error
        stem = folder / f"{datetime.now().astimezone():%Y-%m-%d_%H-%M-%S}"
        self._recorders = [
            Recorder(source, stem.with_suffix(".mp4"), stem.with_suffix(".jsonl"), fps=fps),
            Recorder(source, readings=stem.with_suffix(".csv")),
        ]
        atexit.register(self.close)  # a video without its end cannot be played

    @property
    def paths(self) -> list[Path]:
        """The files so far."""
        return [path for one in self._recorders for path in one.paths]

    @property
    def lasted(self) -> str:
        """How long it has run, in minutes and seconds."""
        seconds = int(time.monotonic() - self.begun)
        return f"{seconds // 60}:{seconds % 60:02d}"

    def add(self, frame: Any, live: LiveReading) -> None:
        """Record a frame, in the reading thread; what cannot be written ends the recording, not the reading."""
        if self.error is not None:
            return
        try:
            for recorder in self._recorders:
                recorder.add(frame, live)
        except HdrError as error:
            self.error = error

    def close(self) -> None:
        """Finish the files."""
        atexit.unregister(self.close)
        for recorder in self._recorders:
            recorder.close()
