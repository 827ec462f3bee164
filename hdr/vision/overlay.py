"""A picture and what was read in it, to a copy with boxes and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hdr.geometry import Box

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Band:
    """How boxes of a range of confidence look. Told apart by colour and by pattern, for those who see no colour.

    Parameters
    ----------
    least
        The lowest confidence of the band, 0 to 1.
    color
        RGB, of the palette of Okabe and Ito (2008), which colour-blind people can tell apart.
    dash
        Lengths of dash and gap in units of the line's width; empty for a solid line.
    name
        For a legend.
    """

    least: float
    color: tuple[int, int, int]
    dash: tuple[int, ...]
    name: str


BANDS = (
    Band(0.9, (0, 114, 178), (), "sure"),
    Band(0.6, (213, 94, 0), (6, 3), "unsure"),
    Band(0.0, (204, 121, 167), (2, 2), "guess"),
)
"""From the surest down."""


def band_of(confidence: float) -> Band:
    """Return how a box of this confidence (0 to 1) looks."""
    return next((band for band in BANDS if confidence >= band.least), BANDS[-1])


class Labelled(Protocol):
    """What can be drawn: a digit of a reading, for one."""

    @property
    def box(self) -> Box:
        """Where, in image pixels."""
        ...

    @property
    def label(self) -> str:
        """What it is."""
        ...

    @property
    def confidence(self) -> float:
        """How sure that is, 0 to 1."""
        ...

    @property
    def is_digit(self) -> bool:
        """Whether it is one at all; what is not is not drawn."""
        ...


class HasDigits(Protocol):
    """A reading, as far as drawing it goes."""

    @property
    def digits(self) -> Sequence[Labelled]:
        """What was found."""
        ...


def draw_reading(image: NDArray[np.uint8], reading: HasDigits) -> NDArray[np.uint8]:
    """Draw each digit's box, label and percent on a copy.

    Parameters
    ----------
    image
        Shape (height, width) or (height, width, 3) RGB, ``uint8``. It is left as it is.
    reading
        What was found in it.

    Returns
    -------
    Shape (height, width, 3), ``uint8`` RGB.
    """
    canvas = Image.fromarray(image).convert("RGB")
    draw = ImageDraw.Draw(canvas)
    line = max(1, round(max(canvas.size) / 800))
    for digit in (one for one in reading.digits if one.is_digit):
        _draw_digit(draw, digit, line, canvas.size)
    return np.array(canvas)


def _draw_digit(draw: ImageDraw.ImageDraw, digit: Labelled, line: int, size: tuple[int, int]) -> None:
    band = band_of(digit.confidence)
    box = digit.box.padded(line + 1).clipped(*size)
    draw_outline(draw, box, band, line)
    font = _font(max(11, min(round(digit.box.height / 3), 10 + 10 * line)))
    text = f"{digit.label} {digit.confidence:.0%}"
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    height = bottom - top + 4
    y = box.y0 - height if box.y0 >= height else min(box.y1, size[1] - height)
    x = min(box.x0, max(0, size[0] - round(right - left) - 4))
    draw.rectangle((x, y, x + right - left + 4, y + height - 1), fill=band.color)
    draw.text((x + 2 - left, y + 2 - top), text, fill="white", font=font)


@lru_cache(maxsize=32)
def _font(size: int) -> Font:
    """Loaded once: that takes longer than all that is written with it in a frame."""
    return ImageFont.load_default(size)


def draw_boxes(image: NDArray[np.uint8], boxes: Sequence[tuple[Box, Band, str]]) -> NDArray[np.uint8]:
    """Outline boxes on a copy, and write by each what it is where there is room for it.

    Parameters
    ----------
    image
        Shape (height, width) or (height, width, 3) RGB, ``uint8``.
    boxes
        Each with how it is drawn and its text, which may be empty.

    Returns
    -------
    Shape (height, width, 3), ``uint8`` RGB.
    """
    canvas = Image.fromarray(image).convert("RGB")
    draw, font = ImageDraw.Draw(canvas), _font(13)
    for box, band, text in boxes:
        around = box.padded(2).clipped(*canvas.size)
        draw_outline(draw, around, band, 2)
        if text and draw.textlength(text, font=font) <= box.width + 12:
            y = max(0, around.y0 - 15)
            draw.text((around.x0, y), text, fill=band.color, font=font, stroke_width=2, stroke_fill="white")
    return np.array(canvas)


def draw_outline(draw: ImageDraw.ImageDraw, box: Box, band: Band, line: int) -> None:
    """Draw a box as its band says, with lines of this width in pixels."""
    x0, y0, x1, y1 = box.x0, box.y0, max(box.x0, box.x1 - 1), max(box.y0, box.y1 - 1)
    if not band.dash:
        draw.rectangle((x0, y0, x1, y1), outline=band.color, width=line)
        return
    for start, end in _dashes(x1 - x0, band.dash, line):
        for y in (y0, y1):
            draw.line((x0 + start, y, x0 + end, y), fill=band.color, width=line)
    for start, end in _dashes(y1 - y0, band.dash, line):
        for x in (x0, x1):
            draw.line((x, y0 + start, x, y0 + end), fill=band.color, width=line)


def _dashes(length: int, dash: Sequence[int], line: int) -> list[tuple[int, int]]:
    """Where the dashes of a line of this length begin and end."""
    found: list[tuple[int, int]] = []
    at, part = 0, 0
    while at < length:
        step = dash[part % len(dash)] * line
        if part % 2 == 0:
            found.append((at, min(at + step, length)))
        at, part = at + step, part + 1
    return found
