"""Folders of labelled pictures of anything, and MNIST's file beside them, to what is trained and what is tested on.

::

    balls/football/a.jpg            every sub-folder is a label, or
    balls/train/football/a.jpg      the data's own division, which is kept: train (training) and
    balls/test/football/b.jpg       test (testing, val, valid, validation)
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hdr.classify.card import ModelCard
from hdr.data.dataset import Dataset
from hdr.data.freezing import picture_hash
from hdr.data.label_folders import Listing, advice, list_labels
from hdr.data.labels import is_writing, sort_key
from hdr.data.load import Each, load_dataset, load_folder, load_mnist, unknown_label
from hdr.data.photographs import read_photographs
from hdr.data.shelf import Shelf
from hdr.errors import DatasetError, HdrError
from hdr.vision.normalize import PICTURE

TEST_SHARE = 0.2
_TRAIN = ("train", "training", "training_set", "train_set")
_TEST = ("test", "testing", "test_set", "val", "validation", "valid", "validation_set")
_HASH = 16
"""Digits of a picture's hash that its group ends with."""
Progress = Callable[[int, int], None]
"""Told how many of how many files are read. What it raises ends the reading."""


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


def load_class_folders(
    paths: Sequence[Path], seed: int, share: float = TEST_SHARE, progress: Progress | None = None
) -> Divided:
    """Return the labelled pictures of several folders, or of files in MNIST's layout, as one.

    Parameters
    ----------
    paths
        At least one.
    seed
        Decides what is tested on, where the data does not say.
    share
        Of the crops that is tested on, above 0 and below 1, where the data does not say.
    progress
        Told how many files are read.

    Raises
    ------
    DatasetError
        Where there is nothing, or but one label, or too little to divide.
    """
    listed = {path: _list(path) for path in paths}
    names = _labels_of(listed)
    each = _counting(progress, sum(one.count() for listings in listed.values() for one in listings))
    left_out = [sentence for path in paths for sentence in _not_used(path)]
    learn, test, loose = (list[Dataset]() for _ in range(3))
    for path, listings in listed.items():
        if path.is_file():
            parts = [part.among(names) for part in load_mnist(path)]
        else:
            parts = [_load(listing, names, left_out, each) for listing in listings]
        for part, whole in zip(parts, (learn, test) if len(parts) > 1 else (loose,), strict=True):
            whole.append(part)
    if loose:
        more, held = _merged(loose).split(share, seed)
        learn.append(more)
        test.append(held)
    parted = _merged(learn), _merged(test)
    return Divided(*parted, own=not loose, left_out=tuple(left_out), across=_across(*parted))


def load_for(
    card: ModelCard, path: Path, left_out: list[str], progress: Progress | None = None, *, most: int | None = None
) -> Dataset:
    """Return labelled data as a model looks at it, to measure it on; of data that is divided, the test part.

    Parameters
    ----------
    card
        Of the model.
    path
        A folder or an `.npz`, as `load_dataset` takes it.
    left_out
        Collects a sentence for each file that cannot be read, and each label that the model does not know.
    progress
        Told how many files are read.
    most
        Of a folder of pictures no more than so many are read, some of all; None reads all.

    Raises
    ------
    DatasetError
        Where there is nothing to be had, or nothing but labels that the model does not know.
    """
    parts = _own_parts(path)
    root = parts[1] if parts else path
    if not root.is_dir():
        return load_dataset(root, card.labels, left_out)
    listing = list_labels(root)
    each = _counting(progress, listing.count())
    if card.geometry == PICTURE:
        some = listing if most is None else listing.some(most, seed=0)
        return load_pictures(some, card.labels, left_out, each)
    return load_dataset(root, card.labels, left_out, each)


def _counting(progress: Progress | None, of: int) -> Each:
    """What is called for each file, and tells."""
    count = itertools.count(1)
    return lambda: progress(min(next(count), of), of) if progress else None


def _list(path: Path) -> list[Listing]:
    """Of a folder: of both its parts, or of all of it. Of a file: nothing."""
    if not path.exists():
        raise DatasetError(f"There is no file or folder {path}.", hint="Check its name and where it is.")
    roots = [path] if path.is_dir() else []
    listings = [list_labels(root) for root in _own_parts(path) or roots]
    for one, other in itertools.permutations(listings, 2):
        if other.labelled and not one.labelled:
            raise DatasetError(
                f"{one.root} holds no labelled pictures.",
                hint=f"Give {other.root}: a part of it is held out to test on.",
            )
    return listings


