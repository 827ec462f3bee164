"""Films to frames a second and digits found: ours beside the live-detection project's loop, on the same frames."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.bench.baselines import Predict, find_by_closing, only_digits
from hdr.bench.generate import Digits, TruePage
from hdr.bench.live_scenes import EVEN, FPS, FULL_HD, HARD, HD, IN_HAND, Frame, Scene, film
from hdr.bench.scoring import PageAnswer, PageScore, score_page
from hdr.classify.classifier import Classifier
from hdr.classify.litert import TFLiteModel
from hdr.classify.names import DIGITS
from hdr.reading.live import LiveReader
from hdr.reading.results import Reading

_GOALS = {EVEN: 250, IN_HAND: 250, HARD: 150, HD: 60, FULL_HD: 25}
"""Frames a second."""
_FILM_BYTES = 60_000_000
_FEWEST = 12
_F1_GOAL = 0.95
_HIDDEN = 0.7
"""The live-detection project shows nothing that it is less sure of."""
_WARM = 5

Loop = Callable[[Frame], PageAnswer]
"""A frame to what a program shows on it."""


@dataclass(frozen=True)
class Row:
    """One line of the report.

    Parameters
    ----------
    what, unit
        What was measured, and in what.
    ours
        The figure.
    goal
        What was aimed at, in words; empty for none.
    baseline
        The figure of what stands beside it; None for nothing.
    beside
        What that is.
    ratio
        How many times better ours is.
    """

    what: str
    unit: str
    ours: float
    goal: str = ""
    baseline: float | None = None
    beside: str = ""
    ratio: float | None = None

    def figures(self) -> dict[str, float | str | None]:
        """For a program."""
        return {name: _rounded(getattr(self, name)) for name in self.__dataclass_fields__}


def _rounded(value: float | str | None) -> float | str | None:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def closing_loop(predict: Predict) -> Loop:
    """Return the live-detection project's loop: one fixed way of finding, and one call of the model a digit."""

    def loop(frame: Frame) -> PageAnswer:
        shown = []
        for box, picture in find_by_closing(frame):
            probabilities = predict(picture[None, :, :, None])[0]
            if probabilities.max() >= _HIDDEN:
                shown.append((box, DIGITS[int(probabilities.argmax())]))
        return PageAnswer("".join(label for _, label in shown), tuple(shown))

    return loop


def the_loop(model: bytes, classifier: Classifier) -> Loop:
    """Return the same with the model of ours, as the bytes of a `.tflite` file."""
    return closing_loop(only_digits(TFLiteModel(model), classifier.card))


def as_answer(reading: Reading) -> PageAnswer:
    """Return what is shown of a reading."""
    digits = tuple((digit.box, digit.label) for digit in reading.digits if digit.is_digit)
    return PageAnswer(reading.text, digits)


def reading_loop(reader: LiveReader) -> Loop:
    """Return ours as a loop: frames come at the pace of a camera, whatever it takes to read them."""
    state = [0]

    def loop(frame: Frame) -> PageAnswer:
        state[0] += 1
        return as_answer(reader.read(frame, state[0] / FPS).reading)

    return loop


def film_length(size: tuple[int, int]) -> int:
    """How many frames of (width, height) are kept in memory."""
    return max(_FEWEST, min(60, _FILM_BYTES // (3 * size[0] * size[1])))


def bench_speed(classifier: Classifier, model: bytes, digits: Digits, runs: int) -> Iterator[Row]:
    """Time each scene, ours and the loop in turns, and count what both found in the hard one."""
    for scene, goal in _GOALS.items():
        shots = film(scene, digits, film_length(scene.size))
        frames = [frame for frame, _ in shots]
        ours, theirs = _in_turns(frames, reading_loop(LiveReader(classifier)), the_loop(model, classifier), runs)
        pair = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        speeds = statistics.median(ours), statistics.median(theirs)
        yield Row(scene.name, "frames/s", speeds[0], f"at least {goal}", speeds[1], "the live-detection loop", pair)
        if scene is HARD:
            yield _found(shots, classifier, model)


def bench_reuse(classifier: Classifier, digits: Digits, runs: int) -> Iterator[Row]:
    """Time what it saves that what has not changed is not looked at again."""
    for scene in (EVEN, HARD):
        frames = [frame for frame, _ in film(scene, digits, film_length(scene.size))]
        loops = [reading_loop(LiveReader(classifier, reuse=reuse)) for reuse in (True, False)]
        ours, without = _in_turns(frames, loops[0], loops[1], runs)
        ratio = statistics.median(a / b for a, b in zip(ours, without, strict=True))
        speeds = statistics.median(ours), statistics.median(without)
        yield Row(f"{scene.name}: work not done twice", "frames/s", speeds[0], "", speeds[1], "all done anew", ratio)


def _in_turns(frames: Sequence[Frame], one: Loop, other: Loop, runs: int) -> tuple[list[float], list[float]]:
    """Frames a second of two loops, turn by turn, so that a machine that slows down slows both."""
    for frame in frames[:_WARM]:
        one(frame)
        other(frame)
    speeds: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for loop, told in zip((one, other), speeds, strict=True):
            told.append(_speed(frames, loop))
    return speeds


def _speed(frames: Sequence[Frame], loop: Loop) -> float:
    start = time.perf_counter()
    for frame in frames:
        loop(frame)
    return len(frames) / (time.perf_counter() - start)


def _found(shots: Sequence[tuple[NDArray[np.uint8], TruePage]], classifier: Classifier, model: bytes) -> Row:
    ours, theirs = reading_loop(LiveReader(classifier)), the_loop(model, classifier)
    scores = [PageScore(), PageScore()]
    for frame, page in shots:
        scores = [score + score_page(page, loop(frame)) for score, loop in zip(scores, (ours, theirs), strict=True)]
    figures = [score.found_f1 for score in scores]
    what = f"{HARD.name}: digits found, F1"
    return Row(what, "F1", figures[0], f"at least {_F1_GOAL}", figures[1], "the live-detection loop")


def scene_frames(scene: Scene, digits: Digits, count: int) -> list[Frame]:
    """Return the frames of a film alone."""
    return [frame for frame, _ in film(scene, digits, count)]
