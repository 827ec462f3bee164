"""`hdr train --captures`: one's own captures to a model that reads this hand better."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hdr.cli import output

if TYPE_CHECKING:
    from hdr.classify.store import ModelStore
    from hdr.data.own import OwnCrops
    from hdr.train.events import Event
    from hdr.train.learning import LearnJob


@dataclass(frozen=True)
class Typed:
    """What was typed of it; None where nothing was.

    Parameters
    ----------
    start
        The model to go on from; None for the one in use.
    folder
        Of captures; None for the workspace's.
    mnist
        MNIST's file.
    name
        Of the new model.
    epochs, rate, seed
        As `TuneRecipe` has them.
    """

    start: str | None
    folder: Path | None
    mnist: Path | None
    name: str | None
    epochs: int | None
    rate: float | None
    seed: int


def learn_job(typed: Typed, store: ModelStore) -> LearnJob:
    """Return the job that was typed."""
    import datetime as dt

    from hdr.train.learning import LearnJob, mnist_if_there
    from hdr.train.tuning import TuneRecipe
    from hdr.workspace import find_workspace

    usual = TuneRecipe()
    recipe = replace(
        usual,
        seed=typed.seed,
        epochs=typed.epochs or usual.epochs,
        learning_rate=typed.rate or usual.learning_rate,
    )
    start = typed.start or store.current()
    where = f"--captures-in {shlex.quote(str(typed.folder))}" if typed.folder else "--captures"
    changed = (("epochs", typed.epochs), ("rate", typed.rate))
    more = "".join(f" --{key} {value:g}" for key, value in changed if value is not None)
    return LearnJob(
        typed.name or f"own-{dt.datetime.now().astimezone():%Y%m%d-%H%M%S}",
        start,
        typed.folder or find_workspace().captures,
        recipe,
        mnist_if_there(typed.mnist),
        f"hdr train {where} --from {start} --seed {typed.seed}{more}",
    )


@contextlib.contextmanager
def learning(job: LearnJob, store: ModelStore, *, again: bool) -> Generator[Generator[Event, None, None], None, None]:
    """Give the events of a run; after it, tell which crops had no part in it and how to use the model.

    Parameters
    ----------
    job
        What to do.
    store
        Where to publish.
    again
        Whether a model of that name may be replaced.
    """
    from hdr.train.learning import learn_and_publish

    own: list[OwnCrops] = []

    def run() -> Generator[Event, None, None]:
        own.append((yield from learn_and_publish(job, store, replace=again)))

    with contextlib.closing(run()) as events:
        yield events
    _tell_after(job, own[0])


def _tell_after(job: LearnJob, own: OwnCrops) -> None:
    output.tell_left_out(own.left_out)
    if not len(own.held):
        typer.echo("All captures are of one page, so none was held out to see how well it reads you.", err=True)
    typer.echo(f"To read with it: hdr models use {job.name}", err=True)
