"""A training run to a whole model folder: trained, converted, proven alike, measured once, described, published."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import shutil
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from hdr.classify.card import ModelCard
from hdr.classify.keras_backend import load_keras_model
from hdr.classify.store import CARD, ModelStore, read_card
from hdr.data.dataset import Dataset
from hdr.data.learned import list_learned, read_learned, write_learned
from hdr.errors import ModelError, ModelMismatchError
from hdr.train.checkpoint import Checkpoint, digest_of, read_checkpoint
from hdr.train.convert import Precision, save_model, to_tflite
from hdr.train.devices import device_in_words
from hdr.train.events import EpochDone, Event, Published, Started
from hdr.train.fit import Training
from hdr.train.history import write_history
from hdr.train.material import side_of
from hdr.train.measuring import measure
from hdr.train.provenance import digests, versions
from hdr.train.recipe import Recipe
from hdr.train.rival import beside_the_one_in_use
from hdr.train.run_folder import clear_halves
from hdr.train.runs import Run, RunFolder, begin_run, find_run, take_up_run
from hdr.train.tensorboard import TensorBoardLog, logging_to
from hdr.train.workers import Workers
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
    _go_together(name, "width", *(f"{one:g}" for one in (_width(card), recipe.width)))
    _go_together(name, "labels", ", ".join(card.labels), ", ".join(labels))
    _go_together(name, "seed", str(card.made.get("seed")), str(recipe.seed))
    if not path.is_file():
        raise ModelMismatchError(
            f"The model {name!r} has no model.keras to go on from.", hint="Train from nothing: leave out --from."
        )
    return Parent(path, card)


def _width(card: ModelCard) -> float:
    """Of its layers, as `Recipe` has it; a card may say anything."""
    recipe = card.made.get("recipe")
    width = recipe.get("width", 1) if isinstance(recipe, dict) else 1
    return float(width) if isinstance(width, int | float) else 1.0


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
    argv
        What to type after ``hdr`` for the same run; empty for one that nobody will go on with.
    tensorboard
        Folder for TensorBoard's log; None for none.
    notes
        What else the card tells of how it was made, such as the search that found its recipe.
    keep
        Where a job without ``argv`` is kept after every epoch: begun again, the same job goes on from there, another
        one begins. Nobody else may have it meanwhile. None for nowhere.
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
    argv: tuple[str, ...] = ()
    tensorboard: Path | None = None
    notes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    keep: Path | None = None


def train_and_publish(
    job: Job,
    store: ModelStore,
    *,
    replace: bool = False,
    resume: Run | None = None,
    finish: bool = False,
    workers: Workers | None = None,
) -> Generator[Event, None, None]:
    """Train and publish; a run that is stopped or killed publishes nothing.

    Parameters
    ----------
    job
        What to do. Where it tells what was typed, the run is kept after every epoch, to be gone on with.
    store
        Where to publish.
    replace
        Whether a model of that name may be replaced.
    resume
        The unfinished run to go on with; None begins.
    finish
        Learn nothing more: publish the best epoch of the unfinished run.
    workers
        Those that learn together, of whom this is the chief; None for nobody.

    Raises
    ------
    ModelError
        For a name that is taken, an unknown architecture, a folder that cannot be written, or an unfinished run that
        is damaged, of other data, or trained by another process.
    DatasetError
        For data that cannot be divided.
    """
    with _kept(job, store, resume) as run, store.publishing(job.name, replace=replace) as work:
        training, kept = _training(job, run.path if run else job.keep, workers)
        if finish and not kept:
            raise ModelError(f"The run {job.name!r} has not done one epoch.", hint="Go on with it: leave out --finish.")
        with logging_to(job.tensorboard, job.name) as log:
            for event in training.run(kept, finish=finish):
                yield _noted(event, run, log)
        tflite = to_tflite(training.model, job.precision)
        save_model(training.model, tflite, work)
        write_history(work, [dataclasses.asdict(one) for one in training.history])
        _list_learned(job, work)
        measured = measure(job.test, training, tflite)
        yield from measured.told
        card = _card(job, training, measured.scores)
        if run:
            card.made["run"] = run.run.id
        (work / CARD).write_text(dataclasses.replace(card, files=digests(work)).to_json(), encoding="utf-8")
    if job.keep:
        shutil.rmtree(job.keep, ignore_errors=True)
    if job.test and measured.right is not None:
        yield from beside_the_one_in_use(store, job.name, job.test[1], measured.right)
    yield Published(job.name, str(store.root / job.name), len(tflite))


def train_beside(job: Job, store: ModelStore, workers: Workers, *, resume: bool) -> Generator[Event, None, None]:
    """Learn together with a chief, who keeps and publishes.

    Parameters
    ----------
    job
        The same as the chief's.
    store
        Where the chief's unfinished run is found.
    workers
        Those that learn together.
    resume
        Whether the chief goes on with an unfinished run.

    Raises
    ------
    ModelError
        Where that run is not here, or damaged.
    DatasetError
        For data that cannot be divided.
    """
    path = find_run(job.name, store.root).path if resume else None
    training, kept = _training(job, path, workers, keeps=False)
    yield from training.run(kept)


def _training(
    job: Job, path: Path | None, workers: Workers | None, *, keeps: bool = True
) -> tuple[Training, Checkpoint | None]:
    """What trains, and what an earlier process kept of the same."""
    made_of = digest_of(dataclasses.asdict(job.recipe), job.train, job.extra) if path else ""
    if path and keeps:
        clear_halves(path)
    kept = _read_kept(job, path, made_of) if path else None
    start = load_keras_model(job.parent.path) if job.parent and not kept else None
    keep = path if keeps else None
    return Training(job.train, job.recipe, keep, job.extra, start, workers=workers, made_of=made_of), kept


def _read_kept(job: Job, path: Path, made_of: str) -> Checkpoint | None:
    try:
        kept = read_checkpoint(path)
        if kept and kept.made_of != made_of:
            raise ModelMismatchError(
                f"The data or the recipe of the run {job.name!r} is not what it was when it began.",
                hint=f"Put the data back as it was; or throw the run away with hdr train --discard {job.name}, and "
                "begin again.",
            )
    except ModelError:
        if path != job.keep:
            raise
        return None  # nobody asked for just that run to go on
    return kept


@contextlib.contextmanager
def _kept(job: Job, store: ModelStore, resume: Run | None) -> Iterator[RunFolder | None]:
    """The folder in which the run is kept; None where nobody could go on with it."""
    if resume:
        with take_up_run(resume) as folder:
            yield folder
            folder.finish()
    elif job.argv:
        with begin_run(store.root, job.name, job.argv, job.recipe.architecture, job.recipe.epochs) as folder:
            yield folder
            folder.finish()
    else:
        yield None


def _noted(event: Event, run: RunFolder | None, log: TensorBoardLog | None) -> Event:
    """The same event, once it is written down where it should be."""
    if isinstance(event, EpochDone):
        if run:
            run.keep(event.epoch, event.validation_accuracy, best=event.best)
        if log:
            log.write(event)
    if isinstance(event, Started) and run:
        return dataclasses.replace(event, run=str(run.path))
    return event


def _list_learned(job: Job, work: Path) -> None:
    """Say picture by picture what it learned from, so that nobody measures it on that by mistake."""
    part, held = job.train.split(job.recipe.validation, job.recipe.seed)
    learned = [part, *([job.extra] if job.extra is not None else [])]
    if any(stage.everything for stage in job.recipe.stages):
        learned.append(held)
    older = read_learned(job.parent.path.parent) if job.parent else None
    write_learned(work, list_learned(learned, [held]).with_older(older))


def _card(job: Job, training: Training, scores: dict[str, Any]) -> ModelCard:
    recipe, material = dataclasses.asdict(job.recipe), training.material
    return ModelCard(
        name=job.name,
        labels=job.train.names,
        input_size=training.size,
        channels=training.architecture.channels,
        geometry=job.train.geometry,
        architecture=job.recipe.architecture,
        trained_on=job.trained_on or f"{material.train_count} crops, {material.validation_count} held out",
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
            "epochs": len(training.history),
            "workers": material.workers,
            "device": device_in_words(mixed=job.recipe.mixed),
            "seconds": round(sum(one.seconds for one in training.history)),
            **job.notes,
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
