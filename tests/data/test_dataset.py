from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.data.crops import Origin, encode_crop
from hdr.data.dataset import Dataset, from_arrays
from hdr.data.evaluate import evaluate
from hdr.data.load import load_dataset, load_mnist, read_npz, told_mnist
from hdr.errors import DatasetError
from hdr.vision.normalize import normalize_digit


def _data(labels: list[int], groups: list[str] | None = None, names: tuple[str, ...] = tuple("0123456789")) -> Dataset:
    crops = [np.full((3 + label, 2), 255, np.uint8) for label in labels]
    told = groups if groups is not None else [str(i) for i in range(len(labels))]
    return Dataset(crops, np.array(labels, np.int64), np.array(told, np.str_), names)


def test_counts_name_every_label_also_those_without_a_crop() -> None:
    counts = _data([3, 3, 9]).count()
    assert list(counts) == list("0123456789")
    assert (counts["3"], counts["9"], counts["0"]) == (2, 1, 0)


@pytest.mark.parametrize(
    ("crops", "labels", "groups", "what"),
    [
        (2, [1], ["a"], "2 crops have 1 labels"),
        (1, [10], ["a"], "A label is 10"),
        (1, [-1], ["a"], "there are 10 names"),
    ],
)
def test_what_does_not_fit_together_is_refused(crops: int, labels: list[int], groups: list[str], what: str) -> None:
    with pytest.raises(DatasetError, match=what):
        Dataset(np.zeros((crops, 2, 2), np.uint8), np.array(labels), np.array(groups))


def test_fields_are_what_a_model_sees() -> None:
    data = _data([1, 5])
    assert data.fields(32).shape == (2, 32, 32)
    assert np.array_equal(data.fields()[1], normalize_digit(data.crops[1]))


def test_merge_keeps_both_in_order() -> None:
    arrays = from_arrays(np.zeros((2, 28, 28), np.uint8), np.array([1, 2]))
    both = arrays.merge(arrays)
    assert isinstance(both.crops, np.ndarray)
    mixed = arrays.merge(_data([7]))
    assert mixed.labels.tolist() == [1, 2, 7]
    assert len(mixed.crops) == 3
    with pytest.raises(DatasetError, match="cannot join"):
        arrays.merge(_data([0], names=("a", "b")))


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=60), st.floats(0.05, 0.95), st.integers(0, 99))
def test_no_group_is_ever_on_both_sides(members: list[int], share: float, seed: int) -> None:
    groups = [f"page-{one}" for one in members]
    data = _data([0] * len(groups), groups)
    if len(set(groups)) < 2:
        with pytest.raises(DatasetError, match="one page"):
            data.split(share, seed)
        return
    train, held = data.split(share, seed)
    assert not set(train.groups) & set(held.groups)
    assert len(train) + len(held) == len(data)
    assert len(train)
    assert len(held)
    again = data.split(share, seed)
    assert np.array_equal(again[1].groups, held.groups)


def test_the_share_is_met_where_groups_are_small() -> None:
    train, held = from_arrays(np.zeros((1200, 2, 2), np.uint8), np.zeros(1200, int)).split(1 / 12, 7)
    assert (len(train), len(held)) == (1100, 100)


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(DatasetError, match="above 0 and below 1"):
        _data([1, 2]).split(share, 1)


def _npz(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


PIX = np.zeros((4, 16, 16), np.uint8)
LAB = np.array([0, 1, 2, 3])


def test_npz_of_either_layout(tmp_path: Path) -> None:
    keras = _npz(tmp_path / "a.npz", x_train=PIX, y_train=LAB, x_test=PIX[:2], y_test=LAB[:2])
    assert [len(part) for part in load_mnist(keras)] == [4, 2]
    assert len(load_dataset(keras)) == 2
    plain = _npz(tmp_path / "b.npz", x=PIX, y=LAB, is_test=LAB > 1)
    assert load_dataset(plain).labels.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("arrays", "what"),
    [
        ({"z": PIX}, "holds z"),
        ({"x": PIX, "y": LAB[:2]}, "labels of shape"),
        ({"x": PIX.astype(float), "y": LAB}, "float64"),
        ({"x": PIX[0], "y": LAB}, "shape"),
        ({"x": PIX, "y": LAB + 9}, "A label is 10"),
        ({"x": PIX, "y": np.array([object()] * 4)}, "pickle"),
    ],
)
def test_an_npz_of_something_else_is_refused(tmp_path: Path, arrays: dict[str, np.ndarray], what: str) -> None:
    with pytest.raises(DatasetError, match=what) as caught:
        load_dataset(_npz(tmp_path / "a.npz", **arrays))
    assert caught.value.hint


