"""Frames in order and a classifier to steady readings: digits followed from frame to frame, their labels held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier, Prediction
from hdr.classify.names import NOT_A_DIGIT
from hdr.reading.following import Followers, Track
from hdr.reading.laps import Laps
from hdr.reading.live_look import Looker
from hdr.reading.pipeline import reading_order
from hdr.reading.results import Digit, Reading
from hdr.reading.track import middle_of
from hdr.settings import Settings
from hdr.vision.normalize import Crop

__all__ = ["LiveReader", "LiveReading", "Track"]

_AMONG = 0.15
"""Digits that move among each other by less than this, in heights, keep their order."""


@dataclass(frozen=True, eq=False)
class LiveReading:
    """What is read off one frame, in the light of those before.

    Parameters
    ----------
    number
        Of the frame, from 0.
    time_s
        When it was taken, as the reader was told.
    reading
        In reading order; labels and confidences are steady.
    tracks
        One a digit of the reading.
    timings_ms
        How long each stage took, in the order of the stages.
    reused
        The share of the crops that were not classified again, 0 to 1.
    """

    number: int
    time_s: float
    reading: Reading
    tracks: tuple[Track, ...]
    timings_ms: Mapping[str, float]
    reused: float


class LiveReader:
    """Reads frame after frame; no threads of its own, and not to be called by two at once.

    Parameters
    ----------
    classifier
        What labels the crops.
    settings
        How to look.
    reuse
        Whether what has not changed since the frame before is not looked at again; off only to measure what it saves.

    Raises
    ------
    ModelMismatchError
        Where the model looks at whole pictures, not at ink.
    """

    def __init__(self, classifier: Classifier, settings: Settings | None = None, *, reuse: bool = True) -> None:
        self.classifier = classifier
        self.settings = settings or Settings()
        """May be replaced between two frames, from any thread."""
        self._looker = Looker(classifier, reuse=reuse)
        self._followers = Followers()
        self._followed_with = self.settings
        self._number = 0
        self._told: tuple[object, ...] = ()
        self._centers = np.zeros((0, 2))
        self._order: list[tuple[int, int]] = []

    def read(self, frame: NDArray[np.uint8], time_s: float) -> LiveReading:
        """Read the next frame.

        Parameters
        ----------
        frame
            Shape (height, width, 3) RGB or (height, width) gray, ``uint8``.
        time_s
            When it was taken; only differences count.
        """
        settings, laps = self.settings, Laps()
        look = self._looker.look(frame, time_s, settings, laps)
        shown = self._followers.update(
            look.labelled,
            ink=look.steps.ink,
            steady=settings.live.steady,
            anew=settings != self._followed_with,
            min_confidence=settings.read.min_confidence,
        )
        self._followed_with = settings
        laps.lap("follow")
        order = self._ordered(shown, look.steps.turned_deg)
        digits = tuple(Digit(*shown[index][:2], row) for index, row in order)
        height, width = frame.shape[:2]
        reading = Reading((width, height), digits, self.classifier.card.name, look.steps)
        laps.lap("order")
        self._number += 1
        tracks = tuple(shown[index][2] for index, _ in order)
        return LiveReading(self._number - 1, time_s, reading, tracks, laps.ms, look.reused)

    def reset(self) -> None:
        """Forget what was seen, as before a new source; ids and numbers go on."""
        self._looker.reset()
        self._followers.reset()

    def _ordered(self, shown: Sequence[tuple[Crop, Prediction, Track]], turned_deg: float) -> list[tuple[int, int]]:
        """The reading order: found anew only where digits come, go or move among each other, so that it is steady."""
        told = (turned_deg, *((track.id, one.label == NOT_A_DIGIT) for _, one, track in shown))
        centers = np.array([crop.box.center for crop, _, _ in shown], np.float64).reshape(-1, 2)
        if told != self._told or not _moved_as_one(self._centers, centers, [crop.box.height for crop, _, _ in shown]):
            self._told, self._centers = told, centers
            self._order = reading_order([(crop, one) for crop, one, _ in shown], turned_deg)
        return self._order


def _moved_as_one(before: NDArray[np.float64], after: NDArray[np.float64], heights: Sequence[int]) -> bool:
    """Whether digits lie to each other as they did."""
    if not heights:
        return True
    moved = after - before
    apart = np.abs(moved - middle_of(moved)).max()
    return bool(apart <= _AMONG * median(heights))
