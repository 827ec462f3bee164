"""A LiteRT (`.tflite`) file to a classifier: one batched call a page, without TensorFlow."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.function import FunctionClassifier
from hdr.classify.quiet import quiet_stderr
from hdr.classify.shapes import ModelFacts, at_once, bare_card, find_kind
from hdr.classify.tflite_check import check_tflite, rescales
from hdr.errors import UnreadableModelError

_BATCH = 256
"""Crops in one call; more are taken in turns, so that 2,000 specks cannot fill the memory."""


class TFLiteModel:
    """A `.tflite` file's bytes, checked, as a function from a batch to the model's outputs.

    It may be called from any thread, by one at a time: LiteRT's interpreter keeps the state of a call.

    Parameters
    ----------
    model
        The file's bytes.
    where
        Its name, for messages.
    threads
        None takes the processors, 4 at most: more gain nothing on models of this size.
    most
        Samples in one call, where it was tried how many are too many.

    Raises
    ------
    UnreadableModelError
        Where the bytes are no whole model, or one that LiteRT cannot run.
    """

    def __init__(
        self, model: bytes, where: str = "model.tflite", threads: int | None = None, most: int | None = None
    ) -> None:
        from ai_edge_litert.interpreter import Interpreter

        check_tflite(model, where)
        self._where, self._bytes = where, model
        self._lock = threading.Lock()
        try:
            with quiet_stderr():
                self._interpreter = Interpreter(model_content=model, num_threads=threads or _threads())
                inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, TypeError) as error:
            raise self._unreadable(error) from error
        if len(inputs) != 1 or len(outputs) != 1 or not len(inputs[0]["shape"]) or not len(outputs[0]["shape"]):
            raise UnreadableModelError(
                f"{where} has {len(inputs)} inputs and {len(outputs)} outputs.",
                hint="A classifier has one of each: a batch of pictures in, probabilities out.",
            )
        self._input, self._output = inputs[0], outputs[0]
        self._size: tuple[int, ...] = tuple(int(n) for n in inputs[0]["shape"])
        self._batch = at_once(self.input_shape, most or _BATCH)
        self._proven = False

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample, without the batch."""
        return tuple(int(n) for n in self._input["shape"][1:])

    @property
    def input_dtype(self) -> np.dtype[Any]:
        """What a sample is made of."""
        dtype: np.dtype[Any] = np.dtype(self._input["dtype"])
        return dtype

    @property
    def classes(self) -> int:
        """Probabilities of one sample."""
        return int(np.prod(self._output["shape"][1:]))

    @property
    def input_scale(self) -> tuple[float, int]:
        """``(scale, zero)`` of a quantised input, ``value = scale * (number - zero)``; (0, 0) for any other."""
        scale, zero = self._input["quantization"]
        return float(scale), int(zero)

    @property
    def rescales(self) -> bool:
        """Whether it takes floats of 0 to 255 and makes them smaller itself."""
        return self.input_dtype.kind == "f" and rescales(self._bytes)

    def __call__(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Return the outputs, shape (samples, classes), ``float32``, of samples of the input's shape and dtype."""
        with self._lock:
            if len(batch) > 1 and self._batch > 1 and not self._grows(batch[:2]):
                self._batch = 1
            try:
                parts = [self._run(batch[i : i + self._batch]) for i in range(0, len(batch), self._batch)]
            except (ValueError, RuntimeError) as error:
                raise self._unreadable(error) from error
        return np.concatenate(parts) if parts else np.zeros((0, self.classes), np.float32)

    def _grows(self, pair: NDArray[Any]) -> bool:
        """Whether the model takes more than one sample at a time; one that was fixed to one reshapes wrongly."""
        if self._proven:
            return True
        try:
            self._run(pair)
        except (ValueError, RuntimeError):
            return False
        self._proven = True
        return True

    def _run(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        index = self._input["index"]
        if self._size != batch.shape:
            self._size = ()
            self._interpreter.resize_tensor_input(index, batch.shape)
            self._interpreter.allocate_tensors()
            self._size = batch.shape
        self._interpreter.set_tensor(index, batch)
        self._interpreter.invoke()
        output = np.array(self._interpreter.get_tensor(self._output["index"]))
        if output.size != len(batch) * self.classes:
            raise ValueError(f"{len(batch)} samples gave outputs of shape {output.shape}")
        return self._real(output).reshape(len(batch), -1)

    def _real(self, output: NDArray[Any]) -> NDArray[np.float32]:
        scale, zero = self._output["quantization"]
        if output.dtype.kind in "iu" and scale:
            return np.asarray((output.astype(np.float32) - zero) * scale, np.float32)
        return output.astype(np.float32)

    def _unreadable(self, error: Exception) -> UnreadableModelError:
        return UnreadableModelError(
            f"LiteRT cannot run {self._where} ({error}).",
            hint="Convert the model to .tflite again, with built-in operations only.",
        )


class LiteRTClassifier(FunctionClassifier):
    """Labels crops with a LiteRT model.

    Parameters
    ----------
    model
        Its function.
    card
        Its description; None looks the shape up and takes ten outputs for the digits.
    where
        Its name, for messages.
    labels
        What its outputs stand for, where no card tells.

    Raises
    ------
    ModelMismatchError
        Where the model and its card do not agree, or the model alone does not tell enough.
    """

    def __init__(
        self,
        model: TFLiteModel,
        card: ModelCard | None = None,
        where: str = "model.tflite",
        labels: tuple[str, ...] | None = None,
    ) -> None:
        white = 255.0 if card is None and model.rescales else None
        facts = ModelFacts(model.input_shape, model.input_dtype, model.classes, model.input_scale, white)
        kind = find_kind(model, where, facts, card, labels)
        super().__init__(model, kind, card or bare_card(where, model.classes, kind, labels))


def run_tflite(model: bytes, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what a model of ours makes of pictures of shape (n, size, size, channels), ``uint8``: (n, classes)."""
    return TFLiteModel(model)(pictures)


def _threads() -> int:
    return max(1, min(4, os.cpu_count() or 1))
