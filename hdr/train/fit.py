"""A dataset to a trained Keras model, told event by event, so that a bar, a log or a window can follow and stop it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.keras_backend import require_keras
from hdr.data.confidence import best_temperature
from hdr.data.dataset import Dataset
from hdr.data.fields import Fields
from hdr.train.ahead import ahead
from hdr.train.architectures import Architecture, build_model, find_architecture
from hdr.train.calibrating import calibrate, figures, none_share
from hdr.train.checkpoint import Checkpoint, digest_of_weights, give_back, values_of
from hdr.train.devices import device_in_words, precision, prepare_devices
from hdr.train.events import EpochDone, Event, Note, Started, Trained
from hdr.train.material import Material
from hdr.train.pace import Pace, halvings, waited
from hdr.train.pretrained import freeze, load_base
from hdr.train.recipe import Recipe, Stage
from hdr.train.registry import adapt, normalization_layers, set_weights
from hdr.train.steps import Learner, ask, learn_all, learner, rate_of, scope
from hdr.train.workers import Workers

Pixels = NDArray[np.uint8]

_ENOUGH = 10_000  # samples of 28 pixels to know the mean and the spread of all
_PREDICTED = 500  # of 28 pixels at once


class Training:
    """One run. Iterate over `run`; then `model` is the best epoch's.

    Parameters
    ----------
    data
        What to learn from; a part of it is held out for every choice.
    recipe
        How.
    keep
        Folder in which the run is kept after every epoch, as `Checkpoint` has it; None keeps nothing.
    extra
        Crops of other sources, such as printed digits and ink that is none. A part of them is held out too, but counts
        in the warped accuracy only.
    start
        A Keras model of the recipe's architecture and as many classes, whose weights to go on from; None for new ones.
    workers
        Those that learn together with this process; None for nobody.
    made_of
        Digest of the data and the recipe, written into what is kept.

    Raises
    ------
    DatasetError
        For data that cannot be divided.
    """

    def __init__(
        self,
        data: Dataset,
        recipe: Recipe,
        keep: Path | None = None,
        extra: Dataset | None = None,
        start: Any = None,
        *,
        workers: Workers | None = None,
        made_of: str = "",
    ) -> None:
        self.recipe, self._workers, self._keep, self._made_of = recipe, workers, keep, made_of
        self.architecture: Architecture = find_architecture(recipe.architecture)
        self.material = Material(data, recipe, extra, workers)
        self._best: list[NDArray[Any]] = []
        self._best_score = -1.0
        self._start = None if start is None else start.get_weights()
        self._learner: Learner | None = None
        self._pace = Pace(0)
        self.history: list[EpochDone] = []
        self.model: Any = None
        self.temperature = 1.0

    @property
    def size(self) -> int:
        """Side of the input in pixels."""
        return self.material.size

    @property
    def best(self) -> EpochDone:
        """The epoch whose figures on what was held out are the model's."""
        return next(one for one in reversed(self.history) if one.best)

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return self.material.steps

    def run(self, kept: Checkpoint | None = None, *, finish: bool = False) -> Iterator[Event]:
        """Train. Closing the iterator stops it between two batches.

        Parameters
        ----------
        kept
            What an earlier process kept of the same run, to go on from there; None begins.
        finish
            Learn nothing more: make the model of what was kept.

        Raises
        ------
        ModelError
            Where what was kept is of another run.
        """
        keras = require_keras()
        prepare_devices()
        keras.utils.set_random_seed(self.recipe.seed)
        with precision(mixed=self.recipe.mixed), scope(self._workers):
            self.model = self._new_model()
        if kept:
            self.history, self._best, self._best_score = list(kept.history), kept.best, kept.score
            self.temperature = kept.temperature
        else:
            self._begin()
        self._pace = Pace(self.material.planned(self.recipe.epochs), self.material.planned(self._done))
        yield self._started()
        if kept and finish:
            self._take_up(kept)
        else:
            for stage, epochs in self.recipe.parts():
                yield from self._part(stage, epochs, kept)
        yield self._finished()

    @property
    def _done(self) -> int:
        """The last epoch that is done."""
        return self.history[-1].epoch if self.history else 0

    def _started(self) -> Started:
        return Started(
            self.architecture.name,
            int(self.model.count_params()),
            len(self.material.labels),
            self.material.validation_count,
            self.recipe.epochs,
            self.steps,
            self._pace.total,
            device_in_words(mixed=self.recipe.mixed),
            self.recipe.mixed,
            resumed_from=self._done,
            workers=self.material.workers,
        )

    def _new_model(self) -> Any:
        recipe = self.recipe
        classes = len(self.material.names)
        return build_model(self.architecture, classes, self.size, width=recipe.width, dropout=recipe.dropout)

    def _begin(self) -> None:
        """Give the new model what it knows before it learns."""
        if self._start is not None:
            set_weights(self.model, self._start)
            return
        if self.recipe.weights:
            load_base(self.model, self.recipe.weights)
        if normalization_layers(self.model):
            enough = max(100, _ENOUGH * 28 * 28 // self.size**2)
            adapt(self.model, self.material.some(enough))

    def _part(self, stage: Stage | None, epochs: range, kept: Checkpoint | None) -> Iterator[Event]:
        """Train for some of the epochs, then go back to the best one so far, if one may still be chosen."""
        done = self._done
        if done >= epochs.stop:
            return
        if stage and stage.everything:
            self._learn_everything(settled=done >= epochs.start)
        if stage:
            freeze(self.model, stage.unfrozen)
        rate = self.recipe.learning_rate * (stage.rate if stage else 1)
        rates = rate_of(self.recipe, rate, self.steps, len(epochs))
        self._learner = learner(self.model, self.recipe, rates, self._workers)
        if kept and done >= epochs.start:
            self._restore(kept, self._learner)
        for epoch in range(max(done + 1, epochs.start), epochs.stop):
            if self._is_enough(epochs.start):
                yield Note(f"Epochs {epoch} to {epochs[-1]} are spared: {self.recipe.patience} brought nothing better.")
                break
            if self.recipe.schedule == "plateau":
                self._learner.optimizer.learning_rate = rate * 0.5 ** halvings(self.history, epochs.start)
            yield from self._epoch(epoch, self._learner)
        self._pace.skip_to(self.material.planned(epochs[-1]))
        if not self.material.all_seen:
            set_weights(self.model, self._best)

    def _restore(self, kept: Checkpoint, learning: Learner) -> None:
        give_back(self.model.variables, kept.model)
        give_back(learning.optimizer.variables, kept.optimizer)
        for layer in normalization_layers(self.model):
            layer.finalize_state()

    def _take_up(self, kept: Checkpoint) -> None:
        """Make do with what was kept."""
        if any(kept.epoch in epochs and stage and stage.everything for stage, epochs in self.recipe.parts()):
            self._learn_everything(settled=True)
            give_back(self.model.variables, kept.model)
        else:
            set_weights(self.model, kept.best)

    def _is_enough(self, first: int) -> bool:
        patience = self.recipe.patience
        return bool(patience) and not self.material.all_seen and waited(self.history, first) >= patience

    def _learn_everything(self, *, settled: bool) -> None:
        """Learn from what was held out, too: from here on it measures nothing, so confidence is set right before."""
        if not settled:
            self.temperature = self._best_temperature()
        self.material.take_all()

    def _best_temperature(self) -> float:
        """The one that is honest on what was held out, half of it as it is and half of it warped."""
        parts = [self.material.held, self.material.hard]
        probabilities = np.concatenate([self.probabilities(fields) for fields, _ in parts])
        best = best_temperature(probabilities, np.concatenate([labels for _, labels in parts]))
        return float(self._agreed([best])[0])

    def _finished(self) -> Trained:
        """Have the model at full precision, without an optimizer, and make its confidence honest."""
        weights, self._learner = self.model.get_weights(), None
        self.model = self._new_model()
        set_weights(self.model, weights)
        if not self.material.all_seen:
            self.temperature = self._best_temperature()
        learned = self.material
        calibrate(self.model, self.temperature, none_share(learned.names, learned.labels, learned.weights))
        worker = self._workers.index if self._workers else 0
        return Trained(len(self.history), self.best.epoch, digest_of_weights(self.model), worker)

    def _epoch(self, epoch: int, learning: Learner) -> Iterator[Event]:
        started = time.perf_counter()
        with contextlib.closing(ahead(self.material.batches(epoch))) as made:
            loss, right = yield from learn_all(made, learning, epoch, self.steps, self._pace)
        learning.end_epoch()
        parts = self.material.held, self.material.hard
        (plain, held_loss), (warped, _) = (figures(self.probabilities(fields), labels) for fields, labels in parts)
        plain, held_loss, warped = (round(float(one), 6) for one in self._agreed([plain, held_loss, warped]))
        best = plain + warped >= self._best_score and not self.material.all_seen
        if best:
            self._best_score, self._best = plain + warped, values_of(self.model.weights)
        took, rate = round(time.perf_counter() - started, 2), float(np.asarray(learning.optimizer.learning_rate))
        numbers = round(loss, 5), plain, warped, took, best, round(right, 6), round(held_loss, 5)
        done = EpochDone(epoch, *numbers, float(f"{rate:.6g}"), self._pace.seconds_left)
        self.history.append(done)
        self._write(learning)
        yield done

    def _write(self, learning: Learner) -> None:
        if self._keep is None:
            return
        both = values_of(self.model.variables), values_of(learning.optimizer.variables)
        kept = Checkpoint(*both, self._best, self._best_score, self.temperature, self.history, self._made_of)
        kept.write(self._keep)

    def probabilities(self, fields: Fields) -> NDArray[np.float32]:
        """Return what the model says of pictures, shape (pictures, classes)."""
        return np.concatenate([self.answers(self.material.pictures(part)) for part in fields.parts()])

    def answers(self, pictures: Pixels) -> NDArray[np.float32]:
        """Return what the model says of pictures with its channels, shape (pictures, classes)."""
        most = min(_PREDICTED, max(16, 2_000_000 // self.size**2))  # the first layers' outputs are large
        return ask(self.model, pictures, most, together=bool(self._learner and self._workers))

    def _agreed(self, values: list[float]) -> NDArray[np.float64]:
        """The chief's, since a choice that one worker makes otherwise would leave the others waiting."""
        numbers = np.array(values, np.float64)
        return self._workers.from_chief(numbers) if self._workers else numbers
