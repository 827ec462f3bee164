"""An `.onnx` file to a classifier: ONNX Runtime, one batched call a page."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.function import FunctionClassifier
from hdr.classify.onnx_check import check_onnx
from hdr.classify.quiet import first_line, quiet_stderr
from hdr.classify.shapes import ModelFacts, at_once, bare_card, find_kind
from hdr.errors import UnreadableModelError

_BATCH = 256
_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(int64)": np.int64,
}


class ONNXModel:
    """An `.onnx` file's bytes, checked, as a function from a batch to the model's outputs. Any thread may call it.

    Parameters
    ----------
    model
        The file's bytes.
    where
        Its name, for messages.
    threads
        None takes the processors, 4 at most.
    most
        Samples in one call, where it was tried how many are too many.

    Raises
    ------
    ModelError
        Where ONNX Runtime is not installed.
    UnreadableModelError, UnsafeModelError
        Where the bytes are no whole model, or one that cannot or must not be run.
    """

    def __init__(
        self, model: bytes, where: str = "model.onnx", threads: int | None = None, most: int | None = None
    ) -> None:
        check_onnx(model, where)
        self._where = where
        self._session = _session(model, where, threads or max(1, min(4, os.cpu_count() or 1)))
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1 or not inputs[0].shape:
            raise UnreadableModelError(
                f"{where} has {len(inputs)} inputs and {len(outputs)} outputs.",
                hint="A classifier has one of each: a batch of pictures in, probabilities out.",
            )
        self._name = inputs[0].name
        self.input_shape = tuple(_number(n) for n in inputs[0].shape[1:])
        self.input_dtype: np.dtype[Any] = np.dtype(_DTYPES.get(inputs[0].type, np.object_))
        self._batch = _number(inputs[0].shape[0]) or at_once(self.input_shape, most or _BATCH)
        self._fixed = _number(inputs[0].shape[0]) > 0
        self.classes = 0 if self.input_dtype.hasobject or 0 in self.input_shape else self._count()

    def __call__(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Return the outputs, shape (samples, classes), ``float32``, of samples of the input's shape and dtype."""
        parts = [self._run(batch[i : i + self._batch]) for i in range(0, len(batch), self._batch)]
        return np.concatenate(parts) if parts else np.zeros((0, self.classes), np.float32)

    def _count(self) -> int:
        """Numbers of one sample's output, found by asking: what a file says of its output need not be so."""
        return int(self._run(np.zeros((1, *self.input_shape), self.input_dtype)).shape[1])

    def _run(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        samples = len(batch)
        if self._fixed and samples < self._batch:  # filled up to the number that the file was made for
            batch = np.concatenate([batch, np.zeros((self._batch - samples, *batch.shape[1:]), batch.dtype)])
        try:
            with quiet_stderr():
                output = np.asarray(self._session.run(None, {self._name: batch})[0])
            return np.asarray(output.reshape(len(batch), -1)[:samples], np.float32)
        except Exception as error:  # ONNX Runtime's own errors, which it does not name publicly
            raise _unreadable(self._where, error) from error


class ONNXClassifier(FunctionClassifier):
    """Labels crops with an ONNX model.

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
        model: ONNXModel,
        card: ModelCard | None = None,
        where: str = "model.onnx",
        labels: tuple[str, ...] | None = None,
    ) -> None:
        facts = ModelFacts(model.input_shape, model.input_dtype, model.classes)
        kind = find_kind(model, where, facts, card, labels)
        super().__init__(model, kind, card or bare_card(where, model.classes, kind, labels))


def _session(model: bytes, where: str, threads: int) -> Any:
    import onnxruntime  # type: ignore[import, unused-ignore]  # an extra, without types

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")  # which is what was looked through
    try:
        with quiet_stderr():
            return onnxruntime.InferenceSession(
                model,
                options,
                providers=["CPUExecutionProvider"],
                enable_fallback=0,  # it would print and try the same once more
                read_config_from_model=0,  # how it is run is for us to say, not for the file
            )
    except Exception as error:  # ONNX Runtime's own errors, which it does not name publicly
        raise _unreadable(where, error) from error


def _number(told: Any) -> int:
    """A side that a file leaves open is a name or nothing."""
    return told if isinstance(told, int) and told > 0 else 0


def _unreadable(where: str, error: Exception) -> UnreadableModelError:
    return UnreadableModelError(
        f"ONNX Runtime cannot run {where} ({first_line(error)}).",
        hint="Export the model again, or convert it to .tflite.",
    )
