"""A page as read now and as it was saved, to the page with what a person said of it then."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hdr.app import boxes
from hdr.app.document import SAME_DIGIT_IOU
from hdr.geometry import iou

if TYPE_CHECKING:
    from hdr.data.pages import Page, PageDigit
    from hdr.geometry import Box
    from hdr.reading.results import Digit, Reading


def recall(reading: Reading, saved: Page, read_boxes: Callable[[Sequence[Box]], list[Digit]]) -> Reading:
    """Return a reading with the boxes, labels and rows that were saved.

    Parameters
    ----------
    reading
        What is read now.
    saved
        The page as it lies in the captures.
    read_boxes
        Reads boxes that are not in the reading as they were saved.
    """
    pairs = [(entry, _same(reading, entry)) for entry in saved.digits]
    other = [entry.box for entry, digit in pairs if digit is None or digit.box != entry.box]
    anew = dict(zip(other, read_boxes(other), strict=True))
    rows: dict[int, list[Digit]] = {}
    for entry, digit in pairs:
        now = digit if digit is not None and digit.box == entry.box else anew[entry.box]
        said = entry.label if entry.by_person else None
        rows.setdefault(entry.row, []).append(dataclasses.replace(now, corrected=said, row=entry.row))
    used = {id(digit) for _, digit in pairs}
    # On a page of which a person confirmed all, what is found beside that was taken away.
    complete = bool(saved.digits) and all(entry.by_person for entry in saved.digits)
    rest = [d for d in reading.digits if id(d) not in used and (d.is_rejected or not complete)]
    told = boxes.with_rows(reading, [rows[number] for number in sorted(rows)])
    return boxes.replaced(told, [], rest)


def _same(reading: Reading, entry: PageDigit) -> Digit | None:
    """The digit of a reading that covers the place of one that was saved."""
    best = max(reading.digits, key=lambda digit: iou(digit.box, entry.box), default=None)
    return best if best is not None and iou(best.box, entry.box) >= SAME_DIGIT_IOU else None
