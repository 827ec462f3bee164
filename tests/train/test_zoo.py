"""The architectures of others: their sizes, their recipes, and a base that begins with learned weights."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hdr.classify.keras_backend import load_keras_model, require_keras
from hdr.classify.litert import run_tflite
from hdr.data.augment import Warp
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.data.pictures import PictureWarp
from hdr.errors import ModelError, ModelMismatchError, UnreadableModelError, UnsafeModelError
from hdr.train.architectures import architectures, build_model, find_architecture
from hdr.train.convert import save_model, to_tflite
from hdr.train.fit import Training
from hdr.train.pretrained import find_base, freeze, load_base, mobilenet_base
from hdr.train.recipe import Recipe, Stage, is_writing

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def data() -> Dataset:
    return draw_digits(120, 1)


@pytest.fixture(scope="module")
def base_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `keras.applications` has for a base, but of no training."""
    path = tmp_path_factory.mktemp("base") / "base.weights.h5"
    require_keras().utils.set_random_seed(5)
    mobilenet_base(32).save_weights(path)
    return path


def _small_base(size: int, weights: str | None = None) -> Any:
    """A base that is quick to learn with, in place of the real one."""
    layers = require_keras().layers
    picture = layers.Input((size, size, 3))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, strides=2)(picture)))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, strides=2)(x)))
    return require_keras().Model(picture, layers.GlobalAveragePooling2D()(x))


@pytest.mark.parametrize(("name", "parameters"), [("cnn-93k", 93_322), ("cnn-111k", 110_989)])
def test_the_sizes_that_their_sources_tell(name: str, parameters: int) -> None:
    assert build_model(find_architecture(name), 10).count_params() == parameters


def test_each_has_a_recipe_of_its_own_name_and_writing_is_never_mirrored() -> None:
    for one in architectures():
        assert one.recipe.architecture == one.name
        warp = one.recipe.suited_to(("0", "1", "none")).warp
        assert not isinstance(warp, PictureWarp) or (warp.mirror == 0 and warp.rotation_deg > 0)


def test_the_default_keeps_its_recipe() -> None:
    assert find_architecture("default").recipe == Recipe()


def test_pictures_are_bent_as_pictures() -> None:
    assert Recipe().suited_to(("football", "rugby_ball")).warp == PictureWarp(30, 0.2, 0.1, 0.5)
    assert Recipe().suited_to(("7", "none")).warp == Warp()
    assert Recipe(warp=None).suited_to(("cat", "dog")).warp is None
    assert is_writing(("a", "7", "none"))
    assert not is_writing(("cat", "d"))


def test_each_number_of_a_warp_may_be_told() -> None:
    bent = Recipe(warp=PictureWarp()).bent(["rotation_deg=10", "mirror=0.2"], ("cat", "dog"))
    assert bent.warp == PictureWarp(rotation_deg=10, mirror=0.2)
    assert Recipe().bent(["elastic=0"], ("1", "2")).warp == Warp(elastic=0)


@pytest.mark.parametrize(
    ("warp", "told", "why"),
    [
        (Warp(), "mirror=1", "Nothing is bent by 'mirror=1'"),
        (Warp(), "elastic=nan", "'elastic=nan'"),
        (Warp(), "elastic=much", "'elastic=much'"),
        (Warp(), "elastic", "'elastic'"),
        (None, "elastic=1", "'elastic=1'"),
        (PictureWarp(mirror=0), "mirror=0.5", "mirror"),
    ],
)
def test_what_does_not_bend_is_a_sentence(warp: Warp | PictureWarp | None, told: str, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        Recipe(warp=warp).bent([told], ("6", "9", "none"))


@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 24])
def test_stages_share_the_epochs(epochs: int) -> None:
    recipe = dataclasses.replace(find_architecture("mobilenetv2").recipe, epochs=epochs)
    parts = recipe.parts()
    assert [epoch for _, part in parts for epoch in part] == list(range(1, epochs + 1))
    assert parts[0][0] == recipe.stages[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"optimizer": "magic"},
        {"stages": (Stage(0.5),)},
        {"stages": (Stage(0.0), Stage(1))},
        {"stages": (Stage(1, everything=True),)},
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        Recipe(**wrong)


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "rmsprop", "sgd"])
def test_each_optimizer_makes_steps(optimizer: Any, data: Dataset, tmp_path: Path) -> None:
    recipe = Recipe("tiny", epochs=1, validation=0.2, warp=None, optimizer=optimizer, schedule="constant")
    training = Training(data, recipe, tmp_path)
    list(training.run())
    assert training.best == training.history[-1]


def test_the_mean_and_the_spread_of_the_data_travel_with_the_file(data: Dataset, tmp_path: Path) -> None:
    recipe = dataclasses.replace(find_architecture("cnn-111k").recipe, epochs=1, batch=32, validation=0.2)
    training = Training(data, recipe, tmp_path / "keep")
    (tmp_path / "keep").mkdir()
    list(training.run())
    mean = float(training.model.get_layer("normalize").adapt_mean.numpy()[0])
    assert mean == pytest.approx(next(training.material.fields.parts()).mean() / 255, rel=1e-3)
    pictures = training.material.pictures(next(training.material.held[0].parts()))
    told = training.model.predict(pictures, verbose=0)
    tflite = to_tflite(training.model, "float32")
    assert np.allclose(run_tflite(tflite, pictures), told, atol=1e-4)
    save_model(training.model, tflite, tmp_path)
    assert np.allclose(load_keras_model(tmp_path / "model.keras").predict(pictures, verbose=0), told, atol=1e-5)


