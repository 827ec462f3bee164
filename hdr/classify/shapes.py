"""A model's input and output shapes, and its card if it has one, to how crops are fed to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import DIGITS, ModelCard
from hdr.errors import ModelMismatchError

LARGEST_SIZE = 1024
"""Side of the largest input that is believed, in pixels."""


@dataclass(frozen=True)
class InputKind:
    """How a batch of pictures is handed to a model.

    Parameters
    ----------
    shape
        Of one sample: (size, size, channels), (size, size) or (size * size,).
    size
        Side of the square picture in pixels.
    channels
        1 or 3.
    dtype
        What a sample is made of.
    scale, zero
        The model takes ``picture * scale + zero``, rounded where it takes whole numbers.
    """

    shape: tuple[int, ...]
    size: int
    channels: int
    dtype: np.dtype[Any]
    scale: float = 1.0
    zero: float = 0.0


def check_shapes(  # noqa: PLR0913  (each is a fact of the file)
    where: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    classes: int,
    card: ModelCard | None,
    quantization: tuple[float, int] = (0.0, 0),
    *,
    rescales: bool = False,
    any_labels: bool = False,
) -> InputKind:
    """Return how to feed a model, or say why it cannot be fed.

    Parameters
    ----------
    where
        The file's name, for messages.
    shape, dtype, classes
        The file's own: one sample's shape, its type, and the number of outputs.
    card
        What the file is said to be; None where nobody says.
    quantization
        ``(scale, zero)`` of an 8-bit input; (0, 0) for any other.
    rescales
        Whether the model is known to take 0-255 and to rescale it itself.
    any_labels
        Whether outputs other than ten are fine without a card.

    Raises
    ------
    ModelMismatchError
        Where the card says otherwise, or the shape alone does not tell enough.
    """
    size, channels = _picture(where, shape)
    if card is None:
        if classes != len(DIGITS) and not any_labels:
            raise ModelMismatchError(
                f"{where} has {classes} outputs, and no card says what they stand for.",
                hint=f"A model without a card must have {len(DIGITS)} outputs, one a digit. Put a card.json beside it.",
            )
    else:
        _agree(where, "input size", size, card.input_size)
        _agree(where, "number of channels", channels, card.channels)
        _agree(where, "number of outputs", classes, len(card.labels))
    scale, zero = _scaling(where, dtype, quantization, 255.0 if rescales else _range(card))
    return InputKind(shape, size, channels, dtype, scale, zero)


def _agree(where: str, what: str, found: int, told: int) -> None:
    if found != told:
        raise ModelMismatchError(
            f"{where} has the {what} {found}; its card says {told}.",
            hint="Put the model and the card together that were made together, or train again.",
        )


def _picture(where: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """(size, channels) of a sample's shape: NxNx1, NxNx3, NxN, or a flat square number."""
    side = math.isqrt(max(shape[0], 0)) if len(shape) == 1 else 0
    if len(shape) == 1 and side * side == shape[0] and 1 <= side <= LARGEST_SIZE:
        return side, 1
    square = len(shape) in (2, 3) and shape[0] == shape[1] and 1 <= shape[0] <= LARGEST_SIZE
    if square and (len(shape) == 2 or shape[2] in (1, 3)):
        return shape[0], shape[2] if len(shape) == 3 else 1
    raise ModelMismatchError(
        f"{where} takes samples of shape {shape}.",
        hint="A classifier of digits takes a square picture: 28x28, 28x28x1, 28x28x3 or 784 numbers.",
    )


def _range(card: ModelCard | None) -> float:
    """The largest number that a float input takes. Our own models rescale themselves; others mostly want 0 to 1."""
    return float(card.input_max) if card is not None else 1.0


def _scaling(where: str, dtype: np.dtype[Any], quantization: tuple[float, int], largest: float) -> tuple[float, float]:
    scale, zero = quantization
    if dtype == np.uint8 and (not scale or scale == 1):
        return 1.0, 0.0
    if dtype in (np.dtype(np.uint8), np.dtype(np.int8)) and scale:
        # A quantised input stands for real numbers, of the range that a float input would have had.
        real = 255.0 if scale * 255 > 2 else largest
        return real / 255 / scale, float(zero)
    if dtype.kind == "f":
        return largest / 255, 0.0
    raise ModelMismatchError(
        f"{where} takes numbers of type {dtype}.", hint="Convert it with an input of uint8, int8 or float32."
    )


def feed(pictures: NDArray[np.uint8], kind: InputKind) -> NDArray[Any]:
    """Return pictures of shape (n, size, size, channels), white on black, as the model takes them."""
    batch = pictures.reshape(len(pictures), *kind.shape)
    if kind.dtype == np.uint8 and kind.scale == 1 and kind.zero == 0:
        return batch
    numbers = batch.astype(np.float32) * np.float32(kind.scale) + np.float32(kind.zero)
    if kind.dtype.kind == "f":
        return numbers.astype(kind.dtype)
    limits = np.iinfo(kind.dtype)
    return np.clip(np.round(numbers), limits.min, limits.max).astype(kind.dtype)


def to_probabilities(outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities of outputs of shape (n, classes): as they are, or through a softmax where they are none.

    Numbers that are not finite become 0, and a row without any becomes even odds: a broken model is unsure, not wrong.
    """
    outputs = np.nan_to_num(outputs, nan=0.0, posinf=1e4, neginf=-1e4)
    total = outputs.sum(axis=1, keepdims=True)
    if (outputs >= 0).all() and (np.abs(total - 1) < 0.05).all():
        return np.asarray(outputs / total, np.float32)
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
