"""Labelled crops to those that are likely labelled wrong, the likeliest first, without TensorFlow and within seconds.

What the shipped model sees in a crop goes to a small classifier of the labels in use, in cross-validation by group: no
crop is judged by what was learned from it, or from others of its page. Where that contradicts the label by more than it
contradicts others of the class, the label is likely wrong.

cleanlab does the last step too. It asks for scikit-learn, SciPy and pandas, some 200 MB; the step is ten lines.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.classify.features import HiddenLayer, shipped_hidden_layer
from hdr.data.index import CaptureIndex, Rows
from hdr.errors import CaptureError
from hdr.vision.normalize import Crop

Numbers = NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Told how many of how many crops have been looked at. May raise, to stop."""

FOLDS = 5
_SHRINK = 0.2
_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class Mistakes:
    """How likely each label is wrong.

    Parameters
    ----------
    rows
        Shape (crops,): the crops that could be judged, the likeliest mistake first.
    suggested
        Shape (crops,): the label that each likely has instead, in the same order; an index.
    doubt
        Shape (crops,): how much likelier that is than the label it has, as a logarithm: above 0 the label is
        contradicted. Sorted downward.
    wrong
        How many of the first are taken for wrong by confident learning.
    """

    rows: Rows
    suggested: NDArray[np.int64]
    doubt: Numbers
    wrong: int


def find_mistakes(features: NDArray[np.float32], labels: NDArray[np.int64], groups: NDArray[np.int64]) -> Mistakes:
    """Order crops by how likely their label is wrong.

    Parameters
    ----------
    features
        Shape (crops, units): what is seen in each.
    labels
        Shape (crops,), 0 and up.
    groups
        Shape (crops,): a crop is never judged by what was learned from its group; where all are of one, from itself.

    Returns
    -------
    Rows are places in these arrays. Where no other group has a crop's label, nothing speaks for it and nothing against:
    its doubt is 0, between those contradicted and those confirmed. Where nothing could be learned there are no rows.

    References
    ----------
    C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident learning: estimating uncertainty in dataset labels", 2021,
    doi:10.1613/jair.1.12125.
    """
    logits = held_out_logits(features, labels, groups)
    rows = np.flatnonzero(np.isfinite(logits).sum(axis=1) > 1)
    logits, own = logits[rows], labels[rows]
    everyone = np.arange(len(rows))
    others = logits.copy()
    others[everyone, own] = -np.inf
    suggested = others.argmax(axis=1) if len(rows) else own
    mine = logits[everyone, own]
    doubt = np.where(np.isfinite(mine), others[everyone, suggested] - mine, 0.0)
    first = np.argsort(-doubt, kind="stable")
    return Mistakes(rows[first], suggested[first].astype(np.int64), doubt[first], _count_wrong(logits, own))


def find_capture_mistakes(
    index: CaptureIndex, rows: Rows | None = None, progress: Progress | None = None, layer: HiddenLayer | None = None
) -> Mistakes:
    """Order crops of a captures folder by how likely their label is wrong.

    Parameters
    ----------
    index
        The captures.
    rows
        Those to judge, and to learn from; None takes all. Unreadable ones are left out.
    progress
        Told how far it is.
    layer
        What sees; None takes the shipped model's.

    Returns
    -------
    Rows and labels are those of the index.

    Raises
    ------
    ModelError
        Where the shipped model is damaged.
    """
    return judge_seen(index, see_crops(index, rows, progress, layer))


@dataclass(frozen=True, eq=False)
class Seen:
    """What was seen in crops. It takes the time that judging takes, and stays true when labels change.

    Parameters
    ----------
    rows
        Shape (crops,), rows of the index that it was seen in.
    keys
        By which they are found in a later index: the names of files, with sizes and times where they are not ours.
    features
        Shape (crops, units), ``float32``.
    """

    rows: Rows
    keys: tuple[Hashable, ...]
    features: NDArray[np.float32]


def see_crops(
    index: CaptureIndex, rows: Rows | None = None, progress: Progress | None = None, layer: HiddenLayer | None = None
) -> Seen:
    """Look at crops, as `find_capture_mistakes` does first."""
    wanted = np.arange(len(index)) if rows is None else rows
    see = layer or shipped_hidden_layer()
    kept: list[int] = []
    parts: list[NDArray[np.float32]] = []
    for start in range(0, len(wanted), _AT_ONCE):
        crops = _readable(index, wanted[start : start + _AT_ONCE])
        kept += list(crops)
        parts += [see(list(crops.values()))] if crops else []
        if progress:
            progress(min(start + _AT_ONCE, len(wanted)), len(wanted))
    found = np.array(kept, np.int64)
    features = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    return Seen(found, tuple(_keys(index, found)), features)


