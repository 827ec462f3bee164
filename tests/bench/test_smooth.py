"""Delays of a ticker to figures, without a window; and the digits that are learned from meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from hdr.bench.smooth import InThread, Ticker, write_digits


class Loop:
    """A loop whose ticks come when they are told to."""

    def __init__(self) -> None:
        self.call: Callable[[], None] = lambda: None
        self.now = (0.0, 0.0, 0.0)

    def after(self, ms: int, call: Callable[[], None]) -> None:
        assert ms == 5
        self.call = call

    def tick(self, after_s: float, own_s: float = 0.0, process_s: float = 0.0) -> None:
        wall, own, process = self.now
        self.now = (wall + after_s, own + own_s, process + process_s)
        self.call()


def test_delays_are_what_is_above_the_tick() -> None:
    loop = Loop()
    ticker = Ticker(loop.after, lambda: loop.now)
    ticker.start()
    for _ in range(98):
        loop.tick(0.005)
    loop.tick(0.025, 0.004, 0.010)
    loop.tick(0.105, 0.001, 0.002)
    told = ticker.stop("a test")
    assert (told.worst_ms, told.median_ms, told.above, told.ticks) == (100.0, 0.0, 1, 100)
    assert (told.own_ms, told.process_ms, told.seconds) == (4.0, 10.0, 0.6)
    assert str(told).startswith("a test: worst 100.0 ms, 99 % below ")
    loop.tick(1.0)
    assert ticker.stop("after its end").ticks == 100, "a ticker that was stopped takes nothing more"
    ticker.start()
    assert ticker.stop("nothing").worst_ms == 0.0


def test_digits_are_written_as_mnist_has_them(tmp_path: Path) -> None:
    with np.load(write_digits(tmp_path / "d.npz", 50)) as arrays:
        assert arrays["x_train"].shape == (50, 28, 28)
        assert arrays["x_test"].shape == (10, 28, 28)
        assert len(set(arrays["y_train"])) > 1


def test_the_baseline_trains_and_ends_however_it_ends(tmp_path: Path) -> None:
    broken = InThread(tmp_path / "nothing.npz", "tiny", 1, 8)
    broken.prepare()
    broken.start()
    assert broken.done.wait(20)
    assert isinstance(broken.wrong, FileNotFoundError)
    baseline = InThread(write_digits(tmp_path / "d.npz", 40), "tiny", 2, 16)
    baseline.prepare()
    baseline.start()
    assert baseline.done.wait(120)
    assert baseline.wrong is None
    assert len(baseline.told) == 2
