"""A page from outside and what is here of it already, to what is kept: nothing that is here is taken away.

A person's label that is here stays, whatever comes; a person's label from outside replaces a mere prediction; digits
that are not here are added, those that are here only stay. A crop that is here keeps its box and its pixels.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data.crops import Origin
from hdr.data.labels import folder_name
from hdr.data.merging import Earlier, MergedSave, Tally, gather, match_boxes, merged, origin_for
from hdr.data.pages import Page, PageDigit
from hdr.geometry import Box

Pixels = NDArray[np.uint8]


def join_page(
    incoming: Page, crops: Sequence[Pixels], places: Mapping[int, Sequence[Path]], before: Page | None, now: str
) -> MergedSave:
    """Decide what an import writes of one page.

    Parameters
    ----------
    incoming
        The page with its true id and size; its digits may have numbers.
    crops
        The crop of each of its digits: shape (height, width), ``uint8``, white on black.
    places
        Where the page's crops lie now, by number.
    before
        The page as it is here; None where it is not.
    now
        When, for what changes.
    """
    earlier = gather(places, before)
    matched = match_boxes([digit.box for digit in incoming.digits], earlier)
    base = _base(incoming, before, now)
    numbers = _numbers(incoming, matched, earlier, base.following)
    tally, fresh = Tally(), {}
    entries: dict[int, PageDigit] = {one.number: _staying(one) for one in earlier}
    for digit, pixels, old, number in zip(incoming.digits, crops, matched, numbers, strict=True):
        entry = joined(digit, old, number, tally)
        entries[number] = entry
        if old is None or old.crop is None:
            fresh[number] = (pixels, origin_for(base, entry, now))
        elif entry.by_person and not old.crop.origin.by_person:
            fresh[number] = (old.crop.pixels, origin_for(base, entry, now))
    here = [digit.number for digit in before.digits if digit.number is not None] if before else []
    digits = tuple(entries[number] for number in dict.fromkeys([*here, *numbers, *entries]))
    following = max([base.following, *(number + 1 for number in entries)])
    return merged(dataclasses.replace(base, digits=digits, following=following), fresh, before, places, tally)


def joined(digit: PageDigit, old: Earlier | None, number: int, tally: Tally) -> PageDigit:
    """Return the digit as it is from now on, and count what became of it."""
    folder_name(digit.label)  # refuses one that cannot be a folder, before anything is written
    if old is None:
        tally.added += 1
        return dataclasses.replace(digit, number=number, recorded=digit.label)
    stays = _staying(old)
    persons = old.persons_label
    if persons is not None or not digit.by_person:
        tally.kept += persons is not None and digit.by_person and digit.label != persons
        tally.unchanged += 1
        return stays
    tally.relabelled += digit.label != stays.label
    tally.unchanged += digit.label == stays.label
    return dataclasses.replace(stays, label=digit.label, recorded=digit.label, by_person=True)


def _staying(old: Earlier) -> PageDigit:
    """One that is here already, as it stands on the page."""
    label = old.persons_label or old.folder_label
    if old.entry is not None:
        label = old.entry.label if label is None else label
        by_person = old.entry.by_person or old.moved
        return dataclasses.replace(old.entry, label=label, recorded=label, by_person=by_person)
    box, origin = old.box or Box(0, 0, 1, 1), old.crop.origin if old.crop else Origin("")
    return PageDigit(
        label or "",
        box,
        old.number,
        predicted=origin.predicted,
        confidence=origin.confidence,
        by_person=old.persons_label is not None,
        recorded=label,
    )


def _base(incoming: Page, before: Page | None, now: str) -> Page:
    if before is None:
        return dataclasses.replace(incoming, digits=(), following=0, saved=incoming.saved or now)
    writer = before.writer or incoming.writer
    return dataclasses.replace(before, capture=incoming.capture, size=incoming.size, writer=writer, saved=now)


def _numbers(
    incoming: Page, matched: Sequence[Earlier | None], earlier: Sequence[Earlier], following: int
) -> list[int]:
    """The number of the crop that is here; else its own where that is free; else the next that never was in use."""
    taken = {one.number for one in earlier}
    following = max([following, *(number + 1 for number in taken), *_own(incoming)])
    numbers = []
    for digit, old in zip(incoming.digits, matched, strict=True):
        number = digit.number if old is None else old.number
        if old is None and (number is None or number in taken):
            number, following = following, following + 1
        assert number is not None
        taken.add(number)
        numbers.append(number)
    return numbers


def _own(incoming: Page) -> list[int]:
    return [digit.number + 1 for digit in incoming.digits if digit.number is not None]
