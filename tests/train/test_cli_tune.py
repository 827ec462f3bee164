"""`hdr tune` from what is typed to a model like any other; killed, it goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hdr.classify.loading import load_classifier
from hdr.classify.store import ModelStore
from hdr.cli.main import run
from hdr.cli.train_job import Told, job_of
from hdr.cli.tune_run import Asked, Budget
from hdr.cli.tune_telling import in_words

KINDS = {"sky": (40, 90, 220), "wood": (150, 90, 30)}


@pytest.fixture
def things(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    for name, colour in KINDS.items():
        (tmp_path / "things" / name).mkdir(parents=True)
        for number in range(15):
            noise = rng.integers(-30, 30, (24, 32, 3)) + np.array(colour)
            Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(tmp_path / "things" / name / f"{number}.png")
    return tmp_path / "things"


def _words(things: Path, *more: str) -> list[str]:
    words = ["tune", "--data", str(things), "--arch", "tiny", "--method", "random", "--trial-epochs", "1"]
    return [*words, "--epochs", "1", "--name", "found", *more]


@pytest.mark.train
def test_killed_it_goes_on_and_ends_in_a_model_that_tells_how_it_was_found(
    things: Path, own_workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = _words(things, "--trials", "2")
    command = [sys.executable, "-m", "hdr", *words, "--progress", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ), text=True) as killed:
        assert killed.stdout
        for line in killed.stdout:
            if json.loads(line)["event"] == "trial_done":
                break
        killed.send_signal(signal.SIGKILL)
    assert run(["tune", "--list"]) == 0
    assert "found: 1 trials" in capsys.readouterr().out
    assert not (own_workspace / "models" / "found").exists()

    assert run(words) == 0
    told = capsys.readouterr()
    assert "trial 2 of 2" in told.err.replace("\n", " ") or "trial 2:" in told.err
    assert "trial 1:" not in told.err
    table = told.out.splitlines()
    assert any(line.startswith("trial  held out") for line in table)

    entry = ModelStore().find("found")
    assert entry.card
    made = entry.card.made
    search = made["search"]
    assert (search["trials"], search["method"], search["space"]["architectures"]) == (2, "random", ["tiny"])
    assert search["best"]["values"]["architecture"] == entry.card.architecture == "tiny"
    assert made["recipe"]["epochs"] == 1
    assert "--trials 2" in made["command"]
    assert made["command"].startswith("hdr tune --data")
    assert entry.card.scores["test"]["n"] == 6
    assert load_classifier("found").card.labels == ("sky", "wood")
    assert run(["models", "show", "found"]) == 0
    assert "2 trials" in capsys.readouterr().out

    monkeypatch.setattr("hdr.cli.tune_run.job_of", lambda *_: pytest.fail("searched again"))
    assert run(words) == 1
    assert "There is a model 'found' already" in capsys.readouterr().err
    assert run(["tune", "--list", "--json"]) == 0
    (one,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (one["name"], one["trials"], one["published"]) == ("found", 2, True)


@pytest.mark.train
def test_a_polite_stop_keeps_what_is_done(
    things: Path, own_workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hdr.cli.tune_run.tell_search", stopped)
    assert run(_words(things)) == 130
    assert "0 finished trials are kept, and the same command goes on" in capsys.readouterr().err
    assert not (own_workspace / "models" / "found").exists()


@pytest.mark.train
def test_a_broken_search_is_a_sentence_and_fresh_begins_anew(
    things: Path, own_workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = own_workspace / "models" / ".tune" / "found" / "search.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    assert run(_words(things)) == 1
    assert "--fresh" in capsys.readouterr().err
    assert run(["tune", "--list"]) == 0
    assert "cannot be gone on with" in capsys.readouterr().err

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hdr.cli.tune_run.tell_search", stopped)
    assert run(_words(things, "--fresh")) == 130
    assert not broken.exists()


@pytest.mark.train
def test_a_learned_base_needs_its_weights(things: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tune", "--data", str(things), "--arch", "mobilenetv2"]) == 1
    assert "--weights" in capsys.readouterr().err


def test_nothing_was_searched_yet(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tune", "--list"]) == 0
    assert "No search" in capsys.readouterr().out


@pytest.mark.train
def test_without_the_extra_nothing_is_begun(
    things: Path, own_workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(_: str) -> Any:
        raise ModuleNotFoundError("No module named 'keras_tuner'", name="keras_tuner")

    monkeypatch.setattr("hdr.train.search_oracle.import_module", absent)
    assert run(_words(things)) == 1
    assert 'pip install ".[tune]"' in capsys.readouterr().err
    assert not (own_workspace / "models" / ".tune").exists()


def test_the_same_command_has_the_same_name_and_tells_itself(things: Path) -> None:
    asked = Asked(Told(data=(things,), size=32, printed=False), ("tiny",), ("rate=1,2",), "random", None, 100)
    assert asked.name() == asked.name()
    assert asked.name().startswith("tuned-things-")
    assert asked.name() != Asked(Told(data=(things,)), (), (), "random", None, 100).name()
    assert Asked(Told(), (), (), "random", None, 100).name().startswith("tuned-mnist-")
    assert asked.command("mine", Budget(None, 1.5)) == (
        f"hdr tune --data {things} --arch tiny --try rate=1,2 --minutes 1.5 --method random --sample 100 --seed 7 "
        "--size 32 --name mine --no-printed"
    )


def test_values_in_words() -> None:
    values = {"architecture": "cnn-93k", "rate": 2.0, "batch": 1.0, "warp": 0.0, "optimizer": "adam"}
    assert in_words(values) == "cnn-93k, rate x2, warp x0, adam"


@pytest.mark.train
def test_a_model_of_folders_has_the_precision_that_its_architecture_needs(things: Path) -> None:
    assert job_of(Told("mobilenetv2", (things,)), ModelStore()).precision == "float32"
    assert job_of(Told("cnn-rgb", (things,)), ModelStore()).precision == "dynamic"
