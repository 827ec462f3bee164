"""How smooth a window stays to figures: the delays of a ticker in its loop, and what it is compared with.

The baseline is what tutorials do: Keras's own `fit` in a thread of the window.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hdr.data.drawn import draw_digits

TICK_MS = 5
BOUND_MS = 50.0
"""A person notices no delay below."""


@dataclass(frozen=True)
class Delays:
    """How late a ticker was.

    Parameters
    ----------
    what
        What went on meanwhile.
    worst_ms, p99_ms, median_ms
        Of the delays.
    own_ms
        The longest that the window's own thread computed between two ticks.
    process_ms
        The longest that all threads of the window's process computed between two ticks. Where the worst delay is far
        longer than this, the window waited for other processes.
    above
        How many delays were above `BOUND_MS`.
    ticks
        How many there were.
    seconds
        How long it was watched.
    """

    what: str
    worst_ms: float
    p99_ms: float
    median_ms: float
    own_ms: float
    process_ms: float
    above: int
    ticks: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.what}: worst {self.worst_ms:.1f} ms, 99 % below {self.p99_ms:.1f} ms, median {self.median_ms:.2f} "
            f"ms, {self.above} of {self.ticks:,} above {BOUND_MS:.0f} ms; its own thread computed {self.own_ms:.1f} "
            f"ms at most at a stretch, its process {self.process_ms:.1f} ms"
        )


@dataclass
class Ticker:
    """Asks to be called every 5 ms, and writes down how late that was.

    Parameters
    ----------
    after
        The loop's own: calls a function after so many milliseconds.
    clock
        Seconds of the wall, and seconds that this thread and this process have computed; tests give others.
    """

    after: Callable[[int, Callable[[], None]], Any]
    clock: Callable[[], tuple[float, float, float]] = lambda: (
        time.perf_counter(),
        time.thread_time(),
        time.process_time(),
    )
    _gaps: list[tuple[float, float, float]] = field(default_factory=list)
    _last: tuple[float, float, float] = (0.0, 0.0, 0.0)
    _on: bool = False

    def start(self) -> None:
        """Begin, and forget what was before."""
        self._gaps, self._on = [], True
        self._last = self.clock()
        self.after(TICK_MS, self._tick)

    def _tick(self) -> None:
        if not self._on:
            return
        now, before = self.clock(), self._last
        self._gaps.append((now[0] - before[0], now[1] - before[1], now[2] - before[2]))
        self._last = now
        self.after(TICK_MS, self._tick)

    def stop(self, what: str) -> Delays:
        """End, and return how it was."""
        self._on = False
        gaps = 1000 * np.array(self._gaps or [(0.0, 0.0, 0.0)])
        late = np.maximum(0.0, gaps[:, 0] - TICK_MS)
        return Delays(
            what,
            round(float(late.max()), 3),
            round(float(np.percentile(late, 99)), 3),
            round(float(np.median(late)), 3),
            round(float(gaps[:, 1].max()), 3),
            round(float(gaps[:, 2].max()), 3),
            int((late > BOUND_MS).sum()),
            len(self._gaps),
            round(float(gaps[:, 0].sum()) / 1000, 1),
        )


def write_digits(path: Path, count: int, seed: int = 7) -> Path:
    """Write digits of our own pen as MNIST's file has them: so many to learn from, a fifth as many to test on."""
    drawn = draw_digits(count + count // 5, seed)
    order = np.random.default_rng(seed).permutation(len(drawn))
    pixels, labels = drawn.fields(28)[order], drawn.labels[order]
    np.savez(path, x_train=pixels[:count], y_train=labels[:count], x_test=pixels[count:], y_test=labels[count:])
    return path


class InThread:
    """The same data and architecture, trained by `fit` in a thread of this process.

    Parameters
    ----------
    data
        As `write_digits` writes it.
    architecture
        Its name.
    epochs, batch
        As `fit` has them.
    """

    def __init__(self, data: Path, architecture: str, epochs: int, batch: int) -> None:
        self._data, self._architecture, self._epochs, self._batch = data, architecture, epochs, batch
        self.done = threading.Event()
        self.told: list[float] = []
        self.wrong: BaseException | None = None
        """What ended it before its time."""

    def prepare(self) -> None:
        """Load TensorFlow and make the model, which a tutorial does before its window is there."""
        from hdr.train.architectures import build_model, find_architecture

        self._model = build_model(find_architecture(self._architecture), 10)
        self._model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._fit, daemon=True).start()

    def _fit(self) -> None:
        try:
            self._learn()
        except BaseException as error:  # noqa: BLE001  (handed to whoever waits for the thread)
            self.wrong = error
        finally:
            self.done.set()

    def _learn(self) -> None:
        from hdr.classify.keras_backend import require_keras

        told = require_keras().callbacks.LambdaCallback(on_epoch_end=lambda _, logs: self.told.append(logs["loss"]))
        with np.load(self._data) as arrays:
            x, y = arrays["x_train"], arrays["y_train"]
        self._model.fit(
            x[..., None], y, epochs=self._epochs, batch_size=self._batch, verbose=0, validation_split=0.1,
            callbacks=[told],
        )  # fmt: skip
