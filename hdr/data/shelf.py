"""Thousands of decoded pictures to arrays that the system may take out of memory: past a bound they lie in a file.

The file has no name, so nothing is left of it however the process ends. What is handed out are views of a map of it:
its pages are the system's own cache, which comes and goes as there is room.
"""

from __future__ import annotations

import errno
import mmap
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

MOST_BYTES = 256 << 20
"""So much is held in memory before anything is written."""
SPARE_BYTES = 1 << 30
"""So much is left free on the disk: a model is still to be saved."""
_AT_ONCE = 4 << 20
_ON_DISK = Path("/var/tmp")  # noqa: S108  (a file without a name can neither be foreseen nor taken over)


class Shelf:
    """Pictures in the order in which they were put there. Outside its ``with`` only its arrays are of use.

    Parameters
    ----------
    most_bytes
        What is held in memory; with the first picture for which that is too little, all go to the file.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        # One piece, touched as far as it is used and given back whole; thousands of small ones would leave holes.
        self._tray: Pixels | None = np.empty(most_bytes, np.uint8)
        self._file: IO[bytes] | None = None
        self._shapes: list[tuple[int, ...]] = []
        """Of those in the tray or in the file."""
        self._end = 0
        self._more: list[Pixels] = []
        """Those after them, for which there was no room."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()  # the views have the map, which is another handle

    def put(self, picture: Pixels) -> None:
        """Take a picture, ``uint8``. Where the disk is full, it stays in memory."""
        if self._more or not self._has_put(np.ascontiguousarray(picture)):
            self._more.append(picture)
            return
        self._shapes.append(picture.shape)
        self._end += picture.size

    def arrays(self) -> list[Pixels]:
        """Return all of them, read-only."""
        flat = self._tray if self._tray is not None else self._content()
        ends = np.cumsum([int(np.prod(shape)) for shape in self._shapes], dtype=np.int64)
        parts = np.split(flat, ends)[:-1]  # behind the last there is what had no room, or nothing yet
        kept = [part.reshape(shape) for part, shape in zip(parts, self._shapes, strict=True)] + self._more
        for picture in kept:
            picture.flags.writeable = False
        return kept

    def _has_put(self, picture: Pixels) -> bool:
        end = self._end + picture.size
        if self._tray is not None and end <= len(self._tray):
            self._tray[self._end : end] = picture.ravel()
            return True
        try:
            self._file = self._file or _nameless()
            if self._tray is not None:
                _write(self._file, self._tray[: self._end])
                self._tray = None
            _write(self._file, picture)
        except OSError:  # no room, no such folder, not allowed: then it is memory after all
            return False
        return True

    def _content(self) -> Pixels:
        assert self._file is not None
        try:
            return np.frombuffer(mmap.mmap(self._file.fileno(), self._end, access=mmap.ACCESS_READ), np.uint8)
        except OSError:  # not every file system lets files be mapped, and 32 bits count only so far
            self._file.seek(0)
            return np.fromfile(self._file, np.uint8, self._end)


def spare_folder() -> Path:
    """Return where large temporary files go: on disk, where it is known what is. Often ``/tmp`` is memory."""
    told = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    if not told and os.access(_ON_DISK, os.W_OK | os.X_OK):
        return _ON_DISK
    return Path(tempfile.gettempdir())


def _nameless() -> IO[bytes]:
    """A file that is gone when it is closed or its process ends; without a buffer, since whole pictures come."""
    return tempfile.TemporaryFile(buffering=0, prefix="hdr-", dir=spare_folder())


def _write(file: IO[bytes], pixels: Pixels) -> None:
    if shutil.disk_usage(spare_folder()).free < SPARE_BYTES + pixels.nbytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    rest = pixels.ravel().data
    while rest:
        rest = rest[file.write(rest[:_AT_ONCE]) :]  # between two pieces an interrupt is heard
