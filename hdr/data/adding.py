"""Crops that come from outside without their page to files among the captures, and what is there already kept.

All are prepared in a folder of their own, flushed to the disk, and then moved to their places one by one: a process
that is killed leaves whole files only. What an earlier one left in such a folder is thrown away.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from hdr.data import staging
from hdr.data.crops import LabelledCrop, crop_file_name, encode_crop
from hdr.data.joining import joined
from hdr.data.labels import folder_name
from hdr.data.merging import Earlier, Tally, gather, match_boxes
from hdr.data.pages import PageDigit
from hdr.geometry import Box

Places = Mapping[int, list[Path]]
Used = dict[str, set[int]]
"""By page: the crops here that one of this import has been found to be."""
_STAGE = ".import-"


def write_crops(root: Path, crops: list[LabelledCrop], used: Used) -> Tally:
    """Write crops that belong to no page here. The caller holds the lock.

    Parameters
    ----------
    root
        The captures folder.
    crops
        Each with an id: that of its page, where it has a box there, else one by its content.
    used
        What the import has found already; it is added to.

    Raises
    ------
    OSError
        Where they cannot be written; each is there whole, or not at all.
    """
    tally = Tally()
    places = staging.index_crops(root) if crops else {}
    for leftover in (root / staging.PAGES).glob(f"{_STAGE}*"):  # of an import that was killed; we hold the lock
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=root / staging.PAGES, prefix=_STAGE) as folder:
        stage = Path(folder)
        moves: list[tuple[Path, Path, Path | None]] = []
        for capture, group in by_page(crops).items():
            for crop, old in _settled(group, places.get(capture, {}), used.setdefault(capture, set()), tally):
                staged = stage / crop_file_name(capture, crop.origin.number)
                staged.write_bytes(encode_crop(crop.pixels, crop.origin))
                moves.append((staged, root / folder_name(crop.label) / staged.name, old))
        _flush()
        for staged, target, old in moves:
            target.parent.mkdir(exist_ok=True)
            if old is not None and old != target:
                os.replace(old, target)
            os.replace(staged, target)
    return tally


def _settled(
    group: list[LabelledCrop], places: Places, used: set[int], tally: Tally
) -> Iterator[tuple[LabelledCrop, Path | None]]:
    """Yield each crop that is to be written, as it is to be, with the file that it takes the place of."""
    earlier = gather(places, None)
    taken = {one.number for one in earlier}
    for crop, old in zip(group, _matched(group, [one for one in earlier if one.number not in used]), strict=True):
        number = old.number if old else _free_number(crop.origin.number, taken)
        taken.add(number)
        used.add(number)
        entry = joined(as_digit(crop), old, number, tally)
        if old is None:
            saved = crop.origin.saved or now()
            origin = dataclasses.replace(crop.origin, number=number, by_person=entry.by_person, saved=saved)
            yield dataclasses.replace(crop, origin=origin), None
        elif (path := _rewritten(old, entry, places)) is not None:
            here = old.crop or crop
            origin = dataclasses.replace(here.origin, number=number, by_person=entry.by_person, saved=now())
            yield LabelledCrop(here.pixels, entry.label, origin), path


def _matched(group: list[LabelledCrop], earlier: list[Earlier]) -> list[Earlier | None]:
    """Which crop that is here each one is: by its place on the page; without a page, the twin of the same label first.

    All of a group without a page have the same content.
    """
    if all(crop.origin.box is not None for crop in group):
        return match_boxes([crop.origin.box for crop in group if crop.origin.box], earlier)
    left = list(earlier)
    matched: dict[int, Earlier | None] = dict.fromkeys(range(len(group)))
    for same_label in (True, False):
        for index in [index for index, old in matched.items() if old is None]:
            fitting = (one for one in left if not same_label or one.folder_label == group[index].label)
            matched[index] = found = next(fitting, None)
            if found is not None:
                left.remove(found)
    return list(matched.values())


def _rewritten(old: Earlier, entry: PageDigit, places: Places) -> Path | None:
    """The file of a crop that is here, where it is to change: another label, a person's word, or new for damaged."""
    same = old.crop is not None and old.crop.by_person == entry.by_person and old.folder_label == entry.label
    return None if same else places[old.number][0]


def _free_number(number: int, taken: set[int]) -> int:
    return number if number not in taken else max(taken) + 1


def _flush() -> None:
    """See to it that what was written is on the disk before names are moved to it, where the system can."""
    if hasattr(os, "sync"):
        os.sync()


def by_page(crops: Iterable[LabelledCrop]) -> dict[str, list[LabelledCrop]]:
    """Return the crops of each page."""
    groups: dict[str, list[LabelledCrop]] = {}
    for crop in crops:
        groups.setdefault(crop.capture, []).append(crop)
    return groups


def as_digit(crop: LabelledCrop) -> PageDigit:
    """Return a crop as it would stand on its page."""
    origin = crop.origin
    box = origin.box or Box(0, 0, crop.pixels.shape[1], crop.pixels.shape[0])
    return PageDigit(
        crop.label,
        box,
        origin.number,
        predicted=origin.predicted,
        confidence=origin.confidence,
        by_person=crop.by_person,
        recorded=crop.label,
    )


def now() -> str:
    """Return the time as captures tell it: ISO 8601 with the zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
