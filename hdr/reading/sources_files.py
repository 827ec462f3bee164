"""Video files and pictures of a folder to frames with times of their own, at their own pace or as fast as can be."""

from __future__ import annotations

import glob
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hdr.errors import CameraError, ImageError
from hdr.reading.sources import SourceOptions, TimedCapture, is_file, is_folder
from hdr.reading.sources_ffmpeg import open_video
from hdr.vision.media import SUFFIXES, load_image

_USUAL_FPS = 30.0
_LONGEST_GAP_S = 10.0  # between two frames; a file that tells of longer ones, or of going back, is not believed


class Film:
    """A video file.

    Parameters
    ----------
    path
        Of the file.

    Raises
    ------
    CameraError
        Where it is none.
    """

    def __init__(self, path: str) -> None:
        import cv2

        self._capture = open_video(path)
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        self._step_s = 1 / (fps if 0.1 <= fps <= 1000 else _USUAL_FPS)
        self._first: float | None = None
        self.time_s = -self._step_s

    def read(self) -> tuple[bool, Any]:
        """Read the next frame."""
        import cv2

        try:
            got, frame = self._capture.read()
        except cv2.error:  # of a damaged file; what comes after it is lost
            return False, None
        told = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000
        self._first = told if self._first is None else self._first
        since = told - self._first
        believed = 0 < since - self.time_s <= _LONGEST_GAP_S
        self.time_s = since if believed else self.time_s + self._step_s
        return got, frame

    def release(self) -> None:
        """Close the file."""
        self._capture.release()


class Images:
    """Pictures one after the other, numbers in their names counted as numbers.

    Parameters
    ----------
    source
        A folder, one picture, a pattern with ``* ? [ ]``, or one with a number: ``frame_%04d.png``.
    options
        Their pace.
    tell
        Called with a sentence for each that cannot be read; the others come all the same.

    Raises
    ------
    CameraError
        Where there is none.
    """

    def __init__(self, source: str, options: SourceOptions, tell: Callable[[str], None]) -> None:
        self._paths = iter(_pictures(source))
        self._tell = tell
        self._step_s = 1 / (options.fps or _USUAL_FPS)
        self.time_s = -self._step_s

    def read(self) -> tuple[bool, Any]:
        """Load the next picture."""
        for path in self._paths:
            try:
                frame = load_image(path)[:, :, ::-1]
            except ImageError as error:
                self._tell(str(error))
                continue
            self.time_s += self._step_s
            return True, frame.copy()  # OpenCV takes no array that runs backwards
        return False, None

    def release(self) -> None:
        """Nothing is open."""


def _pictures(source: str) -> list[Path]:
    if is_folder(source):
        names = [str(path) for path in Path(source).iterdir() if path.suffix.lower() in SUFFIXES]
    elif is_file(source):
        return [Path(source)]
    else:
        names = list(_matching(source))
    if not names:
        raise CameraError(f"There is no picture {source}.", hint="Name a folder with pictures, or a pattern of them.")
    return [Path(name) for name in sorted(names, key=_natural) if not Path(name).name.startswith(".")]


def _matching(pattern: str) -> Iterator[str]:
    """Names that fit a pattern; a place for a number takes any number."""
    numbered = re.split(r"%0?\d*d", pattern)
    if len(numbered) == 1:
        yield from glob.glob(pattern)  # noqa: PTH207  (Path.glob refuses absolute ones)
        return
    fits = re.compile(r"\d+".join(re.escape(part) for part in numbered))
    for name in glob.glob("*".join(glob.escape(part) for part in numbered)):  # noqa: PTH207
        if fits.fullmatch(name):
            yield name


def _natural(name: str) -> list[tuple[int, str]]:
    """So that picture 2 comes before picture 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.split(r"(\d+)", name)]


class Looped:
    """A file as it is asked for: at its own pace or not, once or again and again; its time runs on.

    Parameters
    ----------
    opener
        Opens the file, each time anew.
    options
        Whether it is paced and whether it is looped.
    clock, sleep
        As `time` has them; tests have others.
    """

    def __init__(
        self,
        opener: Callable[[], TimedCapture],
        options: SourceOptions,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._opener, self._options, self._clock, self._sleep = opener, options, clock, sleep
        self._capture = opener()
        self._read_any = False
        self._offset_s = 0.0
        self._began: float | None = None
        self.time_s = 0.0

    def read(self) -> tuple[bool, Any]:
        """Read the next frame, and wait until it is due."""
        got, frame = self._capture.read()
        if not got and self._options.loop and self._read_any:
            self._begin_anew()
            got, frame = self._capture.read()
        if got:
            self._read_any = True
            self.time_s = self._offset_s + self._capture.time_s
            self._wait()
        return got, frame

    def _begin_anew(self) -> None:
        self._capture.release()
        self._offset_s = self.time_s + 1 / (self._options.fps or _USUAL_FPS)
        self._capture, self._read_any = self._opener(), False

    def _wait(self) -> None:
        now = self._clock()
        if self._began is None:
            self._began = now - self.time_s
        early = self._began + self.time_s - now
        if self._options.paced and early > 0:
            self._sleep(early)

    def release(self) -> None:
        """Close the file."""
        self._capture.release()
