"""A still page under a grainy sensor to how often a digit's label flips, and a rewritten digit to when it is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from hdr.bench.generate import Digits, TruePage
from hdr.bench.live import Loop, Row, as_answer, reading_loop
from hdr.bench.live_scenes import EVEN, Frame, film
from hdr.bench.scoring import PageAnswer
from hdr.classify.classifier import Classifier
from hdr.geometry import Box, iou
from hdr.reading.live import LiveReader
from hdr.reading.pipeline import read_digits

_GRAINY = dataclasses.replace(EVEN, rows=4, columns=10, digit_px=18, grain=40)
"""So small and so grainy that a label by itself is often another one in the next frame."""
_SAME = 0.3
"""A box that covers a digit at least so much shows it."""
_PAGES, _FRAMES = 3, 120
_BEFORE = 20


def bench_steady(classifier: Classifier, digits: Digits) -> Iterator[Row]:
    """Count how often what is shown of a digit differs from the frame before; one that comes or goes flips too."""

    def unsteady(frame: Frame) -> PageAnswer:
        return as_answer(read_digits(frame, classifier))

    ours, theirs = [], []
    for seed in range(1, _PAGES + 1):
        shots = film(_GRAINY, digits, _FRAMES, seed)
        ours.append(count_flips(shots, reading_loop(LiveReader(classifier))))
        theirs.append(count_flips(shots, unsteady))
    rates = [sum(flipped for flipped, _ in told) / sum(could for _, could in told) for told in (ours, theirs)]
    what = f"a still page of digits {_GRAINY.digit_px} px high, grain {_GRAINY.grain:.0f} of 255: a digit's label flips"
    ratio = rates[1] / rates[0] if rates[0] else None
    yield Row(what, "of frames", rates[0], "under 0.1 %", rates[1], "every frame by itself", ratio)
    yield Row("a page of other digits is shown after", "frames", float(bench_rewritten(classifier, digits)))


def count_flips(shots: Sequence[tuple[Frame, TruePage]], loop: Loop) -> tuple[int, int]:
    """Return how often what is shown of a digit changed from one frame to the next, and how often it could."""
    flipped = could = 0
    before: list[str] | None = None
    for frame, page in shots:
        shown = labels_at([box for box, _ in page.boxes or ()], loop(frame))
        if before is not None:
            flipped += sum(a != b for a, b in zip(before, shown, strict=True))
            could += len(shown)
        before = shown
    return flipped, could


def labels_at(boxes: Sequence[Box], answer: PageAnswer) -> list[str]:
    """Return the label that is shown at each of some boxes; empty where there is none."""
    shown = []
    for box in boxes:
        overlap, label = max(((iou(box, other), label) for other, label in answer.digits), default=(0.0, ""))
        shown.append(label if overlap >= _SAME else "")
    return shown


def bench_rewritten(classifier: Classifier, digits: Digits) -> int:
    """Return the frames from where all digits of a page are others until all of them are shown."""
    before, after = (film(EVEN, digits, _BEFORE, seed) for seed in (1, 2))
    loop = reading_loop(LiveReader(classifier))
    for frame, _ in before:
        loop(frame)
    truth = "\n".join(after[0][1].rows)
    for number, (frame, _) in enumerate(after, 1):
        if loop(frame).text == truth:
            return number
    return len(after) + 1
