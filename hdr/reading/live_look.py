"""Frames to what each shows: a careful look now and then, quick ones in between, none where nothing has changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.classify.names import NOT_A_DIGIT
from hdr.reading.judging import Labelled
from hdr.reading.known import KnownCrops, KnownWhole
from hdr.reading.laps import Laps
from hdr.reading.pipeline import check_reads_digits, in_rows, label_page
from hdr.reading.problems import find_problems
from hdr.reading.quick_look import Labels, QuickLook
from hdr.reading.results import Steps
from hdr.settings import Settings
from hdr.vision.binarize import to_gray
from hdr.vision.watch import Watch

_SURE = 0.9
_SOON_S, _OFTEN_S, _SELDOM_S = 0.5, 2.0, 16.0
"""When a careful look is due: soon where a page no longer reads well, or suddenly does; else more and more seldom while
it says the same."""
_ANEW_S = 0.5
"""A frame that seems unchanged is looked at all the same after so long."""


@dataclass(frozen=True, eq=False)
class Look:
    """What one frame shows by itself.

    Parameters
    ----------
    labelled
        Crops and what each is, in no order.
    steps
        How they were found.
    reused
        The share of the crops that were not classified again.
    """

    labelled: tuple[Labelled, ...]
    steps: Steps
    reused: float


class Looker:
    """Looks at frame after frame.

    A careful look is the same as at a single picture; quick ones go by what it said. Where nothing has changed at all,
    the last look is given again.

    Parameters
    ----------
    classifier
        What labels the crops.
    reuse
        Whether what has not changed is not looked at again; off only to measure what that saves.

    Raises
    ------
    ModelMismatchError
        Where the model looks at whole pictures, not at ink.
    """

    def __init__(self, classifier: Classifier, *, reuse: bool = True) -> None:
        check_reads_digits(classifier)
        self._crops, self._whole = KnownCrops(classifier), KnownWhole()
        self._reuse = reuse
        self._watch = Watch()
        self.reset()

    def reset(self) -> None:
        """Forget what was seen."""
        self._settings: Settings | None = None
        self._last: Look | None = None
        self._quick: QuickLook | None = None
        self._looked_s = self._careful_s = 0.0
        self._every_s, self._well = _OFTEN_S, False
        self._watch.forget()
        self._crops.next_frame(forget=True)
        self._whole.forget()

    def look(self, frame: NDArray[np.uint8], time_s: float, settings: Settings, laps: Laps) -> Look:
        """Look at the next frame: shape (height, width, 3) RGB or (height, width), ``uint8``."""
        gray = to_gray(frame)
        laps.lap("gray")
        if settings != self._settings or self._last is None or self._last.steps.gray.shape != gray.shape:
            self.reset()
            self._settings = settings
        elif self._is_as_before(gray, time_s):
            laps.lap("compare")
            return dataclasses.replace(self._last, reused=1.0)
        laps.lap("compare")
        self._crops.next_frame(forget=not self._reuse)
        self._whole.next_frame()
        labelled, steps = self._anew(frame, gray, time_s, settings, laps)
        reused = self._crops.reused / self._crops.asked if self._crops.asked else 0.0
        self._last, self._looked_s = Look(labelled, steps, reused), time_s
        self._watch.look(gray)
        return self._last

    def _is_as_before(self, gray: NDArray[np.uint8], time_s: float) -> bool:
        soon = 0 <= time_s - self._looked_s < _ANEW_S
        return self._reuse and soon and not self._watch.has_changed(gray)

    def _anew(
        self, frame: NDArray[np.uint8], gray: NDArray[np.uint8], time_s: float, settings: Settings, laps: Laps
    ) -> Labels:
        if self._quick is None or self._is_due(time_s):
            told = self._carefully(frame, time_s, settings)
            laps.lap("careful look")
            return told
        return self._quick.look(frame, gray, self._crops, self._whole if self._reuse else None, laps)

    def _is_due(self, time_s: float) -> bool:
        as_then = self._last is not None and _reads_well(self._last.labelled) == self._well
        return not 0 <= time_s - self._careful_s < (self._every_s if as_then else _SOON_S)

    def _carefully(self, frame: NDArray[np.uint8], time_s: float, settings: Settings) -> Labels:
        labelled, steps = label_page(frame, self._crops, settings)
        digits = in_rows(labelled, settings.read.min_confidence, steps.turned_deg)
        steps = dataclasses.replace(steps, problems=find_problems(steps, digits))
        agrees = self._quick is not None and _agree(self._quick.known, steps)
        self._every_s = min(2 * self._every_s, _SELDOM_S) if agrees else _OFTEN_S
        self._careful_s, self._well = time_s, _reads_well(labelled)
        self._watch.measure(steps.gray, steps.ink)
        self._quick = QuickLook(steps, settings)
        return labelled, steps


def _reads_well(labelled: Sequence[Labelled]) -> bool:
    """Whether most of what looks like digits does so surely."""
    sure = [one.confidence > _SURE for _, one in labelled if one.label != NOT_A_DIGIT]
    return 2 * sum(sure) > len(sure)


def _agree(before: Steps, after: Steps) -> bool:
    """Whether a careful look said what the one before it did."""
    return (before.polarity, before.method, before.turned_deg) == (after.polarity, after.method, after.turned_deg)
