"""A Raspberry Pi's own camera, which only its library can open, to frames as any other camera gives them."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from hdr.errors import CameraError
from hdr.reading.sources import SourceOptions

_SIZE = (640, 480)


class PiCapture:
    """Picamera2 as a `Capture`. Its "RGB888" lies in memory as blue, green, red.

    Parameters
    ----------
    index
        Of the camera, from 0.
    options
        Size and rate; 640 x 480 where none is asked.
    """

    def __init__(self, index: int, options: SourceOptions) -> None:
        self._camera = importlib.import_module("picamera2").Picamera2(index)
        size = (options.width or _SIZE[0], options.height or _SIZE[1])
        controls = {"FrameRate": options.fps} if options.fps else {}
        asked = self._camera.create_video_configuration(main={"size": size, "format": "RGB888"}, controls=controls)
        self._camera.configure(asked)
        self._camera.start()

    def read(self) -> tuple[bool, Any]:
        """Wait for the next frame."""
        try:
            return True, self._camera.capture_array("main")
        except Exception as error:  # libcamera's and its threads' are not told apart
            raise CameraError(f"The Pi's camera stopped ({error}).", hint="Check its ribbon cable.") from error

    def release(self) -> None:
        """Give the camera back."""
        self._camera.stop()
        self._camera.close()


def open_pi(index: int, options: SourceOptions) -> PiCapture:
    """Open the Pi's camera.

    Raises
    ------
    CameraError
        Where it is not there, in use, or its library is not.
    """
    try:
        return PiCapture(index, options)
    except ImportError as error:
        raise CameraError(
            "The Pi's camera needs the library Picamera2.",
            hint="On a Raspberry Pi: `sudo apt install python3-picamera2`, and make the environment that hdr runs in "
            "with `--system-site-packages`. Elsewhere pick a camera of `hdr live --list`.",
        ) from error
    except Exception as error:  # libcamera raises RuntimeError, IndexError and its own
        raise CameraError(
            f"The Pi's camera {index} could not be opened ({error}).",
            hint="Close other programs that use it, and check its ribbon cable.",
        ) from error


def pi_cameras() -> list[str]:
    """Return the names of the Pi's own cameras, by index; none elsewhere. USB cameras are listed by the system."""
    if importlib.util.find_spec("picamera2") is None:
        return []
    try:
        told = importlib.import_module("picamera2").Picamera2.global_camera_info()
    except Exception:  # noqa: BLE001  (a library that is broken lists no camera; opening one tells why)
        return []
    return [str(one.get("Model", "camera")) for one in told if "usb" not in str(one.get("Id", "")).lower()]


def has_pi_camera(index: int) -> bool:
    """Whether the Pi has a camera of its own by this index."""
    return index < len(pi_cameras())
