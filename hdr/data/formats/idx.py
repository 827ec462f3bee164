"""Samples to MNIST's own four files: images and labels, `train` and `t10k`, each gzipped IDX.

Nothing has been divided, so `train` holds all and `t10k` is there with no item, for readers that want four files.
`classes.txt` has the order of the classes.

References
----------
Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", 1998 (the IDX file format).
"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data.formats.samples import Samples
from hdr.data.formats.writing import CLASSES, new_folder
from hdr.data.labels import folder_name
from hdr.errors import CaptureError

_UNSIGNED_BYTE = 0x08


def write(samples: Samples, target: Path, *, replace: bool) -> None:
    """Write the samples as a folder of four IDX files.

    Raises
    ------
    CaptureError
        For more than 256 classes, which a byte cannot tell apart; where something is there already that may not be
        replaced; or where it cannot be written.
    """
    if len(samples.labels) > 256:
        raise CaptureError(f"IDX has room for 256 classes, not {len(samples.labels)}.", hint="Export as npz or folder.")
    with new_folder(target, samples, "idx", replace=replace) as work:
        for part, fields, classes in (
            ("train", samples.fields, samples.classes),
            ("t10k", samples.fields[:0], samples.classes[:0]),
        ):
            (work / f"{part}-images-idx3-ubyte.gz").write_bytes(encode_idx(fields))
            (work / f"{part}-labels-idx1-ubyte.gz").write_bytes(encode_idx(classes.astype(np.uint8)))
        (work / CLASSES).write_text("".join(f"{folder_name(label)}\n" for label in samples.labels), encoding="utf-8")


def encode_idx(array: NDArray[np.uint8]) -> bytes:
    """Return an array of bytes as gzipped IDX: two zeros, the type, the number of axes, their lengths, the items."""
    head = struct.pack(f">HBB{array.ndim}I", 0, _UNSIGNED_BYTE, array.ndim, *array.shape)
    return gzip.compress(head + array.tobytes(), mtime=0)
