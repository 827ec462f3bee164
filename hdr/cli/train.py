"""`hdr train`: what a person typed to a training run, told as a bar or as lines of JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hdr.train.events import Event
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
    printed: Annotated[bool, typer.Option(help="Add printed digits, rendered from this system's free fonts.")] = True,
    mixed: Annotated[
        bool, typer.Option("--mixed", help="Work in bfloat16: faster where the processor knows it, hardly less exact.")
    ] = False,
    replace: Annotated[bool, typer.Option(help="Take the place of a model of that name.")] = False,
    progress: Annotated[
        ProgressKind, typer.Option(help="A bar for people, lines of JSON for programs.")
    ] = ProgressKind.BAR,
) -> None:
    """Train a model on MNIST and publish it. Stopping it (Ctrl-C) leaves nothing half made."""
    from hdr.classify.keras_backend import require_keras
    from hdr.train.publish import store_at, train_and_publish

    require_keras()
    job = _job(arch, data, epochs, seed, name, printed, mixed)
    with contextlib.closing(train_and_publish(job, store_at(out), replace=replace)) as made, _stoppable(made) as events:
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


def _job(
    arch: str, data: Path | None, epochs: int | None, seed: int, name: str | None, printed: bool, mixed: bool
) -> Job:
    import dataclasses
    import datetime as dt

    from hdr.data.load import load_mnist
    from hdr.data.negatives import NAMES
    from hdr.train.fit import Recipe
    from hdr.train.publish import Job
    from hdr.train.sources import extra_digits, find_mnist

    learn, test = (part.among(NAMES) for part in load_mnist(find_mnist(data)))
    recipe = Recipe(architecture=arch, seed=seed, mixed=mixed)
    recipe = recipe if epochs is None else dataclasses.replace(recipe, epochs=epochs)
    extra, words = extra_digits(seed, learn.split(recipe.validation, seed)[0], printed=printed)
    held = round(recipe.validation * len(learn))
    stamp = dt.datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    told = (
        f"MNIST's training part ({len(learn) - held:,} digits, {held:,} more held out for every choice), "
        f"{words}; all of them warped"
    )
    command = f"hdr train --arch {arch} --epochs {recipe.epochs} --seed {seed}"
    command += ("" if printed else " --no-printed") + (" --mixed" if mixed else "")
    return Job(name or f"{arch}-{stamp}", recipe, learn, ("mnist_test", test), extra, told, command)


def _show(events: Iterable[Event]) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from hdr.train.events import EpochDone, Measured, Published, Started, Step

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
                case Published():
                    typer.echo(f"{event.name}: {event.path} (model.tflite has {event.tflite_bytes:,} bytes)")
