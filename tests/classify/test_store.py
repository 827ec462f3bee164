from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hdr.classify.card import ModelCard
from hdr.classify.store import ModelStore, check_name, read_card
from hdr.errors import ModelError, ModelNotFoundError, UnreadableModelError
from hdr.workspace import Workspace


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    shipped = tmp_path / "shipped"
    _write(shipped / "default", ModelCard("default"))
    return ModelStore(Workspace.at(tmp_path / "ws"), shipped)


def _write(folder: Path, card: ModelCard) -> None:
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(card.to_json(), encoding="utf-8")
    (folder / "model.tflite").write_bytes(b"weights of " + card.name.encode())


def _publish(store: ModelStore, name: str, content: bytes = b"new", *, replace: bool = False) -> None:
    with store.publishing(name, replace=replace) as work:
        (work / "card.json").write_text(ModelCard(name).to_json(), encoding="utf-8")
        (work / "model.tflite").write_bytes(content)


def _left(store: ModelStore) -> list[str]:
    return sorted(one.name for one in store.root.iterdir() if one.name.startswith("."))


def test_the_shipped_model_is_there_from_the_start(store: ModelStore) -> None:
    assert [(entry.name, entry.shipped) for entry in store.entries()] == [("default", True)]
    assert store.current() == "default"


def test_what_is_published_is_listed_whole(store: ModelStore) -> None:
    _publish(store, "mine")
    assert [entry.name for entry in store.entries()] == ["default", "mine"]
    entry = store.find("mine")
    assert entry.card == ModelCard("mine")
    assert not entry.shipped
    assert _left(store) == []


def test_one_of_ones_own_hides_a_shipped_one(store: ModelStore) -> None:
    _publish(store, "default", b"mine")
    assert [entry.shipped for entry in store.entries()] == [False]
    assert (store.find("default").path / "model.tflite").read_bytes() == b"mine"


def test_a_block_that_fails_publishes_nothing(store: ModelStore) -> None:
    def fail() -> None:
        with store.publishing("mine") as work:
            (work / "model.tflite").write_bytes(b"half")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert list(store.root.iterdir()) == []


def test_a_taken_name_is_refused_unless_told_to_replace(store: ModelStore) -> None:
    _publish(store, "mine", b"old")
    with pytest.raises(ModelError, match="already"):
        _publish(store, "mine")
    _publish(store, "mine", b"new", replace=True)
    assert (store.root / "mine" / "model.tflite").read_bytes() == b"new"
    assert _left(store) == []


def test_a_model_made_meanwhile_stays(store: ModelStore) -> None:
    def slow() -> None:
        with store.publishing("mine") as work:
            (work / "model.tflite").write_bytes(b"slow")
            _publish(store, "mine", b"quick")

    with pytest.raises(ModelError, match="by now, made meanwhile"):
        slow()
    assert (store.root / "mine" / "model.tflite").read_bytes() == b"quick"
    assert _left(store) == []


def test_a_link_that_is_replaced_leaves_what_it_leads_to(store: ModelStore, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "thesis.txt").write_text("mine")
    store.root.mkdir(parents=True, exist_ok=True)
    (store.root / "mine").symlink_to(elsewhere)
    _publish(store, "mine", b"new", replace=True)
    assert not (store.root / "mine").is_symlink()
    assert (elsewhere / "thesis.txt").read_text() == "mine"
    assert [one.name for one in store.root.iterdir()] == ["mine"]


def test_a_failing_swap_brings_the_old_model_back(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    _publish(store, "mine", b"old")
    real = os.replace

    def fail(source: Path, target: Path) -> None:
        if str(source).endswith(".new"):
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ModelError, match="No space left"):
        _publish(store, "mine", b"new", replace=True)
    assert (store.root / "mine" / "model.tflite").read_bytes() == b"old"
    assert _left(store) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from hdr.classify.store import ModelStore
