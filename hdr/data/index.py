"""A captures folder to one table in memory: a row a crop, all that a gallery, a filter or a count asks for.

Columns are NumPy's and texts are kept once, so that 100,000 crops take about 10 MB. `hdr.data.scanning` fills the table
and keeps it beside the captures, `hdr.data.selecting` chooses rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data.crops import LabelledCrop, crop_file_name, read_crop
from hdr.data.labels import label_of, sort_key
from hdr.geometry import Box

Rows = NDArray[np.int64]
"""Row numbers of a `CaptureIndex`, in the order in which they are to be shown."""

ROW = np.dtype(
    [
        ("folder", "<i4"),  # index into `CaptureIndex.folders`
        ("capture", "<u8"),  # the page's id as a number; 0 for a file that is not named as ours are
        ("number", "<i4"),  # of the crop on its page
        ("name", "<i4"),  # text of a file name that is not ours; -1 for ours
        ("predicted", "<i4"),  # text; what the model took it for
        ("confidence", "<f4"),  # 0 to 1
        ("by_person", "?"),  # the file says that a person gave its label
        ("readable", "?"),
        ("saved", "<i8"),  # seconds since 1970; the file's own time where it tells none
        ("source", "<i4"),  # text
        ("model", "<i4"),  # text
        ("writer", "<i4"),  # text
        ("box", "<i4", (4,)),  # x0, y0, x1, y1 on the page; all 0 where nobody knows
        ("changed", "<i8"),  # the file's time in nanoseconds
        ("size", "<i8"),  # of the file in bytes
    ]
)
"""One crop. What is a text is an index into `CaptureIndex.texts`."""


@dataclass(frozen=True, eq=False)
class CaptureIndex:
    """What lies in a captures folder: a row a crop, by label and then by file name.

    It is a picture of one moment. A file may have gone since; whoever opens it says so.

    Parameters
    ----------
    root
        The captures folder.
    folders
        The names of the folders, one or more a label.
    texts
        Labels, sources, models, writers and names of files that are not ours, each once; the first is "".
    rows
        Shape (crops,), of type `ROW`.
    opinion
        What another model than the one at saving takes the crops for, where it was asked; see `hdr.data.judging`.
    """

    root: Path
    folders: tuple[str, ...] = ()
    texts: tuple[str, ...] = ("",)
    rows: NDArray[np.void] = dataclasses.field(default_factory=lambda: np.zeros(0, ROW))
    opinion: Opinion | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every label that a folder stands for, 0 to 9 first, also those without a crop."""
        return tuple(sorted({label_of(folder) or "" for folder in self.folders}, key=sort_key))

    @cached_property
    def label(self) -> NDArray[np.int32]:
        """Shape (crops,): the label of each crop, as an index into `labels`. The folder decides it."""
        of_folder = [self.labels.index(label_of(folder) or "") for folder in self.folders]
        return np.asarray(np.array([*of_folder, 0], np.int32)[self.rows["folder"]], np.int32)

    @cached_property
    def predicted(self) -> NDArray[np.int32]:
        """Shape (crops,): what the model takes each for, as an index into `labels`; -1 for any other text."""
        return self.opinion.predicted if self.opinion else self._recorded

    @property
    def confidence(self) -> NDArray[np.float32]:
        """Shape (crops,): the model's probability of that, 0 to 1."""
        return self.opinion.confidence if self.opinion else np.asarray(self.rows["confidence"], np.float32)

    @property
    def disagrees(self) -> NDArray[np.bool_]:
        """Shape (crops,): whether the label is another than the model's."""
        return np.asarray(self.predicted != self.label, np.bool_)

    @cached_property
    def confirmed(self) -> NDArray[np.bool_]:
        """Shape (crops,): whether a person gave the label, in the program or by moving the file."""
        return np.asarray(self.rows["by_person"] | (self._recorded != self.label), np.bool_)

    @cached_property
    def _recorded(self) -> NDArray[np.int32]:
        """What the model at saving took each for."""
        places = {label: index for index, label in enumerate(self.labels)}
        of_text = np.array([places.get(text, -1) for text in self.texts], np.int32)
        return np.asarray(of_text[self.rows["predicted"]], np.int32)

    def counts(self, rows: Rows | None = None) -> dict[str, int]:
        """Return how many crops, or how many of some rows, each label has, 0 to 9 first, labels without any too."""
        numbers = np.bincount(self.label if rows is None else self.label[rows], minlength=len(self.labels))
        return {label: int(number) for label, number in zip(self.labels, numbers, strict=True)}

    def path(self, row: int) -> Path:
        """Return a crop's file."""
        return self.root / self.folders[int(self.rows["folder"][row])] / self.name(row)

    def name(self, row: int) -> str:
        """Return the name of a crop's file."""
        return self.names(np.array([row]))[0]

    def names(self, rows: Rows) -> list[str]:
        """Return the names of some crops' files."""
        columns = (self.rows[column][rows].tolist() for column in ("name", "capture", "number"))
        return [
            self.texts[name] if name >= 0 else crop_file_name(f"{capture:016x}", number)
            for name, capture, number in zip(*columns, strict=True)
        ]

    def capture(self, row: int) -> str:
        """Return the id of the page that a crop was cut from; a file that is not named as ours is its own."""
        one = self.rows[row]
        return Path(self.texts[one["name"]]).stem if one["name"] >= 0 else f"{one['capture']:016x}"

    def row(self, row: int) -> IndexRow:
        """Return all that is known of one crop without opening its file."""
        one = self.rows[row]
        corners = [int(value) for value in one["box"]]
        return IndexRow(
            path=self.path(row),
            label=self.labels[self.label[row]],
            capture=self.capture(row),
            number=int(one["number"]),
            box=Box(*corners) if any(corners) else None,
            predicted=self._predicted_text(row),
            confidence=float(self.confidence[row]),
            confirmed=bool(self.confirmed[row]),
            saved=datetime.fromtimestamp(int(one["saved"])).astimezone(),
            source=self.texts[one["source"]],
            model=self.opinion.model if self.opinion else self.texts[one["model"]],
            writer=self.texts[one["writer"]],
            readable=bool(one["readable"]),
        )

    def crop(self, row: int) -> LabelledCrop:
        """Read one crop from its file.

        Raises
        ------
        CaptureError
            Where it is gone or no picture.
        """
        return read_crop(self.path(row), self.labels[self.label[row]])

    def page(self, capture: str) -> Path:
        """Return where the picture of a page lies, if it is there."""
        return self.root / "_pages" / f"{capture}.png"

    def groups(self, bursts: Mapping[str, str] | None = None) -> Rows:
        """Return a number a crop, shape (crops,): equal for crops that may never be divided between two parts.

        That is all that one writer wrote, else one burst or one page; a file that is not ours is its own.

        Parameters
        ----------
        bursts
            By the id of each page of a burst, the burst's name, as `Duplicates.burst_of` has them.
        """
        captures = self.rows["capture"].copy()
        for page, first in (bursts or {}).items():
            captures[captures == np.uint64(int(page, 16))] = int(first, 16)
        writer, name = self.rows["writer"], self.rows["name"]
        keys = np.stack([writer, np.where(writer > 0, 0, name), np.zeros_like(name)], axis=1).astype(np.int64)
        keys[:, 2] = np.where((writer > 0) | (name >= 0), 0, captures.view("<i8"))
        return np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)

    def _predicted_text(self, row: int) -> str:
        if self.opinion is None:
            return self.texts[int(self.rows["predicted"][row])]
        return self.opinion.labels[int(self.opinion.told[row])]

    def find(self, paths: Iterable[Path]) -> Rows:
        """Return the rows of some files, in their order; files that are not in the index are left out."""
        wanted = {path: place for place, path in enumerate(paths)}
        names = {path.name for path in wanted}
        named = [row for row, name in enumerate(self.names(np.arange(len(self)))) if name in names]
        found = {path: row for row in named if (path := self.path(row)) in wanted}
        return np.array([found[path] for path in sorted(found, key=wanted.__getitem__)], np.int64)


