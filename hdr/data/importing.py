"""Crops and pages from outside to the captures: added to what is there, and nothing of that is ever taken away.

A page comes whole or not at all, as a save does (`hdr.data.staging`), and so does every crop. An import that is cut
short has left what it had done; importing again does the rest, since what is here already is known by its content.
What a person labelled here keeps that label (`hdr.data.joining`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data import staging
from hdr.data.adding import Used, as_digit, by_page, now, write_crops
from hdr.data.captures import CaptureStore, capture_id, encode_page
from hdr.data.crops import LabelledCrop
from hdr.data.cutting import cut_boxes
from hdr.data.formats.archive import is_archive, unpacked
from hdr.data.formats.found import MOST_BOXES, FoundPage
from hdr.data.formats.recognizing import read_format, recognize
from hdr.data.joining import join_page
from hdr.data.labels import folder_name
from hdr.data.pages import Page, PageDigit
from hdr.data.wording import counted
from hdr.errors import CaptureError, ImageError
from hdr.geometry import Box
from hdr.vision.layout import group_rows

Pixels = NDArray[np.uint8]
_AT_ONCE = 2000


@dataclass
class ImportReport:
    """What an import did.

    Parameters
    ----------
    folder
        The captures folder.
    format
        What it was taken for.
    pages
        Pages that it held.
    added
        Crops that were not here before.
    relabelled
        Crops whose mere prediction gave way to a person's label.
    unchanged
        Crops that were here just so.
    kept
        Of those, the ones that keep the label a person gave here, though the import has another.
    problems
        What could not be taken.
    """

    folder: Path
    format: str = ""
    pages: int = 0
    added: int = 0
    relabelled: int = 0
    unchanged: int = 0
    kept: int = 0
    problems: list[CaptureError] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many crops were looked at."""
        return self.added + self.relabelled + self.unchanged

    def count(self, counts: Mapping[str, int]) -> None:
        """Add what one step did."""
        for name in ("added", "relabelled", "unchanged", "kept"):
            setattr(self, name, getattr(self, name) + counts[name])

    def __str__(self) -> str:
        pages = f" of {counted(self.pages, 'page')}" if self.pages else ""
        told = f"{self.added} new, {self.relabelled} relabelled, {self.unchanged} were here already"
        kept = f" {self.kept} kept the label that a person gave here." if self.kept else ""
        return f"Imported {counted(self.total, 'crop')}{pages} ({self.format}) to {self.folder}: {told}.{kept}"


Told = Callable[[ImportReport], None] | None


def import_path(store: CaptureStore, path: Path, writer: str = "", *, told: Told = None) -> ImportReport:
    """Recognize what a file, a folder or an archive holds, and add it to the captures.

    Parameters
    ----------
    store
        Where to.
    path
        What to import.
    writer
        Whose hand it is, where that is known and the files do not say.
    told
        Called now and then with what has been done so far.

    Raises
    ------
    CaptureError
        Where it is in no format that is known, is damaged as a whole, or the captures cannot be written.
    """
    report = ImportReport(store.root)
    try:
        if is_archive(path):
            with unpacked(path) as folder:
                _import(store, folder, report, writer, told)
        else:
            _import(store, path, report, writer, told)
    except OSError as error:
        why = error.strerror or str(error)
        raise CaptureError(f"{path} cannot be read ({why}).", hint="Check that it may be read.") from error
    if not report.total and not report.pages and not report.problems:
        raise CaptureError(f"{path} holds no crop and no page.", hint="Check that it is the file you mean.")
    return report


def _import(store: CaptureStore, path: Path, report: ImportReport, writer: str, told: Told) -> None:
    if store.root.exists() and path.exists() and store.root.resolve() == path.resolve():
        raise CaptureError(f"{path} are these captures themselves.", hint="Name other ones.")
    report.format, place = recognize(path)
    found = read_format(report.format, place, report.problems)
    import_found(store, (_of_writer(one, writer) for one in found), report, told)


def _of_writer(one: LabelledCrop | FoundPage, writer: str) -> LabelledCrop | FoundPage:
    if isinstance(one, FoundPage):
        return dataclasses.replace(one, page=dataclasses.replace(one.page, writer=one.page.writer or writer))
    return dataclasses.replace(one, origin=dataclasses.replace(one.origin, writer=one.origin.writer or writer))


def import_found(
    store: CaptureStore, found: Iterable[LabelledCrop | FoundPage], report: ImportReport, told: Told = None
) -> None:
    """Add crops and pages to the captures.

    Parameters
    ----------
    store
        Where to.
    found
        What a format's ``read`` yields.
    report
        Counts what is done, and collects what cannot be taken.
    told
        Called now and then with the report as it is.

    Raises
    ------
    CaptureError
        Where the captures cannot be written. What was added before stays.
    """
    crops: list[LabelledCrop] = []
    used: Used = {}
    for one in found:
        if isinstance(one, FoundPage):
            _take_page(store, one, report)
        else:
            crops.append(one)
        if len(crops) >= _AT_ONCE:
            _take_crops(store, crops, used, report)
            crops = []
        if told is not None and not crops:
            told(report)
    _take_crops(store, crops, used, report)


