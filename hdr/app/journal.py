"""What a person does to journals beside the pages, a line a change, and back after the process was killed.

::

    captures/.journal/<session>/.lock      held as long as the process lives; the system frees it when that dies
    captures/.journal/<session>/3.jsonl    the changes of one page, the newest last
    captures/.journal/<session>/3.png      its picture, where it came from no file

A line is in the system's hands before the next key is pressed, so killing the process at any moment loses at most that
one; a line that was cut short is left out. Losing power may lose what was not yet flushed to the disk.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = ".journal"
_LARGEST_BYTES = 1_000_000_000


class Journal:
    """The journals of one session.

    Parameters
    ----------
    captures
        The captures folder. Nothing is made in it before the first line.
    """

    def __init__(self, captures: Path) -> None:
        self.root = captures / FOLDER
        self.folder = self.root / uuid.uuid4().hex
        self._lock: Any = None
        self._files: dict[int, int] = {}

    def append(self, page: int, line: dict[str, Any]) -> None:
        """Add a line to a page's journal.

        Raises
        ------
        OSError
            Where it cannot be written; no half line stays.
        """
        if page not in self._files:
            self._begin()
            path = self.folder / f"{page}.jsonl"
            self._files[page] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0))
        handle, data = self._files[page], (json.dumps(line, separators=(",", ":")) + "\n").encode("ascii")
        before = os.fstat(handle).st_size
        if os.write(handle, data) < len(data):
            os.ftruncate(handle, before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _begin(self) -> None:
        if self._lock is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _hold(self.folder)

    def keep_picture(self, page: int, data: bytes) -> None:
        """Keep the picture of a page that came from no file, as PNG.

        Raises
        ------
        OSError
            Where it cannot be written.
        """
        from hdr.workspace import write_atomically

        self._begin()
        write_atomically(self.folder / f"{page}.png", data)

    def flush(self) -> None:
        """Have the disk keep what was written, against a loss of power."""
        for handle in list(self._files.values()):
            with contextlib.suppress(OSError):
                os.fsync(handle)

    def drop(self, page: int) -> None:
        """Forget a page."""
        handle = self._files.pop(page, None)
        if handle is not None:
            os.close(handle)
        for suffix in (".jsonl", ".png"):
            with contextlib.suppress(OSError):
                (self.folder / f"{page}{suffix}").unlink(missing_ok=True)

    def close(self, *, keep: bool = False) -> None:
        """End the session: nothing of it is left to be offered, unless it is to be kept."""
        for handle in self._files.values():
            os.close(handle)
        self._files.clear()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
            if not keep:
                shutil.rmtree(self.folder, ignore_errors=True)
            with contextlib.suppress(OSError):
                self.root.rmdir()  # where no other session is


class Leftover:
    """What a session left that was killed; held, so that no other process takes it as well."""

    def __init__(self, folder: Path, lock: Any) -> None:
        self._folder = folder
        self._lock = lock

    def pages(self) -> Iterator[tuple[list[dict[str, Any]], Path]]:
        """Yield each page's lines, and where its picture is if it came from no file."""
        for path in sorted(self._folder.glob("*.jsonl"), key=lambda one: (len(one.name), one.name)):
            yield read_lines(path), path.with_suffix(".png")

    def remove(self) -> None:
        """Take it away, since another session has taken it over."""
        self._lock.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def release(self) -> None:
        """Leave it for another time."""
        self._lock.release()


def leftovers(captures: Path) -> list[Leftover]:
    """Return what sessions left that were killed, the oldest first; those that are still alive are let alone."""
    found: list[tuple[float, Leftover]] = []
    try:
        folders = [path for path in (captures / FOLDER).iterdir() if path.is_dir()]
    except OSError:
        return []
    for folder in folders:
        with contextlib.suppress(OSError, BlockingIOError):
            lock = _hold(folder)
            found.append((folder.stat().st_mtime, Leftover(folder, lock)))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a journal up to the first that was cut short or is damaged; none where it cannot be read."""
    lines: list[dict[str, Any]] = []
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return []
        data = path.read_bytes()
    except OSError:
        return []
    for raw in data.split(b"\n")[:-1]:  # what follows the last line's end was cut short
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):
            break
        if not isinstance(line, dict):
            break
        lines.append(line)
    return lines


def _hold(folder: Path) -> Any:
    """Lock a session's folder.

    Raises
    ------
    BlockingIOError
        Where a living process holds it.
    """
    import filelock

    lock = filelock.FileLock(folder / ".lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise BlockingIOError(f"{folder} is in use") from error
    return lock
