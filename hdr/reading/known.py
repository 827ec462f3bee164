"""A classifier that is asked again and again of the same ink to one that is asked only of what has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2

from hdr.classify.card import ModelCard
from hdr.classify.classifier import Classifier, Prediction
from hdr.geometry import Box
from hdr.vision.normalize import Crop
from hdr.vision.segment import Region

_NEAR_PX = 2
"""The box of a digit that lies still jitters by so much."""
_CELL_PX = 16
_WHOLE_FRAMES, _ALIKE = 30, 0.1
"""For so many frames wide ink that was left whole is taken for whole, where its sides change by less than this part."""
_WINDOW, _LEAST_WINDOW_PX = 0.1, 3
_CHANGED = 50
"""A digit has changed where, in a window of this part of its height, the mean of the ink differs by so much, of 255:
grain averages out in it, and the smallest piece of a stroke does not."""


@dataclass(frozen=True, eq=False)
class _Entry:
    crop: Crop
    prediction: Prediction


class KnownCrops:
    """A classifier that remembers, for one frame, what it said of each crop, and says it again where that lies still.

    What it compares with is the crop that was classified, however long ago: a slow change adds up until it is seen.

    Parameters
    ----------
    classifier
        What is asked of the rest.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._before: dict[tuple[int, int], list[_Entry]] = {}
        self._now: defaultdict[tuple[int, int], list[_Entry]] = defaultdict(list)
        self.asked, self.reused = 0, 0

    @property
    def card(self) -> ModelCard:
        """The classifier's."""
        return self._classifier.card

    def next_frame(self, *, forget: bool = False) -> None:
        """Go on: what nobody asked for in the last frame is forgotten, or all of it."""
        self._before = {} if forget else dict(self._now)
        self._now = defaultdict(list)
        self.asked, self.reused = 0, 0

    def classify(self, crops: Sequence[Crop]) -> list[Prediction]:
        """Label all crops: in one call those that are new or changed."""
        entries = [self._find(crop) for crop in crops]
        missing = [i for i, entry in enumerate(entries) if entry is None]
        if missing:
            for i, told in zip(missing, self._classifier.classify([crops[i] for i in missing]), strict=True):
                entries[i] = _Entry(crops[i], told)
        self.asked += len(crops)
        self.reused += len(crops) - len(missing)
        known = [entry for entry in entries if entry is not None]
        for entry in known:
            self._now[_cell(entry.crop.box.x0, entry.crop.box.y0)].append(entry)
        return [entry.prediction for entry in known]

    def _find(self, crop: Crop) -> _Entry | None:
        return next((entry for entry in self._near(crop) if _is_same(entry.crop, crop)), None)

    def _near(self, crop: Crop) -> Iterator[_Entry]:
        x, y = crop.box.x0, crop.box.y0
        cells = {_cell(x + dx, y + dy) for dx in (-_NEAR_PX, _NEAR_PX) for dy in (-_NEAR_PX, _NEAR_PX)}
        for cell in cells:
            yield from self._before.get(cell, ())


@dataclass
class _Whole:
    box: Box
    label: str
    left: int


class KnownWhole:
    """What of the wide ink was lately looked at and left whole: looking for touching digits takes several times what
    the rest of a frame does. Every so often it is looked at anew.
    """

    def __init__(self) -> None:
        self._all: list[_Whole] = []

    def next_frame(self) -> None:
        """Go on by a frame."""
        for one in self._all:
            one.left -= 1
        self._all = [one for one in self._all if one.left > 0]

    def forget(self) -> None:
        """Forget all."""
        self._all = []

    def learn(self, region: Region, prediction: Prediction) -> None:
        """Remember what was left whole."""
        self._all.append(_Whole(region.box, prediction.label, _WHOLE_FRAMES))

    def is_whole(self, region: Region, prediction: Prediction) -> bool:
        """Whether this ink was left whole lately; it is followed as it moves."""
        for one in self._all:
            if one.label == prediction.label and _is_alike(one.box, region.box):
                one.box = region.box
                return True
        return False


def _is_alike(a: Box, b: Box) -> bool:
    """Whether two boxes are of one size, and near."""
    slack = _NEAR_PX + _ALIKE * max(a.width, a.height)
    (ax, ay), (bx, by) = a.center, b.center
    near = max(abs(ax - bx), abs(ay - by)) < max(a.width, a.height) / 2
    return near and abs(a.width - b.width) <= slack and abs(a.height - b.height) <= slack


def _cell(x: int, y: int) -> tuple[int, int]:
    return x // _CELL_PX, y // _CELL_PX


def _is_same(before: Crop, after: Crop) -> bool:
    """Whether two crops lie at one place and show the same ink but for grain."""
    a, b = before.box, after.box
    moved = max(abs(a.x0 - b.x0), abs(a.y0 - b.y0), abs(a.x1 - b.x1), abs(a.y1 - b.y1))
    if moved > _NEAR_PX or before.pixels.shape != (a.height, a.width) or after.pixels.shape != (b.height, b.width):
        return False  # a crop of a turned page lies elsewhere than its pixels
    x0, y0, x1, y1 = max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1)
    one = before.pixels[y0 - a.y0 : y1 - a.y0, x0 - a.x0 : x1 - a.x0]
    other = after.pixels[y0 - b.y0 : y1 - b.y0, x0 - b.x0 : x1 - b.x0]
    if not one.size:
        return False
    side = max(_LEAST_WINDOW_PX, round(_WINDOW * a.height)) | 1
    differing = cv2.absdiff(one, other)
    return bool(differing.max() < _CHANGED or cv2.blur(differing, (side, side)).max() < _CHANGED)
