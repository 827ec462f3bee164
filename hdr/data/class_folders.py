"""Folders of labelled pictures of anything, and MNIST's file beside them, to what is trained and what is tested on.

::

    balls/football/a.jpg            every sub-folder is a label, or
    balls/train/football/a.jpg      the data's own division, which is kept: train (training) and
    balls/test/football/b.jpg       test (val, valid, validation)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.data.dataset import Dataset
from hdr.data.freezing import picture_hash
from hdr.data.labels import NO_TRUTH, is_writing, label_of, sort_key
from hdr.data.load import PICTURE_ENDINGS, load_dataset, load_folder, load_mnist, unknown_label
from hdr.errors import DatasetError, HdrError
from hdr.vision.media import load_image
from hdr.vision.normalize import PICTURE

TEST_SHARE = 0.2
_TRAIN, _TEST = ("train", "training"), ("test", "val", "validation", "valid")


@dataclass(frozen=True, eq=False)
class Divided:
    """Labelled data in two parts.

    Parameters
    ----------
    learn, test
        Either part.
    own
        Whether the data was divided as it came; else it was divided here, by group.
    left_out
        A sentence for each file that cannot be read.
    across
        Pictures of the test part that are also learned from, by their files: only data divided elsewhere has such.
    """

    learn: Dataset
    test: Dataset
    own: bool
    left_out: tuple[str, ...] = ()
    across: tuple[str, ...] = ()


def load_class_folders(paths: Sequence[Path], seed: int, share: float = TEST_SHARE) -> Divided:
    """Return the labelled pictures of several folders, or of files in MNIST's layout, as one.

    Parameters
    ----------
    paths
        At least one.
    seed
        Decides what is tested on, where the data does not say.
    share
        Of the crops that is tested on, above 0 and below 1, where the data does not say.

    Raises
    ------
    DatasetError
        Where there is nothing, or but one label, or too little to divide.
    """
    names = _labels_of(paths)
    left_out: list[str] = []
    learn, test, loose = (list[Dataset]() for _ in range(3))
    for path in paths:
        if path.is_file():
            parts = [part.among(names) for part in load_mnist(path)]
            learn.append(parts[0])
            test.append(parts[1])
        elif roots := _own_parts(path):
            learn.append(_load(roots[0], names, left_out))
            test.append(_load(roots[1], names, left_out))
        else:
            loose.append(_load(path, names, left_out))
    if loose:
        more, held = _merged(loose).split(share, seed)
        learn.append(more)
        test.append(held)
    parted = _merged(learn), _merged(test)
    return Divided(*parted, own=not loose, left_out=tuple(left_out), across=_across(*parted))


def load_for(card: ModelCard, path: Path, left_out: list[str]) -> Dataset:
    """Return labelled data as a model looks at it, to measure it on; of data that is divided, the test part.

    Parameters
    ----------
    card
        Of the model.
    path
        A folder or an `.npz`, as `load_dataset` takes it.
    left_out
        Collects a sentence for each file that cannot be read, and each label that the model does not know.

    Raises
    ------
    DatasetError
        Where there is nothing to be had, or nothing but labels that the model does not know.
    """
    parts = _own_parts(path)
    root = parts[1] if parts else path
    if card.geometry == PICTURE and root.is_dir():
        return load_pictures(root, card.labels, left_out)
    return load_dataset(root, card.labels, left_out)


def _labels_of(paths: Sequence[Path]) -> tuple[str, ...]:
    found: set[str] = set()
    for path in paths:
        if not path.exists():
            raise DatasetError(f"There is no file or folder {path}.", hint="Check its name and where it is.")
        roots = [path] if path.is_dir() else []
        for root in _own_parts(path) or roots:
            found.update(label for label, _ in _folders(root))
        found.update("0123456789" if path.is_file() else ())
    if len(found) < 2:
        there = f"pictures of one label only, {next(iter(found))!r}" if found else "no labelled pictures"
        raise DatasetError(
            f"{', '.join(map(str, paths))} holds {there}.",
            hint="Give a folder with a sub-folder a label, two at least, such as balls/football/a.jpg.",
        )
    return tuple(sorted(found, key=sort_key))


def _own_parts(path: Path) -> tuple[Path, Path] | None:
    if not path.is_dir():
        return None
    there = {one.name.lower(): one for one in path.iterdir() if one.is_dir()}
    learn, test = ([there[name] for name in names if name in there] for names in (_TRAIN, _TEST))
    return (learn[0], test[0]) if learn and test else None


def _folders(root: Path) -> list[tuple[str, list[Path]]]:
    """Each label with its files; a label is its folder's name, as captures and people write it."""
    found = []
    for folder in sorted(one for one in root.iterdir() if one.is_dir()):
        label = label_of(folder.name)
        files = sorted(one for one in folder.iterdir() if one.suffix.lower() in PICTURE_ENDINGS)
        if label is not None and label not in NO_TRUTH and files:
            found.append((label, files))
    return found


def _load(root: Path, names: tuple[str, ...], left_out: list[str]) -> Dataset:
    if is_writing(names):
        return load_folder(root, names, left_out)
    return load_pictures(root, names, left_out)


def load_pictures(root: Path, names: tuple[str, ...], left_out: list[str]) -> Dataset:
    """Return the pictures of class folders, in colour. The same picture twice is one group, and so never divided.

    Parameters
    ----------
    root
        The folder.
    names
        The labels in the order of the model's outputs.
    left_out
        Collects a sentence for each file that cannot be read, and each folder whose name is no label.

    Raises
    ------
    DatasetError
        Where there is none.
    """
    crops: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    files: list[str] = []
    unknown = None
    for label, paths in _folders(root):
        if label not in names:
            unknown = unknown_label(paths[0].parent, names)
            left_out.append(f"{unknown.message} It holds {len(paths):,} files.")
            continue
        for path in paths:
            try:
                crops.append(_small(load_image(path)))
            except HdrError as error:
                left_out.append(f"{path}: {error.message}")
                continue
            labels.append(names.index(label))
            files.append(str(path))
    if not crops:
        raise unknown or DatasetError(
            f"{root} holds no labelled pictures.", hint="It needs a sub-folder a label, such as a/1.png."
        )
    groups = np.array([picture_hash(crop)[:16] for crop in crops], np.str_)
    return Dataset(crops, np.array(labels, np.int64), groups, names, tuple(files), PICTURE)


_LARGEST_PX = 320


def _small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As large as any model asks for; thousands of photographs do not fit into memory as they are."""
    import cv2

    scale = _LARGEST_PX / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _merged(parts: Sequence[Dataset]) -> Dataset:
    whole = parts[0]
    for part in parts[1:]:
        # Names of groups are apart only within one folder.
        whole = whole.merge(replace(part, groups=np.array([f"{len(whole)}/{one}" for one in part.groups], np.str_)))
    return whole


def _across(learn: Dataset, test: Dataset) -> tuple[str, ...]:
    known = {picture_hash(np.asarray(crop)) for crop in learn.crops}
    doubles = [index for index, crop in enumerate(test.crops) if picture_hash(np.asarray(crop)) in known]
    return tuple((test.files and test.files[index]) or f"sample {index}" for index in doubles)
