"""True and predicted labels to figures with their uncertainty."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Accuracy:
    """A share of right answers and the 95 % interval that it stands for.

    Parameters
    ----------
    right
        How many answers were right.
    n
        Out of how many.
    """

    right: int
    n: int

    @property
    def value(self) -> float:
        """0 to 1; 0 where there was nothing."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson, 0 to 1."""
        return wilson(self.right, self.n)

    def as_score(self) -> dict[str, Any]:
        """As it stands in a model card."""
        low, high = self.interval
        return {"accuracy": round(self.value, 6), "interval": [round(low, 6), round(high, 6)], "n": self.n}

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.2%} (95 % interval {low:.2%} to {high:.2%}, n = {self.n:,})"


def wilson(right: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the score interval of a share; (0, 1) where nothing was counted.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927,
    doi:10.1080/01621459.1927.10502953.
    """
    if n == 0:
        return 0.0, 1.0
    share, square = right / n, z * z / n
    middle = share + square / 2
    half = z * math.sqrt(share * (1 - share) / n + square / (4 * n))
    # The share itself is a bound, which rounding may miss by the last digit where nothing or everything was right.
    return max(0.0, min(share, (middle - half) / (1 + square))), min(1.0, max(share, (middle + half) / (1 + square)))


@dataclass(frozen=True)
class Difference:
    """Whether two models that labelled the same crops differ.

    Parameters
    ----------
    only_first, only_second
        Crops that only the one, or only the other, labelled rightly.
    p
        Chance of a split at least so uneven between two models that are equally good, 0 to 1.
    """

    only_first: int
    only_second: int
    p: float


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Difference:
    """Return McNemar's test in its exact, two-sided form.

    Parameters
    ----------
    first, second
        Shape (n,), whether each model was right, crop by crop.

    References
    ----------
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", 1947,
    doi:10.1007/BF02295996; exact as in J. M. Bland, "An Introduction to Medical Statistics", 2000.
    """
    a, b = int((first & ~second).sum()), int((second & ~first).sum())
    return Difference(a, b, _sign_test(min(a, b), a + b))


def _sign_test(fewer: int, n: int) -> float:
    """Twice the chance of so few heads, or fewer, in n throws of a coin; at most 1."""
    logs = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2) for k in range(fewer + 1)
    ]
    return min(1.0, 2 * math.fsum(math.exp(one) for one in logs))


def accuracy(truth: Indices, predicted: Indices) -> Accuracy:
    """Count the right answers."""
    return Accuracy(int(np.count_nonzero(truth == predicted)), len(truth))


def confusion(truth: Indices, predicted: Indices, classes: int) -> NDArray[np.int64]:
    """Return the confusion matrix: shape (classes, classes), rows the true class, columns the predicted one."""
    counts = np.bincount(truth * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def most_confused(matrix: NDArray[np.int64], most: int) -> list[tuple[int, int, int]]:
    """Return which classes are taken for which others, and how often, as (true, predicted, count), most often first."""
    wrong = matrix * ~np.eye(len(matrix), dtype=bool)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    rows, columns = np.unravel_index(order, wrong.shape)
    found = zip(rows.tolist(), columns.tolist(), wrong[rows, columns].tolist(), strict=True)
    return [one for one in found if one[2]]


@dataclass(frozen=True)
class ClassFigures:
    """How one class fared; a figure that divides by nothing is 0.

    Parameters
    ----------
    precision
        Share of those given this label that have it, 0 to 1.
    recall
        Share of those that have this label that were given it, 0 to 1.
    f1
        Their harmonic mean, 0 to 1.
    support
        How many have this label.
    """

    precision: float
    recall: float
    f1: float
    support: int


def per_class(matrix: NDArray[np.int64]) -> list[ClassFigures]:
    """Return the figures of each class of a confusion matrix."""
    figures = []
    for index in range(len(matrix)):
        right = int(matrix[index, index])
        given, true = int(matrix[:, index].sum()), int(matrix[index].sum())
        precision, recall = right / given if given else 0.0, right / true if true else 0.0
        f1 = 2 * right / (given + true) if given + true else 0.0
        figures.append(ClassFigures(precision, recall, f1, true))
    return figures


CALIBRATION_BINS = 15


def calibration_error(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> float:
    """Return the expected calibration error: how far confidence is from accuracy, 0 (honest) to 1; 0 for nothing.

    Parameters
    ----------
    confidence
        Shape (n,), probability of the predicted label, 0 to 1.
    right
        Shape (n,), whether it was right.
    bins
        Of equal width.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", 2017,
    https://proceedings.mlr.press/v70/guo17a.html.
    """
    if not len(confidence):
        return 0.0
    return float(np.abs(calibration_gaps(confidence, right, bins)).sum() / len(confidence))


def calibration_gaps(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> NDArray[np.float64]:
    """Return by how many right answers confidence was too high, bin by bin, shape (bins,): these add up over pages."""
    which = _bins(confidence, bins)
    gaps = np.bincount(which, confidence, bins) - np.bincount(which, right.astype(float), bins)
    return np.asarray(gaps, np.float64)


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often a model was right against how sure it was, in bins of equal width from 0 to 1.

    Parameters
    ----------
    counts, right
        Shape (bins,): crops in each, and how many of them were right.
    confidence
        Shape (bins,): mean of each, 0 to 1; 0 for an empty one.
    """

    counts: Indices
    right: Indices
    confidence: NDArray[np.float64]

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """Shape (bins,): share of right ones; 0 for an empty bin."""
        return np.asarray(self.right / np.maximum(self.counts, 1), np.float64)

    def shares(self) -> list[Accuracy]:
        """Return each bin's accuracy with its interval."""
        return [Accuracy(int(right), int(n)) for right, n in zip(self.right, self.counts, strict=True)]


def reliability(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> Reliability:
    """Return what a calibration plot is drawn of; parameters as for `calibration_error`."""
    which = _bins(confidence, bins)
    counts = np.bincount(which, minlength=bins).astype(np.int64)
    sums = np.bincount(which, confidence, bins)
    hits = np.bincount(which, right.astype(float), bins).astype(np.int64)
    return Reliability(counts, hits, np.asarray(sums / np.maximum(counts, 1), np.float64))


def _bins(confidence: NDArray[np.floating], bins: int) -> Indices:
    return np.asarray(np.clip(np.ceil(confidence * bins) - 1, 0, bins - 1), np.int64)


def log_loss(probabilities: NDArray[np.floating], truth: Indices) -> float:
    """Return the mean of -ln of what the true class was given: 0 is sure and right, ln(classes) knows nothing.

    Parameters
    ----------
    probabilities
        Shape (n, classes), 0 to 1; below 1e-12 counts as 1e-12, so that it stays finite.
    truth
        Shape (n,).

    Returns
    -------
    0 for nothing.
    """
    if not len(truth):
        return 0.0
    own = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return max(0.0, float(-np.log(np.maximum(own, 1e-12)).mean()))  # rounding may make a probability more than 1


def brier_score(probabilities: NDArray[np.floating], truth: Indices) -> float:
    """Return the mean squared distance of the probabilities from the truth: 0 is perfect, 2 sure and wrong.

    Parameters
    ----------
    probabilities
        Shape (n, classes), 0 to 1.
    truth
        Shape (n,).

    Returns
    -------
    0 for nothing.

    References
    ----------
    G. W. Brier, "Verification of forecasts expressed in terms of probability", 1950,
    doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.
    """
    if not len(truth):
        return 0.0
    away = probabilities.astype(np.float64)
    away[np.arange(len(truth)), truth] -= 1
    return float((away**2).sum(axis=1).mean())


def best_temperature(probabilities: NDArray[np.floating], labels: Indices) -> float:
    """Return what a model's logits must be divided by for its probabilities to be as honest as they can be.

    Parameters
    ----------
    probabilities
        Shape (n, labels), as the model gives them on data that it has not learned from.
    labels
        Shape (n,), the true ones.

    Returns
    -------
    The temperature with the least negative log-likelihood: above 1 for a model that is too sure, below for one that is
    not sure enough; 0.25 to 4.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", 2017,
    https://proceedings.mlr.press/v70/guo17a.html.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-12))
    own = logits[np.arange(len(labels)), labels]

    def loss(temperature: float) -> float:
        return float((np.log(np.exp(logits / temperature).sum(axis=1)) - own / temperature).mean())

    return float(min(np.geomspace(0.25, 4, 161), key=loss))


def auroc(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> float:
    """Return the area under the receiver operating characteristic: how often a positive scores above a negative.

    Equal scores count one half. 0.5 is chance, 1 perfect; 0.5 where either is empty.

    References
    ----------
    J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
    curve", 1982, doi:10.1148/radiology.143.1.7063747.
    """
    if not len(positive) or not len(negative):
        return 0.5
    ordered = np.sort(negative)
    above = np.searchsorted(ordered, positive, side="left") + np.searchsorted(ordered, positive, side="right")
    return float(above.mean() / (2 * len(negative)))


def auroc_interval(area: float, positives: int, negatives: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the 95 % interval of an area under the curve by Hanley's and McNeil's standard error, within 0 to 1.

    References
    ----------
    As for `auroc`.
    """
    if not positives or not negatives:
        return 0.0, 1.0
    spread = area * (1 - area)
    spread += (positives - 1) * (area / (2 - area) - area**2)
    spread += (negatives - 1) * (2 * area**2 / (1 + area) - area**2)
    half = z * math.sqrt(max(0.0, spread / (positives * negatives)))
    return max(0.0, area - half), min(1.0, area + half)


def edit_distance(truth: str, told: str) -> int:
    """Return the fewest insertions, deletions and substitutions that turn one text into the other.

    References
    ----------
    R. A. Wagner, M. J. Fischer, "The string-to-string correction problem", 1974, doi:10.1145/321796.321811.
    """
    row = list(range(len(told) + 1))
    for i, expected in enumerate(truth, 1):
        diagonal, row[0] = row[0], i
        for j, found in enumerate(told, 1):
            change = diagonal + (expected != found)
            diagonal, row[j] = row[j], min(change, row[j] + 1, row[j - 1] + 1)
    return row[-1]


def character_error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Return the edits that (truth, told) pairs need, as a share of the true characters.

    0 is perfect; above 1 where more was made up than there was. Without a true character it is 0 where nothing was
    told, else infinite.
    """
    edits = characters = 0
    for truth, told in pairs:
        edits += edit_distance(truth, told)
        characters += len(truth)
    if characters:
        return edits / characters
    return math.inf if edits else 0.0
