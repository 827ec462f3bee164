"""What was typed after `hdr train` to the job that it asks for, and that job to what types it again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hdr.cli.folder_data import in_words, is_mnist, load_data, warn_of_skew

if TYPE_CHECKING:
    from hdr.classify.store import ModelStore
    from hdr.cli.progress import Far
    from hdr.data.augment import Warp
    from hdr.data.class_folders import Divided
    from hdr.data.dataset import Dataset
    from hdr.data.pictures import PictureWarp
    from hdr.train.publish import Job
    from hdr.train.recipe import Recipe


@dataclass(frozen=True)
class Told:
    """What was typed; what was not is None and is the recipe's."""

    arch: str = "default"
    data: tuple[Path, ...] = ()
    epochs: int | None = None
    seed: int = 7
    name: str | None = None
    start: str | None = None
    rate: float | None = None
    schedule: str | None = None
    patience: int | None = None
    batch: int | None = None
    class_weights: str | None = None
    warp: float | None = None
    bend: tuple[str, ...] = ()
    weights: str | None = None
    size: int | None = None
    printed: bool = True
    mixed: bool | None = None
    tensorboard: Path | None = None
    replace: bool = False


def job_of(told: Told, store: ModelStore, program: Far | None = None) -> Job:
    """Return the job, its data loaded; say what will hurt.

    Parameters
    ----------
    told
        What was typed.
    store
        With the model to go on from.
    program
        Is told how many pictures of folders are read, in place of a person.

    Raises
    ------
    HdrError
        Where the data, the recipe or the model to go on from will not do.
    """
    import dataclasses

    job = _mnist_job(told) if is_mnist(told.data) else _folder_job(told, program)
    job = dataclasses.replace(job, tensorboard=told.tensorboard and told.tensorboard.absolute())
    job = _from(told.start, store, job) if told.start else job
    return dataclasses.replace(job, argv=tuple(_argv(told, job)))


def recipe_of(told: Told, names: tuple[str, ...]) -> Recipe:
    """Return the architecture's own recipe, with what was typed in place of its numbers."""
    import dataclasses

    from hdr.train.architectures import find_architecture
    from hdr.train.devices import mixed_suits

    own = find_architecture(told.arch).recipe_for(names)
    numbers = {
        "epochs": told.epochs,
        "learning_rate": told.rate or (_tenth(own.learning_rate) if told.start else None),
        "schedule": told.schedule,
        "patience": told.patience,
        "batch": told.batch,
        "class_weights": told.class_weights,
        "weights": told.weights,
        "size": told.size,
    }
    typed: dict[str, Any] = {key: value for key, value in numbers.items() if value is not None}
    mixed = mixed_suits() if told.mixed is None else told.mixed
    recipe = dataclasses.replace(own, seed=told.seed, mixed=mixed, warp=_warp(told.warp, own), **typed)
    return recipe.bent(told.bend, names)


def _tenth(rate: float) -> float:
    return float(f"{rate / 10:g}")


def _warp(strength: float | None, own: Recipe) -> Warp | PictureWarp | None:
    from hdr.data.augment import Warp

    if strength is None:
        return own.warp
    full = own.warp or Warp()
    return None if not strength else full if strength == 1 else full.scaled(strength)


def _mnist_job(told: Told) -> Job:
    from hdr.data.load import load_mnist
    from hdr.data.negatives import NAMES
    from hdr.train.architectures import find_architecture
    from hdr.train.publish import Job
    from hdr.train.sources import find_mnist

    recipe = recipe_of(told, NAMES)
    learn, test = (part.among(NAMES) for part in load_mnist(find_mnist(told.data[0] if told.data else None)))
    extra, words = _extra(told, recipe, learn)
    held = round(recipe.validation * len(learn))
    trained_on = (
        f"MNIST's training part ({len(learn) - held:,} digits, {held:,} more held out for every choice), "
        f"{words}; {'all of them warped' if recipe.warp else 'none of them warped'}"
    )
    return Job(
        told.name or _named_by(recipe),
        recipe,
        learn,
        ("mnist_test", test),
        extra,
        trained_on,
        command_of(told, recipe),
        find_architecture(told.arch).precision,
    )


