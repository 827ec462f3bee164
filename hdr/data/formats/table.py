"""Samples to CSV as Kaggle's digit recogniser has it: ``label,pixel0,pixel1,...``, a row a digit; and back.

The label stands there as it is, so no order of classes is needed to read it. Divided, it is a folder of one file a
part, with the order of the classes in `classes.txt`.
"""

from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from hdr.data.crops import LabelledCrop, Origin
from hdr.data.formats.found import Found, Problems
from hdr.data.formats.samples import Samples
from hdr.data.formats.taking import LARGEST_SIDE, LARGEST_TEXT, MOST, crops_of
from hdr.data.formats.writing import new_folder, told_of, write_classes, write_file
from hdr.errors import CaptureError

_LABEL = "label"
_AT_ONCE = 2000
_Rows = list[tuple[str, NDArray[np.uint8]]]


def write(samples: Samples, target: Path, *, replace: bool) -> None:
    """Write the samples as one CSV file, or as a folder of them where they are divided.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    if samples.shares is None:
        write_file(target, _table(samples), replace=replace)
        return
    with new_folder(target, "csv", samples.labels, told_of(samples), replace=replace) as work:
        for name, part in samples.parts():
            (work / f"{name}.csv").write_bytes(_table(part))
        write_classes(work, samples.labels)


def _table(samples: Samples) -> bytes:
    text = io.StringIO()
    bare_returns = any("\r" in label for label in samples.labels)  # which Python's writer would not quote
    table = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if bare_returns else csv.QUOTE_MINIMAL)
    pixels = samples.array.reshape(len(samples), math.prod(samples.array.shape[1:]))
    table.writerow([_LABEL, *(f"pixel{number}" for number in range(pixels.shape[1]))])
    for index, row in zip(samples.classes, pixels, strict=True):
        table.writerow([samples.labels[int(index)], *row.tolist()])
    return text.getvalue().encode("utf-8", "surrogatepass")


def read(path: Path, problems: Problems) -> Found:
    """Yield the crops of a CSV file: the label first, then the pixels of a square, with or without a header.

    Raises
    ------
    CaptureError
        Where it cannot be read, or its rows are no such pictures.
    """
    if path.stat().st_size > 4 * LARGEST_TEXT:
        raise CaptureError(f"{path} has {path.stat().st_size:,} bytes.", hint="Divide it.")
    csv.field_size_limit(min(sys.maxsize, 1 << 20))
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="strict") as file:
            yield from _crops(file, path, problems)
    except UnicodeDecodeError as error:
        raise CaptureError(f"{path} is no UTF-8 text ({error.reason}).", hint="Save it as UTF-8.") from error
    except csv.Error as error:
        raise CaptureError(f"{path} is no CSV table ({error}).", hint="Save it as CSV with commas.") from error
    except OSError as error:
        raise CaptureError(f"{path} cannot be read ({error.strerror}).", hint="Copy it again.") from error


def _crops(file: IO[str], path: Path, problems: Problems) -> Iterator[LabelledCrop]:
    side = 0
    rows: _Rows = []
    for number, row in enumerate(csv.reader(file), 1):
        if number == 1:
            side = _side(row, path)
            if _is_header(row):
                continue
        if number > MOST:
            raise CaptureError(f"{path} has more than {MOST:,} rows.", hint="Divide it.")
        if row:
            _take(row, side, f"Row {number} of {path}", rows, problems)
        if len(rows) >= _AT_ONCE:
            yield from _as_crops(rows, path)
            rows = []
    yield from _as_crops(rows, path)


def _side(row: list[str], path: Path) -> int:
    """The side of the square that the first row has room for."""
    side = math.isqrt(max(0, len(row) - 1))
    if side * side != len(row) - 1 or not 1 <= side <= LARGEST_SIDE or (_is_header(row) and row[0].strip() != _LABEL):
        raise CaptureError(
            f"{path} has {len(row)} columns, of which the first is {row[0][:20] if row else ''!r}.",
            hint="The first column is the label, the others are the pixels of a square: 785 for 28 x 28.",
        )
    return side


def _is_header(row: list[str]) -> bool:
    return any(not cell.strip().isdigit() for cell in row[1:])


def _take(row: list[str], side: int, where: str, rows: _Rows, problems: Problems) -> None:
    try:
        pixels = np.array(row[1:], np.float64)
    except ValueError:
        pixels = np.zeros(0)
    if pixels.shape == (side * side,) and ((pixels >= 0) & (pixels <= 255)).all():
        rows.append((row[0], pixels.astype(np.uint8).reshape(side, side)))
        return
    cure = f"It needs a label and {side * side} numbers from 0 to 255."
    problems.append(CaptureError(f"{where} is no digit of {side} x {side} pixels.", hint=cure))


def _as_crops(rows: _Rows, path: Path) -> Iterator[LabelledCrop]:
    if rows:
        origins = [Origin("", source=path.name, by_person=True)] * len(rows)
        yield from crops_of(np.stack([pixels for _, pixels in rows]), [label for label, _ in rows], origins, path.name)
