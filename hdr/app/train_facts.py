"""What the Train screen must know before anything is trained: asked in the worker, since it takes a moment.

Imports nothing heavy before it is called, and never TensorFlow.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.app.train_told import Epoch, percent

if TYPE_CHECKING:
    from hdr.classify.store import ModelEntry
    from hdr.workspace import Workspace


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
