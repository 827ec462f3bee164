"""Frames to readings of one model or of two, and to whatever else is done with each; it runs in the reading thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hdr.app.document import SAME_DIGIT_IOU
from hdr.classify.names import NOT_A_DIGIT
from hdr.geometry import iou
from hdr.reading.live import LiveReader, LiveReading

if TYPE_CHECKING:
    from hdr.classify.classifier import Classifier
    from hdr.reading.results import Reading
    from hdr.settings import Settings

Sink = Callable[[NDArray[np.uint8], LiveReading], None]
"""Given every frame that was read, in the reading thread, with its reading."""


@dataclass(frozen=True, eq=False)
class Compared(LiveReading):
    """A reading, with that of another model on the same frame.

    Parameters
    ----------
    other
        What the other model read.
    """

    other: LiveReading


class Watcher:
    """Reads each frame by one model, and by another where there is one to compare with.

    Parameters
    ----------
    classifier, settings
        As `LiveReader` has them.
    """

    def __init__(self, classifier: Classifier, settings: Settings) -> None:
        self.settings = settings
        """May be replaced at any time."""
        self.sinks: tuple[Sink, ...] = ()
        self.count = 0
        """How many frames were read."""
        self._reader = LiveReader(classifier, settings)
        self._other: LiveReader | None = None
        self._turn = threading.Lock()

    @property
    def classifier(self) -> Classifier:
        """The model that reads."""
        return self._reader.classifier

    def read(self, frame: NDArray[np.uint8], time_s: float) -> LiveReading:
        """Read the next frame, and hand it to the sinks; of two threads that read one waits."""
        live = self.look(frame, time_s)
        self.count += 1
        for sink in self.sinks:
            sink(frame, live)
        return live

    def look(self, frame: NDArray[np.uint8], time_s: float) -> LiveReading:
        """Read a frame, and do nothing else with it."""
        with self._turn:
            self._reader.settings = self.settings
            live = self._reader.read(frame, time_s)
            if self._other is not None:
                self._other.settings = self.settings
                live = _compared(live, self._other.read(frame, time_s))
            return live

    def use(self, classifier: Classifier) -> None:
        """Read by a model from the next frame on, as if nothing had been seen before."""
        with self._turn:
            self._reader = LiveReader(classifier, self.settings)

    def compare_with(self, classifier: Classifier | None) -> None:
        """Read the same frames by a second model as well; None for no other."""
        with self._turn:
            self._other = LiveReader(classifier, self.settings) if classifier is not None else None


def _compared(live: LiveReading, other: LiveReading) -> Compared:
    return Compared(**{one.name: getattr(live, one.name) for one in fields(LiveReading)}, other=other)


def differing(reading: Reading, other: Reading) -> dict[int, str]:
    """Return by index what another reading calls the digits that it calls differently; "none" where it has none."""
    found = {}
    for index, digit in enumerate(reading.digits):
        twin = max(other.digits, key=lambda one: iou(digit.box, one.box), default=None)
        said = twin.label if twin is not None and iou(digit.box, twin.box) >= SAME_DIGIT_IOU else NOT_A_DIGIT
        if said != digit.label:
            found[index] = said
    return found
