"""Several models on the same crops."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from hdr.classify.card import ModelCard
from hdr.classify.store import ModelStore
from hdr.cli.compare import compare
from hdr.data.dataset import Dataset, from_arrays
from hdr.data.drawn import draw_digits
from hdr.data.evaluate import Answers, Evaluation
from hdr.data.metrics import Difference
from hdr.errors import DatasetError, ModelNotFoundError
from hdr.train.comparing import Compared, as_dict, compare_models, comparison_report, folder_of, table_of, verdict


def answered(name: str, right: int, n: int = 40) -> Compared:
    told = np.where(np.arange(n)[:, None] < right, (1, 0), (0, 1)).astype(np.float32)
    card = ModelCard(name, made={"seconds": 90})
    result = Evaluation(name, ("a", "b"), Answers(np.zeros(n, np.int64), told))
    return Compared(name, card, result, {"model.tflite": 5000}, {"model.tflite": None}, 1234)


ROWS = [answered("good", 40), answered("near", 38), answered("<b>bad</b>", 20)]


def test_each_is_told_against_the_best() -> None:
    table = table_of(ROWS)
    assert [row[3] for row in table] == [
        "the best",
        "may be chance (p = 0.5)",
        "worse (p = 1.9e-06; only it 0, only the best 20)",
    ]
    assert table[0][4:] == ("0.0000", "1,234", "model.tflite: 5 kB", "model.tflite: ?", "90 s")
    assert table_of([answered("x", 1)])[0][1] == "2.50%"
    told = as_dict(ROWS)
    assert [row["p_against_best"] for row in told] == [None, 0.5, 2e-06]
    assert [row["verdict"] for row in told][:2] == ["the best", "may be chance (p = 0.5)"]
    assert told[0]["p"] == {"near": 0.5, "<b>bad</b>": 2e-06}
    assert (told[0]["parameters"], told[0]["training_seconds"], told[0]["brier"]) == (1234, 90, 0)


def test_words_for_a_difference() -> None:
    assert verdict(Difference(3, 2, 1.0)).startswith("may be chance")
    assert verdict(Difference(30, 2, 0.001)).startswith("worse")


def test_the_report_has_each_against_each_and_no_markup_of_a_name() -> None:
    html = comparison_report(ROWS, "data")
    assert "<b>bad" not in html
    assert "&lt;b&gt;bad" in html
    assert "Each against each" in html
    assert "Each against each" not in comparison_report(ROWS[:2], "data")
    assert "a &lt;had seen&gt; it" in comparison_report(ROWS[:2], "data", "a <had seen> it")


def test_nothing_to_measure_on_is_a_sentence() -> None:
    with pytest.raises(DatasetError, match="nothing to compare"):
        compare_models(["default"], from_arrays(np.zeros((0, 5, 5), np.uint8), np.zeros(0, np.int64)))


@pytest.fixture
def data() -> Dataset:
    return draw_digits(60, 5)


def test_a_file_and_a_model_are_measured_by_each_of_their_files(data: Dataset, tmp_path: Path) -> None:
    shipped = ModelStore().find("default").path
    folder = tmp_path / "light"
    folder.mkdir()
    for name in ("model.tflite", "card.json"):
        shutil.copy(shipped / name, folder)
    alone = str(shutil.copy(shipped / "model.tflite", tmp_path / "alone.tflite"))
    rows = compare_models([str(folder), alone], data)
    assert [list(one.ms) for one in rows] == [["model.tflite"], ["alone.tflite"]]
    assert all(ms > 0 for one in rows for ms in one.ms.values() if ms is not None)
    assert rows[0].sizes["model.tflite"] == rows[1].sizes["alone.tflite"] > 100_000
    assert rows[0].accuracy.n == 60
    assert rows[0].parameters == 410_059  # of its card
    assert rows[1].parameters == 408_571  # of the file, into which normalisation is folded
    assert rows[1].seconds is None
    assert rows[0].against(rows[1]).p == 1
    assert folder_of(str(folder / "model.tflite")) == folder
    assert folder_of(alone) is None


def test_a_file_that_a_back_end_cannot_open_has_no_time(data: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "light"
    shutil.copytree(ModelStore().find("default").path, folder)
    (folder / "model.keras").write_bytes(b"damaged")
    assert compare_models([str(folder)], data)[0].ms["model.keras"] is None


def test_the_command_tells_it_as_a_table_as_json_and_as_a_page(data: Dataset, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(compare)
    np.savez(tmp_path / "data.npz", x=data.crops, y=data.labels)
    model = str(shutil.copy(ModelStore().find("default").path / "model.tflite", tmp_path / "m.tflite"))
    typed = [model, model, "--data", str(tmp_path / "data.npz")]
    plain = CliRunner().invoke(app, typed)
    assert plain.exit_code == 0
    assert "against the best" in plain.stdout
    told = CliRunner().invoke(app, [*typed, "--json", "--report", str(tmp_path / "r.html")])
    assert [one["n"] for one in json.loads(told.stdout)["models"]] == [60, 60]
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_an_unknown_model_is_a_sentence(data: Dataset) -> None:
    with pytest.raises(ModelNotFoundError):
        compare_models(["nobody"], data)
