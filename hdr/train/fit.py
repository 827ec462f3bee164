"""A dataset to a trained Keras model, told event by event, so that a bar, a log or a window can follow and stop it."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hdr.classify.keras_backend import require_keras
from hdr.classify.names import NOT_A_DIGIT
from hdr.data.augment import Warp, augment
from hdr.data.dataset import Dataset
from hdr.data.metrics import best_temperature
from hdr.data.pictures import PictureWarp, augment_pictures, to_channels
from hdr.train.architectures import LAST, Architecture, build_model, find_architecture
from hdr.train.events import EpochDone, Event, Started, Step
from hdr.train.pretrained import freeze, load_base
from hdr.train.recipe import Recipe, Stage
from hdr.train.registry import adapt, set_weights

__all__ = ["Recipe", "Training"]

Pixels = NDArray[np.uint8]
T = TypeVar("T")

_EVERY = 20  # batches between two `Step` events
_NONE_IN_USE = 0.025
"""Share of a page's candidates that are no digit, before anybody has looked."""
_AHEAD = 8  # batches made ahead of the one in training
_ENOUGH = 10_000  # samples to know the mean and the spread of all


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
        size = self.size
        self._x, self._y = part.fields(size), part.labels
        self._held = held.fields(size), held.labels
        self._hard = _bent(hard.fields(size), [recipe.seed, 1 << 20], recipe.warp), hard.labels
        self._everything = part.merge(hard) if any(stage.everything for stage in recipe.stages) else None
        self._best = keep / "best.weights.h5"
        self._best_score = -1.0
        self._all_seen = False
        self._start = None if start is None else start.get_weights()
        self.history: list[EpochDone] = []
        self.model: Any = None
        self.temperature = 1.0

    @property
    def size(self) -> int:
        """Side of the input in pixels."""
        return side_of(self.recipe)

    @property
    def best(self) -> EpochDone:
        """The epoch whose figures on what was held out are the model's."""
        return next(one for one in reversed(self.history) if one.best)

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
            self.model = self._new_model()
        self._begin()
        yield Started(
            self.architecture.name,
            int(self.model.count_params()),
            len(self._x),
            self.validation_count,
            self.recipe.epochs,
            self.steps,
        )
        for stage, epochs in self.recipe.parts():
            yield from self._part(stage, epochs)
        weights = self.model.get_weights()
        self.model = self._new_model()  # at full precision, without an optimizer
        set_weights(self.model, weights)
        self._calibrate()

    def _new_model(self) -> Any:
        return build_model(self.architecture, len(self.names), self.size)

    def _begin(self) -> None:
        """Give the new model what it knows before it learns."""
        if self._start is not None:
            set_weights(self.model, self._start)
            return
        if self.recipe.weights:
            load_base(self.model, self.recipe.weights)
        adapt(self.model, self._pictures(self._x[:: math.ceil(len(self._x) / _ENOUGH)]))

    def _part(self, stage: Stage | None, epochs: range) -> Iterator[Event]:
        """Train for some of the epochs, then go back to the best one so far, if one may still be chosen."""
        if stage:
            freeze(self.model, stage.unfrozen)
        if stage and stage.everything:
            self._learn_everything()
        self._compile(self.recipe.learning_rate * (stage.rate if stage else 1), self.steps * len(epochs))
        for epoch in epochs:
            yield from self._epoch(epoch)
        if not self._all_seen:
            self.model.load_weights(self._best)

    def _learn_everything(self) -> None:
        """Learn from what was held out, too: from here on it measures nothing, so confidence is set right before."""
        self.temperature = self._best_temperature()
        assert self._everything is not None
        self._x, self._y = self._everything.fields(self.size), self._everything.labels
        self._all_seen = True

    def _best_temperature(self) -> float:
        """The one that is honest on what was held out, half of it as it is and half of it warped."""
        parts = [self._held, self._hard]
        probabilities = np.concatenate([self._probabilities(fields) for fields, _ in parts])
        return best_temperature(probabilities, np.concatenate([labels for _, labels in parts]))

    def _calibrate(self) -> None:
        """Make confidence honest."""
        if not self._all_seen:
            self.temperature = self._best_temperature()
        last = self.model.get_layer(LAST)
        weights, bias = (weight / self.temperature for weight in last.get_weights())
        if NOT_A_DIGIT in self.names:
            # Much less of a page is no digit than of what is learned from: the odds of Bayes' rule.
            none = self.names.index(NOT_A_DIGIT)
            bias[none] += _log_odds(_NONE_IN_USE) - _log_odds(float((self._y == none).mean()))
        last.set_weights([weights, bias])

    def _compile(self, highest: float, total: int) -> None:
        keras, recipe = require_keras(), self.recipe
        warm = min(self.steps, total // 2)
        rate: Any = highest
        if recipe.schedule == "cosine":
            rate = keras.optimizers.schedules.CosineDecay(
                highest / 20, max(1, total - warm), warmup_target=highest, warmup_steps=max(1, warm)
            )
        self.model.compile(
            _optimizer(keras, recipe, rate),
            keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing),
            metrics=["accuracy"],
        )

    def _epoch(self, epoch: int) -> Iterator[Event]:
        started, total, right = time.perf_counter(), 0.0, 0.0
        with contextlib.closing(_ahead(self._batches(epoch))) as batches:
            for step, (x, y) in enumerate(batches, 1):
                loss, share = self.model.train_on_batch(x, y)
                total, right = total + float(loss), right + float(share) * len(y)
                if step % _EVERY == 0 or step == self.steps:
                    yield Step(epoch, step, round(total / step, 5))
        (plain, held_loss), (warped, _) = self._figures(*self._held), self._figures(*self._hard)
        best = plain + warped >= self._best_score and not self._all_seen
        if best:
            self._best_score = plain + warped
            self.model.save_weights(self._best)
        took = time.perf_counter() - started
        learned = round(right / len(self._x), 6)
        done = EpochDone(epoch, round(total / self.steps, 5), plain, warped, round(took, 2), best, learned, held_loss)
        self.history.append(done)
        yield done

    def _batches(self, epoch: int) -> Iterator[tuple[Pixels, NDArray[np.float32]]]:
        recipe, warp = self.recipe, self.recipe.warp_of(epoch)
        order = np.random.default_rng([recipe.seed, epoch]).permutation(len(self._x))
        onehot = np.eye(len(self.names), dtype=np.float32)
        for number, start in enumerate(range(0, len(order), recipe.batch)):
            which = order[start : start + recipe.batch]
            x = self._x[which]
            x = _bent(x, [recipe.seed, epoch, number], warp)
            yield self._pictures(x), onehot[self._y[which]]

    def _pictures(self, fields: Pixels) -> Pixels:
        return to_channels(fields, self.architecture.channels)

    def _figures(self, fields: Pixels, labels: NDArray[np.int64]) -> tuple[float, float]:
        """Accuracy, and the mean negative log-likelihood."""
        probabilities = self._probabilities(fields)
        own = probabilities[np.arange(len(labels)), labels]
        loss = -np.log(np.maximum(own, 1e-7)).mean()
        return round(float((probabilities.argmax(axis=1) == labels).mean()), 6), round(float(loss), 5)

    def _probabilities(self, fields: Pixels) -> NDArray[np.float32]:
        return np.asarray(self.model.predict(self._pictures(fields), batch_size=500, verbose=0), np.float32)


def side_of(recipe: Recipe) -> int:
    """Return the side of the input in pixels: the recipe's, else its architecture's own."""
    return recipe.size or find_architecture(recipe.architecture).size


def _bent(fields: Pixels, seed: list[int], warp: Warp | PictureWarp | None) -> Pixels:
    if warp is None:
        return fields
    return augment_pictures(fields, seed, warp) if isinstance(warp, PictureWarp) else augment(fields, seed, warp)


def _optimizer(keras: Any, recipe: Recipe, rate: Any) -> Any:
    known = keras.optimizers
    match recipe.optimizer:
        case "adamw":
            return known.AdamW(rate, weight_decay=recipe.weight_decay)
        case "adam":
            return known.Adam(rate)
        case "rmsprop":
            return known.RMSprop(rate)
        case "sgd":
            return known.SGD(rate, momentum=0.9)


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
