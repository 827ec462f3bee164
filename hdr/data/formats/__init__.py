"""Labelled crops to the files that other tools read; one module a format.

The order of the classes is always given and always written down, never inferred from the labels that happen to be
there: without a single 3, a 4 is still class 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from hdr.classify.card import DIGITS, NOT_A_DIGIT
from hdr.data.crops import LabelledCrop
from hdr.data.formats.samples import Samples, make_samples
from hdr.data.labels import sort_key
from hdr.errors import CaptureError

FORMATS = {
    "folder": ("hdr.data.formats.folder", "class folders of PNG files, as ImageFolder and Keras read them"),
    "npz": ("hdr.data.formats.npz", "NumPy's .npz with the arrays x, y, labels and groups; loads without pickle"),
    "csv": ("hdr.data.formats.table", "a row a digit: label, pixel0, pixel1, ... as Kaggle has MNIST"),
    "idx": ("hdr.data.formats.idx", "MNIST's own four .gz files"),
}
"""By name: the module and what it writes."""

SMALLEST_PX, LARGEST_PX = 8, 1024


class FormatModule(Protocol):
    """What a format's module offers."""

    def write(self, samples: Samples, target: Path, *, replace: bool) -> None:
        """Write the samples, whole or not at all."""
        ...


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
        Crops by label, those without any included.
    left_out
        Crops that a person called no digit, where these were not asked for.
    """

    format: str
    path: Path
    labels: tuple[str, ...]
    counts: dict[str, int]
    left_out: int = 0

    @property
    def total(self) -> int:
        """How many crops were written."""
        return sum(self.counts.values())

    def __str__(self) -> str:
        left = f" {self.left_out} that are no digits were left out." if self.left_out else ""
        return f"Exported {self.total} {'crop' if self.total == 1 else 'crops'} to {self.path} ({self.format}).{left}"


def export(
    crops: Iterable[LabelledCrop],
    format_name: str,
    target: Path,
    size_px: int = 28,
    *,
    with_none: bool = False,
    replace: bool = False,
) -> ExportReport:
    """Write crops for another tool, each brought into MNIST's geometry.

    Parameters
    ----------
    crops
        What to write, as `CaptureStore.crops` yields them.
    format_name
        One of `FORMATS`.
    target
        The file or folder to make.
    size_px
        Side of the square that each crop is placed in.
    with_none
        Whether what a person called no digit is written too, as the last class.
    replace
        Whether an earlier export there is replaced. Anything else that is there never is.

    Raises
    ------
    CaptureError
        For an unknown format or size, where there is nothing to export, or where it cannot be written.
    """
    if format_name not in FORMATS:
        raise CaptureError(f"There is no format {format_name!r}.", hint=f"Use one of {', '.join(FORMATS)}.")
    if not SMALLEST_PX <= size_px <= LARGEST_PX:
        raise CaptureError(f"The size is {size_px} px.", hint=f"Use {SMALLEST_PX} to {LARGEST_PX}; MNIST's is 28.")
    every = list(crops)
    kept = [crop for crop in every if with_none or crop.label != NOT_A_DIGIT]
    if not kept:
        raise CaptureError("There is nothing to export.", hint="Read a picture, and save its digits first.")
    labels = class_order(crop.label for crop in kept)
    module = cast(FormatModule, import_module(FORMATS[format_name][0]))
    module.write(make_samples(kept, labels, size_px), target, replace=replace)
    counts = Counter(crop.label for crop in kept)
    return ExportReport(format_name, target, labels, {label: counts[label] for label in labels}, len(every) - len(kept))


def class_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the classes in order: all ten digits always, then other labels, last what is no digit."""
    return (*DIGITS, *sorted(set(labels) - set(DIGITS), key=sort_key))
