"""A search makes trials until its budget is spent, and goes on where it was stopped; here training is a formula."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import MagicMock

import pytest

from hdr.data.drawn import draw_digits
from hdr.errors import ModelError
from hdr.train import search as module
from hdr.train.events import Event, Started, Step
from hdr.train.publish import Job
from hdr.train.recipe import Recipe
from hdr.train.search import Plan, Searched, TrialBegun, TrialDone, TrialStep, search, taking, to_json
from hdr.train.search_journal import read_journal
from hdr.train.search_oracle import METHODS, Oracle, _key, require_tuner
from hdr.train.search_space import SETTINGS, Space

pytestmark = pytest.mark.train

DATA = draw_digits(40, 1)
SPACE = Space(("dense", "cnn-dropout"), SETTINGS, DATA.names, Recipe())
JOB = Job("best", Recipe("tiny"), DATA)


class FakeTraining:
    """As fast as it is predictable: the nearer to half the usual rate, the better; more epochs help."""

    made: ClassVar[list[Recipe]] = []
    failing = ""

    def __init__(self, data: Any, recipe: Recipe, keep: None, extra: Any) -> None:
        if self.failing == recipe.architecture:
            raise ModelError(f"{recipe.architecture} is too large.", hint="")
        self.recipe, self.steps = recipe, 4
        self.made.append(recipe)
        away = abs(recipe.learning_rate / 5e-4 - 1)
        accuracy = round(max(0.0, 0.9 - away / 20 + recipe.epochs / 1000), 6)
        self.best = SimpleNamespace(validation_accuracy=accuracy, validation_loss=away)

    def run(self) -> Iterator[Event]:
        yield Started(self.recipe.architecture, 1000, 30, 10, self.recipe.epochs, 4)
        for epoch in range(1, self.recipe.epochs + 1):
            yield Step(epoch, 4, 0.5)


@pytest.fixture(autouse=True)
def training(monkeypatch: pytest.MonkeyPatch) -> type[FakeTraining]:
    monkeypatch.setattr(module, "Training", FakeTraining)
    monkeypatch.setattr(module, "require_keras", MagicMock())  # whose memory nothing has filled
    monkeypatch.setattr(FakeTraining, "made", [])
    monkeypatch.setattr(FakeTraining, "failing", "")
    return FakeTraining


def _made(folder: Path, plan: Plan, space: Space = SPACE, job: Job = JOB) -> list[Any]:
    return list(search(job, space, plan, folder))


def _trials(events: list[Any]) -> list[Any]:
    return [event.trial for event in events if isinstance(event, TrialDone)]


@pytest.mark.parametrize("method", METHODS)
def test_trials_are_made_until_the_budget_is_spent_and_the_best_wins(tmp_path: Path, method: Any) -> None:
    events = _made(tmp_path, Plan(method, trials=5, epochs=4))
    trials, last = _trials(events), events[-1]
    assert [one.number for one in trials] == [1, 2, 3, 4, 5]
    assert trials[0].values == SPACE.usual()
    assert isinstance(last, Searched)
    assert last.best.accuracy == max(one.accuracy for one in trials)
    assert (last.trials, last.why) == (5, "all trials are made")
    kept = read_journal(tmp_path)
    assert kept
    assert list(kept.trials) == trials
    if method != "hyperband":
        assert {one.epochs for one in trials} == {4}
        assert len({json.dumps(one.values, sort_keys=True) for one in trials}) == 5
    assert all("dropout" not in one.values for one in trials if one.values["architecture"] == "dense")


def test_hyperband_gives_the_best_more_epochs(tmp_path: Path) -> None:
    trials = _trials(_made(tmp_path, Plan("hyperband", trials=8, epochs=4)))
    assert {one.epochs for one in trials} == {2, 4}


def test_after_some_by_chance_a_model_of_what_is_good_asks_and_for_nothing_twice(tmp_path: Path) -> None:
    space = Space(("dense",), {"rate": (0.25, 0.5, 1.0), "batch": (0.5, 1.0, 2.0)}, DATA.names, Recipe())
    trials = _trials(_made(tmp_path, Plan("bayesian", trials=7), space))
    assert len({tuple(one.values.items()) for one in trials}) == 7


@pytest.mark.parametrize("method", ["bayesian", "random"])
def test_a_search_ends_where_nothing_new_is_left(tmp_path: Path, method: Any) -> None:
    space = Space(("dense",), {"rate": (0.5, 1.0)}, DATA.names, Recipe())
    last = _made(tmp_path, Plan(method, trials=30), space)[-1]
    assert (last.trials, last.why) == (2, "nothing new is left to try")


def test_what_was_tried_is_replaced_by_a_neighbour() -> None:
    space = Space(("dense",), {"rate": (0.5, 1.0), "batch": (1.0,)}, DATA.names, Recipe())
    oracle = Oracle(space, "bayesian", 4, 7)
    values = space.usual()
    assert oracle._neighbour(dict(values)) in ({**values, "rate": 0.5}, values)
    oracle._tried = {_key(values), _key({**values, "rate": 0.5})}
    assert oracle._neighbour(dict(values)) is None
    oracle.close()


def test_a_stopped_search_goes_on_and_ends_as_if_it_had_not_been_stopped(tmp_path: Path) -> None:
    whole = _trials(_made(tmp_path / "whole", Plan("bayesian", trials=5)))
    stopped = search(JOB, SPACE, Plan("bayesian", trials=5), tmp_path / "parts")
    for event in stopped:
        if isinstance(event, TrialStep) and event.number == 3:
            break
    stopped.close()
    kept = read_journal(tmp_path / "parts")
    assert kept
    assert len(kept.trials) == 2
    rest = _trials(_made(tmp_path / "parts", Plan("bayesian", trials=5)))
    assert [one.number for one in rest] == [3, 4, 5]
    assert [one.values for one in (*kept.trials, *rest)] == [one.values for one in whole]


def test_a_finished_search_makes_no_more_and_a_larger_budget_goes_on(tmp_path: Path) -> None:
    _made(tmp_path, Plan("random", trials=2))
    (only,) = _made(tmp_path, Plan("random", trials=2))
    assert isinstance(only, Searched)
    assert len(_trials(_made(tmp_path, Plan("random", trials=3)))) == 1


def test_time_is_a_budget_too_but_the_first_trial_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100_000, 7))
    monkeypatch.setattr(module.time, "perf_counter", lambda: float(next(clock)))
    events = _made(tmp_path, Plan("random", trials=None, minutes=1))
    assert events[-1].why == "the time is up"
    assert len(_trials(events)) >= 1
    began = [event for event in events if isinstance(event, TrialBegun)]
    assert began[0].trials == 0
    kept = read_journal(tmp_path)
    assert kept
    assert len(kept.trials) in {len(began), len(began) - 1}


def test_a_trial_learns_from_a_part_and_for_a_part_of_the_epochs(tmp_path: Path, training: type[FakeTraining]) -> None:
    seen = []
    monkey = training.__init__

    def init(self: Any, data: Any, recipe: Recipe, keep: None, extra: Any) -> None:
        seen.append((len(data), len(extra)))
        monkey(self, data, recipe, keep, extra)

    training.__init__ = init  # type: ignore[method-assign]  # put back below
    try:
        _made(tmp_path, Plan("random", trials=1, sample=20), job=Job("best", Recipe("tiny"), DATA, extra=DATA))
    finally:
        training.__init__ = monkey  # type: ignore[method-assign]
    assert seen == [(20, 20)]
    (recipe,) = training.made
    assert (recipe.epochs, recipe.validation) == (2, 0.2)  # dense: 8 epochs, a twelfth


def test_another_search_of_the_same_name_is_refused(tmp_path: Path) -> None:
    _made(tmp_path, Plan("random", trials=1))
    with pytest.raises(ModelError, match="its sample had other values"):
        _made(tmp_path, Plan("random", trials=1, sample=30))
    with pytest.raises(ModelError, match="its data had other values"):
        _made(tmp_path, Plan("random", trials=1), job=Job("best", Recipe("tiny"), draw_digits(40, 2)))


def test_a_trial_that_cannot_be_trained_is_a_row_and_three_end_the_search(
    tmp_path: Path, training: type[FakeTraining], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "failing", "dense")
    both = _trials(_made(tmp_path / "both", Plan("random", trials=4)))
    failed = [one for one in both if one.failed]
    assert failed[0].failed == "dense is too large."
    assert len(failed) < 4
    with pytest.raises(ModelError, match="Three trials failed"):
        _made(tmp_path / "one", Plan("random", trials=4), Space(("dense",), SETTINGS, DATA.names, Recipe()))
    with pytest.raises(ModelError, match="No trial could be trained"):
        _made(tmp_path / "two", Plan("random", trials=1), Space(("dense",), SETTINGS, DATA.names, Recipe()))


def test_a_search_is_one_processs_at_a_time(tmp_path: Path) -> None:
    with taking(tmp_path / "one"), pytest.raises(ModelError, match="another process"), taking(tmp_path / "one"):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written"), taking(tmp_path / "file" / "below"):
        pass


def test_events_are_lines_of_json(tmp_path: Path) -> None:
    told = [json.loads(to_json(event)) for event in _made(tmp_path, Plan("random", trials=1))]
    assert [one["event"] for one in told] == ["trial", "trial_step", "trial_step", "trial_done", "searched"]
    assert told[0]["values"]["architecture"] == "dense"
    assert told[3]["trial"]["accuracy"] == told[4]["best"]["accuracy"]
    assert json.loads(to_json(Step(1, 2, 0.5)))["event"] == "step"


@pytest.mark.parametrize("missing", ["keras_tuner", "sklearn.gaussian_process"])
def test_without_the_extra_there_is_a_sentence_with_the_cure(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        if name == missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return importlib.import_module(name)

    monkeypatch.setattr("hdr.train.search_oracle.import_module", absent)
    with pytest.raises(ModelError, match=missing) as told:
        require_tuner()
    assert ".[tune]" in told.value.hint


def test_the_oracle_leaves_nothing_behind() -> None:
    oracle = Oracle(SPACE, "random", 4, 7)
    scratch = Path(oracle._scratch.name)
    assert oracle.next()
    assert list(scratch.rglob("*.json"))
    oracle.close()
    assert not scratch.exists()
