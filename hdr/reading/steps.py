"""A reading to one picture a stage: gray, ink, what became of every piece of it, the digits, and the model's input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.classifier import model_input
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading, Steps
from hdr.vision.legend import captioned_sheet, with_legend
from hdr.vision.overlay import BANDS, Band, draw_boxes, draw_reading

METHODS = {
    "otsu": "one level for the page (otsu)",
    "flattened": "its light evened out (flattened)",
    "sauvola": "a level for each place (sauvola)",
    "fixed": "at a fixed level",
    "colour": "by its colour",
    "two levels": "at two levels, one for what is faint",
}
"""What made the ink mask, in words."""
DIGIT = Band(0, BANDS[0].color, (), "taken for a digit")
REJECTED = Band(0, (107, 114, 128), (1, 2), "taken for no digit by the model")
DIVIDED = Band(0, (170, 51, 170), (8, 2), "several digits that touch, divided")
_REASONS = ((213, 94, 0), (0, 158, 115), (230, 159, 0), (86, 180, 233), (120, 70, 30))
_PATTERNS = ((4, 2), (2, 2), (6, 2, 1, 2), (1, 1), (3, 1))
_LEAST_PX, _MOST_PX = 1000, 2400
"""The explaining picture is at least and at most about so large, so that what is written on it can be read."""
_FAINT = 176
_LARGE_SHEET = 400


@dataclass(frozen=True)
class StepMark:
    """What became of one piece of ink.

    Parameters
    ----------
    box
        Where, in image pixels.
    style
        How it is drawn; its name is for the legend.
    text
        What is written by it; may be empty.
    """

    box: Box
    style: Band
    text: str = ""


def explain(reading: Reading, steps: Steps) -> list[StepMark]:
    """Say of every piece of ink what became of it: dropped and why, rejected, divided, or taken for a digit.

    The order is that of drawing: what matters most comes last. Each reason has a colour and a pattern of its own.
    """
    counts = Counter(reason for _, reason in steps.dropped)
    styles = {reason: _reason_style(reason, i) for i, (reason, _) in enumerate(counts.most_common())}
    return [
        *(StepMark(box, styles[reason], reason) for box, reason in steps.dropped),
        *(StepMark(digit.box, REJECTED) for digit in reading.digits if not digit.is_digit),
        *(StepMark(digit.box, DIGIT, digit.label) for digit in reading.digits if digit.is_digit),
        *(StepMark(box.padded(2), DIVIDED, f"{count} digits") for box, count in steps.divided),
    ]


def _reason_style(reason: str, index: int) -> Band:
    last = len(_REASONS) - 1
    return Band(0, _REASONS[min(index, last)], _PATTERNS[min(index, last)], f"left out: {reason}")


def legend_of(marks: Sequence[StepMark]) -> list[tuple[Band, int]]:
    """Return each way of drawing that occurs, with how often, in the order of reading: digits first."""
    counts = Counter(mark.style for mark in marks)
    first = [style for style in (DIGIT, DIVIDED, REJECTED) if style in counts]
    return [(style, counts[style]) for style in (*first, *(style for style in counts if style not in first))]


def headline(steps: Steps) -> str:
    """Say how the page was looked at: the ink, the method, the turn."""
    turned = f", turned by {steps.turned_deg:+.0f}°" if round(steps.turned_deg) else ""
    return f"Read as: {steps.polarity} ink, {METHODS.get(steps.method, steps.method)}{turned}"


def step_images(image: NDArray[np.uint8], reading: Reading, card: ModelCard) -> dict[str, NDArray[np.uint8]]:
    """Show how a page was read.

    Parameters
    ----------
    image
        Shape (height, width) or (height, width, 3) RGB, ``uint8``: what was read.
    reading
        What was read, with its steps; without them only the last two stages come back.
    card
        What the model expects; its input size decides the fields.

    Returns
    -------
    In order: ``gray`` and ``ink`` (shape (height, width), the ink black on white), ``sorted`` (what became of every
    piece of ink, scaled to be read, with a legend), ``boxes`` (height, width, 3), ``input`` (a sheet of the fields in
    reading order, exactly as the model saw them but enlarged, each with its label). All ``uint8``.
    """
    stages: dict[str, NDArray[np.uint8]] = {}
    if reading.steps is not None:
        stages["gray"] = reading.steps.gray
        stages["ink"] = np.where(reading.steps.ink, np.uint8(0), np.uint8(255))
        stages["sorted"] = _draw_sorted(reading, reading.steps)
    stages["boxes"] = draw_reading(image, reading)
    fields = model_input([digit.crop for digit in reading.digits], card)[:, :, :, 0]
    captions = [_caption(digit) for digit in reading.digits]
    stages["input"] = captioned_sheet(list(fields), captions, enlarge=2 if len(captions) <= _LARGE_SHEET else 1)
    return stages


def _draw_sorted(reading: Reading, steps: Steps) -> NDArray[np.uint8]:
    marks = explain(reading, steps)
    scale = _scale(max(steps.ink.shape))
    size = tuple(max(1, round(side * scale)) for side in steps.ink.shape[::-1])
    faint = np.where(steps.ink, np.uint8(_FAINT), np.uint8(255))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    page = np.asarray(cv2.resize(faint, size, interpolation=how), np.uint8)
    drawn = draw_boxes(page, [(_scaled(mark.box, scale), mark.style, mark.text) for mark in marks])
    head = [headline(steps), *(f"{problem.what} {problem.cure}" for problem in steps.problems)]
    return with_legend(drawn, head, legend_of(marks))


def _scale(longest_px: int) -> float:
    if longest_px > _MOST_PX:
        return _MOST_PX / longest_px
    return float(max(1, round(_LEAST_PX / longest_px)))


def _scaled(box: Box, scale: float) -> Box:
    return Box(*(round(side * scale) for side in (box.x0, box.y0, box.x1, box.y1)))


def _caption(digit: Digit) -> str:
    return f"{digit.label if digit.is_digit else 'no'} {digit.confidence:.0%}"
