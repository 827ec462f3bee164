"""An answer in parts without end to its parts, within limits of size and time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hdr.errors import CameraError

_LARGEST_LINE, _MOST_LINES = 8192, 200
_PIECE = 65_536


class Parts:
    """The parts of a multipart answer.

    Parameters
    ----------
    stream
        Has ``read1(n)``: at most so many bytes, as soon as there are any; none at its end.
    boundary
        What stands between two parts, with or without the dashes before it.
    largest
        Bytes that a part may have.
    timeout_s
        How long one part may take, in all.
    clock
        As `time.monotonic`; tests have another.
    """

    def __init__(
        self,
        stream: Any,
        boundary: bytes,
        largest: int,
        timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream, self._largest = stream, largest
        self._boundary = b"--" + boundary.strip(b'"').lstrip(b"-")
        self._timeout_s, self._clock = timeout_s, clock
        self._buffer = bytearray()
        self._end = 0.0

    def next(self) -> bytes | None:
        """Return the next part; None where the answer ends.

        Raises
        ------
        CameraError
            Where it is larger than allowed, or takes longer.
        """
        self._end = self._clock() + self._timeout_s
        length = self._length()
        if length is None:
            return None
        return self._until_boundary() if length < 0 else self._exactly(length)

    def _length(self) -> int | None:
        """Read up to the end of a part's head; its length, -1 where it is not told, None at the end."""
        length, inside = -1, False
        for _ in range(_MOST_LINES):
            line = self._line()
            if line is None:
                return None
            if line.startswith(b"--"):
                inside = True
            elif inside and not line:
                return length
            elif inside:
                name, _, value = line.partition(b":")
                if name.strip().lower() == b"content-length" and value.strip().isdigit():
                    length = self._allowed(int(value))
        raise CameraError("What it sends has no end of a head.", hint="It may be no MJPEG.")

    def _line(self) -> bytes | None:
        """The next line without its end. One without any end is cut: it is a picture's bytes, or garbage."""
        while (at := self._buffer.find(b"\n")) < 0 and len(self._buffer) < _LARGEST_LINE:
            if not self._more():
                return None
        at = at if at >= 0 else _LARGEST_LINE - 1
        line = bytes(self._buffer[:at])
        del self._buffer[: at + 1]
        return line.rstrip(b"\r")

    def _exactly(self, length: int) -> bytes | None:
        while len(self._buffer) < length:
            if not self._more():
                return None
        return self._cut(length)

    def _until_boundary(self) -> bytes | None:
        searched = 0
        while (at := self._buffer.find(self._boundary, searched)) < 0:
            searched = max(0, len(self._buffer) - len(self._boundary))
            if not self._more():
                return None
            self._allowed(len(self._buffer))
        return self._cut(at).rstrip(b"\r\n")

    def _cut(self, length: int) -> bytes:
        part = bytes(self._buffer[:length])
        del self._buffer[:length]
        return part

    def _more(self) -> bool:
        if self._clock() > self._end:
            raise CameraError(f"No whole picture came in {self._timeout_s:g} s.", hint="Ask it for smaller ones.")
        piece = self._stream.read1(_PIECE)
        self._buffer += piece
        return bool(piece)

    def _allowed(self, length: int) -> int:
        if length > self._largest:
            raise CameraError(f"It sends a picture of {length:,} bytes.", hint="Set a smaller size at the source.")
        return length
