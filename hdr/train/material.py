"""A dataset and a recipe to what a run learns from, batch by batch, and what is held out for every choice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hdr.data.dataset import Dataset
from hdr.data.fields import Fields
from hdr.data.pictures import to_channels
from hdr.data.wording import counted
from hdr.errors import DatasetError
from hdr.train.architectures import find_architecture
from hdr.train.batches import Batch, batches, bent, label_weights, steps_of
from hdr.train.recipe import Recipe
from hdr.train.workers import Workers

Pixels = NDArray[np.uint8]


class Material:
    """What a run learns from, and what it holds out: shown to the model in its own size and channels.

    Parameters
    ----------
    data
        What to learn from; a part of it is held out.
    recipe
        How it is divided, warped and weighed.
    extra
        Crops of other sources. A part of them is held out too, but only to be warped.
    workers
        Those that share each batch; None for nobody.

    Raises
    ------
    DatasetError
        For data that cannot be divided, or is too little for so many workers.
    """

    def __init__(self, data: Dataset, recipe: Recipe, extra: Dataset | None, workers: Workers | None) -> None:
        self._recipe, self._workers = recipe, workers
        self._channels = find_architecture(recipe.architecture).channels
        part, held = data.split(recipe.validation, recipe.seed)
        self.names = data.names
        self.train_count, self.validation_count = len(part), len(held)
        hard = held
        if extra is not None:
            more, more_held = extra.split(recipe.validation, recipe.seed)
            part, hard = part.merge(more), held.merge(more_held)
        self.fields, self.labels = Fields(part, self.size), part.labels
        self.held = Fields(held, self.size), held.labels
        self.hard = Fields(hard, self.size, self._warped), hard.labels
        self._everything = part.merge(hard) if any(stage.everything for stage in recipe.stages) else None
        self.all_seen = False
        """Whether what was held out is learned from, too."""
        if not self.steps:
            raise DatasetError(
                f"{counted(len(part), 'sample is', 'samples are')} too few for {self.workers} workers.",
                hint="Train alone: unset TF_CONFIG.",
            )

    @property
    def size(self) -> int:
        """Side of the input in pixels."""
        return side_of(self._recipe)

    @property
    def workers(self) -> int:
        """How many processes learn together."""
        return self._workers.count if self._workers else 1

    @property
    def hard_count(self) -> int:
        """Crops that the warped accuracy is of."""
        return len(self.hard[1])

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return self._steps_of(len(self.labels))

    def _steps_of(self, samples: int) -> int:
        return steps_of(samples, self._recipe.batch, self.workers)

    def planned(self, last: int) -> int:
        """Return how many batches there are up to the end of an epoch."""
        of_all = self._steps_of(len(self._everything) if self._everything else 0)
        counts = [
            (len([epoch for epoch in epochs if epoch <= last]), bool(stage and stage.everything))
            for stage, epochs in self._recipe.parts()
        ]
        return sum(epochs * (of_all if all_seen else self.steps) for epochs, all_seen in counts)

    @property
    def weights(self) -> NDArray[np.float32]:
        """How much a sample of each label counts, shape (names,)."""
        return label_weights(self.labels, len(self.names), self._recipe.class_weights)

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, the first being 1, or this worker's share of each."""
        made = batches(self.fields, self.labels, self._recipe, epoch, self.weights, self._workers)
        return (batch._replace(x=self.pictures(batch.x)) for batch in made)

    def pictures(self, fields: Pixels) -> Pixels:
        """Return pictures with the channels of the model."""
        return to_channels(fields, self._channels)

    def some(self, enough: int) -> Pixels:
        """Return about so many pictures from all over what is learned from, or all there are."""
        return self.pictures(self.fields.take(np.arange(0, len(self.labels), -(-len(self.labels) // enough))))

    def take_all(self) -> None:
        """Learn from what was held out, too: from here on it measures nothing."""
        assert self._everything is not None
        self.fields, self.labels = Fields(self._everything, self.size), self._everything.labels
        self.all_seen = True

    def _warped(self, fields: Pixels, number: int) -> Pixels:
        seed = [self._recipe.seed, 1 << 20, *([number] if number else [])]
        return bent(fields, seed, self._recipe.warp)


def side_of(recipe: Recipe) -> int:
    """Return the side of the input in pixels: the recipe's, else its architecture's own."""
    return recipe.size or find_architecture(recipe.architecture).size
