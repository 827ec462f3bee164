"""What was read, and what a person asked for, to what of it is kept: a part of the picture, digits of some sizes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

_RIM, _LEAST_RIM_PX = 0.1, 2
"""So much more than the region asked for is looked at, in parts of its shorter side: digits that its edge just cuts are
read whole, and what is cut off all the same is told from what is whole."""
OUTSIDE = "not wholly in the region asked for"


@dataclass(frozen=True)
class Part:
    """The part of a picture that is looked at for the sake of a region that was asked for.

    Parameters
    ----------
    looked
        On the picture: the region and a rim around it.
    asked
        The region, on the part that is looked at.
    cut
        Whether the left, top, right and bottom of what is looked at cuts the picture, and not the picture's own edge.
    """

    looked: Box
    asked: Box
    cut: tuple[bool, bool, bool, bool] = (False, False, False, False)

    @classmethod
    def whole(cls, width: int, height: int) -> Part:
        """All of a picture."""
        return cls(Box(0, 0, width, height), Box(0, 0, width, height))

    def is_outside(self, box: Box) -> bool:
        """Whether a box on the part belongs to no digit of the region: it lies rather beyond it, or is cut off."""
        width, height = self.looked.width, self.looked.height
        touches = box.x0 <= 0, box.y0 <= 0, box.x1 >= width, box.y1 >= height
        is_cut = any(side and at for side, at in zip(self.cut, touches, strict=True))
        return any(self.cut) and (is_cut or not self.asked.contains(*box.center))


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


def part_to_look_at(settings: SegmentSettings, size: tuple[int, int]) -> Part | None:
    """Return what of a picture of (width, height) is looked at; None where that is all of it, and all is wanted."""
    asked = part_asked_for(settings, size)
    if asked is None:
        return None
    looked = asked.padded(max(_LEAST_RIM_PX, round(_RIM * min(asked.width, asked.height)))).clipped(*size)
    cut = looked.x0 > 0, looked.y0 > 0, looked.x1 < size[0], looked.y1 < size[1]
    return Part(looked, asked.shifted(-looked.x0, -looked.y0), cut)


def only_wanted(
    labelled: Sequence[Labelled], settings: SegmentSettings, part: Part
) -> tuple[tuple[Labelled, ...], Dropped]:
    """Keep the crops that lie in the region asked for and are of the sizes asked for.

    Parameters
    ----------
    labelled
        All crops, and what each is.
    settings
        The largest size, the shape, the border and the number that were asked for.
    part
        What was looked at.

    Returns
    -------
    Those kept, in the order they came; the boxes of the others, each with the reason.
    """
    reasons = [_why_not(crop.box, settings, part) for crop, _ in labelled]
    if settings.only_largest:
        for index in _smaller(labelled, reasons, settings.only_largest):
            reasons[index] = "not among the largest asked for"
    kept = tuple(one for one, reason in zip(labelled, reasons, strict=True) if not reason)
    return kept, tuple((crop.box, reason) for (crop, _), reason in zip(labelled, reasons, strict=True) if reason)


def _why_not(box: Box, settings: SegmentSettings, part: Part) -> str:
    if part.is_outside(box):
        return OUTSIDE
    if settings.largest_px and max(box.width, box.height) > settings.largest_px:
        return TOO_LARGE
    if settings.tall and box.width > box.height:
        return "wider than it is high"
    border, asked = settings.border_px, part.asked
    if border and min(box.x0 - asked.x0, box.y0 - asked.y0, asked.x1 - box.x1, asked.y1 - box.y1) < border:
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
