"""Labelled crops in memory: counted, merged, brought into a model's geometry, and divided without twins."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hdr.classify.names import DIGITS
from hdr.errors import DatasetError
from hdr.vision.normalize import GEOMETRY, PICTURE, fit_picture, normalize_digit

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled crops.

    Parameters
    ----------
    crops
        One each, ``uint8``; of one size or of many. Of ink: shape (height, width), white on black. Of pictures: that,
        or (height, width, 3) RGB.
    labels
        Shape (crops,), indices into ``names``.
    groups
        Shape (crops,), text: crops of one group (one capture, one writer) are never divided between two parts.
    names
        Every label in the order of a model's outputs; never inferred from what happens to be there.
    files
        Where each crop lies, as text; "" for one that is in no file of its own. Empty where none is.
    geometry
        How crops are placed in a model's input: as ink, `GEOMETRY`, or as whole pictures, `PICTURE`.
    """

    crops: Sequence[Pixels] | Pixels
    labels: NDArray[np.int64]
    groups: NDArray[np.str_]
    names: tuple[str, ...] = DIGITS
    files: tuple[str, ...] = ()
    geometry: str = GEOMETRY

    def __post_init__(self) -> None:
        if not len(self.crops) == len(self.labels) == len(self.groups):
            raise DatasetError(
                f"{len(self.crops)} crops have {len(self.labels)} labels and {len(self.groups)} groups.",
                hint="Give one label and one group a crop.",
            )
        if len(self.files) not in {0, len(self.labels)}:
            raise DatasetError(f"{len(self.labels)} crops have {len(self.files)} files.", hint="Name all or none.")
        wrong = self.labels[(self.labels < 0) | (self.labels >= len(self.names))]
        if len(wrong):
            raise DatasetError(
                f"A label is {int(wrong[0])}, but there are {len(self.names)} names.",
                hint=f"Labels are 0 to {len(self.names) - 1}: {', '.join(self.names)}.",
            )

    def __len__(self) -> int:
        return len(self.labels)

    def count(self) -> dict[str, int]:
        """Crops by label, in the order of the names, those without any included."""
        numbers = np.bincount(self.labels, minlength=len(self.names))
        return {name: int(number) for name, number in zip(self.names, numbers, strict=True)}

    def fields(self, size_px: int = 28) -> Pixels:
        """Return every crop in a model's geometry: ``uint8``, shape (crops, size, size), of pictures (..., 3)."""
        pictures = self.geometry == PICTURE
        fit, more = (fit_picture, (3,)) if pictures else (normalize_digit, ())
        fields = np.zeros((len(self), size_px, size_px, *more), np.uint8)
        for index, crop in enumerate(self.crops):
            fields[index] = fit(np.asarray(crop), size_px)
        return fields

    def take(self, indices: NDArray[np.int64]) -> Dataset:
        """Return some of the crops, in the order of the indices."""
        crops = self.crops[indices] if isinstance(self.crops, np.ndarray) else [self.crops[i] for i in indices]
        files = tuple(self.files[i] for i in indices) if self.files else ()
        return replace(self, crops=crops, labels=self.labels[indices], groups=self.groups[indices], files=files)

    def among(self, names: tuple[str, ...]) -> Dataset:
        """Return the same crops among other labels, which hold all that are in use.

        Raises
        ------
        DatasetError
            Where one of them is missing.
        """
        missing = [name for name, number in self.count().items() if number and name not in names]
        if missing:
            raise DatasetError(
                f"There are crops labelled {', '.join(missing)}, but no such label among {', '.join(names)}.",
                hint="Name every label that is in use.",
            )
        places = np.array([names.index(name) if name in names else -1 for name in self.names], np.int64)
        return replace(self, labels=places[self.labels], names=names)

    def merge(self, other: Dataset) -> Dataset:
        """Return the crops of both, this one's first.

        Raises
        ------
        DatasetError
            Where the label lists differ.
        """
        if self.geometry != other.geometry:
            raise DatasetError("Digits cannot join pictures of other things.", hint="Train with one kind of data.")
        if self.names != other.names:
            raise DatasetError(
                f"Data labelled {', '.join(self.names)} cannot join data labelled {', '.join(other.names)}.",
                hint="Give both the same labels in the same order.",
            )
        crops: Sequence[Pixels] | Pixels
        if isinstance(self.crops, np.ndarray) and isinstance(other.crops, np.ndarray) and _alike(self, other):
            crops = np.concatenate([self.crops, other.crops])
        else:
            crops = [*self.crops, *other.crops]
        labels = np.concatenate([self.labels, other.labels])
        both = (one.files or ("",) * len(one) for one in (self, other))
        files = tuple(itertools.chain(*both)) if self.files or other.files else ()
        groups = np.concatenate([self.groups, other.groups])
        return replace(self, crops=crops, labels=labels, groups=groups, files=files)

    def split(self, share: float, seed: int) -> tuple[Dataset, Dataset]:
        """Divide by group: about ``share`` of the crops in the second part, no group in both.

        Whole groups are drawn in an order that the seed decides, until the second part is as large as asked.

        Parameters
        ----------
        share
            Above 0, below 1.
        seed
            The same seed divides the same data in the same way.

        Raises
        ------
        DatasetError
            Where the share is out of range, or there are too few groups for two parts.
        """
        if not 0 < share < 1:
            raise DatasetError(f"The validation share is {share}.", hint="It must be above 0 and below 1.")
        groups, member, sizes = np.unique(self.groups, return_inverse=True, return_counts=True)
        if len(groups) < 2:
            raise DatasetError(
                f"All {len(self)} crops come from one page or show the same, so none can be held out.",
                hint="Save captures of a second page, or train with more data.",
            )
        order = np.random.default_rng(seed).permutation(len(groups))
        before = np.cumsum(sizes[order]) - sizes[order]
        held = set(order[(before < share * len(self)) & (np.arange(len(order)) < len(order) - 1)].tolist())
        second = np.array([one in held for one in member.tolist()], bool)
        return self.take(np.flatnonzero(~second)), self.take(np.flatnonzero(second))


def _alike(a: Dataset, b: Dataset) -> bool:
    return np.shape(a.crops)[1:] == np.shape(b.crops)[1:]


def from_arrays(crops: Pixels, labels: NDArray[np.integer], group: str = "") -> Dataset:
    """Return digits of arrays of shape (n, height, width) and (n,), each a group of its own unless one is named."""
    groups = np.array([group or str(index) for index in range(len(labels))], np.str_)
    return Dataset(crops, np.asarray(labels, np.int64), groups)
