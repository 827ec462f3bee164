"""Class folders, divided several times, to how well each architecture learns them and which is better.

Every architecture learns from the same pictures of a division and is tested on the same others. What is tested on has
no part in any choice: the recipes are fixed beforehand, and the best epoch is chosen by a part of what is learned from.
"""

from __future__ import annotations

import dataclasses
import hashlib
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.bench.figures import Figure
from hdr.bench.naming import recipe_digest
from hdr.bench.resampling import over_pictures, over_splits
from hdr.classify.loading import load_classifier
from hdr.classify.store import ModelStore, read_card
from hdr.data.class_folders import Divided, load_class_folders
from hdr.data.dataset import Dataset
from hdr.data.evaluate import predict
from hdr.errors import DatasetError
from hdr.train.architectures import find_architecture
from hdr.train.publish import Job
from hdr.train.recipe import Recipe

SCORE = "test"


@dataclass(frozen=True)
class Asked:
    """What is to be compared.

    Parameters
    ----------
    data
        Class folders.
    names
        Architectures.
    splits
        How many divisions.
    seed
        Of the first; the others follow.
    epochs
        Passes over the data; None for each recipe's own.
    weights
        What a learned base begins with; see `Recipe.weights`.
    """

    data: tuple[Path, ...]
    names: tuple[str, ...]
    splits: int = 5
    seed: int = 1
    epochs: int | None = None
    weights: str | None = None


@dataclass(frozen=True, eq=False)
class SplitJob:
    """One architecture on one division: ``seed`` is both's."""

    architecture: str
    seed: int
    job: Job


def split_jobs(asked: Asked) -> Iterator[SplitJob]:
    """Yield what is to be trained, division by division; what a folder of models already holds has the same name.

    Raises
    ------
    ModelError
        For an unknown architecture.
    DatasetError
        For data that cannot be divided, or that came divided.
    """
    architectures = [find_architecture(name) for name in asked.names]
    for seed in range(asked.seed, asked.seed + asked.splits):
        divided = load_class_folders(asked.data, seed)
        if divided.own:
            raise DatasetError(
                f"{', '.join(map(str, asked.data))} came divided, so there is one way only to test on it.",
                hint="Give a folder with a sub-folder a label, or train and evaluate: hdr train, hdr compare.",
            )
        digest = _digest(divided)
        for one in architectures:
            recipe = _recipe(one.recipe_for(divided.learn.names), asked, seed)
            yield SplitJob(one.name, seed, _job(recipe, divided, digest, asked))


def _recipe(own: Recipe, asked: Asked, seed: int) -> Recipe:
    told: dict[str, Any] = {"epochs": asked.epochs} if asked.epochs else {}
    told |= {"weights": asked.weights} if asked.weights and own.weights else {}
    return dataclasses.replace(own, seed=seed, **told)


def _job(recipe: Recipe, divided: Divided, digest: str, asked: Asked) -> Job:
    held = round(recipe.validation * len(divided.learn))
    words = (
        f"{len(divided.learn) - held:,} samples of {', '.join(path.name for path in asked.data)} ({held:,} more held "
        f"out for every choice, {len(divided.test):,} to test on, drawn by group)"
    )
    return Job(
        f"{recipe.architecture}-split-{recipe.seed}-{recipe_digest(recipe, digest)}",
        recipe,
        divided.learn,
        (SCORE, divided.test),
        trained_on=words,
        command=_command(recipe, asked),
        precision=find_architecture(recipe.architecture).precision,
    )


def _command(recipe: Recipe, asked: Asked) -> str:
    data = "".join(f" --data {shlex.quote(str(path))}" for path in asked.data)
    command = f"hdr bench splits{data} --arch {recipe.architecture} --splits 1 --seed {recipe.seed}"
    command += f" --epochs {asked.epochs}" if asked.epochs else ""
    return command + (f" --weights {shlex.quote(recipe.weights)}" if recipe.weights else "")


