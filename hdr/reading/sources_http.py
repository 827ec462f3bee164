"""A phone's or a network camera's address to frames: MJPEG as they send it, or one JPEG picture after the other.

Read here and not by FFmpeg, which looks at seconds of a stream before it gives its first frame and unpacks whatever
size it is sent; here each picture's size is known before it is unpacked, nothing is waited for without an end, and only
HTTP is spoken, wherever a server redirects to.
"""

from __future__ import annotations

import http.client
import io
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from ssl import SSLError
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import numpy as np

from hdr.errors import CameraError
from hdr.reading.sources import Capture, SourceOptions, check_size, shown
from hdr.reading.sources_ffmpeg import open_http_video
from hdr.reading.sources_parts import Parts

TIMEOUT_S = 10.0
"""For a connection, for whatever comes next, and for a whole picture."""

_LARGEST_BYTES = 32_000_000
_BAD_IN_A_ROW = 100
_SNAPSHOT_FPS = 10.0
_PAGE_HINT = (
    "Give the address of the video itself. Phones' apps often have it at /video, cameras at /stream, /mjpg/video.mjpg "
    "or /?action=stream."
)
_HINT = "Check the address, and that the camera is on and in the same network."
_TLS_HINT = "Its certificate is its own, as cameras' often are, or it has none: try http:// in place of https://."


def open_http(address: str, options: SourceOptions, timeout_s: float = TIMEOUT_S) -> Capture:
    """Open an address.

    Raises
    ------
    CameraError
        Where nobody answers, a password is asked for, or what is sent is no video.
    """
    response = _get(address, timeout_s)
    kind = response.headers.get_content_type()
    if kind.startswith("multipart/"):
        return MjpegCapture(address, response, timeout_s)
    if kind.startswith("image/"):
        response.close()
        return SnapshotCapture(address, options, timeout_s)
    response.close()
    if kind.startswith(("video/", "application/octet-stream")):
        return open_http_video(address)
    raise CameraError(f"{shown(address)} sends {kind}, which is no video.", hint=_PAGE_HINT)


class MjpegCapture:
    """JPEG pictures in the parts of an answer that does not end (``multipart/x-mixed-replace``).

    Parameters
    ----------
    address
        Where it comes from.
    response
        The answer, its head read.
    timeout_s
        For one picture.
    """

    def __init__(self, address: str, response: Any, timeout_s: float) -> None:
        self._address, self._response = address, response
        boundary = response.headers.get_param("boundary", "")
        self._parts = Parts(response, str(boundary).encode("latin-1", "replace"), _LARGEST_BYTES, timeout_s)

    def read(self) -> tuple[bool, Any]:
        """Wait for the next picture; damaged ones are passed over, but not for ever."""
        for _ in range(_BAD_IN_A_ROW):
            data = _told(self._address, self._parts.next)
            if data is None:
                return False, None
            frame = decode(data, self._address)
            if frame is not None:
                return True, frame
        raise CameraError(f"{shown(self._address)} sends nothing that is a picture.", hint=_PAGE_HINT)

    def release(self) -> None:
        """Close the connection."""
        self._response.close()