def _labels_of(listed: Mapping[Path, Sequence[Listing]]) -> tuple[str, ...]:
    found = {one.label for listings in listed.values() for listing in listings for one in listing.labelled}
    found.update("0123456789" if any(path.is_file() for path in listed) else ())
    if len(found) < 2:
        there = f"pictures of one label only, {next(iter(found))!r}" if found else "no labelled pictures"
        aside = [sentence for listings in listed.values() for one in listings for sentence in one.aside]
        hint = aside[0] if aside else advice(next(iter(listed)))
        raise DatasetError(f"{', '.join(map(str, listed))} holds {there}.", hint=hint)
    return tuple(sorted(found, key=sort_key))


def _parts(path: Path) -> dict[str, Path]:
    with contextlib.suppress(OSError):  # told when what is in it is listed
        return {one.name.lower(): one for one in path.iterdir() if one.is_dir()} if path.is_dir() else {}
    return {}


def _own_parts(path: Path) -> tuple[Path, Path] | None:
    there = _parts(path)
    learn, test = ([there[name] for name in names if name in there] for names in (_TRAIN, _TEST))
    return (learn[0], test[0]) if learn and test else None


def _not_used(path: Path) -> list[str]:
    """What to say of more parts than two."""
    own, there = _own_parts(path), _parts(path)
    more = [there[name] for name in (*_TRAIN, *_TEST) if own and name in there and there[name] not in own]
    why = "what choices are made by is drawn from what is learned from"
    return [f"{one} has no part beside {own[0].name} and {own[1].name}: {why}." for one in more if own]


def _load(listing: Listing, names: tuple[str, ...], left_out: list[str], each: Each) -> Dataset:
    if is_writing(names):
        return load_folder(listing.root, names, left_out, each)
    return load_pictures(listing, names, left_out, each)


def load_pictures(listing: Listing, names: tuple[str, ...], left_out: list[str], each: Each = lambda: None) -> Dataset:
    """Return the pictures of class folders, in colour. The same picture twice is one group, and so never divided.

    Parameters
    ----------
    listing
        Of the folder.
    names
        The labels in the order of the model's outputs.
    left_out
        Collects a sentence for each file that cannot be read, and each folder whose name is no label.
    each
        Called for every file.

    Raises
    ------
    DatasetError
        Where there is none.
    """
    left_out += listing.aside
    files, why = _known_files(listing, names, left_out)
    kept: list[tuple[Path, int, str]] = []
    with Shelf() as shelf, contextlib.closing(read_photographs(file for file, _ in files)) as pictures:
        for (file, label), picture in zip(files, pictures, strict=True):
            each()
            if isinstance(picture, HdrError):
                left_out.append(str(picture))
                why = why or DatasetError(f"No picture of {listing.root} can be read.", hint=str(picture))
                continue
            shelf.put(picture[0])
            kept.append((file, label, picture[1][:_HASH]))
        crops = shelf.arrays()
    if not kept:
        raise why or DatasetError(f"{listing.root} holds no labelled pictures.", hint=advice(listing.root))
    read, labels, groups = zip(*kept, strict=True)
    where = tuple(str(file) for file in read)
    return Dataset(crops, np.array(labels, np.int64), np.array(groups, np.str_), names, where, PICTURE)


def _known_files(
    listing: Listing, names: tuple[str, ...], left_out: list[str]
) -> tuple[list[tuple[Path, int]], DatasetError | None]:
    """The files whose label is among the names, with its number; and why the first of the others are none of them."""
    index_of = {name: index for index, name in enumerate(names)}
    unknown = [(unknown_label(one.folder, names), one) for one in listing.labelled if one.label not in index_of]
    left_out += [f"{error.message} It holds {len(one.files):,} files." for error, one in unknown]
    known = [one for one in listing.labelled if one.label in index_of]
    return [(file, index_of[one.label]) for one in known for file in one.files], unknown[0][0] if unknown else None


def _merged(parts: Sequence[Dataset]) -> Dataset:
    whole = parts[0]
    for part in parts[1:]:
        # Names of groups are apart only within one folder.
        whole = whole.merge(replace(part, groups=np.array([f"{len(whole)}/{one}" for one in part.groups], np.str_)))
    return whole


def _across(learn: Dataset, test: Dataset) -> tuple[str, ...]:
    known = set(_hashes(learn))
    doubles = [index for index, one in enumerate(_hashes(test)) if one in known]
    return tuple((test.files and test.files[index]) or f"sample {index}" for index in doubles)


def _hashes(data: Dataset) -> Iterator[str]:
    if data.geometry == PICTURE:  # known since they were read: of thousands it takes long
        return (group[-_HASH:] for group in data.groups.tolist())
    return (picture_hash(np.asarray(crop)) for crop in data.crops)
