"""The machine to the cameras it has: index, name and sizes where the system tells them; and a name to its camera."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hdr.errors import CameraError
from hdr.reading.sources import PI_CAMERA, Capture, SourceOptions
from hdr.reading.sources_device import PI_DEVICES, SYS_CAMERAS, open_device, text_of
from hdr.reading.sources_pi import pi_cameras

_DEV = Path("/dev")
_TRIED_INDICES = 4  # where the system does not list its cameras
_MOST = 64  # of formats and sizes that a driver is asked for; a broken one would go on for ever

Sizes = tuple[tuple[int, int], ...]
Ioctl = Callable[[int, int, bytes], bytes]

# linux/videodev2.h: the requests' numbers hold the size of what they take.
_ENUM_FORMATS, _FORMAT = 0xC0405602, "=III32sI16x"
_ENUM_SIZES, _SIZE = 0xC02C564A, "=III24x8x"
_VIDEO_CAPTURE, _DISCRETE = 1, 1


@dataclass(frozen=True)
class CameraInfo:
    """A camera to pick.

    Parameters
    ----------
    index
        What `Camera` is given; of the Pi's own cameras ``picamera:0`` and so on.
    name
        What the system calls it.
    sizes
        (width, height) in pixels of the pictures it says it gives, the smallest first; empty where it does not say.
    """

    index: int | str
    name: str
    sizes: tuple[tuple[int, int], ...] = ()


def list_cameras(
    sys_folder: Path = SYS_CAMERAS,
    opener: Callable[[int], Capture] = lambda index: open_device(index, SourceOptions()),
    platform: str = sys.platform,
) -> list[CameraInfo]:
    """Return the cameras of this machine, by index; an empty list for none.

    Linux and macOS say what there is; elsewhere the first few indices are tried, which takes a moment.
    """
    if platform == "linux":
        own = [CameraInfo(f"{PI_CAMERA}:{index}", name) for index, name in enumerate(pi_cameras())]
        return [*_listed(sys_folder, without=PI_DEVICES if own else ()), *own]
    names = _mac_names() if platform == "darwin" else []
    if names:
        return [CameraInfo(index, name) for index, name in enumerate(names)]
    return [info for info in (_tried(index, opener) for index in range(_TRIED_INDICES)) if info]


def find_camera(name: str, cameras: list[CameraInfo] | None = None) -> int | str:
    """Return what `Camera` is given for the camera of this name, or of which this is a part.

    Raises
    ------
    CameraError
        Where none or several are called so.
    """
    cameras = list_cameras() if cameras is None else cameras
    found = [one for one in cameras if one.name.casefold() == name.casefold()]
    found = found or [one for one in cameras if name.casefold() in one.name.casefold()]
    if len(found) == 1:
        return found[0].index
    there = ", ".join(f"{one.index} ({one.name})" for one in found or cameras) or "none"
    count = f"{len(found)} cameras are" if found else "There is no file, and no camera is"
    raise CameraError(f"{count} called {name!r}.", hint=f"Cameras of this machine: {there}.")


def _listed(folder: Path, without: tuple[str, ...]) -> list[CameraInfo]:
    found: dict[int, CameraInfo] = {}
    for entry in folder.glob("video*") if folder.is_dir() else ():
        number = entry.name.removeprefix("video")
        # One camera may show up as several devices; those after the first carry its metadata, not its picture.
        name = text_of(entry / "name", f"Camera {number}")
        if number.isdecimal() and text_of(entry / "index", "0") == "0" and not name.startswith(without or "\0"):
            sizes = sizes_of(_DEV / entry.name)
            if sizes is None or sizes:  # a device without any is no camera, but a codec of the Pi's
                found[int(number)] = CameraInfo(int(number), name, sizes or ())
    return [found[number] for number in sorted(found)]


def sizes_of(device: Path, ioctl: Ioctl | None = None) -> Sizes | None:
    """Return the sizes that a device of Linux says it gives; None where it cannot be asked.

    Asked as Video4Linux has it: VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES.
    """
    try:
        ask = ioctl or importlib.import_module("fcntl").ioctl  # there is none on Windows
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except (OSError, ImportError):
        return None
    try:
        found = {size for code in _formats(handle, ask) for size in _sizes(handle, code, ask)}
    finally:
        os.close(handle)
    return tuple(sorted(found))


def _formats(handle: int, ioctl: Ioctl) -> Iterator[int]:
    with contextlib.suppress(OSError):  # EINVAL: that was the last
        for index in range(_MOST):
            told = ioctl(handle, _ENUM_FORMATS, struct.pack(_FORMAT, index, _VIDEO_CAPTURE, 0, b"", 0))
            yield struct.unpack(_FORMAT, told)[4]


def _sizes(handle: int, code: int, ioctl: Ioctl) -> Iterator[tuple[int, int]]:
    """Each size on its own; where any size within limits may be had, the largest one."""
    with contextlib.suppress(OSError):
        for index in range(_MOST):
            told = ioctl(handle, _ENUM_SIZES, struct.pack(_SIZE, index, code, 0))
            if struct.unpack(_SIZE, told)[2] == _DISCRETE:
                yield struct.unpack_from("=II", told, 12)
            else:
                _, width, _, _, height, _ = struct.unpack_from("=6I", told, 12)
                yield width, height
                return


def _mac_names(run: Callable[..., Any] = subprocess.run) -> list[str]:
    """What macOS calls its cameras, in the order in which OpenCV counts them: by their unique ids."""
    try:
        command = ["system_profiler", "SPCameraDataType", "-json"]
        told = json.loads(run(command, capture_output=True, timeout=10, check=True).stdout)["SPCameraDataType"]
        by_id = sorted(told, key=lambda one: str(one.get("spcamera_unique-id", "")))
        return [str(one["_name"]) for one in by_id]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _tried(index: int, opener: Callable[[int], Capture]) -> CameraInfo | None:
    try:
        opener(index).release()
    except CameraError:
        return None
    return CameraInfo(index, f"Camera {index}")
