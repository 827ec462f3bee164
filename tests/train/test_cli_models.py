"""`hdr train`, `hdr evaluate` and `hdr models`, as typed."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from hdr.classify.card import ModelCard
from hdr.classify.store import ModelStore
from hdr.cli.main import app
from hdr.data.drawn import draw_digits
from hdr.errors import ModelError, ModelNotFoundError


def run(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    train, test = draw_digits(300, 1), draw_digits(40, 2)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=train.crops, y_train=train.labels, x_test=test.crops, y_test=test.labels)
    return path


@pytest.fixture
def mine(own_workspace: Path) -> str:
    with ModelStore().publishing("mine") as work:
        score = {"accuracy": 0.5, "interval": [0.4, 0.6], "n": 1000}
        card = ModelCard("mine", scores={"validation": score, "test": score, "odd": 3}, parent="default")
        (work / "card.json").write_text(card.to_json())
    return "mine"


@pytest.mark.train
def test_train_tells_people_what_came_out(mnist: Path) -> None:
    result = run("train", "--arch", "tiny", "--epochs", "1", "--data", mnist, "--name", "mine", "--no-printed")
    assert result.exit_code == 0
    assert result.stdout.startswith("mine: ")
    for told in ("tiny: ", " to learn from", "epoch 1: loss", "mnist_test: ", "95 % interval", "labels differ"):
        assert told in result.stderr
    assert ModelStore().find("mine").card is not None
    assert run("models", "use", "mine").stdout == "In use: mine\n"


@pytest.mark.train
def test_train_names_a_model_by_architecture_and_time(mnist: Path, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere"
    options = ["--no-printed", "--out", str(out), "--progress", "jsonl"]
    result = run("train", "--arch", "tiny", "--epochs", "1", "--data", mnist, *options)
    name = json.loads(result.stdout.splitlines()[-1])["name"]
    assert name.startswith("tiny-2")
    assert (out / name / "model.tflite").is_file()


def test_train_without_tensorflow_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(ModelError, match="not installed") as caught:
        run("train")
    assert 'pip install ".[train]"' in caught.value.hint


def test_evaluate_prints_a_table(mnist: Path) -> None:
    told = run("evaluate", "default", "--data", mnist).stdout
    assert "n = 40" in told
    assert "precision" in told
    assert (
        len([line for line in told.splitlines() if "|" in line]) == 12
    )  # a line a label, "none" among them, and the head


def test_evaluate_gives_json_for_programs(mnist: Path) -> None:
    told = json.loads(run("evaluate", "default", "--data", mnist, "--json").stdout)
    assert told["n"] == 40
    assert told["model"] == "default"
    assert np.sum(told["confusion"]) == 40
    assert told["accuracy"] > 0.9


def test_models_are_listed_with_the_one_in_use(mine: str) -> None:
    lines = run("models", "list").stdout.splitlines()
    assert [line[0] for line in lines] == ["*", " "]
    assert "test 50.00% (95 % interval 40.00% to 60.00%, n = 1,000)" in lines[1]
    told = json.loads(run("models", "list", "--json").stdout)
    assert [(one["name"], one["current"]) for one in told] == [("default", True), ("mine", False)]


def test_models_show_says_what_the_card_says(mine: str) -> None:
    told = run("models", "show", mine).stdout
    assert "0 1 2 3 4 5 6 7 8 9" in told
    assert "28x28x1" in told
    assert "parent       default" in told
    assert json.loads(run("models", "show", "--json").stdout)["name"] == "default"


def test_a_model_with_a_broken_card_is_listed_and_shown_with_its_fault(mine: str) -> None:
    (ModelStore().root / mine / "card.json").write_text("{")
    assert "cannot be used" in run("models", "list").stdout
    assert "is not a model card" in run("models", "show", mine).stdout
    assert "is not a model card" in json.loads(run("models", "show", mine, "--json").stdout)["error"]


def test_a_card_that_would_steer_the_terminal_is_shown_as_text(own_workspace: Path) -> None:
    with ModelStore().publishing("mine") as work:
        card = ModelCard("mine", ("\x1b[2J", "b\n", "ä"), trained_on="\x1b]0;title\x07", made={"command": "\x9b31m"})
        (work / "card.json").write_text(card.to_json(), encoding="utf-8")
    for words in (("show", "mine"), ("list",)):
        told = run("models", *words).stdout
        assert not {one for one in told if (one < " " and one != "\n") or "\x7f" <= one < "\xa0"}
    assert "ä" in run("models", "show", "mine").stdout


def test_use_and_roll_back(mine: str) -> None:
    assert run("models", "use", mine).stdout == "In use: mine\n"
    assert run("models", "rollback").stdout == "In use: default\n"
    with pytest.raises(ModelNotFoundError, match="nobody"):
        run("models", "use", "nobody")


@pytest.mark.train
def test_train_goes_on_from_a_model(mnist: Path) -> None:
    shared = ("--data", mnist, "--no-printed", "--epochs", "1", "--seed", "3")
    assert run("train", "--arch", "tiny", "--name", "first", *shared).exit_code == 0
    result = run("train", "--arch", "tiny", "--name", "second", "--from", "first", "--warp", "0.5", *shared)
    assert result.exit_code == 0
    first, second = (ModelStore().find(name).card for name in ("first", "second"))
    assert first is not None
    assert second is not None
    assert second.parent == "first"
    told = "hdr train --arch tiny --epochs 1 --seed 3 --rate 0.0003 --warp 0.5 --no-printed --from first"
    assert second.made["command"] == told
    assert second.made["from"]["command"] == first.made["command"]
    assert second.scores["validation"]["accuracy"] >= first.scores["validation"]["accuracy"] - 0.2


@pytest.mark.train
def test_train_uses_the_recipe_of_the_architecture_unless_told_otherwise() -> None:
    from hdr.classify.names import DIGITS
    from hdr.cli.train_job import Told, command_of, recipe_of
    from hdr.train.architectures import find_architecture

    told = Told("cnn-93k")
    own = recipe_of(told, DIGITS)
    assert own == find_architecture("cnn-93k").recipe
    assert (own.optimizer, own.batch, own.epochs, own.warp) == ("rmsprop", 64, 5, None)
    assert command_of(told, own) == "hdr train --arch cnn-93k --epochs 5 --seed 7"
    told = Told(
        "cnn-rgb",
        epochs=6,
        seed=3,
        start="first",
        rate=0.01,
        schedule="plateau",
        patience=2,
        batch=16,
        class_weights="balanced",
        warp=0.5,
        bend=("zoom=0.3",),
        weights="my base.h5",
        size=128,
        printed=False,
        mixed=True,
    )
    other = recipe_of(told, DIGITS)
    assert (other.epochs, other.seed, other.learning_rate, other.batch, other.size) == (6, 3, 0.01, 16, 128)
    assert other.warp == own_warp(find_architecture("cnn-rgb").recipe.warp, zoom=0.3)
    assert command_of(told, other) == (
        "hdr train --arch cnn-rgb --epochs 6 --seed 3 --rate 0.01 --schedule plateau --patience 2 --batch 16 "
        "--class-weights balanced --warp 0.5 --weights 'my base.h5' --size 128 --bend zoom=0.3 --no-printed --mixed"
    )


def own_warp(warp: Any, **told: float) -> Any:
    """At half its strength, and never a mirror for digits."""
    return dataclasses.replace(warp.unmirrored().scaled(0.5), **told)
