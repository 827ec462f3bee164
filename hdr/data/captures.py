"""Readings that a person has mended, to labelled crops and pages on disk, and back.

::

    captures/
    ├── 7/<capture>_<nn>.png      a crop: white on black, where it came from in its text chunks
    ├── _none/                    what a person called no digit
    ├── _pages/<capture>.png      the whole page
    ├── _pages/<capture>.json     its boxes and labels; opens in labelme
    ├── _bin/<label>/             the recycle bin: what a person moved there, or had labelled and a later save left out
    ├── _frozen/<name>.json       what lay here at one moment; see `hdr.data.freezing`
    └── .index.npz, .judged.npz   what makes looking through it quick; may be thrown away at any time

**The folder decides the label**, so a person may sort crops in a file manager. When a page is saved again, a label that
a person gave (in the program, by moving the file, or in labelme) stays unless a person gives another; a mere prediction
never replaces it. A crop keeps its number on the page, and a page is known by its content: saving it twice changes
nothing. A crop that was removed by hand is written again when its page is saved again.

How a save survives being killed stands in `hdr.data.staging`.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data import staging
from hdr.data.crops import LabelledCrop, Origin, parse_crop_file_name, read_crop
from hdr.data.labels import sort_key
from hdr.data.merging import labels_by_folder, merge_save
from hdr.data.pages import Page, read_page
from hdr.data.refusals import explain
from hdr.data.wording import counted
from hdr.errors import CaptureError
from hdr.reading.results import Reading
from hdr.vision.strokes import Stroke

__all__ = ["Capture", "CaptureStore", "LabelledCrop", "Origin", "SaveReport", "capture_id"]

_LOCK_WAIT_S = 30.0


@dataclass(frozen=True)
class SaveReport:
    """What a save did.

    Parameters
    ----------
    capture
        The page's id.
    folder
        The captures folder.
    added
        Crops that were not there before.
    relabelled
        Crops that moved to another label's folder.
    removed
        Crops that the page no longer has.
    unchanged
        Crops that were there just so.
    kept
        Crops that keep the label a person gave earlier, though the model now reads another.
    """

    capture: str
    folder: Path
    added: int = 0
    relabelled: int = 0
    removed: int = 0
    unchanged: int = 0
    kept: int = 0

    @property
    def total(self) -> int:
        """How many crops the page now has."""
        return self.added + self.relabelled + self.unchanged

    def __str__(self) -> str:
        parts = [(self.added, "new"), (self.relabelled, "relabelled"), (self.removed, "removed")]
        told = ", ".join(f"{count} {what}" for count, what in parts if count) or "nothing has changed"
        kept = f" {self.kept} kept the label that a person gave earlier." if self.kept else ""
        return f"Saved {counted(self.total, 'crop')} to {self.folder} ({told}).{kept}"


@dataclass(frozen=True)
class Capture:
    """One save: the files of its crops and page. The group that is never divided between train and test.

    Parameters
    ----------
    id
        The page's content as 16 hexadecimal digits; for a file put there by hand, its name without the ending.
    crops
        Each label with its file.
    page
        The page's JSON; None where there is none.
    """

    id: str
    crops: tuple[tuple[str, Path], ...]
    page: Path | None = None


def capture_id(image: NDArray[np.uint8]) -> str:
    """Return the id of a page: what it shows, not what it is called.

    Parameters
    ----------
    image
        Shape (height, width) or (height, width, 3), ``uint8``.
    """
    told = hashlib.sha256(repr(image.shape).encode())
    told.update(np.ascontiguousarray(image).data)
    return told.hexdigest()[:16]


class CaptureStore:
    """The labelled crops and pages below one folder, which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def save(
        self, image: NDArray[np.uint8], reading: Reading, source: str = "", strokes: Iterable[Stroke] | None = None
    ) -> SaveReport:
        """Save every digit of a page, and the page; as a whole or not at all.

        Parameters
        ----------
        image
            Shape (height, width) or (height, width, 3) RGB, ``uint8``: what was read.
        reading
            What was read, with the person's labels.
        source
            What the page was: a file's name, "pad", "camera 0".
        strokes
            The pen's strokes, where it was drawn here; None keeps those of an earlier save.

        Raises
        ------
        CaptureError
            Where it cannot be written. What was there before is still there.
        """
        if image.shape[1::-1] != tuple(reading.size):
            raise CaptureError(
                f"The reading is of a picture of {reading.size}, not {image.shape[1::-1]}.", hint="Recognize it again."
            )
        capture = capture_id(image)
        with self.writing(capture):
            places = staging.find_crops(self.root, capture)
            before = self.saved_page(capture)
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            merged = merge_save(capture, reading, places, before, source=source, strokes=strokes, now=now)
            picture = None if self.picture(capture).is_file() else encode_page(image)
            report = SaveReport(capture, self.root, **merged.counts)
            if merged.changed or picture is not None:
                crops = merged.encoded_crops()
                stage = staging.stage_save(self.root, capture, crops, picture, merged.page.to_json())
                staging.apply_stage(self.root, stage)
        return report

    @contextlib.contextmanager
    def writing(self, capture: str = "") -> Iterator[None]:
        """Keep every other process from writing; what a killed one left is finished first.

        Parameters
        ----------
        capture
            The page that is to be written; it cannot be where its earlier save cannot be finished.

        Raises
        ------
        CaptureError
            Where the captures cannot be written.
        """
        with _in_sentences(self.root), self._lock(_LOCK_WAIT_S):
            if failure := staging.recover(self.root).get(capture):
                raise failure
            yield

    def counts(self) -> dict[str, int]:
        """Return how many crops each label has, 0 to 9 first; a label without any is left out."""
        self.tidy()
        counts: Counter[str] = Counter()
        with _in_sentences(self.root):
            for label, folder in staging.label_folders(self.root):
                counts[label] += sum(1 for _ in staging.crop_paths(folder))
        return {label: counts[label] for label in sorted(counts, key=sort_key) if counts[label]}

    def list(self) -> list[Capture]:
        """Return all captures by id, with their files; nothing is read but the names of files."""
        found: dict[str, list[tuple[str, Path]]] = {}
        for label, path in self.files():
            found.setdefault(_group(path), []).append((label, path))
        pages = {path.stem: path for path in self._pages()}
        return [
            Capture(one, tuple(sorted(found.get(one, []), key=lambda crop: crop[1].name)), pages.get(one))
            for one in sorted({*found, *pages})
        ]

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield every crop's label and file, labels 0 to 9 first."""
        self.tidy()
        with _in_sentences(self.root):
            for label, folder in sorted(staging.label_folders(self.root), key=lambda one: sort_key(one[0])):
                for path in staging.crop_paths(folder):
                    yield label, path

    def crops(self, problems: builtins.list[CaptureError] | None = None) -> Iterator[LabelledCrop]:
        """Yield every crop, read from its file.

        Parameters
        ----------
        problems
            Collects what cannot be read; without it the first such file is raised.

        Raises
        ------
        CaptureError
            For a file that is no picture, unless ``problems`` collects it.
        """
        for label, path in self.files():
            try:
                yield read_crop(path, label)
            except CaptureError as error:
                if problems is None:
                    raise
                problems.append(error)

    def read(self, capture: str) -> builtins.list[LabelledCrop]:
        """Return the crops of one capture, by number.

        Raises
        ------
        CaptureError
            Where there is no such capture, or a crop of it cannot be read.
        """
        for one in self.list():
            if one.id == capture:
                return sorted(
                    (read_crop(path, label) for label, path in one.crops), key=lambda crop: crop.origin.number
                )
        raise CaptureError(f"There is no capture {capture!r} in {self.root}.", hint="See `hdr captures list`.")

    def page(self, capture: str) -> Page:
        """Return the page of one capture, each label as its crop's folder has it.

        Raises
        ------
        CaptureError
            Where there is none, or it cannot be read.
        """
        self.tidy()
        path = self.root / staging.PAGES / f"{capture}.json"
        if capture not in {one.stem for one in self._pages()}:
            raise CaptureError(f"There is no page {capture!r} in {self.root}.", hint="See `hdr captures list`.")
        return labels_by_folder(read_page(path), staging.find_crops(self.root, capture))

    def find(self, image: NDArray[np.uint8]) -> Page | None:
        """Return the page of this very image, if it was saved before."""
        capture = capture_id(image)
        return self.page(capture) if (self.root / staging.PAGES / f"{capture}.json").is_file() else None

    def picture(self, capture: str) -> Path:
        """Return where the picture of a page is, or would be."""
        return self.root / staging.PAGES / f"{capture}.png"

    def _pages(self) -> builtins.list[Path]:
        with _in_sentences(self.root):
            return sorted((self.root / staging.PAGES).glob("*.json"))

    def saved_page(self, capture: str) -> Page | None:
        """Return the page as last saved, whatever its crops' folders say; None where there is none.

        A damaged file is as good as none, since the crops tell the rest.
        """
        path = self.root / staging.PAGES / f"{capture}.json"
        try:
            return read_page(path) if path.exists() else None
        except CaptureError:
            return None

    @contextlib.contextmanager
    def _lock(self, wait_s: float) -> Iterator[None]:
        """Keep other processes from saving at the same time. The system frees the lock when its process dies."""
        import filelock

        pages = self.root / staging.PAGES
        pages.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(pages / ".lock")
        try:
            lock.acquire(timeout=wait_s)
        except filelock.Timeout as error:
            raise CaptureError(
                f"Another program has been saving to {self.root} for {wait_s:.0f} seconds.",
                hint="Wait for it, or close it, and save again.",
            ) from error
        try:
            yield
        finally:
            lock.release()

    def tidy(self) -> None:
        """Finish saves that were cut short. Whoever cannot, because another is saving, reads what is there."""
        if staging.stages(self.root):
            with contextlib.suppress(OSError, CaptureError), self._lock(0.0):
                staging.recover(self.root)


def _group(path: Path) -> str:
    named = parse_crop_file_name(path.name)
    return named[0] if named else path.stem


def encode_page(image: NDArray[np.uint8]) -> bytes:
    """Return the bytes of a page's picture file."""
    from hdr.vision.media import encode_image

    return encode_image(image)


@contextlib.contextmanager
def _in_sentences(root: Path) -> Iterator[None]:
    """Turn what the system refuses into what happened and what to do."""
    try:
        yield
    except OSError as error:
        raise explain(root, error) from error
