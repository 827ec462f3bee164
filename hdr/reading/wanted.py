"""What was read, and what a person asked for, to what of it is kept: a part of the picture, digits of some sizes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hdr.classify.names import NOT_A_DIGIT
from hdr.geometry import Box
from hdr.reading.judging import Labelled
from hdr.reading.results import Steps
from hdr.settings import SegmentSettings, parse_roi
from hdr.vision.clutter import TOO_LARGE
from hdr.vision.normalize import Crop

Dropped = tuple[tuple[Box, str], ...]


def part_asked_for(settings: SegmentSettings, size: tuple[int, int]) -> Box | None:
    """Return the region of interest on a picture of (width, height), one pixel at least; None for the whole picture."""
    roi = parse_roi(settings.roi)
    if roi is None:
        return None
    width, height = size
    scale = (width, height, width, height) if max(roi) <= 1 else (1, 1, 1, 1)
    x, y, wide, high = (value * by for value, by in zip(roi, scale, strict=True))
    x0, y0 = min(round(x), width - 1), min(round(y), height - 1)
    x1, y1 = max(x0 + 1, round(x + wide)), max(y0 + 1, round(y + high))
    box = Box(x0, y0, x1, y1).clipped(width, height)
    return None if box == Box(0, 0, width, height) else box


def only_wanted(
    labelled: Sequence[Labelled], settings: SegmentSettings, size: tuple[int, int]
) -> tuple[tuple[Labelled, ...], Dropped]:
    """Keep the crops that are of the sizes asked for.

    Parameters
    ----------
    labelled
        All crops, and what each is.
    settings
        The largest size, the shape, the border and the number that were asked for.
    size
        (width, height) of the picture or the part of it that was asked for.

    Returns
    -------
    Those kept, in the order they came; the boxes of the others, each with the reason.
    """
    reasons = [_why_not(crop.box, settings, size) for crop, _ in labelled]
    if settings.only_largest:
        for index in _smaller(labelled, reasons, settings.only_largest):
            reasons[index] = "not among the largest asked for"
    kept = tuple(one for one, reason in zip(labelled, reasons, strict=True) if not reason)
    return kept, tuple((crop.box, reason) for (crop, _), reason in zip(labelled, reasons, strict=True) if reason)


def _why_not(box: Box, settings: SegmentSettings, size: tuple[int, int]) -> str:
    if settings.largest_px and max(box.width, box.height) > settings.largest_px:
        return TOO_LARGE
    if settings.tall and box.width > box.height:
        return "wider than it is high"
    border = settings.border_px
    if border and min(box.x0, box.y0, size[0] - box.x1, size[1] - box.y1) < border:
        return "in the margin left out"
    return ""


def _smaller(labelled: Sequence[Labelled], reasons: Sequence[str], number: int) -> Iterator[int]:
    """The indices of all but the largest digits that are left; what the model rejected does not count as one."""
    digits = [i for i, (_, one) in enumerate(labelled) if one.label != NOT_A_DIGIT and not reasons[i]]
    boxes = {i: labelled[i][0].box for i in digits}
    yield from sorted(digits, key=lambda i: (-boxes[i].area, boxes[i].y0, boxes[i].x0))[number:]


def shifted_labels(labelled: Sequence[Labelled], part: Box) -> tuple[Labelled, ...]:
    """Return what was read of a part of a picture with its boxes on the picture."""
    return tuple((Crop(crop.pixels, crop.box.shifted(part.x0, part.y0)), told) for crop, told in labelled)


def shifted_steps(steps: Steps, part: Box, gray: NDArray[np.uint8]) -> Steps:
    """Return the steps of reading a part of a picture, of which this is the whole brightness, as steps of the whole."""
    ink = np.zeros(gray.shape, np.bool_)
    ink[part.slices] = steps.ink
    return dataclasses.replace(
        steps,
        gray=gray,
        ink=ink,
        dropped=tuple((box.shifted(part.x0, part.y0), reason) for box, reason in steps.dropped),
        divided=tuple((box.shifted(part.x0, part.y0), number) for box, number in steps.divided),
    )
