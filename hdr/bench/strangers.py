"""Ink of kinds that no model here has learned from: doodles, and letters and signs of elsewhere.

A model that was taught "none of these" on letters and scribbles should say so of a star as well; what it was taught on
cannot show whether it does. Left out is what looks like a digit: a circle, a β, a З, a Б.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.classify.names import NOT_A_DIGIT
from hdr.data.dataset import Dataset
from hdr.data.drawn import ink_of
from hdr.data.negatives import NAMES
from hdr.data.printed import render_text

_FOREIGN = "ГИЛПЫЯΓΛΞΠλμψ¶©®№«»∞∑≠≤≥¥"
Strokes = list[list[tuple[float, float]]]


def _arc(
    middle: tuple[float, float], radius: float, turns: tuple[float, float], shrink: float = 0.0
) -> list[tuple[float, float]]:
    """An arc from one angle to another, in turns from the right, clockwise; a spiral where it shrinks."""
    angle = np.linspace(*turns, 40) * 2 * np.pi
    reach = radius * (1 - shrink * np.linspace(0, 1, 40))
    x, y = middle[0] + reach * np.cos(angle), middle[1] + reach * np.sin(angle)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _star(rng: np.random.Generator) -> Strokes:
    angle = np.arange(6) * 0.8 * np.pi - np.pi / 2 + rng.uniform(-0.2, 0.2)
    return [[(0.5 + 0.5 * float(np.cos(a)), 0.5 + 0.5 * float(np.sin(a))) for a in angle]]


def _heart(rng: np.random.Generator) -> Strokes:
    t, wide = np.linspace(0, 2 * np.pi, 40), rng.uniform(0.025, 0.035)
    x = 0.5 + wide * 16 * np.sin(t) ** 3
    y = 0.45 - 0.03 * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return [list(zip(x.tolist(), y.tolist(), strict=True))]


def _face(rng: np.random.Generator) -> Strokes:
    eye = rng.uniform(0.3, 0.4)
    eyes = [[(x, eye), (x, eye + 0.05)] for x in (0.35, 0.65)]
    return [_arc((0.5, 0.5), 0.5, (0.0, 1.0)), *eyes, _arc((0.5, 0.5), 0.28, (0.08, 0.42))]


def _house(rng: np.random.Generator) -> Strokes:
    eaves = rng.uniform(0.35, 0.5)
    return [[(0.1, eaves), (0.1, 1), (0.9, 1), (0.9, eaves), (0.5, 0), (0.1, eaves), (0.9, eaves)]]


def _triangle(rng: np.random.Generator) -> Strokes:
    top = rng.uniform(0.3, 0.7)
    return [[(top, 0), (1, 1), (0, 1), (top, 0)]]


def _sun(rng: np.random.Generator) -> Strokes:
    first = rng.uniform(0, 0.1)
    angles = (np.arange(10) / 10 + first) * 2 * np.pi
    rays = [[(0.5 + r * float(np.cos(a)), 0.5 + r * float(np.sin(a))) for r in (0.33, 0.52)] for a in angles]
    return [_arc((0.5, 0.5), 0.22, (0.0, 1.0)), *rays]


def _spiral(rng: np.random.Generator) -> Strokes:
    return [_arc((0.5, 0.5), 0.5, (0.0, rng.uniform(2.6, 3.6)), 0.9)]


def _envelope(rng: np.random.Generator) -> Strokes:
    low = rng.uniform(0.75, 0.95)
    return [[(0, 0.2), (1.2, 0.2), (1.2, low), (0, low), (0, 0.2), (0.6, 0.6), (1.2, 0.2)]]


_DOODLES = (_star, _heart, _face, _house, _triangle, _sun, _spiral, _envelope)


def unseen_strangers(count: int, seed: int, fonts: Sequence[Path] = ()) -> Dataset:
    """Return ink that is no digit, of kinds that `hdr.data.negatives` lacks.

    Parameters
    ----------
    count
        How many.
    seed
        The same seed makes the same ink.
    fonts
        For letters of elsewhere; without any there are doodles only.

    Returns
    -------
    Labelled `NOT_A_DIGIT`; the groups are the kinds.
    """
    rng = np.random.default_rng([seed, 0x57A])
    crops: list[NDArray[np.uint8]] = []
    kinds: list[str] = []
    while len(crops) < count:
        foreign = bool(fonts) and rng.random() < 0.5
        crop = _letter(fonts, rng) if foreign else ink_of(_DOODLES[int(rng.integers(len(_DOODLES)))](rng), rng)
        if crop.any():  # most fonts lack some of the letters
            crops.append(crop)
            kinds.append("foreign letter" if foreign else "doodle")
    return Dataset(crops, np.full(count, NAMES.index(NOT_A_DIGIT), np.int64), np.array(kinds, np.str_), NAMES)


def _letter(fonts: Sequence[Path], rng: np.random.Generator) -> NDArray[np.uint8]:
    return render_text(fonts[int(rng.integers(len(fonts)))], _FOREIGN[int(rng.integers(len(_FOREIGN)))])
