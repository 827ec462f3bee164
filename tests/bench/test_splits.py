"""`hdr bench splits` trains architectures on the same divisions of a folder and tells which is better."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hdr.bench.splits import Asked, Outcome, split_jobs, spreads
from hdr.cli.main import run
from hdr.errors import DatasetError, ModelError

KINDS = {"sky": (40, 90, 220), "wood": (150, 90, 30)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    for name, colour in KINDS.items():
        (tmp_path / "things" / name).mkdir(parents=True)
        for number in range(10):
            noise = rng.integers(-30, 30, (24, 32, 3)) + np.array(colour)
            Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(tmp_path / "things" / name / f"{number}.png")
    return tmp_path / "things"


def _outcome(name: str, seed: int, right: list[int], groups: str = "abcd") -> Outcome:
    return Outcome(name, seed, np.array(list(groups)), np.array(right, bool), 16, 2.0)


def test_each_division_is_of_all_architectures_and_its_own(folder: Path) -> None:
    jobs = list(split_jobs(Asked((folder,), ("tiny", "dense"), splits=2, seed=5)))
    assert [(one.architecture, one.seed) for one in jobs] == [("tiny", 5), ("dense", 5), ("tiny", 6), ("dense", 6)]
    parts = [set(one.job.test[1].files) for one in jobs if one.job.test]
    assert parts[0] == parts[1] != parts[2] == parts[3]
    for one, tested in zip(jobs, parts, strict=True):
        assert not tested & set(one.job.train.files)
        assert len(one.job.train) == 16
        assert one.job.recipe.seed == one.seed
    assert len({one.job.name for one in jobs}) == 4


def test_a_models_name_tells_its_pictures_and_its_recipe(folder: Path) -> None:
    def name(**told: Any) -> str:
        return next(iter(split_jobs(Asked((folder,), ("tiny",), splits=1, **told)))).job.name

    before = name()
    assert name() == before
    assert name(epochs=3) != before
    assert name(seed=2) != before
    picture = next((folder / "sky").iterdir())
    Image.open(picture).rotate(180).save(picture)
    assert name() != before


def test_weights_go_to_what_begins_with_weights(folder: Path) -> None:
    jobs = split_jobs(Asked((folder,), ("tiny", "mobilenetv2"), splits=1, weights="a b.h5"))
    assert [one.job.recipe.weights for one in jobs] == ["", "a b.h5"]
    again = next(iter(split_jobs(Asked((folder,), ("mobilenetv2",), splits=1, weights="a b.h5", epochs=2)))).job
    assert again.command == f"hdr bench splits --data {folder} --arch mobilenetv2 --splits 1 --seed 1 --epochs 2 " + (
        "--weights 'a b.h5'"
    )


def test_data_that_came_divided_is_refused(folder: Path, tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / "own" / part).mkdir(parents=True)
        for name in KINDS:
            shutil.copytree(folder / name, tmp_path / "own" / part / name)
    with pytest.raises(DatasetError, match="came divided"):
        next(iter(split_jobs(Asked((tmp_path / "own",), ("tiny",)))))


def test_an_unknown_architecture_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="no architecture 'nothing'"):
        next(iter(split_jobs(Asked((folder,), ("nothing",)))))


def test_the_difference_is_of_the_same_pictures() -> None:
    outcomes = [
        _outcome("a", 1, [1, 0, 0, 1]),
        _outcome("b", 1, [1, 1, 1, 1]),
        _outcome("a", 2, [1, 1, 0, 0], "abef"),
        _outcome("b", 2, [1, 0, 1, 1], "abef"),
    ]
    a, b, difference = spreads(outcomes, ["a", "b"])
    assert (a.name, a.each, a.than) == ("a", (0.5, 0.5), "")
    assert (b.each, b.seconds) == ((1.0, 0.75), 2.0)
    assert (difference.name, difference.than, difference.each) == ("b", "a", (0.5, 0.25))
    assert difference.splits is not None
    assert difference.splits.value == difference.pictures.value == 0.375
    assert difference.pictures.low >= -1
    told = difference.as_dict()
    assert (told["better_than"], told["mean"]) == ("a", 0.375)
    assert "seconds" not in told
    assert a.as_dict()["seconds"] == 2


def test_one_division_has_no_interval_over_divisions() -> None:
    (alone,) = spreads([_outcome("a", 1, [1, 1, 0, 1])], ["a"])
    assert alone.splits is None
    assert alone.as_dict()["interval_over_splits"] is None


@pytest.mark.train
def test_the_table_is_made_once_and_told_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["bench", "splits", "--data", str(folder), "--arch", "tiny", "--arch", "dense", "--arch", "tiny"]
    words += ["--splits", "1", "--epochs", "1", "--out", str(tmp_path / "models")]
    assert run(words) == 0
    head, tiny, dense, difference = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["architecture", "split", "1"]
    assert (tiny.split()[0], dense.split()[0]) == ("tiny", "dense")
    assert difference.startswith("dense - tiny")

    def trained(*_: Any) -> None:
        pytest.fail("trained again")

    monkeypatch.setattr("hdr.cli.telling.show_training", trained)
    assert run([*words, "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["architecture"] for one in told] == ["tiny", "dense", "dense"]
    assert told[2]["better_than"] == "tiny"
    assert told[2]["mean"] == pytest.approx(told[1]["mean"] - told[0]["mean"], abs=1e-6)
