"""Where the digits to learn from come from: MNIST's file or its download, the system's fonts, and our own pen."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hdr.classify.keras_backend import require_keras
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.data.load import MNIST_ENV, told_mnist
from hdr.data.printed import find_fonts, render_digits
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
    keras = require_keras()
    try:
        return Path(keras.utils.get_file("mnist.npz", origin=_URL, file_hash=_SHA256))
    except Exception as error:  # what Keras raises for a failed download is a bare Exception
        raise DatasetError(
            f"MNIST could not be downloaded ({error}).",
            hint=f"Give its file with --data PATH/mnist.npz, or in the environment's {MNIST_ENV}.",
        ) from error


_PRINTED = 2600
_DRAWN = 3600


def extra_digits(seed: int, *, printed: bool = True) -> tuple[Dataset, str]:
    """Return digits of forms that MNIST lacks, to be trained on beside it, and what they are in words.

    Parameters
    ----------
    seed
        Of the drawn ones.
    printed
        Whether to render the fonts that the system has; where it has none, there are only the drawn ones.
    """
    drawn = draw_digits(_DRAWN, seed)
    words = f"{len(drawn):,} digits drawn by rule"
    fonts = find_fonts() if printed else []
    if not fonts:
        return drawn, words
    once = render_digits(fonts)
    print_run = once.take(np.tile(np.arange(len(once)), max(1, round(_PRINTED / len(once)))))
    return drawn.merge(print_run), f"{words} and {len(print_run):,} printed ones from {len(fonts)} free fonts"
