"""Labelled crops to the arrays that every format writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.data.crops import LabelledCrop, Origin
from hdr.vision.normalize import normalize_digit


@dataclass(frozen=True, eq=False)
class Samples:
    """What is exported.

    Parameters
    ----------
    fields
        Shape (samples, size, size), ``uint8``, white ink on black, in MNIST's geometry.
    classes
        Shape (samples,), ``uint8`` or wider: indices into ``labels``.
    labels
        The classes in order.
    origins
        Where each came from.
    names
        Each crop's file name without its ending.
    """

    fields: NDArray[np.uint8]
    classes: NDArray[np.uint8] | NDArray[np.uint32]
    labels: tuple[str, ...]
    origins: tuple[Origin, ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.classes)


def make_samples(crops: Sequence[LabelledCrop], labels: tuple[str, ...], size_px: int) -> Samples:
    """Bring crops into MNIST's geometry at a size."""
    index = {label: number for number, label in enumerate(labels)}
    fields = np.zeros((len(crops), size_px, size_px), np.uint8)
    for number, crop in enumerate(crops):
        fields[number] = normalize_digit(crop.pixels, size_px)
    numbers = [index[crop.label] for crop in crops]
    classes = np.array(numbers, np.uint8) if len(labels) <= 256 else np.array(numbers, np.uint32)
    names = tuple(crop.path.stem if crop.path else f"{crop.capture}_{crop.origin.number:02d}" for crop in crops)
    return Samples(fields, classes, labels, tuple(crop.origin for crop in crops), names)