from hdr.workspace import Workspace
real, count = os.replace, [0]
def replace(source, target):
    if count[0] == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    count[0] += 1
    real(source, target)
os.replace = replace
with ModelStore(Workspace.at(Path(sys.argv[1]))).publishing("mine", replace=True) as work:
    (work / "model.tflite").write_bytes(b"new")
    if sys.argv[2] == "-1":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", [-1, 0, 1])
def test_a_process_killed_while_it_publishes_leaves_the_old_model(store: ModelStore, moment: int) -> None:
    _publish(store, "mine", b"old")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(store.root.parent), str(moment)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (store.find("mine").path / "model.tflite").read_bytes() == b"old"
    assert [entry.name for entry in store.entries()] == ["default", "mine"]
    _publish(store, "mine", b"newer", replace=True)
    assert (store.root / "mine" / "model.tflite").read_bytes() == b"newer"
    assert _left(store) == []


def test_the_work_of_a_living_process_is_left_alone(store: ModelStore) -> None:
    with store.publishing("slow") as work:
        _publish(store, "quick")
        store.entries()
        assert work.is_dir()
        (work / "card.json").write_text(ModelCard("slow").to_json())
    assert store.find("slow").card is not None


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", ".hidden", "con", "NUL.x", "current", "a.", "x" * 65, "ü"]
)
def test_a_name_that_no_folder_should_have_is_refused(store: ModelStore, name: str) -> None:
    with pytest.raises(ModelError, match="cannot be a model's name"):
        check_name(name)
    with pytest.raises(ModelNotFoundError):
        store.find(name)


def test_an_unknown_name_is_answered_with_the_known_ones(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="There is: default"):
        store.find("nobody")
    with pytest.raises(ModelNotFoundError, match="hdr train"):
        ModelStore(Workspace.at(tmp_path / "none"), tmp_path / "none").find("nobody")


def test_use_and_the_way_back(store: ModelStore) -> None:
    _publish(store, "a")
    _publish(store, "b")
    store.use("a")
    store.use("b")
    store.use("b")
    assert store.current() == "b"
    assert store.before() == "a"
    assert store.roll_back().name == "a"
    assert store.roll_back().name == "default"
    assert store.before() == ""
    assert store.current() == "default"
    with pytest.raises(ModelError, match="No model was in use before"):
        store.roll_back()


def test_the_way_back_passes_over_models_that_are_gone(store: ModelStore) -> None:
    for name in ("a", "b", "c"):
        _publish(store, name)
        store.use(name)
    shutil.rmtree(store.root / "b")
    assert store.roll_back().name == "a"


def test_a_model_in_use_that_is_gone_gives_way_to_the_default(store: ModelStore) -> None:
    _publish(store, "a")
    store.use("a")
    assert store.gone() == ""
    shutil.rmtree(store.root / "a")
    assert store.current() == "default"
    assert store.gone() == "a"
    (store.root / "current").write_bytes(b"\xff\xfe")
    assert store.current() == "default"


def test_a_model_with_a_broken_card_is_listed_with_its_fault_and_never_used(store: ModelStore) -> None:
    _publish(store, "broken")
    (store.root / "broken" / "card.json").write_text("{")
    entry = store.find("broken")
    assert entry.card is None
    assert "is not a model card" in entry.fault
    with pytest.raises(UnreadableModelError, match="is not a model card"):
        store.use("broken")


def test_a_card_that_is_missing_or_a_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableModelError, match="cannot be read"):
        read_card(tmp_path)
    (tmp_path / "card.json").write_text(" " * ((1 << 20) + 1))
    with pytest.raises(UnreadableModelError, match="larger than"):
        read_card(tmp_path)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file in the way")
    store = ModelStore(Workspace.at(tmp_path), tmp_path / "shipped")
    with pytest.raises(ModelError, match="cannot be written"):
        _publish(store, "mine")
    _write(tmp_path / "shipped" / "default", ModelCard("default"))
    with pytest.raises(ModelError, match="cannot be written"):
        store.use("default")
