"""Samples to MNIST's own four files, images and labels, `train` and `t10k`, each gzipped IDX; and back.

Where nothing is divided `train` holds all, and `t10k` is there with no item, for readers that want four files.
Validation, where it has a share, has two files of its own, `val`. `classes.txt` has the order of the classes. What else
is known of a digit stands in the export's manifest, which other programs leave alone.

References
----------
Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", 1998 (the IDX file format).
"""

from __future__ import annotations

import gzip
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.data.crops import Origin
from hdr.data.formats.found import Found, Problems, crop_facts_of, origin_of
from hdr.data.formats.samples import Samples
from hdr.data.formats.taking import check_shape, crops_of, named_labels, read_classes, read_gzip, walk
from hdr.data.formats.writing import new_folder, read_manifest, told_of, write_classes
from hdr.errors import CaptureError

_UNSIGNED_BYTE = 0x08
_FILES = {"": "train", "train": "train", "val": "val", "test": "t10k"}
_IMAGES = re.compile(r"images[-.]idx3")
_MAGIC = re.compile(rb"\0\0\x08[\x01\x03]")


def write(samples: Samples, target: Path, *, replace: bool) -> None:
    """Write the samples as a folder of IDX files.

    Raises
    ------
    CaptureError
        For more than 256 classes, which a byte cannot tell apart; where something is there already that may not be
        replaced; or where it cannot be written.
    """
    if len(samples.labels) > 256:
        raise CaptureError(f"IDX has room for 256 classes, not {len(samples.labels)}.", hint="Export as npz or folder.")
    parts = dict(samples.parts())
    empty = samples.array[:0], samples.classes[:0]
    files = {_FILES[name]: (part.array, part.classes) for name, part in parts.items()}
    facts = {_FILES[name]: [crop_facts_of(origin) for origin in part.origins] for name, part in parts.items()}
    with new_folder(target, "idx", samples.labels, {**told_of(samples), "facts": facts}, replace=replace) as work:
        for name, (fields, classes) in {"train": empty, "t10k": empty, **files}.items():
            (work / f"{name}-images-idx3-ubyte.gz").write_bytes(encode_idx(fields.reshape(-1, *empty[0].shape[1:])))
            (work / f"{name}-labels-idx1-ubyte.gz").write_bytes(encode_idx(classes.astype(np.uint8)))
        write_classes(work, samples.labels)


def encode_idx(array: NDArray[np.uint8]) -> bytes:
    """Return an array of bytes as gzipped IDX: two zeros, the type, the number of axes, their lengths, the items."""
    head = struct.pack(f">HBB{array.ndim}I", 0, _UNSIGNED_BYTE, array.ndim, *array.shape)
    return gzip.compress(head + array.tobytes(), mtime=0)


def images_below(root: Path) -> list[Path]:
    """Return the files of images below a folder, or the one that is named; none where there is no IDX."""
    files = [root] if root.is_file() else walk(root)
    return [path for path in files if _IMAGES.search(path.name.lower())]


def read(root: Path, problems: Problems) -> Found:  # noqa: ARG001  (all items are of one kind: the file is whole or not)
    """Yield the crops of IDX files, each file of images with its file of labels beside it.

    Raises
    ------
    CaptureError
        Where a file is missing, cut off or no IDX, or where images and labels do not fit each other.
    """
    pairs = [(path, _labels_beside(path)) for path in images_below(root)]
    if not pairs:
        raise CaptureError(f"{root} is no IDX file of images.", hint="Its name holds images-idx3-ubyte.")
    for images, labels in pairs:
        fields, classes = _read_idx(images), _read_idx(labels)
        check_shape(fields.shape, str(images))
        if classes.shape != fields.shape[:1]:
            raise CaptureError(
                f"{images} holds {len(fields):,} pictures, but {labels.name} has labels of shape {classes.shape}.",
                hint="Use the two files that belong together.",
            )
        names = named_labels(classes, read_classes(images.parent), str(labels))
        yield from crops_of(fields, names, _origins(images, len(fields)), images.name)


def _origins(images: Path, count: int) -> list[Origin] | None:
    """What our manifest tells of each crop, if it fits."""
    told = read_manifest(images.parent).get("facts")
    facts = told.get(images.name.partition("-images")[0]) if isinstance(told, dict) else None
    if not isinstance(facts, list) or len(facts) != count or not all(isinstance(one, dict) for one in facts):
        return None
    return [origin_of(one, images.name) for one in facts]


def _labels_beside(images: Path) -> Path:
    wanted = images.with_name(images.name.replace("images", "labels").replace("idx3", "idx1"))
    plain = wanted.with_suffix("") if wanted.suffix == ".gz" else wanted.with_name(wanted.name + ".gz")
    found = next((path for path in (wanted, plain) if path.is_file()), None)
    if found is None:
        raise CaptureError(f"{images} has no labels beside it.", hint=f"Put {wanted.name} there.")
    return found


def _read_idx(path: Path) -> NDArray[Any]:
    data = read_gzip(path)
    axes = data[3] if len(data) > 3 and _MAGIC.match(data) else 0
    head = 4 + 4 * axes
    if not axes or len(data) < head:
        raise CaptureError(f"{path} is no IDX file of bytes, or cut off.", hint="Copy or download it again.")
    shape = struct.unpack(f">{axes}I", data[4:head])
    told = 1
    for length in shape:
        told *= length
    if told != len(data) - head:
        raise CaptureError(
            f"{path} says that it holds {told:,} bytes of shape {shape}, but holds {len(data) - head:,}.",
            hint="Copy or download it again.",
        )
    return np.frombuffer(data, np.uint8, offset=head).reshape(shape)
