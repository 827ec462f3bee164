"""What is read off each frame by itself to digits that are followed, each with a number, steady in place and label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.classify.classifier import Prediction
from hdr.classify.names import NOT_A_DIGIT
from hdr.geometry import Box
from hdr.reading.judging import Labelled
from hdr.reading.steady import Votes
from hdr.reading.track import Edges, drift_of, match
from hdr.vision.normalize import Crop

_KEPT, _KEPT_INKED = 5, 15
"""Frames for which a digit that is not seen is still shown: a finger, a flash, a blurred frame. The second where there
is still ink in its place, so that it was not erased: it hangs together with something, or grain has broken it up. But
none for longer than it was seen."""
_INKED = 0.3
"""Ink is there where it is this part of the digit's own."""
_SEEN = 3
"""Frames in which a digit must be seen before it is shown, but on the first frame of all: noise is seen once."""
_HALF = 127
_MOST = 500
"""No more are followed: a frame of noise has thousands, and all are compared with all."""
_STILL_PX, _STILL = 2, 0.05
"""A box whose edges moved by no more than this, in pixels or parts of its long side, stays where it is."""
_COVERED = 0.5
"""A digit that is not seen is gone once another covers so much of the smaller of the two."""
_LEAVES = 0.9
"""What was sure enough to be shown is shown until it is less sure than this part of that."""


