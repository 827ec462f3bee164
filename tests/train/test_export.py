"""`hdr models export`: every format answers as the original wherever it is copied to, or there is no file."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from hdr.classify.card import ModelCard
from hdr.classify.keras_backend import KerasClassifier
from hdr.classify.litert import TFLiteModel
from hdr.classify.loading import load_classifier
from hdr.classify.store import ModelStore
from hdr.cli.main import app
from hdr.cli.models import Form
from hdr.data.drawn import draw_digits
from hdr.errors import ModelError, ModelMismatchError, ModelNotFoundError
from hdr.train import export
from hdr.train.architectures import build_model, find_architecture
from hdr.train.export import FORMATS, Format, export_model, open_source
from hdr.train.fit import Training
from hdr.train.samples import Samples, find_samples

pytestmark = pytest.mark.train
LABELS = ("nought", *"123456789")
CARD = ModelCard("mine", LABELS, trained_on="a little", made={"seed": 1}, files={"model.keras": "0"})


@pytest.fixture(scope="module")
def source() -> KerasClassifier:
    import keras

    keras.utils.set_random_seed(1)
    model = build_model(find_architecture("tiny"), 10)
    model.compile("adam", "sparse_categorical_crossentropy")
    digits = draw_digits(100, 1)
    model.fit(np.asarray(digits.crops)[..., None], digits.labels, epochs=3, verbose=0)
    return KerasClassifier(model, CARD)


@pytest.fixture(scope="module")
def samples() -> Samples:
    return find_samples(ModelCard("m"), [], Path("nowhere"), most=60)


def form(name: str) -> Format:
    """Where a format may differ at all, a model that learned for a second may differ more: all is close to even."""
    told = FORMATS[name]
    return dataclasses.replace(told, changed=0.2) if told.changed else told


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_answers_alike_wherever_it_is_copied_to(
    source: KerasClassifier, samples: Samples, tmp_path: Path, name: str
) -> None:
    if name == "onnx":
        pytest.importorskip("tf2onnx")
    done = export_model(source, form(name), tmp_path, samples)
    assert done.path == tmp_path / f"mine{FORMATS[name].suffix}"
    (tmp_path / "elsewhere").mkdir()
    for file in tmp_path.glob("mine.*"):
        os.replace(file, tmp_path / "elsewhere" / file.name)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["elsewhere"]
    copied = load_classifier(tmp_path / "elsewhere" / done.path.name)
    assert copied.card == dataclasses.replace(CARD, files={}, made={"seed": 1, "export": name})
    told = [np.stack([p.probabilities for p in one.classify(samples.crops)]) for one in (source, copied)]
    assert np.abs(told[0] - told[1]).max() == pytest.approx(done.parity.largest)
    assert done.parity.n == len(samples.crops) == 60
    assert done.size == sum(file.stat().st_size for file in (tmp_path / "elsewhere").iterdir())


def test_full_int8_takes_and_gives_bytes_and_casts_nothing(
    source: KerasClassifier, samples: Samples, tmp_path: Path
) -> None:
    path = export_model(source, form("tflite-int8"), tmp_path / "m.tflite", samples).path
    model = TFLiteModel(path.read_bytes())
    assert model.input_dtype == np.uint8
    assert model._output["dtype"] == np.uint8
    assert "CAST" not in {one["op_name"] for one in model._interpreter._get_ops_details()}


def test_full_int8_of_a_model_that_normalises_answers_alike(samples: Samples, tmp_path: Path) -> None:
    digits = draw_digits(200, 1)
    recipe = dataclasses.replace(find_architecture("cnn-111k").recipe, epochs=2, batch=32, validation=0.1)
    training = Training(digits, recipe)
    list(training.run())
    source = KerasClassifier(training.model, dataclasses.replace(CARD, architecture="cnn-111k"))
    done = export_model(source, form("tflite-int8"), tmp_path, samples)
    model = TFLiteModel(done.path.read_bytes())
    assert model.input_dtype == np.uint8
    assert "CAST" not in {one["op_name"] for one in model._interpreter._get_ops_details()}
    told = [one.classify(samples.crops) for one in (source, load_classifier(done.path))]
    same = [a.label == b.label for a, b in zip(*told, strict=True)]
    assert done.parity.share == pytest.approx(1 - np.mean(same))
    assert np.mean(same) >= 0.9


@pytest.mark.parametrize("name", ["tflite-int8", "onnx"])
def test_a_foreign_model_of_floats_keeps_its_range(samples: Samples, tmp_path: Path, name: str) -> None:
    import keras

    if name == "onnx":
        pytest.importorskip("tf2onnx")
    keras.utils.set_random_seed(1)
    layers = keras.layers
    keras.Sequential([layers.Input((784,)), layers.Dense(10, activation="softmax")]).save(tmp_path / "foreign.keras")
    foreign = open_source(str(tmp_path / "foreign.keras"), ModelStore())
    assert foreign.card.input_max == 1
    path = export_model(foreign, form(name), tmp_path, samples).path
    assert load_classifier(path).card.input_max == 1


def test_what_answers_differently_is_not_written(source: KerasClassifier, samples: Samples, tmp_path: Path) -> None:
    import keras

    def wrong(model: Any, inputs: Any) -> Any:
        other = keras.models.clone_model(model)
        return FORMATS["keras"].write(other, inputs)

    (tmp_path / "mine.keras").write_bytes(b"the old one")
    with pytest.raises(ModelMismatchError, match=r"labels change .* Nothing was written") as caught:
        export_model(source, Format("keras", ".keras", wrong), tmp_path, samples, replace=True)
    assert "--bound" in caught.value.hint
    assert [one.name for one in tmp_path.iterdir()] == ["mine.keras"]
    assert (tmp_path / "mine.keras").read_bytes() == b"the old one"


def test_a_file_that_is_there_goes_only_where_told(source: KerasClassifier, samples: Samples, tmp_path: Path) -> None:
    weights = tmp_path / "mine.weights.h5"
    weights.write_bytes(b"of somebody")
    with pytest.raises(ModelError, match=r"mine\.weights\.h5 already"):
        export_model(source, FORMATS["json"], tmp_path, samples)
    export_model(source, FORMATS["json"], tmp_path, samples, replace=True)
    export_model(source, FORMATS["json"], tmp_path, samples, replace=True)
    assert load_classifier(tmp_path / "mine.json").card.labels == LABELS


def test_what_a_killed_export_left_goes_with_the_next_one_and_nothing_else(
    source: KerasClassifier, samples: Samples, tmp_path: Path
) -> None:
    (tmp_path / ".hdr-export-0badcafe.lock").touch()
    (tmp_path / ".hdr-export-0badcafe.new").mkdir()
    (tmp_path / ".hdr-export-0badcafe.new" / "mine.keras").write_bytes(b"half")
    theirs = [".mine-12345678.lock", ".mine-12345678.new", ".hdr-export.lock"]
    for name in theirs:
        (tmp_path / name).touch()
    export_model(source, FORMATS["keras"], tmp_path, samples)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([*theirs, "mine.keras"])


def test_a_pair_half_moved_is_no_model(
    source: KerasClassifier, samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_model(source, FORMATS["json"], tmp_path, samples)
    moved: list[Path] = []

    def move(one: Path, other: Path) -> None:
        if moved:
            raise OSError(28, "No space left on device")
        moved.append(other)

    monkeypatch.setattr(export.os, "replace", move)
    with pytest.raises(ModelError, match=r"cannot be written .No space left"):
        export_model(source, FORMATS["json"], tmp_path, samples, replace=True)
    assert moved == [tmp_path / "mine.weights.h5"]
    assert not (tmp_path / "mine.json").exists()


def test_a_name_must_tell_the_format(source: KerasClassifier, samples: Samples, tmp_path: Path) -> None:
    for name in ("m.h5", ".keras"):
        with pytest.raises(ModelError, match="is no name for keras"):
            export_model(source, FORMATS["keras"], tmp_path / name, samples)


def test_a_card_that_would_be_taken_for_the_new_files_is_in_the_way(
    source: KerasClassifier, samples: Samples, tmp_path: Path
) -> None:
    (tmp_path / "mine.h5.json").write_text("{}")
    with pytest.raises(ModelError, match="would be taken for the new file's card"):
        export_model(source, FORMATS["h5"], tmp_path, samples, replace=True)


def test_the_source_is_a_name_a_folder_or_a_file(tmp_path: Path) -> None:
    store, folder = ModelStore(), ModelStore().find("default").path
    for told in ("default", str(folder), str(folder / "model.keras")):
        assert open_source(told, store).card.name == "default"
    with pytest.raises(ModelNotFoundError, match="no model 'nobody'"):
        open_source("nobody", store)
    with pytest.raises(ModelNotFoundError, match=r"no model file gone\.keras"):
        open_source("gone.keras", store)
    for told in (str(folder / "model.tflite"), str(tmp_path)):
        with pytest.raises(ModelMismatchError, match="no Keras file"):
            open_source(told, store)


def test_onnx_without_its_packages_names_the_cure(
    source: KerasClassifier, samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("tf2onnx", "onnx"):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ModelError, match="not installed") as caught:
            export_model(source, FORMATS["onnx"], tmp_path, samples)
        assert 'pip install ".[onnx]"' in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_what_onnx_cannot_say_is_a_sentence(source: KerasClassifier, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tf2onnx")

    def fail(*args: object, **more: object) -> None:
        raise RuntimeError("no such operation")

    monkeypatch.setattr(type(source.model), "export", fail)
    with pytest.raises(ModelError, match=r"cannot be converted to ONNX \(no such operation"):
        FORMATS["onnx"].write(source.model, np.zeros((1, 28, 28, 1), np.uint8))


def test_samples_come_from_data_captures_and_rule_in_equal_parts(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "captures" / "7").mkdir(parents=True)
    for index in range(5):
        Image.fromarray(np.full((20, 10 + index), 255, np.uint8)).save(tmp_path / "captures" / "7" / f"{index}.png")
    digits = draw_digits(50, 3)
    np.savez(tmp_path / "own.npz", x=digits.crops, y=digits.labels)
    found = find_samples(ModelCard("m"), [tmp_path / "own.npz"], tmp_path / "captures", most=30)
    assert found.told == "10 of own.npz, 5 captures, 10 drawn"
    assert len(found.crops) == 25


def test_a_model_of_pictures_is_tried_with_pictures(tmp_path: Path) -> None:
    from PIL import Image

    from hdr.vision.normalize import PICTURE

    for label, colour in (("cat", (200, 30, 30)), ("dog", (30, 30, 200))):
        (tmp_path / "pets" / label).mkdir(parents=True)
        Image.new("RGB", (40, 30), colour).save(tmp_path / "pets" / label / "a.png")
    card = ModelCard("m", ("cat", "dog"), 32, 3, geometry=PICTURE)
    found = find_samples(card, [tmp_path / "pets"], tmp_path / "captures")
    assert sorted(tuple(crop.pixels[0, 0]) for crop in found.crops) == [(30, 30, 200), (200, 30, 30)]


def test_a_model_of_other_things_needs_data(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nothing to try a model of cat, dog with") as caught:
        find_samples(ModelCard("m", ("cat", "dog")), [], tmp_path)
    assert "--data" in caught.value.hint


def test_the_command_line_names_every_format() -> None:
    assert [one.value for one in Form] == list(FORMATS)


def test_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hdr.train.samples.find_samples", functools.partial(find_samples, most=20))

    def run(*more: str) -> str:
        done = CliRunner().invoke(app, ["models", "export", "default", "--out", str(tmp_path), *more])
        assert done.exit_code == 0, done.exception
        return done.stdout

    told = run("--format", "keras")
    assert told.startswith(f"{tmp_path / 'default.keras'}: keras, ")
    assert "20 samples (20 drawn): 0 labels changed" in told
    line = json.loads(run("--format", "keras", "--json", "--replace", "--bound", "0.5"))
    assert line["path"] == str(tmp_path / "default.keras")
    assert line["parity"] == {"n": 20, "largest_difference": 0.0, "changed": []}
