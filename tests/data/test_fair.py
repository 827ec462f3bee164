"""What a model may fairly be measured on, and what it said of each picture, as a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.data.answers import Told, read_answers, write_answers
from hdr.data.evaluate import Answers, Evaluation, evaluate
from hdr.data.fair import FairData, Place, load_fair
from hdr.data.learned import list_learned
from hdr.errors import DatasetError, HdrError

CARD = ModelCard("m")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three 1s and two 7s, all different."""
    for label, count in (("1", 3), ("7", 2)):
        (tmp_path / "data" / label).mkdir(parents=True)
        for index in range(count):
            pixels = np.zeros((9, 5), np.uint8)
            pixels[index : index + 4, 1 : 2 + int(label) % 5] = 200
            Image.fromarray(pixels).save(tmp_path / "data" / label / f"{index}.png")
    return tmp_path / "data"


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    crops = np.arange(4, dtype=np.uint8)[:, None, None] + np.zeros((4, 6, 6), np.uint8)
    np.savez(tmp_path / "d.npz", x=crops, y=np.array([0, 1, 2, 3]))
    return tmp_path / "d.npz"


def test_files_and_arrays_together_each_with_its_place(folder: Path, npz: Path) -> None:
    fair = load_fair(CARD, [folder, npz], [None], [])
    assert len(fair.data) == 9
    assert fair.places[0] == Place(str(folder / "1" / "0.png"))
    assert fair.places[-1] == Place(str(npz), 3)
    assert str(fair.places[-1]).endswith("d.npz [3]")
    assert fair.places[-1].as_dict() == {"file": str(npz), "index": 3}
    assert fair.told == ""


def test_what_any_of_the_models_has_seen_is_not_measured_on(folder: Path, npz: Path) -> None:
    whole = load_fair(CARD, [folder, npz], [], [])
    first = list_learned([whole.data.take(np.array([0, 1]))], [whole.data.take(np.array([3]))])
    second = list_learned([whole.data.take(np.array([3, 8]))])
    fair = load_fair(CARD, [folder, npz], [first, None, second], [])
    assert [str(place).rsplit("/", 1)[-1] for place in fair.places] == [
        "2.png", "1.png", "d.npz [0]", "d.npz [1]", "d.npz [2]",
    ]  # fmt: skip
    assert (fair.learned, fair.chosen) == (4, 0)
    assert fair.told.startswith("Of these 9 pictures 4 were learned from: measured on the other 5.")
    insisted = load_fair(CARD, [folder, npz], [first], [], everything=True)
    assert len(insisted.data) == 9
    assert insisted.told == (
        "2 of these 9 pictures were learned from and 1 decided which epoch was kept: "
        "on new ones it will do worse than this."
    )
    assert insisted.as_dict() == {"learned_from": 2, "chosen_by": 1, "measured_all": True}


def test_where_all_is_known_there_is_nothing_to_measure_on(npz: Path) -> None:
    whole = load_fair(CARD, [npz], [], [])
    with pytest.raises(DatasetError, match="All 4 pictures took part in the training"):
        load_fair(CARD, [npz], [list_learned([whole.data])], [])
    with pytest.raises(DatasetError, match="nothing to measure on"):
        load_fair(CARD, [], [], [])


def test_labels_that_the_model_does_not_know_are_left_out_in_words(folder: Path) -> None:
    (folder / "7").rename(folder / "x")
    left_out: list[str] = []
    assert len(load_fair(CARD, [folder], [], left_out).data) == 3
    assert left_out == [f"{folder / 'x'} is no label of this model. It holds 2 files."]


def test_answers_come_back(folder: Path, npz: Path, tmp_path: Path) -> None:
    fair = load_fair(CARD, [folder, npz], [], [])
    result = evaluate(StubClassifier(["1", "7"]), fair.data)
    write_answers(tmp_path / "a.npz", Told(result, fair.places))
    told = read_answers(tmp_path / "a.npz")
    assert told.places == fair.places
    assert told.evaluation.as_dict() == result.as_dict()
    assert told.evaluation.answers.mistakes().tolist() == result.answers.mistakes().tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"truth": np.array([5])},
        {"truth": np.array([0, 0])},
        {"probabilities": np.zeros((1, 3))},
        {"index": np.array([0, 1])},
        {"truth": np.array(["x"])},
        {"labels": None},
    ],
)
def test_a_file_that_holds_no_answers_is_a_sentence(tmp_path: Path, wrong: dict[str, np.ndarray | None]) -> None:
    arrays: dict[str, np.ndarray | None] = {
        "model": np.array("m"), "trained_on": np.array(""), "labels": np.array(["a", "b"]), "truth": np.array([0]),
        "probabilities": np.ones((1, 2)), "files": np.array(["f"]), "index": np.array([-1]), **wrong,
    }  # fmt: skip
    np.savez(tmp_path / "a.npz", **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(DatasetError, match="holds no answers"):
        read_answers(tmp_path / "a.npz")


def test_answers_that_cannot_be_written_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = Told(Evaluation("m", ("a", "b"), Answers(np.zeros(0, np.int64), np.zeros((0, 2), np.float32))), ())
    with pytest.raises(HdrError, match="cannot be written"):
        write_answers(tmp_path / "file" / "a.npz", told)


def test_progress_is_told(npz: Path) -> None:
    fair: FairData = load_fair(CARD, [npz], [], [])
    told: list[tuple[int, int]] = []
    evaluate(StubClassifier(["1"]), fair.data, lambda done, of: told.append((done, of)))
    assert told == [(4, 4)]
