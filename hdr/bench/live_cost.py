"""Live reading to what it costs beside speed: memory over hours, the wait for the first label and for each one."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hdr.bench.generate import Digits
from hdr.bench.live import Row, reading_loop, scene_frames
from hdr.bench.live_scenes import FPS, HARD, IN_HAND, Frame
from hdr.bench.process import run_python
from hdr.classify.classifier import Classifier
from hdr.reading.camera import Camera
from hdr.reading.live import LiveReader
from hdr.reading.live_worker import LiveWorker
from hdr.vision.media import save_image

_EARLY = 1000
_FILM = 30
_LATE_S = 0.08
_READINGS, _WARM = 150, 5

_START = """
import sys, time
from hdr.classify.loading import load_classifier
from hdr.reading.live import LiveReader
from hdr.vision.media import load_image
frame = load_image(sys.argv[1])
live = LiveReader(load_classifier()).read(frame, 0.0)
assert not {"tensorflow", "keras", "matplotlib", "pandas"} & set(sys.modules)
print(len(live.reading.kept))
"""
_LOOP_START = """
import sys
from pathlib import Path
import numpy as np
import cv2
from ai_edge_litert.interpreter import Interpreter
frame = cv2.imread(sys.argv[1])
model = Interpreter(sys.argv[2])
model.allocate_tensors()
taken = model.get_input_details()[0]
model.set_tensor(taken["index"], np.zeros(taken["shape"], taken["dtype"]))
model.invoke()
"""


def bench_memory(classifier: Classifier, digits: Digits, frames: int) -> Iterator[Row]:
    """Weigh the process after 1,000 frames of a scene in which everything changes, and after many more."""
    shots = itertools.cycle([*scene_frames(HARD, digits, _FILM), *scene_frames(IN_HAND, digits, _FILM)])
    loop = reading_loop(LiveReader(classifier))
    early = 0.0
    for number, frame in enumerate(itertools.islice(shots, frames), 1):
        loop(frame)
        if number == min(_EARLY, frames):
            early = resident_mb()
    if early:
        what = f"memory after {frames:,} frames, above that after {_EARLY:,}"
        yield Row(what, "MB", resident_mb() - early, "under 5")


def resident_mb() -> float:
    """Return the memory of this process in millions of bytes; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    import resource

    return pages * resource.getpagesize() / 1e6


def bench_first(digits: Digits, model: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Time a fresh process until the first frame is labelled, without TensorFlow; and the loop's first call."""
    picture = folder / "frame.png"
    save_image(picture, scene_frames(IN_HAND, digits, 1)[0])
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(run_python(["-c", _START, str(picture)]).seconds)
        theirs.append(run_python(["-c", _LOOP_START, str(picture), str(model)]).seconds)
    ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
    middle = statistics.median(ours), statistics.median(theirs)
    yield Row(
        "a fresh process to the first labelled frame", "s", middle[0], "under 1.5", middle[1], "the loop's", ratio
    )


class FilmCapture:
    """A camera that shows a film over and over, at its pace, however slowly anybody takes its frames.

    Parameters
    ----------
    frames
        BGR, ``uint8``.
    fps
        Frames a second.
    """

    def __init__(self, frames: Sequence[Frame], fps: float = FPS) -> None:
        self._frames = itertools.cycle(frames)
        self._pause_s = 1 / fps
        self._due = time.monotonic()

    def read(self) -> tuple[bool, Any]:
        """Wait until the next frame is due."""
        self._due = max(self._due + self._pause_s, time.monotonic())
        threading.Event().wait(self._due - time.monotonic())
        return True, next(self._frames)

    def release(self) -> None:
        """Nothing is held."""


def bench_latency(classifier: Classifier, digits: Digits, readings: int = _READINGS) -> Iterator[Row]:
    """Time frames from the camera to whoever takes their reading, through the worker."""
    frames = scene_frames(HARD, digits, _FILM)
    worker = LiveWorker(Camera(0, lambda _: FilmCapture(frames)), LiveReader(classifier)).start()
    late_ms: list[float] = []
    dropped: list[int] = []
    try:
        while len(late_ms) < readings + _WARM:
            seen = worker.take(1.0)
            if seen:
                late_ms.append(1e3 * (time.monotonic() - seen.captured_at))
                dropped.append(seen.dropped)
    finally:
        worker.close()
    late_ms, lost = sorted(late_ms[_WARM:]), sum(dropped[_WARM:])
    what = f"{HARD.name}, {FPS} frames/s: from the camera to the label"
    yield Row(f"{what}, median", "ms", statistics.median(late_ms), f"under {1e3 * _LATE_S:.0f}")
    yield Row(f"{what}, 95 of 100", "ms", late_ms[int(0.95 * (len(late_ms) - 1))], f"under {1e3 * _LATE_S:.0f}")
    yield Row("frames dropped on the way", "of frames", lost / (lost + len(late_ms)))
