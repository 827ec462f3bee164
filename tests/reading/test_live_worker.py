from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fake_camera import FakeCamera

from hdr.errors import CameraError, ModelError
from hdr.reading.camera import Camera
from hdr.reading.live import LiveReader, LiveReading
from hdr.reading.live_worker import LiveWorker, Seen
from hdr.reading.results import Reading

FRAMES = [np.full((4, 6, 3), level, np.uint8) for level in range(200)]


class Slow:
    """A reader that waits until it is let go, and tells what it was shown."""

    def __init__(self, pause_s: float = 0.0) -> None:
        self.pause_s = pause_s
        self.seen: list[int] = []

    def read(self, frame: np.ndarray, time_s: float) -> LiveReading:
        time.sleep(self.pause_s)
        self.seen.append(int(frame[0, 0, 0]))
        return LiveReading(len(self.seen) - 1, time_s, Reading((6, 4)), (), {}, 0.0)


class Broken(LiveReader):
    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, frame: np.ndarray, time_s: float) -> LiveReading:
        raise self.error


@pytest.fixture
def started() -> Iterator[list[LiveWorker]]:
    workers: list[LiveWorker] = []
    before = set(threading.enumerate())
    yield workers
    for worker in workers:
        worker.close()
    assert not [thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("hdr-")]


def take(worker: LiveWorker) -> Seen:
    seen = worker.take(5)
    assert seen is not None
    return seen


def begin(workers: list[LiveWorker], reader: Any, frames: list[np.ndarray], *, endless: bool = True) -> LiveWorker:
    workers.append(LiveWorker(Camera(0, FakeCamera(frames, endless=endless).open), reader).start())
    return workers[-1]


def test_the_newest_frame_is_read_and_old_ones_are_dropped(started: list[LiveWorker]) -> None:
    reader = Slow(0.05)
    worker = begin(started, reader, FRAMES)
    seen = [take(worker) for _ in range(4)]
    assert sum(one.dropped for one in seen[1:]) > 0
    numbers = reader.seen[:4]
    assert numbers == sorted(set(numbers))
    assert [int(one.frame[0, 0, 0]) for one in seen] == numbers
    assert [b - a - 1 for a, b in itertools.pairwise(numbers)] == [one.dropped for one in seen[1:]]


def test_when_a_frame_came_is_told(started: list[LiveWorker]) -> None:
    before = time.monotonic()
    seen = take(begin(started, Slow(), FRAMES))
    assert before <= seen.captured_at <= time.monotonic()
    assert seen.live.time_s == seen.captured_at


def test_frozen_it_stays_at_the_last_frame_and_goes_on_later(started: list[LiveWorker]) -> None:
    reader = Slow()
    worker = begin(started, reader, FRAMES)
    take(worker)
    worker.freeze(True)
    while worker.take(0.2) is not None:  # what was being read just then
        pass
    count = len(reader.seen)
    assert worker.take(0.1) is None
    assert len(reader.seen) == count
    worker.freeze(False)
    assert take(worker).dropped > 0


@pytest.mark.parametrize("error", [ModelError("The model broke."), MemoryError()])
def test_an_error_of_the_classifier_reaches_whoever_takes(started: list[LiveWorker], error: Exception) -> None:
    worker = begin(started, Broken(error), FRAMES)
    with pytest.raises(type(error)) as caught:
        worker.take(5)
    assert caught.value is error


def test_a_camera_that_is_gone_is_told_after_its_last_reading(started: list[LiveWorker]) -> None:
    worker = begin(started, Slow(), FRAMES[:3], endless=False)
    assert worker.take(5) is not None
    with pytest.raises(CameraError):
        _take_all(worker)


def _take_all(worker: LiveWorker) -> None:
    for _ in range(10):
        worker.take(5)


def test_a_camera_that_cannot_be_opened_is_told(started: list[LiveWorker]) -> None:
    def refuse(source: int | str) -> Any:
        raise CameraError(f"There is no camera {source}.")

    started.append(LiveWorker(Camera(7, refuse), Slow()).start())
    with pytest.raises(CameraError, match="no camera 7"):
        started[0].take(5)


def test_closing_what_never_began_is_no_mistake() -> None:
    LiveWorker(Camera(0, FakeCamera(FRAMES).open), Slow()).close()
