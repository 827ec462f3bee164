"""`hdr train --runs`, `--discard`, `--resume`: unfinished runs to a table, to nothing, to what was typed for them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hdr.cli.telling import ProgressKind
from hdr.cli.train_job import Told
from hdr.errors import ModelError

if TYPE_CHECKING:
    from hdr.train.runs import Run


def tell_runs(models: Path, *, as_json: bool) -> None:
    """List the unfinished runs."""
    from hdr.train.runs import list_runs

    runs = list_runs(models)
    if as_json:
        for run in runs:
            typer.echo(json.dumps(run.as_dict()))
        return
    for run in runs:
        typer.echo(_line(run))
    typer.echo("hdr train --resume NAME goes on with one." if runs else "No run is unfinished.", err=True)


def _line(run: Run) -> str:
    best = "" if run.best_accuracy is None else f", validation {run.best_accuracy:.2%} in epoch {run.best_epoch}"
    now = ", in training now" if run.running else ""
    when = dt.datetime.fromisoformat(run.saved or run.begun).astimezone()
    done = f"{run.epochs_done} of {run.epochs} epochs{best}"
    return f"{run.name}  {done}, {when:%Y-%m-%d %H:%M}{now}\n    {run.command}"


def discard(name: str, models: Path) -> None:
    """Throw a run away."""
    from hdr.train.runs import discard_run

    run = discard_run(name, models)
    typer.echo(f"The unfinished run {run.name} is gone ({run.epochs_done} of {run.epochs} epochs).")


def told_again(run: Run) -> Told:
    """Return what was typed for a run.

    Raises
    ------
    ModelError
        Where what is kept of it was not typed for `hdr train`.
    """
    from typer.main import get_command

    from hdr.cli.train import train

    app = typer.Typer(add_completion=False)
    app.command()(train)
    try:
        typed = get_command(app).make_context("hdr train", list(run.argv[1:]), resilient_parsing=False).params
        data = tuple(Path(one) for one in typed.pop("data") or ())
        bend, log = tuple(typed.pop("bend") or ()), typed.pop("tensorboard")
        known = {key: value for key, value in typed.items() if key in Told.__dataclass_fields__}
        return Told(data=data, bend=bend, tensorboard=log and Path(log), **known)
    except Exception as error:  # what its parser raises is private to Typer
        raise ModelError(
            f"What was typed for the run {run.name!r} is not understood ({error}).",
            hint=f"Throw it away with hdr train --discard {run.name}.",
        ) from error


def tell_stopped(name: str, models: Path, progress: ProgressKind, *, elsewhere: bool) -> None:
    """Say what is left of a run that was asked to stop, and how to go on.

    Parameters
    ----------
    name
        Of the run.
    models
        Folder of the models.
    progress
        How its progress was told.
    elsewhere
        Whether that is not the workspace's folder, and must be typed again.
    """
    from hdr.train.events import Stopped, to_json
    from hdr.train.runs import list_runs

    run = next((one for one in list_runs(models) if one.name == name), None)
    where = f" --out {models}" if elsewhere else ""
    again = f"hdr train --resume {name}{where}" if run else ""
    if progress is ProgressKind.JSONL:
        typer.echo(to_json(Stopped(name, run.epochs_done if run else 0, run.epochs if run else 0, again)))
    elif run:
        typer.echo(
            f"Stopped after {run.epochs_done} of {run.epochs} epochs. Go on with: {again}\n"
            f"Or make a model of the best epoch so far: {again} --finish",
            err=True,
        )
    else:
        typer.echo("Stopped before an epoch was done: nothing is kept.", err=True)
