"""Files from outside to text, JSON, bytes, label lists and crops, each within limits, or to a sentence why not."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.names import DIGITS
from hdr.data.crops import LabelledCrop, Origin
from hdr.data.formats.writing import CLASSES
from hdr.data.labels import label_of
from hdr.errors import CaptureError

LARGEST_TEXT = 512_000_000
LARGEST_SIDE = 1024
"""No crop of a digit is larger, in a format that has all crops of one size."""
MOST = 4_000_000
"""Crops or pages in one import."""
_CURE = "Copy or download it again."


def read_text(path: Path, largest: int = LARGEST_TEXT) -> str:
    """Return the text of a file.

    Raises
    ------
    CaptureError
        Where it cannot be read, is no UTF-8 text or is too large.
    """
    try:
        size = path.stat().st_size
        if size > largest:
            raise CaptureError(f"{path} has {size:,} bytes; {largest:,} are allowed.", hint="Divide it.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaptureError(f"{path} is no UTF-8 text ({error.reason}).", hint="Save it as UTF-8.") from error
    except OSError as error:
        raise CaptureError(f"{path} cannot be read ({error.strerror}).", hint=_CURE) from error


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises
    ------
    CaptureError
        Where it cannot be read or is no JSON.
    """
    return parse_json(read_text(path), str(path))


def parse_json(text: str, where: str) -> Any:
    """Return what a JSON text holds.

    Raises
    ------
    CaptureError
        Where it is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CaptureError(f"{where} is no JSON, or cut off ({error}).", hint=_CURE) from error


def read_gzip(path: Path, largest: int = 2 << 30) -> bytes:
    """Return the content of a file, unpacked where it is gzipped.

    Raises
    ------
    CaptureError
        Where it cannot be read, is cut off, or unpacks to too much.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as content:
            data = content.read(largest + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CaptureError(f"{path} is damaged or cut off ({error}).", hint=_CURE) from error
    if len(data) > largest:
        raise CaptureError(f"{path} unpacks to more than {largest:,} bytes.", hint="Divide it.")
    return data


def read_classes(folder: Path) -> tuple[str, ...] | None:
    """Return the labels that a folder's `classes.txt` lists in order; None where there is none."""
    path = folder / CLASSES
    if not path.is_file():
        return None
    lines = read_text(path, 1 << 20).split("\n")
    return tuple(label_of(line) or "" for line in lines if line)


def named_labels(numbers: Sequence[int] | NDArray[Any], labels: Sequence[str] | None, where: str) -> list[str]:
    """Return the labels of classes told by number: by the list that came with them, else the ten digits.

    Raises
    ------
    CaptureError
        For a number that the list has no label for.
    """
    names = DIGITS if labels is None else labels
    wrong = next((int(number) for number in numbers if not 0 <= number < len(names)), None)
    if wrong is None:
        return [names[int(number)] for number in numbers]
    raise CaptureError(
        f"{where} has a class {wrong}, but only {len(names)} are known: {', '.join(names[:20])}.",
        hint=f"List the labels in order in a file {CLASSES} beside it, one a line.",
    )


def crops_of(
    fields: NDArray[np.uint8], labels: Sequence[str], origins: Sequence[Origin] | None, source: str
) -> Iterator[LabelledCrop]:
    """Yield the crops of an array of shape (n, height, width), white on black, whichever way round it is."""
    if is_dark_on_light(fields):
        fields = 255 - fields
    for index, (field, label) in enumerate(zip(fields, labels, strict=True)):
        origin = origins[index] if origins else Origin("", source=source, by_person=True)
        yield LabelledCrop(np.ascontiguousarray(field), label, origin)


def is_dark_on_light(fields: Sequence[NDArray[np.uint8]] | NDArray[np.uint8]) -> bool:
    """Whether pictures show dark ink on light paper, by most corners: all of them or none."""
    corners = [field[[0, 0, -1, -1], [0, -1, 0, -1]].mean() for field in fields if field.size]
    return bool(corners) and float(np.median(corners)) > 127


def check_shape(shape: Sequence[int], where: str) -> None:
    """Refuse pictures that can be no crops of digits.

    Raises
    ------
    CaptureError
        Where they are not (n, height, width), or too many or too large.
    """
    if len(shape) != 3 or not all(1 <= side <= LARGEST_SIDE for side in shape[1:]) or shape[0] > MOST:
        raise CaptureError(
            f"{where} holds pictures of shape {tuple(shape)}.",
            hint=f"They must be (n, height, width), up to {LARGEST_SIDE} px a side and {MOST:,} of them.",
        )


class Pictures:
    """The pictures below a folder, found by the name that a file of labels gives them, never outside."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def find(self, name: str, beside: Path, *, stem: bool = False) -> Path:
        """Return the picture of a name: from where the labels are, from the top, else the only one so called.

        Parameters
        ----------
        name
            A path, or a file's name, of any system.
        beside
            The folder of the labels.
        stem
            Whether the name comes without its ending.

        Raises
        ------
        CaptureError
            Where there is none, or several are called so.
        """
        plain = PureWindowsPath(name).as_posix()
        for place in (beside / plain, self.root / plain) if plain and not stem else ():
            if self._is_inside(place):
                return place.resolve()
        called = (self._by_stem if stem else self._by_name).get(plain.rpartition("/")[2], [])
        near = [path for path in called if path.as_posix().endswith(f"/{plain}")]
        found = called if len(called) == 1 else near
        if len(found) == 1:
            return found[0]
        told = f"Several pictures are called {name!r}" if called else f"There is no picture {name!r}"
        raise CaptureError(f"{told} below {self.root}.", hint="Put the pictures beside their labels.")

    def _is_inside(self, place: Path) -> bool:
        try:
            return place.is_file() and place.resolve().is_relative_to(self.root)
        except (OSError, ValueError, RuntimeError):
            return False  # no such name can be on this system

    @cached_property
    def _all(self) -> list[Path]:
        """Every picture; looked for only where one does not lie where its name says."""
        from hdr.vision.media import SUFFIXES

        return [path for path in walk(self.root) if path.suffix.lower() in SUFFIXES]

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        return _grouped((path.name, path) for path in self._all)

    @cached_property
    def _by_stem(self) -> dict[str, list[Path]]:
        return _grouped((path.stem, path) for path in self._all)


def _grouped(pairs: Iterable[tuple[str, Path]]) -> dict[str, list[Path]]:
    groups: dict[str, list[Path]] = {}
    for name, path in pairs:
        groups.setdefault(name, []).append(path)
    return groups


def walk(root: Path) -> list[Path]:
    """Return every file below a folder, without links, hidden files and what macOS adds, in order."""
    found = []
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith((".", "__MACOSX")))
        found += [Path(folder) / name for name in sorted(files) if not name.startswith(".")]
    return [path for path in found if not path.is_symlink() and path.is_file()]
