"""`hdr read`: what it prints, what it writes, and what it says of pictures that cannot be read."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from cli_pictures import draw_page, write_bomb
from nobody import as_nobody
from PIL import Image

from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.cli.main import run
from hdr.reading import pipeline
from hdr.reading.results import PageProblem
from hdr.settings import SegmentSettings


@pytest.fixture(autouse=True)
def stub(monkeypatch):
    """Every digit is labelled by its place: 0, 1, 2, ... on each page."""
    classifier = StubClassifier(list("0123456789"), 0.9)
    monkeypatch.setattr("hdr.classify.loading.load_classifier", lambda name=None, labels=None: classifier)
    return classifier


@pytest.fixture
def page(tmp_path):
    """A page of two rows of three strokes each."""
    path = tmp_path / "page.png"
    Image.fromarray(draw_page()).save(path)
    return path


def printed(capsys):
    out, err = capsys.readouterr()
    return out.splitlines(), err


def test_text_is_the_digits_by_row(page, capsys):
    assert run(["read", str(page)]) == 0
    assert capsys.readouterr() == ("012\n345\n", "")


def test_labels_typed_are_given_to_the_model(page, stub, monkeypatch):
    asked = []

    def load(name=None, labels=None):
        asked.append((name, labels))
        return stub

    monkeypatch.setattr("hdr.classify.loading.load_classifier", load)
    assert run(["read", "--model", "m.onnx", "--labels", "a, b,c", str(page)]) == 0
    assert asked == [("m.onnx", ["a", "b", "c"])]


def test_json_is_exactly_what_the_readme_promises(page, capsys):
    assert run(["read", "--json", str(page)]) == 0
    (line,), err = printed(capsys)
    assert err == ""
    told = json.loads(line)
    assert list(told) == ["file", "width", "height", "text", "digits", "rejected", "problems", "model", "ms"]
    assert (told["file"], told["width"], told["height"]) == (str(page), 320, 240)
    assert (told["text"], told["model"]) == ("012\n345", "stub")
    assert isinstance(told["ms"], float)
    assert told["ms"] > 0
    assert len(told["digits"]) == 6
    for index, digit in enumerate(told["digits"]):
        assert list(digit) == ["label", "confidence", "box", "row", "alternatives"]
        assert digit["label"] == str(index)
        assert digit["confidence"] == 0.9
        assert digit["row"] == index // 3
        x, y, width, height = digit["box"]
        assert all(isinstance(number, int) for number in digit["box"])
        assert 0 <= x < x + width <= 320
        assert 0 <= y < y + height <= 240
        assert len(digit["alternatives"]) == 3
        for label, probability in digit["alternatives"]:
            assert label in set("0123456789") - {digit["label"]}
            assert 0 <= probability <= 0.9


@pytest.fixture
def strict(monkeypatch):
    """The first row is rejected, and so is the first of the second; so surely that no company changes it."""
    labels = [NOT_A_DIGIT] * 4 + ["4", "5"]
    classifier = StubClassifier(labels, 1.0, ModelCard("strict", (*DIGITS, NOT_A_DIGIT)))
    monkeypatch.setattr("hdr.classify.loading.load_classifier", lambda name=None, labels=None: classifier)


@pytest.mark.usefixtures("strict")
def test_what_the_model_rejects_is_told_apart(page, capsys):
    assert run(["read", "--json", str(page)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["text"] == "45"
    assert [(digit["label"], digit["row"]) for digit in told["digits"]] == [("4", 0), ("5", 0)]
    assert len(told["rejected"]) == 4
    assert list(told["rejected"][0]) == ["box", "confidence"]
    assert told["rejected"][0]["confidence"] == 1.0


@pytest.mark.usefixtures("strict")
def test_what_the_model_rejects_is_not_in_text_or_table(page, capsys):
    assert run(["read", str(page)]) == 0
    assert capsys.readouterr().out == "45\n"
    assert run(["read", "--csv", str(page)]) == 0
    _, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert [(row[1], row[2]) for row in rows] == [("0", "4"), ("0", "5")]


def test_why_a_page_is_hard_to_read_is_told_beside_the_output(page, monkeypatch, capsys):
    problem = PageProblem("The page is very dark.", "Take the picture in more light.")
    real = pipeline.read_digits

    def read(*args):
        reading = real(*args)
        return dataclasses.replace(reading, steps=dataclasses.replace(reading.steps, problems=(problem,)))

    monkeypatch.setattr(pipeline, "read_digits", read)
    told = f"hdr: {page}: The page is very dark. Take the picture in more light.\n"
    assert run(["read", str(page)]) == 0
    assert capsys.readouterr() == ("012\n345\n", told)
    assert run(["read", "--csv", str(page)]) == 0
    assert capsys.readouterr().err == told
    assert run(["read", "--json", str(page)]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["problems"] == [{"what": problem.what, "cure": problem.cure}]
    assert err == ""


def test_csv_is_a_row_a_digit(page, tmp_path, capsys):
    assert run(["read", "--csv", str(page), str(tmp_path / "missing.png")]) == 1
    out, err = capsys.readouterr()
    head, *rows = list(csv.reader(io.StringIO(out)))
    assert head == ["file", "row", "label", "confidence", "x", "y", "width", "height", "model", "error"]
    assert [row[2] for row in rows[:6]] == list("012345")
    assert rows[0][0] == str(page)
    assert rows[0][3] == "0.9000"
    assert rows[6][:9] == [str(tmp_path / "missing.png"), *[""] * 8]
    assert "does not exist" in rows[6][9]
    assert "does not exist" in err


def test_several_pictures_have_headings(page, tmp_path, capsys):
    Image.new("RGB", (50, 40), "white").save(tmp_path / "blank.png")
    assert run(["read", str(page), str(tmp_path / "blank.png")]) == 0
    out, err = capsys.readouterr()
    assert out == f"{page}\n012\n345\n\n{tmp_path / 'blank.png'}\n(no digit found)\n"
    assert err == ""


def test_a_page_without_digits_says_so_beside_the_output(tmp_path, capsys):
    Image.new("RGB", (50, 40), "white").save(tmp_path / "blank.png")
    assert run(["read", str(tmp_path / "blank.png")]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "No digit was found" in err


def test_results_are_printed_as_they_come(page, tmp_path, monkeypatch):
    """A program that reads the pipe gets each line before the next picture is opened."""
    Image.fromarray(draw_page()).save(tmp_path / "q.png")
    seen: list[int] = []
    flushed = io.BytesIO()

    class Pipe(io.BytesIO):
        def write(self, data):
            return flushed.write(data)

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Pipe(), encoding="utf-8"))
    real = pipeline.read_digits
    monkeypatch.setattr(
        pipeline, "read_digits", lambda *args: seen.append(flushed.getvalue().count(b"\n")) or real(*args)
    )
    assert run(["read", "--json", str(page), str(tmp_path / "q.png")]) == 0
    assert seen == [0, 1]


def test_one_bad_picture_does_not_stop_the_others(page, tmp_path, capsys):
    (tmp_path / "text.png").write_text("not a picture")
    assert run(["read", "--json", str(tmp_path / "text.png"), str(page)]) == 1
    (bad, good), _ = printed(capsys)
    assert list(json.loads(bad)) == ["file", "error", "hint"]
    assert json.loads(bad)["file"] == str(tmp_path / "text.png")
    assert json.loads(good)["text"] == "012\n345"


def cut_off(path):
    Image.fromarray(draw_page()).save(path)
    path.write_bytes(path.read_bytes()[:600])


BAD = {
    "no picture": (lambda path: path.write_text("hello"), "is not a picture"),
    "cut off": (cut_off, "cut off"),
    "0 bytes": (lambda path: path.touch(), "is empty"),
    "an empty folder": (lambda path: path.mkdir(), "holds no picture"),
    "missing": (lambda path: None, "does not exist"),
    "a bomb": (lambda path: write_bomb(path, 40_000, 40_000), "too large"),
}


@pytest.mark.parametrize("style", ["--text", "--json", "--csv"])
@pytest.mark.parametrize("kind", BAD)
def test_bad_input_gets_a_sentence_and_a_cure(kind, style, tmp_path, capsys):
    make, told = BAD[kind]
    path = tmp_path / "bad.png"
    make(path)
    assert run(["read", style, str(path)]) == 1
    out, err = capsys.readouterr()
    shown = out if style == "--json" else err
    assert told in shown
    assert "bad.png" in shown
    assert "Traceback" not in out + err
    if style == "--json":
        assert json.loads(out)["hint"]
    elif style == "--text":
        assert out == ""


def stripes():
    image = np.full((300, 400, 3), 255, np.uint8)
    image[:, ::40] = 0
    return image


def specks():
    image = np.full((1200, 1600), 255, np.uint8)
    places = np.random.default_rng(3).integers(0, (1190, 1590), (2000, 2))
    for y, x in places:
        image[y : y + 3, x : x + 3] = 0
    return image


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((300, 400), 255, np.uint8),
        np.zeros((300, 400), np.uint8),
        stripes(),
        specks(),
    ],
    ids=["1x1", "white", "black", "stripes", "2000 specks"],
)
def test_pictures_without_writing_are_read_without_complaint(image, tmp_path, capsys):
    Image.fromarray(image).save(tmp_path / "odd.png")
    assert run(["read", "--json", str(tmp_path / "odd.png")]) == 0
    (line,), err = printed(capsys)
    assert (json.loads(line)["width"], err) == (image.shape[1], "")


def test_a_picture_from_standard_input(page, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(page.read_bytes())))
    assert run(["read", "--json", "-"]) == 0
    (line,), _ = printed(capsys)
    assert (json.loads(line)["file"], json.loads(line)["text"]) == ("-", "012\n345")


def test_nothing_on_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert run(["read", "-"]) == 1
    assert capsys.readouterr().err == "hdr: Standard input is empty. Send a picture: hdr read - < page.png\n"


def test_the_options_reach_the_pipeline(page, monkeypatch, capsys):
    seen = []
    real = pipeline.read_digits
    monkeypatch.setattr(pipeline, "read_digits", lambda *args: seen.append(args[2]) or real(*args))
    options = ["--threshold", "100", "--polarity", "dark", "--min-confidence", "0.95"]
    options += ["--smallest", "9", "--no-join", "--no-split", "--turn", "-2.5"]
    options += ["--largest", "90", "--tall", "--only-largest", "3", "--border", "4", "--roi", "0,0,1,0.5"]
    assert run(["read", str(page), *options]) == 0
    (settings,) = seen
    assert (settings.ink.threshold, settings.ink.polarity, settings.read.min_confidence) == (100, "dark", 0.95)
    assert settings.segment == SegmentSettings(
        smallest_px=9, largest_px=90, tall=True, only_largest=3, border_px=4, roi="0,0,1,0.5", join=False, split=False
    )
    assert settings.read.turn == -2.5
    assert capsys.readouterr().out == ""


def test_the_settings_file_counts_and_what_is_typed_counts_more(page, own_workspace, monkeypatch, capsys):
    own_workspace.mkdir()
    (own_workspace / "settings.toml").write_text(
        '[ink]\nthreshold = "otsu"\npolarity = "dark"\n[read]\nmin_confidence = 7\n'
    )
    seen = []
    monkeypatch.setattr(pipeline, "read_digits", lambda *args: seen.append(args[2]) or pipeline.Reading((1, 1)))
    assert run(["read", str(page), "--polarity", "light"]) == 0
    assert (seen[0].ink.threshold, seen[0].ink.polarity, seen[0].read.min_confidence) == ("otsu", "light", 0.0)
    assert "read.min_confidence is 7" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--threshold", "foo"],
        ["--threshold", "256"],
        ["--threshold", "-1"],
        ["--polarity", "blue"],
        ["--smallest", "0"],
        ["--largest", "-1"],
        ["--roi", "1,2,3"],
        ["--turn", "round"],
        ["--turn", "181"],
        ["--min-confidence", "1.5"],
        ["--json", "--csv"],
        ["--what"],
    ],
)
def test_what_is_not_understood_is_2(page, options, capsys):
    assert run(["read", str(page), *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Usage: hdr read" in err


def test_no_path_is_2(capsys):
    assert run(["read"]) == 2
    assert "Missing argument" in capsys.readouterr().err


def test_memory_that_is_not_enough_is_an_error_of_that_picture(page, monkeypatch, capsys):
    def greedy(*_):
        raise MemoryError

    monkeypatch.setattr(pipeline, "read_digits", greedy)
    assert run(["read", "--json", str(page)]) == 1
    assert "more memory than there is" in json.loads(capsys.readouterr().out)["error"]


def test_annotate_writes_a_picture_of_each(page, tmp_path, capsys):
    other = tmp_path / "more" / "page.jpg"
    other.parent.mkdir()
    Image.fromarray(draw_page()).save(other)
    assert run(["read", str(page), str(other), "--annotate", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["page.annotated.jpg", "page.annotated.png"]
    with Image.open(tmp_path / "out" / "page.annotated.png") as drawn:
        assert drawn.size == (320, 240)
        assert not np.array_equal(np.asarray(drawn), draw_page())


def test_steps_writes_every_stage(page, tmp_path, capsys):
    assert run(["read", str(page), "--steps", str(tmp_path / "out")]) == 0
    folder = tmp_path / "out" / "page"
    stages = ["gray", "ink", "sorted", "boxes", "input"]
    assert sorted(path.name for path in folder.iterdir()) == [f"{n}-{stage}.png" for n, stage in enumerate(stages, 1)]
    with Image.open(folder / "2-ink.png") as ink:
        assert ink.size == (320, 240)
        assert set(np.unique(np.asarray(ink))) == {0, 255}
    with Image.open(folder / "5-input.png") as sheet:
        assert sheet.mode == "L"
        assert sheet.size[0] == 6 * 60 + 4


def test_two_inputs_of_one_name_do_not_collide(tmp_path, capsys):
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        Image.fromarray(draw_page()).save(tmp_path / folder / ("Page.png" if folder == "c" else "page.png"))
    names = [str(tmp_path / folder) for folder in "abc"]
    assert run(["read", *names, "--annotate", str(tmp_path / "out"), "--steps", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        ["page.annotated.png", "page-2.annotated.png", "Page-3.annotated.png", "page", "page-2", "Page-3"]
    )


def test_an_input_is_never_written_over(tmp_path, capsys):
    first, second = tmp_path / "page.png", tmp_path / "page.annotated.png"
    for path in (first, second):
        Image.fromarray(draw_page()).save(path)
    before = second.read_bytes()
    assert run(["read", str(first), str(second), "--annotate", str(tmp_path)]) == 0
    assert second.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir() if path.suffix == ".png"} == {
        "page.png",
        "page.annotated.png",
        "page-2.annotated.png",
        "page.annotated.annotated.png",
    }


def test_standard_input_has_a_name_in_the_folder(page, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(page.read_bytes())))
    assert run(["read", "-", "--annotate", str(tmp_path / "out")]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["stdin.annotated.png"]


@pytest.mark.parametrize("option", ["--annotate", "--steps"])
def test_a_folder_that_cannot_be_made_is_told_before_anything_is_read(option, page, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert run(["read", str(page), option, str(tmp_path / "file" / "deeper")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Nothing can be written to the folder" in err
    assert (tmp_path / "file").read_text() == "mine"


def test_a_picture_that_cannot_be_written_is_told_after_its_reading(page, tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hdr.vision.media.write_atomically", full)
    assert run(["read", "--json", str(page), "--annotate", str(tmp_path / "out")]) == 1
    (reading, error), _ = printed(capsys)
    assert json.loads(reading)["text"] == "012\n345"
    assert "No space left" in json.loads(error)["error"]


def test_the_bar_stands_aside_for_results(page, tmp_path, monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    other = tmp_path / "q.png"
    Image.fromarray(draw_page()).save(other)
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "300")  # a folder's long name would push the numbers off a narrow screen
    assert run(["read", str(page), str(other)]) == 0
    assert "2/2" in screen.getvalue()
    assert "012" not in screen.getvalue()
    assert capsys.readouterr().out == f"{page}\n012\n345\n\n{other}\n012\n345\n"


def test_one_picture_needs_no_bar(page, monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    assert run(["read", str(page)]) == 0
    assert sys.stderr.getvalue() == ""


def test_headings_are_bold_on_a_terminal_only(page, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for no_color, expected in (("", f"\033[1m{page}\033[0m"), ("1", str(page))):
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setattr(sys, "stdout", Terminal())
        assert run(["read", str(page), str(page)]) == 0
        assert sys.stdout.getvalue().splitlines()[0] == expected


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_without_permission(capsys):
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder lets nobody in
        folder = Path(name)
        folder.chmod(0o755)
        Image.fromarray(draw_page()).save(folder / "page.png")
        shutil.copy(folder / "page.png", folder / "secret.png")
        (folder / "secret.png").chmod(0o000)
        (folder / "locked").mkdir(mode=0o000)
        (folder / "out").mkdir(mode=0o555)
        assert run(["read", str(folder / "page.png")]) == 0  # all that is imported late is there now
        capsys.readouterr()
        with as_nobody():
            assert run(["read", str(folder / "secret.png")]) == 1
            assert "secret.png cannot be opened: Permission denied. Check its permissions." in capsys.readouterr().err
            assert run(["read", str(folder / "locked")]) == 1
            assert "locked cannot be looked into: Permission denied." in capsys.readouterr().err
            assert run(["read", str(folder / "page.png"), "--annotate", str(folder / "out")]) == 1
            assert f"Nothing can be written to the folder {folder / 'out'}" in capsys.readouterr().err


@pytest.mark.shared
def test_all_the_photographs_are_read(shared_data, capsys):
    assert run(["read", "--json", str(shared_data / "photos")]) == 0
    lines, _ = printed(capsys)
    assert len(lines) == sum(path.suffix in (".jpg", ".png") for path in Path(shared_data / "photos").iterdir())
