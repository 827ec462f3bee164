"""A source of frames, whatever kind it is, to one that is open; and one that went away to a sentence why."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from hdr.errors import CameraError
from hdr.reading.sources import Capture, Kind, SourceOptions, device_index, has_end, is_file, kind_of, shown
from hdr.reading.sources_device import open_device, why_not
from hdr.reading.sources_ffmpeg import open_rtsp
from hdr.reading.sources_files import Film, Images, Looped
from hdr.reading.sources_list import find_camera
from hdr.reading.sources_pi import open_pi

Tell = Callable[[str], None]


def open_capture(source: int | str, options: SourceOptions | None = None, tell: Tell = lambda _: None) -> Capture:
    """Open a camera by its index or name, or a video file, pictures or a stream by their name or address.

    It may take seconds.

    Parameters
    ----------
    source
        See `hdr.reading.sources.kind_of`.
    options
        What is asked of it.
    tell
        Called with a sentence on what a person should know: a picture of a folder that was left out.

    Raises
    ------
    CameraError
        Where there is none, or it cannot be opened.
    """
    options = options or SourceOptions()
    if has_end(source):
        return _open_files(str(source), options, tell)
    match kind_of(source):
        case Kind.DEVICE:
            return open_device(device_index(source) or 0, options)
        case Kind.PI:
            return open_pi(int(str(source).partition(":")[2] or 0), options)
        case Kind.HTTP:
            from hdr.reading.sources_http import open_http  # it takes longer to import than all the others

            return open_http(str(source), options)
        case Kind.RTSP:
            return open_rtsp(str(source))
        case _:
            return open_capture(find_camera(str(source)), options)


def _open_files(source: str, options: SourceOptions, tell: Tell) -> Capture:
    _check_exists(source)
    opener = partial(Film, source) if kind_of(source) is Kind.FILM else partial(Images, source, options, tell)
    return Looped(opener, options)


def _check_exists(source: str) -> None:
    if kind_of(source) is Kind.FILM and not is_file(source):
        raise CameraError(
            f"There is no video file {source}.",
            hint="Check the name and the folder. A camera is named by its index: 0, 1, ...",
        )
    if kind_of(source) is Kind.FILM and not os.access(source, os.R_OK):
        raise CameraError(f"{source} may not be read.", hint="Check its permissions.")


def why_lost(source: int | str) -> CameraError:
    """Return why a source that was open gives no more frames, as far as can be found out."""
    index, kind = device_index(source), kind_of(source)
    if kind in (Kind.HTTP, Kind.RTSP):
        return CameraError(
            f"{shown(source)} sends no more pictures.", hint="Check that it is switched on and in the same network."
        )
    if kind is Kind.FILM:
        return CameraError(f"{source} holds no picture that can be read.", hint="Convert it to MP4, and open that.")
    if index is not None and (busy := why_not(index)) is not None:
        return busy
    return CameraError(
        f"{shown(source)} gives no more pictures; it may have been unplugged.",
        hint="Plug it in again, or pick another camera. What you have done so far is kept.",
    )