def test_to_train_the_four_arrays_are_needed(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds x, y"):
        load_mnist(_npz(tmp_path / "a.npz", x=PIX, y=LAB))


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04rest"])
def test_no_npz_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DatasetError, match=r"a\.npz cannot be read"):
        load_dataset(tmp_path / "a.npz")
    with pytest.raises(DatasetError, match="no file or folder"):
        load_dataset(tmp_path / "gone.npz")


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(3 << 20))
    monkeypatch.setattr("hdr.data.load._LARGEST_BYTES", 1 << 20)
    with pytest.raises(DatasetError, match="unpacks to"):
        read_npz(path)


def test_an_npz_that_is_unpacked_all_at_once_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("x.npy", b"")
    with pytest.raises(DatasetError, match="packed in an unusual way"):
        read_npz(path)


def test_mnist_may_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HDR_MNIST", raising=False)
    assert told_mnist() is None
    monkeypatch.setenv("HDR_MNIST", "somewhere.npz")
    assert told_mnist() == Path("somewhere.npz")


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _folder(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


BAR = np.pad(np.full((9, 3), 255, np.uint8), 4)


def test_captures_are_grouped_by_their_page(tmp_path: Path) -> None:
    def crop(capture: str, number: int) -> bytes:
        return encode_crop(BAR, Origin(capture, number, saved="2026-01-01T00:00:00+00:00"))

    a, b = "a" * 16, "b" * 16
    root = _folder(
        tmp_path,
        {
            f"1/{a}_00.png": crop(a, 0),
            f"7/{a}_01.png": crop(a, 1),
            f"7/{b}_00.png": crop(b, 0),
            f"_pages/{a}.png": b"a page",
            f"_none/{b}_01.png": b"no digit",
            f"%3F/{b}_02.png": b"nobody can tell",
            ".trash/x.png": b"gone",
        },
    )
    data = load_dataset(root)
    assert data.labels.tolist() == [1, 7, 7]
    assert data.groups.tolist() == [a, a, b]


def test_a_missing_class_shifts_no_label(tmp_path: Path) -> None:
    data = load_dataset(_folder(tmp_path, {"2/a.png": _png(BAR), "9/a.png": _png(BAR)}))
    assert data.labels.tolist() == [2, 9]
    assert len(set(data.groups)) == 2


def test_dark_ink_on_paper_is_turned_but_a_capture_never(tmp_path: Path) -> None:
    dark = load_dataset(_folder(tmp_path / "dark", {"1/a.png": _png(255 - BAR)}))
    assert np.array_equal(dark.crops[0], BAR)
    solid = np.full((9, 3), 255, np.uint8)
    kept = load_dataset(_folder(tmp_path / "captures", {"1/a.png": _png(solid), "_pages/a.json": b"{}"}))
    assert np.array_equal(kept.crops[0], solid)


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"note.txt": b"nothing"}, "holds no labelled pictures"),
        ({"x/a.png": _png(BAR)}, "is no label of this model"),
        ({"1/a.png": b"no picture"}, "cannot be read as a crop"),
    ],
)
def test_a_folder_of_something_else_is_a_sentence(tmp_path: Path, files: dict[str, bytes], what: str) -> None:
    with pytest.raises(DatasetError, match=what):
        load_dataset(_folder(tmp_path, files))


def test_evaluating_counts_what_the_classifier_says() -> None:
    result = evaluate(StubClassifier(["1", "7"], 0.8), _data([1, 1, 7, 7]))
    assert (result.accuracy.right, result.accuracy.n) == (2, 4)
    assert result.matrix[1].tolist() == [0, 1, 0, 0, 0, 0, 0, 1, 0, 0]
    assert result.calibration_error == pytest.approx(0.3)
    told = result.as_dict()
    assert told["classes"]["7"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "n": 2}
    assert told["interval"][0] < 0.5 < told["interval"][1]


def test_data_of_other_labels_is_refused() -> None:
    with pytest.raises(DatasetError, match="the model knows a, b"):
        evaluate(StubClassifier(["a"], card=ModelCard("s", ("a", "b"))), _data([1]))


def test_the_geometry_leaves_mnist_as_it_is(shared_data: Path) -> None:
    _, test = load_mnist(shared_data / "mnist.npz")
    part = test.take(np.arange(500))
    assert np.mean([np.array_equal(a, b) for a, b in zip(part.fields(), part.crops, strict=True)]) > 0.99
