"""Files and folders of labelled pictures to what a model may fairly be measured on: what it has never seen of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hdr.classify.card import ModelCard
from hdr.data.class_folders import Progress, load_for
from hdr.data.dataset import Dataset
from hdr.data.learned import Learned, keys_of
from hdr.errors import DatasetError


@dataclass(frozen=True)
class Place:
    """Where a picture is.

    Parameters
    ----------
    file
        Its own file, or the `.npz` that holds it.
    index
        Its number in what that file has to measure on, from 0; None for a file of its own.
    """

    file: str
    index: int | None = None

    def __str__(self) -> str:
        return self.file if self.index is None else f"{self.file} [{self.index}]"

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"file": self.file} if self.index is None else {"file": self.file, "index": self.index}


@dataclass(frozen=True, eq=False)
class FairData:
    """What to measure on.

    Parameters
    ----------
    data
        The pictures.
    places
        Where each is.
    learned, chosen
        How many of all pictures a model has learned from, and by how many it was chosen.
    everything
        Whether those are among ``data`` all the same.
    """

    data: Dataset
    places: tuple[Place, ...]
    learned: int = 0
    chosen: int = 0
    everything: bool = False

    @property
    def told(self) -> str:
        """A sentence on what the model had seen; empty where it had seen nothing of it."""
        if not self.learned + self.chosen:
            return ""
        chosen = f" and {self.chosen:,} decided which epoch was kept" if self.chosen else ""
        if self.everything:
            seen = f"{self.learned:,} of these {len(self.data):,} pictures were learned from{chosen}"
            return f"{seen}: on new ones it will do worse than this."
        everything = len(self.data) + self.learned + self.chosen
        seen = f"Of these {everything:,} pictures {self.learned:,} were learned from{chosen}"
        return f"{seen}: measured on the other {len(self.data):,}. (--all measures on all.)"

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"learned_from": self.learned, "chosen_by": self.chosen, "measured_all": self.everything}


def load_fair(
    card: ModelCard,
    paths: Sequence[Path],
    seen: Iterable[Learned | None],
    left_out: list[str],
    *,
    everything: bool = False,
    progress: Progress | None = None,
) -> FairData:
    """Return labelled pictures, without those that took part in a model's training.

    Parameters
    ----------
    card
        Of the model, or of the first of several that are to be compared.
    paths
        Files and folders, as `load_for` takes them.
    seen
        What each of the models has seen; None where that is not on record.
    left_out
        Collects a sentence for each file that cannot be read, and each label that the model does not know.
    everything
        Whether to keep all pictures, and only count what was seen.
    progress
        Told how many files of a folder are read.

    Raises
    ------
    DatasetError
        Where there is nothing to be had, or the models have seen all of it.
    """
    data, places = _load(card, paths, left_out, progress)
    learned, chosen = _seen(data, [one for one in seen if one is not None])
    counts = int(learned.sum()), int(chosen.sum())
    if everything or not any(counts):
        return FairData(data, places, *counts, everything=everything)
    kept = np.flatnonzero(~(learned | chosen))
    if not len(kept):
        raise DatasetError(
            f"All {len(data):,} pictures took part in the training, so they tell nothing about how well it learned.",
            hint="Give pictures that are new to it, or insist with --all.",
        )
    return FairData(data.take(kept), tuple(places[i] for i in kept), *counts)


def _load(
    card: ModelCard, paths: Sequence[Path], left_out: list[str], progress: Progress | None
) -> tuple[Dataset, tuple[Place, ...]]:
    whole: Dataset | None = None
    places: list[Place] = []
    for number, path in enumerate(paths):
        part = load_for(card, path, left_out, progress)
        # Names of groups are apart only within one folder.
        part = replace(part, groups=np.array([f"{number}/{one}" for one in part.groups], np.str_))
        files = part.files or [""] * len(part)
        places += [Place(file) if file else Place(str(path), index) for index, file in enumerate(files)]
        whole = whole.merge(part) if whole else part
    if whole is None or not len(whole):
        raise DatasetError("There is nothing to measure on.", hint="Give --data with labelled pictures.")
    return whole, tuple(places)


def _seen(data: Dataset, lists: Sequence[Learned]) -> tuple[Any, Any]:
    learned, chosen = np.zeros(len(data), bool), np.zeros(len(data), bool)
    keys = keys_of(data.crops if lists else ())
    for one in lists:
        by_it = one.knows_keys(keys)
        learned |= by_it[0]
        chosen |= by_it[1]
    return learned, chosen & ~learned
