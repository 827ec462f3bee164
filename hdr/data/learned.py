"""What a model learned from to a small file beside it, and labelled data to what of it that model has never seen.

``models/<name>/learned.npz`` holds the first eight bytes of the hash of every picture, sorted: those that were learned
from, and those that were held out of learning but decided which epoch was the best. Being of the pixels, a hash knows a
picture again under any name and in any folder; no picture can be made again from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data.dataset import Dataset
from hdr.data.freezing import picture_hash
from hdr.data.load import read_npz
from hdr.errors import DatasetError

LEARNED = "learned.npz"
Keys = NDArray[np.uint64]
_NONE: Keys = np.zeros(0, np.uint64)


@dataclass(frozen=True, eq=False)
class Learned:
    """The pictures of a model's training, each as eight bytes of its hash.

    Parameters
    ----------
    learned
        Sorted; what it learned from.
    chosen
        Sorted; what it never learned from, but was chosen by.
    """

    learned: Keys
    chosen: Keys

    def knows(self, data: Dataset) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which crops it learned from, and by which it was chosen; each of shape (crops,)."""
        return self.knows_keys(keys_of(data.crops))

    def knows_keys(self, keys: Keys) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the same of crops as `keys_of` tells them, for several models that are asked about the same ones."""
        return np.isin(keys, self.learned), np.isin(keys, self.chosen)

    def with_older(self, older: Learned | None) -> Learned:
        """Return the same with what the model that it goes on from had learned before."""
        return self if older is None else _listed((self.learned, older.learned), (self.chosen, older.chosen))


def keys_of(crops: Iterable[NDArray[np.uint8]]) -> Keys:
    """Return eight bytes of the hash of each picture, shape (crops,)."""
    return np.array([int(picture_hash(np.asarray(crop))[:16], 16) for crop in crops], np.uint64)


def list_learned(learned: Sequence[Dataset], chosen: Sequence[Dataset] = ()) -> Learned:
    """Return what a model has learned from and been chosen by as a list; what is in both it has learned."""
    return _listed([keys_of(one.crops) for one in learned], [keys_of(one.crops) for one in chosen])


def _listed(learned: Sequence[Keys], chosen: Sequence[Keys]) -> Learned:
    known = np.unique(np.concatenate([_NONE, *learned]))
    return Learned(known, np.setdiff1d(np.concatenate([_NONE, *chosen]), known))


def write_learned(folder: Path, told: Learned) -> None:
    """Write the list into the folder of a model that is about to be published."""
    np.savez_compressed(folder / LEARNED, learned=told.learned, chosen=told.chosen)


def read_learned(folder: Path | None) -> Learned | None:
    """Return the list in a model's folder; None where it has none.

    Raises
    ------
    DatasetError
        Where there is a file, but no such list in it.
    """
    if folder is None or not (folder / LEARNED).is_file():
        return None
    arrays = read_npz(folder / LEARNED)
    parts = [arrays.get(name, np.zeros(0)) for name in ("learned", "chosen")]
    if any(part.dtype != np.uint64 or part.ndim != 1 for part in parts):
        raise DatasetError(
            f"{folder / LEARNED} does not tell what the model learned from.",
            hint="Remove the file.",
        )
    return Learned(*(np.sort(part) for part in parts))
