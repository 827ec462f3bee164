"""A folder filled out of sight to its place, in one step; and what killed processes left of such work to nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hdr.errors import ModelError


@contextmanager
def working(root: Path, name: str) -> Iterator[tuple[Path, Path]]:
    """A folder to fill and a place where an old model may step aside, both gone afterwards.

    A lock that ends with its process tells the work of a living process from what a killed one left; see `sweep`.
    """
    import filelock

    stem = root / f".{name}-{os.urandom(4).hex()}"
    lock = filelock.FileLock(f"{stem}.lock")
    with said(root):
        lock.acquire(timeout=5)
    work, aside = Path(f"{stem}.new"), Path(f"{stem}.old")
    try:
        with said(root):
            work.mkdir()
        yield work, aside
    finally:
        shutil.rmtree(work, ignore_errors=True)
        lock.release()
        with contextlib.suppress(OSError):
            Path(f"{stem}.lock").unlink()


def flush(work: Path) -> None:
    """Have the files on the disk before the name is: a power cut then leaves a whole model too."""
    for file in work.iterdir():
        with file.open("rb+") as handle:
            os.fsync(handle.fileno())


def swap(work: Path, target: Path, aside: Path) -> None:
    """Move a folder to its place; a folder cannot be replaced in one step, so the old one steps aside first."""
    had = target.exists()
    if had:
        os.replace(target, aside)
    try:
        os.replace(work, target)
    except BaseException:
        if had:
            os.replace(aside, target)
        raise
    _clear_away(aside)


def _clear_away(folder: Path) -> None:
    """Remove a folder; of a link to one the link, and nothing that it leads to."""
    with contextlib.suppress(OSError):
        folder.unlink() if folder.is_symlink() else shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path, name: str = "*") -> None:
    """Put right what killed processes left: an old model that had stepped aside comes back, half-made ones go."""
    locks = list(root.glob(f".{name}-????????.lock")) if root.is_dir() else []
    for path in locks:
        _sweep_one(root, path)


def _sweep_one(root: Path, path: Path) -> None:
    import filelock

    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except (filelock.Timeout, OSError):
        return  # its process lives
    stem = str(path).removesuffix(".lock")
    work, aside, target = Path(f"{stem}.new"), Path(f"{stem}.old"), root / path.name[1:].rpartition("-")[0]
    with contextlib.suppress(OSError):
        if aside.is_dir() and not target.exists():
            os.replace(aside, target)
        _clear_away(work)
        _clear_away(aside)
    lock.release()
    with contextlib.suppress(OSError):
        path.unlink()


@contextmanager
def said(root: Path) -> Iterator[None]:
    """Have what the disk refuses be a sentence.

    Raises
    ------
    ModelError
        In place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"{root} cannot be written ({error.strerror or error}).",
            hint="Free some room or give another folder: set HDR_HOME, or --out.",
        ) from error
