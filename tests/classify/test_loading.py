from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from hdr.classify import files, trial
from hdr.classify.card import ModelCard
from hdr.classify.litert import TFLiteModel
from hdr.classify.loading import load_classifier
from hdr.classify.store import read_card
from hdr.errors import ModelError, ModelMismatchError, ModelNotFoundError, UnreadableModelError
from hdr.workspace import Workspace, shipped_models

DEFAULT = shipped_models() / "default"
LABELS = (*"0123456789", "none")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "ws" / "models" / "mine"
    shutil.copytree(DEFAULT, folder)
    (folder / "card.json").write_text(ModelCard("mine", LABELS).to_json(), encoding="utf-8")
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


def test_a_folder_by_its_bare_name(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine.parent)
    assert load_classifier("mine", Workspace.at(tmp_path / "empty")).card.name == "mine"
    (tmp_path / "pictures").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelNotFoundError, match="no model 'pictures'"):
        load_classifier("pictures", Workspace.at(tmp_path / "empty"))


def test_a_file_far_from_any_card_is_looked_up(mine: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.tflite"
    shutil.copy(mine / "model.tflite", alone)
    assert load_classifier(alone).card == ModelCard("alone", LABELS)


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
    monkeypatch.setattr(files, "LARGEST_BYTES", 1000)
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


def test_a_file_that_is_not_the_one_of_the_card_is_noticed(mine: Path) -> None:
    card = ModelCard("mine", files={"model.tflite": "0" * 64})
    (mine / "card.json").write_text(card.to_json(), encoding="utf-8")
    with pytest.raises(ModelMismatchError, match="not the file that its card was written for"):
        load_classifier(mine)


def test_only_what_was_published_in_the_store_needs_no_trial(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(*args: object) -> None:
        raise AssertionError("tried")

    monkeypatch.setattr(trial, "try_tflite", tried)
    store = Workspace.at(mine.parents[1])
    digest = hashlib.sha256((mine / "model.tflite").read_bytes()).hexdigest()
    (mine / "card.json").write_text(
        ModelCard("mine", LABELS, files={"model.tflite": digest}).to_json(), encoding="utf-8"
    )
    for told in ("mine", mine, mine / "model.tflite"):
        assert load_classifier(told, store).card.name == "mine"
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(mine, elsewhere)
    (mine.parent / "linked").symlink_to(elsewhere)
    hidden = shutil.copytree(mine, mine.parent / ".hidden")
    (mine / "card.json").unlink()
    for told in (elsewhere, "linked", hidden, "mine"):  # where anybody may have written the card
        with pytest.raises(AssertionError, match="tried"):
            load_classifier(told, store)


def test_the_shipped_model_is_vouched_for() -> None:
    card = read_card(DEFAULT)
    for name in ("model.tflite", "model.keras"):
        assert card.files[name] == hashlib.sha256((DEFAULT / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("end", ["os._exit(11)", "os._exit(7)", "os.abort()", "__import__('time').sleep(60)"])
def test_a_model_that_ends_its_process_is_refused_by_ours(
    mine: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(trial, "_START", f"import os; {end}")
    monkeypatch.setattr(trial, "_SECONDS", 2)
    (mine / "card.json").unlink()
    with pytest.raises(
        UnreadableModelError, match=r"failed there: it (ended with code|asked for too much|did not answer)"
    ):
        load_classifier(mine)


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (MemoryError(), 7, {}),
        (ModelError("no model", hint="do"), 8, {"message": "no model", "hint": "do"}),
        (None, 0, {"most": 1024}),
    ],
)
def test_the_child_answers_by_its_exit_code_and_a_line(
    mine: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception | None,
    code: int,
    told: dict[str, object],
) -> None:
    def run(self: TFLiteModel, batch: object) -> None:
        if error:
            raise error

    def leave(told: int) -> None:
        raise SystemExit(told)

    monkeypatch.setattr(TFLiteModel, "__call__", run)
    monkeypatch.setattr(trial, "_limit_memory", lambda: None)
    peaks = iter([5 << 20, 8 << 20])  # a megabyte more with each of three more samples
    monkeypatch.setattr(trial, "_peak", lambda: next(peaks))
    monkeypatch.setattr(trial.os, "_exit", leave)
    monkeypatch.setattr(trial.sys, "stdin", SimpleNamespace(buffer=(mine / "model.tflite").open("rb")))
    with pytest.raises(SystemExit) as caught, trial.sys.stdin.buffer:
        trial.main()
    assert caught.value.code == code
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == told


def test_what_the_trial_refuses_in_words_is_never_opened_here(mine: Path) -> None:
    whole = (mine / "model.tflite").read_bytes()
    most = trial.try_tflite(whole, "whole")
    assert most is None or most > 100
    with pytest.raises(UnreadableModelError, match="LiteRT cannot run the one that was cut off"):
        trial.try_tflite(whole[:2000], "the one that was cut off")


def test_a_child_that_says_nothing_of_use_is_believed_by_its_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trial, "_START", "print('a library woke up')")
    assert trial.try_tflite(b"", "m") is None
    monkeypatch.setattr(trial, "_START", "import os; os._exit(8)")
    with pytest.raises(UnreadableModelError, match="ended with code 8"):
        trial.try_tflite(b"", "m")


def test_a_model_is_given_no_more_samples_at_once_than_were_found_to_fit(mine: Path) -> None:
    model, batches = TFLiteModel((mine / "model.tflite").read_bytes(), most=3), list[int]()
    run = model._run
    model._run = lambda batch: batches.append(len(batch)) or run(batch)  # type: ignore[method-assign,func-returns-value]  # to listen
    assert len(model(np.zeros((8, 28, 28, 1), np.uint8))) == 8
    assert max(batches) == 3


def test_an_embedded_program_without_an_interpreter_tries_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial.sys, "executable", "")
    trial.try_tflite(b"", "anything")


def test_a_broken_model_in_use_names_the_way_back(mine: Path) -> None:
    (mine.parent / "current").write_text("mine\n")
    (mine / "model.tflite").write_bytes(b"no model")
    with pytest.raises(ModelError) as caught:
        load_classifier(workspace=Workspace.at(mine.parents[1]))
    assert "hdr models use default" in caught.value.hint


def test_a_broken_default_names_no_way_back_to_itself(tmp_path: Path) -> None:
    (tmp_path / "models" / "default").mkdir(parents=True)
    with pytest.raises(ModelError) as caught:
        load_classifier(workspace=Workspace.at(tmp_path))
    assert "use default" not in caught.value.hint
