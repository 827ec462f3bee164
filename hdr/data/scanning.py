"""A captures folder to its index, fast: what has not changed since the last look is taken from one file beside it.

A folder whose time is what it was is not even listed; in one that changed, only new and changed files are opened. The
file `.index.npz` may be thrown away at any time: it is made anew, as it is where it is damaged, of another version or
tells what cannot be.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.data import staging
from hdr.data.crops import parse_crop_file_name, read_origin
from hdr.data.index import ROW, CaptureIndex, Texts
from hdr.data.labels import sort_key
from hdr.data.load import read_npz
from hdr.errors import CaptureError, DatasetError
from hdr.geometry import Box
from hdr.workspace import write_atomically

CACHE = ".index.npz"
_VERSION = 1
_LARGEST_BYTES = 1 << 30
_SETTLED_NS = 2_000_000_000
"""A folder that changed later than this may change again while its time stays: that moves in steps of up to 2 s."""
_AGES_S = 50_000_000_000
"""Times from the year 386 to 3554 are believed."""
_NOWHERE = (0, 0, 0, 0)

Progress = Callable[[int, int], None]
"""Told now and then how many of how many crops were looked at. May raise, to stop."""


def load_index(root: Path, progress: Progress | None = None) -> CaptureIndex:
    """Return what lies in a captures folder; an empty index where there is none.

    Parameters
    ----------
    root
        The captures folder. Saves that were cut short are not mended here; `CaptureStore` does that.
    progress
        Told how many of the new crops were opened.

    Raises
    ------
    CaptureError
        Where the folder may not be read.
    """
    before = _read_cache(root)
    started = time.time_ns()
    try:
        times = _times(root)
        scan = _Scan(before, times, progress)
        for number, name in enumerate(times):
            scan.folder(number, root / name)
    except OSError as error:
        raise CaptureError(
            f"The captures in {root} may not be read ({error.strerror or error}).", hint="Give yourself the right to."
        ) from error
    index = CaptureIndex(root, tuple(times), scan.texts.all(), scan.table())
    settled = {name: when if when < started - _SETTLED_NS else -1 for name, when in times.items()}
    if scan.changed or settled != before.times:
        with contextlib.suppress(OSError):  # without it the next look takes longer, and that is all
            _write_cache(index, settled)
    return index


def _times(root: Path) -> dict[str, int]:
    """The time of each label's folder in nanoseconds, by its name and in the order of the labels."""
    times: dict[str, int] = {}
    for _, folder in sorted(staging.label_folders(root), key=lambda one: (sort_key(one[0]), one[1].name)):
        with contextlib.suppress(FileNotFoundError):  # renamed or removed this very moment
            times[folder.name] = folder.stat().st_mtime_ns
    return times


@dataclass
class _Cached:
    """An index as it was, and the time of each folder then; -1 for one that had only just changed."""

    index: CaptureIndex
    times: dict[str, int] = field(default_factory=dict)

    def rows_of(self, folder: str) -> NDArray[np.void]:
        rows = self.index.rows
        return rows[rows["folder"] == self.index.folders.index(folder)] if folder in self.index.folders else rows[:0]


