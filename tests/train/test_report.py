"""Reports: one file, made of recorded numbers, and no name in them is ever markup."""

from __future__ import annotations

import io
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr.classify.classifier import StubClassifier
from hdr.cli.main import run
from hdr.data.dataset import Dataset
from hdr.data.evaluate import Evaluation, evaluate
from hdr.data.fair import FairData, Place
from hdr.data.metrics import Accuracy
from hdr.errors import HdrError
from hdr.train import page
from hdr.train.history import HISTORY, History, read_history, write_history
from hdr.train.plots import plot_confusion, plot_counts, plot_history, plot_intervals
from hdr.train.report import evaluation_report

HOSTILE = '"><script>alert(1)<!--$x_{$.png'


class Page(HTMLParser):
    """Collects what a browser would load, and the text that it would show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for key, value in attrs if key in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def measured(labels: list[int], told: list[str], confidence: float = 0.8) -> tuple[Evaluation, FairData]:
    crops = np.zeros((len(labels), 9, 7), np.uint8)
    files = tuple(f"/x/{index}{HOSTILE}" for index in range(len(labels)))
    groups = np.array([str(index) for index in range(len(labels))])
    data = Dataset(crops, np.array(labels, np.int64), groups, files=files)
    return evaluate(StubClassifier(told, confidence), data), FairData(data, tuple(map(Place, files)), 5, 2)


def test_a_report_is_one_file_whose_texts_are_never_markup() -> None:
    result, fair = measured([1, 1, 7], ["1", "7", "7"])
    history = History({"loss": (1.0, 0.5), "validation_loss": (1.1, 0.7), "validation_accuracy": (0.5, 0.9)})
    html = evaluation_report(result, fair, HOSTILE, history)
    told = Page(html)
    assert "script" not in told.tags
    assert "default-src 'none'" in html
    assert told.loads
    assert all(one.startswith("data:image/png;base64,") for one in told.loads)
    assert f"1{HOSTILE}" in told.text  # the name of the one that was wrong
    assert "1, taken for 7" in told.text
    assert str(result.accuracy) in told.text
    assert "How it learned" in told.text
    assert "Of these 10 pictures 5 were learned from and 2 decided which epoch was kept" in told.text
    assert "log loss" in told.text


def test_the_gallery_shows_the_surest_mistakes_first() -> None:
    result, _ = measured([1, 2, 3], ["1", "7", "7"])
    assert result.answers.mistakes().tolist() == [1, 2]
    result.answers.confidence[:] = (0.9, 0.5, 0.7)
    assert result.answers.mistakes().tolist() == [2, 1]
    assert result.answers.mistakes(1).tolist() == [2]


def test_without_a_mistake_and_without_a_sample_there_is_a_report_too() -> None:
    for labels in ([1], []):
        result, fair = measured(labels, ["1"])
        told = Page(evaluation_report(result, fair, "data"))
        assert ("Nothing: all 1 right." if labels else "Nothing was measured.") in told.text
        assert "How it learned" not in told.text


def test_without_matplotlib_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(HdrError, match="matplotlib") as caught:
        plot_counts({"a": 1})
    assert ".[train]" in caught.value.hint


def test_names_are_drawn_as_they_are_whatever_they_hold() -> None:
    names = ["$\\frac{", "a\nb", "x" * 99, "\udc80"]
    for drawn in (
        plot_counts(dict.fromkeys(names, 2)),
        plot_confusion(np.eye(4, dtype=np.int64), names),
        plot_intervals([(name, Accuracy(1, 2)) for name in names]),
    ):
        assert Image.open(io.BytesIO(drawn)).width > 100


@pytest.mark.parametrize("count", [2, 31, 100, 400])
def test_a_matrix_of_many_labels_is_no_larger_than_a_page_and_shows_its_mistakes(count: int) -> None:
    matrix = np.eye(count, dtype=np.int64) * 1000
    clean = Image.open(io.BytesIO(plot_confusion(matrix, [f"label {i}" for i in range(count)])))
    matrix[0, count - 1] = 1
    drawn = Image.open(io.BytesIO(plot_confusion(matrix, [f"label {i}" for i in range(count)])))
    assert max(drawn.size) < 2300
    assert drawn.tobytes() != clean.tobytes()


def test_a_page_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HdrError, match="cannot be written"):
        page.write_page(tmp_path / "file" / "a.html", "x")


def test_a_history_comes_back(tmp_path: Path) -> None:
    write_history(tmp_path, [{"epoch": 1, "loss": 2.0, "best": True}, {"epoch": 2, "loss": 1.0, "best": False}], [3.0])
    assert read_history(tmp_path) == History({"epoch": (1.0, 2.0), "loss": (2.0, 1.0)}, (3.0,), kept=1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"epochs": 3, "steps": []}',
        '{"epochs": [1], "steps": []}',
        '{"epochs": [], "steps": ["x"]}',
        '{"epochs": [{"loss": 1}, {}], "steps": []}',
        "[" * 100_000,
        " " * (5 << 20),
    ],
)
def test_a_history_that_is_none_is_no_history(tmp_path: Path, text: str) -> None:
    (tmp_path / HISTORY).write_text(text)
    assert read_history(tmp_path) is None


def test_curves_of_what_there_is() -> None:
    assert plot_history(History({})) is None
    assert plot_history(History({}, (3.0, 2.0))) is not None


def test_the_command_writes_it_and_lists_what_is_no_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data" / "1").mkdir(parents=True)
    Image.fromarray(np.pad(np.full((20, 3), 255, np.uint8), 4)).save(tmp_path / "data" / "1" / "a.png")
    (tmp_path / "data" / "1" / "b.png").write_bytes(b"no picture")
    report = tmp_path / "r.html"
    assert run(["evaluate", "default", "--data", str(tmp_path / "data"), "--report", str(report), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["n"] == 1
    assert re.search(r"left out: .*b\.png cannot be read", told.err)
    assert "default on data" in Page(report.read_text(encoding="utf-8")).text


def test_labels_in_scripts_that_no_font_here_has_warn_nobody() -> None:
    assert plot_counts({"数字": 3, "\U0001f408": 2, "क\U00010330": 1}).startswith(b"\x89PNG")
