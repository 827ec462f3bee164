"""A configuration of Keras 2 to what Keras 3 reads as it was meant.

Before 2.4 a model's first layer said what goes in, where now a layer of its own does; and a graph with one input and
one output wrote each as a list, so that Keras 3 wants a list and gives one.
"""

from __future__ import annotations

from typing import Any

Config = dict[str, Any]


def modern(config: Config) -> Config:
    """Return a model's configuration as Keras 3 would write it; the same object where nothing is old.

    Parameters
    ----------
    config
        Already looked through: see `keras_check`.
    """
    told = config.get("config")
    if config["class_name"] != "Sequential":
        return _with_one_end(config, told) if isinstance(told, dict) else config
    layers = told.get("layers") if isinstance(told, dict) else told
    if not isinstance(layers, list) or not layers or not isinstance(layers[0], dict):
        return config
    first, inner = layers[0], layers[0].get("config")
    if not isinstance(inner, dict) or first.get("class_name") == "InputLayer" or "batch_input_shape" not in inner:
        return config
    name = told.get("name") if isinstance(told, dict) else None
    return {**config, "config": {"name": name, "layers": [*_divided(first, inner), *layers[1:]]}}


def _divided(layer: Config, inner: Config) -> tuple[Config, Config]:
    """A layer that says what goes in, as two."""
    shape, dtype = inner["batch_input_shape"], inner.get("dtype") or "float32"
    rest = {key: value for key, value in inner.items() if key != "batch_input_shape"}
    picture = {"class_name": "InputLayer", "config": {"batch_shape": shape, "dtype": dtype, "name": "picture"}}
    return picture, {**layer, "config": rest}


def _with_one_end(config: Config, told: Config) -> Config:
    """A graph whose lists of one are that one."""
    ends = ("input_layers", "output_layers")
    lone = {key: told[key][0] for key in ends if isinstance(told.get(key), list) and len(told[key]) == 1}
    return {**config, "config": {**told, **lone}} if lone else config
