"""`hdr captures import` and `hdr captures export`."""

from __future__ import annotations

import json
import tarfile
import zipfile

import numpy as np
import pytest

from hdr.classify.classifier import StubClassifier
from hdr.cli.exchange import FORMAT_NAMES
from hdr.cli.main import run
from hdr.data.captures import CaptureStore
from hdr.data.formats import FORMATS
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.vision.normalize import Crop


@pytest.fixture
def store(own_workspace):
    """Six pages of three digits; a person said of each page's last that it is none."""
    store = CaptureStore(own_workspace / "captures")
    for number in range(6):
        image = np.full((40, 120, 3), 250 - number, np.uint8)
        crops = []
        for index in range(3):
            box = Box.from_xywh(10 + 30 * index, 5, 12, 24)
            image[box.slices] = 10
            crops.append(Crop(np.full((24, 12), 240, np.uint8), box))
        predictions = StubClassifier(list("712")).classify(crops)
        digits = [Digit(crop, prediction) for crop, prediction in zip(crops, predictions, strict=True)]
        store.save(image, Reading((120, 40), (*digits[:2], digits[2].relabelled("none")), "stub"), "page.jpg")
    return store


def test_the_help_names_every_format():
    assert FORMAT_NAMES.split("|") == list(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_goes_out_and_comes_back(store, tmp_path, capsys, name):
    ending = f".{name}" if name in ("npz", "csv") else ""
    target = tmp_path / f"out{ending}"
    assert run(["captures", "export", str(target), "--format", name, "--with-none"]) == 0
    told = capsys.readouterr().out
    pages = " on 6 pages" if FORMATS[name].pages else ""
    assert told == f"Exported 18 {'boxes' if pages else 'crops'}{pages} to {target} ({name}).\n"
    if not FORMATS[name].reads:
        return
    other = tmp_path / "other"
    assert run(["captures", "import", str(target), "--captures", str(other)]) == 0
    of_pages = " of 6 pages" if pages else ""
    assert capsys.readouterr().out == (
        f"Imported 18 crops{of_pages} ({name}) to {other}: 18 new, 0 relabelled, 0 were here already.\n"
    )
    assert CaptureStore(other).counts() == {"1": 6, "7": 6, "none": 6}


def test_the_parts_are_told_and_stay_when_pages_are_added(store, tmp_path, capsys):
    target = tmp_path / "out"
    options = ["--split", "50/20/30", "--size", "32", "--with-none", "--json"]
    assert run(["captures", "export", str(target), *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sum(told["parts"].values()) == 18
    assert list(told["parts"]) == ["train", "val", "test"]
    before = {path.name: path.parts[-3] for path in target.rglob("*.png")}
    image = np.full((40, 120, 3), 200, np.uint8)
    image[5:29, 10:22] = 0
    crop = Crop(np.full((24, 12), 240, np.uint8), Box.from_xywh(10, 5, 12, 24))
    store.save(image, Reading((120, 40), (Digit(crop, StubClassifier(["4"]).classify([crop])[0]),), "stub"))
    assert run(["captures", "export", str(target), *options, "--force"]) == 0
    after = {path.name: path.parts[-3] for path in target.rglob("*.png")}
    assert len(after) == 19
    assert before.items() < after.items()


def test_a_size_of_0_leaves_each_crop_as_it_was_cut(store, tmp_path):
    assert run(["captures", "export", str(tmp_path / "out"), "--size", "0"]) == 0
    assert run(["captures", "import", str(tmp_path / "out"), "--captures", str(tmp_path / "other")]) == 0
    assert {crop.pixels.shape for crop in CaptureStore(tmp_path / "other").crops()} == {(24, 12)}


def test_crops_without_a_page_are_left_out_of_pages(store, tmp_path, capsys):
    np.savez(tmp_path / "a.npz", x=np.eye(28, dtype=np.uint8)[None] * 255, y=np.array([4]))
    assert run(["captures", "import", str(tmp_path / "a.npz"), "--writer", "Anna"]) == 0
    capsys.readouterr()
    assert run(["captures", "export", str(tmp_path / "out"), "--format", "coco"]) == 0
    assert "6 that are no digits were left out. 1 that have no page were left out." in capsys.readouterr().out
    assert run(["captures", "export", str(tmp_path / "out2"), "--format", "coco", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["pages"], told["without_page"], told["total"]) == (6, 1, 12)


@pytest.mark.parametrize("packed", ["zip", "tar.gz"])
def test_an_archive_is_unpacked(store, tmp_path, capsys, packed):
    out = tmp_path / "out"
    assert run(["captures", "export", str(out), "--format", "voc"]) == 0
    path = tmp_path / f"a.{packed}"
    if packed == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for one in out.rglob("*"):
                archive.write(one, "inner" / one.relative_to(out))
    else:
        with tarfile.open(path, "w:gz") as archive:
            archive.add(out, "inner")
    capsys.readouterr()
    assert run(["captures", "import", str(path), "--captures", str(tmp_path / "other"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "format": "voc", "folder": str(tmp_path / "other"), "pages": 6, "total": 12, "added": 12, "relabelled": 0,
        "unchanged": 0, "kept": 0, "problems": [],
    }  # fmt: skip


def test_what_could_not_be_taken_is_an_error_at_the_end(store, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(["captures", "export", str(out)]) == 0
    next((out / "7").glob("*.png")).write_bytes(b"broken")
    assert run(["captures", "import", str(out), "--captures", str(tmp_path / "other")]) == 1
    said = capsys.readouterr()
    assert "Imported 11 crops (folder)" in said.out
    assert "cannot be read as a crop" in said.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["import", "nowhere"], "There is no file or folder nowhere"),
        (["export", "out", "--split", "x"], "says no shares"),
        (["export", "out", "--format", "tga"], "There is no format 'tga'"),
        (["export", "out.npz", "--size", "0"], "all crops have one size"),
        (["import", ".", "--captures", "/dev/null"], "is no folder"),
    ],
)
def test_what_cannot_be_done_is_said(store, tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    assert run(["captures", *arguments]) == 1
    assert says in capsys.readouterr().err


def test_a_person_who_watches_sees_how_far_it_is(store, tmp_path, monkeypatch, capsys):
    assert run(["captures", "export", str(tmp_path / "out"), "--format", "yolo"]) == 0
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert run(["captures", "import", str(tmp_path / "out"), "--captures", str(tmp_path / "other")]) == 0
    shown = capsys.readouterr().err.split("\r\033[K")
    assert shown == ["", *(f"{2 * number} crops, {number} pages" for number in range(1, 7)), ""]
