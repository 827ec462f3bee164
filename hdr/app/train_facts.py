"""What the Train screen must know before anything is trained: asked in the worker, since it takes a moment.

Imports nothing heavy before it is called, and never TensorFlow.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.app.train_plan import FOLDERS, MNIST, OWN, Plan
from hdr.app.train_told import Epoch, percent
from hdr.errors import DatasetError, HdrError

if TYPE_CHECKING:
    from hdr.app.jobs import Job
    from hdr.classify.store import ModelEntry
    from hdr.data.class_folders import Divided, Progress
    from hdr.workspace import Workspace

SAMPLES, SIDE = 8, 32
MOST_LABELS = 300
"""Samples of more than these nobody looks through."""


@dataclass(frozen=True)
class Choice:
    """An architecture, as it is chosen from a list.

    Parameters
    ----------
    name, summary
        As in the registry.
    source
        Whose it is, with the figure told there.
    usual
        Its recipe's numbers by the names of a `Plan`, as they are shown.
    """

    name: str
    summary: str
    source: str
    usual: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelRow:
    """A model of the store, as the list shows it.

    Parameters
    ----------
    name
        Its name.
    accuracy, n
        What its card tells first of data to test on; NaN and 0 where it tells nothing.
    data
        Which data that is.
    parameters
        How many numbers it has; 0 where its card does not tell.
    size_bytes
        Of its LiteRT file, which is what reads; else of its largest.
    date, parent, architecture
        As its card tells.
    shipped
        Whether it came with the program.
    fault
        Why it cannot be used; empty where it can.
    trainable
        Whether one can go on from it.
    labels
        How many it knows.
    reads
        Whether it reads pages, rather than telling whole pictures apart.
    """

    name: str
    accuracy: float = float("nan")
    n: int = 0
    data: str = ""
    parameters: int = 0
    size_bytes: int = 0
    date: str = ""
    parent: str = ""
    architecture: str = ""
    shipped: bool = False
    fault: str = ""
    trainable: bool = False
    labels: int = 0
    reads: bool = True


@dataclass(frozen=True)
class Unfinished:
    """A run that was stopped or killed.

    Parameters
    ----------
    name
        Of the model that it is to become.
    told
        How far it came, in words.
    """

    name: str
    told: str


@dataclass(frozen=True)
class Facts:
    """What there is to train with.

    Parameters
    ----------
    choices
        The architectures.
    own
        What fine-tuning's recipe says, by the names of a `Plan`.
    models
        All of the store.
    current
        The one in use.
    before
        The one that was in use before it; empty for none.
    mnist
        MNIST's file, where it is on this computer.
    can_train
        Whether TensorFlow is installed.
    unfinished
        Runs that can be taken up again, the latest first.
    """

    choices: tuple[Choice, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    models: tuple[ModelRow, ...] = ()
    current: str = ""
    before: str = ""
    mnist: Path | None = None
    can_train: bool = True
    unfinished: tuple[Unfinished, ...] = ()


@dataclass(frozen=True)
class Looked:
    """Data as it is looked at before training.

    Parameters
    ----------
    counts
        Samples to learn from and to test on, by label.
    warnings
        What will hurt, the worst first.
    samples
        By label, some pictures as PPM files of `SIDE` pixels.
    told
        How the data is divided, a sentence.
    """

    counts: Mapping[str, tuple[int, int]]
    warnings: tuple[str, ...]
    samples: Mapping[str, Sequence[bytes]]
    told: str


def find_facts(workspace: Workspace) -> Facts:
    """Return what there is."""
    from hdr.classify.store import ModelStore
    from hdr.train.learning import mnist_if_there
    from hdr.train.tuning import TuneRecipe

    store = ModelStore(workspace)
    own = TuneRecipe()
    return Facts(
        _choices(),
        {"epochs": str(own.epochs), "rate": f"{own.learning_rate:g}", "seed": str(own.seed)},
        tuple(_row(entry) for entry in store.entries()),
        store.current(),
        store.before(),
        mnist_if_there(),
        importlib.util.find_spec("tensorflow") is not None,
        _unfinished(workspace),
    )


def _unfinished(workspace: Workspace) -> tuple[Unfinished, ...]:
    from hdr.train.runs import list_runs

    runs = [run for run in list_runs(workspace.models) if not run.running]
    return tuple(Unfinished(run.name, f"{run.name}: {run.epochs_done} of {run.epochs} epochs") for run in runs)


def _choices() -> tuple[Choice, ...]:
    from hdr.train.architectures import architectures

    found = []
    for one in architectures():
        figure = f", {percent(one.source.mnist)} on MNIST" if one.source.mnist else ""
        found.append(Choice(one.name, one.summary, f"{one.source.name}{figure}", _usual(one)))
    return tuple(found)


def _usual(architecture: Any) -> dict[str, str]:
    recipe = architecture.recipe
    return {
        "epochs": str(recipe.epochs),
        "seed": str(recipe.seed),
        "batch": str(recipe.batch),
        "rate": f"{recipe.learning_rate:g}",
        "patience": str(recipe.patience) if recipe.patience else "none",
        "schedule": recipe.schedule,
        "warp": "1" if recipe.warp else "0",
        "size": str(recipe.size or architecture.size),
        "weights": recipe.weights,
    }


def _row(entry: ModelEntry) -> ModelRow:
    from hdr.vision.normalize import PICTURE

    sizes = {file.suffix: file.stat().st_size for file in entry.path.iterdir() if file.is_file()}
    size = sizes.get(".tflite") or max(sizes.values(), default=0)
    card = entry.card
    if card is None:
        return ModelRow(entry.name, size_bytes=size, shipped=entry.shipped, fault=entry.fault)
    data, score = _first_score(card.scores)
    return ModelRow(
        entry.name,
        float(score.get("accuracy", "nan")),
        int(score.get("n", 0)),
        data,
        int(card.made.get("parameters", 0)),
        size,
        str(card.made.get("date", "")),
        card.parent or "",
        card.architecture,
        entry.shipped,
        trainable=(entry.path / "model.keras").is_file(),
        labels=len(card.labels),
        reads=card.geometry != PICTURE,
    )


def _first_score(scores: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """What was measured on data to test on; a card may say anything, so nothing is taken for granted."""
    for name in sorted(scores, key=lambda name: ("validation" in name or "known" in name, name)):
        score = scores[name]
        if isinstance(score, dict) and _is_number(score.get("accuracy")) and _is_number(score.get("n")):
            return name, score
    return "", {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def kept_epochs(workspace: Workspace, name: str) -> list[Epoch]:
    """Return the epochs that an unfinished run has done.

    Raises
    ------
    ModelError
        Where there is no such run, or what is kept of it is damaged.
    """
    from hdr.train.checkpoint import read_checkpoint
    from hdr.train.runs import find_run

    kept = read_checkpoint(find_run(name, workspace.models).path)
    names = ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "best")
    return [Epoch(*(getattr(one, field) for field in names)) for one in kept.history] if kept else []


# Looking at the data --------------------------------------------------------------------------------------------------


def look_at(plan: Plan, workspace: Workspace, mnist: Path | None, job: Job) -> Looked:
    """Return what would be learned from.

    Parameters
    ----------
    plan
        What was chosen.
    workspace
        With the captures.
    mnist
        MNIST's file, where it is there.
    job
        Says how far it is, and is looked at to see whether this was cancelled.

    Raises
    ------
    HdrError
        Where there is nothing to learn from, or it cannot be read.
    """
    from hdr.data.looking import counts_of, warnings_of

    title = job.title

    def tell(done: int, of: int) -> None:
        if job.cancelled.is_set():
            raise HdrError("Stopped.")
        job.title = f"Reading pictures: {done:,} of {of:,}" if done < of else title
        job.report(done / of)

    divided = _load(plan, workspace, mnist, tell)
    if job.cancelled.is_set():
        raise HdrError("Stopped.")
    how = "as it came divided" if divided.own else "divided by group, so that nothing is in both"
    return Looked(
        counts_of(divided),
        tuple(warnings_of(divided)),
        _samples(divided),
        f"{len(divided.learn):,} to learn from, {len(divided.test):,} to test on, {how}.",
    )


def _load(plan: Plan, workspace: Workspace, mnist: Path | None, tell: Progress) -> Divided:
    from hdr.data.class_folders import Divided, load_class_folders
    from hdr.data.load import load_mnist
    from hdr.data.own import load_own_crops

    seed = int(plan.seed) if plan.seed.isdecimal() else 7
    if plan.source == FOLDERS:
        return load_class_folders(plan.folders, seed, progress=tell)
    if plan.source == OWN:
        own = load_own_crops(workspace.captures, _labels(plan, workspace))
        # What else the model knows is replayed and need not be saved.
        saved = tuple(name for name, n in own.learn.merge(own.held).count().items() if n)
        return Divided(own.learn.among(saved), own.held.among(saved), own=False, left_out=own.left_out)
    assert plan.source == MNIST
    if mnist is None:
        raise DatasetError(
            "MNIST is not on this computer yet, so there is nothing to look at.",
            hint="Training downloads it (11 MB), or choose its file.",
        )
    return Divided(*load_mnist(mnist), own=True)


def _labels(plan: Plan, workspace: Workspace) -> tuple[str, ...]:
    """What the model to go on from knows."""
    from hdr.classify.store import ModelStore, read_card

    store = ModelStore(workspace)
    return read_card(store.find(plan.start or store.current()).path).labels


def _samples(data: Divided) -> dict[str, list[bytes]]:
    import numpy as np

    learn, rng = data.learn, np.random.default_rng(7)
    found: dict[str, list[bytes]] = {}
    for label, name in enumerate(learn.names[:MOST_LABELS]):
        rows = rng.permutation(np.flatnonzero(learn.labels == label))[:SAMPLES]
        found[name] = [_ppm(one) for one in learn.take(rows).fields(SIDE)] if len(rows) else []
    return found


def _ppm(field: Any) -> bytes:
    """A picture of gray or colour as the one format that Tk reads without unpacking anything."""
    high, wide = field.shape[:2]
    kind = b"P5" if field.ndim == 2 else b"P6"
    return bytes(b"%s %d %d 255 " % (kind, wide, high) + field.tobytes())
