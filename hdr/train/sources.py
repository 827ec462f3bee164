"""Where the digits to learn from come from: MNIST's file or its download, the system's fonts, and our own pen."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from hdr.classify.keras_backend import require_keras
from hdr.data.dataset import Dataset
from hdr.data.drawn import draw_digits
from hdr.data.load import MNIST_ENV, told_mnist
from hdr.data.negatives import NAMES, make_negatives
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


_DRAWN = 3600 / 55_000
"""Digits drawn by rule, for each digit that is learned from."""
_NEGATIVES = 15_000 / 55_000
"""Samples of ink that is no digit, likewise."""


def extra_digits(seed: int, digits: Dataset, *, printed: bool = True) -> tuple[Dataset, str]:
    """Return digits of forms that MNIST lacks and ink that is no digit, to be learned beside it; and what, in words.

    Parameters
    ----------
    seed
        Of what is drawn and mixed.
    digits
        What is crossed out, cut up and run together; of the part that is trained on.
    printed
        Whether to render the fonts that the system has; where it has none, nothing is printed.
    """
    drawn = draw_digits(round(_DRAWN * len(digits)), seed).among(NAMES)
    fonts = find_fonts() if printed else []
    negatives = make_negatives(round(_NEGATIVES * len(digits)), seed, fonts, digits.fields())
    # Each a group of its own: a part of every kind is held out.
    groups = np.array([f"{kind}-{index}" for index, kind in enumerate(negatives.groups)], np.str_)
    extra = drawn.merge(dataclasses.replace(negatives, groups=groups))
    words = f"{len(drawn):,} digits drawn by rule, {len(negatives):,} letters, signs and scribbles that are none"
    if not fonts:
        return extra, words
    print_run = render_digits(fonts).among(NAMES)
    return extra.merge(print_run), f"{words}, and {len(print_run):,} printed digits of {len(fonts)} free fonts"
