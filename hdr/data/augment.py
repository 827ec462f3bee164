"""Fields of training digits to the digits that other hands, pens, cameras and printers would have left there.

Every warped digit goes through `normalize_digit` again, so that a model in training sees what it will see in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.vision.normalize import normalize_digit

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Warp:
    """How far a digit is bent. Chances and strengths; the draws are uniform unless said otherwise.

    Parameters
    ----------
    plain
        Chance, 0 to 1, that a digit stays as it is.
    rotation_deg
        Largest turn to either side, in degrees.
    shear
        Largest slant: horizontal shift per unit of height.
    aspect
        Largest natural logarithm of the change of width against height.
    elastic
        Standard deviation of the local displacement, in pixels of a 28 px field.
    pen
        Chance that the stroke gets another thickness.
    threshold
        Chance that gray levels are cut to black and white.
    blur
        Chance of a Gaussian blur.
    coarse
        Chance that the digit is seen at a lower resolution first.
    faint
        Chance that the ink is fainter.
    gap
        Chance that a bit is missing.
    clutter
        Chance that a bit of a printed line or of a neighbour is left at the digit.
    """

    plain: float = 0.2
    rotation_deg: float = 15.0
    shear: float = 0.35
    aspect: float = 0.3
    elastic: float = 0.7
    pen: float = 0.5
    threshold: float = 0.5
    blur: float = 0.25
    coarse: float = 0.25
    faint: float = 0.15
    gap: float = 0.08
    clutter: float = 0.1

    def scaled(self, factor: float) -> Warp:
        """Return a milder warp: every chance and strength by a factor of 0 (no warp) to 1 (this one)."""
        values = {name: value * factor for name, value in asdict(self).items()}
        return Warp(**{**values, "plain": self.plain + (1 - self.plain) * (1 - factor)})


def augment(fields: Pixels, seed: int | Sequence[int], warp: Warp | None = None) -> Pixels:
    """Warp each digit in its own way.

    Parameters
    ----------
    fields
        Shape (digits, size, size), ``uint8``, white on black. Left unchanged.
    seed
        One number, or several that name a stream, such as ``[seed, epoch, batch]``. The same seed gives the same warps.
    warp
        How far.

    Returns
    -------
    As ``fields``.

    References
    ----------
    P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional neural networks applied to visual
    document analysis", 2003, doi:10.1109/ICDAR.2003.1227801 (elastic distortion).
    """
    warp = warp or Warp()
    rng = np.random.default_rng(seed)
    draws = _draw(rng, len(fields), warp)
    out = fields.copy()
    for index in np.flatnonzero(rng.random(len(fields)) >= warp.plain):
        one = {name: values[index] for name, values in draws.items()}
        warped = normalize_digit(_warp_one(fields[index], one), fields.shape[1])
        if np.count_nonzero(warped > 40) >= fields.shape[1]:  # never a digit that is no longer there
            out[index] = warped
    return out


def _draw(rng: np.random.Generator, count: int, warp: Warp) -> dict[str, NDArray[np.float64]]:
    """All random numbers of a batch at once: a draw a digit would cost more than the warp itself."""

    def chance(p: float) -> NDArray[np.float64]:
        return (rng.random(count) < p).astype(np.float64)

    def spread(limit: float) -> NDArray[np.float64]:
        return rng.uniform(-limit, limit, count)

    return {
        "angle": np.deg2rad(spread(warp.rotation_deg)),
        "shear": spread(warp.shear),
        "aspect": spread(warp.aspect),
        "zoom": rng.choice([1.0, 1.5, 2.0, 3.0], count, p=[0.3, 0.25, 0.3, 0.15]),
        "elastic": rng.normal(0, 1, (count, 2, 5, 5)) * warp.elastic * rng.choice([0, 1, 1.5], (count, 1, 1, 1)),
        "pen": chance(warp.pen) * rng.uniform(-1, 1, count),
        "ridge": chance(0.12),
        "threshold": chance(warp.threshold) * rng.uniform(70, 150, count),
        "blur": chance(warp.blur) * rng.uniform(0.3, 1.1, count),
        "fade": rng.uniform(10, 90, count),
        "coarse": chance(warp.coarse) * rng.uniform(7, 16, count),
        "faint": 1 - chance(warp.faint) * rng.uniform(0.2, 0.7, count),
        "gap": chance(warp.gap),
        "gap_at": rng.random((count, 2)),
        "gap_size": rng.uniform(0.06, 0.16, count),
        "clutter": chance(warp.clutter),
        "clutter_at": rng.random((count, 5)),
    }


def _warp_one(field: Pixels, one: dict[str, NDArray[np.float64]]) -> Pixels:
    ink = _bend(field, one)
    if one["pen"]:
        ink = _change_pen(ink, float(one["pen"]), bool(one["ridge"]))
    if one["gap"]:
        ink = _cut_gap(ink, one["gap_at"], float(one["gap_size"]))
    if one["clutter"]:
        ink = _add_clutter(ink, one["clutter_at"])
    if one["coarse"]:
        ink = _coarsen(ink, float(one["coarse"]))
    if one["blur"]:
        sigma = float(one["blur"]) * len(ink) / len(field)
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), sigma), np.uint8)
        # A page's ink mask ends where the blur fades out.
        ink = np.where(ink > _level(ink, float(one["fade"])), ink, 0).astype(np.uint8)
    if one["threshold"]:
        ink = np.where(ink > _level(ink, float(one["threshold"])), 255, 0).astype(np.uint8)
    if one["faint"] < 1:
        ink = np.asarray(cv2.convertScaleAbs(ink, alpha=float(one["faint"])), np.uint8)
    return ink


def _level(ink: Pixels, level: float) -> float:
    """A threshold for digits whose ink reaches 255, lowered for fainter ones."""
    return level * float(ink.max()) / 255


def _bend(field: Pixels, one: dict[str, NDArray[np.float64]]) -> Pixels:
    """Turn, slant, stretch and distort in one resampling, onto a field with room around it."""
    size = len(field)
    side = round(size * float(one["zoom"]) * 1.5)
    scale = size * 1.5 / side
    axis = (np.arange(side, dtype=np.float32) + 0.5) * scale - size * 0.75
    x, y = np.meshgrid(axis, axis)
    cos, sin, stretch = np.cos(one["angle"]), np.sin(one["angle"]), np.exp(one["aspect"] / 2)
    x, y = cos * x - sin * y, sin * x + cos * y
    x, y = (x + one["shear"] * y) * stretch, y / stretch
    bumps = one["elastic"].astype(np.float32) * size / 28
    if bumps.any():
        x = x + cv2.resize(bumps[0], (side, side), interpolation=cv2.INTER_CUBIC)
        y = y + cv2.resize(bumps[1], (side, side), interpolation=cv2.INTER_CUBIC)
    middle = size / 2 - 0.5
    warped = cv2.remap(
        field, (x + middle).astype(np.float32), (y + middle).astype(np.float32), cv2.INTER_LINEAR, borderValue=0
    )
    return np.asarray(warped, np.uint8)


def _change_pen(ink: Pixels, amount: float, ridge: bool) -> Pixels:
    """Thicken (above 0) or thin (below 0) the strokes by up to about half their width; or redraw along their ridge."""
    mask = (ink > _level(ink, 110)).astype(np.uint8)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    half_width = float(depth.max())
    if ridge:
        # The ridge of the distance transform: a line of one or two pixels, as a mouse draws it.
        line = (mask > 0) & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 0.3)
        grown = cv2.dilate(line.astype(np.uint8) * 255, _disc(1 + (amount > 0)))
        return np.asarray(grown, np.uint8)
    if amount > 0:
        return np.asarray(cv2.dilate(ink, _disc(round(amount * 0.7 * half_width + 0.35))), np.uint8)
    thinner = np.asarray(cv2.erode(ink, _disc(round(-amount * 0.6 * half_width + 0.3))), np.uint8)
    return thinner if np.count_nonzero(thinner > 100) * 3 >= np.count_nonzero(mask) else ink


def _disc(radius: int) -> Pixels:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def _cut_gap(ink: Pixels, where: NDArray[np.float64], size: float) -> Pixels:
    """Take a small square out of the ink."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return ink
    top = round(rows[0] + where[0] * (rows[-1] - rows[0]))
    left = round(columns[0] + where[1] * (columns[-1] - columns[0]))
    side = max(1, round(size * (rows[-1] - rows[0])))
    ink[top : top + side, left : left + side] = 0
    return ink


