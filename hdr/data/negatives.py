"""Ink that is no digit, made as it is needed: letters, words, signs, scribbles, crossings-out, lines, blots, pieces.

A model that has only ever seen digits takes a printed word for numbers. What is here teaches it to say "none of these",
and measures whether it does. Left out is what nobody can tell from a digit without its surroundings: an O, an l, a
slash; half of an 8 that is a 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.data.dataset import Dataset
from hdr.data.drawn import ink_of
from hdr.data.letters import LETTERS
from hdr.data.printed import render_text
from hdr.vision.normalize import normalize_digit

Pixels = NDArray[np.uint8]
NAMES = (*DIGITS, NOT_A_DIGIT)
"""The labels of a model that knows what is no digit."""

_GLYPHS = "ACDEFGHJKLMNPRTUVWXYadefhkmnprtuvwxÄÖÜäöüéÇΔΣΩΨπЖДФЮЦЩ&@#%$€?"
_ALMOST = "BGQSZbgqsyz"
"""Printed, these differ from 8, 6, 0, 5, 2 and 9; as a hand writes them they may not."""
_RARELY = 0.12
_SIGNS = "+-=×÷<>[]*~^_…:±→√"
_WORD_LETTERS = "abcdefghiklmnoprstuvwyzABCDEFGHIKLMNOPRSTUVW"
_SIDE = 96
_FLAT = 1.1
"""A piece of a digit at least this wide, in its own heights, is no other digit: the head of a 9 is a 0."""


@dataclass(frozen=True, eq=False)
class _Source:
    """What negatives are made of."""

    rng: np.random.Generator
    fonts: Sequence[Path]
    digits: Pixels


def make_negatives(
    count: int, seed: int, fonts: Sequence[Path] = (), digits: Pixels | None = None, kinds: Sequence[str] = ()
) -> Dataset:
    """Return ink that is no digit, in MNIST's geometry.

    Parameters
    ----------
    count
        How many; each kind gets its share.
    seed
        The same seed makes the same ink from the same fonts and digits.
    fonts
        For printed letters, words and signs; without any those kinds are left out.
    digits
        Shape (n, height, width), ``uint8``, white on black: what is crossed out, cut up and run together. Digits drawn
        by rule where there are none.
    kinds
        Of these only; all of them where none is named.

    Returns
    -------
    Labelled `NOT_A_DIGIT` among `NAMES`; the groups are the kinds.
    """
    source = _Source(np.random.default_rng([seed, 0x2E6]), fonts, _own_digits(seed) if digits is None else digits)
    chosen = [
        (kind, share, make)
        for kind, (share, make, needs_fonts) in KINDS.items()
        if (kind in kinds or not kinds) and (len(fonts) or not needs_fonts)
    ]
    shares = np.array([share for _, share, _ in chosen])
    which = source.rng.choice(len(chosen), count, p=shares / shares.sum())
    fields = np.zeros((count, 28, 28), np.uint8)
    for index, number in enumerate(which):
        while not np.count_nonzero(fields[index] > 40) >= 12:
            fields[index] = normalize_digit(chosen[number][2](source))
    labels = np.full(count, NAMES.index(NOT_A_DIGIT), np.int64)
    return Dataset(fields, labels, np.array([chosen[number][0] for number in which], np.str_), NAMES)


def _own_digits(seed: int) -> Pixels:
    from hdr.data.drawn import draw_digits

    return draw_digits(200, seed).fields()


def _glyph(source: _Source, text: str, tighten: float = 0.0) -> Pixels:
    """Text in one of the fonts; empty where that font lacks it."""
    font = source.fonts[int(source.rng.integers(len(source.fonts)))]
    return render_text(font, text, tighten_px=tighten)


def _letter(source: _Source) -> Pixels:
    letters = _ALMOST if source.rng.random() < _RARELY else _GLYPHS
    return _glyph(source, letters[int(source.rng.integers(len(letters)))])


def _word(source: _Source) -> Pixels:
    """Two to six letters in one piece, as blur and low resolution leave them."""
    letters = source.rng.choice(list(_WORD_LETTERS), int(source.rng.integers(2, 7)))
    return _glyph(source, "".join(letters), tighten=float(source.rng.uniform(0, 8)))


def _sign(source: _Source) -> Pixels:
    return _glyph(source, _SIGNS[int(source.rng.integers(len(_SIGNS)))])


def _hand_letter(source: _Source) -> Pixels:
    """A letter as a pen writes it, its proportions drawn anew."""
    rng = source.rng
    strokes = LETTERS[int(rng.integers(len(LETTERS)))]
    wide, lean = rng.uniform(0.7, 1.25), rng.uniform(-0.3, 0.3)
    moved = [[((x - 0.5 + lean * (0.5 - y)) * wide + 0.5, y) for x, y in stroke] for stroke in strokes]
    return ink_of(moved, rng, wobble=0.03)


def _hand_sign(source: _Source) -> Pixels:
    """A plus, a minus, a cross, an equals sign, a tick, a dot, an arrow, two dots."""
    rng = source.rng
    a, b, c = rng.uniform(-0.12, 0.12, 3)
    level = [(0.05, 0.5 + a), (0.95, 0.5 - a)]
    signs: list[list[list[tuple[float, float]]]] = [
        [level, [(0.5 + b, 0.05), (0.5 - b, 0.95)]],
        [level],
        [[(0.05, 0.08), (0.95 + b, 0.95)], [(0.95, 0.05), (0.08 + c, 0.95)]],
        [[(0.05, 0.32 + a), (0.95, 0.3)], [(0.05, 0.68), (0.95, 0.66 + b)]],
        [[(0.05, 0.6 + a), (0.3, 0.95), (0.95, 0.05)]],
        [level, [(0.65, 0.25 + b), (0.95, 0.5 - a), (0.65 + c, 0.75)]],
        [level, [(0.5, 0.08), (0.5, 0.12)], [(0.5, 0.88), (0.5, 0.92)]],
        [[(0.3, 0.5), (0.32, 0.5)], [(0.7, 0.5), (0.72, 0.5)]],
    ]
    return ink_of(signs[int(rng.integers(len(signs)))], rng)


def _scribble(source: _Source) -> Pixels:
    """A pen that wanders: long enough that it is no digit."""
    rng = source.rng
    points = rng.uniform(0, 1, (int(rng.integers(10, 30)), 2)) * (rng.uniform(0.5, 1.6), 1.0)
    if rng.random() < 0.4:  # a zigzag from one side to the other
        points[:, 0] = np.linspace(0, rng.uniform(0.8, 2.2), len(points)) + rng.normal(0, 0.03, len(points))
        points[::2, 1] *= 0.35
    return ink_of([[(float(x), float(y)) for x, y in points]], rng)


def _crossing(source: _Source) -> Pixels:
    """A digit that was crossed out: two strokes or a zigzag over it."""
    rng = source.rng
    digit = _enlarged(source)
    height, width = digit.shape
    reach = rng.uniform(0.0, 0.12, 8)
    ways = [
        [[(-reach[0], reach[1]), (1 + reach[2], 1 - reach[3])], [(1 + reach[4], reach[5]), (-reach[6], 1 - reach[7])]],
        [[(-0.2, 0.35 + y), (1.2, 0.3 + y + reach[0])] for y in (0.0, 0.25 + reach[1])],
        [[(-0.1 + 1.2 * i / 8, 0.1 + 0.8 * (i % 2)) for i in range(int(rng.integers(6, 10)))]],
        [[(-0.1 + 1.2 * (i % 2), 0.05 + 0.9 * i / 6) for i in range(7)]],
    ]
    thick = max(1, round(rng.uniform(0.04, 0.12) * height))
    for stroke in ways[int(rng.integers(len(ways)))]:
        points = np.array([(_SIDE // 4 + x * (width - _SIDE // 2), y * (height - 8) + 4) for x, y in stroke])
        cv2.polylines(digit, [np.round(points).astype(np.int32).reshape(-1, 1, 2)], False, 255, thick, cv2.LINE_AA)
    return digit


def _enlarged(source: _Source) -> Pixels:
    """One digit, three times as large, with room at either side."""
    digit = source.digits[int(source.rng.integers(len(source.digits)))]
    large = np.asarray(cv2.resize(digit, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.pad(large, ((0, 0), (_SIDE // 4, _SIDE // 4)))


def _piece(source: _Source) -> Pixels:
    """Half of a digit, cut across: no whole digit is that low for its pen; or two digits in one."""
    rng = source.rng
    if rng.random() < 0.6:
        return _run_together(source)
    digit = _cut_to_ink(_enlarged(source))
    cut = round(len(digit) * rng.uniform(0.3, 0.5))
    half = digit[:cut] if rng.random() < 0.5 else digit[-cut:]
    ink = _cut_to_ink(half)
    return ink if ink.shape[1] > _FLAT * ink.shape[0] else _run_together(source)


def _run_together(source: _Source) -> Pixels:
    """Two or three digits that touch or overlap a little."""
    rng = source.rng
    parts = [_cut_to_ink(_enlarged(source)) for _ in range(2 if rng.random() < 0.8 else 3)]
    height = max(len(part) for part in parts)
    page = np.zeros((height, sum(part.shape[1] for part in parts)), np.uint8)
    left = 0
    for part in parts:
        top = int(rng.integers(0, height - len(part) + 1))
        window = page[top : top + len(part), left : left + part.shape[1]]
        np.maximum(window, part[:, : window.shape[1]], out=window)
        left += round(part.shape[1] * rng.uniform(0.88, 1.0))
    return page


def _cut_to_ink(picture: Pixels) -> Pixels:
    rows, columns = np.flatnonzero((picture > 40).any(axis=1)), np.flatnonzero((picture > 40).any(axis=0))
    if not rows.size:
        return np.full((2, 2), 255, np.uint8)
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _line(source: _Source) -> Pixels:
    """Pieces of rules, frames and cells: a level line, a corner, a crossing, a U, an empty square."""
    rng = source.rng
    tilt = rng.uniform(-0.06, 0.06)
    x0, x1, y0, y1 = 0.05, rng.uniform(0.8, 1.4), 0.05, rng.uniform(0.6, 0.95)
    shapes = [
        [[(x0, 0.5), (x1, 0.5 + tilt)]],
        [[(x0, y0), (x0 + tilt, y1), (x1, y1 + tilt)]],
        [[(x0, y0), (x1, y0 + tilt), (x1 + tilt, y1)]],
        [[(x0, 0.5), (x1, 0.5 + tilt)], [(rng.uniform(0.3, 0.8), y0), (rng.uniform(0.3, 0.8), y1)]],
        [[(x0, y0), (x0, y1), (x1, y1), (x1, y0)]],
        [[(x0, y0), (x1, y0), (x1, x1), (x0, x1), (x0, y0)]],
        [[(x0, 0.3), (x1, 0.3 + tilt)], [(0.6, 0.3), (0.6 + tilt, y1)]],
    ]
    return ink_of(shapes[int(rng.integers(len(shapes)))], rng, wobble=0.004, widest=7, rounded=False)


def _blot(source: _Source) -> Pixels:
    """A dot, a stain, a corner of a shadow: filled, round or ragged."""
    rng = source.rng
    turn = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(5, 14))))
    ragged = rng.uniform(0.05, 0.6)
    reach = 24 * (1 + rng.uniform(-ragged, ragged, len(turn)))
    high = rng.uniform(0.5, 1.0)
    wide = high * rng.uniform(0.65, 1.6)
    points = np.stack([48 + reach * wide * np.cos(turn), 48 + reach * high * np.sin(turn)], axis=1)
    picture = np.zeros((_SIDE, _SIDE), np.uint8)
    if rng.random() < 0.5:
        cv2.ellipse(
            picture, (48, 48), (round(35 * wide), round(35 * high)), float(rng.uniform(0, 180)), 0, 360, 255, -1
        )
    else:
        cv2.fillPoly(picture, [np.round(points).astype(np.int32).reshape(-1, 1, 2)], 255, cv2.LINE_AA)
    return picture


def _grain(source: _Source) -> Pixels:
    """What a level makes of paper, cloth and hair: a clump of smoothed noise that is no mere bar."""
    rng = source.rng
    grain = rng.uniform(1.5, 6, 2)
    noise = cv2.GaussianBlur(rng.normal(0, 1, (_SIDE, _SIDE)), (0, 0), float(grain[0]), sigmaY=float(grain[1]))
    mask = (noise > np.quantile(noise, rng.uniform(0.6, 0.85))).astype(np.uint8)
    _, marks, stats, _ = cv2.connectedComponentsWithStats(mask)
    broad = stats[:, cv2.CC_STAT_WIDTH] > 0.6 * stats[:, cv2.CC_STAT_HEIGHT]
    area = np.where(broad, stats[:, cv2.CC_STAT_AREA], 0)
    return np.where(marks == 1 + int(area[1:].argmax()), np.uint8(255), np.uint8(0))


_Make = Callable[[_Source], Pixels]
KINDS: dict[str, tuple[float, _Make, bool]] = {
    "letter": (0.30, _letter, True),
    "hand letter": (0.20, _hand_letter, False),
    "word": (0.07, _word, True),
    "sign": (0.04, _sign, True),
    "hand sign": (0.07, _hand_sign, False),
    "scribble": (0.07, _scribble, False),
    "crossing": (0.06, _crossing, False),
    "piece": (0.08, _piece, False),
    "line": (0.05, _line, False),
    "blot": (0.03, _blot, False),
    "grain": (0.03, _grain, False),
}
"""Each kind's share, what makes it, and whether it takes fonts."""
