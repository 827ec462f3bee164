"""A run that was stopped or killed goes on from its last epoch, and becomes the very model that it would have been."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest

from hdr.classify.store import ModelStore, read_card
from hdr.cli.main import run
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.errors import ModelError, ModelMismatchError
from hdr.train import runs
from hdr.train.checkpoint import Checkpoint, digest_of, give_back, read_checkpoint
from hdr.train.events import EpochDone, Event, Published, Started, Trained
from hdr.train.fit import Training
from hdr.train.history import read_history
from hdr.train.publish import Job, train_and_publish
from hdr.train.recipe import Recipe, Stage
from hdr.train.run_folder import CHECKPOINT, RUN
from hdr.train.runs import begin_run, discard_run, find_run, list_runs, take_up_run
from hdr.workspace import Workspace

pytestmark = pytest.mark.train

QUICK = Recipe("tiny", epochs=4, batch=32, learning_rate=0.02, validation=0.2, seed=3)
STAGES = (Stage(0.5), Stage(0.75, 0.5), Stage(1, 0.1, everything=True))


@pytest.fixture(scope="module")
def data() -> Dataset:
    return draw_digits(160, 1)


def _until(events: Iterator[Event], epoch: int) -> None:
    for event in events:
        if isinstance(event, EpochDone) and event.epoch == epoch:
            return


def _digest(events: list[Event]) -> str:
    return next(one.weights for one in events if isinstance(one, Trained))


@pytest.mark.parametrize(
    ("changes", "epochs"),
    [
        ({"stages": STAGES}, (1, 3)),
        (
            {
                "architecture": "cnn-111k",
                "schedule": "plateau",
                "patience": 1,
                "learning_rate": 1e-9,
                "optimizer": "rmsprop",
            },
            (2,),
        ),
    ],
    ids=["stages", "early stop, a mean, dropout and RMSprop"],
)
def test_it_becomes_the_same_model_bit_for_bit(
    data: Dataset, tmp_path: Path, changes: dict[str, Any], epochs: tuple[int, ...]
) -> None:
    recipe = dataclasses.replace(QUICK, **changes)
    whole = Training(data, recipe, tmp_path)
    told, kept = [], {}
    for event in whole.run():
        told.append(event)
        if isinstance(event, EpochDone):
            kept[event.epoch] = read_checkpoint(tmp_path)
    for epoch in epochs:
        again = Training(data, recipe)
        events = list(again.run(kept[epoch]))
        assert isinstance(events[0], Started)
        assert events[0].resumed_from == epoch
        assert _digest(events) == _digest(told)
        one, other = ([(e.epoch, e.loss, e.best, e.learning_rate) for e in run.history] for run in (whole, again))
        assert one == other
        assert again.temperature == whole.temperature
    if not recipe.stages:
        return
    for epoch in (1, 4):
        finished = Training(data, recipe)
        assert [type(event) for event in finished.run(kept[epoch], finish=True)] == [Started, Trained]
        assert (len(finished.history), finished.material.all_seen) == (epoch, epoch == 4)


class TestPublishing:
    @pytest.fixture
    def store(self, tmp_path: Path) -> ModelStore:
        return ModelStore(Workspace.at(tmp_path), tmp_path / "none")

    @pytest.fixture
    def job(self, data: Dataset) -> Job:
        return Job("mine", QUICK, data, ("drawn", draw_digits(20, 9)), argv=("train", "--name", "mine"))

    def test_a_run_that_was_stopped_goes_on_and_clears_away(self, job: Job, store: ModelStore) -> None:
        stopped = train_and_publish(job, store)
        _until(stopped, 2)
        with pytest.raises(ModelError, match="Another process trains 'mine'"), take_up_run(find_run("", store.root)):
            pass
        stopped.close()
        (kept,) = list_runs(store.root)
        assert (kept.name, kept.epochs_done, kept.epochs, kept.running) == ("mine", 2, 4, False)
        assert kept.command == "hdr train --name mine"
        assert kept.best_accuracy is not None
        with pytest.raises(ModelError, match=r"unfinished run 'mine' already \(2 of 4 epochs\)"):
            next(train_and_publish(job, store))
        events = list(train_and_publish(job, store, resume=kept))
        assert [one.epoch for one in events if isinstance(one, EpochDone)] == [3, 4]
        assert isinstance(events[-1], Published)
        assert [one.name for one in store.root.iterdir()] == ["mine"]
        card, history = read_card(store.root / "mine"), read_history(store.root / "mine")
        assert (card.made["run"], card.made["epochs"]) == (kept.id, 4)
        assert history is not None
        assert history.epochs["epoch"] == (1, 2, 3, 4)

    def test_a_run_of_other_data_is_not_gone_on_with(self, job: Job, store: ModelStore) -> None:
        stopped = train_and_publish(job, store)
        _until(stopped, 1)
        stopped.close()
        (kept,) = list_runs(store.root)
        for changes in ({"train": draw_digits(160, 2)}, {"recipe": dataclasses.replace(QUICK, batch=16)}):
            with pytest.raises(ModelMismatchError, match="is not what it was"):
                next(train_and_publish(dataclasses.replace(job, **changes), store, resume=kept))  # type: ignore[arg-type]  # one of two
        assert list_runs(store.root) == [kept]

    def test_a_damaged_run_is_a_sentence_and_stays(self, job: Job, store: ModelStore) -> None:
        stopped = train_and_publish(job, store)
        _until(stopped, 1)
        stopped.close()
        (kept,) = list_runs(store.root)
        whole = (kept.path / CHECKPOINT).read_bytes()
        for broken in (b"", b"PK\3\4", whole[: len(whole) // 2], whole.replace(b'"history"', b'"mystery"')):
            (kept.path / CHECKPOINT).write_bytes(broken)
            with pytest.raises(ModelError, match="is damaged") as caught:
                next(train_and_publish(job, store, resume=kept))
            assert "--discard" in caught.value.hint
        assert list_runs(store.root) == [kept]

    def test_what_only_its_process_s_end_kept_from_being_cleared_is_cleared(self, job: Job, store: ModelStore) -> None:
        with begin_run(store.root, "mine", ["train"], "tiny", 4) as folder:
            (folder.path / CHECKPOINT).write_bytes(b"kept")
            made = {"made": {"run": folder.run.id}}
            (store.root / "mine").mkdir()
            (store.root / "mine" / "card.json").write_text(json.dumps(made))
            assert list_runs(store.root) == []
        assert folder.path.exists()
        assert list_runs(store.root) == []
        assert not folder.path.exists()

    def test_nothing_can_be_finished_before_an_epoch_is_done(self, job: Job, store: ModelStore) -> None:
        with begin_run(store.root, "mine", ["train"], "tiny", 4) as folder:
            kept = folder.run
            (folder.path / CHECKPOINT).write_bytes(b"")
        (kept.path / CHECKPOINT).unlink()
        with pytest.raises(ModelError, match="has not done one epoch"):
            next(train_and_publish(job, store, resume=kept, finish=True))


class TestRuns:
    def test_one_that_learned_nothing_leaves_nothing(self, tmp_path: Path) -> None:
        with begin_run(tmp_path, "mine", ["train"], "tiny", 4):
            (now,) = list_runs(tmp_path)
            assert now.running
            assert now.as_dict()["command"] == "hdr train"
            with pytest.raises(ModelError, match="Another process"):
                discard_run("mine", tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_one_may_be_thrown_away(self, tmp_path: Path) -> None:
        self._kept(tmp_path, "mine")
        assert discard_run("mine", tmp_path).name == "mine"
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(ModelError, match="no unfinished run 'mine'"):
            discard_run("mine", tmp_path)
        with pytest.raises(ModelError, match="cannot be a model's name"):
            discard_run("../mine", tmp_path)

    def test_the_latest_that_nobody_trains_is_found_without_a_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(ModelError, match="There is no unfinished run"):
            find_run("", tmp_path)
        for name, when in (("new", "2026-01-02"), ("old", "2026-01-01"), ("busy", "2026-01-03")):
            monkeypatch.setattr(runs, "_now", lambda told=when: told)
            self._kept(tmp_path, name)
        with filelock.FileLock(tmp_path / ".runs" / "busy" / "lock"):
            assert find_run("", tmp_path).name == "new"
            assert [one.name for one in list_runs(tmp_path)] == ["busy", "new", "old"]
        with pytest.raises(ModelError, match="no unfinished run 'nobody'") as caught:
            find_run("nobody", tmp_path)
        assert caught.value.hint == "There is: busy, new, old."

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"argv": 3}', "[" * 9000])
    def test_what_is_no_run_is_left_out(self, tmp_path: Path, text: str) -> None:
        self._kept(tmp_path, "mine")
        (tmp_path / ".runs" / "mine" / RUN).write_text(text)
        assert list_runs(tmp_path) == []

    def test_a_disk_that_refuses_is_a_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Dataset
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(runs, "write_atomically", full)
        with pytest.raises(ModelError, match="No space left"), begin_run(tmp_path, "mine", ["train"], "tiny", 4):
            pass
        assert list(tmp_path.iterdir()) == []

    def test_what_was_kept_of_other_layers_is_not_taken(self) -> None:
        with pytest.raises(ModelMismatchError, match="other layers"):
            give_back([np.zeros(3)], [np.zeros(4)])

    def test_any_sample_and_any_number_of_the_recipe_changes_the_digest(self, data: Dataset) -> None:
        own = digest_of({"a": 1}, data, None)
        crops = [*data.crops[:-1], data.crops[-1] ^ 1]
        assert own == digest_of({"a": 1}, dataclasses.replace(data))
        others = [digest_of({"a": 2}, data), digest_of({"a": 1}, dataclasses.replace(data, crops=crops))]
        assert len({own, *others, digest_of({"a": 1}, data, data)}) == 4

    @staticmethod
    def _kept(models: Path, name: str) -> None:
        with begin_run(models, name, ["train"], "tiny", 4) as folder:
            Checkpoint([], [], [], 0.0, 1.0, [], "").write(folder.path)


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    train, test = draw_digits(200, 1), draw_digits(20, 2)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=train.crops, y_train=train.labels, x_test=test.crops, y_test=test.labels)
    return path


def _typed(mnist: Path, out: Path) -> list[str]:
    told = ["train", "--arch", "tiny", "--epochs", "3", "--name", "mine", "--no-printed", "--data", str(mnist)]
    return [*told, "--out", str(out), "--progress", "jsonl"]


def _told(text: str, kind: str) -> dict[str, Any]:
    return next(told for told in map(json.loads, text.splitlines()) if told["event"] == kind)


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals on Windows")
def test_killed_again_and_again_it_still_becomes_the_same_model(
    mnist: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before its first epoch, after it, and after the last one while it is converted."""
    assert run(_typed(mnist, tmp_path / "whole")) == 0
    whole = _told(capsys.readouterr().out, "trained")["weights"]
    out = tmp_path / "models"
    argv = _typed(mnist, out)
    for moment, done in (("started", 0), ("epoch", 1), ("trained", 3)):
        with subprocess.Popen([sys.executable, "-m", "hdr", *argv], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            line = next(line for line in child.stdout if json.loads(line)["event"] == moment)
            child.send_signal(signal.SIGKILL)
            child.communicate(timeout=60)
        assert moment != "trained" or json.loads(line)["weights"] == whole
        assert ModelStore(Workspace(out, out, out), tmp_path / "none").entries() == []
        assert list_runs(out)[0].epochs_done == done
        argv = ["train", "--resume", "--out", str(out), "--progress", "jsonl"]
    assert run(["train", "--runs", "--out", str(out)]) == 0
    assert "mine  3 of 3 epochs" in capsys.readouterr().out
    assert run(argv) == 0
    told = capsys.readouterr().out
    assert _told(told, "started")["resumed_from"] == 3
    assert _told(told, "trained")["weights"] == whole
    assert [one.name for one in out.iterdir()] == ["mine"]
    made = [read_card(folder).made for folder in (out / "mine", tmp_path / "whole" / "mine")]
    assert made[0]["command"] == made[1]["command"]


class TestTyped:
    @pytest.fixture
    def typed(self, mnist: Path) -> list[str]:
        more = ["--tensorboard", str(mnist.parent / "log"), "--schedule", "constant", "--warp", "0.5"]
        return [
            "train",
            "--arch",
            "tiny",
            "--epochs",
            "3",
            "--data",
            str(mnist),
            "--no-printed",
            "--name",
            "mine",
            *more,
        ]

    @pytest.fixture
    def stopped(
        self, typed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> tuple[int, str]:
        """A run of three epochs that was asked to stop after the first."""
        real = runs.RunFolder.keep

        def keep(self: runs.RunFolder, *told: Any, **more: Any) -> None:
            real(self, *told, **more)
            signal.raise_signal(signal.SIGINT)

        with monkeypatch.context() as patch:
            patch.setattr(runs.RunFolder, "keep", keep)
            return run(typed), capsys.readouterr().err

    def test_stopping_says_how_to_go_on_and_it_does(
        self,
        stopped: tuple[int, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        code, told = stopped
        assert code == 130
        assert "Stopped after 1 of 3 epochs. Go on with: hdr train --resume mine\n" in told
        assert "hdr train --resume mine --finish" in told
        assert run(["train", "--runs", "--json"]) == 0
        listed = json.loads(capsys.readouterr().out)
        assert (listed["epochs_done"], listed["running"]) == (1, False)
        monkeypatch.chdir(tmp_path)
        assert run(["train", "--resume", "mine"]) == 0
        assert "goes on after epoch 1 of 3" in capsys.readouterr().err
        card = read_card(ModelStore().root / "mine")
        assert card.made["recipe"]["schedule"] == "constant"
        assert "--schedule constant" in card.made["command"]
        assert (card.made["epochs"], card.made["workers"]) == (3, 1)
        logs = sorted(one.relative_to(tmp_path / "log").parts[:2] for one in tmp_path.rglob("events.out.tfevents.*"))
        assert logs == [("mine", "train")] * 2 + [("mine", "validation")] * 2

    def test_programs_are_told_and_the_best_so_far_can_be_had(
        self, stopped: tuple[int, str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["train", "--resume", "--finish", "--progress", "jsonl"]) == 0
        told = capsys.readouterr().out
        assert _told(told, "started")["run"].endswith("mine")
        assert _told(told, "trained")["epochs"] == 1
        assert read_card(ModelStore().root / "mine").made["epochs"] == 1
        assert list_runs() == []

    def test_what_began_is_not_changed(self, stopped: tuple[int, str], capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["train", "--resume", "--epochs", "9"]) == 1
        assert "goes on as it began" in capsys.readouterr().err
        assert run(["train", "--discard", "mine"]) == 0
        assert "The unfinished run mine is gone (1 of 3 epochs)." in capsys.readouterr().out
        assert run(["train", "--runs"]) == 0
        assert "No run is unfinished." in capsys.readouterr().err

    def test_a_run_of_another_command_line_is_a_sentence(
        self, own_workspace: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with begin_run(own_workspace / "models", "mine", ["train", "--magic"], "tiny", 4) as folder:
            Checkpoint([], [], [], 0.0, 1.0, [], "").write(folder.path)
        assert run(["train", "--resume"]) == 1
        assert "is not understood" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("typed", "why"),
        [
            (["--resume", "--captures"], "Of so short a run nothing is kept"),
            (["--finish"], "which run to publish"),
            (["--discard"], "does not say which run"),
            (["somewhere"], "What is to be done with 'somewhere'?"),
            (["--resume"], "There is no unfinished run."),
        ],
    )
    def test_what_means_nothing_is_a_sentence(
        self, typed: list[str], why: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["train", *typed]) == 1
        assert why in capsys.readouterr().err


def test_tensorboard_can_read_the_log(data: Dataset, tmp_path: Path) -> None:
    import tensorflow as tf

    store = ModelStore(Workspace.at(tmp_path), tmp_path / "none")
    recipe = dataclasses.replace(QUICK, epochs=2)
    events = list(train_and_publish(Job("mine", recipe, data, tensorboard=tmp_path / "log"), store))
    epochs = [one for one in events if isinstance(one, EpochDone)]
    got: dict[tuple[str, str], list[float]] = {}
    for file in sorted((tmp_path / "log" / "mine").rglob("events.out.tfevents.*")):
        for record in tf.data.TFRecordDataset(str(file)):
            for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value:
                assert value.metadata.plugin_data.plugin_name == "scalars"
                got.setdefault((file.parent.name, value.tag), []).append(float(tf.make_ndarray(value.tensor)))
    assert got["train", "epoch_loss"] == pytest.approx([one.loss for one in epochs])
    assert got["validation", "epoch_accuracy"] == pytest.approx([one.validation_accuracy for one in epochs])
    assert got["train", "epoch_learning_rate"] == pytest.approx([one.learning_rate for one in epochs])
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="TensorBoard's log cannot be written"):
        list(train_and_publish(Job("other", recipe, data, tensorboard=tmp_path / "file"), store))


def test_a_job_that_is_kept_goes_on_where_the_same_is_begun_again(data: Dataset, tmp_path: Path) -> None:
    store, keep = ModelStore(Workspace.at(tmp_path)), tmp_path / "winner"
    job = Job("m", QUICK, data, keep=keep)
    stopped = train_and_publish(job, store)
    _until(stopped, 2)
    stopped.close()
    (keep / ".hdr-half.tmp").write_bytes(b"what a kill left")
    again = train_and_publish(job, store)
    assert [one.resumed_from for one in again if isinstance(one, Started)] == [2]
    assert store.find("m").card
    assert not keep.exists()


@pytest.mark.parametrize("kept", ["another recipe", "damaged"])
def test_what_is_kept_of_another_job_is_begun_anew(data: Dataset, tmp_path: Path, kept: str) -> None:
    store, keep = ModelStore(Workspace.at(tmp_path)), tmp_path / "winner"
    stopped = train_and_publish(Job("m", QUICK, data, keep=keep), store)
    _until(stopped, 1)
    stopped.close()
    if kept == "damaged":
        (keep / CHECKPOINT).write_bytes(b"half")
    other = dataclasses.replace(QUICK, learning_rate=0.01) if kept == "another recipe" else QUICK
    begun = train_and_publish(Job("m", other, data, keep=keep), store)
    assert next(one.resumed_from for one in begun if isinstance(one, Started)) == 0
    begun.close()


def test_what_a_kill_left_half_written_goes_when_the_run_goes_on(data: Dataset, tmp_path: Path) -> None:
    store = ModelStore(Workspace.at(tmp_path))
    job = Job("m", QUICK, data, argv=("train",))
    stopped = train_and_publish(job, store)
    _until(stopped, 1)
    stopped.close()
    half = find_run("m", store.root).path / ".hdr-half.tmp"
    half.write_bytes(b"what a kill left")
    going = train_and_publish(job, store, resume=find_run("m", store.root))
    next(going)
    assert not half.exists()
    going.close()
