"""What was chosen to what is typed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from hdr.app.train_plan import FOLDERS, MNIST, OWN, Plan

USUAL = ["train", "--progress", "jsonl"]


def test_own_captures_go_on_from_the_model_in_use() -> None:
    assert Plan().arguments() == [*USUAL, "--captures"]
    plan = Plan(OWN, start="mine", name="next", epochs="5", rate="1e-4", seed="3", batch="7", schedule="cosine")
    assert plan.arguments() == [
        *USUAL, "--captures", "--from", "mine", "--name", "next", "--epochs", "5", "--seed", "3", "--rate", "1e-4"
    ]  # fmt: skip


def test_mnist_with_everything() -> None:
    plan = Plan(
        MNIST, mnist=Path("m.npz"), arch="cnn-93k", epochs="2", seed="1", batch="64", rate="0.01", patience="3",
        warp="0.5", size="32", schedule="constant", weights="w.h5", class_weights="balanced", tensorboard="logs",
    )  # fmt: skip
    assert plan.wrong() == []
    assert plan.arguments() == [
        *USUAL, "--data", "m.npz", "--arch", "cnn-93k", "--epochs", "2", "--seed", "1", "--batch", "64",
        "--rate", "0.01", "--patience", "3", "--warp", "0.5", "--size", "32", "--schedule", "constant",
        "--weights", "w.h5", "--tensorboard", "logs", "--class-weights", "balanced",
    ]  # fmt: skip
    assert Plan(MNIST).arguments() == [*USUAL, "--arch", "default"]


def test_folders_together(tmp_path: Path) -> None:
    plan = Plan(FOLDERS, (tmp_path, tmp_path / "b"))
    assert plan.arguments()[3:7] == ["--data", str(tmp_path), "--data", str(tmp_path / "b")]
    assert plan.wrong() == [f"{tmp_path / 'b'} is not there any more."]
    assert "Choose a folder" in Plan(FOLDERS).wrong()[0]
    assert Plan(MNIST, (tmp_path / "b",)).wrong() == [], "what is not learned from may be gone"


def test_what_was_chosen_comes_back() -> None:
    assert Plan().remembered() == ""
    assert Plan.recalled("") == Plan()
    plan = Plan(
        FOLDERS, (Path("/a/ä b"), Path("c")), Path("m.npz"), "cnn-rgb", "mine", epochs="3", class_weights="none"
    )
    assert Plan.recalled(plan.remembered()) == plan
    named = dataclasses.replace(plan, name="balls")
    assert Plan.recalled(named.remembered()) == plan, "a model has that name by then"


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "3", '{"source": "elsewhere"}', '{"epochs": 3}', '{"folders": [3]}', '{"folders": 3}',
        '{"mnist": 3}', '{"mnist": null}', '{"schedule": "x"}', '{"class_weights": "x"}', "[" * 100_000,
    ],
)  # fmt: skip
def test_what_nobody_chose_is_not_believed(text: str) -> None:
    assert Plan.recalled(text) == Plan()


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("epochs", "0", "Epochs: give a whole number from 1 to 10000, not '0'."),
        ("epochs", "2.5", "not '2.5'"),
        ("rate", "fast", "Highest rate: give a number from 1e-06 to 1, not 'fast'."),
        ("rate", "nan", "not 'nan'"),
        ("warp", "2", "from 0 to 1"),
        ("name", "a/b", "'a/b' cannot be a model's name"),
        ("name", "-x", "cannot be"),
    ],
)
def test_what_is_wrong_is_said(field: str, text: str, says: str) -> None:
    told = Plan(MNIST, **{field: text}).wrong()
    assert len(told) == 1
    assert says in told[0]


def test_what_means_nothing_for_a_source_is_not_asked() -> None:
    assert Plan(OWN, batch="no number").wrong() == []
