"""`hdr train`: what a person typed to a training run, told as a bar or as lines of JSON."""

from __future__ import annotations

import contextlib
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdr.cli.folder_data import in_words, is_mnist, load_data
from hdr.cli.folder_data import look as look_at
from hdr.cli.learn import Typed, learn_job, learning
from hdr.cli.telling import ProgressKind, stoppable, tell

if TYPE_CHECKING:
    from hdr.classify.store import ModelStore
    from hdr.data.augment import Warp
    from hdr.data.pictures import PictureWarp
    from hdr.train.publish import Job
    from hdr.train.recipe import Recipe


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
        with learning(own, store, again=replace) as made, stoppable(made) as events:
            tell(events, progress)
        return
    told = Told(arch, epochs, seed, rate, batch, warp, weights, size, mixed, printed, start, tuple(bend or ()))
    job = _job(told, data[0] if data else None, name) if is_mnist(data) else _folder_job(told, data, name)
    job = _from(start, store, job) if start else job
    with contextlib.closing(train_and_publish(job, store, replace=replace)) as made, stoppable(made) as events:
        tell(events, progress)


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
