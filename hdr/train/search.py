"""Data and a space of recipes to the recipe that does best on what is held out: a short training run for each trial.

What is tested on has no part in it. A trial that is done is on disk; one that is not is made again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from hdr.classify.keras_backend import require_keras
from hdr.data.dataset import Dataset
from hdr.errors import HdrError, ModelError
from hdr.train.checkpoint import digest_of
from hdr.train.events import Event, Started, Step
from hdr.train.events import to_json as event_to_json
from hdr.train.fit import Training
from hdr.train.publish import Job
from hdr.train.recipe import Recipe
from hdr.train.search_journal import Journal, Trial, read_journal, write_journal
from hdr.train.search_oracle import Method, Oracle, Proposal
from hdr.train.search_space import Space, Value

_VALIDATION = 0.2
_PART = 4  # of a recipe's epochs, one in so many
_LOCK = ".lock"


@dataclass(frozen=True)
class Plan:
    """How to search, and for how long.

    Parameters
    ----------
    method
        See `Oracle`.
    trials
        At most, those of earlier processes included; None for no limit.
    minutes
        For all trials together; None for no limit. A trial that would take longer is given up, unless it is the first.
    epochs
        Of a trial; None for a quarter of its recipe's, two at least.
    sample
        Samples that a trial learns from and is measured on, at most.
    """

    method: Method = "bayesian"
    trials: int | None = 20
    minutes: float | None = None
    epochs: int | None = None
    sample: int = 10_000


@dataclass(frozen=True)
class TrialBegun:
    """A trial begins: its number, of how many (0: nobody knows), what is tried, and with which numbers."""

    number: int
    trials: int
    values: dict[str, Value]
    epochs: int
    learning_rate: float
    batch: int


@dataclass(frozen=True)
class TrialStep:
    """A trial goes on: which share of it is done, 0 to 1."""

    number: int
    done: float


@dataclass(frozen=True)
class TrialDone:
    """A trial is done and kept; ``best``: it is the best so far."""

    trial: Trial
    best: bool


@dataclass(frozen=True)
class Searched:
    """The search is over: what won, among how many trials, and why no more were made."""

    best: Trial
    trials: int
    seconds: float
    why: str


SearchEvent = TrialBegun | TrialStep | TrialDone | Searched
_NAMES = {TrialBegun: "trial", TrialStep: "trial_step", TrialDone: "trial_done", Searched: "searched"}


def to_json(event: SearchEvent | Event) -> str:
    """Return an event as one line of JSON, its kind under ``event``."""
    if isinstance(event, SearchEvent):
        return json.dumps({"event": _NAMES[type(event)], **dataclasses.asdict(event)})
    return event_to_json(event)


@contextlib.contextmanager
def taking(folder: Path) -> Iterator[None]:
    """Have a search to oneself.

    Raises
    ------
    ModelError
        Where another process has it, or its folder cannot be written.
    """
    lock = filelock.FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise ModelError(
            f"The search {folder.name!r} is going on in another process.", hint="Wait for it, or give another --name."
        ) from None
    except OSError as error:
        raise ModelError(
            f"{folder} cannot be written ({error.strerror}).", hint="Choose another folder with --out."
        ) from error
    try:
        yield
    finally:
        lock.release()


def search(job: Job, space: Space, plan: Plan, folder: Path) -> Generator[SearchEvent, None, None]:
    """Make trials until the budget is spent; go on where an earlier process stopped.

    Parameters
    ----------
    job
        Whose data to search with. Its recipe and what it tests on have no part in it.
    space
        What to choose among.
    plan
        How.
    folder
        Where finished trials are kept; see `taking`.

    Raises
    ------
    ModelError
        Where the folder holds another search or a damaged one, KerasTuner is not installed, or nothing can be trained.
    """
    journal = _begin(job, space, plan, folder)
    data, extra = (_sample(one, plan.sample, space.base.seed) for one in (job.train, job.extra))
    assert data is not None
    oracle = Oracle(space, plan.method, _longest(space, plan), space.base.seed, journal.trials)
    with contextlib.closing(oracle):
        while not (why := _spent(journal, plan)):
            proposal = oracle.next()
            if proposal is None:
                why = "nothing new is left to try"
                break
            trial = yield from _try(_Run(data, extra, space, plan, journal), proposal)
            if trial is None:
                why = "the time is up"
                break
            oracle.tell(trial)
            journal = dataclasses.replace(journal, trials=(*journal.trials, trial))
            write_journal(folder, journal)
            yield TrialDone(trial, trial == journal.best)
    if journal.best is None:
        raise ModelError(
            "No trial could be trained.", hint="See why above; leave out what fails, with --arch or --try."
        )
    yield Searched(journal.best, len(journal.trials), round(journal.seconds, 1), why)


def _begin(job: Job, space: Space, plan: Plan, folder: Path) -> Journal:
    how = {"method": plan.method, "epochs": plan.epochs, "sample": plan.sample, "space": space.told()}
    about = {**how, "data": digest_of({}, job.train, job.extra)}
    about = json.loads(json.dumps(about))  # as it will be read
    kept = read_journal(folder)
    if kept and kept.about != about:
        changed = ", ".join(key for key in about if kept.about.get(key) != about[key])
        raise ModelError(
            f"The search {folder.name!r} was begun otherwise: its {changed} had other values.",
            hint="Give the same options and data, or another --name; --fresh forgets its trials.",
        )
    return kept or Journal(about)


def _sample(data: Dataset | None, most: int, seed: int) -> Dataset | None:
    if data is None or len(data) <= most:
        return data
    return data.split(most / len(data), seed)[1]


def _longest(space: Space, plan: Plan) -> int:
    own = (space.recipe({"architecture": name}) for name in space.architectures)
    return plan.epochs or max(_short(one) for one in own)


def _short(recipe: Recipe) -> int:
    return max(2, math.ceil(recipe.epochs / _PART))


def _spent(journal: Journal, plan: Plan) -> str:
    if plan.trials is not None and len(journal.trials) >= plan.trials:
        return "all trials are made"
    if plan.minutes is not None and journal.seconds >= 60 * plan.minutes:
        return "the time is up"
    return ""


@dataclass(frozen=True, eq=False)
class _Run:
    """What every trial needs."""

    data: Dataset
    extra: Dataset | None
    space: Space
    plan: Plan
    journal: Journal

    @property
    def number(self) -> int:
        return len(self.journal.trials) + 1

    def is_late(self, began: float) -> bool:
        """Whether the time is up, while a trial runs; the first one is always finished."""
        if self.plan.minutes is None or self.journal.best is None:
            return False
        return self.journal.seconds + time.perf_counter() - began > 60 * self.plan.minutes

    def recipe(self, proposal: Proposal) -> Recipe:
        recipe = self.space.recipe(proposal.values)
        fixed = self.plan.epochs or self.plan.method == "hyperband"
        epochs = proposal.epochs if fixed else _short(recipe)
        return dataclasses.replace(recipe, epochs=epochs, validation=max(_VALIDATION, recipe.validation))


def _try(run: _Run, proposal: Proposal) -> Generator[SearchEvent, None, Trial | None]:
    """Train for a while; None where the time was up before the end."""
    recipe, began, parameters = run.recipe(proposal), time.perf_counter(), 0
    yield TrialBegun(
        run.number, run.plan.trials or 0, proposal.values, recipe.epochs, recipe.learning_rate, recipe.batch
    )
    require_keras().utils.clear_session()  # or every trial's graph would stay in memory
    told: dict[str, Any] = {"number": run.number, "values": proposal.values, "epochs": recipe.epochs}
    try:
        training = Training(run.data, recipe, None, run.extra)
        with contextlib.closing(_iterate(training)) as events:
            for event in events:
                if isinstance(event, Started):
                    parameters = event.parameters
                if isinstance(event, Step):
                    yield TrialStep(run.number, round(_share(event, training), 4))
                if run.is_late(began):
                    return None
    except (HdrError, MemoryError) as error:
        said = error.message if isinstance(error, HdrError) else "there is too little memory"
        return Trial(**told, accuracy=0, loss=0, parameters=0, seconds=_since(began), failed=said)
    best = training.best
    figures: dict[str, Any] = {"accuracy": best.validation_accuracy, "loss": best.validation_loss}
    return Trial(**told, **figures, parameters=parameters, seconds=_since(began))


def _iterate(training: Training) -> Generator[Event, None, None]:
    yield from training.run()


def _share(event: Step, training: Training) -> float:
    return min(1.0, ((event.epoch - 1) + event.step / training.steps) / training.recipe.epochs)


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 2)
