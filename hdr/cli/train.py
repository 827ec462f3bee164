"""`hdr train`: what a person typed to a training run, told as a bar or as lines of JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdr.cli.learn import Typed, learn_job, learning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hdr.classify.store import ModelStore
    from hdr.train.events import Event
    from hdr.train.fit import Recipe
    from hdr.train.publish import Job


class ProgressKind(StrEnum):
    """How progress is told."""

    BAR = "bar"
    JSONL = "jsonl"


def train(  # noqa: PLR0913, PLR0917  (one parameter an option)
    arch: Annotated[str, typer.Option(help="Architecture, by name.")] = "default",
    data: Annotated[
        Path | None,
        typer.Option(help="MNIST's .npz in Keras's layout. Without it: the environment's HDR_MNIST, else a download."),
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
    rate: Annotated[float | None, typer.Option(min=1e-6, max=1.0, help="Highest learning rate.")] = None,
    warp: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="How strongly digits are bent while learning; 0 leaves them.")
    ] = 1.0,
    printed: Annotated[bool, typer.Option(help="Add printed digits, rendered from this system's free fonts.")] = True,
    mixed: Annotated[
        bool, typer.Option("--mixed", help="Work in bfloat16: faster where the processor knows it, hardly less exact.")
    ] = False,
    replace: Annotated[bool, typer.Option(help="Take the place of a model of that name.")] = False,
    progress: Annotated[
        ProgressKind, typer.Option(help="A bar for people, lines of JSON for programs.")
    ] = ProgressKind.BAR,
) -> None:
    """Train a model on MNIST and publish it. Stopping it (Ctrl-C) leaves nothing half made.

    With --captures a model learns your own hand in some seconds: the one in use, or the one that --from names. What it
    knew is replayed from MNIST, where that is there (--data, HDR_MNIST or an earlier download), else from digits drawn
    by rule.
    """
    from hdr.classify.keras_backend import require_keras
    from hdr.train.publish import store_at, train_and_publish

    require_keras()
    store = store_at(out)
    if captures or captures_in:
        own = learn_job(Typed(start, captures_in, data, name, epochs, rate, seed), store)
        with learning(own, store, again=replace) as made, _stoppable(made) as events:
            _tell(events, progress)
        return
    recipe = _recipe(arch, epochs, seed, mixed, rate or (3e-4 if start else None), warp)
    job = _job(recipe, data, name, printed)
    job = _from(start, store, job) if start else job
    with contextlib.closing(train_and_publish(job, store, replace=replace)) as made, _stoppable(made) as events:
        _tell(events, progress)


def _tell(events: Iterable[Event], progress: ProgressKind) -> None:
    if progress is ProgressKind.JSONL:
        _print_json(events)
    else:
        _show(events)


def _print_json(events: Iterable[Event]) -> None:
    from hdr.train.events import to_json

    for event in events:
        typer.echo(to_json(event))


@contextlib.contextmanager
def _stoppable(events: Iterator[Event]) -> Iterator[Iterator[Event]]:
    """End between two events on Ctrl-C or SIGTERM, the window's polite request; at once on a second one.

    An interrupt raised wherever TensorFlow is at that moment may pass through its C++ and abort the process.
    """
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield events
        return
    asked = threading.Event()

    def ask(*_: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    def until_asked() -> Iterator[Event]:
        for event in events:
            yield event
            if asked.is_set():
                raise KeyboardInterrupt

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield until_asked()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _recipe(arch: str, epochs: int | None, seed: int, mixed: bool, rate: float | None, warp: float) -> Recipe:
    import dataclasses

    from hdr.data.augment import Warp
    from hdr.train.fit import Recipe

    bent = None if not warp else Warp() if warp == 1 else Warp().scaled(warp)
    recipe = Recipe(architecture=arch, seed=seed, mixed=mixed, warp=bent)
    recipe = recipe if epochs is None else dataclasses.replace(recipe, epochs=epochs)
    return recipe if rate is None else dataclasses.replace(recipe, learning_rate=rate)


def _job(recipe: Recipe, data: Path | None, name: str | None, printed: bool) -> Job:
    import datetime as dt

    from hdr.data.load import load_mnist
    from hdr.data.negatives import NAMES
    from hdr.train.publish import Job
    from hdr.train.sources import extra_digits, find_mnist

    learn, test = (part.among(NAMES) for part in load_mnist(find_mnist(data)))
    extra, words = extra_digits(recipe.seed, learn.split(recipe.validation, recipe.seed)[0], printed=printed)
    held = round(recipe.validation * len(learn))
    stamp = dt.datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    told = (
        f"MNIST's training part ({len(learn) - held:,} digits, {held:,} more held out for every choice), "
        f"{words}; all of them warped"
    )
    return Job(
        name or f"{recipe.architecture}-{stamp}",
        recipe,
        learn,
        ("mnist_test", test),
        extra,
        told,
        _command(recipe, printed),
    )


def _command(recipe: Recipe, printed: bool) -> str:
    """What to type for the same run, as the card tells it; every option that is not the usual one."""
    from hdr.data.augment import Warp

    command = f"hdr train --arch {recipe.architecture} --epochs {recipe.epochs} --seed {recipe.seed}"
    command += f" --rate {recipe.learning_rate:g}" if recipe.learning_rate != type(recipe).learning_rate else ""
    strength = 0.0 if recipe.warp is None else recipe.warp.elastic / Warp().elastic
    command += f" --warp {strength:g}" if strength != 1 else ""
    return command + ("" if printed else " --no-printed") + (" --mixed" if recipe.mixed else "")


def _from(name: str, store: ModelStore, job: Job) -> Job:
    """The same job, going on from a model."""
    import dataclasses

    from hdr.train.publish import find_parent

    parent = find_parent(name, store, job.recipe, job.train.names)
    return dataclasses.replace(job, parent=parent, command=f"{job.command} --from {name}")


def _show(events: Iterable[Event]) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from hdr.train.events import Compared, EpochDone, Measured, Published, Started, Step

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task, steps = bar.add_task("training"), 0
        for event in events:
            match event:
                case Started():
                    steps = event.steps
                    bar.update(task, total=event.epochs * steps)
                    console.print(
                        f"{event.architecture}: {event.parameters:,} parameters, {event.train:,} digits to learn from, "
                        f"{event.validation:,} held out"
                    )
                case Step():
                    done = (event.epoch - 1) * steps + event.step
                    bar.update(task, completed=done, description=f"epoch {event.epoch}, loss {event.loss:.4f}")
                case EpochDone():
                    console.print(
                        f"epoch {event.epoch}: loss {event.loss:.4f}, validation {event.validation_accuracy:.2%}, "
                        f"warped {event.warped_accuracy:.2%}, {event.seconds:.0f} s"
                    )
                case Measured():
                    low, high = event.interval
                    console.print(
                        f"{event.data}: {event.accuracy:.2%} (95 % interval {low:.2%} to {high:.2%}, n = {event.n:,}); "
                        f"{event.disagreements} labels differ between model.keras and model.tflite"
                    )
                case Compared():
                    console.print(
                        f"{event.data}: {event.before:.2%} before, {event.after:.2%} now (n = {event.n:,}; "
                        f"{'more than chance' if event.p < 0.05 else 'may be chance'}, p = {event.p:.2g})"
                    )
                case Published():
                    typer.echo(f"{event.name}: {event.path} (model.tflite has {event.tflite_bytes:,} bytes)")
