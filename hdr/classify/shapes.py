"""A model's input and output shapes, and its card if it has one, to how crops are fed to it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
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

_BELOW = 16  # of 255 steps below zero: fewer are what a calibration left over
LARGEST_SIZE = 1024
"""Side of the largest input that is believed, in pixels."""
Run = Callable[[NDArray[Any]], NDArray[np.float32]]
"""A model as a function of samples as it takes them to its outputs, shape (samples, classes)."""
_FEEDS = ((0.0, 1.0), (0.0, 255.0), (-1.0, 1.0), (-0.4242, 2.8215), (1.0, 0.0), (255.0, 0.0))
"""What black and white usually are to a float input; the fourth: MNIST's mean 0.1307 and spread 0.3081 taken out; the
last two: of black ink on white."""
_SURE, _CLEARLY = 0.5, 0.25  # mean probability of what is right, and how much more of it
_READS, _AS_MANY = 0.5, 0.05  # share of the prints that is read right, and what is as good
_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)
_ONE = 1.05  # and what rounding to 8 bits makes of it
_FEW_FROM = 64  # pixels of a side: larger prints are made of one font
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
    black, white = (card.input_black, card.input_max) if card is not None else (0.0, facts.largest or 1.0)
    scale, zero = _scaling(where, facts, black, white)
    return InputKind(facts.shape, size, channels, facts.dtype, scale, zero)


def bare_card(where: str, classes: int, kind: InputKind, labels: tuple[str, ...] | None = None) -> ModelCard:
    """Return the card of a model that came without one: named by its file, labelled as told or by its outputs."""
    black, white = (kind.zero, kind.zero + kind.scale * 255) if kind.dtype.kind == "f" else (0.0, 255.0)
    known = labels or _BARE_LABELS[classes]
    return ModelCard(Path(where).stem, known, kind.size, kind.channels, round(white, 6), input_black=round(black, 6))


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


def _scaling(where: str, facts: ModelFacts, black: float, white: float) -> tuple[float, float]:
    scale, zero = facts.quantization
    if facts.dtype.kind == "f":
        return (white - black) / 255, black
    if facts.dtype in (np.dtype(np.uint8), np.dtype(np.int8)):
        least = float(np.iinfo(facts.dtype).min)
        if not scale or zero - least > _BELOW:  # its own range, of as many steps, is that of a picture
            return 1.0, least
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


def probe_pictures(kind: InputKind, fonts: Sequence[int] = _FONTS[:1]) -> NDArray[np.uint8]:
    """Return the ten digits in plain print, font by font, shape (10 * fonts, size, size, channels), white on black."""
    pictures = np.zeros((10 * len(fonts), kind.size, kind.size, kind.channels), np.uint8)
    for index in range(len(pictures)):
        paper = np.zeros((120, 120), np.uint8)
        cv2.putText(paper, str(index % 10), (30, 95), fonts[index // 10], 3, 255, 8, cv2.LINE_AA)
        pictures[index] = normalize_digit(paper, kind.size)[:, :, None]
    return pictures


def find_kind(
    run: Run, where: str, facts: ModelFacts, card: ModelCard | None, labels: tuple[str, ...] | None
) -> InputKind:
    """Return how to feed a model that may not tell what black and white are to it: then it is asked to read print.

    Parameters
    ----------
    run
        The model, to be asked.
    where, facts, card, labels
        As for `check_shapes`.

    Raises
    ------
    ModelMismatchError
        As `check_shapes` does.
    """
    kind = check_shapes(where, facts, card, labels)
    names = labels or _BARE_LABELS.get(facts.classes, ())
    if card is not None or kind.dtype.kind != "f" or facts.largest or not set(DIGITS) <= set(names):
        return kind
    return _best_read(run, kind, [names.index(digit) for digit in DIGITS])


def _best_read(run: Run, plain: InputKind, truth: list[int]) -> InputKind:
    """The first kind with which print is read as well as with any: too wide a range makes a model sure of anything."""
    pictures = probe_pictures(plain, _FONTS if plain.size < _FEW_FROM else _FONTS[:1])
    wanted = np.array(truth * (len(pictures) // 10))

    def read(kind: InputKind) -> tuple[float, float]:
        odds = to_probabilities(run(feed(pictures, kind)))
        return float(odds[np.arange(len(odds)), wanted].mean()), float((odds.argmax(axis=1) == wanted).mean())

    if read(plain)[0] >= _SURE:
        return plain
    kinds = [dataclasses.replace(plain, scale=(white - black) / 255, zero=black) for black, white in _FEEDS]
    found = [(*read(kind), kind) for kind in kinds]
    most, right, _ = max(found, key=lambda one: one[0])
    if right < _READS:
        return plain  # it reads no print whatever it is fed: what it does read is anybody's guess
    return next(kind for sure, share, kind in found if sure > most - _CLEARLY and share >= right - _AS_MANY)


def to_probabilities(outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities of outputs of shape (n, classes).

    What lies between 0 and 1 is shared out until it adds up to 1, as it does but for rounding, or does not where each
    class was asked for itself; anything else goes through a softmax. Numbers that are not finite become 0, and a row
    without any becomes even odds: a broken model is unsure, not wrong.
    """
    outputs = np.nan_to_num(outputs, nan=0.0, posinf=1e4, neginf=-1e4)
    total = outputs.sum(axis=1, keepdims=True)
    if (outputs >= 0).all() and (outputs <= _ONE).all() and (total > 0).all():
        return np.asarray(outputs / total, np.float32)
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
