"""Frames with the times they were taken at to a video file that runs at their pace.

A video file has so many frames a second, a camera has not: frames are repeated or left out so that the video's time is
real time. A Matroska file (.mkv) can be played whenever it ends. An MP4's index is written at its end, so one that is
killed cannot be played: it is written as Matroska, ``NAME.unfinished.mkv``, and copied into an MP4 at its end and every
ten minutes, after which it goes on in ``NAME-2.mp4``. What a kill or a power cut leaves can be played as it is.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.errors import RecordingError
from hdr.reading.recorder_mp4 import to_mp4
from hdr.reading.sources_ffmpeg import keep_quiet
from hdr.workspace import free_path

SUFFIXES = (".mp4", ".mkv")
UNFINISHED = ".unfinished.mkv"
"""How the name of what is to be an MP4 ends until it is one."""
_PART_S = {".mp4": 600.0, ".mkv": float("inf")}
_LONGEST_GAP_S = 10.0  # what is longer, as when a camera was away, is not filled: the next part begins after it
_ROOM_LEFT = 64_000_000  # bytes; the end of a file needs some, and a full disk stops more than us
_CODEC = "mp4v"


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class VideoRecorder:
    """Writes frames into one video file, or into several one after the other; none that is there is written over.

    Parameters
    ----------
    path
        Where the first one goes; ``.mp4`` or ``.mkv``.
    fps
        Frames a second of the file.
    free
        Tells how many bytes a folder has room for; tests have another.

    Raises
    ------
    RecordingError
        For another ending.
    """

    def __init__(self, path: Path, fps: float = 30.0, free: Callable[[Path], int] = _free_bytes) -> None:
        if path.suffix.lower() not in SUFFIXES:
            raise RecordingError(f"{path} is no name for a recording.", hint="End it in .mp4 or .mkv.")
        self.paths: list[Path] = []
        """The files so far; where an MP4 could not be made of what was written, that file instead."""
        self.broken: list[Path] = []
        """Those of them that are finished and not whole: the system took not all of them."""
        self._path, self._fps, self._free = path, fps, free
        self._part_s = _PART_S[path.suffix.lower()]
        self._is_mp4 = path.suffix.lower() == ".mp4"
        self._writer: Any = None
        self._finishing: threading.Thread | None = None
        self._size = (0, 0)
        self._last: NDArray[np.uint8] | None = None
        self._began_s = 0.0
        self._written = 0

    def add(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Write a frame, as often as its time asks for.

        Parameters
        ----------
        image
            Shape (height, width, 3), ``uint8`` RGB. One of another size than the first is fitted into that.
        time_s
            When it was taken, later than the one before.

        Raises
        ------
        RecordingError
            Where it cannot be written. What was recorded so far is finished and can be played.
        """
        missing = self._missing(time_s)
        if missing is None:
            self._begin(image, time_s)
            missing = 0
        frame = self._fitted(image)
        for _ in range(missing):
            self._write(frame if self._last is None else self._last)
        if missing >= 0:
            self._write(frame)
        self._last = frame

    def _missing(self, time_s: float) -> int | None:
        """How many frames have no picture before one of this time; below 0 it has its own already.

        None where a file is to begin with it: it is the first, the file is long enough, or the times make a leap.
        """
        due = round((time_s - self._began_s) * self._fps)
        missing = due - self._written
        leap = not -self._fps <= missing <= _LONGEST_GAP_S * self._fps
        return None if self._writer is None or leap or due >= self._part_s * self._fps else missing

    def _begin(self, image: NDArray[np.uint8], time_s: float) -> None:
        import cv2

        keep_quiet()
        self._finish_aside()
        self._check_room()
        path = free_path(self._path.with_suffix(UNFINISHED) if self._is_mp4 else self._path)
        height, width = image.shape[:2]
        if self._size == (0, 0):
            self._size = (width - width % 2, height - height % 2)  # the codec halves the colours' resolution
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*_CODEC), self._fps, self._size)
        if not writer.isOpened():
            writer.release()
            raise RecordingError(f"Nothing can be recorded to {path}.", hint="Check the folder and its permissions.")
        self._writer, self._began_s, self._written, self._last = writer, time_s, 0, None
        self.paths.append(path)

    def _fitted(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The frame as BGR in the file's size, undistorted, black beside it."""
        import cv2

        width, height = self._size
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        if image.shape[1::-1] == (width, height):
            return np.asarray(bgr, np.uint8)
        scale = min(width / image.shape[1], height / image.shape[0], 1e9)
        inner = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        field = np.zeros((height, width, 3), np.uint8)
        x, y = (width - inner[0]) // 2, (height - inner[1]) // 2
        field[y : y + inner[1], x : x + inner[0]] = cv2.resize(bgr, inner, interpolation=cv2.INTER_AREA)
        return field

    def _write(self, frame: NDArray[np.uint8]) -> None:
        if self._written % max(1, round(self._fps)) == 0:
            self._check_room()
        self._writer.write(frame)
        self._written += 1

    def _check_room(self) -> None:
        """The writer does not tell when a disk is full, so it is not let come to that."""
        folder = self._path.parent
        try:
            room = self._free(folder)
        except OSError as error:
            raise self._given_up(f"{folder} cannot be written to ({error.strerror or error})") from error
        if room < _ROOM_LEFT:
            raise self._given_up(f"There is no more room in {folder.resolve()}: {room // 1_000_000} MB are left")

    def _given_up(self, why: str) -> RecordingError:
        self.close()
        whole = [path for path in self.paths if path not in self.broken]
        there = f"what there is can be played: {whole[-1]}" if whole else "nothing was recorded"
        return RecordingError(f"{why}. The recording ends here; {there}.", hint="Free some space, and record anew.")

    def close(self) -> None:
        """Finish the files. Another frame would begin the next."""
        if self._release():
            self._finish(len(self.paths) - 1, self._written)  # not aside: a program that ends can begin no thread

    def _finish_aside(self) -> None:
        """Finish the file in a thread of its own: what comes next does not wait for it."""
        if self._release():
            last = len(self.paths) - 1, self._written
            self._finishing = threading.Thread(target=self._finish, args=last, name="hdr-finishing")
            self._finishing.start()

    def _release(self) -> bool:
        """End what is written, if anything, and wait until what was before it is finished: each has its own name."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.release()
        if self._finishing is not None:
            self._finishing.join()
        return writer is not None

    def _finish(self, index: int, frames: int) -> None:
        written = self.paths[index]
        taken = to_mp4(written, whole := free_path(self._path)) if self._is_mp4 else 0
        if taken:
            self.paths[index] = whole
            with contextlib.suppress(OSError):
                written.unlink()
        is_whole = taken == frames if taken else _can_be_played(written)  # the writer does not tell
        if not is_whole:
            self.broken.append(self.paths[index])


def _can_be_played(path: Path) -> bool:
    import cv2

    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    opened = bool(capture.isOpened())
    capture.release()
    return opened


def cut_off(folder: Path, unless_since_s: float = 60.0) -> list[Path]:
    """Return what was to be an MP4 and was left unfinished by a kill or a power cut, unless it was just written to."""
    before = time.time() - unless_since_s
    return sorted(path for path in folder.glob(f"*{UNFINISHED}") if path.stat().st_mtime < before)
