"""A reading and what was saved of its page before, to what is saved now: whose label counts, which crop is which."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data.crops import LabelledCrop, Origin, encode_crop, read_crop
from hdr.data.labels import folder_name, label_of
from hdr.data.pages import Page, PageDigit
from hdr.errors import CaptureError
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.vision.strokes import Stroke

_SAME_DIGIT_IOU = 0.5


@dataclass(frozen=True, eq=False)
class MergedSave:
    """What a save comes to.

    Parameters
    ----------
    page
        The page as it is from now on.
    fresh
        The crops that are new or changed, by number.
    counts
        For `SaveReport`.
    changed
        Whether anything is to be written.
    """

    page: Page
    fresh: Mapping[int, tuple[NDArray[np.uint8], Origin]]
    counts: Mapping[str, int]
    changed: bool

    def encoded_crops(self) -> dict[int, bytes]:
        """Return the PNGs of the new and changed crops, by number."""
        return {number: encode_crop(pixels, origin) for number, (pixels, origin) in self.fresh.items()}


@dataclass
class Earlier:
    """One crop as it was saved before, as far as the folder, its file and the page tell."""

    number: int
    box: Box | None = None
    crop: LabelledCrop | None = None
    folder_label: str | None = None
    entry: PageDigit | None = None

    @property
    def recorded(self) -> str | None:
        """The label as it was when the page was last saved."""
        return self.entry.recorded if self.entry else None

    @property
    def moved(self) -> bool:
        """Whether somebody moved the file to another folder since."""
        return None not in (self.recorded, self.folder_label) and self.recorded != self.folder_label

    @property
    def persons_label(self) -> str | None:
        """The label that a person gave, then or since; None where there is only a prediction."""
        if self.moved:
            return self.folder_label
        if self.entry is not None:
            return self.entry.label if self.entry.by_person else None  # which holds a change in labelme too
        return self.folder_label if self.crop is None or self.crop.by_person else None

    def overruled_by(self, digit: Digit) -> bool:
        """Whether a person has said something about the digit since the page was last saved."""
        if digit.corrected is None:
            return False
        said_before = self.entry is not None and self.entry.by_person and self.recorded == digit.corrected
        return not said_before


@dataclass
class Tally:
    """Counts crops by what becomes of them, as `SaveReport` tells them."""

    added: int = 0
    relabelled: int = 0
    unchanged: int = 0
    kept: int = 0
    removed: int = 0


def merge_save(
    capture: str,
    reading: Reading,
    places: Mapping[int, Sequence[Path]],
    before: Page | None,
    *,
    source: str,
    strokes: Iterable[Stroke] | None,
    now: str,
) -> MergedSave:
    """Decide what a save writes.

    Parameters
    ----------
    capture
        The page's id.
    reading
        What was read now, with the person's labels.
    places
        Where the page's crops lie now, by number.
    before
        The page as it was saved before, if it was.
    source, strokes, now
        As `CaptureStore.save` has them; the time is used for what changes only.
    """
    earlier = gather(places, before)
    found, matched = _worth_saving(reading, earlier)
    following = max([before.following if before else 0, *(one.number + 1 for one in earlier)])
    numbers, following = _numbers(matched, following)
    base = dataclasses.replace(
        before or Page(capture, reading.size), capture=capture, size=reading.size, source=source, model=reading.model
    )
    tally, fresh, digits = Tally(), {}, []
    for digit, old, number in zip(found, matched, numbers, strict=True):
        entry = _entry(digit, old, number, tally)
        digits.append(entry)
        origin = origin_for(base, entry, now)
        if old is None or not _same(old.crop, digit.crop.pixels, origin):
            fresh[number] = (digit.crop.pixels, origin)
    tally.removed = len(places.keys() - set(numbers))
    page = dataclasses.replace(base, digits=tuple(digits), saved=now, following=following)
    if strokes is not None:
        page = dataclasses.replace(page, strokes=tuple(strokes))
    return merged(page, fresh, before, places, tally)


def merged(
    page: Page,
    fresh: Mapping[int, tuple[NDArray[np.uint8], Origin]],
    before: Page | None,
    places: Mapping[int, Sequence[Path]],
    tally: Tally,
) -> MergedSave:
    """Put together what a save comes to, and whether that is anything new.

    Parameters
    ----------
    page, fresh
        As `MergedSave` has them.
    before
        The page as it was saved before, if it was.
    places
        Where the page's crops lie now, by number.
    tally
        What became of the crops.
    """
    changed = bool(fresh) or before is None or _content(page) != _content(before) or _misplaced(page, places)
    return MergedSave(page, fresh, dataclasses.asdict(tally), changed)


def labels_by_folder(page: Page, places: Mapping[int, Sequence[Path]]) -> Page:
    """Return the page with the label that each crop's folder decides, or that labelme gave it since."""
    digits = []
    for digit in page.digits:
        one = Earlier(digit.number or 0, entry=digit)
        if one.number in places:
            one.folder_label = label_of(_told_path(places[one.number], one).parent.name)
        label = one.folder_label if one.moved and one.folder_label is not None else digit.label
        digits.append(dataclasses.replace(digit, label=label, by_person=digit.by_person or one.moved))
    return dataclasses.replace(page, digits=tuple(digits))


