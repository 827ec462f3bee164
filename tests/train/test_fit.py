"""Training runs of a few steps on digits drawn by rule."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hdr.classify.card import ModelCard
from hdr.classify.loading import load_classifier
from hdr.classify.store import ModelStore
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.data.evaluate import evaluate
from hdr.data.learned import read_learned
from hdr.data.negatives import NAMES, make_negatives
from hdr.errors import ModelError, ModelMismatchError
from hdr.train.ahead import ahead
from hdr.train.events import EpochDone, Measured, Published, Started, Step, to_json
from hdr.train.fit import Training
from hdr.train.history import read_history
from hdr.train.publish import Job, find_parent, train_and_publish
from hdr.train.recipe import Recipe
from hdr.train.registry import set_weights
from hdr.workspace import Workspace

pytestmark = pytest.mark.train

QUICK = Recipe("tiny", epochs=3, batch=32, learning_rate=0.02, validation=0.2, seed=3, warp=None)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return draw_digits(240, 1)


def test_a_run_tells_its_steps_and_learns(data: Dataset, tmp_path: Path) -> None:
    training = Training(data, QUICK, tmp_path)
    events = list(training.run())
    started, epochs = events[0], [one for one in events if isinstance(one, EpochDone)]
    assert isinstance(started, Started)
    assert (started.train, started.validation, started.steps) == (192, 48, 6)
    assert [one.epoch for one in epochs] == [1, 2, 3]
    steps = [one for one in events if isinstance(one, Step)]
    assert [one.done for one in steps if one.step == 6] == [6, 12, 18]
    assert started.total == 18
    assert started.device
    assert epochs[-1].loss < epochs[0].loss
    best = max(one.validation_accuracy for one in epochs)
    held, labels = training.material.held
    got = training.probabilities(held).argmax(axis=1)
    assert (got == labels).mean() == pytest.approx(best)
    assert best > 0.5


def test_the_same_seed_gives_the_same_model(data: Dataset, tmp_path: Path) -> None:
    recipe = Recipe("tiny", epochs=1, batch=64, validation=0.2, seed=5)
    runs = [Training(data, recipe, tmp_path) for _ in range(2)]
    for run in runs:
        list(run.run())
    first, second = (run.model.get_weights() for run in runs)
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(first, second, strict=True))
    assert np.array_equal(*(next(run.material.hard[0].parts()) for run in runs))


def test_a_run_may_be_stopped_between_two_batches(data: Dataset, tmp_path: Path) -> None:
    run = Training(data, Recipe("tiny", epochs=50, batch=1, validation=0.2, warp=None), tmp_path).run()
    for event in run:
        if isinstance(event, Step):
            break
    run.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while any(one.name == "hdr-batches" for one in threading.enumerate()):
        assert time.monotonic() < deadline, "the thread that makes batches lives on"
        time.sleep(0.01)


def test_an_error_while_batches_are_made_reaches_the_caller() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError("in the thread")

    items = ahead(failing())
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError):
        next(items)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch": 0}, {"seed": -1}])
def test_a_recipe_that_trains_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ModelError):
        Recipe(**wrong)  # type: ignore[arg-type]


def test_events_are_lines_of_json() -> None:
    told = json.loads(to_json(Measured("mnist_test", 0.99, (0.98, 0.995), 100, 0)))
    assert told["event"] == "measured"
    assert told["interval"] == [0.98, 0.995]


class TestPublishing:
    @pytest.fixture
    def store(self, tmp_path: Path) -> ModelStore:
        return ModelStore(Workspace.at(tmp_path), tmp_path / "none")

    def test_the_published_model_is_whole_and_reads(self, data: Dataset, store: ModelStore) -> None:
        job = Job("mine", QUICK, data, ("drawn_test", draw_digits(60, 9)), command="hdr train")
        events = list(train_and_publish(job, store))
        assert isinstance(events[-1], Published)
        measured = next(one for one in events if isinstance(one, Measured))
        folder = store.root / "mine"
        assert sorted(one.name for one in folder.iterdir()) == [
            "card.json",
            "history.json",
            "learned.npz",
            "model.keras",
            "model.tflite",
        ]
        learned = read_learned(folder)
        assert learned is not None
        assert [int(mask.sum()) for mask in learned.knows(data)] == [len(learned.learned), len(learned.chosen)]
        assert len(learned.learned) + len(learned.chosen) == len(data)
        history = read_history(folder)
        assert history is not None
        assert len(history.epochs["validation_loss"]) == QUICK.epochs
        assert history.epochs["accuracy"][-1] > history.epochs["accuracy"][0]
        card = store.find("mine").card
        assert card is not None
        assert card.scores["drawn_test"]["n"] == 60
        assert card.scores["drawn_test"]["parity"]["changed"] == [] or measured.disagreements
        assert card.made["seed"] == 3
        assert card.made["command"] == "hdr train"
        light = evaluate(load_classifier(folder), draw_digits(60, 9))
        assert light.accuracy.value == pytest.approx(measured.accuracy)
        heavy = evaluate(load_classifier(folder / "model.keras"), draw_digits(60, 9))
        assert abs(heavy.accuracy.right - light.accuracy.right) <= measured.disagreements

    def test_a_run_that_is_stopped_publishes_nothing(self, data: Dataset, store: ModelStore) -> None:
        run = train_and_publish(Job("mine", QUICK, data), store)
        next(run)
        run.close()
        assert list(store.root.iterdir()) == []

    def test_a_taken_name_is_refused_before_anything_is_trained(self, data: Dataset, store: ModelStore) -> None:
        (store.root / "mine").mkdir(parents=True)
        with pytest.raises(ModelError, match="already"):
            next(train_and_publish(Job("mine", QUICK, data), store))


class TestGoingOn:
    @pytest.fixture
    def store(self, tmp_path: Path) -> ModelStore:
        store = ModelStore(Workspace.at(tmp_path), tmp_path / "none")
        with store.publishing("old") as work:
            (work / "model.keras").write_bytes(b"weights")
            card = ModelCard("old", NAMES, architecture="tiny", made={"seed": 3})
            (work / "card.json").write_text(card.to_json(), encoding="utf-8")
        return store

    def test_weights_are_gone_on_from(self, data: Dataset, tmp_path: Path) -> None:
        first = Training(data, QUICK, tmp_path)
        list(first.run())
        still = dataclasses.replace(QUICK, epochs=1, learning_rate=1e-9)
        second = Training(data, still, tmp_path, start=first.model)
        list(second.run())
        assert second.history[0].validation_accuracy == max(one.validation_accuracy for one in first.history)

    @pytest.mark.parametrize(
        ("recipe", "labels", "what"),
        [
            (Recipe("default", seed=3), NAMES, "has the architecture tiny; this run has default"),
            (Recipe("tiny", seed=4), NAMES, "has the seed 3; this run has 4"),
            (Recipe("tiny", seed=3, size=32), NAMES, "has the input size 28; this run has 32"),
            (Recipe("tiny", seed=3, width=2), NAMES, "has the width 1; this run has 2"),
            (Recipe("tiny", seed=3), NAMES[:3], "this run has 0, 1, 2"),
        ],
    )
    def test_what_cannot_be_gone_on_from_is_a_sentence(
        self, store: ModelStore, recipe: Recipe, labels: tuple[str, ...], what: str
    ) -> None:
        with pytest.raises(ModelMismatchError, match=what):
            find_parent("old", store, recipe, labels)

    def test_a_model_without_its_keras_file_is_no_parent(self, store: ModelStore) -> None:
        recipe = Recipe("tiny", seed=3)
        assert find_parent("old", store, recipe, NAMES).path.read_bytes() == b"weights"
        (store.root / "old" / "model.keras").unlink()
        with pytest.raises(ModelMismatchError, match=r"no model\.keras to go on from"):
            find_parent("old", store, recipe, NAMES)


COMMAND = """
import sys
from hdr.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    """Digits drawn by rule in the layout of MNIST's file."""
    train, test = draw_digits(300, 1), draw_digits(40, 2)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=train.crops, y_train=train.labels, x_test=test.crops, y_test=test.labels)
    return path


