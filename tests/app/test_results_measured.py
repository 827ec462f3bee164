"""Answers of a model, and figures that follow what a person changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr.app import results_files
from hdr.app.results_files import Done, discard, relabel
from hdr.app.results_measured import Measured, Which
from hdr.data.answers import Told
from hdr.data.captures import CaptureStore
from hdr.data.crops import Origin, encode_crop
from hdr.data.evaluate import Answers, Evaluation
from hdr.data.fair import Place
from hdr.errors import DatasetError, HdrError

NAMES = ("a", "b", "c")


def measured(truth: list[int], told: list[int], sure: list[float], places: list[Place] | None = None) -> Measured:
    probabilities = np.zeros((len(truth), 3), np.float32)
    for row, (label, p) in enumerate(zip(told, sure, strict=True)):
        probabilities[row] = (1 - p) / 2
        probabilities[row, label] = p
    places = places or [Place("x.npz", row) for row in range(len(truth))]
    answers = Answers(np.array(truth, np.int64), probabilities)
    return Measured(Told(Evaluation("m", NAMES, answers), tuple(places)))


def test_mistakes_are_shown_the_surest_first_and_cells_of_the_matrix_alone() -> None:
    one = measured([0, 0, 0, 1, 1], [0, 1, 2, 1, 0], [0.9, 0.6, 0.8, 0.5, 0.7])
    assert one.rows(Which()).tolist() == [2, 4, 1]
    assert one.rows(Which(true=0)).tolist() == [2, 1]
    assert one.rows(Which(told=0)).tolist() == [4]
    assert one.rows(Which(0, 2)).tolist() == [2]
    assert one.rows(Which(0, 0)).tolist() == [0]  # what is right
    assert one.rows(Which(2, 0)).tolist() == []
    assert (len(one), one.wrong) == (5, 3)
    assert one.top(2)[0] == ("c", pytest.approx(0.8))
    assert one.path(0) is None


@pytest.fixture
def folder(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "data" / name for name in ("a/1.png", "a/2.png", "b/1.png")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(file)
    return files


def test_the_figures_follow_files_of_class_folders_there_and_back(folder: list[Path]) -> None:
    one = measured([0, 0, 1], [1, 0, 1], [0.9, 0.8, 0.7], [Place(str(file)) for file in folder])
    assert (len(one), one.wrong) == (3, 1)
    done = relabel(folder[:1], "b")
    one.follow(done.steps)
    assert (len(one), one.wrong) == (3, 0)
    assert one.label(0) == "b"
    away = discard(folder[1:2])
    one.follow(away.steps)
    assert len(one) == 2
    for step in (away.undo(), done.undo()):
        one.follow(step.steps)
    assert (len(one), one.wrong) == (3, 1)
    assert [one.path(row) for row in range(3)] == folder
    assert all(file.is_file() for file in folder)


def test_a_label_that_the_model_does_not_know_takes_a_picture_out_of_the_figures(folder: list[Path]) -> None:
    one = measured([0, 0, 1], [1, 0, 1], [0.9, 0.8, 0.7], [Place(str(file)) for file in folder])
    one.follow([*relabel(folder[:1], "strange").steps, (Path("elsewhere"), Path("b/x.png"))])
    assert (len(one), one.wrong) == (2, 0)


def test_captures_go_by_their_own_verbs(tmp_path: Path) -> None:
    root = tmp_path / "captures"
    (root / "_pages").mkdir(parents=True)
    crop = root / "a" / "0123456789abcdef_00.png"
    crop.parent.mkdir()
    crop.write_bytes(encode_crop(np.full((5, 3), 255, np.uint8), Origin("0123456789abcdef", predicted="a")))
    one = measured([0], [1], [0.9], [Place(str(crop))])
    done = relabel([crop], "b")
    one.follow(done.steps)
    assert one.label(0) == "b"
    assert next(CaptureStore(root).crops([])).by_person
    away = discard([done.steps[0][1]])
    one.follow(away.steps)
    assert len(one) == 0
    assert away.steps[0][1].parts[-3:] == ("_bin", "b", crop.name)
    one.follow(away.undo().steps)
    one.follow(done.undo().steps)
    assert one.label(0) == "a"
    assert crop.is_file()


def test_where_one_kind_fails_the_other_is_done_and_can_be_undone(folder: list[Path], tmp_path: Path) -> None:
    (tmp_path / "captures" / "_pages").mkdir(parents=True)
    gone = tmp_path / "captures" / "a" / "0123456789abcdef_00.png"
    done: Done = discard([gone, folder[0]])
    assert len(done) == 1
    assert any("not there any more" in one for one in done.wrong)
    assert not folder[0].exists()
    done.undo()
    assert folder[0].exists()
    with pytest.raises(HdrError):
        discard([gone])
    folder[0].unlink()
    with pytest.raises(DatasetError):
        discard([folder[0]])


def test_a_captures_folder_is_known_by_its_pages(tmp_path: Path) -> None:
    assert not results_files.is_capture(tmp_path / "7" / "a.png")
    (tmp_path / "_pages").mkdir()
    assert results_files.is_capture(tmp_path / "7" / "a.png")
    assert results_files.is_capture(tmp_path / "_bin" / "7" / "a.png")
