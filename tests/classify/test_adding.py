"""Model files taken into the store."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hdr.classify.adding import add_model
from hdr.classify.card import ModelCard
from hdr.classify.carried import carry_card
from hdr.classify.loading import load_classifier
from hdr.classify.store import ModelStore
from hdr.cli.main import app
from hdr.errors import ModelError, ModelMismatchError, ModelNotFoundError, UnreadableModelError
from hdr.vision.normalize import Crop
from hdr.workspace import shipped_models

DEFAULT = shipped_models() / "default"
LABELS = tuple("abcdefghijk")


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    path = tmp_path / "foreign.tflite"
    shutil.copy(DEFAULT / "model.tflite", path)
    return path


def test_a_foreign_file_is_known_by_its_name_and_its_labels(foreign: Path, bar: Crop) -> None:
    card = add_model(foreign, ModelStore(), "letters", LABELS)
    foreign.unlink()
    assert (card.name, card.labels, list(card.files)) == ("letters", LABELS, ["model.tflite"])
    ModelStore().use("letters")
    assert load_classifier().card == card
    assert load_classifier().classify([bar])[0].labels == LABELS


def test_a_card_in_the_file_or_beside_it_comes_along(foreign: Path) -> None:
    foreign.write_bytes(carry_card(foreign.read_bytes(), ".tflite", ModelCard("inside", LABELS)))
    assert add_model(foreign, ModelStore(), "one").labels == LABELS
    beside = tuple("ABCDEFGHIJK")
    foreign.with_name("foreign.tflite.json").write_text(ModelCard("beside", beside, trained_on="all").to_json())
    assert add_model(foreign, ModelStore(), "two").trained_on == "all"
    assert load_classifier("two").card.labels == beside


def test_a_card_of_another_file_is_noticed(tmp_path: Path) -> None:
    shutil.copytree(DEFAULT, tmp_path / "copied")
    path = tmp_path / "copied" / "model.tflite"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ModelMismatchError, match="not the file that its card was written for"):
        add_model(path, ModelStore(), "changed")


def test_what_cannot_be_used_is_not_taken(foreign: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMismatchError, match="the labels given say 2"):
        add_model(foreign, ModelStore(), "mine", ["a", "b"])
    with pytest.raises(ModelNotFoundError, match=r"no model file .*gone\.h5"):
        add_model(tmp_path / "gone.h5", ModelStore(), "mine")
    (tmp_path / "a.txt").write_text("seven")
    with pytest.raises(UnreadableModelError, match="is no model file"):
        add_model(tmp_path / "a.txt", ModelStore(), "mine")
    assert [entry.name for entry in ModelStore().entries()] == ["default"]
    add_model(foreign, ModelStore(), "mine")
    with pytest.raises(ModelError, match="already"):
        add_model(foreign, ModelStore(), "mine")


@pytest.mark.train
def test_a_pair_stays_together(zoo: Any, bar: Crop) -> None:
    model = zoo.model()
    (zoo.folder / "m.json").write_text(model.to_json())
    with pytest.raises(UnreadableModelError, match="its weights are not there"):
        add_model(zoo.folder / "m.json", ModelStore(), "pair")
    model.save_weights(zoo.folder / "m.weights.h5")
    assert sorted(add_model(zoo.folder / "m.json", ModelStore(), "pair").files) == ["model.json", "model.weights.h5"]
    assert load_classifier("pair").classify([bar])


def test_as_typed(foreign: Path) -> None:
    done = CliRunner().invoke(app, ["models", "add", str(foreign), "--labels", ", ".join(LABELS)])
    assert (done.exit_code, done.stdout) == (0, "foreign: 11 labels: a b c d e f g h i j k\n")
