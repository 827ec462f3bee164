"""A model and batches to a model that has learned from them: alone, or together with other workers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hdr.classify.keras_backend import require_keras
from hdr.train.batches import Batch
from hdr.train.events import Step
from hdr.train.pace import Pace
from hdr.train.recipe import Recipe
from hdr.train.workers import Workers, nobody_lost

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

_EVERY, _EVERY_S = 20, 1.0  # batches, and seconds, between two `Step` events at most


class Learner(Protocol):
    """What learns from one batch after the other."""

    optimizer: Any

    def step(self, x: Pixels, y: Floats, weights: Floats, size: int) -> tuple[float, float]:
        """Learn from a batch.

        Parameters
        ----------
        x
            Pictures, shape (n, size, size, channels).
        y
            What they are, shape (n, classes), 1 at the label.
        weights
            How much each counts, shape (n,).
        size
            Samples of the whole batch, of which these are this worker's share.

        Returns
        -------
        The mean loss of the whole batch, and the share of it that was right.
        """

    def end_epoch(self) -> None:
        """Have all workers agree where each has seen something else."""


def learner(model: Any, recipe: Recipe, rate: Any, workers: Workers | None) -> Learner:
    """Return what teaches a model by a recipe, at a rate or a schedule of rates."""
    return _Together(model, recipe, rate, workers) if workers else _Alone(model, recipe, rate)


def learn_all(
    made: Iterator[Batch], learning: Learner, epoch: int, steps: int, pace: Pace
) -> Generator[Step, None, tuple[float, float]]:
    """Learn from the batches of an epoch, and tell of it now and then.

    Parameters
    ----------
    made
        The batches.
    learning
        Learns from each.
    epoch, steps
        Which epoch it is, and how many batches it has.
    pace
        Counts them.

    Returns
    -------
    The mean loss of a batch, and the share of all samples that was right, 0 to 1.
    """
    total, right, seen, told = 0.0, 0.0, 0, time.perf_counter()
    for step, batch in enumerate(made, 1):
        loss, share = learning.step(*batch)
        total, right, seen = total + loss, right + share * batch.size, seen + batch.size
        pace.step()
        if step % _EVERY == 0 or step == steps or time.perf_counter() - told > _EVERY_S:
            told = time.perf_counter()
            yield Step(epoch, step, round(total / step, 5), pace.done, pace.seconds_left)
    return total / steps, right / seen


class _Alone:
    """Keras's own step."""

    def __init__(self, model: Any, recipe: Recipe, rate: Any) -> None:
        keras = require_keras()
        self._model, self.optimizer = model, _optimizer(keras, recipe, rate)
        self._weighs = recipe.class_weights != "none"
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing)
        model.compile(self.optimizer, loss, metrics=["accuracy"])
        self.optimizer.build(model.trainable_variables)

    def step(self, x: Pixels, y: Floats, weights: Floats, size: int) -> tuple[float, float]:  # noqa: ARG002  (all is ours)
        loss, right = self._model.train_on_batch(x, y, weights if self._weighs else None)
        return float(loss), float(right)

    def end_epoch(self) -> None:
        """Nobody else is there."""


class _Together:
    """The same, with gradients summed over all workers."""

    def __init__(self, model: Any, recipe: Recipe, rate: Any, workers: Workers) -> None:
        keras = require_keras()
        self._model, self._workers = model, workers
        with workers.strategy.scope():
            self.optimizer = _optimizer(keras, recipe, rate)
            self.optimizer.build(model.trainable_variables)
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing, reduction="none")
        self._step = _step_of(model, self.optimizer, loss, workers.strategy)

    def step(self, x: Pixels, y: Floats, weights: Floats, size: int) -> tuple[float, float]:
        with nobody_lost():
            loss, right = self._step(x, y, weights, np.float32(size))
            return float(loss), float(right) / size

    def end_epoch(self) -> None:
        """Batch normalisation has seen only this worker's share: its mean and spread become those of all."""
        for weight in self._model.non_trainable_weights:
            value = np.asarray(weight)
            if value.dtype == np.float32:
                weight.assign(self._workers.mean(value))


def _step_of(model: Any, optimizer: Any, loss_of: Any, strategy: Any) -> Any:
    """A compiled step; its signature is open: a worker that traces anew while others do not would wait for good."""
    import tensorflow as tf

    def learn(x: Any, y: Any, weights: Any, size: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            answers = model(x, training=True)
            loss = tf.reduce_sum(loss_of(y, answers) * weights) / size
        learned = model.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, learned), learned, strict=True))
        right = tf.equal(tf.argmax(answers, axis=1), tf.argmax(y, axis=1))
        return loss, tf.reduce_sum(tf.cast(right, tf.float32))

    def step(x: Any, y: Any, weights: Any, size: Any) -> list[Any]:
        return [strategy.reduce("SUM", one, axis=None) for one in strategy.run(learn, args=(x, y, weights, size))]

    picture = tf.TensorSpec([None, *model.inputs[0].shape[1:]], tf.uint8)
    labels = tf.TensorSpec([None, model.outputs[0].shape[-1]], tf.float32)
    return tf.function(step, input_signature=[picture, labels, tf.TensorSpec([None]), tf.TensorSpec([])])


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


def rate_of(recipe: Recipe, highest: float, steps: int, epochs: int) -> Any:
    """Return the rate of some epochs, of so many steps each: a number, or the schedule of one that falls."""
    if recipe.schedule != "cosine":
        return highest
    total = steps * epochs
    warm = min(steps, total // 2)
    return require_keras().optimizers.schedules.CosineDecay(
        highest / 20, max(1, total - warm), warmup_target=highest, warmup_steps=max(1, warm)
    )


def ask(model: Any, pictures: Pixels, most: int, *, together: bool) -> Floats:
    """Return what a model says of pictures, so many at once, shape (pictures, classes).

    ``together`` is a model that several workers teach: Keras would divide what each of them asks about among all.
    """
    if not together:
        return np.asarray(model.predict(pictures, batch_size=most, verbose=0), np.float32)
    parts = [model(pictures[i : i + most], training=False) for i in range(0, len(pictures), most)]
    return np.concatenate([np.asarray(part, np.float32) for part in parts])


def scope(workers: Workers | None) -> Any:
    """Return the context in which a model's variables are made."""
    return workers.strategy.scope() if workers else contextlib.nullcontext()
