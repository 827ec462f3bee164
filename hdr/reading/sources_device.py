"""A camera of this machine, by its index, to one that is open by the system's quickest way; or to why it is not."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hdr.errors import CameraError
from hdr.reading.sources import Capture, SourceOptions, shown
from hdr.reading.sources_ffmpeg import keep_quiet
from hdr.reading.sources_pi import has_pi_camera, open_pi

_BACKENDS = {"linux": "CAP_V4L2", "win32": "CAP_DSHOW", "darwin": "CAP_AVFOUNDATION"}
"""By name, so that OpenCV does not try all in turn; Media Foundation takes seconds where DirectShow does not."""

SYS_CAMERAS = Path("/sys/class/video4linux")
PI_DEVICES = ("unicam", "rp1-cfe", "bcm2835", "pispbe", "rpi")
"""How the devices of a Raspberry Pi's own cameras are called. They give raw light, which OpenCV waits for in vain."""

_USUAL_FPS = 30.0
_MAY_HINTS = {
    "linux": "Add yourself to the group that may: `sudo usermod -aG video $USER`, then log in anew.",
    "darwin": "Allow it in System Settings, Privacy & Security, Camera, for the program that hdr was started from.",
    "win32": "Allow it in Settings, Privacy, Camera, for desktop apps.",
}


def open_device(
    index: int, options: SourceOptions, make: Callable[[int, int], Any] | None = None, platform: str = sys.platform
) -> Capture:
    """Open a camera and ask it for a size and a rate. On a Raspberry Pi, its own camera where OpenCV cannot.

    Parameters
    ----------
    index
        Of the camera, from 0.
    options
        Size and rate; a camera gives what is nearest.
    make
        `cv2.VideoCapture`, or what tests put in its place.
    platform
        As `sys.platform` tells it.

    Raises
    ------
    CameraError
        Where it is not there, in use, or not to be used by this person.
    """
    import cv2

    keep_quiet()  # we say in a sentence what it would print
    if make is None:
        make = cv2.VideoCapture
        _check_there(index, platform)
    if text_of(SYS_CAMERAS / f"video{index}" / "name", "").startswith(PI_DEVICES) and has_pi_camera(0):
        return open_pi(0, options)
    capture = make(index, getattr(cv2, _BACKENDS.get(platform, "CAP_ANY")))
    if capture.isOpened():
        _ask(capture, options)
        return capture
    capture.release()
    if has_pi_camera(index):
        return open_pi(index, options)
    raise why_not(index, platform) or CameraError(
        f"{shown(index)} could not be opened.",
        hint=f"Close other programs that use it, or pick another. {_MAY_HINTS.get(platform, '')}".strip(),
    )


def text_of(path: Path, otherwise: str) -> str:
    """Return what stands in a file of the system's; something else where that is nothing."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or otherwise
    except OSError:
        return otherwise


def _check_there(index: int, platform: str) -> None:
    if platform == "linux" and not Path(f"/dev/video{index}").exists() and not has_pi_camera(index):
        raise CameraError(
            f"There is no camera {index}.", hint="Plug a camera in and try again, or open a picture instead."
        )


def _ask(capture: Any, options: SourceOptions) -> None:
    """Ask for size and rate; for packed pictures (MJPEG) where the camera is quicker with them."""
    import cv2

    plain = _rate(capture, options)
    if plain >= (options.fps or _USUAL_FPS):
        return
    before = capture.get(cv2.CAP_PROP_FOURCC)
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    if _rate(capture, options) <= plain:
        capture.set(cv2.CAP_PROP_FOURCC, before)
        _rate(capture, options)


def _rate(capture: Any, options: SourceOptions) -> float:
    """Set size and rate, which a change of format may undo, and return the rate that the camera then promises."""
    import cv2

    asked = (
        (cv2.CAP_PROP_FRAME_WIDTH, options.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, options.height),
        (cv2.CAP_PROP_FPS, options.fps),
    )
    for name, value in asked:
        if value:
            capture.set(name, value)
    return float(capture.get(cv2.CAP_PROP_FPS) or _USUAL_FPS)  # 0: it does not say


def why_not(
    index: int, platform: str = sys.platform, dev: Path = Path("/dev"), proc: Path = Path("/proc")
) -> CameraError | None:
    """Return why a camera cannot be used, where the system tells it; None where it does not (or is not Linux)."""
    if platform != "linux":
        return None
    device = dev / f"video{index}"
    if not device.exists():
        return None
    if not os.access(device, os.R_OK | os.W_OK):
        return CameraError(f"You may not use camera {index}.", hint=_MAY_HINTS[platform])
    if holder := _holder(device, proc):
        return CameraError(f"{shown(index)} is in use by {holder}.", hint="Close it there, and try again.")
    return _busy(device, index)


def _busy(device: Path, index: int) -> CameraError | None:
    try:
        os.close(os.open(device, os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        if error.errno == errno.EBUSY:
            return CameraError(f"{shown(index)} is in use by another program.", hint="Close it there, and try again.")
    return None


def _holder(device: Path, proc: Path) -> str | None:
    """The program that has a device open, as far as this person may see it."""
    real = device.resolve()
    for link in proc.glob("[0-9]*/fd/*"):
        try:
            if link.readlink() != real:
                continue
            process = link.parent.parent
            own = process.name == str(os.getpid())
            return "this window" if own else (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue  # it has ended, or is somebody else's
    return None