def gather(places: Mapping[int, Sequence[Path]], before: Page | None) -> list[Earlier]:
    """Return what is known of a page's crops, by number, from their files and from the page as it was saved."""
    found: dict[int, Earlier] = {}
    for digit in before.digits if before else ():
        assert digit.number is not None
        found[digit.number] = Earlier(digit.number, box=digit.box, entry=digit)
    for number, paths in places.items():
        one = found.setdefault(number, Earlier(number))
        path = _told_path(paths, one)
        one.folder_label = label_of(path.parent.name)
        try:
            one.crop = read_crop(path, one.folder_label or "")
            one.box = one.crop.origin.box or one.box
        except CaptureError:
            one.crop = None  # damaged: it is written again
    return [found[number] for number in sorted(found)]


def _worth_saving(reading: Reading, earlier: Sequence[Earlier]) -> tuple[list[Digit], list[Earlier | None]]:
    """The digits to save, each with what it was before.

    A page of print must not flood the captures: what the model alone rejected is left out, unless a person has
    labelled the same ink at an earlier save.
    """
    matched = match_boxes([digit.box for digit in reading.digits], earlier)
    pairs = [
        (digit, old)
        for digit, old in zip(reading.digits, matched, strict=True)
        if not digit.is_rejected or (old is not None and old.persons_label is not None)
    ]
    return [digit for digit, _ in pairs], [old for _, old in pairs]


def _told_path(paths: Sequence[Path], one: Earlier) -> Path:
    """Of several copies the one that a person put into another folder: that is the label they meant."""
    return next((path for path in paths if one.recorded not in (None, label_of(path.parent.name))), paths[0])


def match_boxes(boxes: Sequence[Box], earlier: Sequence[Earlier]) -> list[Earlier | None]:
    """Which of the earlier crops each digit is: the best overlap first, each used once."""
    matched: list[Earlier | None] = [None] * len(boxes)
    old = [one for one in earlier if one.box is not None]
    if not boxes or not old:
        return matched
    overlap = _iou_table(_corners(boxes), _corners([one.box for one in old if one.box is not None]))
    rows, columns = np.nonzero(overlap >= _SAME_DIGIT_IOU)
    used: set[int] = set()
    for pair in np.argsort(-overlap[rows, columns], kind="stable"):
        row, column = int(rows[pair]), int(columns[pair])
        if matched[row] is None and column not in used:
            matched[row] = old[column]
            used.add(column)
    return matched


def _corners(boxes: Sequence[Box]) -> NDArray[np.float32]:
    return np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes], np.float32)


def _iou_table(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of every box of one list with every box of the other, shape (a, b)."""
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(axis=2)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(axis=1), (b[:, 2:] - b[:, :2]).prod(axis=1)
    return np.asarray(both / np.maximum(area_a[:, None] + area_b[None] - both, 1e-9), np.float32)


def _numbers(matched: Sequence[Earlier | None], following: int) -> tuple[list[int], int]:
    """The old number where it is an old crop, else the next that never was on this page; and the next after all."""
    numbers = []
    for old in matched:
        numbers.append(following if old is None else old.number)
        following += old is None
    return numbers, following


def _entry(digit: Digit, old: Earlier | None, number: int, tally: Tally) -> PageDigit:
    label, by_person = digit.label, digit.corrected is not None
    persons = old.persons_label if old else None
    if old and persons is not None and not old.overruled_by(digit):
        tally.kept += label != persons
        label, by_person = persons, True
    folder_name(label)  # refuses one that cannot be a folder, before anything is written
    if old is None or old.folder_label is None:
        tally.added += 1
    elif old.folder_label != label:
        tally.relabelled += 1
    else:
        tally.unchanged += 1
    prediction = digit.prediction
    return PageDigit(
        label, digit.box, number, digit.row, prediction.label, prediction.confidence, by_person, recorded=label
    )


def origin_for(page: Page, entry: PageDigit, now: str) -> Origin:
    """Return what a crop's own file tells of where it came from."""
    assert entry.number is not None
    return Origin(
        capture=page.capture,
        number=entry.number,
        box=entry.box,
        source=page.source,
        predicted=entry.predicted,
        confidence=round(entry.confidence, 6),
        by_person=entry.by_person,
        model=page.model,
        saved=now,
        writer=page.writer,
    )


def _same(old: LabelledCrop | None, pixels: NDArray[np.uint8], origin: Origin) -> bool:
    """Whether a crop's file need not be written again; the time alone is no reason to."""
    return (
        old is not None
        and dataclasses.replace(old.origin, saved="") == dataclasses.replace(origin, saved="")
        and np.array_equal(old.pixels, pixels)
    )


def _content(page: Page) -> str:
    return dataclasses.replace(page, saved="").to_json()


def _misplaced(page: Page, places: Mapping[int, Sequence[Path]]) -> bool:
    """Whether a crop is to be moved, or taken away, though no file's content changes."""
    wanted = {digit.number: digit.label for digit in page.digits}
    return any(
        number not in wanted or len(paths) > 1 or label_of(paths[0].parent.name) != wanted[number]
        for number, paths in places.items()
    )
