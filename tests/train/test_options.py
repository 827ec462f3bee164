"""What decides a run beside its data: early stops, rates, weights of labels, devices; and data that is odd."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hdr.classify.store import ModelStore, read_card
from hdr.cli.main import run
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.errors import ModelError
from hdr.train import devices, pace, runs
from hdr.train.batches import label_weights
from hdr.train.events import EpochDone, Note, Started, Step, Trained
from hdr.train.fit import Training
from hdr.train.pace import Pace, halvings, waited
from hdr.train.publish import Job, train_and_publish
from hdr.train.recipe import Recipe, Stage
from hdr.workspace import Workspace

pytestmark = pytest.mark.train

_STOPPED_AFTER_AN_EPOCH = """
import signal, sys
from hdr.cli.main import run
from hdr.train import runs
keep = runs.RunFolder.keep
def keep_and_stop(*told, **more):
    keep(*told, **more)
    signal.raise_signal(signal.SIGTERM)
runs.RunFolder.keep = keep_and_stop
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def data() -> Dataset:
    return draw_digits(120, 1)


def _epochs(best: str) -> list[EpochDone]:
    return [EpochDone(i, 0.0, 0.5, 0.5, 1.0, one == "+") for i, one in enumerate(best, 1)]


@pytest.mark.parametrize(
    ("best", "first", "count", "times"),
    [
        ("", 1, 0, 0),
        ("+", 1, 0, 0),
        ("+--", 1, 2, 0),
        ("+---", 1, 3, 1),
        ("+------", 1, 6, 2),
        ("+--+-", 1, 1, 0),
        ("+----", 4, 2, 0),
        ("+-----", 4, 3, 1),
    ],
)
def test_what_brings_nothing_better_is_counted(best: str, first: int, count: int, times: int) -> None:
    history = _epochs(best)
    assert waited(history, first) == count
    assert halvings(history, first) == times


def test_the_time_left_is_told_by_what_was_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    told = Pace(total=100, done=40)
    assert told.seconds_left == 0
    now[0] += 10
    told.step(20)
    assert (told.done, told.seconds_left) == (60, 20)
    told.skip_to(90)
    assert told.seconds_left == 5


def test_a_rare_label_counts_more_but_never_outweighs_all() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    assert label_weights(labels, 3, "none").tolist() == [1, 1, 1]
    balanced = label_weights(labels, 3, "balanced")
    assert np.allclose(balanced[:2], [100 / 180, 5])
    assert balanced[labels].mean() == pytest.approx(1)
    assert label_weights(np.array([0] * 999 + [1]), 2, "balanced")[1] == 10


def test_weights_change_what_is_learned(tmp_path: Path) -> None:
    data = draw_digits(200, 1)
    few = data.take(np.flatnonzero((data.labels > 0) | (np.arange(200) % 5 == 0)))
    recipe = Recipe("tiny", epochs=1, validation=0.1, warp=None)
    learned = []
    for how in ("none", "balanced"):
        training = Training(few, dataclasses.replace(recipe, class_weights=how))
        learned.append(next(event for event in [*training.run()] if isinstance(event, Trained)).weights)
    assert learned[0] != learned[1]


@pytest.mark.parametrize(
    "wrong", [{"patience": -1}, {"schedule": "hope"}, {"class_weights": "some"}, {"optimizer": "magic"}]
)
def test_what_cannot_be_followed_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as caught:
        Recipe(**wrong)
    assert caught.value.hint


class TestRuns:
    def test_it_ends_early_and_says_so(self, data: Dataset) -> None:
        recipe = Recipe("tiny", epochs=40, batch=32, learning_rate=0.1, validation=0.3, warp=None, patience=1)
        training = Training(data, dataclasses.replace(recipe, schedule="plateau"))
        events = list(training.run())
        started = events[0]
        assert isinstance(started, Started)
        last = training.history[-1].epoch
        assert last < 40
        assert not training.history[-1].best
        assert [event.text for event in events if isinstance(event, Note)] == [
            f"Epochs {last + 1} to 40 are spared: 1 brought nothing better."
        ]
        assert training.best.epoch == last - 1

    def test_a_rate_falls_on_a_plateau(self, data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hdr.train.fit.halvings", lambda history, _: len(history))
        recipe = Recipe("tiny", epochs=3, learning_rate=0.01, validation=0.3, warp=None, schedule="plateau")
        rates = [event.learning_rate for event in Training(data, recipe).run() if isinstance(event, EpochDone)]
        assert rates == [0.01, 0.005, 0.0025]

    def test_the_card_says_what_was_learned_after_the_last_validation(self, data: Dataset, tmp_path: Path) -> None:
        store = ModelStore(Workspace.at(tmp_path), tmp_path / "none")
        recipe = Recipe("tiny", epochs=2, batch=16, validation=0.3, stages=(Stage(0.5), Stage(1, everything=True)))
        events = list(train_and_publish(Job("mine", recipe, data), store))
        steps = [event for event in events if isinstance(event, Step)]
        started = events[0]
        assert isinstance(started, Started)
        assert steps[-1].done == started.total == 14  # 84 are 6 batches, all 120 are 8
        card = read_card(store.root / "mine")
        assert card.scores["validation"]["how"] == (
            "measured after epoch 1; epochs 2 to 2 learned from these crops too"
        )
        assert card.made["device"].startswith(("CPU", "GPU"))


class TestDevices:
    @pytest.mark.parametrize(("capability", "suits"), [((9, 0), True), ((8, 0), True), ((7, 5), False)])
    def test_half_precision_is_for_gpus_that_know_it(
        self, monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], suits: bool
    ) -> None:
        told = {"device_name": "NVIDIA H100", "compute_capability": capability}
        monkeypatch.setattr(devices, "_gpus", lambda: [told])
        assert devices.mixed_suits() == suits
        assert devices.device_in_words(mixed=True) == "GPU NVIDIA H100, bfloat16"

    def test_without_one_there_is_the_processor(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(devices, "_gpus", list)
        assert not devices.mixed_suits()
        assert devices.device_in_words(mixed=False).startswith("CPU, ")

    def test_a_gpu_that_computes_already_keeps_its_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import tensorflow as tf

        asked = []

        def busy(one: str, _: bool) -> None:
            asked.append(one)
            raise RuntimeError("must be set before")

        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: ["a", "b"] if kind else [])
        monkeypatch.setattr(tf.config.experimental, "set_memory_growth", busy)
        devices.prepare_devices()
        assert asked == ["a"]


