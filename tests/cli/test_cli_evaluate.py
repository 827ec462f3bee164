"""`hdr evaluate` and `hdr compare` as typed: what a model has seen, labels, answers, and every mistake by its place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.classify.store import ModelStore
from hdr.cli.main import run
from hdr.data.answers import read_answers
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.data.learned import list_learned, write_learned

COUNT = 50


@pytest.fixture
def digits() -> Dataset:
    return draw_digits(COUNT, 3)


@pytest.fixture
def data(digits: Dataset, tmp_path: Path) -> Path:
    """Of which one in ten is labelled wrongly."""
    labels = np.where(np.arange(COUNT) % 10 == 0, (digits.labels + 1) % 10, digits.labels)
    np.savez(tmp_path / "data.npz", x=np.asarray(digits.crops), y=labels)
    return tmp_path / "data.npz"


@pytest.fixture
def learner(digits: Dataset, own_workspace: Path) -> str:
    """A model that learned from the first 30 and was chosen by the next 5."""
    shutil.copytree(ModelStore().find("default").path, own_workspace / "models" / "mine")
    parts = digits.take(np.arange(30)), digits.take(np.arange(30, 35))
    write_learned(own_workspace / "models" / "mine", list_learned(parts[:1], parts[1:]))
    return "mine"


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    def tell(*arguments: str | Path) -> tuple[Any, str]:
        assert run([str(one) for one in arguments]) == 0
        out, err = capsys.readouterr()
        return [json.loads(line) for line in out.splitlines()], err

    return tell


def test_every_mistake_is_told_by_its_place_the_surest_first(told: Any, data: Path, digits: Dataset) -> None:
    (answer,), err = told("evaluate", "default", "--data", data, "--json")
    wrong = answer["wrong"]
    mislabelled = {one["index"] for one in wrong if one["index"] % 10 == 0}
    assert mislabelled == {0, 10, 20, 30, 40}
    assert all(one["file"] == str(data) for one in wrong)
    assert all(one["true"] != one["predicted"] for one in wrong)
    first = next(one for one in wrong if one["index"] == 10)
    assert first["predicted"] == str(digits.labels[10])
    sure = [one["confidence"] for one in wrong]
    assert sure == sorted(sure, reverse=True)
    assert 0 < answer["brier"] < 2
    assert answer["log_loss"] > 0
    assert err == ""


def test_what_it_learned_from_is_left_out_unless_one_insists(told: Any, data: Path, learner: str) -> None:
    (answer,), err = told("evaluate", learner, "--data", data, "--json")
    assert answer["n"] == 15
    assert answer["seen"] == {"learned_from": 30, "chosen_by": 5, "measured_all": False}
    assert (
        "Of these 50 pictures 30 were learned from and 5 decided which epoch was kept: measured on the other 15" in err
    )
    (answer,), err = told("evaluate", learner, "--data", data, "--json", "--all")
    assert answer["n"] == 50
    assert "on new ones it will do worse" in err
    (answer,), err = told("compare", "default", learner, "--data", data, "--json")
    assert [one["n"] for one in answer["models"]] == [15, 15]
    assert "measured on the other 15" in err


def test_answers_and_progress_are_for_programs(told: Any, data: Path, tmp_path: Path) -> None:
    lines, _ = told(
        "evaluate", "default", "--data", data, "--json", "--answers", tmp_path / "a.npz", "--progress", "jsonl"
    )
    assert lines[0] == {"event": "progress", "done": COUNT, "of": COUNT}
    kept = read_answers(tmp_path / "a.npz")
    assert kept.evaluation.accuracy.as_score().items() <= lines[-1].items()
    assert kept.places[7].index == 7


def test_the_labels_of_a_file_without_a_card_may_be_told(told: Any, data: Path, tmp_path: Path) -> None:
    foreign = str(shutil.copy(ModelStore().find("default").path / "model.tflite", tmp_path / "foreign.tflite"))
    names = "0,1,2,3,4,5,6,7,8,9, something else"
    (answer,), _ = told("evaluate", foreign, "--data", data, "--json", "--labels", names)
    assert answer["labels"][-1] == "something else"
    (answer,), _ = told("compare", foreign, "default", "--data", data, "--json", "--labels", names)
    assert {one["model"] for one in answer["models"]} == {foreign, "default"}


def test_many_labels_are_no_matrix_but_the_likeliest_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    from hdr.cli.evaluate import _show
    from hdr.data.evaluate import Answers, Evaluation

    probabilities = np.eye(100, dtype=np.float32)
    probabilities[3] = probabilities[4]
    names = tuple(f"kind number {index}" for index in range(100))
    _show(Evaluation("m", names, Answers(np.arange(100), probabilities)), "data")
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) < 120
    assert "kind number 3 for kind number 4: 1" in shown


def test_the_help_names_every_kind_of_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "--help"]) == 0
    shown = capsys.readouterr().out
    for ending in (".tflite", ".keras", ".h5", ".json", ".onnx", "--labels", "--all"):
        assert ending in shown
