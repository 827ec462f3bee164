"""What a careful look said of a scene to quick looks at the frames after it, which go by that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hdr.reading.judging import Labelled, judge
from hdr.reading.known import KnownCrops, KnownWhole
from hdr.reading.laps import Laps
from hdr.reading.pipeline import upright_and_wanted
from hdr.reading.results import Steps
from hdr.reading.wanted import Part, part_to_look_at, shifted_labels, shifted_steps
from hdr.settings import Settings
from hdr.vision.binarize import Ink, find_ink, measure_noise
from hdr.vision.faint import find_faint
from hdr.vision.quick import find_ink_quickly
from hdr.vision.rules import remove_rules
from hdr.vision.segment import find_regions

_DIFFERS = 0.1
"""Where quick and careful ink differ by more than this part of it, the light is told as carefully every time."""
_NOISE_EVERY = 10
"""Frames until the grain is measured again."""

Pixels = NDArray[np.uint8]
Labels = tuple[tuple[Labelled, ...], Steps]


class QuickLook:
    """Looks at frames of a scene that is known.

    What seldom changes is taken from the careful look: whether ink is dark or light or told by its colour, whether some
    is faint, whether there are printed lines, and how the page lies.

    Parameters
    ----------
    known
        The careful look's steps.
    settings
        It was done with.
    """

    def __init__(self, known: Steps, settings: Settings) -> None:
        self.known = known
        self._asked = settings
        self._settings = settings.replace("ink", polarity=known.polarity)
        if settings.read.turn == "auto":
            self._settings = self._settings.replace("read", turn=float(known.turned_deg))
        self._rules = remove_rules(known.ink) is not known.ink
        self._noise, self._frames = 0.0, 0
        self._is_as_good = self._finds_the_same()

    def _finds_the_same(self) -> bool:
        """Whether a quick look at the frame that was looked at carefully finds the same ink."""
        height, width = self.known.gray.shape
        part = self._part(width, height).looked
        gray, ink = np.ascontiguousarray(self.known.gray[part.slices]), self.known.ink[part.slices]
        self._noise = measure_noise(gray)
        quick = find_ink_quickly(gray, self.known.polarity, self._noise)
        return int(np.count_nonzero(quick.mask != ink)) <= _DIFFERS * max(1, int(np.count_nonzero(ink)))

    def _part(self, width: int, height: int) -> Part:
        return part_to_look_at(self._settings.segment, (width, height)) or Part.whole(width, height)

    def look(self, frame: Pixels, gray: Pixels, crops: KnownCrops, whole: KnownWhole | None, laps: Laps) -> Labels:
        """Find every digit of a frame and label it, as `hdr.reading.pipeline.label_page` does.

        Parameters
        ----------
        frame
            Shape (height, width, 3) RGB or (height, width), ``uint8``.
        gray
            Its brightness.
        crops
            What labels the crops.
        whole
            What of the wide ink was left whole.
        laps
            Times the stages.
        """
        part = self._part(gray.shape[1], gray.shape[0])
        looked = part.looked
        if looked.xywh[2:] == gray.shape[::-1]:
            return self._look(frame, gray, part, crops, whole, laps)
        inner, inner_gray = np.ascontiguousarray(frame[looked.slices]), np.ascontiguousarray(gray[looked.slices])
        labelled, steps = self._look(inner, inner_gray, part, crops, whole, laps)
        return shifted_labels(labelled, looked), shifted_steps(steps, looked, gray)

    def _look(
        self, frame: Pixels, gray: Pixels, part: Part, crops: KnownCrops, whole: KnownWhole | None, laps: Laps
    ) -> Labels:
        ink = self._ink(frame, gray)
        laps.lap("ink")
        asked = self._settings.segment
        found = find_regions(ink.mask, asked, rules=self._rules)
        if self.known.method == "two levels":
            ink, found = find_faint(ink, found, asked)
        laps.lap("find")
        judged = judge(found.regions, ink.strength, crops, split=asked.split, left_whole=whole)
        dropped = (*found.dropped, *judged.dropped)
        steps = Steps(gray, ink.mask, ink.method, ink.polarity, dropped, judged.divided, problems=self.known.problems)
        told = upright_and_wanted(ink, found.regions, judged, steps, crops, self._settings, part)
        laps.lap("classify")
        return told

    def _ink(self, frame: Pixels, gray: Pixels) -> Ink:
        if self.known.method == "colour":
            return find_ink(frame, self._asked.ink)
        if self._settings.ink.threshold != "auto" or not self._is_as_good:
            return find_ink(gray, self._settings.ink)
        self._frames += 1
        if self._frames % _NOISE_EVERY == 0:
            self._noise = measure_noise(gray)
        return find_ink_quickly(gray, self.known.polarity, self._noise)
