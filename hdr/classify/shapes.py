"""A model's input and output shapes, and its card if it has one, to how crops are fed to it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.errors import ModelMismatchError
from hdr.vision.normalize import normalize_digit

LARGEST_SIZE = 1024
"""Side of the largest input that is believed, in pixels."""
Run = Callable[[NDArray[Any]], NDArray[np.float32]]
"""A model as a function of samples as it takes them to its outputs, shape (samples, classes)."""
_BARE_LABELS = {len(labels): labels for labels in (DIGITS, (*DIGITS, NOT_A_DIGIT))}


_NUMBERS_AT_ONCE = 2_000_000
"""Of an input: what a model's first layers make of it is a hundred times as much, and a gigabyte is enough."""


def at_once(shape: tuple[int, ...], most: int) -> int:
    """Return how many samples of a shape are given to a model together: as many of 28 pixels as asked, fewer of large.

    Parameters
    ----------
    shape
        Of one sample.
    most
        However small they are.
    """
    return min(most, max(8, _NUMBERS_AT_ONCE // max(1, math.prod(shape))))


@dataclass(frozen=True)
class InputKind:
    """How a batch of pictures is handed to a model.

    Parameters
    ----------
    shape
        Of one sample: (size, size, channels), (channels, size, size), (size, size) or (size * size,).
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

    @property
    def channels_first(self) -> bool:
        """Whether a sample is (channels, size, size), as PyTorch has it."""
        return len(self.shape) == 3 and self.shape[0] != self.shape[1]


@dataclass(frozen=True)
class ModelFacts:
    """What a model file itself says.

    Parameters
    ----------
    shape
        Of one sample.
    dtype
        What a sample is made of.
    classes
        Number of outputs.
    quantization
        ``(scale, zero)`` of an 8-bit input, ``value = scale * (number - zero)``; (0, 0) for any other.
    largest
        What white is to its float input, where the file tells; None where it does not.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    classes: int
    quantization: tuple[float, int] = (0.0, 0)
    largest: float | None = None


def check_shapes(
    where: str, facts: ModelFacts, card: ModelCard | None, labels: tuple[str, ...] | None = None
) -> InputKind:
    """Return how to feed a model, or say why it cannot be fed.

    Parameters
    ----------
    where
        The file's name, for messages.
    facts
        What the file says.
    card
        What the file is said to be; None where nobody says. A float input is then taken to want 0 to 1, unless the
        file tells otherwise.
    labels
        What a person says that its outputs stand for, where no card does.

    Raises
    ------
    ModelMismatchError
        Where the card says otherwise, or the shape alone does not tell enough.
    """
    size, channels = _picture(where, facts.shape)
    if card is not None:
        _agree(where, "input size", size, card.input_size)
        _agree(where, "number of channels", channels, card.channels)
        _agree(where, "number of outputs", facts.classes, len(card.labels))
    elif labels is not None:
        _agree(where, "number of outputs", facts.classes, len(labels), "the labels given")
    elif facts.classes not in _BARE_LABELS:
        raise ModelMismatchError(
            f"{where} has {facts.classes} outputs, and no card says what they stand for.",
            hint="Name them in their order: --labels a,b,c. Without labels a model must have 10 outputs, one a digit, "
            "or 11, the last for what is none.",
        )
    largest = card.input_max if card is not None else facts.largest or 1.0
    scale, zero = _scaling(where, facts, largest)
    return InputKind(facts.shape, size, channels, facts.dtype, scale, zero)


def bare_card(where: str, classes: int, kind: InputKind, labels: tuple[str, ...] | None = None) -> ModelCard:
    """Return the card of a model that came without one: named by its file, labelled as told or by its outputs."""
    white = round(kind.scale * 255, 6) if kind.dtype.kind == "f" else 255.0
    return ModelCard(Path(where).stem, labels or _BARE_LABELS[classes], kind.size, kind.channels, white)


def _agree(where: str, what: str, found: int, told: int, who: str = "its card") -> None:
    if found != told:
        one = "says" if who == "its card" else "say"
        raise ModelMismatchError(
            f"{where} has the {what} {found}; {who} {one} {told}.",
            hint="Put together what was made together, or train again.",
        )


def _picture(where: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """(size, channels) of a sample's shape: NxNx1, NxNx3, 1xNxN, 3xNxN, NxN, or a flat square number."""
    side = math.isqrt(max(shape[0], 0)) if len(shape) == 1 else 0
    if len(shape) == 1 and side * side == shape[0] and 1 <= side <= LARGEST_SIZE:
        return side, 1
    square = len(shape) in (2, 3) and shape[0] == shape[1] and 1 <= shape[0] <= LARGEST_SIZE
    if square and (len(shape) == 2 or shape[2] in (1, 3)):
        return shape[0], shape[2] if len(shape) == 3 else 1
    if len(shape) == 3 and shape[0] in (1, 3) and shape[1] == shape[2] and 1 <= shape[1] <= LARGEST_SIZE:
        return shape[1], shape[0]
    raise ModelMismatchError(
        f"{where} takes samples of shape {shape}.",
        hint="A classifier of digits takes a square picture: 28x28, 28x28x1, 28x28x3 or 784 numbers.",
    )


def _scaling(where: str, facts: ModelFacts, largest: float) -> tuple[float, float]:
    scale, zero = facts.quantization
    if facts.dtype.kind == "f":
        return largest / 255, 0.0
    if facts.dtype in (np.dtype(np.uint8), np.dtype(np.int8)):
        if not scale:
            return 1.0, 0.0 if facts.dtype == np.uint8 else -128.0
        # It stands for real numbers; its own range, 255 steps of its scale, tells whether those end at 1 or at 255.
        real = 255.0 if scale * 255 > 16 else 1.0
        return real / 255 / scale, float(zero)
    raise ModelMismatchError(
        f"{where} takes numbers of type {facts.dtype}.", hint="Convert it with an input of uint8, int8 or float32."
    )


def feed(pictures: NDArray[np.uint8], kind: InputKind) -> NDArray[Any]:
    """Return pictures of shape (n, size, size, channels), white on black, as the model takes them."""
    ordered = pictures.transpose(0, 3, 1, 2) if kind.channels_first else pictures
    batch = ordered.reshape(len(pictures), *kind.shape)
    if kind.dtype == np.uint8 and kind.scale == 1 and kind.zero == 0:
        return batch
    numbers = batch.astype(np.float32) * np.float32(kind.scale) + np.float32(kind.zero)
    if kind.dtype.kind == "f":
        return numbers.astype(kind.dtype)
    limits = np.iinfo(kind.dtype)
    return np.clip(np.round(numbers), limits.min, limits.max).astype(kind.dtype)


def probe_pictures(kind: InputKind) -> NDArray[np.uint8]:
    """Return the ten digits in plain print, shape (10, size, size, channels), ``uint8``, white on black."""
    pictures = np.zeros((10, kind.size, kind.size, kind.channels), np.uint8)
    for digit in range(10):
        paper = np.zeros((120, 120), np.uint8)
        cv2.putText(paper, str(digit), (30, 95), cv2.FONT_HERSHEY_SIMPLEX, 3, 255, 8, cv2.LINE_AA)
        pictures[digit] = normalize_digit(paper, kind.size)[:, :, None]
    return pictures


def find_kind(
    run: Run,
    where: str,
    facts: ModelFacts,
    card: ModelCard | None,
    labels: tuple[str, ...] | None,
    *,
    rescales: bool = False,
) -> InputKind:
    """Return how to feed a model that may not tell what white is to it: 1, or 255 where it rescales by itself.

    Parameters
    ----------
    run
        The model, to be asked.
    where, facts, card, labels
        As for `check_shapes`.
    rescales
        Whether its file shows that it rescales.

    Raises
    ------
    ModelMismatchError
        As `check_shapes` does.
    """
    kind = check_shapes(where, facts, card, labels)
    if card is not None or kind.dtype.kind != "f":
        return kind
    wide = dataclasses.replace(kind, scale=1.0)
    return wide if rescales or _reads_better(run, wide, kind) else kind


def _reads_better(run: Run, one: InputKind, other: InputKind) -> bool:
    """Whether plain printed digits are clearly read better when fed one way: a rescaling may hide in the weights."""
    pictures, truth = probe_pictures(one), np.arange(10)
    right = [int((run(feed(pictures, kind)).argmax(axis=1) == truth).sum()) for kind in (one, other)]
    return right[0] >= right[1] + 4


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
