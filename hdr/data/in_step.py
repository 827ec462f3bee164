"""A page brought into step with where its crops lie: their labels, those in the recycle bin, those that came back."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Container, Mapping
from pathlib import Path

from hdr.data.crops import crop_file_name, read_crop
from hdr.data.labels import folder_name, label_of
from hdr.data.pages import Page, PageDigit
from hdr.errors import CaptureError


def settle(root: Path, page: Page, but: Container[int] = ()) -> None:
    """Move crops whose label was changed in labelme, before the page is written: then every label counts as recorded.

    Parameters
    ----------
    root
        The captures folder.
    page
        As its file tells it.
    but
        Numbers of crops that are left where they are.

    Raises
    ------
    OSError
        Where one cannot be moved.
    CaptureError
        Where a label cannot be a folder's name.
    """
    for digit in page.digits:
        if digit.number is not None and digit.number not in but and digit.recorded not in (None, digit.label):
            name = crop_file_name(page.capture, digit.number)
            source, target = root / folder_name(str(digit.recorded)) / name, root / folder_name(digit.label) / name
            if source.is_file() and not target.exists():
                target.parent.mkdir(exist_ok=True)
                os.replace(source, target)


def retold(page: Page, files: Mapping[int, Path], confirmed: Container[int], binned: Container[int]) -> Page:
    """Return a page with the labels that some of its crops' folders have, without those that are in the recycle bin.

    Parameters
    ----------
    page
        As its file tells it.
    files
        Where the moved crops are, by number.
    confirmed
        The numbers of those of which a person gave the label.
    binned
        The numbers of those in the recycle bin.
    """
    digits = []
    for digit in page.digits:
        number = -1 if digit.number is None else digit.number
        if number in files:
            label = label_of(files[number].parent.name) or ""
            by_person = number in confirmed or label != digit.predicted
            digits.append(dataclasses.replace(digit, label=label, recorded=label, by_person=by_person))
        elif number not in binned:
            digits.append(digit)
    return with_crops(dataclasses.replace(page, digits=tuple(digits)), files)


def with_crops(page: Page, files: Mapping[int, Path]) -> Page:
    """Return a page with those of its crops, too, that it does not list: each in the row that it is level with.

    Parameters
    ----------
    page
        The page.
    files
        Its crops by number; those that cannot be read, or tell no box, are passed over.
    """
    there = {digit.number for digit in page.digits}
    digits = list(page.digits)
    for number, path in files.items():
        if number not in there:
            digits = _insert(digits, path)
    return dataclasses.replace(page, digits=tuple(digits))


def _insert(digits: list[PageDigit], path: Path) -> list[PageDigit]:
    try:
        crop = read_crop(path, label_of(path.parent.name) or "")
    except CaptureError:
        return digits
    told, box = crop.origin, crop.origin.box
    if box is None:
        return digits
    level = min(digits, key=lambda one: abs(one.box.y0 + one.box.y1 - box.y0 - box.y1), default=None)
    row = level.row if level else 0
    entry = PageDigit(
        crop.label, box, told.number, row, told.predicted, told.confidence, crop.by_person, recorded=crop.label
    )
    after = [place for place, one in enumerate(digits) if one.row < row or (one.row == row and one.box.x0 < box.x0)]
    place = max(after, default=-1) + 1
    return [*digits[:place], entry, *digits[place:]]