def _digest(divided: Divided) -> str:
    """Of every picture and label, in either part."""
    known = hashlib.sha256()
    for part in (divided.learn, divided.test):
        for crop, label in zip(part.crops, part.labels, strict=True):
            pixels = np.ascontiguousarray(crop)
            known.update(f"{part.names[label]} {pixels.shape} ".encode())
            known.update(pixels.tobytes())
    return known.hexdigest()


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one model made of the pictures that it was tested on.

    Parameters
    ----------
    architecture
        Its name.
    seed
        Of the division.
    groups
        Shape (pictures,), text: which picture each is. The same picture has the same name in all divisions.
    right
        Shape (pictures,).
    learned
        How many it learned from.
    seconds
        That took.
    """

    architecture: str
    seed: int
    groups: NDArray[np.str_]
    right: NDArray[np.bool_]
    learned: int
    seconds: float

    @property
    def accuracy(self) -> float:
        """0 to 1."""
        return float(self.right.mean())


def outcome(one: SplitJob, store: ModelStore) -> Outcome:
    """Return what a finished model, its LiteRT file, says of what it is tested on."""
    folder, test = store.find(one.job.name).path, _tested(one.job)
    right = predict(load_classifier(folder), test).right
    seconds = read_card(folder).made.get("seconds", 0)
    return Outcome(one.architecture, one.seed, test.groups, right, len(one.job.train), float(seconds))


def _tested(job: Job) -> Dataset:
    assert job.test is not None
    return job.test[1]


@dataclass(frozen=True)
class Spread:
    """A figure over all divisions, or by how much one architecture is better than another.

    Parameters
    ----------
    name
        Of the architecture.
    than
        Of the one that it is compared with; empty for a figure of its own.
    each
        Of every division, in their order.
    splits
        With the interval over divisions; None of a single one. See `over_splits`.
    pictures
        With the interval over pictures. See `over_pictures`.
    seconds
        The mean time that training took.
    """

    name: str
    than: str
    each: tuple[float, ...]
    splits: Figure | None
    pictures: Figure
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it; accuracies are 0 to 1."""
        told: dict[str, Any] = {"architecture": self.name}
        told |= {"better_than": self.than} if self.than else {"seconds": round(self.seconds)}
        told |= {"mean": round(float(np.mean(self.each)), 6), "each": [round(one, 6) for one in self.each]}
        for name, figure in (("interval_over_splits", self.splits), ("interval_over_pictures", self.pictures)):
            told[name] = [round(figure.low, 6), round(figure.high, 6)] if figure else None
        return told


def spreads(outcomes: Sequence[Outcome], names: Sequence[str]) -> list[Spread]:
    """Return each architecture's accuracy, then by how much each is better than the first one, paired."""
    by_name = {name: [one for one in outcomes if one.architecture == name] for name in names}
    own = [_spread(runs, ()) for runs in by_name.values()]
    return own + [_spread(runs, by_name[names[0]]) for name, runs in by_name.items() if name != names[0]]


def _spread(runs: Sequence[Outcome], than: Sequence[Outcome]) -> Spread:
    gained = [one.right.astype(np.float64) for one in runs]
    gained = [one - other.right for one, other in zip(gained, than, strict=True)] if than else gained
    each = tuple(float(one.mean()) for one in gained)
    pictures, which = np.unique(np.concatenate([one.groups for one in runs]), return_inverse=True)
    parts = np.ones(len(which)), np.concatenate(gained)
    tested, total = (np.bincount(which, one, len(pictures)).astype(np.float64) for one in parts)
    share = float(np.mean([len(one.right) / one.learned for one in runs]))
    return Spread(
        runs[0].architecture,
        than[0].architecture if than else "",
        each,
        over_splits(each, share),
        over_pictures(tested, total),
        float(np.mean([one.seconds for one in runs])),
    )
