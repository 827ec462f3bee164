"""The pages of the captures to what every format of pages writes: each with its picture, its labels and its part."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hdr.data.captures import Capture, CaptureStore
from hdr.data.crops import parse_crop_file_name
from hdr.data.formats.found import Problems
from hdr.data.labels import NO_TRUTH
from hdr.data.merging import labels_by_folder
from hdr.data.pages import Page, read_page
from hdr.data.splitting import Shares, part_of, used_parts
from hdr.errors import CaptureError


@dataclass(frozen=True)
class AlbumPage:
    """One page to be written.

    Parameters
    ----------
    page
        Its boxes, each label as its crop's folder has it.
    picture
        Its file in the captures.
    """

    page: Page
    picture: Path

    def copy_to(self, folder: Path) -> str:
        """Copy the picture to a folder, and return its name there."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.picture, folder / self.page.image_name)
        return self.page.image_name


@dataclass(frozen=True)
class Album:
    """What is exported.

    Parameters
    ----------
    pages
        By their ids.
    labels
        The classes in order.
    shares
        Of training, validation and test; None where nothing is divided.
    bursts
        By the id of each page of a burst, the burst's name: such pages are never divided.
    """

    pages: tuple[AlbumPage, ...]
    labels: tuple[str, ...]
    shares: Shares | None = None
    bursts: Mapping[str, str] = field(default_factory=dict)

    def parts(self) -> Iterator[tuple[str, tuple[AlbumPage, ...]]]:
        """Yield the pages of each part that has a share, by its name; all as "" where nothing is divided."""
        if self.shares is None:
            yield "", self.pages
            return
        ids = [(one.page.writer, one.page.capture) for one in self.pages]
        parts = [part_of(writer or self.bursts.get(page, page), self.shares) for writer, page in ids]
        for name in used_parts(self.shares):
            yield name, tuple(one for one, part in zip(self.pages, parts, strict=True) if part == name)

    def told(self) -> dict[str, Any]:
        """Return what the manifest tells."""
        counts = {name: len(pages) for name, pages in self.parts() if name}
        return {"pages": len(self.pages), **({"parts": counts} if counts else {})}


def find_pages(store: CaptureStore, problems: Problems, *, with_none: bool) -> list[AlbumPage]:
    """Return every page of the captures that can be read.

    Parameters
    ----------
    store
        The captures.
    problems
        Collects what cannot be read.
    with_none
        Whether the boxes of what is no digit stay.
    """
    found = []
    for capture in store.list():
        try:
            page = _page(capture)
            if page is None:
                continue
            if not store.picture(capture.id).is_file():
                raise _without_picture(store.picture(capture.id))
        except CaptureError as error:
            problems.append(error)
            continue
        digits = tuple(digit for digit in page.digits if with_none or digit.label not in NO_TRUTH)
        found.append(AlbumPage(dataclasses.replace(page, digits=digits), store.picture(capture.id)))
    return found


def _page(capture: Capture) -> Page | None:
    if capture.page is None:
        return None
    places: dict[int, list[Path]] = {}
    for _, path in capture.crops:
        if named := parse_crop_file_name(path.name):
            places.setdefault(named[1], []).append(path)
    return dataclasses.replace(labels_by_folder(read_page(capture.page), places), capture=capture.id)


def _without_picture(path: Path) -> CaptureError:
    return CaptureError(f"The picture {path} of a saved page is gone.", hint="Put it back, or remove the page's .json.")
