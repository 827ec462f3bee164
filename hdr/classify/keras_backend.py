"""A `.keras` or `.h5` file to a classifier, with Keras. Nothing of the file is run: it is looked through first."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hdr.classify.card import ModelCard
from hdr.classify.classifier import Prediction, model_input
from hdr.classify.files import read_model_file
from hdr.classify.keras_check import check_h5, check_keras
from hdr.classify.quiet import quiet_stderr
from hdr.classify.shapes import ModelFacts, bare_card, check_shapes, feed, to_probabilities
from hdr.errors import ModelError, UnreadableModelError
from hdr.vision.normalize import Crop

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
            hint='Install it with: pip install "hdr[train]"',
        ) from error
    tf.get_logger().setLevel("ERROR")
    return keras


class KerasClassifier:
    """Labels crops with a Keras model.

    Parameters
    ----------
    model
        A loaded model, one picture in, probabilities out.
    card
        Its description; None looks the shape up and takes ten outputs for the digits.
    where
        Its name, for messages.

    Raises
    ------
    ModelMismatchError
        Where the model and its card do not agree, or the model alone does not tell enough.
    """

    def __init__(self, model: Any, card: ModelCard | None = None, where: str = "model.keras") -> None:
        self._model = model
        self._lock = threading.Lock()
        facts = _facts(model, where)
        self._kind = check_shapes(where, facts, card)
        self.card = card or bare_card(where, facts.classes, self._kind)

    def classify(self, crops: Sequence[Crop]) -> list[Prediction]:
        """Label all crops of a page in one call; an empty list for none."""
        if not crops:
            return []
        batch = feed(model_input(crops, self.card), self._kind)
        with self._lock:
            parts = [self._model(batch[i : i + _BATCH], training=False) for i in range(0, len(batch), _BATCH)]
        outputs = np.concatenate([np.asarray(part, np.float32).reshape(len(part), -1) for part in parts])
        return [Prediction(self.card.labels, row) for row in to_probabilities(outputs)]


def load_keras_classifier(path: Path, card: ModelCard | None = None) -> KerasClassifier:
    """Return the classifier of a `.keras` or `.h5` file.

    Raises
    ------
    UnreadableModelError, UnsafeModelError, ModelMismatchError
        Where it cannot be used.
    ModelError
        Where TensorFlow is not installed.
    """
    return KerasClassifier(load_keras_model(path), card, str(path))


def load_keras_model(path: Path) -> Any:
    """Return the Keras model of a `.keras` or `.h5` file, uncompiled.

    What is loaded is a private copy of the very bytes that were looked through.

    Raises
    ------
    UnreadableModelError, UnsafeModelError
        Where it is no model, or carries code.
    ModelError
        Where TensorFlow is not installed.
    """
    keras = require_keras()
    data = read_model_file(path)
    suffix = ".keras" if path.suffix.lower() == ".keras" else ".h5"
    (check_keras if suffix == ".keras" else check_h5)(data, str(path))
    with tempfile.TemporaryDirectory(prefix="hdr-") as folder:
        copy = Path(folder) / f"model{suffix}"
        copy.write_bytes(data)
        try:
            return keras.models.load_model(copy, compile=False, safe_mode=True)
        except Exception as error:  # Keras raises anything for a file of another version or a damaged one
            raise UnreadableModelError(
                f"Keras {keras.__version__} cannot load {path} ({_first_line(error)}).",
                hint="Save it again with this version of Keras, or convert it to .tflite.",
            ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


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
