from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hdr.classify import loading
from hdr.classify.card import ModelCard
from hdr.classify.loading import load_classifier
from hdr.errors import ModelMismatchError, ModelNotFoundError, UnreadableModelError
from hdr.workspace import Workspace, shipped_models

DEFAULT = shipped_models() / "default"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "ws" / "models" / "mine"
    shutil.copytree(DEFAULT, folder)
    (folder / "card.json").write_text(ModelCard("mine").to_json(), encoding="utf-8")
    return folder


def test_nothing_told_is_the_shipped_default(tmp_path: Path) -> None:
    assert load_classifier(None, Workspace.at(tmp_path / "empty")).card.name == "default"


def test_nothing_told_is_the_model_in_use(mine: Path) -> None:
    (mine.parent / "current").write_text("mine\n")
    assert load_classifier(workspace=Workspace.at(mine.parents[1])).card.name == "mine"


def test_a_name_a_folder_and_a_file_are_the_same_model(mine: Path) -> None:
    workspace = Workspace.at(mine.parents[1])
    for told in ("mine", mine, str(mine) + "/", mine / "model.tflite", str(mine / "model.tflite")):
        assert load_classifier(told, workspace).card.name == "mine"


def test_a_file_far_from_any_card_is_looked_up(mine: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.tflite"
    shutil.copy(mine / "model.tflite", alone)
    assert load_classifier(alone).card == ModelCard("alone")


@pytest.mark.parametrize("told", ["nobody", "../default", "no/such.tflite", "gone.keras", ".."])
def test_what_is_not_there_is_named(told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ModelNotFoundError, UnreadableModelError)) as caught:
        load_classifier(told)
    assert caught.value.hint


def test_a_folder_without_a_model_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(UnreadableModelError, match="holds no model"):
        load_classifier(tmp_path)


def test_a_file_of_another_kind_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("seven")
    with pytest.raises(UnreadableModelError, match="is no model file"):
        load_classifier(tmp_path / "a.txt")


def test_a_card_of_other_labels_is_a_mismatch(mine: Path) -> None:
    (mine / "card.json").write_text(ModelCard("mine", labels=("a", "b")).to_json(), encoding="utf-8")
    with pytest.raises(ModelMismatchError, match="its card says 2"):
        load_classifier(mine)


def test_a_huge_file_is_refused_unread(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_LARGEST_BYTES", 1000)
    with pytest.raises(UnreadableModelError, match="limit is 1,000"):
        load_classifier(mine)


def test_a_file_that_may_not_be_read_is_named(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UnreadableModelError, match="Permission denied"):
        load_classifier(mine)


def test_a_file_that_is_no_model_is_not_called_a_missing_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("no model")
    with pytest.raises(UnreadableModelError, match=r"notes\.txt is no model file"):
        load_classifier("notes.txt")
