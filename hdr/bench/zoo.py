"""Every architecture of digits, trained by its own recipe on MNIST alone, to its figures beside those of its source."""

from __future__ import annotations

import dataclasses
import hashlib
import shlex
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hdr.bench.naming import recipe_digest
from hdr.classify.loading import load_classifier
from hdr.classify.store import ModelStore, read_card
from hdr.data.dataset import Dataset
from hdr.data.load import load_mnist
from hdr.data.metrics import Accuracy
from hdr.errors import ModelError
from hdr.geometry import Box
from hdr.train.architectures import Architecture, architectures, find_architecture
from hdr.train.publish import Job
from hdr.train.recipe import Recipe
from hdr.train.registry import Source
from hdr.vision.normalize import Crop

SCORE = "mnist_test"
_AT_ONCE = 50  # digits of a page
_RUNS = 7


@dataclass(frozen=True)
class ZooRow:
    """What became of one architecture.

    Parameters
    ----------
    name
        Of the architecture.
    accuracy
        Of its LiteRT file on MNIST's test part.
    parameters
        Its numbers, learned or counted.
    tflite_bytes
        Size of its LiteRT file.
    ms
        Milliseconds a digit, of a page of fifty.
    epochs
        It was trained for.
    seconds
        That took.
    source
        Whose it is, and the figure told there.
    """

    name: str
    accuracy: Accuracy
    parameters: int
    tflite_bytes: int
    ms: float
    epochs: int
    seconds: float
    source: Source

    def figures(self) -> dict[str, Any]:
        """For a program."""
        return {
            "architecture": self.name,
            **self.accuracy.as_score(),
            "parameters": self.parameters,
            "tflite_bytes": self.tflite_bytes,
            "ms_a_digit": round(self.ms, 4),
            "epochs": self.epochs,
            "seconds": self.seconds,
            "source": self.source.name,
            "source_accuracy": self.source.mnist,
        }


def zoo_jobs(
    data: Path, names: Sequence[str] = (), epochs: int | None = None, weights: str | None = None, seed: int = 7
) -> list[Job]:
    """Return what is to be trained, one job an architecture.

    A job's name tells its recipe and its data, so that what a folder of models already holds is what it would become.

    Parameters
    ----------
    data
        MNIST's file in Keras's layout.
    names
        Architectures; without any, all that are made for digits, and with weights the one that begins with them.
    epochs
        Passes over the data; None for each recipe's own.
    weights
        What a learned base begins with; see `Recipe.weights`.
    seed
        Of every run.

    Raises
    ------
    ModelError
        For an unknown architecture.
    DatasetError
        For another kind of file.
    """
    chosen = [find_architecture(name) for name in names] or _of_digits(weights)
    learn, test = load_mnist(data)
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    return [_job(_recipe(one, learn, epochs, weights, seed), learn, test, digest) for one in chosen]


def _of_digits(weights: str | None) -> list[Architecture]:
    def meant(one: Architecture) -> bool:
        return bool(weights) if one.recipe.weights else one.channels == 1 and one.name != "tiny"

    return [one for one in architectures() if meant(one)]


def _recipe(one: Architecture, learn: Dataset, epochs: int | None, weights: str | None, seed: int) -> Recipe:
    own = dataclasses.replace(one.recipe_for(learn.names), seed=seed)
    own = dataclasses.replace(own, weights=weights) if weights and own.weights else own
    return dataclasses.replace(own, epochs=epochs) if epochs else own


def _job(recipe: Recipe, learn: Dataset, test: Dataset, digest: str) -> Job:
    name = f"{recipe.architecture}-{recipe.epochs}-{recipe_digest(recipe, digest)}"
    held = round(recipe.validation * len(learn))
    words = f"MNIST's training part ({len(learn) - held:,} digits, {held:,} more held out for every choice)"
    command = f"hdr bench zoo --arch {recipe.architecture} --epochs {recipe.epochs} --seed {recipe.seed}"
    command += f" --weights {shlex.quote(recipe.weights)}" if recipe.weights else ""
    precision = find_architecture(recipe.architecture).precision
    return Job(name, recipe, learn, (SCORE, test), trained_on=words, command=command, precision=precision)


def is_done(job: Job, store: ModelStore) -> bool:
    """Whether the model of a job stands in a store."""
    return any(entry.name == job.name and entry.card for entry in store.entries())


def zoo_row(job: Job, store: ModelStore) -> ZooRow:
    """Return the figures of a job's model: those of its card, and its speed, measured now.

    Raises
    ------
    ModelError
        Where its card lacks them.
    """
    folder = store.find(job.name).path
    card = read_card(folder)
    try:
        score, made = card.scores[SCORE], card.made
        right = Accuracy(round(score["accuracy"] * score["n"]), score["n"])
        parameters, seconds = int(made["parameters"]), float(made["seconds"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The card of {folder} lacks figures ({error!r}).", hint="Remove that folder, to train it again."
        ) from error
    architecture = find_architecture(job.recipe.architecture)
    size = (folder / "model.tflite").stat().st_size
    speed = _milliseconds(folder, job.train)
    return ZooRow(architecture.name, right, parameters, size, speed, job.recipe.epochs, seconds, architecture.source)


def _milliseconds(model: Path, digits: Dataset) -> float:
    """Of one digit, the median of some pages."""
    classifier = load_classifier(model)
    fields = digits.take(np.arange(min(_AT_ONCE, len(digits)))).fields()
    page = [Crop(one, Box(0, 0, one.shape[1], one.shape[0])) for one in fields]
    took = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        classifier.classify(page)
        took.append(time.perf_counter() - start)
    return 1e3 * statistics.median(took) / len(page)
