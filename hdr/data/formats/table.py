"""Samples to CSV as Kaggle's digit recogniser has it: ``label,pixel0,pixel1,...``, a row a digit, rows of pixels first.

The label stands there as it is, so no order of classes is needed to read it.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hdr.data.formats.samples import Samples
from hdr.data.formats.writing import write_file


def write(samples: Samples, target: Path, *, replace: bool) -> None:
    """Write the samples as one CSV file.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    pixels = samples.fields.reshape(len(samples), -1)
    table.writerow(["label", *(f"pixel{number}" for number in range(pixels.shape[1]))])
    for index, row in zip(samples.classes, pixels, strict=True):
        table.writerow([samples.labels[int(index)], *row.tolist()])
    write_file(target, text.getvalue().encode("utf-8"), replace=replace)
