"""A `.keras` or `.h5` file to a classifier, with Keras. Nothing of the file is run: it is looked through first."""

from __future__ import annotations

import os
from typing import Any

from hdr.errors import ModelError


def require_keras() -> Any:
    """Import Keras, quietly, or say how to get it.

    Raises
    ------
    ModelError
        Where TensorFlow is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        import keras
        import tensorflow as tf
    except ImportError as error:
        raise ModelError(
            f"Training and Keras models need TensorFlow, which is not installed ({error}).",
            hint='Install it with: pip install "hdr[train]"',
        ) from error
    tf.get_logger().setLevel("ERROR")
    return keras
