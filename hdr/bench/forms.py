"""Digits to forms: rows of cells, a sudoku, number plates, and writing with letters and signs in between.

Each takes what is written with, a strength from 0 (easy) to 1 (hard for a person), and what decides by chance.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import ImageFont

from hdr.bench.generate import Digits, Floats, PageStyle, Sheet, blank_sheet, glyph
from hdr.bench.lights import Rng
from hdr.bench.printing import printed

Form = Callable[[Digits, float, Rng], Sheet]
_PLAIN = PageStyle()


def _draw_lines(sheet: Sheet, lines: list[tuple[int, int, int, int]], width_px: int, gray: float) -> None:
    """Darken the sheet along lines (x0, y0, x1, y1), in place."""
    cover = np.zeros(sheet.pixels.shape[:2], np.float32)
    for x0, y0, x1, y1 in lines:
        cv2.line(cover, (x0, y0), (x1, y1), 1.0, width_px)
    np.minimum(sheet.pixels, 255 - (255 - gray) * cover[:, :, None], out=sheet.pixels)


def _pick(digits: Digits, rng: Rng, height_px: float) -> tuple[Floats, str]:
    index = int(rng.integers(len(digits[0])))
    return glyph(digits[0][index], height_px), digits[1][index]


def _cells(digits: Digits, strength: float, rng: Rng) -> Sheet:
    """Forms with a cell a digit: the stronger, the darker the lines and the more digits touch them."""
    sheet = blank_sheet(_PLAIN.size, _PLAIN.paper, rng)
    side, top, left = 76, 60, 60
    for row in range(5):
        y0 = top + row * 125
        many = int(rng.integers(6, 12))
        lines = [(left, y, left + many * side, y) for y in (y0, y0 + side)]
        lines += [(left + i * side, y0, left + i * side, y0 + side) for i in range(many + 1)]
        _draw_lines(sheet, lines, 2, 190 - 150 * strength)
        for i in range(many):
            off = rng.uniform(-0.3, 0.3, 2) * side * strength
            place = left + (i + 0.5) * side + off[0], y0 + side / 2 + off[1]
            sheet.write(*_pick(digits, rng, 46 + 14 * strength), row, place, _PLAIN.ink)
    return sheet


def _sudoku(digits: Digits, strength: float, rng: Rng) -> Sheet:
    """A sudoku with a third of its cells filled in: the stronger, the larger its digits and the darker its lines."""
    sheet = blank_sheet((760, 760), _PLAIN.paper, rng)
    cell, first = 76, 38
    ends = first, first + 9 * cell
    for every, width in ((1, 1 + round(2 * strength)), (3, 3 + round(4 * strength))):
        at = [first + i * cell for i in range(0, 10, every)]
        lines = [(x, ends[0], x, ends[1]) for x in at] + [(ends[0], y, ends[1], y) for y in at]
        _draw_lines(sheet, lines, width, 120 - 110 * strength)
    for index in np.sort(rng.choice(81, 30, replace=False)):
        row, column = divmod(int(index), 9)
        off = rng.uniform(-0.12, 0.12, 2) * cell * strength
        place = first + (column + 0.5) * cell + off[0], first + (row + 0.5) * cell + off[1]
        sheet.write(*_pick(digits, rng, cell * (0.5 + 0.28 * strength)), row, place, _PLAIN.ink)
    return sheet


_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_PATTERNS = ("LL000LL", "L0000", "LLL 000", "00LLL0", "LL 0000", "000 LLL")


def _plates(_: Digits, strength: float, rng: Rng) -> Sheet:
    """Number plates on cars: the stronger, the smaller they are, the more askew and the more like the car behind."""
    sheet = blank_sheet(_PLAIN.size, (128, 128, 128), rng)
    sheet.pixels[:] *= rng.uniform(0.3, 1.6, 3).astype(np.float32)
    slot = _PLAIN.size[1] / 3
    for row in range(3):
        height = round(120 - 70 * strength)
        y = round(slot * (row + 0.5) - height / 2)
        _plate(sheet, row, (round(rng.uniform(60, 250)), y, height), strength, rng)
    return sheet


def _plate(sheet: Sheet, row: int, place: tuple[int, int, int], strength: float, rng: Rng) -> None:
    x, y, height = place
    text = "".join(_character(one, rng) for one in _PATTERNS[int(rng.integers(len(_PATTERNS)))])
    ground = np.array([(245, 245, 240), (245, 200, 40)][int(rng.integers(2))], np.float32) * (1 - 0.3 * strength)
    font = ImageFont.load_default(0.85 * height)
    width = round(font.getlength(text) * 1.12 + 0.7 * height)
    part = sheet.pixels[y : y + height, x : x + width]
    part[:] = ground
    cv2.rectangle(part, (3, 3), (part.shape[1] - 4, part.shape[0] - 4), (20, 20, 20), 2)
    if rng.random() < 0.5:  # the blue field of European plates
        part[4:-4, 4 : round(0.3 * height)] = (20, 50, 150)
    left = x + 0.45 * height
    for one in text:
        wide = font.getlength(one)
        ink = printed(one, font, 2)
        middle = left + wide / 2, y + height / 2
        if one.isdecimal():
            sheet.write(ink, one, row, middle, (25, 25, 30))
        elif ink.size:
            sheet.put(ink, *middle, (25, 25, 30))
        left += 1.12 * wide


def _character(kind: str, rng: Rng) -> str:
    if kind == " ":
        return kind
    return _LETTERS[int(rng.integers(len(_LETTERS)))] if kind == "L" else str(int(rng.integers(10)))


_STRANGE = ("hand letter", "hand sign", "scribble", "crossing")


def _signs(digits: Digits, strength: float, rng: Rng) -> Sheet:
    """Rows in which letters, signs, scribbles and crossed-out digits stand between the digits."""
    from hdr.data.negatives import make_negatives

    strangers = make_negatives(40, int(rng.integers(1 << 30)), digits=digits[0], kinds=_STRANGE)
    fields, kinds = strangers.fields(), strangers.groups
    sheet = blank_sheet(_PLAIN.size, _PLAIN.paper, rng)
    for place in range(5 * 11):
        row, column = divmod(place, 11)
        middle = 70 + 84 * column + rng.uniform(-6, 6), 140 * (row + 0.5) + rng.uniform(-4, 4)
        if rng.random() < 0.5 * strength:
            which = int(rng.integers(len(fields)))
            sheet.put(glyph(fields[which], _stranger_px(str(kinds[which]))), *middle, _PLAIN.ink)
        else:
            sheet.write(*_pick(digits, rng, 60 * rng.uniform(0.85, 1.15)), row, middle, _PLAIN.ink)
    return sheet


def _stranger_px(kind: str) -> float:
    return 34 if kind == "hand sign" else 62


def _detail(digits: Digits, strength: float, rng: Rng) -> Sheet:
    """Cells or a sudoku as better and better cameras take them, up to three times as large: lines grow thick, too."""
    sheet = (_cells if rng.random() < 0.5 else _sudoku)(digits, 0.5, rng)
    larger = 1 + 2 * strength
    height, width = sheet.pixels.shape[:2]
    return sheet.warped(np.diag((larger, larger, 1.0)), (round(larger * width), round(larger * height)))


FORMS: dict[str, Form] = {
    "cells": _cells,
    "sudoku": _sudoku,
    "detail": _detail,
    "plates": _plates,
    "signs": _signs,
}
"""Where digits stand in something that is not a page of rows."""
