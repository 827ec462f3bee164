"""Pen movements to digits of the forms that MNIST lacks, so that no hand from elsewhere is misread for want of samples.

MNIST's writers were American: their 1 is a bar, their 7 has no stroke through it. Elsewhere a 1 has a flag, often as
long as half its height, and a model that never saw one takes it for a 7. Each form here is a few strokes with every
proportion drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.data.dataset import Dataset
from hdr.vision.normalize import normalize_digit

Points = NDArray[np.float64]
Draw = Callable[[np.random.Generator], list[list[tuple[float, float]]]]

_SIDE = 120
_SHIFT = 4


def draw_digits(count: int, seed: int) -> Dataset:
    """Return digits drawn by rule, in MNIST's geometry.

    Parameters
    ----------
    count
        How many; each form gets its share.
    seed
        The same seed draws the same digits.
    """
    rng = np.random.default_rng([seed, 0xD16])
    shares = np.array([share for _, share, _ in _FORMS], float)
    which = rng.choice(len(_FORMS), count, p=shares / shares.sum())
    fields = np.zeros((count, 28, 28), np.uint8)
    for index, form in enumerate(which):
        fields[index] = normalize_digit(ink_of(_FORMS[form][2](rng), rng))
    labels = np.array([_FORMS[form][0] for form in which], np.int64)
    return Dataset(fields, labels, np.array([f"drawn-{index}" for index in range(count)], np.str_))


def ink_of(
    strokes: list[list[tuple[float, float]]],
    rng: np.random.Generator,
    wobble: float = 0.018,
    widest: float = 15,
    *,
    rounded: bool = True,
) -> NDArray[np.uint8]:
    """Draw strokes, each point a little off, with one pen.

    Parameters
    ----------
    strokes
        Points (x, y) in units of the height, y down.
    rng
        Decides the pen and how far off the points are.
    wobble
        Standard deviation of that, in heights.
    widest
        The widest pen, in pixels of a height of 84.
    rounded
        Whether corners may be rounded as by a quick hand.

    Returns
    -------
    White on black, cut to nothing: shape (height, width), ``uint8``.
    """
    wide = max(1.0, *(x for stroke in strokes for x, _ in stroke))
    paper = np.zeros((_SIDE, round(_SIDE * (0.7 * wide + 0.3))), np.uint8)
    width = max(1, round(float(np.exp(rng.uniform(np.log(2), np.log(widest))))))
    for stroke in strokes:
        points = np.array(stroke) + rng.normal(0, wobble, (len(stroke), 2))
        pixels = (_rounded(points, int(rng.integers(0, 3)) if rounded else 0) * 0.7 + 0.15) * _SIDE
        fixed = np.round(pixels * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(paper, [fixed], False, 255, width, cv2.LINE_AA, _SHIFT)
    return paper


def _rounded(points: Points, times: int) -> Points:
    """Round the corners of a line as a quick hand does.

    References
    ----------
    G. M. Chaikin, "An algorithm for high-speed curve generation", 1974, doi:10.1016/0146-664X(74)90028-8.
    """
    for _ in range(times):
        near, far = points[:-1] * 0.85 + points[1:] * 0.15, points[:-1] * 0.15 + points[1:] * 0.85
        inner = np.stack([near, far], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], inner[1:-1], points[-1:]])
    return points


def _one(rng: np.random.Generator) -> list[list[tuple[float, float]]]:
    """A flag that rises to the top of a stem; sometimes a foot."""
    reach, slant = rng.uniform(0.1, 0.42), rng.uniform(-0.05, 0.12)
    drop = reach * rng.uniform(0.6, 1.5)
    top = 0.5 + slant
    strokes = [[(top - reach, drop), (top, 0.0), (0.5, 1.0)]]
    if rng.random() < 0.3:
        half = rng.uniform(0.12, 0.32)
        strokes.append([(0.5 - half, 1.0), (0.5 + half, 1.0)])
    return strokes


def _seven(rng: np.random.Generator) -> list[list[tuple[float, float]]]:
    """A level top, a stem that leans, often a stroke through it, sometimes a serif."""
    reach, lean, tilt = rng.uniform(0.4, 0.75), rng.uniform(0.1, 0.4), rng.uniform(-0.08, 0.06)
    right = 0.5 + reach / 2
    foot = right - lean
    line = [(right - reach, tilt), (right, 0.0), (foot + lean * 0.3, 0.55), (foot, 1.0)]
    if rng.random() < 0.3:
        line.insert(0, (right - reach, rng.uniform(0.1, 0.25)))
    strokes = [line]
    if rng.random() < 0.7:
        half, height = rng.uniform(0.13, 0.28), rng.uniform(0.42, 0.6)
        middle = right - lean * height
        strokes.append([(middle - half, height + rng.uniform(-0.05, 0.08)), (middle + half, height)])
    return strokes


def _four(rng: np.random.Generator) -> list[list[tuple[float, float]]]:
    """One angular stroke down and across, and a short stem through its end: open above."""
    arm, level, cross = rng.uniform(0.25, 0.5), rng.uniform(0.45, 0.7), rng.uniform(0.0, 0.25)
    stem = 0.5 + rng.uniform(0.05, 0.2)
    start = rng.uniform(0.0, 0.15)
    first = [(stem - arm * rng.uniform(0.3, 1.0), start), (stem - arm, level), (stem + cross, level)]
    return [first, [(stem + rng.uniform(0, 0.06), rng.uniform(0.1, 0.5)), (stem, 1.0)]]


def _nine(rng: np.random.Generator) -> list[list[tuple[float, float]]]:
    """A round head and a straight stem that may end in a hook to the left."""
    wide, high = rng.uniform(0.18, 0.28), rng.uniform(0.2, 0.28)
    right = 0.5 + wide
    turn = np.linspace(0, 2 * np.pi, 14)
    head = [(0.5 + wide * float(np.cos(a)), high - high * float(np.sin(a))) for a in turn]
    tail = [(right, 0.6), (right - rng.uniform(0, 0.1), 1.0)]
    if rng.random() < 0.5:
        tail = [(right, 0.75), (right - 0.1, 0.97), (0.5 - 0.1, 1.0), (0.5 - wide, rng.uniform(0.86, 0.95))]
    return [head + tail]


_FORMS: tuple[tuple[int, float, Draw], ...] = ((1, 0.4, _one), (7, 0.35, _seven), (4, 0.15, _four), (9, 0.1, _nine))
"""The digit, its share, and how it is drawn."""