def _take_page(store: CaptureStore, found: FoundPage, report: ImportReport) -> None:
    try:
        image = found.load()
        page, crops = _prepared(found, image)
    except ImageError as error:
        report.problems.append(CaptureError(error.message, hint=error.hint))
        return
    except CaptureError as error:
        report.problems.append(error)
        return
    report.pages += 1
    report.problems += _lost_boxes(found, page)
    report.count(_write_page(store, page, crops, encode_page(image)))


def _prepared(found: FoundPage, image: Pixels) -> tuple[Page, list[Pixels]]:
    """The page with its true id and size, in reading order, and a crop for each digit."""
    page, (height, width) = found.page, image.shape[:2]
    name = page.source or page.capture or "a page"
    if page.size not in ((0, 0), (width, height)):
        raise CaptureError(
            f"The boxes of {name} are for a picture of {page.size[0]} x {page.size[1]} pixels; this one has "
            f"{width} x {height}.",
            hint="Put the picture there that was labelled.",
        )
    if len(page.digits) > MOST_BOXES:
        raise CaptureError(f"{name} has {len(page.digits):,} boxes.", hint=f"A page may have {MOST_BOXES:,}.")
    clipped = [dataclasses.replace(digit, box=digit.box.clipped(width, height)) for digit in page.digits]
    digits = [digit for digit in clipped if digit.box.area]
    for digit in digits:
        folder_name(digit.label)
    digits = digits if found.ordered else _in_order(digits)
    page = dataclasses.replace(page, capture=_true_id(page.capture, image), size=(width, height), digits=tuple(digits))
    return page, _crops(found, image, digits)


def _crops(found: FoundPage, image: Pixels, digits: list[PageDigit]) -> list[Pixels]:
    """Those that came with the page, the others cut out of it."""
    came = [found.crops.get(digit.number) if digit.number is not None else None for digit in digits]
    missing = [digit.box for digit, crop in zip(digits, came, strict=True) if crop is None]
    cut = iter(cut_boxes(image, missing))
    return [next(cut) if crop is None else crop for crop in came]


def _true_id(told: str, image: Pixels) -> str:
    """The id by the picture's content, which is gray where the page was, though a file gives colours."""
    if told and np.array_equal(image[:, :, 0], image[:, :, 1]) and told == capture_id(image[:, :, 0]):
        return told
    return capture_id(image)


def _in_order(digits: list[PageDigit]) -> list[PageDigit]:
    from hdr.classify.names import NOT_A_DIGIT

    rows = group_rows([digit.box for digit in digits], [digit.label != NOT_A_DIGIT for digit in digits])
    return [dataclasses.replace(digits[i], row=row) for row, indices in enumerate(rows) for i in indices]


def _lost_boxes(found: FoundPage, page: Page) -> list[CaptureError]:
    lost = len(found.page.digits) - len(page.digits)
    if not lost:
        return []
    where = f"outside the picture of {page.source or page.capture}"
    return [CaptureError(counted(lost, f"box lies {where} and was left out.", f"boxes lie {where} and were left out."))]


def _write_page(store: CaptureStore, page: Page, crops: list[Pixels], picture: bytes) -> Mapping[str, int]:
    with store.writing(page.capture):
        places = staging.find_crops(store.root, page.capture)
        before = store.saved_page(page.capture)
        merge = join_page(page, crops, places, before, now())
        new = None if store.picture(page.capture).is_file() else picture or None
        if merge.changed or new is not None:
            fresh = merge.encoded_crops()
            stage = staging.stage_save(store.root, page.capture, fresh, new, merge.page.to_json())
            staging.apply_stage(store.root, stage)
    return merge.counts


def _take_crops(store: CaptureStore, crops: list[LabelledCrop], used: Used, report: ImportReport) -> None:
    """Add crops that come without their page; those of a page that is here join it."""
    if not crops:
        return
    alone: list[LabelledCrop] = []
    for capture, group in by_page(_named(crops)).items():
        page = store.saved_page(capture)
        inside = [crop for crop in group if page and crop.origin.box == _clipped(crop.origin.box, page.size)]
        if page is None or len(inside) < len(group):
            alone += group
            continue
        joining = dataclasses.replace(page, digits=tuple(as_digit(crop) for crop in group))
        report.count(_write_page(store, joining, [crop.pixels for crop in group], b""))
    with store.writing():
        report.count(dataclasses.asdict(write_crops(store.root, alone, used)))


def _clipped(box: Box | None, size: tuple[int, int]) -> Box | None:
    return box.clipped(*size) if box else None


def _named(crops: Iterable[LabelledCrop]) -> Iterator[LabelledCrop]:
    """Give each crop an id: that of its page, where it has a place there, else one by its content."""
    for crop in crops:
        if crop.origin.box is not None and crop.origin.capture:
            yield crop
        else:
            origin = dataclasses.replace(crop.origin, capture=capture_id(crop.pixels), number=0, box=None)
            yield dataclasses.replace(crop, origin=origin)
