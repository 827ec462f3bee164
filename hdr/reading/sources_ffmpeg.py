"""Video files and RTSP addresses to frames, through FFmpeg as OpenCV brings it, kept to what they are.

FFmpeg follows what a file or a server says: a playlist may name any file or address. So both the protocols and the
containers that it may use are listed, and nothing else is opened.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hdr.errors import CameraError
from hdr.reading.sources import Capture, check_size, shown

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,flv,asf,ogg,gif,mjpeg"
_OPEN_MS, _READ_MS = 10_000, 10_000
_OPTIONS, _LOG = "OPENCV_FFMPEG_CAPTURE_OPTIONS", "OPENCV_FFMPEG_LOGLEVEL"
_QUIET = "-8"  # AV_LOG_QUIET; we say in a sentence what it would print, addresses among it
_turn = threading.Lock()  # the options are handed over in the environment, which all threads share


def keep_quiet() -> None:
    """Let neither OpenCV nor FFmpeg print. It counts for what is opened first by them, to be read or to be written."""
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    os.environ.setdefault(_LOG, _QUIET)


def open_video(path: str) -> Any:
    """Open a video file.

    Raises
    ------
    CameraError
        Where it is none, or its pictures are too large.
    """
    capture = _open(path, f"protocol_whitelist;file|format_whitelist;{CONTAINERS}")
    if capture is None:
        raise CameraError(
            f"{path} could not be opened: it is no video, or is damaged.", hint="Convert it to MP4, and open that."
        )
    return _checked(capture, path)


def open_http_video(address: str) -> Capture:
    """Open a video that a server sends as a file or without end, but not as MJPEG.

    Raises
    ------
    CameraError
        Where there is none, or its pictures are too large.
    """
    return _stream(address, f"protocol_whitelist;http,https,tcp,tls|format_whitelist;{CONTAINERS}|max_redirects;3")


def open_rtsp(address: str) -> Capture:
    """Open what a camera sends by RTSP; over TCP, which loses nothing on its way.

    Raises
    ------
    CameraError
        Where nobody answers in time, or its pictures are too large.
    """
    protocols = "rtsp,rtsps,rtp,srtp,tcp,tls,udp"
    return _stream(address, f"rtsp_transport;tcp|protocol_whitelist;{protocols}|format_whitelist;rtsp,rtp,sdp,mpegts")


def _stream(address: str, options: str) -> Capture:
    capture = _open(address, options)
    if capture is None:
        raise CameraError(
            f"{shown(address)} sends no video.",
            hint="Check the address and its name and password, and that the camera is on and in the same network.",
        )
    opened: Capture = _checked(capture, address)
    return opened


def _open(address: str, options: str) -> Any | None:
    import cv2

    keep_quiet()
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_MS]
    with _turn, _environment(_OPTIONS, options):
        capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
    if capture.isOpened():
        return capture
    capture.release()
    return None


def _checked(capture: Any, source: str) -> Any:
    import cv2

    try:
        check_size(capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT), source)
    except CameraError:
        capture.release()
        raise
    return capture


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before
