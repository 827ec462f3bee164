"""A page and what was read on it to why it may be read badly, each with its cure.

A cause alone is no problem: many a blurred or grainy page is read without a mistake. So most causes are named only
where the reading itself is in doubt; what hides digits without leaving a doubt (glare, the edge, no contrast) is named
anyway. The levels come from generated pages made worse until they were read badly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hdr.reading.results import Digit, PageProblem, Steps
from hdr.vision.deskew import find_slope
from hdr.vision.quality import Quality, measure_quality

_DOUBT = 0.93
"""A mean confidence below this: it is calibrated, so that one digit in fifteen will be wrong."""
_SMALL_PX, _TINY_PX = 15, 8
"""Digits lower than the first suffer where anything else is wrong too, those lower than the second always."""
_BLURRED = 0.06
"""Part of a digit's height: edges this soft run into each other."""
_SHARPEST_PX = 1.6
"""Edges this soft are those of any small picture."""
_FAINT, _LOST = 30, 8
"""Contrast in gray levels."""
_DARK, _WHITE = 45, 250
_GRAINY = 12
_BLOCKY = 2
_GLARE = 0.2
_CUT, _CUT_SHARE = 3, 0.15
_STEEP_DEG = 10
_SPECKS = 0.0005
"""So small a part of the page is dust, not writing."""


def find_problems(steps: Steps, digits: Sequence[Digit]) -> tuple[PageProblem, ...]:
    """Find out why a page may be read badly.

    Parameters
    ----------
    steps
        How it was read.
    digits
        What was read, what the model rejected among it.

    Returns
    -------
    The worst first; none for a page that is read well as far as anyone can tell.
    """
    kept = [digit for digit in digits if not digit.is_rejected]
    quality = measure_quality(steps.gray, steps.ink, [digit.box for digit in kept or digits])
    doubtful = not kept or float(np.mean([digit.prediction.confidence for digit in kept])) < _DOUBT
    found = [
        *_of_light(quality, doubtful),
        *_of_sharpness(quality, doubtful),
        *_of_framing(quality, steps, kept, doubtful),
    ]
    if not kept and not found and steps.ink.mean() > _SPECKS:
        found.append(UNLIKE_DIGITS)
    return tuple(found)


UNLIKE_DIGITS = PageProblem(
    "There is ink on the page, but none of it looks like a digit.",
    "Look at the steps of the reading: another threshold, polarity or smallest size may bring digits out.",
)


def _of_light(quality: Quality, doubtful: bool) -> Iterator[PageProblem]:
    faint = quality.contrast < _LOST or (doubtful and quality.contrast < _FAINT)
    if faint and quality.brightest < _DARK:
        yield PageProblem("The picture is very dark.", "Take it in more light, or expose it longer.")
    elif faint and quality.paper >= _WHITE:
        yield PageProblem(
            "The picture is overexposed: the ink is nearly as bright as the paper.", "Take it with less light."
        )
    elif not quality.digit_px and 2 < quality.brightest - quality.darkest < _FAINT:
        yield PageProblem(
            "Hardly anything stands out on this page.",
            "If something is written on it: use a darker pen, or more and softer light.",
        )
    elif faint and quality.contrast > 0:
        yield PageProblem("The ink hardly stands out from the paper.", "Use a darker pen, or more and softer light.")
    if quality.glare > _GLARE:
        yield PageProblem(
            "Part of the page is burnt out, and what is written there is lost.",
            "Move the lamp or the page so that nothing shines into the camera.",
        )
    if doubtful and quality.grain > _GRAINY:
        yield PageProblem("The picture is very grainy.", "Take it in more light.")


def _of_sharpness(quality: Quality, doubtful: bool) -> Iterator[PageProblem]:
    if doubtful and quality.contrast >= _FAINT and quality.blur_px > max(_SHARPEST_PX, _BLURRED * quality.digit_px):
        yield PageProblem(
            "The picture is out of focus, or was shaken.",
            "Hold the camera still, let it focus, and take the picture again.",
        )
    if 0 < quality.digit_px < (_SMALL_PX if doubtful else _TINY_PX):
        yield PageProblem(
            f"The digits are only {quality.digit_px:.0f} pixels high.",
            f"Take the picture from nearer, or scan it finer: {_SMALL_PX + 5} pixels are enough.",
        )
    if doubtful and quality.blocks > _BLOCKY:
        yield PageProblem(
            "The picture was saved so small that it falls into blocks.",
            "Use the original, or save it with a higher JPEG quality.",
        )


def _of_framing(quality: Quality, steps: Steps, kept: Sequence[Digit], doubtful: bool) -> Iterator[PageProblem]:
    if quality.cut >= max(_CUT, _CUT_SHARE * len(kept)):
        yield PageProblem(f"The edge of the picture cuts {quality.cut} digits.", "Take it from a little further away.")
    slope = find_slope([digit.box for digit in kept]) if doubtful and not steps.turned_deg else 0.0
    if abs(slope) > _STEEP_DEG:
        yield PageProblem(
            f"The rows slope by {abs(slope):.0f} degrees.", "Turn the picture, or let it be turned when it is read."
        )
