"""Parameters counted in the files of a model."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from hdr.classify.counting import count_parameters
from hdr.classify.store import ModelStore
from hdr.classify.tflite_check import rescales


@pytest.fixture
def shipped() -> Path:
    return ModelStore().find("default").path


def test_the_shipped_files_hold_what_the_card_says(shipped: Path) -> None:
    assert count_parameters(shipped / "model.keras") == 410_059
    # Its four normalised convolutions and the dense layer have scale and mean folded into one shift each.
    assert count_parameters(shipped / "model.tflite") == 408_571


def test_what_the_optimizer_and_the_dice_remember_is_no_parameter(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "model.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = np.zeros((3, 2))
        file["layers/dropout/seed_generator/vars/0"] = np.zeros(2)
        file["optimizer/vars/1"] = np.zeros(6)
    assert count_parameters(tmp_path / "model.json") == 6


def test_an_onnx_file_has_weights_and_sizes(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    weights = [
        onnx.numpy_helper.from_array(np.zeros((4, 5), np.float32), "w"),
        onnx.numpy_helper.from_array(np.array([1, 2], np.int64), "shape"),
    ]
    graph = onnx.helper.make_graph([], "g", [], [], weights)
    (tmp_path / "m.onnx").write_bytes(onnx.helper.make_model(graph).SerializeToString())
    assert count_parameters(tmp_path / "m.onnx") == 20


def test_a_tflite_file_whose_tables_lead_nowhere_ends_in_no_error(tmp_path: Path, shipped: Path) -> None:
    whole, path = (shipped / "model.tflite").read_bytes(), tmp_path / "m.tflite"
    for seed in range(60):
        rng, damaged = np.random.default_rng(seed), bytearray(whole)
        for at in rng.integers(len(whole) - 6000, len(whole), 9):  # where its tables are
            damaged[at] = int(rng.integers(0, 256))
        path.write_bytes(damaged)
        rescales(bytes(damaged))
        count_parameters(path)


def test_what_cannot_be_told_is_none(tmp_path: Path, shipped: Path) -> None:
    for name in ("a.keras", "a.h5", "a.onnx"):
        (tmp_path / name).write_bytes(b"no model")
        assert count_parameters(tmp_path / name) is None
    assert count_parameters(tmp_path / "gone.tflite") is None
    assert count_parameters(Path(shutil.copy(shipped / "card.json", tmp_path / "a.txt"))) is None
