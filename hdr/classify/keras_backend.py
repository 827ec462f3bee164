"""A `.keras`, `.h5` or `.json` file to a classifier, with Keras. Nothing of it is run: it is looked through first."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.carried import carried_card
from hdr.classify.files import read_model_file
from hdr.classify.function import FunctionClassifier
from hdr.classify.keras_check import check_h5, check_json, check_keras
from hdr.classify.keras_size import build, check_size
from hdr.classify.quiet import first_line, quiet_stderr
from hdr.classify.shapes import ModelFacts, at_once, bare_card, find_kind
from hdr.errors import ModelError, UnreadableModelError, install_hint

_BATCH = 256


def require_keras() -> Any:
    """Import Keras, quietly, or say how to get it.

    Raises
    ------
    ModelError
        Where TensorFlow is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        with quiet_stderr():
            import keras
            import tensorflow as tf

            tf.config.list_physical_devices()
    except ImportError as error:
        raise ModelError(
            f"Training and Keras models need TensorFlow, which is not installed ({error}).",
            hint=install_hint("train"),
        ) from error
    tf.get_logger().setLevel("ERROR")
    return keras


class KerasClassifier(FunctionClassifier):
    """Labels crops with a Keras model.

    Parameters
    ----------
    model
        A loaded model, one picture in, probabilities out.
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
        model: Any,
        card: ModelCard | None = None,
        where: str = "model.keras",
        labels: tuple[str, ...] | None = None,
    ) -> None:
        self.model = model
        self._lock = threading.Lock()
        facts = _facts(model, where)
        kind = find_kind(self._run, where, facts, card, labels)
        super().__init__(self._run, kind, card or bare_card(where, facts.classes, kind, labels))

    def _run(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        most = at_once(batch.shape[1:], _BATCH)
        with self._lock:
            parts = [self.model(batch[i : i + most], training=False) for i in range(0, len(batch), most)]
        return np.concatenate([np.asarray(part, np.float32).reshape(len(part), -1) for part in parts])


def load_keras_classifier(
    path: Path, card: ModelCard | None = None, labels: tuple[str, ...] | None = None
) -> KerasClassifier:
    """Return the classifier of a `.keras`, `.h5` or `.json` file; a card that it carries speaks where none is given.

    Raises
    ------
    UnreadableModelError, UnsafeModelError, ModelMismatchError
        Where it cannot be used.
    ModelError
        Where TensorFlow is not installed.
    """
    model = load_keras_model(path)
    carrier = weights_beside(path) if path.suffix.lower() == ".json" else path
    card = card or carried_card(read_model_file(carrier), carrier.suffix.lower(), str(path))
    return KerasClassifier(model, card, str(path), labels)


def load_keras_model(path: Path) -> Any:
    """Return the Keras model of a `.keras` or `.h5` file, or of a `.json` with its `.weights.h5`, uncompiled.

    What is loaded is a private copy of the very bytes that were looked through.

    Raises
    ------
    UnreadableModelError, UnsafeModelError
        Where it is no model, or carries code.
    ModelError
        Where TensorFlow is not installed.
    """
    require_keras()
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _load_pair(path)
    data = read_model_file(path)
    if suffix != ".keras":
        config = check_h5(data, str(path))
        check_size(config, str(path))
        return _load_weights(config, data, ".h5", path)
    config, data = check_keras(data, str(path))
    check_size(config, str(path))
    with _copied(data, ".keras") as copy, _said(path) as keras:
        return keras.models.load_model(copy, compile=False, safe_mode=True)


def weights_beside(path: Path) -> Path:
    """Return where the weights of an architecture lie: ``mine.json`` goes with ``mine.weights.h5``."""
    return path.with_name(f"{path.stem}.weights.h5")


def _load_pair(path: Path) -> Any:
    beside = weights_beside(path)
    if not beside.is_file():
        raise UnreadableModelError(
            f"{path} is a model's architecture only; its weights are not there.", hint=f"Put them beside it: {beside}."
        )
    weights = read_model_file(beside)
    config = check_json(read_model_file(path), weights, str(path))
    check_size(config, str(path))
    return _load_weights(config, weights, ".weights.h5", path)


def _load_weights(config: dict[str, Any], weights: bytes, suffix: str, path: Path) -> Any:
    with _copied(weights, suffix) as copy, _said(path) as keras:
        model = build(keras, config)
        model.load_weights(copy)
        return model


@contextmanager
def _copied(data: bytes, suffix: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hdr-") as folder:
        copy = Path(folder) / f"model{suffix}"
        copy.write_bytes(data)
        yield copy


@contextmanager
def _said(path: Path) -> Iterator[Any]:
    """Keras, whatever it raises for a file of another version or a damaged one as a sentence."""
    keras = require_keras()
    try:
        yield keras
    except Exception as error:  # Keras raises whatever its layers do
        raise UnreadableModelError(
            f"Keras {keras.__version__} cannot load {path} ({first_line(error)}).",
            hint="Save it again with this version of Keras, or convert it to .tflite.",
        ) from error


def _facts(model: Any, where: str) -> ModelFacts:
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise UnreadableModelError(
            f"{where} has {len(model.inputs)} inputs and {len(model.outputs)} outputs.",
            hint="A classifier has one of each: a picture in, probabilities out.",
        )
    shape = tuple(int(n or 0) for n in model.inputs[0].shape[1:])
    classes = int(np.prod([n or 0 for n in model.outputs[0].shape[1:]]))
    dtype = np.dtype(str(model.inputs[0].dtype))
    return ModelFacts(shape, dtype, classes, largest=255.0 if _rescales(model) else None)


def _rescales(model: Any) -> bool:
    """Whether a layer before the first one with weights makes 0-255 smaller."""
    for layer in model.layers:
        if type(layer).__name__ == "Rescaling":
            return bool(np.max(np.abs(layer.scale)) <= 0.02)
        if type(layer).__name__ == "Normalization":
            return True
        if hasattr(layer, "layers"):
            return _rescales(layer)
        if layer.weights:
            return False
    return False
