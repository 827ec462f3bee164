"""The events of a training run to a bar for people or lines of JSON for programs, and a polite way to stop it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hdr.classify.store import ModelStore
    from hdr.train.events import Event, Started
    from hdr.train.publish import Job


class ProgressKind(StrEnum):
    """How progress is told."""

    BAR = "bar"
    JSONL = "jsonl"


def tell(events: Iterable[Event], progress: ProgressKind) -> None:
    """Tell a run as it was asked for."""
    if progress is ProgressKind.JSONL:
        _print_json(events)
    else:
        _show(events)


def _print_json(events: Iterable[Event]) -> None:
    from hdr.train.events import to_json

    for event in events:
        typer.echo(to_json(event))


def tell_reading(done: int, of: int) -> None:
    """Tell a program how many pictures are read, before anything is learned from them."""
    from hdr.train.events import Reading, to_json

    typer.echo(to_json(Reading(done, of)))


@contextlib.contextmanager
def stoppable(events: Iterator[Event]) -> Iterator[Iterator[Event]]:
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


def show_training(job: Job, store: ModelStore) -> None:
    """Train and publish, told on stderr only; Ctrl-C stops it and leaves nothing half made."""
    from hdr.train.events import Published
    from hdr.train.publish import train_and_publish

    with contextlib.closing(train_and_publish(job, store)) as made, stoppable(made) as events:
        _show(event for event in events if not isinstance(event, Published))


def _show(events: Iterable[Event]) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from hdr.train.events import Compared, EpochDone, Measured, Note, Published, Started, Step, Trained

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %{task.fields[left]}"),
    )
    with Progress(*columns, console=console) as bar:
        task, epochs = bar.add_task("training", left=""), 0
        for event in events:
            match event:
                case Started():
                    epochs = event.epochs
                    bar.update(task, total=event.total or event.epochs * event.steps)
                    for line in _begun(event):
                        console.print(line)
                case Step():
                    told = f"epoch {event.epoch} of {epochs}, loss {event.loss:.4f}"
                    bar.update(
                        task, completed=event.done or event.step, description=told, left=_left(event.seconds_left)
                    )
                case EpochDone():
                    console.print(
                        f"epoch {event.epoch}: loss {event.loss:.4f}, validation {event.validation_accuracy:.2%}, "
                        f"warped {event.warped_accuracy:.2%}, {event.seconds:.0f} s{', the best so far' * event.best}"
                    )
                case Note():
                    console.print(event.text)
                case Trained():
                    told = f"epoch {event.best} is the best" if event.epochs else ""
                    bar.update(task, completed=bar.tasks[task].total, description=told, left="")
                    if event.worker:
                        console.print(f"Worker {event.worker} is done; worker 0 publishes the model.")
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


def _begun(event: Started) -> Iterator[str]:
    yield (
        f"{event.architecture}: {event.parameters:,} parameters, {event.train:,} to learn from, "
        f"{event.validation:,} held out"
    )
    if event.device:
        together = f", {event.workers} workers together" if event.workers > 1 else ""
        yield f"on {event.device}{together}"
    if event.resumed_from:
        yield f"goes on after epoch {event.resumed_from} of {event.epochs}"


def _left(seconds: float) -> str:
    if not seconds:
        return ""
    minutes = round(seconds / 60)
    words = f"{seconds:.0f} s" if seconds < 90 else f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"
    return f", {words} left"
