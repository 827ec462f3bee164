"""A drawn picture to one with a headline and a legend; fields to a sheet, each with its caption."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hdr.geometry import Box
from hdr.vision.overlay import Band, draw_outline

_FONT_PX = 16
_LINE_PX = 22
_MARGIN = 10
_LEAST_WIDTH = 620
"""A sheet with a headline is at least so wide."""
_DARK, _PALE = (29, 33, 38), (255, 255, 255)
_SMALL_FONT_PX = 11
_CAPTION_PX = 15
_GAP = 4


def with_legend(
    picture: NDArray[np.uint8], head: Sequence[str], entries: Sequence[tuple[Band, int]]
) -> NDArray[np.uint8]:
    """Put lines of text above a picture, and below it what each kind of box means and how many there are.

    Parameters
    ----------
    picture
        Shape (height, width, 3), ``uint8`` RGB.
    head
        Lines; those too long for the picture are wrapped.
    entries
        How boxes are drawn, with their number.

    Returns
    -------
    At least as wide as the picture, ``uint8`` RGB.
    """
    width = max(picture.shape[1], _LEAST_WIDTH)
    font = ImageFont.load_default(_FONT_PX)
    lines = [part for line in head for part in _wrapped(line, font, width - 2 * _MARGIN)]
    rows = _in_rows(entries, font, width - 2 * _MARGIN)
    above = _LINE_PX * len(lines) + 2 * _MARGIN
    below = _LINE_PX * len(rows) + 2 * _MARGIN
    sheet = Image.new("RGB", (width, above + picture.shape[0] + below), _PALE)
    sheet.paste(Image.fromarray(picture), (0, above))
    draw = ImageDraw.Draw(sheet)
    for index, line in enumerate(lines):
        draw.text((_MARGIN, _MARGIN + index * _LINE_PX), line, fill=_DARK, font=font)
    for y in (above - 1, above + picture.shape[0]):
        draw.line((0, y, width, y), fill=(200, 204, 210))
    for index, row in enumerate(rows):
        y = above + picture.shape[0] + _MARGIN + index * _LINE_PX
        for x, band, text in row:
            draw_outline(draw, Box(x, y + 3, x + 24, y + 19), band, 2)
            draw.text((x + 32, y), text, fill=_DARK, font=font)
    return np.array(sheet)


_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def _wrapped(line: str, font: _Font, width: float) -> list[str]:
    lines = [""]
    for word in line.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _in_rows(entries: Sequence[tuple[Band, int]], font: _Font, width: float) -> list[list[tuple[int, Band, str]]]:
    """The entries with their places, as many in a row as there is room for."""
    rows: list[list[tuple[int, Band, str]]] = []
    x = width
    for band, count in entries:
        text = f"{band.name}: {count}"
        wide = 32 + round(font.getlength(text)) + 28
        if x + wide > width or not rows:
            rows.append([])
            x = _MARGIN
        rows[-1].append((round(x), band, text))
        x += wide
    return rows


def captioned_sheet(
    fields: Sequence[NDArray[np.uint8]], captions: Sequence[str], columns: int = 16, enlarge: int = 2
) -> NDArray[np.uint8]:
    """Lay equal gray fields side by side, each with its caption below.

    Parameters
    ----------
    fields
        Each of shape (size, size), ``uint8``.
    captions
        One each, short.
    columns
        How many in a row at most.
    enlarge
        By how much each pixel is repeated both ways.

    Returns
    -------
    Gray, ``uint8``; one gap by one gap for no field.
    """
    side = fields[0].shape[0] * enlarge if fields else 0
    across = min(columns, len(fields))
    wide = max(side, 46 if enlarge > 1 else 34) + _GAP
    high = side + _CAPTION_PX + _GAP
    down = -(-len(fields) // columns)
    sheet = Image.new("L", (across * wide + _GAP, down * high + _GAP), 64)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_SMALL_FONT_PX if enlarge > 1 else _SMALL_FONT_PX - 2)
    for index, (field, caption) in enumerate(zip(fields, captions, strict=True)):
        x, y = _GAP + index % columns * wide, _GAP + index // columns * high
        sheet.paste(Image.fromarray(np.repeat(np.repeat(field, enlarge, axis=0), enlarge, axis=1)), (x, y))
        draw.text((x, y + side), caption, fill=235, font=font)
    return np.array(sheet)