def _add_clutter(ink: Pixels, draw: NDArray[np.float64]) -> Pixels:
    """Leave a bit of a line at the edge of the ink, or a crumb beside it, as segmentation does."""
    left, top, width, height = cv2.boundingRect(ink)
    if width < 0.45 * height:  # a bar with a line across is no longer a 1
        return ink
    level, near, along, length, thick = (float(one) for one in draw)
    pen = max(1, round((0.02 + 0.05 * thick) * height))
    reach = (0.12 + 0.15 * length) if level < 0.4 else (0.6 + 0.8 * length)  # a crumb, or a line
    across = (0.06 * (2 * along - 1), 1 + 0.06 * (2 * along - 1))[near < 0.5]
    start = along * (1 - min(reach, 1)) - max(0.0, reach - 1) * along
    if level < 0.75:
        points = (left + start * width, top + across * height), (left + (start + reach) * width, top + across * height)
    else:
        # A whole upright line would be a neighbour, a 1.
        points = (
            (left + across * width, top + along * height),
            (left + across * width, top + (along + reach / 3) * height),
        )
    ends = [(round(x), round(y)) for x, y in points]
    return np.asarray(cv2.line(ink.copy(), ends[0], ends[1], 255, pen, cv2.LINE_AA), np.uint8)


def _coarsen(ink: Pixels, side: float) -> Pixels:
    """As seen with the long side of the ink at that many pixels, then enlarged again."""
    size = len(ink)
    small = max(4, round(side * 1.5 * 28 / 20))
    if small >= size:
        return ink
    low = cv2.resize(ink, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(low, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8)
