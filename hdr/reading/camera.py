"""Cameras, videos and streams to frames: a thread that reads, and a mailbox in which only the newest lies."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hdr.errors import CameraError

Frame = NDArray[np.uint8]
_SYS_CAMERAS = Path("/sys/class/video4linux")
_TRIED_INDICES = 4  # where the system does not list its cameras


@dataclass(frozen=True)
class CameraInfo:
    """A camera to pick.

    Parameters
    ----------
    index
        What `Camera` is given.
    name
        What the system calls it.
    """

    index: int
    name: str


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


class Capture(Protocol):
    """A source of frames that is open: `cv2.VideoCapture`, or `FakeCamera` in tests."""

    def read(self) -> tuple[bool, Any]:
        """Wait for the next frame: ``(True, BGR frame)``; ``(False, None)`` where no more comes."""
        ...

    def release(self) -> None:
        """Give the device back."""
        ...


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


def open_capture(source: int | str) -> Capture:
    """Open a camera by its index, or a video file or stream by its name or address. It may take seconds.

    Raises
    ------
    CameraError
        Where there is none, or it cannot be opened.
    """
    _check_exists(source)
    import cv2

    cv2.utils.logging.setLogLevel(
        cv2.utils.logging.LOG_LEVEL_SILENT
    )  # OpenCV writes to standard error what we say in a sentence
    capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        capture.release()
        raise CameraError(
            f"{_name(source)} could not be opened.",
            hint="Close other programs that use it, check that you may use cameras, or pick another.",
        )
    return capture


def _check_exists(source: int | str) -> None:
    if isinstance(source, int):
        if sys.platform == "linux" and not Path(f"/dev/video{source}").exists():
            raise CameraError(
                f"There is no {_name(source).lower()}.",
                hint="Plug a camera in and try again, or open a picture instead.",
            )
    elif "://" not in source and not Path(source).is_file():
        raise CameraError(f"There is no video file {source}.", hint="Check the name, or give a camera's index.")


def _name(source: int | str) -> str:
    return f"Camera {source}" if isinstance(source, int) else str(source)


class Camera:
    """A source that is read by a thread of its own, the device opened in it, so that nobody else ever waits.

    Parameters
    ----------
    source
        Index of a camera, or the name or address of a video.
    opener
        What opens it; tests give a `FakeCamera`'s.
    """

    def __init__(self, source: int | str, opener: Callable[[int | str], Capture] = open_capture) -> None:
        self.source = source
        self._opener = opener
        self._mailbox = Mailbox()
        self._stop = threading.Event()
        self._error: CameraError | None = None
        self._thread = threading.Thread(target=self._run, name=f"hdr-camera-{source}", daemon=True)

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
            return Captured(_as_rgb(bgr), at, number)
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
            capture = self._opener(self.source)
        except CameraError as error:
            self._error = error
            self._mailbox.put(None)
            return
        try:
            self._read_all(capture)
        finally:
            capture.release()
            self._mailbox.put(self._mailbox.take())  # wakes whoever waits for a frame that will not come

    def _read_all(self, capture: Capture) -> None:
        for number in itertools.takewhile(lambda _: not self._stop.is_set(), itertools.count()):
            got, frame = capture.read()
            if not got or frame is None:
                if not self._stop.is_set():
                    self._error = CameraError(
                        f"{_name(self.source)} gives no more pictures; it may have been unplugged.",
                        hint="Plug it in again, or pick another camera. What you have done so far is kept.",
                    )
                return
            self._mailbox.put((frame, time.monotonic(), number))


def _as_rgb(bgr: Frame) -> Frame:
    import cv2

    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)  # several times quicker than NumPy's


def list_cameras(
    sys_folder: Path = _SYS_CAMERAS,
    opener: Callable[[int | str], Capture] = open_capture,
    platform: str = sys.platform,
) -> list[CameraInfo]:
    """Return the cameras of this machine, by index; an empty list for none.

    Linux says what there is; elsewhere the first few indices are tried, which takes a moment.
    """
    if platform == "linux":
        return _listed(sys_folder)
    return [info for info in (_tried(index, opener) for index in range(_TRIED_INDICES)) if info]


def _listed(folder: Path) -> list[CameraInfo]:
    found = []
    for entry in folder.glob("video*") if folder.is_dir() else ():
        number = entry.name.removeprefix("video")
        # One camera may show up as several devices; those after the first carry its metadata, not its picture.
        if number.isdecimal() and _text(entry / "index", "0") == "0":
            found.append(CameraInfo(int(number), _text(entry / "name", f"Camera {number}")))
    return sorted(found, key=lambda camera: camera.index)


def _text(path: Path, otherwise: str) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or otherwise
    except OSError:
        return otherwise


def _tried(index: int, opener: Callable[[int | str], Capture]) -> CameraInfo | None:
    try:
        opener(index).release()
    except CameraError:
        return None
    return CameraInfo(index, f"Camera {index}")


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

    def release(self) -> None:
        """Remember that it was given back."""
        self.released = True
