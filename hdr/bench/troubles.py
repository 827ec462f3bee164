"""The name of a trouble and a strength to a page that has it: all that can be wrong with one, alone or mixed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.bench.forms import FORMS
from hdr.bench.generate import Colour, Digits, PageStyle, Sheet, TruePage, to_bytes, write_sheet
from hdr.bench.lights import LIGHTS, Degradation, Rng
from hdr.bench.papers import CLUTTER_MARGIN, PAPERS, PRINT_ROWS

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""From a good page to one that is hard for a person."""

_BRIGHT_INKS: tuple[Colour, ...] = ((205, 40, 50), (60, 90, 205), (40, 140, 80), (140, 140, 148), (225, 110, 40))
_PAPERS: tuple[Colour, ...] = ((245, 222, 110), (242, 185, 195), (170, 205, 235), (196, 158, 112), (180, 220, 170))


def _between(near: Colour, far: Colour, share: float) -> Colour:
    a, b, c = (one + (other - one) * share for one, other in zip(near, far, strict=True))
    return a, b, c


def _colour(strength: float, rng: Rng) -> dict[str, Any]:
    ink, paper = _BRIGHT_INKS[int(rng.integers(5))], _PAPERS[int(rng.integers(5))]
    return {
        "ink": _between(PageStyle.ink, ink, strength),
        "paper": _between(PageStyle.paper, paper, min(1.0, 2 * strength)),
    }


Style = Callable[[float, Rng], dict[str, Any]]
STYLES: dict[str, Style] = {
    "slope": lambda s, _: {"slope": 0.25 * s, "rows": 4},
    "touching": lambda s, _: {"gap": 0.5 - 0.65 * s, "columns": 16},
    "size": lambda s, _: {"digit_px": round(60 * (1 - s) + 6 * s), "columns": 14},
    "large": lambda s, _: {"digit_px": round(60 + 175 * s), "rows": 5 - round(3 * s), "margin": 0.3},
    "uneven": lambda s, _: {"uneven": 0.15 + 0.35 * s, "rows": 4},
    "columns": lambda s, _: {"blocks": 2 + round(2 * s), "gutter": 2.5 - 1.5 * s, "digit_px": 40, "gap": 0.35},
    "colour": _colour,
    "faint": lambda s, _: {"faint": 0.9 * s},
    "thin": lambda s, _: {"pen": 0.1 * (1 - s), "digit_px": round(60 + 60 * s), "rows": 4} if s else {},
    "thick": lambda s, _: {"pen": 0.1 + 0.16 * s} if s else {},
}
"""What is wrong with the writing itself, as changes of a `PageStyle`."""


def _turn(sheet: Sheet, degrees: float) -> Sheet:
    """Turn a sheet clockwise, on paper that is large enough."""
    height, width = sheet.pixels.shape[:2]
    about = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0), (0, 0, 1)])
    wide = round(abs(about[0, 0]) * width + abs(about[0, 1]) * height)
    high = round(abs(about[0, 1]) * width + abs(about[0, 0]) * height)
    about[:2, 2] += (wide - width) / 2, (high - height) / 2
    return sheet.warped(about, (wide, high))


def _askew(sheet: Sheet, strength: float, rng: Rng) -> Sheet:
    """See a sheet from one side: the far edge shorter by up to a third."""
    height, width = sheet.pixels.shape[:2]
    near = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    far = near.copy()
    side = int(rng.integers(4))
    short = 0.17 * strength * (far[(side + 1) % 4] - far[side])
    far[side] += short
    far[(side + 1) % 4] -= short
    return sheet.warped(cv2.getPerspectiveTransform(near, far).astype(np.float64), (width, height))


View = Callable[[Sheet, float, Rng], Sheet]
VIEWS: dict[str, View] = {
    "tilt": lambda sheet, s, rng: _turn(sheet, 30 * s * rng.choice([-1, 1])),
    "turned": lambda sheet, s, rng: _turn(sheet, 180 * s * rng.choice([-1, 1]) + min(s, 1 - s) * rng.uniform(-20, 20)),
    "perspective": _askew,
}
"""From where the page is seen."""

