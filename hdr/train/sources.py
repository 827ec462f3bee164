"""Where MNIST is: told, named by the environment, or downloaded once by Keras."""

from __future__ import annotations

from pathlib import Path

from hdr.classify.keras_backend import require_keras
from hdr.data.load import MNIST_ENV, told_mnist
from hdr.errors import DatasetError

_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def find_mnist(told: Path | None = None) -> Path:
    """Return MNIST's file: the one told, the one that ``HDR_MNIST`` names, or Keras's own download, checked.

    Raises
    ------
    DatasetError
        Where it must be downloaded and cannot be.
    """
    path = told or told_mnist()
    if path:
        return path
    try:
        return Path(require_keras().utils.get_file("mnist.npz", origin=_URL, file_hash=_SHA256))
    except Exception as error:  # noqa: BLE001  (whatever the network stack raises, the cure is the same)
        raise DatasetError(
            f"MNIST could not be downloaded ({error}).",
            hint=f"Give its file with --data PATH/mnist.npz, or in the environment's {MNIST_ENV}.",
        ) from error
