"""Another captures folder to its pages, with their own crops, and the crops that have no page."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data.captures import CaptureStore
from hdr.data.crops import LabelledCrop
from hdr.data.formats.album import AlbumPage, find_pages
from hdr.data.formats.found import CAPTURE, Found, FoundPage, Problems, picture_loader


def read(root: Path, problems: Problems) -> Found:
    """Yield all pages and crops; nothing of the folder is changed but saves finished that were cut short there."""
    store = CaptureStore(root)
    crops: dict[str, list[LabelledCrop]] = {}
    for crop in store.crops(problems):
        crops.setdefault(crop.capture, []).append(crop)
    for one in find_pages(store, problems, with_none=True):
        yield _page(one, crops.pop(one.page.capture, []))
    for group in crops.values():
        for crop in group:
            known = crop.origin.box is not None and CAPTURE.fullmatch(crop.capture)
            yield crop if known else dataclasses.replace(crop, origin=dataclasses.replace(crop.origin, capture=""))


def _page(one: AlbumPage, crops: list[LabelledCrop]) -> FoundPage:
    pixels: dict[int, NDArray[np.uint8]] = {crop.origin.number: crop.pixels for crop in crops}
    return FoundPage(one.page, picture_loader(one.picture), ordered=True, crops=pixels)