_ROOM: dict[str, dict[str, Any]] = {
    "print": {"rows": PRINT_ROWS},
    "clutter": {"margin": CLUTTER_MARGIN, "rows": 4, "size": (1100, 820)},
}
"""What needs room on the page is given some, at every strength."""

DEGRADATIONS: dict[str, Degradation] = {**LIGHTS, **PAPERS}
"""What changes a page and leaves its digits where they are."""

TROUBLES = (*DEGRADATIONS, *STYLES, *VIEWS, *FORMS, "mixed")
"""All that can be wrong with a page."""


def troubled_page(digits: Digits, trouble: str, strength: float, seed: int) -> TruePage:
    """Return a page with one trouble.

    Parameters
    ----------
    digits
        What it is written with.
    trouble
        One of `TROUBLES`.
    strength
        From 0, a good page, to 1, one that is hard for a person.
    seed
        The same seed writes the same page, and the same digits at every strength as far as they fit.
    """
    rng = np.random.default_rng(seed)
    return _sheet(digits, trouble, strength, rng).page(f"{trouble}-{round(100 * strength):03d}-{seed}.png", trouble)


def _sheet(digits: Digits, trouble: str, strength: float, rng: Rng) -> Sheet:
    if trouble == "mixed":
        return _mixed(digits, strength, rng)
    if trouble in FORMS:
        sheet = FORMS[trouble](digits, strength, rng)
        return VIEWS["perspective"](sheet, strength / 2, rng) if strength and trouble in _FROM_THE_SIDE else sheet
    chance = np.random.default_rng(rng.integers(1 << 30))
    sheet = write_sheet(digits, rng, style_of(trouble, strength, chance))
    if not strength:
        return sheet
    if trouble in DEGRADATIONS:
        return Sheet(DEGRADATIONS[trouble](sheet.pixels, strength, chance), sheet.digits)
    return VIEWS[trouble](sheet, strength, chance) if trouble in VIEWS else sheet


_FROM_THE_SIDE = ("sudoku", "detail", "plates")
"""Nobody holds a camera straight over these."""


def style_of(trouble: str, strength: float, rng: Rng) -> PageStyle:
    """Return how a page is written: as usual but where the trouble is in the writing, or needs room on the page."""
    changes = STYLES[trouble](strength, rng) if trouble in STYLES else _ROOM.get(trouble, {})
    return replace(PageStyle(), **changes)


_TOGETHER = ("slope", "size", "uneven", "colour", "thin", "thick", "columns")
_BENEATH = ("lines", "squares", "through", "clutter")
_SEEN = ("gradient", "shadow", "noise", "blur", "jpeg", "contrast")


def _mixed(digits: Digits, strength: float, rng: Rng) -> Sheet:
    """Two troubles of the writing, one of the paper, a view askew and two of the light, each by up to two thirds."""
    changes = {**_ROOM["clutter"]}
    for name in rng.choice(_TOGETHER, 2, replace=False):
        changes.update(STYLES[str(name)](_part(strength, rng), rng))
    sheet = write_sheet(digits, rng, replace(PageStyle(), **changes))
    if not strength:
        return sheet
    sheet = _worse(sheet, _BENEATH, 1, strength, rng)
    sheet = VIEWS["perspective"](_turn(sheet, 8 * strength * rng.uniform(-1, 1)), _part(strength, rng), rng)
    return _worse(sheet, _SEEN, 2, strength, rng)


def _worse(sheet: Sheet, names: Sequence[str], many: int, strength: float, rng: Rng) -> Sheet:
    pixels = sheet.pixels
    for name in rng.choice(names, many, replace=False):
        pixels = DEGRADATIONS[str(name)](pixels, _part(strength, rng), rng)
    return Sheet(pixels, sheet.digits)


def _part(strength: float, rng: Rng) -> float:
    return float(strength * rng.uniform(0.2, 0.65))


def degrade(page: TruePage, name: str, strength: float, rng: np.random.Generator) -> TruePage:
    """Return a page made worse by one of `DEGRADATIONS`; its digits stay where they are."""
    if strength <= 0:
        return page
    pixels: NDArray[np.float32] = DEGRADATIONS[name](page.image.astype(np.float32), strength, rng)
    return replace(page, image=to_bytes(pixels))
