"""`hdr captures`: list, stats, export."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hdr.classify.classifier import StubClassifier
from hdr.classify.names import NOT_A_DIGIT
from hdr.cli.main import run
from hdr.data.captures import CaptureStore, capture_id
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.vision.normalize import Crop

IMAGE = np.zeros((40, 120, 3), np.uint8)
ID = capture_id(IMAGE)


@pytest.fixture
def store(own_workspace):
    """Two digits and one that is none, one of the digits mended by a person."""
    crops = [Crop(np.full((20, 10), 200, np.uint8), Box.from_xywh(20 * index, 5, 10, 20)) for index in range(3)]
    predictions = StubClassifier(list("712")).classify(crops)
    digits = [Digit(crop, prediction) for crop, prediction in zip(crops, predictions, strict=True)]
    reading = Reading((120, 40), (digits[0], digits[1].relabelled("7"), digits[2].relabelled(NOT_A_DIGIT)), "stub")
    store = CaptureStore(own_workspace / "captures")
    store.save(IMAGE, reading, "page.jpg")
    return store


def test_list(store, capsys):
    assert run(["captures", "list"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{ID}  20")
    assert out.endswith("     3 crops  7 7 none  page.jpg\n")


def test_list_as_json(store, capsys):
    assert run(["captures", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["capture"], told["source"], told["model"]) == (ID, "page.jpg", "stub")
    assert told["page"] == str(store.root / "_pages" / f"{ID}.json")
    assert told["crops"] == [
        {"label": "7", "file": str(store.root / "7" / f"{ID}_00.png")},
        {"label": "7", "file": str(store.root / "7" / f"{ID}_01.png")},
        {"label": "none", "file": str(store.root / "_none" / f"{ID}_02.png")},
    ]


def test_list_of_a_damaged_page_and_of_a_crop_without_page(store, capsys):
    (store.root / "_pages" / f"{ID}.json").write_text("{")
    (store.root / "7" / "mine.png").write_bytes((store.root / "7" / f"{ID}_00.png").read_bytes())
    assert run(["captures", "list"]) == 0
    out = capsys.readouterr().out
    assert [line.split() for line in out.splitlines()] == [
        [ID, "3", "crops", "7", "7", "none"],
        ["mine", "1", "crop", "7"],
    ]


def test_stats(store, capsys):
    assert run(["captures", "stats"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"3 crops of 1 page in {store.root}"
    assert lines[1].split() == ["7", "2", "#" * 30, "1", "by", "a", "person"]
    assert lines[2].split() == ["none", "1", "#" * 15, "1", "by", "a", "person"]


def test_stats_as_json_and_what_cannot_be_read(store, capsys):
    (store.root / "7" / f"{ID}_00.png").write_bytes(b"broken")
    assert run(["captures", "stats", "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "folder": str(store.root),
        "total": 3,
        "pages": 1,
        "counts": {"7": 2, "none": 1},
        "by_person": {"7": 1, "none": 1},
        "unreadable": 1,
    }
    assert f"{ID}_00.png cannot be read as a crop" in err


def test_no_captures_yet(own_workspace, tmp_path, capsys):
    assert run(["captures", "list"]) == 0
    assert run(["captures", "stats"]) == 0
    assert capsys.readouterr().out == f"0 crops of 0 pages in {own_workspace / 'captures'}\n"
    assert run(["captures", "export", str(tmp_path / "out.npz"), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["error"] == "There is nothing to export."
    assert "Read a picture" in err


@pytest.mark.parametrize(
    ("target", "options", "expected"),
    [
        ("out.npz", [], "npz"),
        ("out.csv", [], "csv"),
        ("out", [], "folder"),
        ("out", ["--format", "idx"], "idx"),
        ("out.npz", ["--format", "csv"], "csv"),
    ],
)
def test_the_ending_says_the_format_unless_it_is_given(store, tmp_path, capsys, target, options, expected):
    assert run(["captures", "export", str(tmp_path / target), *options]) == 0
    assert capsys.readouterr().out == (
        f"Exported 2 crops to {tmp_path / target} ({expected}). 1 that are no digits were left out.\n"
    )
    assert (tmp_path / target).exists()


def test_export_as_json_of_another_size_from_another_folder(store, tmp_path, capsys):
    moved = tmp_path / "elsewhere"
    store.root.rename(moved)
    target = tmp_path / "out.npz"
    command = ["captures", "export", str(target), "--size", "32", "--with-none", "--json", "--captures", str(moved)]
    assert run(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told.pop("counts") == {**dict.fromkeys("0123456789", 0), "7": 2, "none": 1}
    assert told == {
        "format": "npz",
        "path": str(target),
        "total": 3,
        "labels": [*"0123456789", "none"],
        "left_out": 0,
        "unreadable": 0,
    }
    with np.load(target, allow_pickle=False) as file:
        assert file["x"].shape == (3, 32, 32)


def test_export_never_replaces_unasked(store, tmp_path, capsys):
    target = str(tmp_path / "out.csv")
    assert run(["captures", "export", target]) == 0
    assert run(["captures", "export", target]) == 1
    assert "is there already. Name another file, or add --force" in capsys.readouterr().err
    assert run(["captures", "export", target, "--force"]) == 0


def test_export_leaves_out_what_cannot_be_read_and_says_so(store, tmp_path, capsys):
    (store.root / "7" / f"{ID}_00.png").write_bytes(b"broken")
    assert run(["captures", "export", str(tmp_path / "out.csv")]) == 1
    out, err = capsys.readouterr()
    assert "Exported 1 crop " in out
    assert "cannot be read as a crop" in err


def test_an_unknown_format_and_an_unknown_folder(store, tmp_path, capsys):
    assert run(["captures", "export", str(tmp_path / "out"), "--format", "tga"]) == 1
    assert "no format 'tga'" in capsys.readouterr().err
    assert run(["captures", "list", "--captures", str(tmp_path / "nowhere")]) == 1
    assert "is no folder" in capsys.readouterr().err


def test_without_a_word_it_helps(capsys):
    assert run(["captures"]) == 2
    assert "export" in "".join(capsys.readouterr())


@pytest.mark.parametrize(("args", "told"), [([], "Nothing is saved in"), (["--json"], "")])
def test_a_list_of_nothing_says_so_to_a_person(capsys, args, told):
    assert run(["captures", "list", *args]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert told in shown.err
    assert bool(shown.err) == bool(told)