def judge_seen(index: CaptureIndex, seen: Seen, bursts: Mapping[str, str] | None = None) -> Mistakes:
    """Order crops that were looked at by how likely their label is wrong, at once.

    Parameters
    ----------
    index
        The captures, as they are now.
    seen
        What was seen in them, now or at an earlier look; crops that are gone since are left out.
    bursts
        As for `CaptureIndex.groups`: pages that are judged together.
    """
    places = {key: row for row, key in enumerate(_keys(index, np.arange(len(index))))}
    there = [number for number, key in enumerate(seen.keys) if key in places]
    rows = np.array([places[seen.keys[number]] for number in there], np.int64)
    found = find_mistakes(seen.features[there], index.label[rows].astype(np.int64), index.groups(bursts)[rows])
    return Mistakes(rows[found.rows], found.suggested, found.doubt, found.wrong)


def _keys(index: CaptureIndex, rows: Rows) -> Iterator[Hashable]:
    told = index.rows[rows]
    columns = (told[column].tolist() for column in ("name", "size", "changed"))
    for name, strange, size, changed in zip(index.names(rows), *columns, strict=True):
        yield name if strange < 0 else (name, size, changed)


def held_out_logits(features: NDArray[np.float32], labels: NDArray[np.int64], groups: NDArray[np.int64]) -> Numbers:
    """Return the logarithm of each label's probability, up to a constant, by a classifier that has not seen the group.

    Parameters
    ----------
    features, labels, groups
        As for `find_mistakes`.

    Returns
    -------
    Shape (crops, labels); minus infinity where there was no crop of a label to learn from.
    """
    fold = _folds(groups if len(np.unique(groups)) > 1 else np.arange(len(labels)))
    classes = int(labels.max(initial=0)) + 1
    logits = np.full((len(labels), classes), -np.inf)
    wide = features.astype(np.float64)
    for one in range(FOLDS):
        held = fold == one
        if held.any() and not held.all():
            logits[held] = discriminant(wide[~held], labels[~held], wide[held], classes)
    return logits


def discriminant(seen: Numbers, labels: NDArray[np.int64], asked: Numbers, classes: int) -> Numbers:
    """Learn linear discriminants from some crops and return what they say of others: quick, and calm with few crops.

    Parameters
    ----------
    seen, labels
        Shapes (n, units) and (n,): what is learned from.
    asked
        Shape (m, units).
    classes
        How many labels there are.

    Returns
    -------
    Shape (m, classes): the logarithm of each label's probability, up to a constant a crop.

    References
    ----------
    R. A. Fisher, "The use of multiple measurements in taxonomic problems", 1936,
    doi:10.1111/j.1469-1809.1936.tb02137.x; J. H. Friedman, "Regularized discriminant analysis", 1989,
    doi:10.1080/01621459.1989.10478752 (the common covariance, drawn towards a sphere).
    """
    counts = np.bincount(labels, minlength=classes)
    one_hot = np.zeros((len(labels), classes))
    one_hot[np.arange(len(labels)), labels] = 1
    means = one_hot.T @ seen / np.maximum(counts, 1)[:, None]
    spread = seen - means[labels]
    covariance = spread.T @ spread / len(seen)
    units = len(covariance)
    sphere = np.trace(covariance) / units + 1e-9
    covariance = (1 - _SHRINK) * covariance + _SHRINK * sphere * np.eye(units)
    weights = np.linalg.solve(covariance, means.T)
    bias = np.log(np.maximum(counts, 1) / len(labels)) - 0.5 * (means.T * weights).sum(axis=0)
    return np.asarray(np.where(counts > 0, asked @ weights + bias, -np.inf), np.float64)


def _folds(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """A fold for each crop, whole groups together: the largest group first, each to the fold that has least."""
    _, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    filled, fold = [0] * FOLDS, np.zeros(len(sizes), np.int64)
    for group in np.argsort(-sizes, kind="stable").tolist():
        emptiest = filled.index(min(filled))
        fold[group] = emptiest
        filled[emptiest] += int(sizes[group])
    return np.asarray(fold[member.reshape(-1)], np.int64)


def _count_wrong(logits: Numbers, labels: NDArray[np.int64]) -> int:
    """Confident learning: a crop is taken for another class whose crops are themselves no surer of it on the mean."""
    if not len(labels):
        return 0
    probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    counts = np.bincount(labels, minlength=logits.shape[1])
    own = np.bincount(labels, probabilities[np.arange(len(labels)), labels], logits.shape[1])
    threshold = np.where(own > 0, own / np.maximum(counts, 1), np.inf)
    confident = np.where(probabilities >= threshold - 1e-12, probabilities, -1.0)
    best = confident.argmax(axis=1)
    return int(np.count_nonzero((confident.max(axis=1) >= 0) & (best != labels)))


def _readable(index: CaptureIndex, rows: Rows) -> dict[int, Crop]:
    found: dict[int, Crop] = {}
    for row in rows.tolist():
        try:
            found[row] = index.crop(row).crop
        except CaptureError:  # `hdr captures check` tells of it
            continue
    return found
