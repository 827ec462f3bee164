"""Cards that travel in the model's own file, or beside it."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.classify.card import ModelCard
from hdr.classify.carried import carried_card, carried_labels, carry_card
from hdr.classify.loading import load_classifier
from hdr.errors import ModelMismatchError, UnreadableModelError
from hdr.vision.normalize import Crop
from hdr.workspace import shipped_models

DEFAULT = shipped_models() / "default" / "model.tflite"
LABELS = ("nought", "één", *"23456789", "x")
CARD = ModelCard("mine", LABELS, scores={"test": {"accuracy": 0.5}})


def test_a_tflite_keeps_its_card_and_its_labels(tmp_path: Path, bar: Crop) -> None:
    path = tmp_path / "copied.tflite"
    path.write_bytes(carry_card(DEFAULT.read_bytes(), ".tflite", CARD))
    classifier = load_classifier(path)
    assert classifier.card == CARD
    plain = load_classifier(DEFAULT).classify([bar])[0]
    assert np.array_equal(classifier.classify([bar])[0].probabilities, plain.probabilities)
    with zipfile.ZipFile(path) as archive:  # as other tools find them
        assert archive.read("labels.txt").decode().split() == list(LABELS)


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")  # saving as .h5 warns that this is out of fashion
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_keras_file_keeps_its_card_and_keras_still_reads_it(zoo: Any, bar: Crop, ending: str) -> None:
    card = ModelCard("mine", LABELS[:10], input_max=1.0)
    path = zoo.save(zoo.model(dtype="float32", scale=None), f"m{ending}")
    before = zoo.keras.models.load_model(path, compile=False)
    path.write_bytes(carry_card(path.read_bytes(), ending, card))
    classifier = load_classifier(path)
    assert classifier.card == card
    picture = np.ones((1, 28, 28, 1), np.float32)
    after = zoo.keras.models.load_model(path, compile=False)
    assert np.array_equal(before(picture), after(picture))
    assert classifier.classify([bar])[0].label in LABELS


def test_an_onnx_file_keeps_its_card() -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    data = carry_card(onnx.ModelProto(ir_version=8).SerializeToString(), ".onnx", CARD)
    assert carried_card(data, ".onnx", "m") == CARD


def test_a_card_beside_the_file_speaks_before_the_one_in_it(tmp_path: Path) -> None:
    path = tmp_path / "copied.tflite"
    path.write_bytes(carry_card(DEFAULT.read_bytes(), ".tflite", CARD))
    (tmp_path / "copied.tflite.json").write_text(ModelCard("beside", tuple("abcdefghijk")).to_json())
    assert load_classifier(path).card.name == "beside"


def test_a_card_beside_that_is_none_is_told(tmp_path: Path) -> None:
    shutil.copy(DEFAULT, tmp_path / "m.tflite")
    (tmp_path / "m.tflite.json").write_text("{}")
    with pytest.raises(UnreadableModelError, match=r"m\.tflite\.json is not a model card"):
        load_classifier(tmp_path / "m.tflite")


def test_the_labels_of_tflite_metadata_are_found(tmp_path: Path) -> None:
    data = io.BytesIO(DEFAULT.read_bytes())
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("classes.txt", "\n".join("abcdefghijk"))
    path = tmp_path / "foreign.tflite"
    path.write_bytes(data.getvalue())
    assert load_classifier(path).card.labels == tuple("abcdefghijk")
    assert carried_labels(data.getvalue(), 3) is None


def test_labels_given_must_be_those_of_the_card() -> None:
    with pytest.raises(ModelMismatchError, match=r"The labels given are a, b; those of default are 0, 1"):
        load_classifier("default", labels=["a", "b"])
    assert load_classifier("default", labels=[*"0123456789", "none"]).card.name == "default"


@pytest.mark.parametrize("ending", [".tflite", ".keras", ".h5", ".hdf5"])
@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x05\x06" + bytes(18), b"\x89HDF\r\n\x1a\n" + bytes(90)])
def test_what_carries_no_card_is_left_to_whoever_opens_it(content: bytes, ending: str) -> None:
    assert carried_card(content, ending, "m") is None


def _zip(name: str, content: str, way: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", way) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def test_attack_by_a_card_that_unpacks_to_too_much() -> None:
    with pytest.raises(UnreadableModelError, match="larger than one ever is"):
        carried_card(_zip("card.json", " " * (2 << 20)), ".tflite", "m")
    assert carried_labels(_zip("labels.txt", "\n" * (2 << 20)), 2) is None


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_attack_by_a_card_that_is_unpacked_all_at_once(way: int) -> None:
    assert carried_card(_zip("card.json", CARD.to_json(), way), ".tflite", "m") is None
    assert carried_labels(_zip("labels.txt", "a\nb", way), 2) is None
    assert carried_labels(_zip("labels.txt", "a\nb"), 2) == ("a", "b")


def test_attack_by_what_is_too_deep_to_be_parsed() -> None:
    assert carried_card(_zip("metadata.json", "[" * 100_000), ".keras", "m") is None
    with pytest.raises(UnreadableModelError, match="The card in m"):
        carried_card(_zip("card.json", "[" * 100_000), ".tflite", "m")


@pytest.mark.parametrize("told", ["{}", "[]", '{"labels": ["a", "b"], "geometry": "other"}', "no json"])
def test_attack_by_a_card_that_is_none(told: str) -> None:
    with pytest.raises((UnreadableModelError, ModelMismatchError), match="The card in m"):
        carried_card(_zip("card.json", told), ".tflite", "m")


def test_a_keras_file_without_our_key_carries_none() -> None:
    assert carried_card(_zip("metadata.json", "[]"), ".keras", "m") is None
    assert carried_card(_zip("metadata.json", json.dumps({"keras_version": "3"})), ".keras", "m") is None
