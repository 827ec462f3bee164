"""Figures of several divisions of the same data to a mean, with the interval that such figures allow.

Divisions of the same data are not independent: what is learned from overlaps, and a picture may be tested on more than
once. A plain t interval over divisions is therefore too narrow, and adding up their pictures is, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hdr.bench.figures import Figure, resampled


def over_splits(values: Sequence[float], tested_share: float) -> Figure | None:
    """Return the mean over random divisions, with the corrected resampled t interval; None of a single one.

    It holds what changes with the pictures that are learned from, the first weights and the order.

    Parameters
    ----------
    values
        A figure, or the difference of two, of each division.
    tested_share
        Pictures tested on, by those learned from: 0.25 where a fifth is tested on.

    References
    ----------
    C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52, 2003,
    doi:10.1023/A:1024068626366 (the corrected resampled t-test).
    """
    runs = len(values)
    if runs < 2:
        return None
    mean = float(np.mean(values))
    spread = math.sqrt((1 / runs + tested_share) * float(np.var(values, ddof=1)))
    reach = student_quantile(runs - 1) * spread
    return Figure(mean, mean - reach, mean + reach)


def over_pictures(tested: NDArray[np.float64], gained: NDArray[np.float64]) -> Figure:
    """Return the mean over everything that was tested, with the interval that drawing whole pictures anew gives.

    It holds what changes with the pictures that happen to be in the data, of which one may be tested on several times.

    Parameters
    ----------
    tested
        Shape (pictures,): how often each was tested on.
    gained
        Shape (pictures,): how often it was right; or, of two models, by how much more often.
    """
    there = tested > 0
    return resampled(np.stack([gained[there], tested[there]], axis=1), lambda sums: sums[:, 0] / sums[:, 1])


def student_quantile(freedom: int, level: float = 0.975) -> float:
    """Return the quantile of Student's t distribution.

    With t = sqrt(freedom) tan(a), the angle a has a density that goes with cos(a) to the power of freedom - 1, which is
    smooth between two finite ends and so easily summed.

    Parameters
    ----------
    freedom
        Degrees of freedom, at least 1.
    level
        0.5 to 1.
    """
    angles = np.linspace(-math.pi / 2, math.pi / 2, 200_001)
    middles = (angles[1:] + angles[:-1]) / 2
    below = np.concatenate([[0.0], np.cumsum(np.cos(middles) ** (freedom - 1))])
    return math.sqrt(freedom) * math.tan(float(np.interp(level * below[-1], below, angles)))
