"""Frames to what each shows: a careful look now and then, and quick ones that go by what it said in between."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Classifier
from hdr.classify.names import NOT_A_DIGIT
from hdr.reading.judging import Labelled, judge
from hdr.reading.known import KnownCrops, KnownWhole
from hdr.reading.pipeline import check_reads_digits, in_rows, label_page, upright_and_wanted
from hdr.reading.problems import find_problems
from hdr.reading.results import Steps
from hdr.reading.wanted import part_asked_for, shifted_labels, shifted_steps
from hdr.settings import Settings
from hdr.vision.binarize import Ink, find_ink, measure_noise, to_gray
from hdr.vision.faint import find_faint
from hdr.vision.quick import find_ink_quickly
from hdr.vision.rules import remove_rules
from hdr.vision.segment import find_regions
from hdr.vision.watch import Watch

_SURE = 0.9
_SOON_S, _OFTEN_S, _SELDOM_S = 0.5, 2.0, 16.0
"""When a careful look is due: soon where a page no longer reads well, or suddenly does; else more and more seldom while
it says the same."""
_NOISE_EVERY = 10
"""Quick looks until the grain is measured again."""
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


class Laps:
    """A stopwatch: how long each stage of a frame took, in the order of the stages."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, name: str) -> None:
        """End a stage; one that comes again is added up."""
        now = time.perf_counter()
        self.ms[name] = self.ms.get(name, 0.0) + 1e3 * (now - self._at)
        self._at = now


class Looker:
    """Looks at frame after frame.

    What seldom changes is told by a careful look, the same as at a single picture: whether ink is dark or light, or
    told by its colour; whether some is faint; whether there are printed lines; how the page lies. In between quick
    looks go by that. Where nothing has changed at all, the last look is given again.

    Parameters
    ----------
    classifier
        What labels the crops.
    reuse
        Whether what has not changed is not looked at again; off only to measure what that saves.
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
        self._quick = Settings()
        self._last: Look | None = None
        self._known: Steps | None = None
        self._rules = True
        self._looks, self._noise = 0, 0.0
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
        due = self._is_due(time_s)
        labelled, steps = self._carefully(frame, time_s, laps) if due else self._quickly(frame, gray, laps)
        reused = self._crops.reused / self._crops.asked if self._crops.asked else 0.0
        self._last = Look(labelled, steps, reused)
        self._watch.look(gray)
        self._looked_s = time_s
        laps.lap("compare")
        return self._last

    def _is_as_before(self, gray: NDArray[np.uint8], time_s: float) -> bool:
        soon = 0 <= time_s - self._looked_s < _ANEW_S
        return self._reuse and soon and not self._watch.has_changed(gray)

    def _is_due(self, time_s: float) -> bool:
        if self._known is None or self._last is None:
            return True
        since = time_s - self._careful_s
        as_then = _reads_well(self._last.labelled) == self._well
        return not 0 <= since < (self._every_s if as_then else _SOON_S)

    def _carefully(self, frame: NDArray[np.uint8], time_s: float, laps: Laps) -> tuple[tuple[Labelled, ...], Steps]:
        settings, before = self._settings or Settings(), self._known
        labelled, steps = label_page(frame, self._crops, settings)
        digits = in_rows(labelled, settings.read.min_confidence, steps.turned_deg)
        steps = dataclasses.replace(steps, problems=find_problems(steps, digits))
        self._rules = remove_rules(steps.ink) is not steps.ink
        self._every_s = min(2 * self._every_s, _SELDOM_S) if before and _agree(before, steps) else _OFTEN_S
        self._watch.measure(steps.gray, steps.ink)
        self._known, self._careful_s, self._well = steps, time_s, _reads_well(labelled)
        self._quick = settings.replace("ink", polarity=steps.polarity)
        if settings.read.turn == "auto":
            self._quick = self._quick.replace("read", turn=float(steps.turned_deg))
        laps.lap("careful look")
        return labelled, steps

    def _quickly(
        self, frame: NDArray[np.uint8], gray: NDArray[np.uint8], laps: Laps
    ) -> tuple[tuple[Labelled, ...], Steps]:
        part = part_asked_for(self._quick.segment, (gray.shape[1], gray.shape[0]))
        if part is None:
            return self._quickly_whole(frame, gray, laps)
        frame, inner = (np.ascontiguousarray(one[part.slices]) for one in (frame, gray))
        labelled, steps = self._quickly_whole(frame, inner, laps)
        return shifted_labels(labelled, part), shifted_steps(steps, part, gray)

    def _quickly_whole(
        self, frame: NDArray[np.uint8], gray: NDArray[np.uint8], laps: Laps
    ) -> tuple[tuple[Labelled, ...], Steps]:
        quick, known = self._quick, self._known or Steps(gray, gray > 0, "", "")
        ink = self._quick_ink(frame, gray, known.method)
        laps.lap("ink")
        found = find_regions(ink.mask, quick.segment, rules=self._rules)
        if known.method == "two levels":
            ink, found = find_faint(ink, found, quick.segment)
        laps.lap("find")
        left_whole = self._whole if self._reuse else None
        judged = judge(found.regions, ink.strength, self._crops, split=quick.segment.split, left_whole=left_whole)
        dropped = (*found.dropped, *judged.dropped)
        steps = Steps(gray, ink.mask, ink.method, ink.polarity, dropped, judged.divided, problems=known.problems)
        told = upright_and_wanted(ink, found.regions, judged, steps, self._crops, quick)
        laps.lap("classify")
        return told

    def _quick_ink(self, frame: NDArray[np.uint8], gray: NDArray[np.uint8], method: str) -> Ink:
        if method == "colour":
            return find_ink(frame, (self._settings or self._quick).ink)
        if self._quick.ink.threshold != "auto":
            return find_ink(gray, self._quick.ink)
        if self._looks % _NOISE_EVERY == 0:
            self._noise = measure_noise(gray)
        self._looks += 1
        return find_ink_quickly(gray, self._quick.ink.polarity, self._noise)


def _reads_well(labelled: Sequence[Labelled]) -> bool:
    """Whether most of what looks like digits does so surely."""
    sure = [one.confidence > _SURE for _, one in labelled if one.label != NOT_A_DIGIT]
    return 2 * sum(sure) > len(sure)


def _agree(before: Steps, after: Steps) -> bool:
    """Whether a careful look said what the one before it did."""
    return (before.polarity, before.method, before.turned_deg) == (after.polarity, after.method, after.turned_deg)
