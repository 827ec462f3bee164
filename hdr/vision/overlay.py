"""A picture and what was read in it, to a copy with boxes and labels; and the fields of a page, to one sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hdr.geometry import Box


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
    _draw_box(draw, box, band, line)
    font = ImageFont.load_default(max(11, min(round(digit.box.height / 3), 10 + 10 * line)))
    text = f"{digit.label} {digit.confidence:.0%}"
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    height = bottom - top + 4
    y = box.y0 - height if box.y0 >= height else min(box.y1, size[1] - height)
    x = min(box.x0, max(0, size[0] - round(right - left) - 4))
    draw.rectangle((x, y, x + right - left + 4, y + height - 1), fill=band.color)
    draw.text((x + 2 - left, y + 2 - top), text, fill="white", font=font)


def _draw_box(draw: ImageDraw.ImageDraw, box: Box, band: Band, line: int) -> None:
    x0, y0, x1, y1 = box.x0, box.y0, max(box.x0, box.x1 - 1), max(box.y0, box.y1 - 1)
    if not band.dash:
        draw.rectangle((x0, y0, x1, y1), outline=band.color, width=line)
        return
    dash, gap = (part * line for part in band.dash)
    for x in range(x0, x1, dash + gap):
        draw.line((x, y0, min(x + dash, x1), y0), fill=band.color, width=line)
        draw.line((x, y1, min(x + dash, x1), y1), fill=band.color, width=line)
    for y in range(y0, y1, dash + gap):
        draw.line((x0, y, x0, min(y + dash, y1)), fill=band.color, width=line)
        draw.line((x1, y, x1, min(y + dash, y1)), fill=band.color, width=line)


def sheet(fields: Iterable[NDArray[np.uint8]], columns: int = 10, gap_px: int = 2) -> NDArray[np.uint8]:
    """Lay equal gray fields side by side, a dark gray gap between them.

    Parameters
    ----------
    fields
        Each of shape (size, size), ``uint8``.
    columns
        How many in a row at most.
    gap_px
        Between two of them and around all.

    Returns
    -------
    Gray, ``uint8``; one gap by one gap for no field.
    """
    tiles = list(fields)
    side = tiles[0].shape[0] if tiles else 0
    step = side + gap_px
    across = min(columns, len(tiles))
    down = -(-len(tiles) // columns)
    out = np.full((down * step + gap_px, across * step + gap_px), 64, np.uint8)
    for index, tile in enumerate(tiles):
        y, x = gap_px + index // columns * step, gap_px + index % columns * step
        out[y : y + side, x : x + side] = tile
    return out
