"""A small model learns a strange hand: digits that lie on their side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.classify.card import ModelCard
from hdr.classify.loading import load_classifier
from hdr.classify.store import ModelStore
from hdr.cli.main import run
from hdr.data.captures import CaptureStore
from hdr.data.crops import Origin, encode_crop
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.data.freezing import freeze
from hdr.data.learned import read_learned
from hdr.data.negatives import NAMES
from hdr.data.own import load_own_crops
from hdr.errors import DatasetError, ModelMismatchError, ModelNotFoundError
from hdr.train import learning
from hdr.train.architectures import build_model, find_architecture
from hdr.train.convert import save_model, to_tflite
from hdr.train.events import Compared, Measured, Published
from hdr.train.history import read_history
from hdr.train.learning import LearnJob, learn_and_publish, mnist_if_there
from hdr.train.tuning import TuneRecipe, Tuning
from hdr.workspace import Workspace

pytestmark = pytest.mark.train

QUICK = TuneRecipe(epochs=20, learning_rate=0.02, strength=0.1)


@pytest.fixture(scope="module")
def weights() -> list[np.ndarray]:
    """Of a model that knows digits as they are drawn by rule."""
    model, data = build_model(find_architecture("tiny"), len(NAMES)), draw_digits(400, 1)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.optimizer.learning_rate = 0.02
    model.fit(data.fields()[..., None], data.labels, batch_size=32, epochs=4, verbose=0)
    return list(model.get_weights())


@pytest.fixture
def model(weights: list[np.ndarray]) -> Any:
    model = build_model(find_architecture("tiny"), len(NAMES))
    model.set_weights(weights)
    return model


def strange(count: int, seed: int) -> Dataset:
    data = draw_digits(count, seed).among(NAMES)
    return Dataset(data.fields().transpose(0, 2, 1), data.labels, data.groups, NAMES)


CARD = ModelCard("old", NAMES, architecture="tiny", made={"seed": 3})


def test_the_hand_is_learned_and_nothing_is_clearly_forgotten(model: Any) -> None:
    unseen, known = strange(200, 9), draw_digits(200, 8).among(NAMES)

    def right(data: Dataset) -> float:
        return float((model.predict(data.fields()[..., None], verbose=0).argmax(axis=1) == data.labels).mean())

    before = right(unseen)
    norms = [layer for layer in model.layers if "batch_normalization" in layer.name]
    statistics = norms[0].get_weights()
    tuning = Tuning(model, CARD, strange(100, 2), draw_digits(300, 7).among(NAMES), known, QUICK)
    told = [one for one in tuning.run() if isinstance(one, Compared)]
    assert right(unseen) > before + 0.1
    assert told[0].after == pytest.approx(right(known), abs=1e-6)
    assert told[0].after >= told[0].before or told[0].p > 0.05 or tuning.way == 0.25
    assert all(np.array_equal(a, b) for a, b in zip(statistics, norms[0].get_weights(), strict=True))
    assert len(tuning.losses) == tuning.steps == 62


def test_where_much_is_forgotten_the_weights_go_part_of_the_way(model: Any) -> None:
    wrong = draw_digits(60, 2).among(NAMES)
    lies = Dataset(wrong.crops, (wrong.labels + 1) % 10, wrong.groups, NAMES)
    known = draw_digits(300, 8).among(NAMES)
    tuning = Tuning(model, CARD, lies, known.take(np.arange(1)), known, QUICK)
    list(tuning.run())
    assert tuning.way < 1


@pytest.fixture
def store(tmp_path: Path, model: Any) -> ModelStore:
    store = ModelStore(Workspace.at(tmp_path), tmp_path / "none")
    with store.publishing("old") as work:
        save_model(model, to_tflite(model), work)
        (work / "card.json").write_text(CARD.to_json(), encoding="utf-8")
    return store


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    """Ten pages of eight crops."""
    root, data = tmp_path / "mine", strange(80, 3)
    for index, (pixels, label) in enumerate(zip(data.crops, data.labels.tolist(), strict=True)):
        page, number = f"{index // 8:016x}", index % 8
        file = root / NAMES[label] / f"{page}_{number:02d}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_crop(np.asarray(pixels), Origin(page, number, predicted="0")))
    return root


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "find_fonts", list)


@pytest.mark.usefixtures("quick")
def test_what_is_published_says_what_it_learned_and_how_it_reads_you(store: ModelStore, captures: Path) -> None:
    version = freeze(CaptureStore(captures), "first")
    job = LearnJob("new", "old", captures, QUICK, command="hdr train --captures")
    events = list(learn_and_publish(job, store))
    assert isinstance(events[-1], Published)
    held = next(one for one in events if isinstance(one, Measured))
    own = load_own_crops(captures, NAMES)
    assert (held.data, held.n) == ("captures_held_out", len(own.held))
    assert not set(own.held.groups) & set(own.learn.groups)
    card = store.find("new").card
    assert card is not None
    assert (card.parent, card.labels, card.architecture) == ("old", NAMES, "tiny")
    assert card.made["captures"] == version.card()
    assert card.made["seed"] == 3
    assert card.scores["captures_held_out"]["parent_accuracy"] < card.scores["captures_held_out"]["accuracy"]
    history = read_history(store.root / "new")
    assert history is not None
    assert len(history.steps) == 40
    learned = read_learned(store.root / "new")
    assert learned is not None
    assert learned.knows(own.learn)[0].all()
    assert not any(mask.any() for mask in learned.knows(own.held))
    assert load_classifier(store.root / "new").card.name == "new"


@pytest.mark.usefixtures("quick")
def test_a_run_that_is_stopped_publishes_nothing(store: ModelStore, captures: Path) -> None:
    made = learn_and_publish(LearnJob("new", "old", captures, QUICK), store)
    next(made)
    made.close()
    assert [one.name for one in store.entries()] == ["old"]


def _drop_keras(folder: Path) -> None:
    (folder / "model.keras").unlink()


def _letters(folder: Path) -> None:
    card = ModelCard("old", tuple("ABCDEFGHIJK"))
    (folder / "card.json").write_text(card.to_json(), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "error", "what"),
    [
        (_drop_keras, ModelNotFoundError, "no model.keras"),
        (_letters, ModelMismatchError, "not the ten digits"),
    ],
)
def test_what_cannot_be_gone_on_from_is_a_sentence(
    store: ModelStore, captures: Path, spoil: Callable[[Path], None], error: type[Exception], what: str
) -> None:
    spoil(store.root / "old")
    with pytest.raises(error, match=what):
        next(learn_and_publish(LearnJob("new", "old", captures), store))


def test_an_empty_folder_teaches_nothing(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no crops labelled"):
        next(learn_and_publish(LearnJob("new", "old", tmp_path / "nowhere"), store))


def test_crops_without_a_part_in_it_are_told_and_fatal_to_nothing(captures: Path) -> None:
    (captures / "q").mkdir()
    (captures / "_none").mkdir()
    next(captures.glob("[0-9]/*.png")).replace(captures / "q" / "one.png")
    (captures / "_none" / "torn.png").write_bytes(b"no picture")
    own = load_own_crops(captures, NAMES)
    assert len(own.learn) + len(own.held) == 79
    assert own.groups == 10
    assert own.left_out[0] == "1 labelled q, unknown to it"
    assert "torn.png cannot be read" in own.left_out[1]


def test_mnist_is_never_downloaded_for_this(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HDR_MNIST", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert mnist_if_there() is None
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").touch()
    assert mnist_if_there() == tmp_path / "datasets" / "mnist.npz"
    assert mnist_if_there(tmp_path / "told.npz") == tmp_path / "told.npz"


@pytest.mark.usefixtures("quick")
def test_the_command_learns_from_a_folder_with_mnist_beside_it(
    store: ModelStore, captures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, test = draw_digits(300, 1), draw_digits(40, 2)
    mnist = tmp_path / "mnist.npz"
    np.savez(mnist, x_train=train.crops, y_train=train.labels, x_test=test.crops, y_test=test.labels)
    typed = ["train", "--captures-in", str(captures), "--from", "old", "--data", str(mnist), "--epochs", "2"]
    assert run([*typed, "--out", str(store.root), "--name", "new", "--rate", "0.01"]) == 0
    told = capsys.readouterr()
    assert "new:" in told.out
    assert "hdr models use new" in told.err
    card = store.find("new").card
    assert card is not None
    assert card.made["command"] == f"hdr train --captures-in {captures} --from old --seed 7 --epochs 2 --rate 0.01"
    assert "MNIST" in card.trained_on
