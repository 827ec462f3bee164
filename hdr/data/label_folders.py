"""A folder to its labels, each with its picture files; and to what of it has no part, in sentences with their cure."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hdr.data.labels import NO_TRUTH, NONE_FOLDER, label_of
from hdr.errors import DatasetError

PICTURE_ENDINGS = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".jp2"}
    | {".heic", ".heif"}  # these cannot be read, and each is told with its cure
)
_OURS = frozenset({"_pages", "_bin", "_frozen", NONE_FOLDER})
_DEPTH, _BREADTH = 3, 20


@dataclass(frozen=True)
class Labelled:
    """The pictures of one label.

    Parameters
    ----------
    label
        As captures and people write it as a folder's name.
    folder
        That folder.
    files
        In order.
    """

    label: str
    folder: Path
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Listing:
    """What a folder has to learn from.

    Parameters
    ----------
    root
        The folder.
    every
        Its labels in the order of their folders, those too that stand for no label.
    wrong
        A sentence for each folder that cannot be used.
    meant
        A sentence for each thing in it that looks as if somebody meant it to have a part, and has none.
    """

    root: Path
    every: tuple[Labelled, ...]
    wrong: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()

    @property
    def aside(self) -> tuple[str, ...]:
        """All that has no part, in sentences."""
        return self.wrong + self.meant

    @property
    def labelled(self) -> tuple[Labelled, ...]:
        """Those that stand for a label."""
        return tuple(one for one in self.every if one.label not in NO_TRUTH)

    def count(self) -> int:
        """How many files there are of them."""
        return sum(len(one.files) for one in self.labelled)

    def some(self, most: int, seed: int) -> Listing:
        """Return the same with so many of its files at most, chosen by a seed."""
        files = [file for one in self.every for file in one.files]
        chosen = set(random.Random(seed).sample(files, min(most, len(files))))  # noqa: S311  (no secret)
        every = (replace(one, files=tuple(file for file in one.files if file in chosen)) for one in self.every)
        return replace(self, every=tuple(one for one in every if one.files))


def list_labels(root: Path) -> Listing:
    """Return what a folder holds, its files unopened. Hidden files and folders are no part of it.

    Raises
    ------
    DatasetError
        Where it cannot be opened.
    """
    folders, loose = _entries(root)
    found, wrong = list[Labelled](), list[str]()
    more = [_loose(root, len(loose))] if loose else []
    for folder in folders:
        label = label_of(folder.name)
        if label is not None and not _is_text(label):
            wrong.append(f"The name of {_readable(folder)} is no text. Rename it to have it learned.")
            continue
        try:
            inside, files = _entries(folder)
        except DatasetError as error:
            wrong.append(str(error))
            continue
        if label is not None and files:
            found.append(Labelled(label, folder, tuple(files)))
        more += _without_part(folder, label, inside, len(files))
    return Listing(root, tuple(found), tuple(wrong), tuple(more) if found else ())


def _without_part(folder: Path, label: str | None, inside: list[Path], files: int) -> Iterator[str]:
    if folder.name in _OURS:
        return
    if label is None and files:
        yield f"{folder} begins with _, as hdr's own folders do. Rename it to have it learned."
    elif label in NO_TRUTH and files:
        yield f"{folder} stands for what has no label. Rename it, such as to other, to have it learned as one."
    elif label is not None and (deeper := next((one for one in inside if _has_pictures(one)), None)):
        yield f"{deeper} lies inside the folder of a label. Move its pictures up into {folder}."


def _is_text(label: str) -> bool:
    """Whether it can be written down: a name's bytes need not be UTF-8."""
    with contextlib.suppress(UnicodeEncodeError):
        return bool(label.encode()) or not label
    return False


def _readable(folder: Path) -> str:
    return os.fsencode(folder).decode(errors="backslashreplace")


def _loose(root: Path, count: int) -> str:
    which = "1 picture lies" if count == 1 else f"{count:,} pictures lie"
    return f"{which} in {root} itself, without a label. A picture's label is the name of its folder."


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """The folders and the picture files in a folder, each in order."""
    folders, files = list[Path](), list[Path]()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):  # such as .DS_Store, and the ._a.jpg that macOS leaves elsewhere
                    continue
                if entry.is_dir():
                    folders.append(Path(entry.path))
                elif os.path.splitext(entry.name)[1].lower() in PICTURE_ENDINGS:  # noqa: PTH122  (no Path of each)
                    files.append(Path(entry.path))
    except OSError as error:
        raise DatasetError(
            f"{folder} cannot be opened ({error.strerror or error}).", hint="Check that you may read it."
        ) from error
    return sorted(folders), sorted(files)


def _has_pictures(folder: Path) -> bool:
    with contextlib.suppress(DatasetError):
        return bool(_entries(folder)[1])
    return False


def _has_labels(folder: Path) -> bool:
    with contextlib.suppress(DatasetError):
        return len(list_labels(folder).labelled) > 1
    return False


_USUAL = "Give a folder with a sub-folder a label, two at least, such as balls/football/a.jpg."


def advice(path: Path) -> str:
    """Return what to do with a folder that has not two labels to learn, as near as can be told from what is there."""
    if deeper := _first_below(path, _has_labels):
        return f"Labels lie deeper: give {deeper}. Or is that a label itself? Then move its pictures up into it."
    if _has_pictures(path):
        own = f"put those of each label into one of their own, such as {path / 'cat'}"
        return f"A picture's label is the name of its folder: give the folder above, or {own}."
    below = _first_below(path, _has_pictures)
    if below and below.parent != path:
        return f"Its pictures lie too deep: move those of {below} up into {below.parent}, and the others likewise."
    return _USUAL


def _first_below(path: Path, wanted: Callable[[Path], bool], depth: int = _DEPTH) -> Path | None:
    """The folder below that is wanted, if it is not hidden too well; the highest of them."""
    folders = list[Path]()
    with contextlib.suppress(DatasetError):
        folders = [one for one in _entries(path)[0] if one.name not in _OURS][: _BREADTH if depth else 0]
    own = next(filter(wanted, folders), None)
    return own or next((found for one in folders if (found := _first_below(one, wanted, depth - 1))), None)
