"""An architecture with its weights beside it; and configurations that ask for more than there is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.classify.card import ModelCard
from hdr.classify.carried import carry_card
from hdr.classify.keras_size import check_size
from hdr.classify.loading import load_classifier
from hdr.errors import UnreadableModelError, UnsafeModelError
from hdr.vision.normalize import Crop

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")]


@pytest.fixture
def pair(zoo: Any) -> Path:
    model = zoo.model()
    model.save_weights(zoo.folder / "m.weights.h5")
    path: Path = zoo.folder / "m.json"
    path.write_text(model.to_json())
    return path


def test_a_pair_gives_what_the_whole_file_gives(zoo: Any, pair: Path, bar: Crop, ring: Crop) -> None:
    whole = load_classifier(zoo.save(zoo.model(), "whole.keras")).classify([bar, ring])
    told = load_classifier(pair).classify([bar, ring])
    assert np.allclose([p.probabilities for p in told], [p.probabilities for p in whole], atol=1e-6)


def test_its_weights_keep_the_card(pair: Path) -> None:
    weights = pair.with_name("m.weights.h5")
    card = ModelCard("mine", tuple("abcdefghij"))
    weights.write_bytes(carry_card(weights.read_bytes(), ".h5", card))
    assert load_classifier(pair).card == card


def test_weights_that_are_missing_are_named(pair: Path) -> None:
    pair.with_name("m.weights.h5").unlink()
    with pytest.raises(UnreadableModelError, match="its weights are not there") as caught:
        load_classifier(pair)
    assert "m.weights.h5" in caught.value.hint


def test_weights_alone_point_to_the_architecture(pair: Path) -> None:
    with pytest.raises(UnreadableModelError, match="weights only") as caught:
        load_classifier(pair.with_name("m.weights.h5"))
    assert ".json" in caught.value.hint


def test_weights_of_another_model_are_refused(zoo: Any, pair: Path) -> None:
    zoo.model(classes=11).save_weights(pair.with_name("m.weights.h5"), overwrite=True)
    with pytest.raises(UnreadableModelError, match=r"cannot load .*m\.json"):
        load_classifier(pair)


def test_attack_by_a_lambda_in_the_architecture(zoo: Any, pair: Path) -> None:
    layers = zoo.keras.layers
    evil = zoo.keras.Sequential([layers.Input((28, 28, 1)), layers.Lambda(lambda x: x), layers.Flatten()])
    pair.write_text(evil.to_json())
    with pytest.raises(UnsafeModelError, match="'Lambda'"):
        load_classifier(pair)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"labels": ["a", "b"]}'])
def test_an_architecture_that_is_none_is_refused(pair: Path, text: str) -> None:
    pair.write_text(text)
    with pytest.raises(UnreadableModelError, match=r"m\.json"):
        load_classifier(pair)


def test_attack_by_a_link_in_the_weights(pair: Path) -> None:
    import h5py

    with h5py.File(pair.with_name("m.weights.h5"), "r+") as file:
        file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")
    with pytest.raises(UnsafeModelError, match="link 'elsewhere'"):
        load_classifier(pair)


def _config(keras: Any, *layers: Any) -> dict[str, Any]:
    model = keras.Sequential([keras.layers.Input((28, 28, 1)), *layers])
    config: dict[str, Any] = json.loads(model.to_json())
    return config


def _change(config: dict[str, Any], name: str, key: str, value: Any) -> dict[str, Any]:
    layer = next(one for one in config["config"]["layers"] if one["class_name"] == name)
    layer["config"][key] = value
    return config


@pytest.mark.parametrize(
    ("make", "name", "key", "value"),
    [
        (lambda k: [k.layers.Flatten(), k.layers.Dense(3)], "Dense", "units", 10**9),
        (lambda k: [k.layers.UpSampling2D(2), k.layers.GlobalMaxPooling2D()], "UpSampling2D", "size", [10**6, 10**6]),
        (lambda k: [k.layers.ZeroPadding2D(1)], "ZeroPadding2D", "padding", [[9**9, 0], [9**9, 0]]),
        (lambda k: [k.layers.Resizing(9, 9)], "Resizing", "height", 10**8),
        (lambda k: [k.layers.Conv2D(3, 3)], "Conv2D", "filters", 2**70),
    ],
)
def test_attack_by_a_size(keras: Any, make: Callable[[Any], list[Any]], name: str, key: str, value: Any) -> None:
    config = _config(keras, *make(keras))
    check_size(config, "m")
    with pytest.raises(UnreadableModelError, match=r"m asks for|cannot load m"):
        check_size(_change(config, name, key, value), "m")


def test_attack_by_a_size_in_a_model_in_a_model(keras: Any) -> None:
    inner = keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.UpSampling2D(2)])
    config = _config(keras, inner, keras.layers.GlobalMaxPooling2D())
    check_size(config, "m")
    inside = next(one for one in config["config"]["layers"] if one["class_name"] == "Sequential")
    _change(inside, "UpSampling2D", "size", [10**5, 10**5])
    with pytest.raises(UnreadableModelError, match=r"m asks for|cannot load m"):
        check_size(config, "m")


def _open_inside(layers: Any, keras: Any) -> list[Any]:
    inner = keras.Sequential([layers.Input((None, None, 1)), layers.UpSampling2D(2), layers.GlobalMaxPooling2D()])
    return [inner, layers.Dense(3)]


def _attended(layers: Any, keras: Any) -> Any:
    picture = layers.Input((28, 28, 1))
    row = layers.Reshape((784, 1))(picture)
    return keras.Model(picture, layers.Dense(3)(layers.Flatten()(layers.MultiHeadAttention(4, 1)(row, row))))


def _called_twice(layers: Any, keras: Any) -> Any:
    picture, larger = layers.Input((28, 28, 1)), layers.UpSampling2D(2)
    return keras.Model(picture, layers.GlobalMaxPooling2D()(larger(larger(picture))))


def _repeated(layers: Any, keras: Any) -> list[Any]:
    return [layers.TimeDistributed(keras.Sequential([layers.Input((28, 1)), layers.Flatten()])), layers.Dense(3)]


def _recurrent(layers: Any, keras: Any) -> list[Any]:
    steps = layers.Bidirectional(layers.LSTM(1))
    return [layers.UpSampling2D(20), layers.Reshape((560 * 560, 1)), steps, layers.Dense(3)]


@pytest.mark.parametrize(
    ("make", "before", "after"),
    [
        (_open_inside, '"size": [2, 2]', '"size": [1000, 1000]'),
        (_called_twice, '"size": [2, 2]', '"size": [40, 40]'),
        (_attended, '"num_heads": 4', '"num_heads": 100000'),
        (_recurrent, "", ""),
        (
            lambda layers, _: [layers.ZeroPadding2D(300), layers.Conv2D(1, 900, padding="same"), layers.Flatten()],
            "",
            "",
        ),
        (_repeated, "", ""),
    ],
)
def test_attack_by_what_is_asked_for_between_the_layers(keras: Any, make: Any, before: str, after: str) -> None:
    made = make(keras.layers, keras)
    config = _config(keras, *made) if isinstance(made, list) else json.loads(made.to_json())
    if before:
        check_size(config, "m")
    with pytest.raises(UnreadableModelError, match=r"m asks for .* in|repeats a whole model"):
        check_size(json.loads(json.dumps(config).replace(before, after)) if before else config, "m")


def test_attack_by_a_model_called_twice_in_a_model_called_twice(keras: Any) -> None:
    model = keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Dense(1)])
    for _ in range(10):
        picture = keras.layers.Input((28, 28, 1))
        model = keras.Model(picture, model(model(picture)))
    with pytest.raises(UnreadableModelError, match=r"m asks for 5,\d+ layers"):
        check_size(json.loads(model.to_json()), "m")


def test_a_model_without_layers_is_a_sentence(keras: Any) -> None:
    with pytest.raises(UnreadableModelError, match="cannot load m"):
        check_size(_config(keras), "m")


def test_looking_at_the_size_leaves_keras_nothing_to_make_up_for(zoo: Any, pair: Path) -> None:
    check_size(json.loads(pair.read_text()), "m")
    with zoo.keras.StatelessScope():
        pass  # at its end Keras makes every weight that it has been told to make later
    load_classifier(pair)