@dataclass(frozen=True, eq=False)
class Opinion:
    """What one model takes the crops of an index for.

    Parameters
    ----------
    model
        Its name.
    labels
        Its labels, in the order of its outputs.
    told
        Shape (crops,): what it takes each for, as an index into its labels.
    predicted
        The same as an index into `CaptureIndex.labels`; -1 where there is no such folder.
    confidence
        Shape (crops,): its probability of that, 0 to 1.
    """

    model: str
    labels: tuple[str, ...]
    told: NDArray[np.int32]
    predicted: NDArray[np.int32]
    confidence: NDArray[np.float32]


@dataclass(frozen=True)
class IndexRow:
    """One crop, as far as the index knows it.

    Parameters
    ----------
    path
        Its file.
    label
        The folder it lies in.
    capture, number, box
        The page that it was cut from, its number there, and where on the page.
    predicted, confidence, model
        What which model took it for, and how probable that was to it, 0 to 1.
    confirmed
        Whether a person gave the label.
    saved
        When, in this computer's zone.
    source
        What the page was: a file's name, "pad", "camera 0".
    writer
        Whose hand it is, "" where nobody knows.
    readable
        Whether its file could be opened as a picture.
    """

    path: Path
    label: str
    capture: str
    number: int
    box: Box | None
    predicted: str
    confidence: float
    confirmed: bool
    saved: datetime
    source: str
    model: str
    writer: str
    readable: bool


class Texts:
    """Gives each text its number, the same one every time; "" is 0."""

    def __init__(self, texts: Sequence[str] = ("",)) -> None:
        self._numbers = {text: number for number, text in enumerate(texts)}

    def number(self, text: str) -> int:
        """Return the number of a text."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> tuple[str, ...]:
        """Return the texts by their numbers."""
        return tuple(self._numbers)
