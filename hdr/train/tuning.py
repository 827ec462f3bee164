"""A model and a person's own crops to the same model that reads this hand better, in seconds.

Half of every batch are own crops, bent a little each time. The other half replay what the model knew: digits and ink
that is none, with the model's own former answers as what is to be answered, so that it neither forgets nor loses its
honest confidence (Z. Li, D. Hoiem, "Learning without forgetting", 2018, doi:10.1109/TPAMI.2017.2773081). What is held
out of the replay decides how far the weights go: where it is clearly read worse than before, only part of the way
(M. Wortsman et al., "Robust fine-tuning of zero-shot models", 2022, doi:10.1109/CVPR52688.2022.00780).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.keras_backend import require_keras
from hdr.data.augment import Warp, augment
from hdr.data.dataset import Dataset
from hdr.data.metrics import mcnemar
from hdr.train.devices import device_in_words
from hdr.train.events import Compared, Event, Started, Step, compared
from hdr.train.pace import Pace

Pixels = NDArray[np.uint8]

_EVERY = 5  # batches between two `Step` events
_STEPS = 160
"""Batches at most: about ten seconds of two processors."""
_WAYS = (1.0, 0.5, 0.25)
"""How far the weights may go, tried in this order."""
_DOUBT = 0.05
"""Below this chance, what is read worse than before is read worse for good."""


@dataclass(frozen=True)
class TuneRecipe:
    """How to fine-tune.

    Parameters
    ----------
    epochs
        How often each own crop is seen, as long as there are no more than some thousands of them.
    batch
        Crops in a step, own and replayed.
    learning_rate
        The highest; it falls to nothing along a cosine.
    seed
        Of the order and the warps.
    strength
        How strongly own crops are bent, as a share of what training from scratch does.
    """

    epochs: int = 30
    batch: int = 64
    learning_rate: float = 5e-4
    seed: int = 7
    strength: float = 0.5


class Tuning:
    """One run. Iterate over `run`; then `model` is the tuned one.

    Parameters
    ----------
    model
        A Keras model as `hdr.train` makes them; it is changed.
    card
        Its card.
    own
        The person's crops, all of them learned from.
    replay
        Crops like those that the model learned from; some with ink that is no digit.
    check
        Crops of the same kind that it has not learned from, to see what it forgets.
    recipe
        How.
    """

    def __init__(
        self, model: Any, card: ModelCard, own: Dataset, replay: Dataset, check: Dataset, recipe: TuneRecipe
    ) -> None:
        self.model, self.card, self.recipe = model, card, recipe
        self.way = 1.0
        self.seconds = 0.0
        self.losses: list[float] = []
        self._own = own.fields(card.input_size), own.labels
        self._replay = replay.fields(card.input_size)
        self._check = check.fields(card.input_size), check.labels

    @property
    def steps(self) -> int:
        """Batches in all."""
        needed = self.recipe.epochs * len(self._own[1]) * 2 / self.recipe.batch
        return int(min(_STEPS, max(20, round(needed))))

    def run(self) -> Iterator[Event]:
        """Train. Closing the iterator stops it between two batches."""
        keras = require_keras()
        keras.utils.set_random_seed(self.recipe.seed)
        before, started = self.model.get_weights(), time.perf_counter()
        known = self._answers(self._check[0])
        targets = self._answers(self._replay)
        self._compile(keras)
        count = int(self.model.count_params())
        parts, device, pace = (len(self._own[1]), len(self._check[1])), device_in_words(mixed=False), Pace(self.steps)
        yield Started(self.card.architecture, count, *parts, 1, self.steps, self.steps, device)
        for step, (x, y) in enumerate(self._batches(targets), 1):
            self.losses.append(round(float(self.model.train_on_batch(x, y)), 5))
            pace.step()
            if step % _EVERY == 0 or step == self.steps:
                yield Step(1, step, round(float(np.mean(self.losses)), 5), step, pace.seconds_left)
        yield self._keep(before, known)
        self.seconds = round(time.perf_counter() - started, 2)

    def _compile(self, keras: Any) -> None:
        # The statistics of batch normalisation stay as they were: a few crops of one hand are no sample of all hands.
        for layer in self.model.layers:
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
        rate = keras.optimizers.schedules.CosineDecay(self.recipe.learning_rate, self.steps)
        self.model.compile(keras.optimizers.Adam(rate), keras.losses.CategoricalCrossentropy())

    def _batches(self, targets: NDArray[np.float32]) -> Iterator[tuple[Pixels, NDArray[np.float32]]]:
        rng = np.random.default_rng(self.recipe.seed)
        half, (own, labels) = self.recipe.batch // 2, self._own
        order = _rounds(rng, len(labels), half * self.steps)
        again = _rounds(rng, len(self._replay), half * self.steps)
        onehot = np.eye(len(self.card.labels), dtype=np.float32)
        warp = Warp().scaled(self.recipe.strength)
        for step in range(self.steps):
            mine, known = (one[step * half : (step + 1) * half] for one in (order, again))
            bent = augment(own[mine], [self.recipe.seed, step], warp)
            old = augment(self._replay[known], [self.recipe.seed, step, 1], Warp().scaled(0.2))
            x = np.concatenate([bent, old])
            yield self._pictures(x), np.concatenate([onehot[labels[mine]], targets[known]])

    def _keep(self, before: list[NDArray[np.float32]], known: NDArray[np.float32]) -> Compared:
        """Go as far towards the new weights as nothing that was known is clearly forgotten."""
        after, truth = self.model.get_weights(), self._check[1]
        was = known.argmax(axis=1) == truth
        for way in _WAYS:
            self.way = way
            self.model.set_weights([old + way * (new - old) for old, new in zip(before, after, strict=True)])
            now = self._answers(self._check[0]).argmax(axis=1) == truth
            if now.sum() >= was.sum() or mcnemar(was, now).p > _DOUBT:
                break
        return compared("known before", was, now)

    def _answers(self, fields: Pixels) -> NDArray[np.float32]:
        return np.asarray(self.model.predict(self._pictures(fields), batch_size=500, verbose=0), np.float32)

    def _pictures(self, fields: Pixels) -> Pixels:
        return np.repeat(fields[..., None], self.card.channels, axis=-1)


def _rounds(rng: np.random.Generator, size: int, count: int) -> NDArray[np.int64]:
    """Indices below a size, each as often as any other, in an order that chance decides."""
    return np.concatenate([rng.permutation(size) for _ in range(-(-count // size))])[:count]
