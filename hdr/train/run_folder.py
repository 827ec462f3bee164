"""A run's folder to one that a single process writes, and that is gone without a trace when it is no run any more."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from hdr.errors import ModelError

RUN = "run.json"
CHECKPOINT = "checkpoint.npz"
_LOCK = "lock"


@contextlib.contextmanager
def locked(path: Path, name: str) -> Iterator[None]:
    """Have a run's folder for this process alone.

    Raises
    ------
    ModelError
        Where another process has it, or it cannot be written.
    """
    import filelock

    lock = filelock.FileLock(path / _LOCK)
    with said(path):
        try:
            lock.acquire(timeout=1)  # `list_runs` holds it for a moment
        except filelock.Timeout as error:  # an OSError, but not of the disk
            raise ModelError(
                f"Another process trains {name!r} right now.", hint="Wait for it, or stop it first (Ctrl-C there)."
            ) from error
    try:
        yield
    finally:
        lock.release()
        if not (path / RUN).exists():
            sweep(path)


def is_locked(path: Path) -> bool:
    """Whether a living process has the folder."""
    import filelock

    if not (path / _LOCK).exists():
        return False
    lock = filelock.FileLock(path / _LOCK)
    try:
        lock.acquire(timeout=0)
    except (filelock.Timeout, OSError):
        return True
    lock.release()
    return False


def clear_halves(path: Path) -> None:
    """Remove what a process that was killed while it wrote has left there; nobody else may write there meanwhile."""
    for half in path.glob(".hdr-*.tmp"):
        with contextlib.suppress(OSError):
            half.unlink()


def remove(path: Path) -> None:
    """Remove what is in it, first what makes it a run: one that is half removed is none."""
    with contextlib.suppress(OSError):
        (path / RUN).unlink()
    clear(path)


def clear(path: Path) -> None:
    """Remove all but the lock, which is held."""
    for one in path.iterdir() if path.is_dir() else ():
        if one.name != _LOCK:
            with contextlib.suppress(OSError):
                shutil.rmtree(one) if one.is_dir() else one.unlink()


def sweep(path: Path) -> None:
    """Remove the folder, and the one around it where that is empty."""
    shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):
        path.parent.rmdir()


@contextlib.contextmanager
def said(path: Path) -> Iterator[None]:
    """Have what the disk refuses be a sentence."""
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written ({error.strerror or error}).",
            hint="Free some room or give another folder: set HDR_HOME, or --out.",
        ) from error
