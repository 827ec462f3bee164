"""Samples to one `.npz` of plain arrays, which loads with ``allow_pickle=False``; and back.

Divided, it has Keras's layout: ``x_train y_train x_test y_test``, and ``x_val y_val`` where validation has a share.
Where nothing is divided it has ``x`` (samples, size, size) ``uint8`` and ``y``, the classes. ``labels`` are the
classes' names in order. What is known of each crop stands beside, with the ending of its part: ``groups`` (the page or
the writer), ``numbers``, ``boxes`` (x, y, width, height on the page; -1 where nobody knows), ``confirmed`` (whether a
person gave the label), ``predicted`` and ``confidence``.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.data.crops import Origin
from hdr.data.formats.found import Found, Problems, origin_of
from hdr.data.formats.samples import Samples, group_of
from hdr.data.formats.taking import check_shape, crops_of, named_labels, read_classes
from hdr.data.formats.writing import write_file
from hdr.data.load import read_npz
from hdr.errors import CaptureError, DatasetError

_PARTS = ("", "_train", "_val", "_valid", "_test")
_UNKNOWN = (-1, -1, -1, -1)


def write(samples: Samples, target: Path, *, replace: bool) -> None:
    """Write the samples as one `.npz`.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {"labels": np.array(samples.labels, np.str_)}
    for name, part in samples.parts():
        arrays |= _arrays(part, f"_{name}" if name else "", samples.array.shape[1:])
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # its next argument is a switch, which none is called
    write_file(target, file.getvalue(), replace=replace)


def _arrays(samples: Samples, ending: str, field: tuple[int, ...]) -> dict[str, NDArray[Any]]:
    origins = samples.origins
    told: dict[str, NDArray[Any]] = {
        "x": samples.array.reshape(-1, *field),
        "y": samples.classes,
        "groups": np.array([group_of(one) for one in origins], np.str_),
        "pages": np.array([one.capture for one in origins], np.str_),
        "numbers": np.array([one.number for one in origins], np.int64),
        "boxes": np.array([one.box.xywh if one.box else _UNKNOWN for one in origins], np.int64).reshape(-1, 4),
        "confirmed": np.array([one.by_person for one in origins], np.bool_),
        "predicted": np.array([one.predicted for one in origins], np.str_),
        "confidence": np.array([one.confidence for one in origins], np.float64),
    }
    return {f"{name}{ending}": array for name, array in told.items()}


def read(path: Path, problems: Problems) -> Found:  # noqa: ARG001  (an array is taken whole or not at all)
    """Yield the crops of an `.npz`: ours, one of Keras's, or any with ``x`` and ``y``.

    Raises
    ------
    CaptureError
        Where it is none, or pictures and labels do not fit each other.
    """
    try:
        arrays = read_npz(path)
    except DatasetError as error:
        raise CaptureError(error.message, hint=error.hint) from error
    endings = [ending for ending in _PARTS if {f"x{ending}", f"y{ending}"} <= arrays.keys()]
    if not endings:
        raise CaptureError(f"{path} holds {', '.join(arrays) or 'nothing'}.", hint="It needs x and y, or x_train, ...")
    labels = _labels(arrays, path)
    for ending in endings:
        fields, classes = arrays[f"x{ending}"], arrays[f"y{ending}"]
        if fields.ndim == 4 and fields.shape[3] == 1:
            fields = fields[:, :, :, 0]
        check_shape(fields.shape, str(path))
        if fields.dtype != np.uint8 or classes.shape != fields.shape[:1] or classes.dtype.kind not in "iu":
            raise CaptureError(
                f"{path} holds pictures of type {fields.dtype} and shape {fields.shape}, and labels of shape "
                f"{classes.shape} and type {classes.dtype}.",
                hint="Pictures are uint8 (n, height, width); labels are whole numbers, one a picture.",
            )
        origins = _origins(arrays, ending, len(fields), path.name)
        yield from crops_of(fields, named_labels(classes, labels, str(path)), origins, path.name)


def _labels(arrays: dict[str, NDArray[Any]], path: Path) -> Sequence[str] | None:
    told = arrays.get("labels")
    if told is not None and told.dtype.kind == "U" and told.ndim == 1:
        return [str(label) for label in told]
    return read_classes(path.parent)


def _origins(arrays: dict[str, NDArray[Any]], ending: str, count: int, source: str) -> list[Origin] | None:
    """Where each crop came from, as far as arrays of the right length and kind tell it."""

    def column(name: str, kinds: str, shape: tuple[int, ...] = ()) -> list[Any]:
        told = arrays.get(f"{name}{ending}")
        fits = told is not None and told.shape == (count, *shape) and told.dtype.kind in kinds
        return told.tolist() if told is not None and fits else [None] * count

    groups = ["" if group is None else str(group) for group in column("groups", "Uiu")]
    pages = column("pages", "U")
    names = ("number", "box", "confirmed", "predicted", "confidence")
    columns = (
        column("numbers", "iu"),
        column("boxes", "iu", (4,)),
        column("confirmed", "b"),
        column("predicted", "U"),
        column("confidence", "f"),
    )
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    told = zip(rows, groups, pages, strict=True)
    return [
        origin_of({**row, "page": page, "writer": group if group != page else ""}, source) for row, group, page in told
    ]
