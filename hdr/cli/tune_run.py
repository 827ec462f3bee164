"""A budget to the best recipe that it finds, and a model like any other that is trained by it."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hdr.cli.folder_data import is_mnist
from hdr.cli.telling import ProgressKind, stoppable, tell, tell_reading
from hdr.cli.train_job import Told, job_of
from hdr.cli.tune_telling import print_table, tell_search

if TYPE_CHECKING:
    from hdr.classify.store import ModelStore
    from hdr.train.publish import Job
    from hdr.train.search import Plan
    from hdr.train.search_journal import Journal, Trial
    from hdr.train.search_space import Space


@dataclass(frozen=True)
class Asked:
    """What decides a search."""

    told: Told
    arch: tuple[str, ...]
    vary: tuple[str, ...]
    method: Any
    trial_epochs: int | None
    sample: int

    def name(self) -> str:
        """Return a name that the same command always has."""
        data = self.told.data
        first = "mnist" if is_mnist(data) else re.sub(r"[^A-Za-z0-9]+", "-", data[0].absolute().name).strip("-")[:30]
        told = json.dumps(dataclasses.asdict(self), default=lambda path: str(path.absolute()))
        return f"tuned-{first or 'data'}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    def command(self, name: str, budget: Budget) -> str:
        """Return what to type for the same search."""
        told = self.told
        values = [
            *(("data", path) for path in told.data),
            *(("arch", one) for one in self.arch),
            *(("try", one) for one in self.vary),
            ("trials", budget.trials),
            ("minutes", None if budget.minutes is None else f"{budget.minutes:g}"),
            ("method", self.method),
            ("trial-epochs", self.trial_epochs),
            ("sample", self.sample),
            ("epochs", told.epochs),
            ("seed", told.seed),
            ("weights", told.weights),
            ("size", told.size),
            ("name", name),
        ]
        typed = [part for key, value in values if value is not None for part in (f"--{key}", str(value))]
        return shlex.join(["hdr", "tune", *typed, *([] if told.printed else ["--no-printed"])])


@dataclass(frozen=True)
class Budget:
    """How long to search."""

    trials: int | None
    minutes: float | None


@dataclass(frozen=True)
class Manner:
    """What the model is called, and how all is told."""

    name: str
    fresh: bool
    replace: bool
    progress: ProgressKind
    as_json: bool


def run_search(asked: Asked, budget: Budget, store: ModelStore, manner: Manner) -> None:
    """Search, then train the winner and publish it.

    Raises
    ------
    HdrError
        Where the data will not do, something is not installed, the name is taken, or nothing can be trained.
    """
    from hdr.classify.keras_backend import require_keras
    from hdr.train.search import Plan, taking
    from hdr.train.search_journal import folder_of, forget, read_journal, winner_of
    from hdr.train.search_oracle import require_tuner

    require_keras()
    require_tuner()
    folder = folder_of(store.root, manner.name)
    plan = Plan(asked.method, budget.trials, budget.minutes, asked.trial_epochs, asked.sample)
    _check_free(store, manner)
    with taking(folder), _told_what_is_kept(folder):
        if manner.fresh:
            forget(folder)
        job = job_of(asked.told, store, tell_reading if manner.progress is ProgressKind.JSONL else None)
        space = _space(asked, job)
        _search(job, space, plan, folder, manner)
        journal = read_journal(folder)
        assert journal
        winner = _final(asked, space, journal, manner.name, budget)
        _publish(dataclasses.replace(winner, keep=winner_of(folder)), store, manner)
    if manner.progress is ProgressKind.BAR:
        print_table(journal, space, as_json=manner.as_json)


def _check_free(store: ModelStore, manner: Manner) -> None:
    from hdr.errors import ModelError

    if (store.root / manner.name).exists() and not manner.replace:
        raise ModelError(
            f"There is a model {manner.name!r} already.",
            hint="Give another --name; or take its place with --replace, which also goes on searching where --trials "
            "or --minutes are more. `hdr tune --list` tells what was found.",
        )


def _space(asked: Asked, job: Job) -> Space:
    from hdr.errors import ModelError
    from hdr.train.architectures import find_architecture
    from hdr.train.search_space import Space, settings_of, suitable

    names = asked.arch or suitable(job.train.names, asked.told.weights or "")
    for name in names:
        if find_architecture(name).recipe.weights and not asked.told.weights:
            raise ModelError(f"{name} begins with learned weights.", hint="Give them with --weights.")
    base = dataclasses.replace(job.recipe, weights=asked.told.weights or "", size=asked.told.size or 0)
    return Space(tuple(dict.fromkeys(names)), settings_of(asked.vary), job.train.names, base)


@contextlib.contextmanager
def _told_what_is_kept(folder: Path) -> Iterator[None]:
    """Say what a person who stops a search may count on."""
    from hdr.train.search_journal import read_journal

    try:
        yield
    except KeyboardInterrupt:
        kept = read_journal(folder)
        number = len(kept.trials) if kept else 0
        typer.echo(f"hdr: stopped; {number} finished trials are kept, and the same command goes on.", err=True)
        raise


def _search(job: Job, space: Space, plan: Plan, folder: Path, manner: Manner) -> None:
    from hdr.train.search import search

    made: Any = search(job, space, plan, folder)
    with contextlib.closing(made), stoppable(made) as told:
        events: Any = told  # the same events, one by one
        tell_search(events, manner.progress)


def _final(asked: Asked, space: Space, journal: Journal, name: str, budget: Budget) -> Job:
    """What trains the winner on all data: its own job, as if its numbers had been typed."""
    from hdr.classify.store import ModelStore
    from hdr.train.architectures import find_architecture

    best = journal.best
    assert best
    recipe = space.recipe(best.values)
    numbers = {"rate": recipe.learning_rate, "batch": recipe.batch, "warp": best.values.get("warp")}
    told: dict[str, Any] = {"arch": recipe.architecture, **numbers}
    job = job_of(dataclasses.replace(asked.told, name=name, **told), ModelStore())
    return dataclasses.replace(
        job,
        recipe=dataclasses.replace(recipe, epochs=job.recipe.epochs),
        precision=find_architecture(recipe.architecture).precision,
        command=asked.command(name, budget),
        argv=(),
        notes={"search": _note(journal, best)},
    )


def _note(journal: Journal, best: Trial) -> dict[str, Any]:
    return {
        **journal.about,
        "trials": len(journal.trials),
        "seconds": round(journal.seconds),
        "best": {key: value for key, value in dataclasses.asdict(best).items() if key != "failed"},
    }


def _publish(job: Job, store: ModelStore, manner: Manner) -> None:
    from hdr.train.events import Published
    from hdr.train.publish import train_and_publish

    with contextlib.closing(train_and_publish(job, store, replace=manner.replace)) as made, stoppable(made) as events:
        tell((one for one in events if not (manner.as_json and isinstance(one, Published))), manner.progress)
