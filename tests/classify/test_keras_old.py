"""Files in the layout of Keras 2, written by hand: nobody has it installed any more, many have its models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hdr.classify.keras_old import modern
from hdr.classify.loading import load_classifier
from hdr.errors import UnsafeModelError
from hdr.vision.normalize import Crop

pytestmark = pytest.mark.train

SHAPE = {"batch_input_shape": [None, 28, 28, 1], "dtype": "float32"}
INPUT = {"class_name": "InputLayer", "config": {**SHAPE, "sparse": False, "ragged": False, "name": "in"}}
FLAT = {"class_name": "Flatten", "config": {"name": "flatten", "trainable": True, "data_format": "channels_last"}}
DENSE = {
    "class_name": "Dense",
    "config": {
        "name": "dense",
        "trainable": True,
        "dtype": "float32",
        "units": 10,
        "activation": "softmax",
        "use_bias": True,
        "kernel_initializer": {
            "class_name": "VarianceScaling",
            "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None},
        },
        "bias_initializer": {"class_name": "Zeros", "config": {}},
    },
}
FIRST = {**FLAT, "config": {**FLAT["config"], **SHAPE}}  # type: ignore[dict-item]  # both are dictionaries


def _node(layer: dict[str, Any], *before: str) -> dict[str, Any]:
    nodes = [[[name, 0, 0, {}] for name in before]] if before else []
    return {**layer, "name": layer["config"]["name"], "inbound_nodes": nodes}


GRAPH = {
    "name": "m",
    "layers": [_node(INPUT), _node(FLAT, "in"), _node(DENSE, "flatten")],
    "input_layers": [["in", 0, 0]],
    "output_layers": [["dense", 0, 0]],
}


def _save(path: Path, config: dict[str, Any]) -> np.ndarray[Any, Any]:
    kernel = np.random.default_rng(1).normal(0, 0.1, (784, 10)).astype(np.float32)
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["keras_version"], file.attrs["backend"] = b"2.2.4", b"tensorflow"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"flatten", b"dense"]
        weights.create_group("flatten").attrs["weight_names"] = np.array([], "S")
        dense = weights.create_group("dense")
        dense.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        dense["dense/kernel:0"], dense["dense/bias:0"] = kernel, np.zeros(10, np.float32)
    return kernel


@pytest.mark.parametrize(
    "config",
    [
        {"class_name": "Sequential", "config": {"name": "s", "layers": [INPUT, FLAT, DENSE]}},
        {"class_name": "Sequential", "config": {"name": "s", "layers": [FIRST, DENSE]}},
        {"class_name": "Sequential", "config": [FIRST, DENSE]},
        {"class_name": "Functional", "config": GRAPH},
        {"class_name": "Model", "config": GRAPH},
    ],
)
def test_each_layout_of_keras_2_is_read_with_its_weights(tmp_path: Path, ring: Crop, config: dict[str, Any]) -> None:
    kernel = _save(tmp_path / "old.h5", config)
    classifier = load_classifier(tmp_path / "old.h5")
    assert classifier.card.labels == tuple("0123456789")
    powers = np.exp(classifier.fed([ring]).reshape(1, -1) @ kernel)  # type: ignore[attr-defined]  # of Keras's
    assert classifier.classify([ring])[0].probabilities == pytest.approx((powers / powers.sum())[0], abs=1e-5)


def test_attack_by_a_lambda_in_an_old_list_of_layers(tmp_path: Path) -> None:
    evil = {"class_name": "Lambda", "config": {**SHAPE, "name": "l", "function": ["4wEAAAA=", None, None]}}
    _save(tmp_path / "old.h5", {"class_name": "Sequential", "config": [evil, DENSE]})
    with pytest.raises(UnsafeModelError, match="'Lambda'"):
        load_classifier(tmp_path / "old.h5")


@pytest.mark.parametrize(
    "config",
    [
        {
            "class_name": "Functional",
            "config": {**GRAPH, "input_layers": ["in", 0, 0], "output_layers": ["dense", 0, 0]},
        },
        *({"class_name": "Sequential", "config": one} for one in (None, [], {}, [7], [{"config": 7}], {"layers": 7})),
    ],
)
def test_any_other_configuration_stays_as_it_is(config: dict[str, Any]) -> None:
    assert modern(config) is config


def test_a_model_that_gives_a_list_of_one_is_a_classifier(keras: Any, tmp_path: Path, bar: Crop, ring: Crop) -> None:
    picture = keras.layers.Input((28, 28, 1))
    odds = keras.layers.Dense(10, activation="softmax")(keras.layers.Flatten()(picture))
    keras.Model([picture], [odds]).save(tmp_path / "lists.keras")
    both = load_classifier(tmp_path / "lists.keras").classify([bar, ring])
    assert [one.probabilities.shape for one in both] == [(10,), (10,)]
