"""`hdr captures check`, `mistakes`, `duplicates`, `discard`, `bin`, `restore`, `freeze`, `frozen`."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from hdr.bench.hand import written_digits
from hdr.classify.classifier import StubClassifier
from hdr.cli.main import run
from hdr.data.captures import CaptureStore
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.vision.normalize import Crop


@pytest.fixture
def store(own_workspace):
    """Four pages of twelve written digits, each labelled as it is."""
    pictures, labels = written_digits(48, np.random.default_rng(4))
    store = CaptureStore(own_workspace / "captures")
    for page in range(4):
        part = range(12 * page, 12 * page + 12)
        crops = [Crop(pictures[i], Box.from_xywh(100 * (i - part[0]), 40 * page, 96, 96)) for i in part]
        predictions = StubClassifier([labels[i] for i in part]).classify(crops)
        digits = tuple(Digit(crop, one) for crop, one in zip(crops, predictions, strict=True))
        image = np.full((300, 1300), page, np.uint8)
        store.save(image, Reading((1300, 300), digits, "stub"), f"page{page}.jpg")
    return store


def told(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def a_crop(store, label="3"):
    return next((store.root / label).glob("*.png"))


def test_check_and_repair(store, capsys):
    assert run(["captures", "check"]) == 0
    assert capsys.readouterr().out == f"Everything is in order in {store.root}.\n"
    path = a_crop(store)
    shutil.copy(path, store.root / "3" / "copy.png")
    assert run(["captures", "check"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"doubled        {store.root / '3' / 'copy.png'}\n")
    assert "It is moved to the recycle bin." in out
    assert "hdr captures check --repair" in err
    assert run(["captures", "check", "--repair", "--json"]) == 0
    (one,) = told(capsys)
    assert (one["kind"], one["safe"], one["repaired"]) == ("doubled", True, True)
    assert run(["captures", "check", "--labels", "1, 2"]) == 1
    assert "unknown label" in capsys.readouterr().out


def test_mistakes(store, capsys):
    path = a_crop(store)
    (store.root / "8").mkdir(exist_ok=True)
    path.rename(store.root / "8" / path.name)
    assert run(["captures", "mistakes", "--first", "2", "--json"]) == 0
    first, second = told(capsys)
    assert (first["file"], first["label"], first["likely"]) == (str(store.root / "8" / path.name), "8", "3")
    assert first["doubt"] >= second["doubt"]
    assert run(["captures", "mistakes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "likely wrong" in lines[0]
    assert lines[1].split() == ["8", "likely", "3", str(store.root / "8" / path.name)]


def test_mistakes_of_nothing(own_workspace, capsys):
    assert run(["captures", "mistakes"]) == 0
    assert "too few" in capsys.readouterr().out


def test_duplicates(store, capsys):
    assert run(["captures", "duplicates"]) == 0
    assert capsys.readouterr().out == "Nothing is there twice.\n"
    path = a_crop(store)
    shutil.copy(path, store.root / "5" / "copy.png")
    assert run(["captures", "duplicates", "--json"]) == 0
    (one,) = told(capsys)
    assert (one["kind"], one["labels"]) == ("exact", ["3", "5"])
    page = next((store.root / "_pages").glob("*.json")).stem
    other = "0" * 16
    for crop in store.root.glob(f"*/{page}_*.png"):
        if crop.parent.name not in ("_pages", "_bin"):
            shutil.copy(crop, crop.with_name(crop.name.replace(page, other)))
    shutil.copy(store.root / "_pages" / f"{page}.json", store.root / "_pages" / f"{other}.json")
    assert run(["captures", "duplicates"]) == 0
    out = capsys.readouterr().out
    assert "burst  2 pages" in out
    assert out.startswith("exact  ")
    assert run(["captures", "duplicates", "--json"]) == 0
    assert sorted(told(capsys)[-1]["pages"]) == [other, page]


def test_into_the_bin_and_back(store, capsys):
    path = a_crop(store)
    assert run(["captures", "bin"]) == 0
    assert capsys.readouterr().out == "The recycle bin is empty.\n"
    assert run(["captures", "discard", str(path)]) == 0
    assert capsys.readouterr().out == "1 crop moved to the recycle bin.\n"
    assert not path.exists()
    assert run(["captures", "bin", "--json"]) == 0
    binned = store.root / "_bin" / "3" / path.name
    assert told(capsys) == [{"label": "3", "file": str(binned)}]
    assert run(["captures", "bin"]) == 0
    assert capsys.readouterr().out == f"{binned}\n"
    assert run(["captures", "restore", str(binned), "--json"]) == 0
    assert told(capsys)[0]["crops"] == 1
    assert path.exists()
    run(["captures", "discard", str(path)])
    assert run(["captures", "restore", "--all"]) == 0
    assert path.exists()
    assert run(["captures", "restore"]) == 2


def test_files_elsewhere_and_files_that_are_gone(store, tmp_path, capsys):
    assert run(["captures", "discard", str(tmp_path / "mine.png")]) == 1
    assert "is no crop in" in capsys.readouterr().err
    path = a_crop(store)
    assert run(["captures", "discard", str(path), str(path.with_name("gone.png"))]) == 1
    out, err = capsys.readouterr()
    assert out == "1 crop moved to the recycle bin.\n"
    assert "is not there any more" in err


def test_freeze(store, capsys):
    assert run(["captures", "frozen"]) == 0
    assert "Nothing is frozen yet" in capsys.readouterr().out
    assert run(["captures", "frozen", "--json"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["captures", "freeze", "first"]) == 0
    assert capsys.readouterr().out.startswith("Frozen as first: 48 crops, ")
    assert run(["captures", "freeze", "first", "--json"]) == 0
    assert told(capsys)[0]["crops"] == 48
    run(["captures", "discard", str(a_crop(store))])
    assert run(["captures", "freeze", "first"]) == 1
    assert "Choose another name" in capsys.readouterr().err
    assert run(["captures", "frozen"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("48 crops  changed since: 1 gone")
    assert run(["captures", "frozen", "--json"]) == 0
    assert told(capsys)[0]["since"] == {"gone": 1, "added": 0, "relabelled": 0}


def test_where_the_models_card_does_not_tell_its_labels_any_label_is_right(store, own_workspace, capsys):
    (own_workspace / "models" / "mine").mkdir(parents=True)
    (own_workspace / "models" / "mine" / "model.tflite").write_bytes(b"no card beside it")
    (own_workspace / "models" / "current").write_text("mine\n")
    a_crop(store).parent.rename(store.root / "x")
    assert run(["captures", "check"]) == 1
    assert "unknown label" not in capsys.readouterr().out
