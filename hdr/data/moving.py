"""Crops to another label, to the recycle bin and back; each change can be undone, and what was undone done again.

Every step is a rename, so that a crop is at any moment in one folder, whole. That alone says the label, since the
folder decides it; the crop's own file and its page are told afterwards. Nothing is ever deleted.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hdr.data import staging
from hdr.data.captures import CaptureStore
from hdr.data.crops import encode_crop, parse_crop_file_name, read_crop, read_origin
from hdr.data.in_step import retold, settle
from hdr.data.labels import folder_name, label_of
from hdr.data.pages import Page
from hdr.data.refusals import explain
from hdr.errors import CaptureError
from hdr.workspace import free_path, write_atomically

Progress = Callable[[int, int], bool | None]
"""Told how many of how many crops are done; False stops there, and what was done is told as a change, to be undone."""

_AT_ONCE = 64
"""So many crops are moved before others who wait to save are let in."""
_COPY = re.compile(r"([0-9a-f]{16}_\d{2,9})-\d+(\.png)")


@dataclass(frozen=True)
class Place:
    """Where a crop lies, and on whose word.

    Parameters
    ----------
    file
        Below the captures folder, with slashes: ``7/<name>``, or ``_bin/7/<name>`` in the recycle bin.
    by_person
        Whether the file says that a person gave the label.
    """

    file: str
    by_person: bool

    @property
    def label(self) -> str | None:
        """Its label; None in the recycle bin."""
        parts = PurePosixPath(self.file).parts
        return label_of(parts[0]) if len(parts) == 2 else None


@dataclass(frozen=True)
class Change:
    """What was done to some crops, to be told, undone and done again.

    Parameters
    ----------
    what
        Done what, such as "relabelled".
    steps
        Each crop's place before and after.
    failures
        The crops that were left alone, each with the reason.
    """

    what: str
    steps: tuple[tuple[Place, Place], ...] = ()
    failures: tuple[tuple[Path, CaptureError], ...] = ()

    def __len__(self) -> int:
        return len(self.steps)

    def paths(self, store: CaptureStore) -> list[Path]:
        """Return where the crops lie now."""
        return [store.root / after.file for _, after in self.steps]


def relabel(store: CaptureStore, paths: Iterable[Path], label: str, progress: Progress | None = None) -> Change:
    """Give crops a label, on a person's word; one that they have already is thereby confirmed.

    Parameters
    ----------
    store
        The captures.
    paths
        The crops' files.
    label
        The label.
    progress
        Told how far it is.

    Raises
    ------
    CaptureError
        Where nothing could be done, or the label cannot be a folder's name.
    """
    folder = folder_name(label)
    return _carry_out(
        store, "relabelled", [_step(store, path, f"{folder}/{path.name}", True) for path in paths], progress
    )


def confirm(store: CaptureStore, paths: Iterable[Path], progress: Progress | None = None) -> Change:
    """Note that a person finds the labels of crops right.

    Parameters
    ----------
    store, paths, progress
        As for `relabel`.

    Raises
    ------
    CaptureError
        Where nothing could be done.
    """
    steps = [_step(store, path, f"{path.parent.name}/{path.name}", True) for path in paths]
    return _carry_out(store, "confirmed", steps, progress)


def discard(store: CaptureStore, paths: Iterable[Path], progress: Progress | None = None) -> Change:
    """Move crops to the recycle bin; their boxes go from their pages, too.

    Parameters
    ----------
    store, paths, progress
        As for `relabel`.

    Raises
    ------
    CaptureError
        Where nothing could be done.
    """
    steps = [_step(store, path, f"{staging.BIN}/{path.parent.name}/{path.name}", None) for path in paths]
    return _carry_out(store, "moved to the recycle bin", steps, progress)


def restore(store: CaptureStore, paths: Iterable[Path], progress: Progress | None = None) -> Change:
    """Bring crops back from the recycle bin, each to the label that it had.

    Parameters
    ----------
    store, progress
        As for `relabel`.
    paths
        Files in the bin, as `binned` lists them.

    Raises
    ------
    CaptureError
        Where nothing could be done.
    """
    steps = [_step(store, path, f"{path.parent.name}/{_first_name(path.name)}", None) for path in paths]
    return _carry_out(store, "restored", steps, progress)


def undo(store: CaptureStore, change: Change, progress: Progress | None = None) -> Change:
    """Put crops back to where they were. What comes back is itself a change: undone, it does the first one again.

    Raises
    ------
    CaptureError
        Where nothing could be done.
    """
    return _carry_out(store, change.what, [(after, before) for before, after in reversed(change.steps)], progress)


def binned(store: CaptureStore) -> list[Path]:
    """Return the crops in the recycle bin, by the label that they had and by name."""
    found = (path for path in (store.root / staging.BIN).glob("*/*") if path.suffix.lower() == ".png")
    return sorted(path for path in found if label_of(path.parent.name) is not None)


def _step(store: CaptureStore, path: Path, target: str, by_person: bool | None) -> tuple[Place, Place]:
    if path.parent.parent not in (store.root, store.root / staging.BIN) or label_of(path.parent.name) is None:
        raise CaptureError(f"{path} is no crop in {store.root}.", hint="Name a file in a label's folder there.")
    said = _said(path)
    before = Place(path.relative_to(store.root).as_posix(), said)
    return before, Place(target, said if by_person is None else by_person)


def _said(path: Path) -> bool:
    try:
        return read_origin(path).by_person
    except CaptureError:
        return False  # gone, or damaged: that is told when it is to be moved


def _first_name(name: str) -> str:
    """The name that a crop had before another of that name was in the bin already."""
    return _COPY.sub(r"\1\2", name)


def _carry_out(
    store: CaptureStore, what: str, steps: Sequence[tuple[Place, Place]], progress: Progress | None
) -> Change:
    if not store.root.is_dir():
        raise CaptureError(
            f"The captures folder {store.root} is not there any more.", hint="Put it back, or open it where it is now."
        )
    work = _Work(store, len(steps), progress)
    for start in range(0, len(steps), _AT_ONCE):
        try:
            with store.writing():
                goes_on = work.carry_out(steps[start : start + _AT_ONCE])
        except CaptureError as error:
            work.failures.append((store.root, error))
            break
        if not goes_on:
            break
    if work.failures and not work.done:
        raise work.failures[0][1]
    return Change(what, tuple(work.done), tuple(work.failures))


class _Work:
    """Steps on their way, and what has come of them."""

    def __init__(self, store: CaptureStore, total: int, progress: Progress | None) -> None:
        self._store, self._total, self._progress = store, total, progress
        self._tried = 0
        self.done: list[tuple[Place, Place]] = []
        self.failures: list[tuple[Path, CaptureError]] = []

    def carry_out(self, steps: Sequence[tuple[Place, Place]]) -> bool:
        """Take some steps; False where whoever is told of it wants no more. The caller holds the lock."""
        start = len(self.done)
        try:
            return all(self._take(*step) for step in steps)
        finally:
            self.failures += _tell_pages(self._store, self.done[start:])

    def _take(self, before: Place, after: Place) -> bool:
        try:
            self.done.append((before, _move(self._store.root, before, after)))
        except CaptureError as error:
            self.failures.append((self._store.root / before.file, error))
        self._tried += 1
        return not self._progress or self._progress(self._tried, self._total) is not False


def _move(root: Path, before: Place, after: Place) -> Place:
    """Bring one crop to its place, and return where it is: under another name where that one was taken."""
    source, target = root / before.file, root / after.file
    if not source.is_file():
        raise CaptureError(f"{source} is not there any more.", hint="Another program moved it. Look again.")
    ours = parse_crop_file_name(target.name) is not None
    try:
        # While the label differs from the model's, it is a person's whatever the file says: the moment to say it.
        first = ours and _differs(source)
        if first:
            _say(source, after.by_person)
        target = _rename(root, source, target, ours)
        if ours and not first:
            _say(target, after.by_person)
    except OSError as error:
        raise explain(root, error) from error
    return Place(target.relative_to(root).as_posix(), after.by_person)


def _rename(root: Path, source: Path, target: Path, ours: bool) -> Path:
    if source == target:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and ours and target.parent.parent == root:  # a copy that somebody made of the same crop
        bin_folder = root / staging.BIN / target.parent.name
        bin_folder.mkdir(parents=True, exist_ok=True)
        os.replace(target, free_path(bin_folder / target.name))
    target = free_path(target)
    os.replace(source, target)
    return target


def _differs(path: Path) -> bool:
    """Whether a crop's folder is another than what the model took it for."""
    try:
        return read_origin(path).predicted != label_of(path.parent.name)
    except CaptureError:
        return False


