"""Against scikit-learn, published figures, and what can be reckoned by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.data.confidence import (
    auroc,
    auroc_interval,
    best_temperature,
    brier_score,
    calibration_error,
    log_loss,
)


def test_calibration_of_the_honest_and_of_the_boaster() -> None:
    honest = calibration_error(np.full(10, 0.7), np.arange(10) < 7)
    boaster = calibration_error(np.full(10, 0.99), np.arange(10) < 5)
    assert honest == pytest.approx(0)
    assert boaster == pytest.approx(0.49)
    assert calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.001, 1), st.booleans()), min_size=1, max_size=50))
def test_calibration_is_the_mean_gap_of_the_bins(samples: list[tuple[float, bool]]) -> None:
    confidence, right = np.array([s[0] for s in samples]), np.array([s[1] for s in samples])
    edges, gap = np.linspace(0, 1, 11), 0.0
    for low, high in itertools.pairwise(edges):
        inside = (np.ceil(confidence * 10) / 10 > low + 1e-9) & (np.ceil(confidence * 10) / 10 <= high + 1e-9)
        if inside.any():
            gap += abs(confidence[inside].mean() - right[inside].mean()) * inside.mean()
    assert calibration_error(confidence, right, 10) == pytest.approx(gap, abs=1e-9)


SCORES = st.lists(st.integers(0, 6), min_size=1, max_size=40)


@settings(deadline=None)
@given(SCORES, SCORES)
def test_the_area_under_the_curve_is_that_of_scikit_learn(positive: list[int], negative: list[int]) -> None:
    from sklearn import metrics

    truth = [1] * len(positive) + [0] * len(negative)
    area = auroc(np.array(positive, float), np.array(negative, float))
    assert area == pytest.approx(metrics.roc_auc_score(truth, positive + negative))
    low, high = auroc_interval(area, len(positive), len(negative))
    assert 0 <= low <= area <= high <= 1


def test_the_interval_of_an_area_is_the_published_one() -> None:
    # Hanley and McNeil 1982, the section on the standard error: an area of 0.893 on 51 and 58 cases, 0.032 of error.
    low, high = auroc_interval(0.893, 51, 58)
    assert (high - low) / 2 / 1.96 == pytest.approx(0.032, abs=1e-3)


def test_without_cases_an_area_tells_nothing() -> None:
    assert auroc(np.zeros(0), np.ones(3)) == 0.5
    assert auroc_interval(0.5, 0, 3) == (0.0, 1.0)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_temperature_that_made_a_model_dishonest_is_found(temperature: float) -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (20_000, 4))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(4, p=row) for row in honest])
    told = np.exp(logits * temperature)
    told /= told.sum(axis=1, keepdims=True)
    assert best_temperature(told, labels) == pytest.approx(temperature, rel=0.06)


def test_log_loss_and_brier_by_hand() -> None:
    probabilities, truth = np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0, 1])
    assert log_loss(probabilities[:1], truth[:1]) == pytest.approx(math.log(2))
    assert log_loss(probabilities, truth) == pytest.approx((math.log(2) - math.log(1e-12)) / 2)
    assert brier_score(probabilities, truth) == pytest.approx((0.5 + 2) / 2)
    assert log_loss(probabilities[:0], truth[:0]) == brier_score(probabilities[:0], truth[:0]) == 0


@given(st.lists(st.floats(0, 1), min_size=1))
def test_both_scores_are_within_their_bounds_and_0_for_a_perfect_answer(sure: list[float]) -> None:
    probabilities = np.stack([sure, 1 - np.array(sure)], axis=1)
    truth = np.zeros(len(sure), np.int64)
    assert 0 <= brier_score(probabilities, truth) <= 2
    assert 0 <= log_loss(probabilities, truth) <= -math.log(1e-12) + 1e-9
    assert log_loss(np.eye(2)[truth], truth) == brier_score(np.eye(2)[truth], truth) == 0
