"""A model's configuration to a yes, or to how much memory it asks for: built with shapes only before it is built.

A configuration of a hundred bytes can ask for a layer of a million million units, which no look at the file's size
finds out.
"""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Iterator
from typing import Any

from hdr.classify.files import LARGEST_BYTES
from hdr.classify.quiet import first_line
from hdr.errors import UnreadableModelError

_LARGEST_RESULT = 1 << 22
"""Numbers that a layer may make of one picture: 64 channels of 224x224 are three quarters of it."""


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
    found: list[UnreadableModelError] = []
    # In a thread of its own, since Keras remembers, thread by thread, the weights that it has yet to make.
    builder = threading.Thread(target=_look, args=(config, where, found), daemon=True)
    builder.start()
    builder.join()
    if found:
        raise found[0]


def _look(config: dict[str, Any], where: str, found: list[UnreadableModelError]) -> None:
    from hdr.classify.keras_backend import require_keras

    keras = require_keras()
    try:
        with keras.StatelessScope(initialize_variables=False):
            model = build(keras, config)
            weights = 4 * int(model.count_params())
            result = max(map(_numbers, _operations(model)), default=0)
    except Exception as error:  # noqa: BLE001  (Keras raises anything for another version's; told in the other thread)
        why = f"Keras {keras.__version__} cannot load {where} ({first_line(error)})."
        found.append(UnreadableModelError(why, hint="Save it again with this version of Keras."))
        return
    if weights > LARGEST_BYTES or result > _LARGEST_RESULT:
        told = f"{where} asks for {weights:,} bytes of weights and {result:,} numbers a picture in one layer."
        found.append(UnreadableModelError(told, hint="It is damaged, was made to do harm, or is no digit classifier."))


def _operations(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from _operations(layer)


def _numbers(layer: Any) -> int:
    """Numbers of a layer's largest result for one picture; a size that depends on the picture counts as one."""
    outputs = layer.output if isinstance(layer.output, (list, tuple)) else [layer.output]
    return max(math.prod(int(n or 1) for n in output.shape[1:]) for output in outputs)