def _extra(told: Told, recipe: Recipe, learn: Dataset) -> tuple[Dataset, str]:
    from hdr.train.sources import extra_digits

    return extra_digits(recipe.seed, learn.split(recipe.validation, recipe.seed)[0], printed=told.printed)


def _folder_job(told: Told, program: Far | None) -> Job:
    import dataclasses

    from hdr.classify.names import DIGITS
    from hdr.data.negatives import NAMES
    from hdr.train.architectures import find_architecture
    from hdr.train.publish import Job

    divided = load_data(told.data, told.seed, program)
    digits = set(divided.learn.names) == set(DIGITS)
    if digits:
        parts = divided.learn.among(NAMES), divided.test.among(NAMES)
        divided = dataclasses.replace(divided, learn=parts[0], test=parts[1])
    recipe = _weighed(told, recipe_of(told, divided.learn.names), divided)
    words, extra = in_words(told.data, divided, recipe), None
    if digits:
        extra, more = _extra(told, recipe, divided.learn)
        words = f"{words}, {more}"
        typer.echo("hdr: these are the ten digits: what is no digit is learned beside them, as with MNIST.", err=True)
    where = "".join(f" --data {shlex.quote(str(path))}" for path in told.data)
    return Job(
        told.name or _named_by(recipe),
        recipe,
        divided.learn,
        ("test", divided.test),
        extra,
        words,
        command_of(told, recipe) + where,
        find_architecture(told.arch).precision,
    )


def _weighed(told: Told, recipe: Recipe, divided: Divided) -> Recipe:
    """The same recipe; where nobody says how labels count and some are rare, those count more."""
    import dataclasses

    if told.class_weights is not None or not warn_of_skew(divided):
        return recipe
    return dataclasses.replace(recipe, class_weights="balanced")


def _named_by(recipe: Recipe) -> str:
    import datetime as dt

    return f"{recipe.architecture}-{dt.datetime.now().astimezone():%Y%m%d-%H%M%S}"


def command_of(told: Told, recipe: Recipe) -> str:
    """Return what to type for the same run, as the card tells it; every option that is not the usual one."""
    return shlex.join(["hdr", *_options(told, recipe)])


def _options(told: Told, recipe: Recipe) -> list[str]:
    weighed = recipe.class_weights if told.class_weights or recipe.class_weights != "none" else None
    values = {
        "arch": recipe.architecture,
        "epochs": recipe.epochs,
        "seed": recipe.seed,
        "rate": f"{recipe.learning_rate:g}" if told.rate or told.start else None,
        "schedule": told.schedule,
        "patience": told.patience,
        "batch": told.batch,
        "class-weights": weighed,
        "warp": None if told.warp is None else f"{told.warp:g}",
        "weights": told.weights,
        "size": told.size,
    }
    typed = [part for key, value in values.items() if value is not None for part in (f"--{key}", str(value))]
    typed += [part for one in told.bend for part in ("--bend", one)]
    typed += [] if told.printed else ["--no-printed"]
    return ["train", *typed, *(["--mixed"] if recipe.mixed else [])]


def _argv(told: Told, job: Job) -> list[str]:
    """What types the same run again from any folder, whatever the environment and the day."""
    from hdr.train.sources import find_mnist

    argv = _options(told, job.recipe)
    if told.weights and Path(told.weights).exists():
        argv[argv.index("--weights") + 1] = str(Path(told.weights).absolute())
    argv += [] if job.recipe.mixed else ["--no-mixed"]
    for path in told.data or (find_mnist(),):
        argv += ["--data", str(path.absolute())]
    argv += ["--name", job.name]
    argv += ["--from", told.start] if told.start else []
    argv += ["--tensorboard", str(job.tensorboard)] if job.tensorboard else []
    return argv + (["--replace"] if told.replace else [])


def _from(name: str, store: ModelStore, job: Job) -> Job:
    """The same job, going on from a model."""
    import dataclasses

    from hdr.train.publish import find_parent

    parent = find_parent(name, store, job.recipe, job.train.names)
    return dataclasses.replace(job, parent=parent, command=f"{job.command} --from {name}")
