"""Pictures of class folders to another label's folder, to a bin and back; each change can be undone.

::

    balls/football/a.jpg       the folder is the label, as `hdr.data.class_folders` has it
    balls/_bin/football/a.jpg  what was thrown away, of a name that no label has; whoever loads the data skips it

Captures have more to them than their folder: `hdr.data.moving` is for those. A file keeps its name, with a number after
it where that name is taken: none is ever written over, and none deleted.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hdr.data.labels import folder_name, label_of
from hdr.data.staging import BIN
from hdr.errors import DatasetError, HdrError
from hdr.workspace import free_path


@dataclass(frozen=True)
class Moved:
    """What was done to some files.

    Parameters
    ----------
    what
        Done what, such as "relabelled".
    steps
        Where each was, and where it is.
    failures
        The files that were left alone, each with the reason.
    """

    what: str
    steps: tuple[tuple[Path, Path], ...] = ()
    failures: tuple[tuple[Path, HdrError], ...] = ()


def relabel(paths: Iterable[Path], label: str) -> Moved:
    """Move files to the folder of a label, beside the one that they are in; it is made where there is none.

    Raises
    ------
    DatasetError
        Where no file could be moved.
    CaptureError
        Where the label cannot be a folder's name.
    """
    folder_name(label)
    return _move("relabelled", [(path, _folder(_root(path), label) / path.name) for path in paths])


def discard(paths: Iterable[Path]) -> Moved:
    """Move files to the bin inside the data's folder.

    Raises
    ------
    DatasetError
        Where no file could be moved.
    """
    return _move("moved to the bin", [(path, _root(path) / BIN / path.parent.name / path.name) for path in paths])


def undo(moved: Moved) -> Moved:
    """Move files back to where they were. What comes back is itself a change: undone, it does the first one again.

    Raises
    ------
    DatasetError
        Where no file could be moved.
    """
    return _move(moved.what, [(after, before) for before, after in reversed(moved.steps)])


def current_label(path: Path) -> str | None:
    """Return the label that a file's folder says; None in the bin."""
    return None if path.parent.parent.name == BIN else label_of(path.parent.name)


def _root(path: Path) -> Path:
    return path.parent.parent


def _folder(root: Path, label: str) -> Path:
    """A label's folder: the one that says so, whoever named it, else the one that we would make."""
    there = (one for one in sorted(root.iterdir()) if one.is_dir() and label_of(one.name) == label)
    return next(there, root / folder_name(label))


def _move(what: str, steps: list[tuple[Path, Path]]) -> Moved:
    done: list[tuple[Path, Path]] = []
    failures: list[tuple[Path, HdrError]] = []
    for before, after in steps:
        try:
            done.append((before, _carry(before, after)))
        except OSError as error:
            failures.append((before, _refused(before, error)))
    if failures and not done:
        raise failures[0][1]
    return Moved(what, tuple(done), tuple(failures))


def _carry(before: Path, after: Path) -> Path:
    if not before.is_file():
        raise FileNotFoundError(errno.ENOENT, "no such file")
    if before.parent == after.parent:
        return before
    after.parent.mkdir(parents=True, exist_ok=True)
    after = free_path(after)
    os.replace(before, after)
    return after


def _refused(path: Path, error: OSError) -> DatasetError:
    if isinstance(error, FileNotFoundError):
        return DatasetError(f"{path} is not there any more.", hint="Another program moved it. Measure again.")
    return DatasetError(
        f"{path} cannot be moved ({error.strerror or error}).", hint="Allow writing in that folder, or copy the data."
    )