class _Scan:
    def __init__(self, before: _Cached, times: dict[str, int], progress: Progress | None) -> None:
        self._before, self._progress = before, progress
        self._same = {name for name, when in times.items() if before.times.get(name) == when}
        self.texts = Texts(before.index.texts)
        self.changed = False
        self._parts: list[NDArray[np.void]] = []
        self._known: dict[tuple[str, int, int], Any] | None = None

    def folder(self, number: int, folder: Path) -> None:
        """Look at one folder, if its time is another than it was."""
        if folder.name in self._same:
            rows = self._before.rows_of(folder.name).copy()
        else:
            rows = self._list(folder)
            self.changed = True
        rows["folder"] = number
        self._parts.append(rows)

    def table(self) -> NDArray[np.void]:
        return np.concatenate(self._parts) if self._parts else np.zeros(0, ROW)

    def _list(self, folder: Path) -> NDArray[np.void]:
        files = _files(folder)
        rows = np.zeros(len(files), ROW)
        for place, (name, changed, size) in enumerate(files):
            known = self._known_rows().get((name, changed, size))
            rows[place] = self._open(folder / name, changed, size) if known is None else known
            if self._progress and place % 256 == 0:
                self._progress(place, len(files))
        return rows

    def _known_rows(self) -> dict[tuple[str, int, int], Any]:
        """The rows of changed folders by file name, time and size: one that was only moved need not be opened again.

        What was moved here came from a folder that has changed, too, or is gone.
        """
        if self._known is None:
            index = self._before.index
            kept = [number for number, name in enumerate(index.folders) if name in self._same]
            moving = np.flatnonzero(~np.isin(index.rows["folder"], kept))
            keys = zip(
                index.names(moving), *(index.rows[name][moving].tolist() for name in ("changed", "size")), strict=True
            )
            self._known = {key: index.rows[row] for key, row in zip(keys, moving.tolist(), strict=True)}
        return self._known

    def _open(self, path: Path, changed: int, size: int) -> tuple[Any, ...]:
        """One row; of a file that cannot be read what its name tells."""
        named = parse_crop_file_name(path.name)
        place = (int(named[0], 16), named[1], -1) if named else (0, 0, self.texts.number(path.name))
        number = self.texts.number
        try:
            told = read_origin(path)
        except CaptureError:
            return (0, *place, 0, 0.0, False, False, changed // 10**9, 0, 0, 0, _NOWHERE, changed, size)
        confidence = told.confidence if 0 <= told.confidence <= 1 else 0.0
        saved, corners = _seconds(told.saved, changed), _corners(told.box)
        texts = number(told.source), number(told.model), number(told.writer)
        predicted = number(told.predicted)
        return (0, *place, predicted, confidence, told.by_person, True, saved, *texts, corners, changed, size)


def _files(folder: Path) -> list[tuple[str, int, int]]:
    """The crops of one folder by name, with their times and sizes."""
    found = []
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.lower().endswith(".png") and not entry.name.startswith("."):
                with contextlib.suppress(FileNotFoundError):
                    told = entry.stat()
                    found.append((entry.name, told.st_mtime_ns, told.st_size))
    return sorted(found)


def _corners(box: Box | None) -> tuple[int, int, int, int]:
    """A box as the table has it; one that no page is large enough for is none."""
    corners = (box.x0, box.y0, box.x1, box.y1) if box else _NOWHERE
    return corners if max(map(abs, corners)) < 1 << 31 else _NOWHERE


def _seconds(saved: str, changed: int) -> int:
    """The time that a file tells, or its own where that is none or lies thousands of years away."""
    with contextlib.suppress(ValueError, OverflowError, OSError):
        seconds = int(datetime.fromisoformat(saved).timestamp())
        if abs(seconds) < _AGES_S:
            return seconds
    return changed // 10**9


def _write_cache(index: CaptureIndex, times: dict[str, int]) -> None:
    told = {"version": _VERSION, "folders": list(index.folders), "texts": index.texts, "times": times}
    text = json.dumps(told).encode("ascii")
    file = io.BytesIO()
    np.savez(file, rows=index.rows.view(np.uint8), told=np.frombuffer(text, np.uint8))
    write_atomically(index.root / CACHE, file.getvalue())


def _read_cache(root: Path) -> _Cached:
    """What was kept; nothing where there is nothing, or nothing that can be believed."""
    path, nothing = root / CACHE, _Cached(CaptureIndex(root))
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return nothing
        kept = read_npz(path)
        told = json.loads(bytes(kept["told"]))
        rows = np.frombuffer(kept["rows"].tobytes(), ROW)
        index = CaptureIndex(root, tuple(told["folders"]), tuple(told["texts"]), rows)
        times = {str(name): int(when) for name, when in told["times"].items()}
        return _Cached(index, times) if told["version"] == _VERSION and _possible(index) else nothing
    except (OSError, DatasetError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return nothing


def _possible(index: CaptureIndex) -> bool:
    """Whether every number of a table that somebody may have made by hand points at something, and no name climbs."""
    rows, texts = index.rows, len(index.texts)
    columns: Sequence[str] = ("predicted", "source", "model", "writer")
    inside = all(((rows[name] >= 0) & (rows[name] < texts)).all() for name in columns)
    inside &= bool(((rows["name"] >= -1) & (rows["name"] < texts)).all())
    inside &= bool(((rows["folder"] >= 0) & (rows["folder"] < len(index.folders))).all())
    inside &= bool(((rows["confidence"] >= 0) & (rows["confidence"] <= 1) & (rows["number"] >= 0)).all())
    inside &= bool(((rows["saved"] > -_AGES_S) & (rows["saved"] < _AGES_S)).all())
    inside &= all(isinstance(text, str) for text in (*index.texts, *index.folders)) and index.texts[:1] == ("",)
    named = (index.texts[number] for number in np.unique(rows["name"][rows["name"] >= 0]))
    return inside and all(name.lower().endswith(".png") and Path(name).name == name for name in named)
