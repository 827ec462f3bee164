"""Files of labelled digits (MNIST's `.npz`, any `.npz` of pictures, class folders, captures) to a `Dataset`.

A file from outside is hostile until checked: no pickle is ever opened, and sizes are looked at before anything is
unpacked.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.names import CANNOT_TELL, DIGITS
from hdr.classify.zipped import USUAL
from hdr.data.crops import LabelledCrop, read_crop
from hdr.data.dataset import Dataset, from_arrays
from hdr.data.label_folders import list_labels
from hdr.data.labels import NONE_FOLDER
from hdr.errors import CaptureError, DatasetError

Each = Callable[[], None]
"""Called for every file."""

MNIST_ENV = "HDR_MNIST"
"""Names MNIST's `.npz` file where it is not to be downloaded."""

_LARGEST_BYTES = 2 << 30
_NAMED = 40  # labels that a sentence has room for


def told_mnist() -> Path | None:
    """Return the file that the environment's ``HDR_MNIST`` names, if it names one."""
    told = os.environ.get(MNIST_ENV)
    return Path(told) if told else None


def load_mnist(path: Path) -> tuple[Dataset, Dataset]:
    """Return the training and the test part of a file in Keras's layout: ``x_train y_train x_test y_test``.

    Raises
    ------
    DatasetError
        Where there is no such file, or it has another layout.
    """
    arrays = read_npz(path)
    if not {"x_train", "y_train", "x_test", "y_test"} <= arrays.keys():
        raise DatasetError(
            f"{path} holds {', '.join(arrays) or 'nothing'}.",
            hint="A file to train with holds x_train, y_train, x_test and y_test, as keras.datasets.mnist has it.",
        )
    return _part(path, arrays["x_train"], arrays["y_train"]), _part(path, arrays["x_test"], arrays["y_test"])


def load_dataset(
    path: Path, names: tuple[str, ...] = DIGITS, left_out: list[str] | None = None, each: Each = lambda: None
) -> Dataset:
    """Return the labelled crops of a file or a folder, to measure a model on.

    Parameters
    ----------
    path
        An `.npz` in Keras's layout (its test part is taken), an `.npz` with ``x`` and ``y`` (where it has ``is_test``,
        all of it is taken: nothing here learned from it), or a folder with a sub-folder a label, such as ``captures/``.
    names
        The labels in the order of the model's outputs.
    left_out
        Collects a sentence for each file that cannot be read and each label that is not in ``names``; without it the
        first such one is raised.
    each
        Called for every file of a folder.

    Raises
    ------
    DatasetError
        Where there is nothing to be had, or only labels that are not in ``names``.
    """
    if path.is_dir():
        return load_folder(path, names, left_out, each)
    arrays = read_npz(path)
    if {"x_test", "y_test"} <= arrays.keys():
        return _part(path, arrays["x_test"], arrays["y_test"], names)
    if {"x", "y"} <= arrays.keys():
        return _part(path, arrays["x"], arrays["y"], names)
    raise DatasetError(
        f"{path} holds {', '.join(arrays) or 'nothing'}.", hint="An .npz needs x and y, or x_test and y_test."
    )


def load_folder(
    root: Path, names: tuple[str, ...] = DIGITS, left_out: list[str] | None = None, each: Each = lambda: None
) -> Dataset:
    """Return the crops of class folders; `_pages`, `_none`, what nobody can tell and hidden folders are left out.

    Parameters
    ----------
    root, names, left_out
        As for `load_dataset`.
    each
        Called for every file.

    Raises
    ------
    DatasetError
        Where there is none, or a folder's name is no label or a picture cannot be read and ``left_out`` is not given.
    """
    read: list[LabelledCrop] = []
    unknown, listing = None, list_labels(root)
    for sentence in listing.wrong:
        if left_out is None:
            raise DatasetError(sentence)
        left_out.append(sentence)
    for one in listing.every:
        if one.folder.name == NONE_FOLDER or one.label == CANNOT_TELL:
            continue
        if one.label not in names:
            unknown = unknown_label(one.folder, names)
            if left_out is None:
                raise unknown
            left_out.append(f"{unknown.message} It holds {len(one.files):,} files.")
            continue
        for file in one.files:
            each()
            try:
                read.append(read_crop(file, one.label))
            except CaptureError as error:
                if left_out is None:
                    raise DatasetError(error.message, hint=error.hint) from error
                left_out.append(error.message)
    if not read:
        raise unknown or DatasetError(
            f"{root} holds no labelled pictures.", hint="It needs a sub-folder a label, such as 7/a.png."
        )
    labels = np.array([names.index(crop.label) for crop in read], np.int64)
    groups = np.array([_group(crop) for crop in read], np.str_)
    pixels = _white_on_black([crop.pixels for crop in read], root)
    return Dataset(pixels, labels, groups, names, tuple(str(crop.path) for crop in read))


def unknown_label(folder: Path, names: tuple[str, ...]) -> DatasetError:
    """Return what to say of a folder whose name is none of a model's labels."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return DatasetError(
        f"{folder} is no label of this model.", hint=f"Its labels are {', '.join(names[:_NAMED])}{more}."
    )


def _group(crop: LabelledCrop) -> str:
    # A file that says nothing of its origin is named within its folder only: 3/a.png and 4/a.png are two pages.
    told = crop.origin.saved or crop.origin.writer
    return crop.group if told else f"{crop.label}/{crop.origin.capture}"


def _white_on_black(crops: list[NDArray[np.uint8]], root: Path) -> list[NDArray[np.uint8]]:
    """Pictures of dark ink on light paper inverted: all or none, since one crop of a thick 1 may be all ink."""
    if (root / "_pages").is_dir():
        return crops
    corners = np.array([crop[[0, 0, -1, -1], [0, -1, 0, -1]].mean() for crop in crops])
    return [255 - crop for crop in crops] if np.median(corners) > 127 else crops


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an `.npz`, nothing of it unpickled.

    Raises
    ------
    DatasetError
        Where it is missing, is no `.npz`, holds Python objects or unpacks to more than 2 GiB.
    """
    if not path.exists():
        raise DatasetError(f"There is no file or folder {path}.", hint="Check its name and where it is.")
    try:
        _check_unpacked(path)
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except DatasetError:
        raise
    except Exception as error:  # NumPy and zlib raise anything on hostile files: zlib.error, MemoryError, ...
        raise DatasetError(
            f"{path} cannot be read as an .npz ({error}).",
            hint="Give a file written by numpy.savez with plain number arrays.",
        ) from error


def _check_unpacked(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if not {one.compress_type for one in members} <= USUAL:
        raise DatasetError(f"{path} is packed in an unusual way.", hint="Give a file written by numpy.savez.")
    unpacked = sum(one.file_size for one in members)
    if unpacked > _LARGEST_BYTES:
        raise DatasetError(f"{path} unpacks to {unpacked:,} bytes.", hint="Divide it; the limit is 2 GiB.")


def _part(path: Path, crops: NDArray[Any], labels: NDArray[Any], names: tuple[str, ...] = DIGITS) -> Dataset:
    if crops.dtype != np.uint8 or crops.ndim != 3 or labels.shape != crops.shape[:1] or labels.dtype.kind not in "iu":
        raise DatasetError(
            f"{path} holds pictures of shape {crops.shape} and type {crops.dtype}, and labels of shape {labels.shape}.",
            hint="Pictures are uint8 (n, height, width), white on black; labels are whole numbers, shape (n,).",
        )
    data = from_arrays(crops, labels)
    return Dataset(data.crops, data.labels, data.groups, names)
