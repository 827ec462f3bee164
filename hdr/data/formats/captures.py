"""Another captures folder to its pages, with their own crops, and the crops that have no page."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data.captures import CaptureStore
from hdr.data.crops import LabelledCrop, parse_crop_file_name
from hdr.data.formats.album import AlbumPage, find_pages
from hdr.data.formats.found import Found, FoundPage, Problems, picture_loader


def read(root: Path, problems: Problems) -> Found:
    """Yield all pages and crops; nothing of the folder is changed but saves finished that were cut short there."""
    store = CaptureStore(root)
    crops: dict[str, list[LabelledCrop]] = {}
    alone: list[LabelledCrop] = []
    for crop in store.crops(problems):
        ours = crop.path is not None and parse_crop_file_name(crop.path.name) is not None
        if ours and crop.origin.box is not None:
            crops.setdefault(crop.capture, []).append(crop)
        else:  # a person put it there under another name: it is known by its content
            alone.append(dataclasses.replace(crop, origin=dataclasses.replace(crop.origin, capture="", box=None)))
    for one in find_pages(store, problems, with_none=True):
        yield _page(one, crops.pop(one.page.capture, []))
    for group in (*crops.values(), alone):
        yield from group


def _page(one: AlbumPage, crops: list[LabelledCrop]) -> FoundPage:
    pixels: dict[int, NDArray[np.uint8]] = {crop.origin.number: crop.pixels for crop in crops}
    return FoundPage(one.page, picture_loader(one.picture), ordered=True, crops=pixels)
