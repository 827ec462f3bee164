"""Crops to what the shipped model sees in them: its last hidden layer, for labels that it may never have heard of.

The shipped model has learned from no captures, whichever model is in use; so what is found with its help is not what it
was taught by the very labels in question.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.classifier import model_input
from hdr.classify.quiet import quiet_stderr
from hdr.classify.store import read_card
from hdr.vision.normalize import Crop
from hdr.workspace import shipped_models

_BATCH = 256


class HiddenLayer:
    """The last hidden layer of a LiteRT model as a function of crops. One thread at a time.

    Parameters
    ----------
    model
        The bytes of a `.tflite` file of ours, which take ``uint8``.
    card
        Its description.
    """

    def __init__(self, model: bytes, card: ModelCard) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        self._card, self._lock = card, threading.Lock()
        with quiet_stderr(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that every tensor is kept is what we want
            self._interpreter: Any = Interpreter(
                model_content=model,
                num_threads=2,
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._tensor: int | None = None

    def __call__(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        """Return the layer's values, shape (crops, units), ``float32``."""
        with self._lock:
            parts = [self._run(crops[start : start + _BATCH]) for start in range(0, len(crops), _BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)

    def _run(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        batch = model_input(crops, self._card)
        self._interpreter.resize_tensor_input(self._input, batch.shape)
        self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(self._input, batch)
        self._interpreter.invoke()
        if self._tensor is None:
            self._tensor = self._find(len(batch))
        return np.array(self._interpreter.get_tensor(self._tensor), np.float32).reshape(len(batch), -1)

    def _find(self, samples: int) -> int:
        """The last tensor with one row of numbers a sample and more of them than there are classes; else the output."""
        output = self._interpreter.get_output_details()[0]["index"]
        found = [
            tensor["index"]
            for tensor in self._interpreter.get_tensor_details()
            if tensor["dtype"] == np.float32
            and len(tensor["shape"]) == 2
            and tensor["shape"][0] == samples
            and tensor["shape"][1] > len(self._card.labels)
        ]
        return int(max(found, default=output))  # in a file, weights come before results


def shipped_hidden_layer() -> HiddenLayer:
    """Return the layer of the model that came with hdr.

    Raises
    ------
    ModelError
        Where its card is damaged.
    """
    folder = shipped_models() / "default"
    return HiddenLayer((folder / "model.tflite").read_bytes(), read_card(folder))
