"""`hdr train`: what a person typed to a training run, told as a bar or as lines of JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdr.cli.folder_data import look as look_at
from hdr.cli.learn import Typed, learn_job, learning
from hdr.cli.telling import ProgressKind, stoppable, tell, tell_reading
from hdr.cli.train_job import Told, job_of
from hdr.cli.train_runs import discard as discard_run
from hdr.cli.train_runs import tell_runs, tell_stopped, told_again
from hdr.errors import ModelError

if TYPE_CHECKING:
    from hdr.classify.store import ModelStore
    from hdr.train.events import Event
    from hdr.train.publish import Job
    from hdr.train.runs import Run
    from hdr.train.workers import Workers


class ScheduleKind(StrEnum):
    """How the learning rate goes."""

    COSINE = "cosine"
    CONSTANT = "constant"
    PLATEAU = "plateau"


class WeightKind(StrEnum):
    """How much a label counts."""

    NONE = "none"
    BALANCED = "balanced"


def train(  # noqa: PLR0913, PLR0917  (one parameter an option)
    name_of_run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="Name of an unfinished run.", show_default=False)
    ] = "",
    arch: Annotated[str, typer.Option(help="Architecture, as `hdr models archs` lists them.")] = "default",
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="MNIST's .npz in Keras's layout (without it: the environment's HDR_MNIST, else a download), or a "
            "folder with a sub-folder a label, such as balls/football/a.jpg. Give it again to learn from several.",
            show_default=False,
        ),
    ] = None,
    look: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            help="Train nothing: write how many of each label there are, samples, and what will hurt.",
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data. Without it: the recipe's.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same run.")] = 7,
    name: Annotated[str | None, typer.Option(help="Name of the new model. Without it: ARCH and the date.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of models to publish in. Without it: the workspace's.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="NAME", help="Go on from that model's weights, at a tenth of the rate."),
    ] = None,
    captures: Annotated[
        bool, typer.Option("--captures", help="Learn the hand of your own captures, in seconds, and forget nothing.")
    ] = False,
    captures_in: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The same with another folder of captures.", show_default=False)
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=1e-6, max=1.0, help="Highest learning rate. Without it: the recipe's.")
    ] = None,
    schedule: Annotated[
        ScheduleKind | None,
        typer.Option(help="How the rate goes: up and down, level, or halved on a plateau. Without it: the recipe's."),
    ] = None,
    patience: Annotated[
        int | None, typer.Option(min=0, help="Stop early after so many epochs that bring nothing better; 0: never.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Pictures learned from at once. Without it: the recipe's.")
    ] = None,
    class_weights: Annotated[
        WeightKind | None,
        typer.Option(
            help="Whether what is rare counts more. Without it: for folders where one label has three times as many "
            "samples as another."
        ),
    ] = None,
    warp: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="How strongly pictures are bent while learning; 0 leaves them. Without it: the recipe's.",
        ),
    ] = None,
    bend: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER",
            help="How far exactly, such as rotation_deg=20, zoom=0.1, shift=0.05 or mirror=0; may be given several "
            "times. `hdr models archs --json` tells each recipe's names.",
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="What a base begins with: a file of weights (.h5), or imagenet, which is downloaded."),
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=8, max=1024, help="Side of the input in pixels. Without it: the architecture's.")
    ] = None,
    printed: Annotated[bool, typer.Option(help="Add printed digits, rendered from this system's free fonts.")] = True,
    mixed: Annotated[
        bool | None,
        typer.Option(
            "--mixed/--no-mixed", help="Work in bfloat16, hardly less exact. Without it: where a GPU is faster so."
        ),
    ] = None,
    tensorboard: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a log that TensorBoard shows.", show_default=False)
    ] = None,
    replace: Annotated[bool, typer.Option(help="Take the place of a model of that name.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run RUN, else with the latest unfinished one, as it began.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="With --resume: learn no more, publish the best epoch so far.")
    ] = False,
    runs: Annotated[bool, typer.Option("--runs", help="List the unfinished runs.")] = False,
    discard: Annotated[bool, typer.Option("--discard", help="Throw the unfinished run RUN away.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --runs: a line of JSON a run.")] = False,
    progress: Annotated[
        ProgressKind, typer.Option(help="A bar for people, lines of JSON for programs.")
    ] = ProgressKind.BAR,
) -> None:
    """Train a model on MNIST or on folders of labelled pictures, and publish it.

    Every epoch is kept: a run that was stopped (Ctrl-C) or killed goes on from there with --resume. Nothing half made
    is ever published.

    With --captures a model learns your own hand in some seconds: the one in use, or the one that --from names. What it
    knew is replayed from MNIST, where that is there (--data, HDR_MNIST or an earlier download), else from digits drawn
    by rule. Of so short a run nothing is kept: begin it again.

    Where TF_CONFIG is set, as TensorFlow's MultiWorkerMirroredStrategy has it, all its workers learn together.
    """
    told = Told(
        arch,
        tuple(data or ()),
        epochs,
        seed,
        name,
        start,
        rate,
        schedule and schedule.value,
        patience,
        batch,
        class_weights and class_weights.value,
        warp,
        tuple(bend or ()),
        weights,
        size,
        printed,
        mixed,
        tensorboard,
        replace,
    )
    _check(name_of_run, resume=resume, finish=finish, discard=discard, captures=bool(captures or captures_in))
    from hdr.train.runs import find_run
    from hdr.workspace import find_workspace

    models = out or find_workspace().models
    if runs or discard:
        discard_run(name_of_run, models) if discard else tell_runs(models, as_json=as_json)
        return
    if look:
        _look(told, look)
        return
    if captures or captures_in:
        _learn(
            Typed(start, captures_in, told.data[0] if data else None, name, epochs, rate, seed), out, replace, progress
        )
        return
    run = find_run(name_of_run, models) if resume else None
    if run and told != Told():
        raise ModelError(
            "A run goes on as it began.", hint="With --resume give only its name, --finish, --out and --progress."
        )
    _train(told_again(run) if run else told, out, run, finish=finish, progress=progress)


def _check(name_of_run: str, *, resume: bool, finish: bool, discard: bool, captures: bool) -> None:
    if resume and captures:
        raise ModelError("Of so short a run nothing is kept.", hint="Begin it again: leave out --resume.")
    if finish and not resume:
        raise ModelError("--finish says which run to publish.", hint="Give it with --resume RUN.")
    if discard and not name_of_run:
        raise ModelError("--discard does not say which run.", hint="hdr train --runs lists them.")
    if name_of_run and not (resume or discard):
        raise ModelError(
            f"What is to be done with {name_of_run!r}?",
            hint=f"Go on with that run: --resume {name_of_run}; learn from a folder: --data {name_of_run}.",
        )


def _look(told: Told, report: Path) -> None:
    from hdr.train.sources import find_mnist

    look_at(told.data or [find_mnist()], told.seed, report)


def _learn(typed: Typed, out: Path | None, again: bool, progress: ProgressKind) -> None:
    from hdr.classify.keras_backend import require_keras
    from hdr.train.publish import store_at

    require_keras()
    store = store_at(out)
    with learning(learn_job(typed, store), store, again=again) as made, stoppable(made) as events:
        tell(events, progress)


def _train(told: Told, out: Path | None, run: Run | None, *, finish: bool, progress: ProgressKind) -> None:
    from hdr.classify.keras_backend import require_keras
    from hdr.train.publish import store_at

    require_keras()
    workers, store = _join(), store_at(out)
    job = job_of(told, store, tell_reading if progress is ProgressKind.JSONL else None)
    made = _events(job, store, workers, run, finish=finish, replace=told.replace)
    try:
        with contextlib.closing(made), stoppable(made) as events:
            tell(events, progress)
    except KeyboardInterrupt:
        tell_stopped(job.name, store.root, progress, elsewhere=out is not None)
        raise


def _events(
    job: Job, store: ModelStore, workers: Workers | None, run: Run | None, *, finish: bool, replace: bool
) -> Generator[Event, None, None]:
    from hdr.train.publish import train_and_publish, train_beside

    if workers and not workers.is_chief:
        return train_beside(job, store, workers, resume=run is not None)
    return train_and_publish(job, store, replace=replace, resume=run, finish=finish, workers=workers)


def _join() -> Workers | None:
    """Wait for the other workers, where TF_CONFIG names some."""
    from hdr.train.workers import Workers, told_task

    task = told_task()
    if task is None:
        return None
    typer.echo(
        f"hdr: worker {task.index} of {len(task.addresses)} ({task.addresses[task.index]}) waits for all.", err=True
    )
    return Workers(task)
