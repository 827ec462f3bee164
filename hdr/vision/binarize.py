"""A page to its ink: gray, then a mask by Otsu, Sauvola or a fixed level, in any light, dark ink or light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.settings import InkSettings
from hdr.vision.colour import gray_by_colour
from hdr.vision.light import (
    Counts,
    count_levels,
    estimate_paper,
    flatten_light,
    is_even,
    level_below,
    mean_level,
    otsu_level,
    share_level,
    shrink,
)

_LEAST_CONTRAST = 6
"""Ink that differs from its paper by fewer gray levels (of 255) than this, or than some noise, is no ink."""
_NOISE_TIMES = 5
GRAIN_TIMES = 3.5
_GRAINY = 8
"""Grain of this deviation, in gray levels, is smoothed before anything else."""
_ROWS_APART = 3
"""Every third row tells how much grain there is."""
_SAUVOLA_K = 0.2
_NEARLY_BLACK = 48
_NEIGHBOURHOODS = (3, 8, 16)
"""Sides of the neighbourhoods that vote on the polarity, as parts of the picture's short side."""
_LOUDEST, _DECISIVE = 4.0, 1.0
_LEAST_CAP, _ALL_BUT_FEW = 24.0, 0.997


@dataclass(frozen=True, eq=False)
class Ink:
    """What of a page is ink.

    Parameters
    ----------
    mask
        Shape (height, width), ``bool``.
    strength
        Shape (height, width), ``uint8``: 0 for paper to 255 for full ink, so that edges stay smooth.
    method
        ``otsu``; ``flattened`` (the light evened out, then Otsu); ``colour`` (Otsu on how far a colour is from the
        paper's); ``sauvola``; ``fixed``; ``two levels`` where faint ink was looked for again.
    polarity
        ``dark`` ink on lighter paper, or ``light`` on darker.
    """

    mask: NDArray[np.bool_]
    strength: NDArray[np.uint8]
    method: str
    polarity: str


