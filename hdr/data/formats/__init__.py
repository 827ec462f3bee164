"""The captures to the files that other tools read, and back; one module a format.

A format is of crops (each digit a picture of its own) or of pages (whole pictures with boxes). The order of the classes
is always given and always written down, never inferred from the labels that happen to be there: without a single 3, a
4 is still class 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hdr.classify.names import DIGITS
from hdr.data.labels import NO_TRUTH, sort_key
from hdr.data.wording import counted
from hdr.errors import CaptureError

if TYPE_CHECKING:
    from hdr.data.captures import CaptureStore
    from hdr.data.crops import LabelledCrop
    from hdr.data.formats.album import AlbumPage
    from hdr.data.formats.found import Problems
    from hdr.data.splitting import Shares


class Format(NamedTuple):
    """One format: its module, what it is, what it holds, and whether it can be imported.

    The module has ``write(samples, target, replace=...)``, or ``write(album, ...)`` where it holds pages, and
    ``read(path, problems)`` where it can be imported.
    """

    module: str
    says: str
    pages: bool = False
    reads: bool = True


FORMATS = {
    "folder": Format("folder", "class folders of PNG files, as ImageFolder and Keras read them"),
    "npz": Format("npz", "NumPy's .npz, in Keras's layout where it is divided; loads without pickle"),
    "csv": Format("table", "a row a digit: label, pixel0, pixel1, ... as Kaggle has MNIST"),
    "idx": Format("idx", "MNIST's own .gz files"),
    "huggingface": Format("huggingface", "an image folder with metadata.jsonl, as Hugging Face's datasets reads it"),
    "labelme": Format("labelme", "a labelme JSON beside each page", pages=True),
    "coco": Format("coco", "pages with COCO's object detection JSON", pages=True),
    "yolo": Format("yolo", "pages as YOLO's images/ and labels/ with data.yaml", pages=True),
    "voc": Format("voc", "pages with Pascal VOC's XML", pages=True),
    "labelstudio": Format("label_studio", "pages as Label Studio imports them", pages=True, reads=False),
    "cvat": Format("cvat", "pages as CVAT imports them (CVAT for images 1.1)", pages=True, reads=False),
}
"""What is exported, by name."""

SMALLEST_PX, LARGEST_PX = 8, 1024
_OF_ANY_SIZE = ("folder", "huggingface")


@dataclass(frozen=True)
class ExportOptions:
    """How to export.

    Parameters
    ----------
    size_px
        Side of the square that each crop is placed in, in MNIST's geometry; None leaves each as it was cut.
    with_none
        Whether what a person called no digit is written too, as the last class, and what nobody can tell.
    replace
        Whether an earlier export there is replaced. Anything else that is there never is.
    shares
        Of training, validation and test; None divides nothing.
    """

    size_px: int | None = 28
    with_none: bool = False
    replace: bool = False
    shares: Shares | None = None


@dataclass(frozen=True)
class ExportReport:
    """What an export wrote.

    Parameters
    ----------
    format
        By its name in `FORMATS`.
    path
        The file or folder.
    labels
        The classes in order.
    counts
        Crops or boxes by label, those without any included.
    left_out
        Crops or boxes that a person called no digit, where these were not asked for.
    pages
        Pages that were written; None for a format of crops.
    parts
        Crops or pages by part, where they were divided.
    without_page
        Crops that were left out since a format of pages has no place for them.
    """

    format: str
    path: Path
    labels: tuple[str, ...]
    counts: dict[str, int]
    left_out: int = 0
    pages: int | None = None
    parts: dict[str, int] = field(default_factory=dict)
    without_page: int = 0

    @property
    def total(self) -> int:
        """How many crops or boxes were written."""
        return sum(self.counts.values())

    def __str__(self) -> str:
        of_pages = "" if self.pages is None else f" on {counted(self.pages, 'page')}"
        parts = "".join(f", {number} {name}" for name, number in self.parts.items())
        left = f" {self.left_out} that are no digits were left out." if self.left_out else ""
        alone = f" {self.without_page} that have no page were left out." if self.without_page else ""
        what = counted(self.total, "crop") if self.pages is None else counted(self.total, "box", "boxes")
        return f"Exported {what}{of_pages} to {self.path} ({self.format}{parts}).{left}{alone}"


def export(  # noqa: PLR0913  (one parameter an option)
    crops: Iterable[LabelledCrop],
    format_name: str,
    target: Path,
    size_px: int | None = 28,
    *,
    with_none: bool = False,
    replace: bool = False,
    shares: Shares | None = None,
    bursts: Mapping[str, str] | None = None,
) -> ExportReport:
    """Write crops for another tool.

    Parameters
    ----------
    crops
        What to write, as `CaptureStore.crops` yields them.
    format_name
        One of `FORMATS` that holds crops.
    target
        The file or folder to make.
    size_px, with_none, replace, shares
        As `ExportOptions` has them.
    bursts
        By the id of each page of a burst, the burst's name: it is never divided.

    Raises
    ------
    CaptureError
        For an unknown format or size, where there is nothing to export, or where it cannot be written.
    """
    from hdr.data.formats.samples import make_samples

    module = _module(format_name, pages=False)
    _check_size(size_px, format_name)
    every = list(crops)
    kept = [crop for crop in every if with_none or crop.label not in NO_TRUTH]
    if not kept:
        raise CaptureError("There is nothing to export.", hint="Read a picture, and save its digits first.")
    labels = class_order(crop.label for crop in kept)
    samples = make_samples(kept, labels, size_px, shares, bursts)
    module.write(samples, target, replace=replace)
    counts = Counter(crop.label for crop in kept)
    parts = {name: len(part) for name, part in samples.parts() if name}
    left = len(every) - len(kept)
    return ExportReport(format_name, target, labels, {one: counts[one] for one in labels}, left, parts=parts)


def export_store(
    store: CaptureStore, format_name: str, target: Path, options: ExportOptions, problems: Problems
) -> ExportReport:
    """Write all captures for another tool, in a format of crops or of pages.

    Parameters
    ----------
    store
        The captures.
    format_name
        One of `FORMATS`.
    target
        The file or folder to make.
    options
        How.
    problems
        Collects what cannot be read, and is left out.

    Raises
    ------
    CaptureError
        For an unknown format or size, where there is nothing to export, or where it cannot be written.
    """
    bursts = _bursts(store) if options.shares else {}
    if format_name in FORMATS and FORMATS[format_name].pages:
        return _export_pages(store, format_name, target, options, bursts, problems)
    return export(
        store.crops(problems),
        format_name,
        target,
        options.size_px,
        with_none=options.with_none,
        replace=options.replace,
        shares=options.shares,
        bursts=bursts,
    )


def _bursts(store: CaptureStore) -> dict[str, str]:
    """Which pages are of one view, as a camera takes it in a row, by the name of the first."""
    from hdr.data.duplicates import find_duplicates
    from hdr.data.scanning import load_index

    return find_duplicates(load_index(store.root)).burst_of


def _export_pages(
    store: CaptureStore,
    format_name: str,
    target: Path,
    options: ExportOptions,
    bursts: Mapping[str, str],
    problems: Problems,
) -> ExportReport:
    from hdr.data.formats.album import Album, find_pages

    module = _module(format_name, pages=True)
    every = find_pages(store, problems, with_none=True)
    pages = every if options.with_none else find_pages(store, [], with_none=False)
    if not pages:
        raise CaptureError("There is no page to export.", hint="Read a picture, and save its digits first.")
    counts = _counts(pages)
    labels = class_order(counts)
    album = Album(tuple(pages), labels, options.shares, bursts)
    module.write(album, target, replace=options.replace)
    return ExportReport(
        format_name,
        target,
        labels,
        {label: counts[label] for label in labels},
        _counts(every).total() - counts.total(),
        len(pages),
        {name: len(part) for name, part in album.parts() if name},
        _without_page(store, pages),
    )


def _counts(pages: Iterable[AlbumPage]) -> Counter[str]:
    return Counter(digit.label for one in pages for digit in one.page.digits)


def _without_page(store: CaptureStore, pages: Iterable[AlbumPage]) -> int:
    with_page = {one.page.capture for one in pages}
    return sum(len(capture.crops) for capture in store.list() if capture.id not in with_page)


def _module(format_name: str, *, pages: bool) -> Any:
    fitting = [name for name, one in FORMATS.items() if one.pages == pages]
    if format_name not in fitting:
        names = FORMATS if format_name not in FORMATS else fitting
        raise CaptureError(f"There is no format {format_name!r}.", hint=f"Use one of {', '.join(names)}.")
    return import_module(f"hdr.data.formats.{FORMATS[format_name].module}")


def _check_size(size_px: int | None, format_name: str) -> None:
    if size_px is None:
        if format_name not in _OF_ANY_SIZE:
            raise CaptureError(
                f"In {format_name} all crops have one size.", hint=f"Give --size, or use {' or '.join(_OF_ANY_SIZE)}."
            )
    elif not SMALLEST_PX <= size_px <= LARGEST_PX:
        raise CaptureError(f"The size is {size_px} px.", hint=f"Use {SMALLEST_PX} to {LARGEST_PX}; MNIST's is 28.")


def class_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the classes in order: all ten digits always, then other labels, last what is no digit."""
    return (*DIGITS, *sorted(set(labels) - set(DIGITS), key=sort_key))
