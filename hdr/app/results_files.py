"""A person's verdict on pictures to what is done to their files: captures by their own verbs, others by being moved.

It imports no Tk and runs in the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hdr.data import moving, sorting
from hdr.data.captures import CaptureStore
from hdr.data.moving import Change
from hdr.data.sorting import Moved
from hdr.data.staging import BIN, PAGES
from hdr.errors import HdrError


@dataclass(frozen=True)
class Done:
    """What was done to some files.

    Parameters
    ----------
    what
        Done what, such as "relabelled".
    steps
        Where each was, and where it is.
    wrong
        Why others could not be, a sentence each.
    undo
        Takes it back; what comes of that is itself such a change.
    """

    what: str
    steps: tuple[tuple[Path, Path], ...]
    wrong: tuple[str, ...]
    undo: Callable[[], Done]

    def __len__(self) -> int:
        return len(self.steps)


def relabel(paths: Sequence[Path], label: str) -> Done:
    """Give files a label.

    Raises
    ------
    CaptureError, DatasetError
        Where nothing could be done.
    """
    return _each(
        paths,
        lambda root, some: _of_change(CaptureStore(root), moving.relabel(CaptureStore(root), some, label)),
        lambda some: _of_moved(sorting.relabel(some, label)),
    )


def discard(paths: Sequence[Path]) -> Done:
    """Move files to the recycle bin of their folder.

    Raises
    ------
    CaptureError, DatasetError
        Where nothing could be done.
    """
    return _each(
        paths,
        lambda root, some: _of_change(CaptureStore(root), moving.discard(CaptureStore(root), some)),
        lambda some: _of_moved(sorting.discard(some)),
    )


def is_capture(path: Path) -> bool:
    """Whether a crop lies in a captures folder, beside the pages that such crops come from."""
    return (captures_root(path) / PAGES).is_dir()


def captures_root(path: Path) -> Path:
    """Return the folder of the labels' folders that a file lies in."""
    root = path.parent.parent
    return root.parent if root.name == BIN else root


def _each(
    paths: Sequence[Path],
    of_captures: Callable[[Path, Sequence[Path]], Done],
    of_folders: Callable[[Sequence[Path]], Done],
) -> Done:
    captures: dict[Path, list[Path]] = {}
    others: list[Path] = []
    for path in paths:
        if is_capture(path):
            captures.setdefault(captures_root(path), []).append(path)
        else:
            others.append(path)
    acts = [partial(of_captures, root, some) for root, some in captures.items()]
    return _together(acts + ([partial(of_folders, others)] if others else []))


def _together(acts: Sequence[Callable[[], Done]]) -> Done:
    """Several as one. Where one of them fails, the others are done all the same, and can be undone."""
    parts: list[Done] = []
    failed: list[HdrError] = []
    for act in acts:
        try:
            parts.append(act())
        except HdrError as error:
            failed.append(error)
    if not parts:
        raise failed[0]
    steps = tuple(step for part in parts for step in part.steps)
    wrong = (*(one for part in parts for one in part.wrong), *(error.message for error in failed))
    return Done(parts[0].what, steps, wrong, lambda: _together([part.undo for part in reversed(parts)]))


def _of_change(store: CaptureStore, change: Change) -> Done:
    steps = tuple((store.root / before.file, store.root / after.file) for before, after in change.steps)
    return Done(change.what, steps, tuple(_sentences(change)), lambda: _of_change(store, moving.undo(store, change)))


def _of_moved(moved: Moved) -> Done:
    return Done(moved.what, moved.steps, tuple(_sentences(moved)), lambda: _of_moved(sorting.undo(moved)))


def _sentences(change: Change | Moved) -> Iterator[str]:
    return (error.message for _, error in change.failures)
