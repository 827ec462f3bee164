"""`hdr train`: what a person typed to a training run, told as a bar or as lines of JSON."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdr.cli.folder_data import in_words, is_mnist, load_data
from hdr.cli.folder_data import look as look_at
from hdr.cli.learn import Typed, learn_job, learning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hdr.classify.store import ModelStore
    from hdr.data.augment import Warp
    from hdr.data.pictures import PictureWarp
    from hdr.train.events import Event
    from hdr.train.publish import Job
    from hdr.train.recipe import Recipe


class ProgressKind(StrEnum):
    """How progress is told."""

    BAR = "bar"
    JSONL = "jsonl"


def train(  # noqa: PLR0913, PLR0917  (one parameter an option)
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
    batch: Annotated[
        int | None, typer.Option(min=1, help="Pictures learned from at once. Without it: the recipe's.")
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
        bool, typer.Option("--mixed", help="Work in bfloat16: faster where the processor knows it, hardly less exact.")
    ] = False,
    replace: Annotated[bool, typer.Option(help="Take the place of a model of that name.")] = False,
    progress: Annotated[
        ProgressKind, typer.Option(help="A bar for people, lines of JSON for programs.")
    ] = ProgressKind.BAR,
) -> None:
    """Train a model on MNIST or on folders of labelled pictures, and publish it.

    Stopping it (Ctrl-C) leaves nothing half made.

    With --captures a model learns your own hand in some seconds: the one in use, or the one that --from names. What it
    knew is replayed from MNIST, where that is there (--data, HDR_MNIST or an earlier download), else from digits drawn
    by rule.
    """
    from hdr.classify.keras_backend import require_keras
    from hdr.train.publish import store_at, train_and_publish
    from hdr.train.sources import find_mnist

    data = data or []
    if look:
        look_at(data or [find_mnist()], seed, look)
        return
    require_keras()
    store = store_at(out)
    if captures or captures_in:
        own = learn_job(Typed(start, captures_in, data[0] if data else None, name, epochs, rate, seed), store)
        with learning(own, store, again=replace) as made, _stoppable(made) as events:
            _tell(events, progress)
        return
    told = Told(arch, epochs, seed, rate, batch, warp, weights, size, mixed, printed, start, tuple(bend or ()))
    job = _job(told, data[0] if data else None, name) if is_mnist(data) else _folder_job(told, data, name)
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


@dataclass(frozen=True)
class Told:
    """What was typed; what was not is None and is the recipe's."""

    arch: str
    epochs: int | None
    seed: int
    rate: float | None
    batch: int | None
    warp: float | None
    weights: str | None
    size: int | None
    mixed: bool
    printed: bool
    start: str | None
    bend: tuple[str, ...] = ()


def _recipe(told: Told, names: tuple[str, ...]) -> Recipe:
    """The architecture's own recipe, with what was typed in place of its numbers."""
    import dataclasses

    from hdr.train.architectures import find_architecture

    own = find_architecture(told.arch).recipe.suited_to(names)
    numbers = {
        "epochs": told.epochs,
        "learning_rate": told.rate or (_tenth(own.learning_rate) if told.start else None),
        "batch": told.batch,
        "weights": told.weights,
        "size": told.size,
    }
    typed: dict[str, Any] = {key: value for key, value in numbers.items() if value is not None}
    recipe = dataclasses.replace(own, seed=told.seed, mixed=told.mixed, warp=_warp(told.warp, own), **typed)
    return recipe.bent(told.bend, names)


def _tenth(rate: float) -> float:
    return float(f"{rate / 10:g}")


def _warp(strength: float | None, own: Recipe) -> Warp | PictureWarp | None:
    from hdr.data.augment import Warp

    if strength is None:
        return own.warp
    full = own.warp or Warp()
    return None if not strength else full if strength == 1 else full.scaled(strength)


def _job(told: Told, data: Path | None, name: str | None) -> Job:
    from hdr.data.load import load_mnist
    from hdr.data.negatives import NAMES
    from hdr.train.architectures import find_architecture
    from hdr.train.publish import Job
    from hdr.train.sources import extra_digits, find_mnist

    recipe = _recipe(told, NAMES)
    learn, test = (part.among(NAMES) for part in load_mnist(find_mnist(data)))
    extra, words = extra_digits(recipe.seed, learn.split(recipe.validation, recipe.seed)[0], printed=told.printed)
    held = round(recipe.validation * len(learn))
    trained_on = (
        f"MNIST's training part ({len(learn) - held:,} digits, {held:,} more held out for every choice), "
        f"{words}; {'all of them warped' if recipe.warp else 'none of them warped'}"
    )
    return Job(
        name or _named_by(recipe),
        recipe,
        learn,
        ("mnist_test", test),
        extra,
        trained_on,
        _command(told, recipe),
        find_architecture(told.arch).precision,
    )


def _folder_job(told: Told, data: list[Path], name: str | None) -> Job:
    from hdr.train.publish import Job

    divided = load_data(data, told.seed)
    recipe = _recipe(told, divided.learn.names)
    where = "".join(f" --data {shlex.quote(str(path))}" for path in data)
    return Job(
        name or _named_by(recipe),
        recipe,
        divided.learn,
        ("test", divided.test),
        None,
        in_words(data, divided, recipe),
        _command(told, recipe) + where,
    )


def _named_by(recipe: Recipe) -> str:
    import datetime as dt

    return f"{recipe.architecture}-{dt.datetime.now().astimezone():%Y%m%d-%H%M%S}"


def _command(told: Told, recipe: Recipe) -> str:
    """What to type for the same run, as the card tells it; every option that is not the usual one."""
    command = f"hdr train --arch {recipe.architecture} --epochs {recipe.epochs} --seed {recipe.seed}"
    if told.rate or told.start:
        command += f" --rate {recipe.learning_rate:g}"
    warp = None if told.warp is None else f"{told.warp:g}"
    for option, value in (("batch", told.batch), ("warp", warp), ("weights", told.weights), ("size", told.size)):
        command += "" if value is None else f" --{option} {shlex.quote(str(value))}"
    command += "".join(f" --bend {shlex.quote(one)}" for one in told.bend)
    return command + ("" if told.printed else " --no-printed") + (" --mixed" if told.mixed else "")


def _from(name: str, store: ModelStore, job: Job) -> Job:
    """The same job, going on from a model."""
    import dataclasses

    from hdr.train.publish import find_parent

    parent = find_parent(name, store, job.recipe, job.train.names)
    return dataclasses.replace(job, parent=parent, command=f"{job.command} --from {name}")


def show_training(job: Job, store: ModelStore) -> None:
    """Train and publish, told on stderr only; Ctrl-C stops it and leaves nothing half made."""
    from hdr.train.events import Published
    from hdr.train.publish import train_and_publish

    with contextlib.closing(train_and_publish(job, store)) as made, _stoppable(made) as events:
        _show(event for event in events if not isinstance(event, Published))


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
                        f"{event.architecture}: {event.parameters:,} parameters, {event.train:,} to learn from, "
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
