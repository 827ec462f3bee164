"""True and predicted labels to figures with their uncertainty, and to whether two models differ."""

from __future__ import annotations

import math
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
