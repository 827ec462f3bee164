"""The pictures of an epoch to batches, in an order and with warps that the seed and the epoch decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdr.data.augment import Warp, augment
from hdr.data.fields import Fields
from hdr.data.pictures import PictureWarp, augment_pictures
from hdr.train.recipe import ClassWeights, Recipe
from hdr.train.workers import Workers

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

_MOST = 10.0
"""A label never counts more than so much: a single picture of it would outweigh all others."""


class Batch(NamedTuple):
    """What is learned from in one step; see `Learner.step`."""

    x: Pixels
    y: Floats
    weights: Floats
    size: int


def steps_of(samples: int, batch: int, workers: int = 1) -> int:
    """Return how many batches there are; a last one that has nothing for some of the workers is left out."""
    return samples // batch + (samples % batch >= workers)


def batches(
    fields: Fields, labels: NDArray[np.int64], recipe: Recipe, epoch: int, weights: Floats, workers: Workers | None
) -> Iterator[Batch]:
    """Yield the batches of an epoch, the first being 1, or this worker's share of each.

    Parameters
    ----------
    fields, labels
        All there is to learn from.
    recipe
        How.
    epoch
        Which.
    weights
        How much each label counts.
    workers
        Those that learn together; None for nobody.
    """
    warp = recipe.warp_of(epoch)
    order = np.random.default_rng([recipe.seed, epoch]).permutation(len(labels))
    onehot = np.eye(len(weights), dtype=np.float32)
    for number in range(steps_of(len(labels), recipe.batch, workers.count if workers else 1)):
        which = order[number * recipe.batch : (number + 1) * recipe.batch]
        mine, seed = which, [recipe.seed, epoch, number]
        if workers:
            mine, seed = workers.share(which), [*seed, workers.index]
        x, y = bent(fields.take(mine), seed, warp), labels[mine]
        yield Batch(x, onehot[y], weights[y], len(which))


def bent(fields: Pixels, seed: list[int], warp: Warp | PictureWarp | None) -> Pixels:
    """Return pictures bent as a warp of either kind has it; None leaves them."""
    if warp is None:
        return fields
    return augment_pictures(fields, seed, warp) if isinstance(warp, PictureWarp) else augment(fields, seed, warp)


def label_weights(labels: NDArray[np.int64], classes: int, how: ClassWeights) -> Floats:
    """Return how much a sample of each label counts, shape (classes,): 1 on the mean of all samples.

    ``balanced`` weighs by the inverse of how often a label is there, as scikit-learn does, but ten times at most.
    """
    if how == "none":
        return np.ones(classes, np.float32)
    counts = np.bincount(labels, minlength=classes)
    even = len(labels) / np.maximum(counts, 1) / max(1, int(np.count_nonzero(counts)))
    return np.asarray(np.minimum(even, _MOST), np.float32)
