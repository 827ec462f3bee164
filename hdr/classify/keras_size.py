"""A model's configuration to a yes, or to how much memory it asks for: built with shapes only before it is built.

A configuration of a hundred bytes can ask for a layer of a million million units, which no look at the file's size
finds out; and one that calls a model twice in a model that is called twice, and so on, for any number of layers.
"""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Iterator
from typing import Any

from hdr.classify.files import LARGEST_BYTES
from hdr.classify.keras_check import LAYERS
from hdr.classify.quiet import first_line
from hdr.errors import UnreadableModelError

_LARGEST_RESULT = 1 << 22
"""Numbers that a layer may make of one picture: 64 channels of 224x224 are three quarters of it."""
_MOST_CALLS = 2_000
"""Layers that may be called for one picture; the deepest of Keras's own models have about a thousand."""
_MOST_STEPS = 1_024
"""Steps that a recurrent layer may take: it takes them one by one."""
_MOST_PRODUCTS = 10**11
"""Multiplications that one picture may cost: five times as many as VGG19 needs."""


def build(keras: Any, config: dict[str, Any]) -> Any:
    """Return the untrained model of a configuration that was looked through, as Keras 3 or Keras 2 writes it."""
    told = copy.deepcopy(config)  # Keras takes old ones to pieces
    if "module" in told:
        return keras.saving.deserialize_keras_object(told, safe_mode=True)
    return (keras.Sequential if told["class_name"] == "Sequential" else keras.Model).from_config(told["config"])


def check_size(config: dict[str, Any], where: str) -> None:
    """Build a model without its weights, and look at how large it would be.

    Parameters
    ----------
    config
        A whole model's, already looked through: see `keras_check`.

    Raises
    ------
    UnreadableModelError
        Where it cannot be built, or would be too large.
    """
    calls = _calls(config)
    if calls > _MOST_CALLS:
        raise _too_large(f"{where} asks for {calls:,} layers.")
    found: list[UnreadableModelError] = []
    # In a thread of its own, since Keras remembers, thread by thread, the weights that it has yet to make.
    builder = threading.Thread(target=_look, args=(config, where, found), daemon=True)
    builder.start()
    builder.join()
    if found:
        raise found[0]


def _calls(part: Any) -> int:
    """How many layers are called for one picture; a configuration lists the calls of each."""
    if isinstance(part, list):
        return sum(map(_calls, part))
    if not isinstance(part, dict):
        return 0
    inside = sum(map(_calls, part.values()))
    if part.get("class_name") not in LAYERS:
        return inside
    times = part.get("inbound_nodes")
    return (inside + 1) * max(1, len(times) if isinstance(times, list) else 1)


def _look(config: dict[str, Any], where: str, found: list[UnreadableModelError]) -> None:
    from hdr.classify.keras_backend import require_keras

    keras = require_keras()
    try:
        with keras.StatelessScope(initialize_variables=False):
            model = build(keras, config)
            weights = 4 * int(model.count_params())
            costs = [(0, 0, 0), *(_cost(layer, *shapes) for layer, *shapes in _operations(keras, model))]
    except Exception as error:  # noqa: BLE001  (Keras raises anything for another version's; told in the other thread)
        why = f"Keras {keras.__version__} cannot load {where} ({first_line(error)})."
        found.append(UnreadableModelError(why, hint="Save it again with this version of Keras."))
        return
    result, steps, products = max(c[0] for c in costs), max(c[1] for c in costs), sum(c[2] for c in costs)
    if weights > LARGEST_BYTES or result > _LARGEST_RESULT:
        found.append(
            _too_large(f"{where} asks for {weights:,} bytes of weights and {result:,} numbers a picture in one layer.")
        )
    elif steps > _MOST_STEPS or products > _MOST_PRODUCTS:
        found.append(_too_large(f"{where} asks for {products:,} multiplications in {steps:,} steps a picture."))


Shapes = list[tuple[int | None, ...]]


def _operations(keras: Any, model: Any) -> Iterator[tuple[Any, Shapes, Shapes]]:
    """Every call of every layer, with the shapes that go in and come out."""
    for layer in model.layers:
        if hasattr(getattr(layer, "layer", None), "layers"):
            raise ValueError(f"its {type(layer).__name__} repeats a whole model")
        for node in layer._inbound_nodes:  # the same layer may be called in several places
            yield layer, [one.shape for one in node.input_tensors], [one.shape for one in node.output_tensors]
            if hasattr(layer, "layers"):
                yield from _operations(keras, _as_called(keras, layer, node.input_tensors))


def _as_called(keras: Any, model: Any, pictures: list[Any]) -> Any:
    """The same model; one that leaves its size open is made anew for the size that it is called with."""
    if all(None not in one.shape[1:] for one in model.inputs):
        return model
    inputs = [keras.Input(one.shape[1:], dtype=one.dtype) for one in pictures]
    return keras.models.clone_model(model, input_tensors=inputs if len(inputs) > 1 else inputs[0])


def _cost(layer: Any, before: Shapes, after: Shapes) -> tuple[int, int, int]:
    """Numbers of a call's largest result, steps taken one by one, and multiplications: none of them too low."""
    places = max((_count(one[1:-1]) for one in (*before, *after)), default=1)
    numbers = max(_count(one[1:]) for one in after)
    inner = getattr(layer, "layer", None) or getattr(layer, "forward_layer", None) or layer
    if "Attention" in type(inner).__name__:  # every place looks at every other, with each head
        wide = max(_count(one[-1:]) for one in before) if "Additive" in type(inner).__name__ else 1
        numbers = max(numbers, places**2 * getattr(inner, "num_heads", 1) * wide)
    steps = places if hasattr(inner, "cell") else 0
    return numbers, steps, 0 if hasattr(layer, "layers") else places * int(layer.count_params())


def _count(shape: tuple[int | None, ...]) -> int:
    """How many places a shape has; a side that depends on the picture counts as one."""
    return math.prod(n or 1 for n in shape)


def _too_large(told: str) -> UnreadableModelError:
    return UnreadableModelError(told, hint="It is damaged, was made to do harm, or is no digit classifier.")
