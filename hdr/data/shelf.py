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
_ON_DISK = Path("/var/tmp")  # noqa: S108  (a file without a name can neither be foreseen nor taken over)


class Shelf:
    """Pictures in the order in which they were put there. Outside its ``with`` only its arrays are of use.

    Parameters
    ----------
    most_bytes
        What is held in memory before all of it goes to the file, and everything after it at once.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held: list[Pixels] = []
        self._held_bytes = 0
        self._filed: list[tuple[int, ...]] = []
        """The shapes of those in the file, which are the first ones."""
        self._file: IO[bytes] | None = None
        self._is_full = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()  # the views have the map, which is another handle

    def put(self, picture: Pixels) -> None:
        """Take a picture, ``uint8``. Where the disk is full, it stays in memory."""
        self._held.append(picture)
        self._held_bytes += picture.nbytes
        if self._held_bytes > self._most and not self._is_full:
            self._move()

    def arrays(self) -> list[Pixels]:
        """Return all of them, read-only."""
        for picture in self._held:
            picture.flags.writeable = False
        return [*_views(self._file, self._filed), *self._held] if self._file and self._filed else self._held

    def _move(self) -> None:
        """Write what is held, as far as there is room."""
        before = len(self._filed)
        try:
            folder = spare_folder()
            self._file = self._file or _nameless(folder)
            for picture in self._held:
                _write(self._file, folder, picture)
                self._filed.append(picture.shape)
        except OSError:  # no room, no such folder, not allowed: then it is memory after all
            self._is_full = True
        del self._held[: len(self._filed) - before]
        self._most = self._held_bytes = 0


def spare_folder() -> Path:
    """Return where large temporary files go: on disk, where it is known what is. Often ``/tmp`` is memory."""
    told = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    if not told and os.access(_ON_DISK, os.W_OK | os.X_OK):
        return _ON_DISK
    return Path(tempfile.gettempdir())


def _nameless(folder: Path) -> IO[bytes]:
    """A file that is gone when it is closed or its process ends; without a buffer, since whole pictures come."""
    return tempfile.TemporaryFile(buffering=0, prefix="hdr-", dir=folder)


def _write(file: IO[bytes], folder: Path, picture: Pixels) -> None:
    if shutil.disk_usage(folder).free < SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    rest = np.ascontiguousarray(picture).data.cast("B")
    while rest:
        rest = rest[file.write(rest) :]


def _views(file: IO[bytes], shapes: list[tuple[int, ...]]) -> list[Pixels]:
    """The pictures in a file; behind them may lie a part of one that had no room."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes], dtype=np.int64).tolist()
    try:
        whole = mmap.mmap(file.fileno(), ends[-1], access=mmap.ACCESS_READ)
        flat = np.frombuffer(whole, np.uint8)
    except OSError:  # not every file system lets files be mapped, and 32 bits count only so far
        file.seek(0)
        flat = np.fromfile(file, np.uint8, ends[-1])
        flat.flags.writeable = False
    return [one.reshape(shape) for one, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]