def _say(path: Path, by_person: bool) -> None:
    """Write into a crop's file whether a person gave its label; a file that cannot be read stays as it is."""
    try:
        crop = read_crop(path, "")
    except CaptureError:
        return
    if crop.origin.by_person != by_person:
        write_atomically(path, encode_crop(crop.pixels, dataclasses.replace(crop.origin, by_person=by_person)))


def _tell_pages(store: CaptureStore, done: Sequence[tuple[Place, Place]]) -> list[tuple[Path, CaptureError]]:
    """Bring the pages of moved crops up to date. Where that fails the folders decide, as ever."""
    moved: dict[str, dict[int, Place]] = {}
    for _, after in done:
        if named := parse_crop_file_name(_first_name(PurePosixPath(after.file).name)):
            moved.setdefault(named[0], {})[named[1]] = after
    failures: list[tuple[Path, CaptureError]] = []
    for capture, places in moved.items():
        page = store.saved_page(capture)
        path = store.root / staging.PAGES / f"{capture}.json"
        if page is not None:
            try:
                settle(store.root, page, places)
                write_atomically(path, _with_places(store.root, page, places).to_json().encode("ascii"))
            except OSError as error:
                failures.append((path, explain(store.root, error)))
            except CaptureError as error:
                failures.append((path, error))
    return failures


def _with_places(root: Path, page: Page, places: dict[int, Place]) -> Page:
    files = {number: root / place.file for number, place in places.items() if place.label is not None}
    confirmed = {number for number, place in places.items() if place.by_person}
    return retold(page, files, confirmed, places.keys() - files.keys())