class SnapshotCapture:
    """An address that sends one picture each time it is asked.

    Parameters
    ----------
    address, timeout_s
        As `open_http` has them.
    options
        How often to ask.
    sleep
        As `time` has it; tests have another.
    """

    def __init__(
        self, address: str, options: SourceOptions, timeout_s: float, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._address, self._timeout_s, self._sleep = address, timeout_s, sleep
        self._step_s = 1 / (options.fps or _SNAPSHOT_FPS)
        self._due = time.monotonic()

    def read(self) -> tuple[bool, Any]:
        """Ask for the next picture when it is time."""
        if (early := self._due - time.monotonic()) > 0:
            self._sleep(early)
        self._due = max(self._due + self._step_s, time.monotonic())
        frame = decode(_told(self._address, self._fetch), self._address)
        return frame is not None, frame

    def _fetch(self) -> bytes:
        with _get(self._address, self._timeout_s) as response:
            return bytes(response.read(_LARGEST_BYTES))

    def release(self) -> None:
        """Nothing is open."""


def decode(data: bytes, address: str) -> Any | None:
    """Return the picture of a JPEG file, BGR; None where it is damaged.

    Raises
    ------
    CameraError
        Where it is too large, which is known before it is unpacked.
    """
    import cv2
    from PIL.JpegImagePlugin import JpegImageFile

    try:
        with JpegImageFile(io.BytesIO(data)) as picture:  # it reads the head alone
            size = picture.size
    except Exception:  # noqa: BLE001  (decoders of hostile bytes raise anything)
        return None
    check_size(*size, address)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def _get(address: str, timeout_s: float) -> Any:
    plain, name, password = _without_password(address)
    return _told(address, lambda: _opener(plain, name, password).open(plain, timeout=timeout_s))


def _without_password(address: str) -> tuple[str, str, str]:
    """The address as it is asked for, with the name and the password that stood in it."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
        _ = parts.port, 1 / len(host)
    except (ValueError, ZeroDivisionError) as error:
        raise CameraError(
            f"{shown(address)} is no address.",
            hint="It is like http://192.168.1.5:8080/video; in a name or password write / as %2F and @ as %40.",
        ) from error
    plain = urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))
    return re.sub(r"\s", "%20", plain), unquote(parts.username or ""), unquote(parts.password or "")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Only to HTTP, and with the name and password only where they were meant for."""

    max_redirections = 3

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """Refuse FTP, which its base would allow."""
        if not newurl.lower().startswith(("http://", "https://")):
            raise urllib.error.HTTPError(newurl, code, msg, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Closing:
    """What closes the answer that asked for a password, once another one came; urllib leaves it open."""

    def http_error_401(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        """Ask again with the password."""
        try:
            answer = super().http_error_401(req, fp, code, msg, headers)  # type: ignore[misc]  # of urllib's handlers
        except urllib.error.HTTPError:
            fp.close()
            raise
        if answer is not None:
            fp.close()
        return answer


class _Basic(_Closing, urllib.request.HTTPBasicAuthHandler):
    pass


class _Digest(_Closing, urllib.request.HTTPDigestAuthHandler):
    pass


def _opener(address: str, name: str, password: str) -> urllib.request.OpenerDirector:
    """What speaks HTTP and nothing else: no files, no FTP, no proxy between this and a camera of the same house."""
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if name or password:
        known.add_password(None, address, name, password)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Basic(known),
        _Digest(known),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


def _told(address: str, ask: Callable[[], Any]) -> Any:
    """Do something with a server; whatever goes wrong becomes a sentence without the password."""
    try:
        return ask()
    except CameraError as error:
        raise CameraError(f"{shown(address)}: {error.message}", hint=error.hint) from error
    except urllib.error.HTTPError as error:
        error.close()
        raise _refused(address, error.code) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        timed_out = isinstance(error, TimeoutError) or isinstance(why, TimeoutError)
        what = "does not answer" if timed_out else f"cannot be read ({_why(why)})"
        raise CameraError(f"{shown(address)} {what}.", hint=_TLS_HINT if isinstance(why, SSLError) else _HINT) from None


def _why(error: object) -> str:
    return getattr(error, "strerror", None) or type(error).__name__  # other texts may hold what was sent or asked


def _refused(address: str, code: int) -> CameraError:
    if code in (401, 403):
        return CameraError(
            f"{shown(address)} asks for a name and a password, or does not take those given.",
            hint="Write them into the address: http://NAME:PASSWORD@...",
        )
    if 300 <= code < 400:
        return CameraError(
            f"{shown(address)} redirects too often, or to what is no HTTP; that is not followed.", hint=_PAGE_HINT
        )
    hint = _PAGE_HINT if code == 404 else "Try it in a browser."
    return CameraError(f"{shown(address)} answers with error {code}.", hint=hint)
