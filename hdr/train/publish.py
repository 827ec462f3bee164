"""A training run to a whole model folder: trained, converted, proven alike, measured once, described, published."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.keras_backend import load_keras_model
from hdr.classify.litert import run_tflite
from hdr.classify.store import CARD, ModelStore, read_card
from hdr.data.dataset import Dataset
from hdr.data.learned import list_learned, read_learned, write_learned
from hdr.data.metrics import Accuracy, accuracy
from hdr.data.pictures import to_channels
from hdr.errors import ModelMismatchError
from hdr.train.convert import Parity, Precision, compare, save_model, to_tflite
from hdr.train.events import Event, Measured, Published
from hdr.train.fit import Training, side_of
from hdr.train.history import write_history
from hdr.train.provenance import digests, versions
from hdr.train.recipe import Recipe
from hdr.workspace import find_workspace


@dataclasses.dataclass(frozen=True)
class Parent:
    """A model to go on from: its Keras file and its card."""

    path: Path
    card: ModelCard


def find_parent(name: str, store: ModelStore, recipe: Recipe, labels: tuple[str, ...]) -> Parent:
    """Return the model of a name, if a run by that recipe can go on from it.

    Raises
    ------
    ModelNotFoundError
        Where there is no such model.
    ModelMismatchError
        Where it has other layers, sizes or labels, or no Keras file; or where it was trained with another seed: what is
        held out by the recipe's seed it would have learned by heart.
    """
    entry = store.find(name)
    path, card = entry.path / "model.keras", read_card(entry.path)
    _go_together(name, "architecture", card.architecture, recipe.architecture)
    _go_together(name, "input size", str(card.input_size), str(side_of(recipe)))
    _go_together(name, "labels", ", ".join(card.labels), ", ".join(labels))
    _go_together(name, "seed", str(card.made.get("seed")), str(recipe.seed))
    if not path.is_file():
        raise ModelMismatchError(
            f"The model {name!r} has no model.keras to go on from.", hint="Train from nothing: leave out --from."
        )
    return Parent(path, card)


def _go_together(name: str, what: str, there: str, told: str) -> None:
    if there != told:
        raise ModelMismatchError(
            f"The model {name!r} has the {what} {there or 'unknown'}; this run has {told}.",
            hint=f"Use the same {what}, or train from nothing: leave out --from.",
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Job:
    """What to train on and what to call it.

    Parameters
    ----------
    name
        Of the model.
    recipe
        How.
    train
        What to learn from; validation is held out of it.
    test
        What is measured once, at the end, by name of the score; None for nothing.
    extra
        Crops that are only trained on.
    trained_on
        The data in words, for the card.
    command
        What was typed, for the card.
    precision
        Of the LiteRT file.
    parent
        The model whose weights to go on from; see `find_parent`. None for new weights.
    """

    name: str
    recipe: Recipe
    train: Dataset
    test: tuple[str, Dataset] | None = None
    extra: Dataset | None = None
    trained_on: str = ""
    command: str = ""
    precision: Precision = "dynamic"
    parent: Parent | None = None


def train_and_publish(job: Job, store: ModelStore, *, replace: bool = False) -> Generator[Event, None, None]:
    """Train and publish; a run that is stopped or killed publishes nothing.

    Raises
    ------
    ModelError
        For a name that is taken, an unknown architecture, or a folder that cannot be written.
    DatasetError
        For data that cannot be divided.
    """
    with store.publishing(job.name, replace=replace) as work:
        scratch = work / "scratch"
        scratch.mkdir()
        start = load_keras_model(job.parent.path) if job.parent else None
        training = Training(job.train, job.recipe, scratch, job.extra, start)
        yield from training.run()
        shutil.rmtree(scratch)
        tflite = to_tflite(training.model, job.precision)
        save_model(training.model, tflite, work)
        write_history(work, [dataclasses.asdict(one) for one in training.history])
        _list_learned(job, work)
        scores, measured = _measure(job, training, tflite)
        yield from measured
        card = dataclasses.replace(_card(job, training, scores), files=digests(work))
        (work / CARD).write_text(card.to_json(), encoding="utf-8")
    yield Published(job.name, str(store.root / job.name), len(tflite))


def _list_learned(job: Job, work: Path) -> None:
    """Say picture by picture what it learned from, so that nobody measures it on that by mistake."""
    part, held = job.train.split(job.recipe.validation, job.recipe.seed)
    learned = [part, *([job.extra] if job.extra is not None else [])]
    if any(stage.everything for stage in job.recipe.stages):
        learned.append(held)
    older = read_learned(job.parent.path.parent) if job.parent else None
    write_learned(work, list_learned(learned, [held]).with_older(older))


def _measure(job: Job, training: Training, tflite: bytes) -> tuple[dict[str, Any], list[Event]]:
    best = training.best
    held = training.validation_count
    right = Accuracy(round(best.validation_accuracy * held), held)
    scores: dict[str, Any] = {"validation": {**right.as_score(), "epoch": best.epoch}}
    hard = training.hard_count
    warped = Accuracy(round(best.warped_accuracy * hard), hard)
    scores["validation_warped"] = {
        **warped.as_score(),
        "how": "with what was held out of the other sources, warped as in training",
    }
    scores["temperature"] = {
        "value": round(training.temperature, 4),
        "how": "of the validation digits, plain and warped",
    }
    if job.test is None:
        return scores, []
    name, data = job.test
    x = _pictures(data, training)
    exact, light = training.model.predict(x, batch_size=500, verbose=0), run_tflite(tflite, x)
    got, parity = accuracy(data.labels, light.argmax(axis=1)), compare(exact, light)
    scores[name] = {
        **got.as_score(),
        "how": "model.tflite, measured once on data that had no part in training or in any choice; Wilson interval",
        "keras_accuracy": round(accuracy(data.labels, exact.argmax(axis=1)).value, 6),
        "parity": _parity(parity, data.labels, exact, light),
    }
    return scores, [Measured(name, got.value, got.interval, got.n, len(parity.changed))]


def _parity(
    parity: Parity, truth: NDArray[np.int64], exact: NDArray[np.float32], light: NDArray[np.float32]
) -> dict[str, Any]:
    """Each disagreement with what was true and what either file says."""
    changed = [
        {"index": i, "true": int(truth[i]), "keras": int(exact[i].argmax()), "tflite": int(light[i].argmax())}
        for i in parity.changed
    ]
    return {**parity.as_score(), "changed": changed}


def _pictures(data: Dataset, training: Training) -> NDArray[np.uint8]:
    return to_channels(data.fields(training.size), training.architecture.channels)


def _card(job: Job, training: Training, scores: dict[str, Any]) -> ModelCard:
    recipe = dataclasses.asdict(job.recipe)
    return ModelCard(
        name=job.name,
        labels=job.train.names,
        input_size=training.size,
        channels=training.architecture.channels,
        geometry=job.train.geometry,
        architecture=job.recipe.architecture,
        trained_on=job.trained_on or f"{training.train_count} crops, {training.validation_count} held out",
        scores=scores,
        parent=job.parent.card.name if job.parent else None,
        made={
            "command": job.command,
            **_origin(job.parent),
            "seed": job.recipe.seed,
            "recipe": recipe,
            "parameters": int(training.model.count_params()),
            "precision": job.precision,
            "date": dt.datetime.now(dt.UTC).date().isoformat(),
            "versions": versions(),
            "seconds": round(sum(one.seconds for one in training.history)),
        },
    )


def _origin(parent: Parent | None) -> dict[str, Any]:
    """What makes the parent again, which may be gone by then."""
    if parent is None:
        return {}
    made = parent.card.made
    return {"from": {"command": made.get("command"), "seconds": made.get("seconds"), "files": dict(parent.card.files)}}


def store_at(out: Path | None) -> ModelStore:
    """Return the store of a folder of models, or of the workspace in use."""
    workspace = find_workspace()
    return ModelStore(workspace if out is None else dataclasses.replace(workspace, models=out))
