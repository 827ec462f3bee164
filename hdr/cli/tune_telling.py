"""The trials of a search to a bar and a table for people, or to lines of JSON for programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hdr.cli import output
from hdr.cli.telling import ProgressKind

if TYPE_CHECKING:
    from hdr.train.search import SearchEvent
    from hdr.train.search_journal import Journal, Trial
    from hdr.train.search_space import Space, Values


def tell_search(events: Iterable[SearchEvent], progress: ProgressKind) -> None:
    """Tell a search as it was asked for."""
    if progress is ProgressKind.BAR:
        _show(events)
        return
    from hdr.train.search import to_json

    for event in events:
        typer.echo(to_json(event))


def _show(events: Iterable[SearchEvent]) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    from hdr.train.search import Searched, TrialBegun, TrialDone, TrialStep

    console = Console(stderr=True)
    with Progress(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=console) as bar:
        task = bar.add_task("searching", total=1.0)
        for event in events:
            match event:
                case TrialBegun():
                    of = f" of {event.trials}" if event.trials else ""
                    bar.update(task, completed=0, description=f"trial {event.number}{of}")
                    console.print(f"trial {event.number}: {in_words(event.values)}; {event.epochs} epochs")
                case TrialStep():
                    bar.update(task, completed=event.done)
                case TrialDone():
                    one = event.trial
                    told = one.failed or f"{one.accuracy:.2%} right of what is held out, {one.seconds:.0f} s"
                    console.print(f"  {told}{', the best so far' * event.best}")
                case Searched():
                    bar.update(task, completed=1, description="searched")
                    console.print(
                        f"{event.why}: of {event.trials} the best is trial {event.best.number}, "
                        f"{in_words(event.best.values)}; it is trained now"
                    )


def in_words(values: Values) -> str:
    """Return what was chosen as people read it: ``cnn-93k, rate x2, batch x0.5, adam``."""
    return ", ".join(
        str(value) if isinstance(value, str) else f"{key} x{value:g}" for key, value in values.items() if value != 1
    )


def print_table(journal: Journal, space: Space, *, as_json: bool) -> None:
    """Print all trials, the best first."""
    ranked = sorted(journal.trials, key=lambda one: one.rank, reverse=True)
    if as_json:
        for one in ranked:
            output.print_json(_figures(one, space))
        return
    head = ("trial", "held out", "loss", "architecture", "rate", "batch", "warp", "optimizer", "width", "dropout")
    _print_rows([(*head, "epochs", "parameters", "seconds"), *(_row(one, space) for one in ranked)])


def _figures(trial: Trial, space: Space) -> dict[str, Any]:
    recipe = space.recipe(trial.values)
    return {**dataclasses.asdict(trial), "learning_rate": recipe.learning_rate, "batch": recipe.batch}


def _row(trial: Trial, space: Space) -> tuple[str, ...]:
    recipe = space.recipe(trial.values)
    factors = {key: f"x{value:g}" for key, value in trial.values.items() if not isinstance(value, str)}
    own = (f"{recipe.learning_rate:g}", str(recipe.batch), factors.get("warp", "-"), recipe.optimizer)
    shape = (factors.get("width", "-"), factors.get("dropout", "-"), str(trial.epochs))
    score = ("failed", "-") if trial.failed else (f"{trial.accuracy:.2%}", f"{trial.loss:.4f}")
    return (
        *(str(trial.number), *score, recipe.architecture),
        *(*own, *shape, f"{trial.parameters:,}", f"{trial.seconds:.0f}"),
    )


def _print_rows(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def list_searches(models: Path, *, as_json: bool) -> None:
    """Print every search that a folder of models keeps; one that cannot be read says so."""
    from hdr.errors import HdrError
    from hdr.train.search_journal import folder_of, read_journal, searches

    names = searches(models)
    if not names and not as_json:
        typer.echo("No search was begun here.")
    for name in names:
        try:
            journal = read_journal(folder_of(models, name))
        except HdrError as error:
            output.complain(error, name)
            continue
        if journal:
            _tell_one(name, journal, published=(models / name).is_dir(), as_json=as_json)


def _tell_one(name: str, journal: Journal, *, published: bool, as_json: bool) -> None:
    best = journal.best
    if as_json:
        found = dataclasses.asdict(best) if best else None
        output.print_json({"name": name, "trials": len(journal.trials), "best": found, "published": published})
        return
    told = f"{best.accuracy:.2%} with {in_words(best.values)}" if best else "nothing yet"
    ended = "the model stands" if published else "no model yet: the same command goes on"
    typer.echo(f"{name}: {len(journal.trials)} trials in {journal.seconds:.0f} s, best {told}; {ended}")
