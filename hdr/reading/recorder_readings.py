"""Readings of frames to a file of JSON Lines or CSV that holds whole lines only, whenever the process ends."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hdr.errors import RecordingError
from hdr.reading.plain import by_row, live_object

if TYPE_CHECKING:
    from hdr.reading.live import LiveReading

SUFFIXES = (".jsonl", ".csv")
COLUMNS = (
    *("at", "time_s", "frame", "row", "label", "confidence", "x", "y", "width", "height"),
    *("track", "settled", "model"),
)
"""Of the CSV: one row a digit; a frame without any has a row that tells no more than its time."""


class ReadingsRecorder:
    """Appends readings to a file: a line a frame as JSON, or a row a digit as CSV. What is there already stays.

    Parameters
    ----------
    path
        ``.jsonl`` or ``.csv``.
    source
        The source's name, as it may be told.

    Raises
    ------
    RecordingError
        For another ending, a place that cannot be written to, or a table of other columns.
    """

    def __init__(self, path: Path, source: str) -> None:
        if path.suffix.lower() not in SUFFIXES:
            raise RecordingError(f"{path} is no name for readings.", hint="End it in .jsonl or .csv.")
        self.path, self._source = path, source
        self._is_csv = path.suffix.lower() == ".csv"
        try:
            self._file = path.open("a+b", buffering=0)
        except OSError as error:
            raise self._refused(error.strerror or str(error)) from error
        self._begin()

    def _begin(self) -> None:
        """End a line that another program left open, and write the head of a new table."""
        end = self._file.seek(0, os.SEEK_END)
        if end and self._is_csv:
            self._check_columns()
        if end:
            self._file.seek(end - 1)
            self._append(b"" if self._file.read(1) == b"\n" else b"\n")
        elif self._is_csv:
            self._append(_rows([COLUMNS]))

    def _check_columns(self) -> None:
        self._file.seek(0)
        if self._file.read(len(_rows([COLUMNS]))) != _rows([COLUMNS]):
            self._file.close()
            raise RecordingError(f"{self.path} is another table.", hint="Name a new file.")

    def add(self, live: LiveReading) -> None:
        """Write what was read off a frame, in one piece.

        Raises
        ------
        RecordingError
            Where it cannot be written; the lines before it are whole.
        """
        at = datetime.now().astimezone().isoformat(timespec="milliseconds")
        self._append(self._csv(live, at) if self._is_csv else self._json(live, at))

    def _json(self, live: LiveReading, at: str) -> bytes:
        return (json.dumps({"at": at, **live_object(self._source, live)}, ensure_ascii=False) + "\n").encode()

    def _csv(self, live: LiveReading, at: str) -> bytes:
        when = at, f"{live.time_s:.3f}", live.number
        rows: list[tuple[object, ...]] = []
        for row, digit in by_row(live.reading):
            track = live.tracks[live.reading.digits.index(digit)]
            told = row, digit.label, f"{digit.confidence:.4f}", *digit.box.xywh, track.id, int(track.settled)
            rows.append((*when, *told, live.reading.model))
        return _rows(rows or [(*when, *[""] * (len(COLUMNS) - 4), live.reading.model)])

    def _append(self, data: bytes) -> None:
        """Write in one go; what a full disk took of it only in part is taken back."""
        end = self._file.seek(0, os.SEEK_END)
        try:
            taken = self._file.write(data)
        except OSError as error:
            self._file.close()
            raise self._refused(error.strerror or str(error)) from error
        if taken != len(data):
            self._file.truncate(end)
            self._file.close()
            raise self._refused("it took only a part of a line")

    def _refused(self, why: str) -> RecordingError:
        return RecordingError(
            f"The readings cannot be written to {self.path} ({why}); lines before are whole.",
            hint="Free some space, or name another file.",
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _rows(rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
