"""Labelled crops to the arrays that every format of crops writes, and arrays from outside to labelled crops."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.data.crops import LabelledCrop, Origin
from hdr.data.splitting import Shares, part_of, used_parts
from hdr.vision.normalize import normalize_digit

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Samples:
    """What is exported.

    Parameters
    ----------
    fields
        Shape (samples, size, size), ``uint8``, white ink on black, in MNIST's geometry; or one array a crop, each of
        its own size, as it was cut.
    classes
        Shape (samples,), ``uint8`` or wider: indices into ``labels``.
    labels
        The classes in order.
    origins
        Where each came from.
    names
        Each crop's file name without its ending.
    shares
        Of training, validation and test; None where nothing is divided.
    groups
        What each is not to be divided from, where that is more than its page or its writer.
    """

    fields: Pixels | Sequence[Pixels]
    classes: NDArray[np.uint8] | NDArray[np.uint32]
    labels: tuple[str, ...]
    origins: tuple[Origin, ...]
    names: tuple[str, ...]
    shares: Shares | None = None
    groups: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def size_px(self) -> int | None:
        """Side of the square that each crop was placed in; None where each is as it was cut."""
        return int(self.fields.shape[1]) if isinstance(self.fields, np.ndarray) else None

    @property
    def array(self) -> Pixels:
        """All crops as one array, for formats that have nothing else."""
        return np.asarray(self.fields, np.uint8)

    def parts(self) -> Iterator[tuple[str, Samples]]:
        """Yield each part that has a share, by its name, an empty one too; all as "" where nothing is divided."""
        if self.shares is None:
            yield "", self
            return
        groups = self.groups or tuple(group_of(origin) for origin in self.origins)
        parts = [part_of(group, self.shares) for group in groups]
        for name in used_parts(self.shares):
            yield name, self._take([index for index, part in enumerate(parts) if part == name])

    def _take(self, indices: list[int]) -> Samples:
        fields = self.fields[indices] if isinstance(self.fields, np.ndarray) else [self.fields[i] for i in indices]
        origins, names = tuple(self.origins[i] for i in indices), tuple(self.names[i] for i in indices)
        return Samples(fields, self.classes[indices], self.labels, origins, names)


def group_of(origin: Origin, bursts: Mapping[str, str] | None = None) -> str:
    """Return what is never divided between two parts: all that one writer wrote, else one burst of pages, or one page.

    Parameters
    ----------
    origin
        Where the crop came from.
    bursts
        By the id of each page of a burst, the burst's name.
    """
    return origin.writer or (bursts or {}).get(origin.capture, origin.capture)


def make_samples(
    crops: Sequence[LabelledCrop],
    labels: tuple[str, ...],
    size_px: int | None,
    shares: Shares | None = None,
    bursts: Mapping[str, str] | None = None,
) -> Samples:
    """Bring crops into MNIST's geometry at a size, or leave each as it was cut.

    Parameters
    ----------
    crops
        Each with one of the labels.
    labels
        All that there are, in the order of the classes.
    size_px
        Side of the fields; None leaves crops as they were cut.
    shares
        How they are divided into parts; None divides nothing.
    bursts
        As `group_of` has them.
    """
    index = {label: number for number, label in enumerate(labels)}
    fields: Pixels | list[Pixels] = [crop.pixels for crop in crops]
    if size_px is not None:
        fields = np.zeros((len(crops), size_px, size_px), np.uint8)
        for number, crop in enumerate(crops):
            fields[number] = normalize_digit(crop.pixels, size_px)
    numbers = [index[crop.label] for crop in crops]
    classes = np.array(numbers, np.uint8) if len(labels) <= 256 else np.array(numbers, np.uint32)
    names = tuple(crop.path.stem if crop.path else f"{crop.capture}_{crop.origin.number:02d}" for crop in crops)
    # A person who moved a crop to another folder has spoken too, though its file does not say so.
    origins = tuple(dataclasses.replace(crop.origin, by_person=crop.by_person) for crop in crops)
    groups = tuple(group_of(origin, bursts) for origin in origins)
    return Samples(fields, classes, labels, origins, names, shares, groups)
