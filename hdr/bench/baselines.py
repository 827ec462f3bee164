"""Pages as two common programs read them, written anew from their descriptions, to measure ours against.

Both label with the same model as ours, so that what differs is how digits are found and framed. They know
ten digits and nothing else, as those programs do: a model that can say "none of these" is asked for the likeliest one.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.bench.scoring import PageAnswer
from hdr.classify.card import ModelCard
from hdr.classify.names import DIGITS
from hdr.errors import ModelMismatchError
from hdr.geometry import Box
from hdr.vision.binarize import to_gray

Pixels = NDArray[np.uint8]
Framed = list[tuple[Box, Pixels]]
Finder = Callable[[Pixels], Framed]
"""A page to boxes, each with the 28x28 picture that is shown to the model."""
Predict = Callable[[Pixels], NDArray[np.float32]]
"""Pictures of shape (n, 28, 28, 1) to probabilities of shape (n, labels)."""


def find_by_contours(image: Pixels) -> Framed:
    """Find digits as the tutorial on multiple digits does.

    Otsu, every external contour, its box stretched to 18x18 whatever its shape, 5 pixels of black around.
    """
    mask = _otsu(to_gray(image))
    return [(box, stretched(mask[box.slices])) for box in _contours(mask)]


def stretched(ink: Pixels) -> Pixels:
    """Frame one digit's ink as the tutorial does: 18x18 whatever its shape, 5 pixels of black around."""
    return np.pad(np.asarray(cv2.resize(ink, (18, 18), interpolation=cv2.INTER_LINEAR), np.uint8), 5)


def find_by_closing(image: Pixels) -> Framed:
    """Find digits as the live-detection project does.

    Otsu, a closing of 5x5, contours; boxes within 40 pixels of the border, below 14 pixels or above half the picture
    are dropped; the rest is padded to a square and by a fifth more, and scaled by area.
    """
    mask = _otsu(to_gray(image))
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8)
    height, width = mask.shape
    framed = []
    for box in _contours(mask):
        inside = box.x0 >= 40 and box.y0 >= 40 and box.x1 <= width - 40 and box.y1 <= height - 40
        sized = min(box.width, box.height) >= 14 and box.width <= width / 2 and box.height <= height / 2
        if inside and sized:
            framed.append((box, squared(mask[box.slices])))
    return framed


def squared(ink: Pixels) -> Pixels:
    """Frame one digit's ink as the live-detection project does: in a square a fifth larger on each side, by area."""
    height, width = ink.shape
    side = max(height, width) + 2 * (max(height, width) // 5)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.pad(ink, ((top, side - height - top), (left, side - width - left)))
    return np.asarray(cv2.resize(square, (28, 28), interpolation=cv2.INTER_AREA), np.uint8)


BASELINES: dict[str, Finder] = {"contours": find_by_contours, "closing": find_by_closing}
"""By the name they have in reports."""

FRAMES: dict[str, Callable[[Pixels], Pixels]] = {"contours": stretched, "closing": squared}
"""How each frames a digit that is already cut out."""


def frame_crop(name: str, crop: Pixels) -> Pixels:
    """Return the 28x28 picture that a baseline makes of a crop (white on black): Otsu, cut to the ink, framed."""
    mask = _otsu(255 - crop)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return FRAMES[name](mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def only_digits(predict: Predict, card: ModelCard) -> Predict:
    """Return the same model as one of the ten digits alone, in their order.

    Raises
    ------
    ModelMismatchError
        Where it knows other things than digits, or is not shown 28x28 gray pixels, as the baselines make them.
    """
    if not set(DIGITS) <= set(card.labels) or (card.input_size, card.channels) != (28, 1):
        raise ModelMismatchError(
            f"{card.name} cannot be measured beside the baselines, which know ten digits of 28x28 gray pixels.",
            hint="Measure a model of digits, such as: --model default",
        )
    columns = [card.labels.index(digit) for digit in DIGITS]

    def of_ten(fields: Pixels) -> NDArray[np.float32]:
        probabilities = predict(fields)[:, columns]
        return np.asarray(probabilities / np.maximum(probabilities.sum(axis=1, keepdims=True), 1e-9), np.float32)

    return of_ten


def read_with(finder: Finder, predict: Predict, image: Pixels) -> PageAnswer:
    """Read a page in a baseline's way: one row, in the order that contours come in.

    Parameters
    ----------
    finder
        How it finds and frames digits.
    predict
        The model as one of the ten digits.
    image
        Shape (height, width, 3), ``uint8``.
    """
    framed = finder(image)
    if not framed:
        return PageAnswer("", ())
    probabilities = predict(np.stack([picture for _, picture in framed])[:, :, :, None])
    told = [DIGITS[i] for i in probabilities.argmax(axis=1)]
    boxes = tuple(zip((box for box, _ in framed), told, strict=True))
    return PageAnswer("".join(told), boxes, tuple(map(float, probabilities.max(axis=1))))


def _otsu(gray: Pixels) -> Pixels:
    _, mask = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return np.asarray(mask, np.uint8)


def _contours(mask: Pixels) -> list[Box]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [Box.from_xywh(*map(int, cv2.boundingRect(contour))) for contour in contours]