class TestTyped:
    """On what people have in their folders."""

    @staticmethod
    def _pictures(folder: Path, count: int, seed: int, mode: str = "RGB") -> None:
        folder.mkdir(parents=True)
        rng = np.random.default_rng(seed)
        for index in range(count):
            pixels = rng.integers(0, 256, (20, 24, 3), np.uint8)
            picture = Image.fromarray(pixels)
            if mode == "I;16":
                picture = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
            picture = picture if mode in {"RGB", "I;16"} else picture.convert(mode)
            picture.save(folder / f"{index}.png")

    @pytest.mark.parametrize("arch", ["tiny", "cnn-rgb"])
    def test_pictures_of_any_kind_and_labels_of_any_name(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], arch: str
    ) -> None:
        root = tmp_path / "pets"
        kinds = {"großer Hund": "L", "a=b; 'c'": "RGBA", "ƒ": "I;16", "rare": "P"}
        for seed, (label, mode) in enumerate(kinds.items()):
            self._pictures(root / label, 2 if label == "rare" else 8, seed, mode)
        (root / "ƒ" / "broken.png").write_bytes(b"no")
        typed = ["train", "--arch", arch, "--size", "32", "--data", str(root), "--epochs", "1", "--name", "mine"]
        assert run(typed) == 0
        told = capsys.readouterr().err
        assert "broken.png is not a picture" in told
        assert "a sample of 'rare'" in told
        card = ModelStore().find("mine").card
        assert card is not None
        assert set(card.labels) == set(kinds)
        assert card.made["recipe"]["class_weights"] == "balanced"
        assert "--class-weights balanced" in card.made["command"]

    def test_what_cannot_be_learned_is_a_sentence(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._pictures(tmp_path / "one" / "cat", 3, 1)
        for label in ("cat", "dog"):
            self._pictures(tmp_path / "same" / label, 4, 1)
            for index in range(1, 4):
                (tmp_path / "same" / label / f"{index}.png").write_bytes(
                    (tmp_path / "same" / label / "0.png").read_bytes()
                )
        (tmp_path / "empty").mkdir()
        for name, why in (
            ("one", "one label only, 'cat'"),
            ("same", "show the same"),
            ("empty", "no labelled pictures"),
        ):
            assert run(["train", "--arch", "tiny", "--data", str(tmp_path / name), "--class-weights", "none"]) == 1
            assert why in capsys.readouterr().err

    @pytest.mark.skipif(os.name == "nt", reason="there is no such signal on Windows")
    def test_own_digits_beside_mnist_learn_what_is_no_digit_too(self, tmp_path: Path) -> None:
        data = draw_digits(100, 1)
        np.savez(tmp_path / "m.npz", x_train=data.crops, y_train=data.labels, x_test=data.crops, y_test=data.labels)
        for index, crop in enumerate(draw_digits(20, 2).crops):
            (tmp_path / "own" / str(index % 10)).mkdir(parents=True, exist_ok=True)
            Image.fromarray(crop).save(tmp_path / "own" / str(index % 10) / f"{index}.png")
        both = ["--data", str(tmp_path / "m.npz"), "--data", str(tmp_path / "own")]
        typed = ["train", "--arch", "tiny", "--epochs", "2", "--no-printed", "--name", "mine", "--progress", "jsonl"]
        child = [sys.executable, "-c", _STOPPED_AFTER_AN_EPOCH, *typed, *both]
        told = subprocess.run(child, capture_output=True, text=True, check=False, timeout=200)
        assert told.returncode == 130, told.stderr
        assert "what is no digit is learned beside them" in told.stderr
        last = json.loads(told.stdout.splitlines()[-1])
        assert last == {
            "event": "stopped",
            "name": "mine",
            "epochs_done": 1,
            "epochs": 2,
            "resume": "hdr train --resume mine",
        }
        assert runs.find_run().argv[-3:] == (str(tmp_path / "own"), "--name", "mine")
