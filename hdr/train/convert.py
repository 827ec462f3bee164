"""A Keras model to a LiteRT file, and the proof that both answer alike."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hdr.classify.keras_backend import require_keras
from hdr.classify.quiet import quiet_stderr
from hdr.errors import ModelError
from hdr.train.registry import set_weights

Precision = Literal["float32", "float16", "dynamic", "int8"]
PRECISIONS: tuple[str, ...] = get_args(Precision)


@dataclass(frozen=True)
class Parity:
    """How a converted model's answers differ from the original's.

    Parameters
    ----------
    n
        Samples that both were given.
    largest
        Largest difference of any probability, 0 to 1.
    changed
        Indices of the samples whose label changed.
    """

    n: int
    largest: float
    changed: tuple[int, ...]

    @property
    def share(self) -> float:
        """Share of the labels that changed, 0 to 1."""
        return len(self.changed) / self.n if self.n else 0.0

    def as_score(self) -> dict[str, Any]:
        """As it stands in a model card."""
        return {"n": self.n, "largest_difference": round(self.largest, 6), "changed": list(self.changed)}


def to_tflite(model: Any, precision: Precision = "dynamic", samples: NDArray[np.uint8] | None = None) -> bytes:
    """Convert a Keras model.

    Parameters
    ----------
    model
        With a ``uint8`` or float input of shape (n, ...).
    precision
        ``float32``; ``float16``: weights at half precision; ``dynamic``: weights at 8 bits, activations scaled at run
        time; ``int8``: both at 8 bits, scaled by samples, ``uint8`` in and out: for chips that know nothing else.
    samples
        What the model is used on, in its input's shape. Needed for ``int8``.

    Raises
    ------
    ModelError
        For another precision, ``int8`` without samples, or a model that cannot be converted.
    """
    require_keras()
    import tensorflow as tf

    if precision not in PRECISIONS:
        raise ModelError(f"There is no precision {precision!r}.", hint=f"Use one of {', '.join(PRECISIONS)}.")
    if precision == "int8":
        model = _with_float_input(model)  # else a cast is left at its start that is no 8-bit operation
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if precision == "int8":
        if samples is None or not len(samples):
            raise ModelError("int8 needs samples to scale by.", hint="Give some of the data it will be used on.")
        converter.representative_dataset = lambda: ([sample[None].astype(np.float32)] for sample in samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    try:
        with quiet_stderr(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it asks for statistics that only older converters took
            return bytes(converter.convert())
    except Exception as error:  # the converter raises its own errors, which TensorFlow does not name publicly
        raise ModelError(
            f"The model cannot be converted to LiteRT ({error}).", hint="Use the .keras file with --model."
        ) from error


def _with_float_input(model: Any) -> Any:
    keras = require_keras()
    picture = keras.layers.Input(model.inputs[0].shape[1:], dtype="float32", name="picture")
    same = keras.models.clone_model(model, input_tensors=picture)
    set_weights(same, model.get_weights())
    return same


def compare(before: NDArray[np.floating], after: NDArray[np.floating]) -> Parity:
    """Return how two models' probabilities of shape (samples, classes) differ."""
    changed = np.flatnonzero(before.argmax(axis=1) != after.argmax(axis=1))
    largest = float(np.abs(before - after).max()) if len(before) else 0.0
    return Parity(len(before), largest, tuple(int(index) for index in changed))


def save_model(model: Any, tflite: bytes, folder: Path) -> None:
    """Write `model.keras` and `model.tflite` into a folder that is being published.

    The optimizer's state, twice as large as the model and of no use to a reader, is left out.
    """
    plain = require_keras().Model.from_config(model.get_config())
    set_weights(plain, model.get_weights())
    plain.save(folder / "model.keras")
    (folder / "model.tflite").write_bytes(tflite)
