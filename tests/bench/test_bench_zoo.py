"""`hdr bench zoo` trains each architecture by its recipe and tells one table; here for an epoch on drawn digits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.bench.zoo import SCORE, zoo_jobs, zoo_row
from hdr.classify.card import ModelCard
from hdr.cli.main import run
from hdr.data.drawn import draw_digits
from hdr.errors import ModelError
from hdr.train.publish import store_at

pytestmark = pytest.mark.train


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    train, test = draw_digits(200, 1), draw_digits(40, 2)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=train.crops, y_train=train.labels, x_test=test.crops, y_test=test.labels)
    return path


def test_the_table_is_made_once_and_told_again(
    mnist: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["bench", "zoo", "--data", str(mnist), "--out", str(tmp_path / "zoo"), "--epochs", "1", "--arch", "dense"]
    assert run(words) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.startswith("architecture")
    assert row.split()[0] == "dense"
    assert "407,050" in row
    assert row.endswith("98.00%, the webcam tutorial")

    def trained(*_: Any) -> None:
        pytest.fail("trained again")

    monkeypatch.setattr("hdr.cli.telling.show_training", trained)
    assert run([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["architecture"], told["n"], told["epochs"], told["source_accuracy"]) == ("dense", 40, 1, 0.98)
    low, high = told["interval"]
    assert 0 <= low <= told["accuracy"] <= high <= 1
    assert told["tflite_bytes"] > 400_000
    assert told["ms_a_digit"] > 0


def test_all_of_digits_are_chosen_and_a_learned_base_where_its_weights_are_told(mnist: Path) -> None:
    chosen = [job.recipe.architecture for job in zoo_jobs(mnist)]
    assert chosen[:3] == ["dense", "cnn-93k", "cnn-small"]
    assert "default" in chosen
    assert not {"tiny", "cnn-rgb", "mobilenetv2"} & set(chosen)
    jobs = {job.recipe.architecture: job for job in zoo_jobs(mnist, epochs=2, weights="a b.h5")}
    learned = jobs["mobilenetv2"]
    assert (learned.recipe.weights, learned.recipe.epochs) == ("a b.h5", 2)
    assert learned.recipe.warp == learned.recipe.suited_to(learned.train.names).warp
    assert learned.command.endswith("--weights 'a b.h5'")
    assert not jobs["cnn-93k"].recipe.weights


def test_another_recipe_or_other_data_is_another_model(mnist: Path, tmp_path: Path) -> None:
    names = {zoo_jobs(mnist, ["dense"], epochs=epochs, seed=seed)[0].name for epochs in (1, 2) for seed in (1, 2)}
    assert len(names) == 4
    other = tmp_path / "other.npz"
    digits = draw_digits(20, 3)
    np.savez(other, x_train=digits.crops, y_train=digits.labels, x_test=digits.crops, y_test=digits.labels)
    assert zoo_jobs(other, ["dense"])[0].name != zoo_jobs(mnist, ["dense"])[0].name


def test_a_card_without_figures_is_a_sentence(mnist: Path, tmp_path: Path) -> None:
    store, job = store_at(tmp_path / "zoo"), zoo_jobs(mnist, ["dense"])[0]
    with store.publishing(job.name) as work:
        card = ModelCard(job.name, scores={SCORE: {"accuracy": 0.5}})
        (work / "card.json").write_text(card.to_json(), encoding="utf-8")
    with pytest.raises(ModelError, match="lacks figures"):
        zoo_row(job, store)


def test_an_unknown_architecture_is_answered_with_the_known_ones(
    mnist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bench", "zoo", "--data", str(mnist), "--arch", "nothing"]) == 1
    assert "cnn-93k" in capsys.readouterr().err
