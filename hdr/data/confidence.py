"""Probabilities and true labels to how far a model's confidence can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.data.metrics import Accuracy, Indices

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