def _start(mnist: Path, out: Path, epochs: int) -> subprocess.Popen[str]:
    arguments = ["train", "--arch", "tiny", "--epochs", str(epochs), "--name", "mine", "--no-printed"]
    paths = ["--data", str(mnist), "--out", str(out), "--progress", "jsonl"]
    return subprocess.Popen(
        [sys.executable, "-m", "hdr", *arguments, *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _until(process: subprocess.Popen[str], kind: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == kind:
            return
    assert process.stderr is not None
    pytest.fail(f"ended before {kind}: {process.stderr.read()}")


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals on Windows")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130)])
def test_a_child_that_is_asked_to_end_leaves_nothing_half_made(
    mnist: Path, tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    out = tmp_path / "models"
    with _start(mnist, out, 10_000) as child:
        _until(child, "epoch")
        child.send_signal(sent)
        _, told = child.communicate(timeout=60)
    assert child.returncode == code
    assert "Traceback" not in told
    store = ModelStore(Workspace(out, out, out), tmp_path / "none")
    assert store.entries() == []
    assert [one.name for one in out.iterdir()] == [".runs"]  # from which it goes on


def test_a_child_that_ends_well_publishes(mnist: Path, tmp_path: Path) -> None:
    out = tmp_path / "models"
    with _start(mnist, out, 1) as child:
        told, errors = child.communicate(timeout=200)
    assert child.returncode == 0, errors
    kinds = [json.loads(line)["event"] for line in told.splitlines()]
    assert kinds[0] == "started"
    assert kinds[-3:] == ["measured", "note", "published"]
    assert errors == ""
    assert load_classifier(out / "mine").card.name == "mine"


def test_warps_weaken_towards_the_end() -> None:
    recipe = Recipe(epochs=10, mild=0.4)
    assert recipe.warp_of(1) == recipe.warp_of(7) == recipe.warp
    last, before = recipe.warp_of(10), recipe.warp_of(9)
    assert last is not None
    assert before is not None
    assert last.rotation_deg < before.rotation_deg < 15
    assert last.plain > before.plain > 0.2
    assert Recipe(warp=None).warp_of(40) is None


def test_what_is_no_digit_gets_the_odds_it_has_on_a_page(data: Dataset, tmp_path: Path) -> None:
    none = make_negatives(120, 1, kinds=["scribble", "line"])
    training = Training(data.among(NAMES), QUICK, tmp_path, none)
    list(training.run())
    assert training.material.names == NAMES
    assert 0.25 <= training.temperature <= 4
    calibrated = training.model.get_layer("probabilities").get_weights()[1]
    set_weights(training.model, training._best)
    bias = training.model.get_layer("probabilities").get_weights()[1] / training.temperature
    shift = calibrated - bias
    assert np.allclose(shift[:10], 0, atol=1e-5)
    assert shift[10] < -1  # a third of what was learned from, a twentieth of a page


def test_half_precision_is_for_training_only(data: Dataset, tmp_path: Path) -> None:
    training = Training(data, dataclasses.replace(QUICK, epochs=1, mixed=True), tmp_path)
    list(training.run())
    assert {layer.compute_dtype for layer in training.model.layers} <= {"float32", "uint8"}
    assert np.isfinite(training.probabilities(training.material.held[0])).all()
