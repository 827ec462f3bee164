"""What a user named, files, folders, patterns or `-`, to the list of pictures to read."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hdr.errors import ImageError, UnreadableImageError

STDIN = "-"


@dataclass(frozen=True)
class Input:
    """One picture to read, or why there is none.

    Parameters
    ----------
    name
        As the user gave it, or as it was found below what the user gave.
    error
        Why there is nothing to read.
    """

    name: str
    error: ImageError | None = None

    def source(self) -> Path | bytes:
        """Return what `load_image` takes; standard input is read to its end here.

        Raises
        ------
        ImageError
            Where there is nothing to read.
        """
        if self.error is not None:
            raise self.error
        if self.name != STDIN:
            return Path(self.name)
        data = sys.stdin.buffer.read()
        if not data:
            raise UnreadableImageError("Standard input is empty.", hint="Send a picture: hdr read - < page.png")
        return data

    @property
    def stem(self) -> str:
        """Its file's name without folder and ending."""
        return "stdin" if self.name == STDIN else Path(self.name).stem


def expand(names: Iterable[str], suffixes: frozenset[str], *, recursive: bool) -> list[Input]:
    """Return every picture that the names mean, in the order given, numbers in names counted as numbers.

    Parameters
    ----------
    names
        Files, folders, patterns with ``* ? [ ]``, or `-` for standard input.
    suffixes
        Endings, lower case with the dot, of what a folder is searched for. A file that is named is always taken.
    recursive
        Whether folders in folders are searched too.
    """
    found: list[Input] = []
    for name in names:
        found += _expand_one(name, suffixes, recursive)
    return found


def _expand_one(name: str, suffixes: frozenset[str], recursive: bool) -> Iterable[Input]:
    if name == STDIN:
        return [Input(name)]
    if os.path.isdir(name):  # noqa: PTH112  (Path() would turn "" into the current folder)
        return _in_folder(name, suffixes, recursive)
    if not os.path.lexists(name) and glob.has_magic(name):
        return _matching(name, suffixes, recursive)
    return [Input(name)]  # a file that is not there is told by whoever opens it


def _in_folder(folder: str, suffixes: frozenset[str], recursive: bool) -> list[Input]:
    try:
        files = sorted(_walk(folder, suffixes, recursive), key=_natural)
    except OSError as error:
        told = f"The folder {folder} cannot be looked into: {error.strerror or error}."
        return [Input(folder, UnreadableImageError(told, hint="Check its permissions."))]
    if files:
        return [Input(file) for file in files]
    deeper = not recursive and _any_below(folder, suffixes)
    cure = "Add --recursive to look into the folders in it." if deeper else "Name a folder with pictures in it."
    return [Input(folder, UnreadableImageError(f"The folder {folder} holds no picture.", hint=cure))]


def _any_below(folder: str, suffixes: frozenset[str]) -> bool:
    """Whether looking deeper would find a picture; a folder that cannot be looked into is no reason to."""
    try:
        return next(_walk(folder, suffixes, True), None) is not None
    except OSError:
        return False


def _walk(folder: str, suffixes: frozenset[str], recursive: bool) -> Iterator[str]:
    with os.scandir(folder) as entries:
        listed = list(entries)
    for entry in listed:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if recursive:
                yield from _walk(entry.path, suffixes, recursive)
        elif os.path.splitext(entry.name)[1].lower() in suffixes:  # noqa: PTH122  (there may be many thousands)
            yield entry.path


def _matching(pattern: str, suffixes: frozenset[str], recursive: bool) -> list[Input]:
    names = sorted(glob.glob(pattern, recursive=True), key=_natural)  # noqa: PTH207  (Path.glob refuses absolute ones)
    if not names:
        told = UnreadableImageError(f"No file matches {pattern}.", hint="Check the pattern and the folder.")
        return [Input(pattern, told)]
    found: list[Input] = []
    for name in names:
        found += _in_folder(name, suffixes, recursive) if Path(name).is_dir() else [Input(name)]
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    """So that page 2 comes before page 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.split(r"(\d+)", name)]
