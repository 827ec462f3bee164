"""Fonts to ink, and to small pages of printed digits with their truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hdr.bench.generate import Floats, PageStyle, TruePage, blank_sheet

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_ROWS = 2


def printed(character: str, font: Font, stroke_px: int = 0) -> Floats:
    """Return one character, cut to its ink: shape (height, width), 0 to 1; empty for a space.

    Parameters
    ----------
    character
        Which.
    font
        Of a size that 300 pixels hold.
    stroke_px
        By how much it is bolder on each side.
    """
    picture = Image.new("L", (400, 400))
    ImageDraw.Draw(picture).text((50, 50), character, fill=255, font=font, stroke_width=stroke_px)
    box = picture.getbbox()
    cut = np.asarray(picture.crop(box) if box else np.zeros((0, 0)), np.float32)
    return cut / np.float32(255)


def printed_page(path: Path, digit_px: int, rng: np.random.Generator) -> TruePage:
    """Return a page on which a font prints every digit twice.

    Parameters
    ----------
    path
        The font's file.
    digit_px
        About the height of a digit.
    rng
        Decides their order.
    """
    font = ImageFont.truetype(str(path), round(digit_px / 0.7))
    style = PageStyle(ink=(25, 25, 25))
    sheet = blank_sheet((14 * digit_px, 6 * digit_px), style.paper, rng)
    for row in range(_ROWS):
        left, top = 2.0 * digit_px, (1.2 + 2.2 * row) * digit_px
        for digit in rng.permutation(10):
            x0, y0, x1, y1 = font.getbbox(str(digit))
            middle = left + (x0 + x1) / 2, top + (y0 + y1) / 2
            sheet.write(printed(str(digit), font), str(digit), row, middle, style.ink)
            left += font.getlength(str(digit))
    return sheet.page(path.stem, f"{digit_px} px")
