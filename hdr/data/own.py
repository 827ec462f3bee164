"""A captures folder to what is learned from it and what is held out of it, to see whether learning helped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hdr.data.captures import CaptureStore
from hdr.data.crops import LabelledCrop
from hdr.data.dataset import Dataset
from hdr.data.duplicates import find_duplicates
from hdr.data.freezing import frozen_now, snapshot
from hdr.data.scanning import load_index
from hdr.data.splitting import hold_out
from hdr.errors import CaptureError, DatasetError

HELD = 0.2
"""Share of the groups that is held out."""


@dataclass(frozen=True, eq=False)
class OwnCrops:
    """One's own crops, divided by group.

    Parameters
    ----------
    learn, held
        Either part; ``held`` may be empty.
    groups
        How many groups there are in all: pages, bursts of a camera, or writers.
    left_out
        Why some crops are in neither, a sentence each.
    version
        What the folder held, for the card of a model: as `Frozen.card` has it.
    """

    learn: Dataset
    held: Dataset
    groups: int
    left_out: tuple[str, ...]
    version: dict[str, Any]


def load_own_crops(root: Path, names: tuple[str, ...]) -> OwnCrops:
    """Return the crops of a captures folder that have one of the labels, ink that is no digit included.

    Crops of one writer stay together, else those of one burst or page. Where all are of one hand, pages are what is
    divided, since it is that hand that is asked about.

    Raises
    ------
    CaptureError
        Where the folder cannot be read.
    DatasetError
        Where it holds nothing to learn from.
    """
    store, problems = CaptureStore(root), list[CaptureError]()
    found = list(store.crops(problems))
    crops = [crop for crop in found if crop.label in names]
    if not crops:
        raise DatasetError(
            f"{root} holds no crops labelled {', '.join(names)}.",
            hint="Save some readings first: Save in the window, or hdr read PICTURE --save.",
        )
    other = sorted({crop.label for crop in found} - set(names))
    sentences = [f"{sum(crop.label == label for crop in found)} labelled {label}, unknown to it" for label in other]
    groups = _groups(root, crops)
    labels = np.array([names.index(crop.label) for crop in crops], np.int64)
    data = Dataset([crop.pixels for crop in crops], labels, groups, names)
    held = np.isin(groups, list(hold_out(groups.tolist(), HELD)))
    learn, kept = data.take(np.flatnonzero(~held)), data.take(np.flatnonzero(held))
    told = (*sentences, *(error.message for error in problems))
    return OwnCrops(learn, kept, len(set(groups.tolist())), told, _version(store, readable=not problems))


def _groups(root: Path, crops: list[LabelledCrop]) -> np.ndarray[Any, np.dtype[np.str_]]:
    burst_of = find_duplicates(load_index(root)).burst_of
    pages = [burst_of.get(crop.capture, crop.capture) for crop in crops]
    writers = [crop.origin.writer or page for crop, page in zip(crops, pages, strict=True)]
    return np.array(writers if len(set(writers)) > 1 else pages, np.str_)


def _version(store: CaptureStore, *, readable: bool) -> dict[str, Any]:
    """The frozen version that the folder is; where it is none, or has damaged files, as much as can be said."""
    if not readable:
        return {"frozen": "", "digest": ""}
    return (frozen_now(store) or snapshot(store)).card()