@dataclass(frozen=True)
class Track:
    """One digit, followed over frames.

    Parameters
    ----------
    id
        Its own for as long as the program runs; never given twice. A digit rewritten in its place is another one.
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


@dataclass
class _Followed:
    id: int
    crop: Crop
    age: int = 1
    missed: int = 0
    shown: bool = False
    sure: bool = False
    told: bool = False
    """Whether it was ever told to be settled."""


class Followers:
    """The digits in view; their number is bounded by what one frame shows and the few before."""

    def __init__(self) -> None:
        self._next = 0
        self.reset()

    def reset(self) -> None:
        """Forget all of them; numbers go on."""
        self._all: list[_Followed] = []
        self._seen: Edges = np.zeros((0, 4), np.int64)
        self._votes = Votes()
        self._drift = 0.0, 0.0
        self._first = True

    def update(
        self,
        labelled: Sequence[Labelled],
        *,
        ink: NDArray[np.bool_] | None = None,
        steady: bool = True,
        anew: bool = False,
        min_confidence: float = 0.0,
    ) -> list[tuple[Crop, Prediction, Track]]:
        """Go on by a frame.

        Parameters
        ----------
        labelled
            The frame's crops and what each is by itself, in any order.
        ink
            Shape (height, width): the frame's ink, that of no digit as well.
        steady
            Whether labels, boxes and digits that vanish for a moment are held; else they are those of this frame.
        anew
            Whether something else is looked for from now on: what is not seen is gone, and what is seen shown, at once.
        min_confidence
            Digits less sure than this are not shown.

        Returns
        -------
        What is to be shown, in the order in which it was first seen.
        """
        if labelled and labelled[0][1].labels != self._votes.labels:
            self.reset()
            self._votes = Votes(labelled[0][1].labels)
        labelled = _foremost(labelled)
        boxes = _edges(crop.box for crop, _ in labelled)
        said = np.array([one.probabilities for _, one in labelled], np.float64)
        said = said.reshape(len(labelled), len(self._votes.labels))
        pairs = match(self._seen, boxes, self._drift)
        self._drift = drift_of(self._seen, boxes, pairs)
        self._go_on(pairs, [crop for crop, _ in labelled], said, steady=steady)
        for old, other in pairs:
            self._seen[old] = boxes[other]
        self._drop(set(dict(pairs)), boxes, ink, hold=steady and not anew)
        new = sorted(set(range(len(labelled))) - {other for _, other in pairs}, key=lambda i: boxes[i].tolist())
        self._begin([labelled[i][0] for i in new], said[new], boxes[new], shown=self._first or anew or not steady)
        self._first = self._first and not labelled
        return self._shown(min_confidence, hold=steady and not anew)

    def _go_on(
        self, pairs: Sequence[tuple[int, int]], crops: Sequence[Crop], said: NDArray[np.float64], *, steady: bool
    ) -> None:
        if not pairs:
            return
        rows, others = np.array(pairs, np.intp).T
        changed = self._votes.vote(rows, said[others])
        if not steady:
            self._votes.follow(rows, said[others])
        for row, other, is_new in zip(rows.tolist(), others.tolist(), changed.tolist(), strict=True):
            one = self._all[row]
            one.age, one.missed = one.age + 1, 0
            one.shown = one.shown or one.age >= _SEEN
            if not steady or is_new or not _is_still(one.crop, crops[other]):
                one.crop = crops[other]
            if is_new and one.told:  # rewritten in its place
                self._all[row] = _Followed(self._number(), crops[other], shown=True, sure=one.sure)

    def _begin(self, crops: Sequence[Crop], said: NDArray[np.float64], boxes: Edges, *, shown: bool) -> None:
        if crops:
            self._all += [_Followed(self._number(), crop, shown=shown) for crop in crops]
            self._seen = np.concatenate([self._seen, boxes])
            self._votes.begin(said)

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _drop(self, seen: set[int], boxes: Edges, ink: NDArray[np.bool_] | None, *, hold: bool) -> None:
        """Forget what was not seen for too long, was hardly ever seen, or is covered by what is seen now."""
        if len(seen) == len(self._all):
            return
        staying = []
        for row, one in enumerate(self._all):
            if row not in seen:
                one.missed += 1
                if not hold or not one.shown or _is_covered(self._seen[row], boxes) or _is_gone(one, ink):
                    continue
            staying.append(row)
        self._all = [self._all[row] for row in staying]
        self._seen = self._seen[staying]
        self._votes.keep(staying)

    def _shown(self, min_confidence: float, *, hold: bool) -> list[tuple[Crop, Prediction, Track]]:
        shown = []
        for one, told, settled in zip(self._all, self._votes.predictions(), self._votes.settled.tolist(), strict=True):
            one.sure = told.confidence >= min_confidence * (_LEAVES if one.sure and hold else 1)
            if one.shown and one.sure:
                new = settled and not one.told
                one.told = one.told or settled
                shown.append((one.crop, told, Track(one.id, one.age, settled, new)))
        return shown


def _foremost(labelled: Sequence[Labelled]) -> Sequence[Labelled]:
    """All, or where they are too many the digits, and of those and the rest the largest."""
    if len(labelled) <= _MOST:
        return labelled
    return sorted(labelled, key=lambda one: (one[1].label == NOT_A_DIGIT, -one[0].box.area, one[0].box.xywh))[:_MOST]


def _is_gone(one: _Followed, ink: NDArray[np.bool_] | None) -> bool:
    """Whether a digit has not been seen for too long."""
    if one.missed > min(one.age, _KEPT_INKED):
        return True
    if one.missed <= _KEPT or ink is None:
        return one.missed > _KEPT
    left = np.count_nonzero(ink[one.crop.box.slices])
    return bool(left < _INKED * np.count_nonzero(one.crop.pixels > _HALF))


def _edges(boxes: Iterable[Box]) -> Edges:
    return np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes], np.int64).reshape(-1, 4)


def _is_still(before: Crop, after: Crop) -> bool:
    a, b = before.box, after.box
    most = max(abs(a.x0 - b.x0), abs(a.y0 - b.y0), abs(a.x1 - b.x1), abs(a.y1 - b.y1))
    return most <= max(_STILL_PX, _STILL * max(a.width, a.height))


def _is_covered(edges: NDArray[np.int64], others: Edges) -> bool:
    """Whether one of the others covers so much of these, or these of it."""
    sides = np.minimum(edges[2:], others[:, 2:]) - np.maximum(edges[:2], others[:, :2])
    both = np.maximum(sides, 0).prod(axis=1)
    smaller = np.minimum((edges[2:] - edges[:2]).prod(), (others[:, 2:] - others[:, :2]).prod(axis=1))
    return bool((both > _COVERED * smaller).any())
