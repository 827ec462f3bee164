"""Two workers on this machine learn one model together; what is wrong with TF_CONFIG is a sentence."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.classify.store import read_card
from hdr.data.drawn import draw_digits
from hdr.data.fields import Fields
from hdr.errors import DatasetError, ModelError
from hdr.train import workers
from hdr.train.batches import batches, steps_of
from hdr.train.fit import Training
from hdr.train.recipe import Recipe
from hdr.train.workers import Task, Workers, nobody_lost, told_task

pytestmark = pytest.mark.train

TWO = ["a:2222", "b:2222"]


def _config(cluster: Any, kind: str = "worker", index: Any = 0) -> str:
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def test_workers_are_told_the_chief_first() -> None:
    assert told_task(_config({"worker": TWO}, index=1)) == Task(("a:2222", "b:2222"), 1)
    both = {"worker": TWO, "chief": ["c:1"]}
    assert told_task(_config(both, "chief")) == Task(("c:1", "a:2222", "b:2222"), 0)
    assert told_task(_config(both, "worker", 1)) == Task(("c:1", "a:2222", "b:2222"), 2)


def test_nobody_else_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", "{}", " ", _config({"worker": ["a:1"]})):
        monkeypatch.setenv("TF_CONFIG", text)
        assert told_task() is None
    monkeypatch.delenv("TF_CONFIG")
    assert told_task() is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "cannot be understood"),
        ("[" * 9000, "cannot be understood"),
        ("[]", "cannot be understood"),
        ('{"cluster": {"worker": ["a:1", "b:1"]}}', "cannot be understood"),
        (_config({"worker": TWO}, index="x"), "cannot be understood"),
        (_config({"worker": TWO, "ps": ["c:1"]}), "ps, worker"),
        (_config({"worker": TWO}, "evaluator"), "a task 'evaluator'"),
        (_config({"worker": ["a:1", "b"]}), "'b', which is no host:port"),
        (_config({"worker": ["a:1", 7]}), "7, which is no host:port"),
        (_config({"worker": ["a:1", "b:99999"]}), "'b:99999'"),
        (_config({"worker": ["a:1", "a:1"]}), "one address twice"),
        (_config({"worker": TWO}, index=2), "this task 2, of 2"),
        (_config({"worker": TWO}, index=-1), "this task -1, of 2"),
    ],
)
def test_what_cannot_be_followed_is_a_sentence(text: str, why: str) -> None:
    with pytest.raises(ModelError, match=why) as caught:
        told_task(text)
    assert caught.value.hint


def test_a_worker_that_cannot_join_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    def fail() -> None:
        raise RuntimeError("Could not start gRPC server")

    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", fail)
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda *_: None)
    with pytest.raises(ModelError, match=r"cannot join the others as b:2222 \(Could not start gRPC server\)"):
        Workers(Task(("a:2222", "b:2222"), 1))


def test_that_another_worker_went_away_is_a_sentence() -> None:
    import tensorflow as tf

    with (
        pytest.raises(ModelError, match=r"went away, or cannot be reached any more \(Unavail") as caught,
        nobody_lost(),
    ):
        raise tf.errors.UnavailableError(None, None, "reset by peer")
    assert "--resume" in caught.value.hint


class Two(Workers):
    """One of two, of whom the other is not asked."""

    def __init__(self, index: int) -> None:
        self.count, self.index = 2, index


def test_together_they_learn_from_every_sample_once() -> None:
    data = draw_digits(21, 1)
    recipe, weights = Recipe("tiny", batch=6, warp=None), np.ones(10, np.float32)
    both = [list(batches(Fields(data, 28), data.labels, recipe, 1, weights, Two(index))) for index in (0, 1)]
    assert [[len(batch.x) for batch in one] for one in both] == [[3, 3, 3, 2], [3, 3, 3, 1]]
    assert [batch.size for batch in both[0]] == [6, 6, 6, 3]
    seen = np.concatenate([batch.x for one in both for batch in one])
    assert {one.tobytes() for one in seen} == {one.tobytes() for one in data.fields()}


def test_a_batch_with_nothing_for_some_is_left_out() -> None:
    assert [steps_of(samples, 4, 2) for samples in (1, 2, 4, 5, 6, 8)] == [0, 1, 1, 1, 2, 2]
    assert [steps_of(samples, 4) for samples in (1, 4, 5)] == [1, 1, 2]


def test_too_few_samples_are_a_sentence() -> None:
    with pytest.raises(DatasetError, match="1 sample is too few for 2 workers"):
        Training(draw_digits(2, 1), Recipe("tiny", validation=0.5), workers=Two(0))


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _start(mnist: Path, out: Path, cluster: list[str], index: int, *more: str) -> subprocess.Popen[str]:
    typed = ["train", "--arch", "default", "--epochs", "2", "--name", "mine", "--no-printed", "--data", str(mnist)]
    return subprocess.Popen(
        [sys.executable, "-m", "hdr", *typed, "--out", str(out), "--progress", "jsonl", *more],
        env={**os.environ, "TF_CONFIG": _config({"worker": cluster}, index=index)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_workers_end_with_the_same_weights_and_the_chief_publishes(tmp_path: Path) -> None:
    train, test = draw_digits(200, 1), draw_digits(20, 2)
    mnist = tmp_path / "mnist.npz"
    np.savez(mnist, x_train=train.crops, y_train=train.labels, x_test=test.crops, y_test=test.labels)
    cluster = [f"127.0.0.1:{port}" for port in _free_ports(2)]
    outs = [tmp_path / "chief", tmp_path / "other"]
    both = [_start(mnist, out, cluster, index) for index, out in enumerate(outs)]
    said = [one.communicate(timeout=250) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    told = [[json.loads(line) for line in out.splitlines()] for out, _ in said]
    kinds = [[one["event"] for one in events] for events in told]
    assert kinds[0][0] == kinds[1][0] == "started"
    assert kinds[0][-3:] == ["measured", "note", "published"]
    assert kinds[1][-1] == "trained"
    assert told[0][0]["workers"] == 2
    trained = [next(one for one in events if one["event"] == "trained") for events in told]
    assert [one["worker"] for one in trained] == [0, 1]
    assert trained[0]["weights"] == trained[1]["weights"]
    epochs = [[one for one in events if one["event"] == "epoch"] for events in told]
    for chief, other in zip(*epochs, strict=True):
        same = ("loss", "accuracy", "validation_accuracy", "warped_accuracy", "best", "learning_rate")
        assert {key: chief[key] for key in same} == {key: other[key] for key in same}
    assert [one.name for one in outs[0].iterdir()] == ["mine"]
    assert read_card(outs[0] / "mine").made["workers"] == 2
    assert not outs[1].exists()
    assert "waits for all" in said[1][1]
    assert workers.TF_CONFIG == "TF_CONFIG"
