"""What a person calls a source of frames to what kind it is, what may be asked of it, and how it is told of."""

from __future__ import annotations

import enum
import glob
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hdr.errors import CameraError
from hdr.settings import LiveSettings
from hdr.vision.media import SUFFIXES

Frame = NDArray[np.uint8]
LARGEST_PIXELS = 40_000_000
"""Of one frame; 8K has 33 million. More is refused, where it can be before it is decoded."""

PI_CAMERA = "picamera"
_DEVICE = re.compile(r"/dev/video(\d+)")
_NUMBERED = re.compile(r"%0?\d*d")
_FILMS = SUFFIXES - {".gif"}  # an animation is a film
_SECRET = re.compile(r"(?i)([?&;][^=&;]*(?:pass|pwd|user|usr|token|auth|key|secret)[^=&;]*=)[^&;#]*")


class Kind(enum.Enum):
    """What a source is."""

    DEVICE = "a camera of this machine"
    PI = "a Raspberry Pi's camera"
    HTTP = "an address that a phone or a camera sends pictures from"
    RTSP = "an address that a camera sends a film from"
    FILM = "a video file"
    IMAGES = "pictures of a folder or of a pattern"
    NAME = "a camera by its name"


class Capture(Protocol):
    """A source of frames that is open: `cv2.VideoCapture`, ours, or `FakeCamera` in tests."""

    def read(self) -> tuple[bool, Any]:
        """Wait for the next frame: ``(True, BGR frame)``; ``(False, None)`` where no more comes."""
        ...

    def release(self) -> None:
        """Give the device back."""
        ...


class TimedCapture(Capture, Protocol):
    """What comes from files: it has times of its own, and an end."""

    time_s: float
    """Of the frame that was read last, from the first one on."""


@dataclass(frozen=True)
class SourceOptions:
    """What is asked of a source, and how its frames are turned.

    Parameters
    ----------
    mirror
        Left to right, after the turn.
    rotate
        By how many degrees clockwise: 0, 90, 180 or 270.
    width, height
        Asked of a camera, in pixels; 0 leaves it to the camera.
    fps
        Frames a second asked of a camera, and the pace of pictures, which have none of their own; 0 for what is usual.
    loop
        Whether files begin anew at their end.
    paced
        Whether files come at their own pace; else as fast as they are read.
    """

    mirror: bool = False
    rotate: int = 0
    width: int = 0
    height: int = 0
    fps: float = 0.0
    loop: bool = False
    paced: bool = True

    @classmethod
    def of(cls, live: LiveSettings, *, loop: bool = False, paced: bool = True) -> SourceOptions:
        """What the settings say."""
        return cls(live.mirror, live.rotate, live.width, live.height, live.fps, loop, paced)


def kind_of(source: int | str) -> Kind:
    """Return what a source is; a text that is neither an address nor on the disk may be a camera's name.

    Raises
    ------
    CameraError
        For an address of another kind than can be read.
    """
    if isinstance(source, int) or source.isdecimal() or device_index(source) is not None:
        return Kind.DEVICE
    if source == PI_CAMERA or re.fullmatch(rf"{PI_CAMERA}:\d+", source):
        return Kind.PI
    if "://" in source:
        return _kind_of_address(source)
    if is_folder(source) or Path(source).suffix.lower() in _FILMS or _is_pattern(source):
        return Kind.IMAGES
    return Kind.FILM if is_file(source) or Path(source).suffix or "/" in source else Kind.NAME


def _kind_of_address(source: str) -> Kind:
    scheme = source.partition("://")[0].lower()
    if scheme in ("http", "https"):
        return Kind.HTTP
    if scheme in ("rtsp", "rtsps"):
        return Kind.RTSP
    raise CameraError(
        f"{shown(source)} cannot be opened: {scheme}:// is no address of a camera.",
        hint="Addresses begin with http://, https:// or rtsp://; a file is named without.",
    )


def is_file(source: str) -> bool:
    """Whether there is such a file; a text that cannot be a name is none."""
    return os.path.isfile(source)  # noqa: PTH113  (Path's raises where a name is too long)


def is_folder(source: str) -> bool:
    """Whether there is such a folder; a text that cannot be a name is none."""
    return os.path.isdir(source)  # noqa: PTH112  (as above)


def _is_pattern(source: str) -> bool:
    return not is_file(source) and (glob.has_magic(source) or _NUMBERED.search(source) is not None)


def device_index(source: int | str) -> int | None:
    """Return the index of a camera of this machine; None for anything else."""
    if isinstance(source, int):
        return source
    if source.isdecimal():
        return int(source)
    is_one = source.startswith("/dev/") and "\0" not in source
    found = _DEVICE.fullmatch(str(Path(source).resolve())) if is_one else None
    return int(found[1]) if found else None


def has_end(source: int | str) -> bool:
    """Whether it is made of files, which end; a camera is looked for again."""
    return kind_of(source) in (Kind.FILM, Kind.IMAGES)


def shown(source: int | str) -> str:
    """Return what a source is called wherever a person or a log reads it: without the password of its address."""
    index = device_index(source)
    if index is not None:
        return f"Camera {index}"
    scheme, address, rest = str(source).partition("://")
    return _SECRET.sub(r"\1...", scheme + address + rest.rpartition("@")[2]) if address else str(source)


def checked(frame: Any, source: int | str) -> Frame:
    """Return a frame that a source gave, if it is one that can be worked with.

    Returns
    -------
    Shape (height, width, 3) BGR or (height, width) gray, ``uint8``.

    Raises
    ------
    CameraError
        Where it is no picture, or has more than `LARGEST_PIXELS`.
    """
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or 0 in frame.shape:
        raise CameraError(f"{shown(source)} gives something that is no picture.", hint="Pick another source.")
    if frame.ndim == 3 and frame.shape[2] == 1:
        frame = frame[:, :, 0]
    if frame.ndim != 2 and (frame.ndim != 3 or frame.shape[2] != 3):
        raise CameraError(f"{shown(source)} gives something that is no picture.", hint="Pick another source.")
    check_size(frame.shape[1], frame.shape[0], source)
    return np.asarray(frame)


def check_size(width: float, height: float, source: int | str) -> None:
    """Refuse a frame that is too large.

    Raises
    ------
    CameraError
        Where it has more than `LARGEST_PIXELS`.
    """
    if width * height > LARGEST_PIXELS:
        raise CameraError(
            f"{shown(source)} gives pictures of {width:.0f} x {height:.0f} pixels; {LARGEST_PIXELS:,} are allowed.",
            hint="Set a smaller size at the source.",
        )


def oriented(frame: Frame, options: SourceOptions) -> Frame:
    """Return a BGR or gray frame as RGB, turned and mirrored as asked."""
    import cv2

    image = cv2.cvtColor(frame, cv2.COLOR_GRAY2RGB if frame.ndim == 2 else cv2.COLOR_BGR2RGB)
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    if options.rotate:
        image = cv2.rotate(image, turns[options.rotate])
    return np.asarray(cv2.flip(image, 1) if options.mirror else image, np.uint8)