def to_gray(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the brightness of a picture.

    Parameters
    ----------
    image
        Shape (height, width) gray, (height, width, 3) RGB or (height, width, 4) RGBA, ``uint8``.

    Returns
    -------
    Shape (height, width), ``uint8``.
    """
    if image.ndim == 2:
        return np.ascontiguousarray(image)
    if image.shape[2] == 1:
        return np.ascontiguousarray(image[:, :, 0])
    code = cv2.COLOR_RGBA2GRAY if image.shape[2] == 4 else cv2.COLOR_RGB2GRAY
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), code), np.uint8)


def find_ink(picture: NDArray[np.uint8], settings: InkSettings | None = None) -> Ink:
    """Tell ink from paper.

    Parameters
    ----------
    picture
        Shape (height, width) gray, (height, width, 3) RGB or (height, width, 4) RGBA, ``uint8``.
    settings
        The method, or ``auto``: Otsu where the light is even, else Otsu on the page with its light evened out; ink that
        is as bright as its paper is told by its colour.

    Returns
    -------
    The ink; none at all on a page without contrast.

    References
    ----------
    N. Otsu, "A threshold selection method from gray-level histograms", 1979, doi:10.1109/TSMC.1979.4310076.
    J. Sauvola, M. Pietikäinen, "Adaptive document image binarization", 2000, doi:10.1016/S0031-3203(99)00055-2.
    """
    settings = settings or InkSettings()
    if settings.threshold == "auto" and settings.polarity == "auto":
        by_colour = gray_by_colour(picture)
        if by_colour is not None:
            return Ink(*_at_one_level(*quiet(by_colour)), "colour", "dark")
    gray = to_gray(picture)
    clean, noise = quiet(gray)
    small = shrink(clean)
    polarity = find_polarity(small) if settings.polarity == "auto" else settings.polarity
    if isinstance(settings.threshold, int):
        mask = gray < settings.threshold if polarity == "dark" else gray > settings.threshold
        dark = as_dark(gray, polarity)
        return Ink(mask, _strength(dark, mask, count_levels(dark)), "fixed", polarity)
    pages = as_dark(clean, polarity), as_dark(small, polarity)
    mask, strength, method = _find_dark_ink(*pages, noise, settings.threshold)
    return Ink(mask, strength, method, polarity)


def as_dark(gray: NDArray[np.uint8], polarity: str) -> NDArray[np.uint8]:
    """Return a page whose ink is the darker part."""
    return gray if polarity == "dark" else 255 - gray


def quiet(gray: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """Smooth a page whose grain would pass for ink; a clean page, thin lines and all, is returned as it is.

    Returns
    -------
    The page, and the standard deviation of the grain left on it, in gray levels.
    """
    return smooth_grain(gray, measure_noise(gray))


def measure_noise(gray: NDArray[np.uint8]) -> float:
    """Return the standard deviation of a page's grain, in gray levels."""
    # What a median of 3x3 takes away: nothing of strokes and flat paper, most of the grain.
    grain = np.asarray(cv2.absdiff(gray, cv2.medianBlur(gray, 3)), np.uint8)
    return 1.7 * level_below(grain[::_ROWS_APART], 0.5)


def smooth_grain(gray: NDArray[np.uint8], noise: float) -> tuple[NDArray[np.uint8], float]:
    """Smooth a page as `quiet` does, where its grain is known."""
    if noise < _GRAINY:
        return gray, noise
    sigma = min(2.0, noise / 12)
    smooth = np.asarray(cv2.GaussianBlur(gray, (0, 0), sigma), np.uint8)
    return smooth, noise / max(1.0, 2 * np.sqrt(np.pi) * sigma)


def find_polarity(gray: NDArray[np.uint8]) -> str:
    """Return ``dark`` or ``light``: what the ink is on this page.

    Ink is the smaller part of any neighbourhood, so it is what departs from the local median. Three sizes of
    neighbourhood vote: in a large one thick strokes are still the smaller part, a small one does not see shadows. Where
    dark and light depart alike (faint ink and a white time stamp, nothing but noise), the picture is taken for paper
    unless it is nearly black.
    """
    small = shrink(gray)
    votes = 0.0
    for left, part in zip((2, 1, 0), _NEIGHBOURHOODS, strict=True):
        votes += _vote(small, max(3, min(small.shape) // part))
        if abs(votes) - left * _LOUDEST >= _DECISIVE:  # however those vote that are left
            return "dark" if votes > 0 else "light"
    return "dark" if level_below(small, 0.5) >= _NEARLY_BLACK else "light"


def _vote(gray: NDArray[np.uint8], side: int) -> float:
    """How much more dark than light departs from the median of a neighbourhood, in doublings, at most `_LOUDEST`."""
    middle = np.asarray(cv2.medianBlur(gray, min(255, side) | 1), np.uint8)
    dark, light = (_departures(a, b) for a, b in ((middle, gray), (gray, middle)))
    # A bright white time stamp must not outvote faint writing: what departs more than the quieter side counts alike.
    cap = max(_LEAST_CAP, min(_reach(dark), _reach(light)))
    energies = [float(counts @ np.minimum(np.arange(256), cap) ** 2) / gray.size for counts in (dark, light)]
    return float(np.clip(np.log2((energies[0] + 1e-6) / (energies[1] + 1e-6)), -_LOUDEST, _LOUDEST))


def _departures(high: NDArray[np.uint8], low: NDArray[np.uint8]) -> Counts:
    """How many pixels depart by each of 0 to 255 levels."""
    return count_levels(np.asarray(cv2.subtract(high, low), np.uint8))


def _reach(counts: Counts) -> float:
    """The departure that all but a few pixels do not exceed."""
    return share_level(counts, _ALL_BUT_FEW)


def _find_dark_ink(
    gray: NDArray[np.uint8], small: NDArray[np.uint8], noise: float, threshold: str
) -> tuple[NDArray[np.bool_], NDArray[np.uint8], str]:
    if threshold == "otsu":
        return *_at_one_level(gray, noise), "otsu"
    paper = estimate_paper(small)
    counts = count_levels(gray)
    if threshold == "auto" and is_even(paper, mean_level(apart(counts)[0])):
        return *_at_one_level(gray, noise, counts), "otsu"
    light = np.asarray(cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    flat = flatten_light(gray, light)
    counts = count_levels(flat)
    mask = _sauvola(gray, noise) if threshold == "sauvola" else _otsu(flat, noise, counts)
    # Where the paper is nearly black, evening the light makes grain as deep as ink is elsewhere.
    mask &= cv2.subtract(light, gray) >= min(GRAIN_TIMES * noise, 255)
    return mask, _strength(flat, mask, counts), "sauvola" if threshold == "sauvola" else "flattened"


def _at_one_level(
    gray: NDArray[np.uint8], noise: float, counts: Counts | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """The mask and strength by Otsu's level for the whole page; its levels' counts may be known."""
    counts = count_levels(gray) if counts is None else counts
    mask = _otsu(gray, noise, counts)
    return mask, spread(gray, *apart(counts)) if mask.any() else np.zeros_like(gray)


def apart(counts: Counts) -> tuple[Counts, Counts]:
    """The counts of the levels up to Otsu's and of those above."""
    dark = np.arange(len(counts)) <= otsu_level(counts)
    return np.where(dark, counts, 0), np.where(dark, 0, counts)


def _otsu(gray: NDArray[np.uint8], noise: float, counts: Counts) -> NDArray[np.bool_]:
    ink, paper = apart(counts)
    if not ink.any() or not paper.any() or mean_level(paper) - mean_level(ink) < least_contrast(noise):
        return np.zeros(gray.shape, np.bool_)
    return np.asarray(gray <= np.flatnonzero(ink)[-1], np.bool_)


def least_contrast(noise: float) -> float:
    """What ink must differ by: a blank page's noise must not become ink."""
    return max(_LEAST_CONTRAST, _NOISE_TIMES * noise)


def _sauvola(gray: NDArray[np.uint8], noise: float) -> NDArray[np.bool_]:
    """Sauvola's local level ``mean * (1 + k * (deviation / R - 1))``, R being the page's own largest deviation."""
    side = max(15, min(gray.shape) // 12) | 1
    size = (side, side)
    values = gray.astype(np.float32)
    mean = cv2.boxFilter(values, cv2.CV_32F, size)
    deviation = np.sqrt(np.maximum(cv2.sqrBoxFilter(values, cv2.CV_32F, size) - mean * mean, 0))
    largest = float(deviation.max(initial=0))
    if largest < least_contrast(noise) / 2:
        return np.zeros(gray.shape, np.bool_)
    return np.asarray(values < mean * (1 + _SAUVOLA_K * (deviation / largest - 1)), np.bool_)


def _strength(gray: NDArray[np.uint8], mask: NDArray[np.bool_], counts: Counts) -> NDArray[np.uint8]:
    """Map the paper's level to 0 and the ink's to 255, evenly between; all the page's levels have been counted."""
    if not mask.any() or mask.all():
        return np.where(mask, np.uint8(255), np.uint8(0))
    ink = count_levels(gray, mask.view(np.uint8))
    return spread(gray, ink, counts - ink)


def spread(gray: NDArray[np.uint8], ink: Counts, paper: Counts) -> NDArray[np.uint8]:
    """Map the level of paper, of which the pixels of each level were counted, to 0 and that of ink to 255."""
    darkest, brightest = share_level(ink, 0.5), share_level(paper, 0.5)
    scale = 255 / max(brightest - darkest, 1.0)
    table = np.clip((brightest - np.arange(256)) * scale, 0, 255).round().astype(np.uint8)
    return np.asarray(cv2.LUT(gray, table), np.uint8)