def test_a_model_too_large_for_its_pictures_is_a_sentence() -> None:
    with pytest.raises(ModelError, match="Its own size is 28"):
        build_model(find_architecture("cnn-93k"), 10, 8)
    with pytest.raises(ModelError, match="32 pixels or more"):
        build_model(find_architecture("mobilenetv2"), 10, 16)


class TestLearnedBase:
    @pytest.fixture
    def model(self) -> Any:
        return build_model(find_architecture("mobilenetv2"), 10, 32)

    def test_weights_come_from_a_file(self, model: Any, base_weights: Path) -> None:
        other = mobilenet_base(32)
        other.load_weights(base_weights)
        load_base(model, str(base_weights))
        ours, theirs = find_base(model).get_weights(), other.get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))

    def test_only_the_last_layers_and_the_head_learn(self, model: Any) -> None:
        freeze(model, 0)
        assert len(model.trainable_weights) == 2
        freeze(model, 20)
        base = find_base(model)
        last = [layer for layer in base.layers[-20:] if type(layer).__name__ != "BatchNormalization"]
        assert [layer for layer in base.layers if layer.trainable] == last
        assert len(model.trainable_weights) == 2 + sum(len(layer.weights) for layer in last) > 2

    def test_three_stages_end_in_a_model_like_any_other(
        self, data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hdr.train.zoo.mobilenet_base", _small_base)
        begun = _small_base(32)
        begun.save_weights(tmp_path / "base.weights.h5")
        stages = (Stage(1 / 3), Stage(2 / 3, unfrozen=4), Stage(1, 0.1, unfrozen=4, everything=True))
        own = find_architecture("mobilenetv2").recipe.suited_to(data.names)
        weights = str(tmp_path / "base.weights.h5")
        recipe = dataclasses.replace(own, epochs=3, size=32, batch=8, weights=weights, stages=stages)
        training = Training(data, recipe, tmp_path)
        list(training.run())
        assert len(training.material.fields) == len(data) > training.material.train_count
        assert not training.history[-1].best  # what it is measured on was learned
        assert training.best in training.history[:2]
        learned = find_base(training.model).get_weights()
        same = [np.array_equal(a, b) for a, b in zip(begun.get_weights(), learned, strict=True)]
        assert same == [True] * 6 + [False] * 2 + [True] * 4  # nor does batch normalisation learn
        save_model(training.model, to_tflite(training.model), tmp_path)
        again = load_keras_model(tmp_path / "model.keras").get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(again, training.model.get_weights(), strict=True))

    @pytest.mark.shared
    def test_the_weights_of_imagenet_fit(self, shared_data: Path) -> None:
        model = build_model(find_architecture("mobilenetv2"), 2)
        load_base(model, str(shared_data / "mobilenet_v2_0.35_224_no_top.h5"))
        assert model.input_shape == (None, 96, 96, 3)
        assert float(np.abs(find_base(model).get_layer("Conv1").get_weights()[0]).max()) > 0.5

    def test_weights_of_another_network_are_a_sentence(self, model: Any, tmp_path: Path) -> None:
        other = tmp_path / "other.weights.h5"
        build_model(find_architecture("tiny"), 10).save_weights(other)
        with pytest.raises(ModelMismatchError, match="without its top"):
            load_base(model, str(other))

    def test_a_file_that_reaches_for_others_is_never_loaded(self, model: Any, tmp_path: Path) -> None:
        path = tmp_path / "evil.h5"
        with h5py.File(path, "w") as file:
            file["layers"] = h5py.ExternalLink("/etc/passwd", "/")
        with pytest.raises(UnsafeModelError):
            load_base(model, str(path))
        path.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
        with pytest.raises(UnreadableModelError):
            load_base(model, str(path))

    def test_a_model_without_a_base_takes_no_weights(self, base_weights: Path) -> None:
        model = build_model(find_architecture("cnn-93k"), 10)
        freeze(model, 3)
        assert len(model.trainable_weights) == 10
        with pytest.raises(ModelError, match="cnn-93k has no base"):
            load_base(model, str(base_weights))

    def test_imagenet_is_downloaded_or_the_cure_is_told(self, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_: Any) -> None:
            raise Exception("URL fetch failure")  # noqa: TRY002  (as Keras raises it)

        monkeypatch.setattr(require_keras().applications, "MobileNetV2", fail)
        with pytest.raises(ModelError, match="could not be downloaded") as told:
            load_base(model, "imagenet")
        assert "--weights" in (told.value.hint or "")

    def test_imagenet_of_another_size_fits(self, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        real = require_keras().applications.MobileNetV2

        def at_hand(**told: Any) -> Any:
            assert (told.pop("weights"), told["input_shape"]) == ("imagenet", (224, 224, 3))
            return real(**told, weights=None)

        monkeypatch.setattr(require_keras().applications, "MobileNetV2", at_hand)
        before = find_base(model).get_weights()[0].copy()
        load_base(model, "imagenet")
        assert not np.array_equal(find_base(model).get_weights()[0], before)
