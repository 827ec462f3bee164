"""Frames and what was read off them to a recording: an annotated video, the readings as lines, or both."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hdr.reading.recorder_readings import ReadingsRecorder
from hdr.reading.recorder_video import UNFINISHED, VideoRecorder

if TYPE_CHECKING:
    from hdr.reading.live import LiveReading


class Recorder:
    """Records frame after frame. It may be closed from another thread than the one that adds.

    Parameters
    ----------
    source
        The source's name, as it may be told.
    video
        Where the annotated video goes: ``.mp4`` or ``.mkv``; see `hdr.reading.recorder_video`.
    readings
        Where the readings go: ``.jsonl`` or ``.csv``.
    fps
        Of the video.

    Raises
    ------
    RecordingError
        Where that cannot be.
    """

    def __init__(
        self, source: str, video: Path | None = None, readings: Path | None = None, *, fps: float = 30.0
    ) -> None:
        self._video = VideoRecorder(video, fps) if video else None
        self._readings = ReadingsRecorder(readings, source) if readings else None
        self._turn = threading.Lock()
        self._closed = False

    @property
    def paths(self) -> list[Path]:
        """The files so far."""
        videos = self._video.paths if self._video else []
        return [*videos, *([self._readings.path] if self._readings else [])]

    @property
    def unfinished(self) -> list[Path]:
        """Of the files that are finished those of which no MP4 could be made, and which can be played all the same."""
        video = self._video
        return [path for path in self.paths if video and path.name.endswith(UNFINISHED) and path not in video.broken]

    def add(self, frame: NDArray[np.uint8], live: LiveReading) -> None:
        """Record a frame; after `close` nothing.

        Parameters
        ----------
        frame
            Shape (height, width, 3), ``uint8`` RGB, as it was read.
        live
            What was read.

        Raises
        ------
        RecordingError
            Where it cannot be written. All that was recorded so far is finished and can be used.
        """
        with self._turn:
            if self._closed:
                return
            try:
                self._add(frame, live)
            except BaseException:
                self._close()
                raise

    def _add(self, frame: NDArray[np.uint8], live: LiveReading) -> None:
        from hdr.vision.overlay import draw_reading

        if self._readings:
            self._readings.add(live)
        if self._video:
            self._video.add(draw_reading(frame, live.reading), live.time_s)

    def close(self) -> list[Path]:
        """Finish the files.

        Returns
        -------
        Videos that are not whole all the same: a disk or a quota was full, which was not told.
        """
        with self._turn:
            self._close()
            return list(self._video.broken) if self._video else []

    def _close(self) -> None:
        self._closed = True
        for one in (self._video, self._readings):
            if one:
                one.close()
