"""A dataset to a trained Keras model, told event by event, so that a bar, a log or a window can follow and stop it."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import NOT_A_DIGIT
from hdr.classify.keras_backend import require_keras
from hdr.data.augment import Warp, augment
from hdr.data.dataset import Dataset
from hdr.data.metrics import best_temperature
from hdr.errors import ModelError
from hdr.train.architectures import LAST, Architecture, build_model, find_architecture
from hdr.train.events import EpochDone, Event, Started, Step

Pixels = NDArray[np.uint8]
T = TypeVar("T")

_EVERY = 20  # batches between two `Step` events
_NONE_IN_USE = 0.05
"""Share of a page's candidates that are no digit, before anybody has looked."""
_AHEAD = 8  # batches made ahead of the one in training


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run beside the data.

    Parameters
    ----------
    architecture
        Name in the registry.
    epochs
        Passes over the data.
    batch
        Crops in a step.
    learning_rate
        The highest; it rises over the first epoch, then falls to nothing along a cosine.
    weight_decay
        Pull of every weight towards 0, as AdamW has it.
    smoothing
        Share of each label that is given to all classes alike.
    validation
        Share of the crops held out for every choice, 0 to 1.
    seed
        Of the split, the order, the warps and the first weights.
    warp
        How crops are bent; None leaves them.
    mild
        Share of the epochs, the last ones, over which the warps become half as strong: what is learned from strong
        ones is kept, and digits as they are come into their own.
    mixed
        Whether layers work in bfloat16, their weights kept in float32: faster where the processor knows it.
    """

    architecture: str = "default"
    epochs: int = 40
    batch: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    smoothing: float = 0.01
    validation: float = 1 / 12
    seed: int = 7
    warp: Warp | None = field(default_factory=Warp)
    mild: float = 0.3
    mixed: bool = False

    def warp_of(self, epoch: int) -> Warp | None:
        """Return how crops are bent in an epoch, the first being 1."""
        if self.warp is None or not self.mild:
            return self.warp
        into = (epoch - 1 - (1 - self.mild) * self.epochs) / (self.mild * self.epochs)
        return self.warp.scaled(1 - 0.5 * min(max(into, 0.0), 1.0))

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1:
            raise ModelError(
                f"A run of {self.epochs} epochs in batches of {self.batch} trains nothing.", hint="Give at least 1."
            )
        if self.seed < 0:
            raise ModelError(f"The seed is {self.seed}.", hint="Give a whole number from 0 up.")


class Training:
    """One run. Iterate over `run`; then `model` is the best epoch's.

    Parameters
    ----------
    data
        What to learn from; a part of it is held out for every choice.
    recipe
        How.
    extra
        Crops of other sources, such as printed digits and ink that is none. A part of them is held out too, but counts
        in the warped accuracy only.
    keep
        Folder in which the best epoch so far is kept.
    start
        A Keras model of the recipe's architecture and as many classes, whose weights to go on from; None for new ones.
    """

    def __init__(
        self, data: Dataset, recipe: Recipe, keep: Path, extra: Dataset | None = None, start: Any = None
    ) -> None:
        self.recipe = recipe
        self.architecture: Architecture = find_architecture(recipe.architecture)
        part, held = data.split(recipe.validation, recipe.seed)
        self.names = data.names
        self.train_count, self.validation_count = len(part), len(held)
        hard = held
        if extra is not None:
            more, more_held = extra.split(recipe.validation, recipe.seed)
            part, hard = part.merge(more), held.merge(more_held)
        size = self.architecture.size
        self._x, self._y = part.fields(size), part.labels
        self._held = held.fields(size), held.labels
        warped = hard.fields(size)
        if recipe.warp:
            warped = augment(warped, [recipe.seed, 1 << 20], recipe.warp)
        self._hard = warped, hard.labels
        self._best = keep / "best.weights.h5"
        self._best_score = -1.0
        self._start = None if start is None else start.get_weights()
        self.history: list[EpochDone] = []
        self.model: Any = None
        self.temperature = 1.0

    @property
    def hard_count(self) -> int:
        """Crops that the warped accuracy is of."""
        return len(self._hard[1])

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return math.ceil(len(self._x) / self.recipe.batch)

    def run(self) -> Iterator[Event]:
        """Train. Closing the iterator stops it between two batches."""
        keras = require_keras()
        keras.utils.set_random_seed(self.recipe.seed)
        with _precision(keras, mixed=self.recipe.mixed):
            self.model = build_model(self.architecture, len(self.names))
        if self._start is not None:
            self.model.set_weights(self._start)
        self._compile(keras)
        yield Started(
            self.architecture.name,
            int(self.model.count_params()),
            len(self._x),
            self.validation_count,
            self.recipe.epochs,
            self.steps,
        )
        for epoch in range(1, self.recipe.epochs + 1):
            yield from self._epoch(epoch)
        self.model.load_weights(self._best)
        weights = self.model.get_weights()
        self.model = build_model(self.architecture, len(self.names))  # at full precision, without an optimizer
        self.model.set_weights(weights)
        self._calibrate()

    def _calibrate(self) -> None:
        """Make confidence honest on what was held out, half of it as it is and half of it warped."""
        parts = [self._held, self._hard]
        probabilities = np.concatenate([self._probabilities(fields) for fields, _ in parts])
        labels = np.concatenate([labels for _, labels in parts])
        self.temperature = best_temperature(probabilities, labels)
        last = self.model.get_layer(LAST)
        weights, bias = (weight / self.temperature for weight in last.get_weights())
        if NOT_A_DIGIT in self.names:
            # Much less of a page is no digit than of what is learned from: the odds of Bayes' rule.
            none = self.names.index(NOT_A_DIGIT)
            bias[none] += _log_odds(_NONE_IN_USE) - _log_odds(float((self._y == none).mean()))
        last.set_weights([weights, bias])

    def _compile(self, keras: Any) -> None:
        total = self.steps * self.recipe.epochs
        warm = min(self.steps, total // 2)
        rate = keras.optimizers.schedules.CosineDecay(
            self.recipe.learning_rate / 20,
            max(1, total - warm),
            warmup_target=self.recipe.learning_rate,
            warmup_steps=max(1, warm),
        )
        self.model.compile(
            keras.optimizers.AdamW(rate, weight_decay=self.recipe.weight_decay),
            keras.losses.CategoricalCrossentropy(label_smoothing=self.recipe.smoothing),
        )

    def _epoch(self, epoch: int) -> Iterator[Event]:
        started, total = time.perf_counter(), 0.0
        with contextlib.closing(_ahead(self._batches(epoch))) as batches:
            for step, (x, y) in enumerate(batches, 1):
                total += float(self.model.train_on_batch(x, y))
                if step % _EVERY == 0 or step == self.steps:
                    yield Step(epoch, step, round(total / step, 5))
        plain, warped = self._accuracy(*self._held), self._accuracy(*self._hard)
        best = plain + warped >= self._best_score
        if best:
            self._best_score = plain + warped
            self.model.save_weights(self._best)
        took = time.perf_counter() - started
        done = EpochDone(epoch, round(total / self.steps, 5), plain, warped, round(took, 2), best)
        self.history.append(done)
        yield done

    def _batches(self, epoch: int) -> Iterator[tuple[Pixels, NDArray[np.float32]]]:
        recipe, warp = self.recipe, self.recipe.warp_of(epoch)
        order = np.random.default_rng([recipe.seed, epoch]).permutation(len(self._x))
        onehot = np.eye(len(self.names), dtype=np.float32)
        for number, start in enumerate(range(0, len(order), recipe.batch)):
            which = order[start : start + recipe.batch]
            x = self._x[which]
            if warp:
                x = augment(x, [recipe.seed, epoch, number], warp)
            yield self._pictures(x), onehot[self._y[which]]

    def _pictures(self, fields: Pixels) -> Pixels:
        return np.repeat(fields[..., None], self.architecture.channels, axis=-1)

    def _accuracy(self, fields: Pixels, labels: NDArray[np.int64]) -> float:
        return round(float((self._probabilities(fields).argmax(axis=1) == labels).mean()), 6)

    def _probabilities(self, fields: Pixels) -> NDArray[np.float32]:
        return np.asarray(self.model.predict(self._pictures(fields), batch_size=500, verbose=0), np.float32)


@contextlib.contextmanager
def _precision(keras: Any, *, mixed: bool) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if mixed else before)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share)) if 0 < share < 1 else 0.0


def _ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Make items in a thread, some ahead of their use; OpenCV and TensorFlow both let other threads run."""
    made: queue.Queue[T | BaseException | None] = queue.Queue(_AHEAD)
    stop = threading.Event()

    def put(item: T | BaseException | None) -> None:
        while not stop.is_set():
            try:
                made.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                put(item)
                if stop.is_set():
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001  (raised again below, in the thread that asked)
            put(error)

    worker = threading.Thread(target=work, daemon=True, name="hdr-batches")
    worker.start()
    try:
        while (item := made.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        worker.join()  # a thread that still runs while Python ends may abort the process
