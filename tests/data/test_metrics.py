"""Against scikit-learn, which was written by others, and against what can be reckoned by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hdr.data.metrics import (
    Accuracy,
    accuracy,
    auroc,
    auroc_interval,
    best_temperature,
    brier_score,
    calibration_error,
    character_error_rate,
    confusion,
    edit_distance,
    log_loss,
    mcnemar,
    most_confused,
    per_class,
    wilson,
)

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@settings(deadline=None)
@given(LABELS)
@pytest.mark.filterwarnings("ignore")  # scikit-learn warns of classes that nobody predicted
def test_accuracy_confusion_and_classes_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    from sklearn import metrics

    truth, told = np.array(pairs, np.int64).T
    matrix = confusion(truth, told, 5)
    assert np.array_equal(matrix, metrics.confusion_matrix(truth, told, labels=range(5)))
    assert accuracy(truth, told).value == pytest.approx(metrics.accuracy_score(truth, told))
    theirs = metrics.precision_recall_fscore_support(truth, told, labels=range(5), zero_division=0)
    ours = [(one.precision, one.recall, one.f1, one.support) for one in per_class(matrix)]
    assert np.allclose(ours, np.array(theirs).T)


def test_wilson_is_the_published_interval() -> None:
    # Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


@example(0, 3)
@example(3, 0)
@settings(deadline=None)
@given(st.integers(0, 200), st.integers(0, 200))
def test_wilson_holds_the_share_and_stays_within_0_and_1(right: int, more: int) -> None:
    low, high = wilson(right, right + more)
    assert 0 <= low <= Accuracy(right, right + more).value <= high <= 1


def test_nothing_measured_is_nothing_known() -> None:
    nothing = accuracy(np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert (nothing.value, nothing.interval) == (0, (0, 1))
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0


def test_accuracy_says_its_interval() -> None:
    assert str(Accuracy(9967, 10000)) == "99.67% (95 % interval 99.54% to 99.76%, n = 10,000)"
    assert Accuracy(1, 2).as_score() == {"accuracy": 0.5, "interval": [0.094531, 0.905469], "n": 2}


def test_calibration_of_the_honest_and_of_the_boaster() -> None:
    honest = calibration_error(np.full(10, 0.7), np.arange(10) < 7)
    boaster = calibration_error(np.full(10, 0.99), np.arange(10) < 5)
    assert honest == pytest.approx(0)
    assert boaster == pytest.approx(0.49)
    assert calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0


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


@pytest.mark.parametrize(
    ("truth", "told", "edits"),
    [("", "", 0), ("012", "012", 0), ("012", "02", 1), ("012", "0112", 1), ("012", "072", 1), ("kitten", "sitting", 3)],
)
def test_edit_distance_by_hand(truth: str, told: str, edits: int) -> None:
    assert edit_distance(truth, told) == edits


@settings(deadline=None)
@given(st.text("01", max_size=8), st.text("01", max_size=8), st.text("01", max_size=8))
def test_edit_distance_is_a_distance(a: str, b: str, c: str) -> None:
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


def test_character_error_rate_is_over_all_characters() -> None:
    assert character_error_rate([("0123", "0123"), ("45", "4"), ("6", "789")]) == pytest.approx(4 / 7)
    assert character_error_rate([]) == 0
    assert character_error_rate([("", "1")]) == math.inf


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


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_mcnemar_is_the_sign_test_of_scipy(pairs: list[tuple[bool, bool]]) -> None:
    from scipy.stats import binomtest

    first, second = np.array(pairs, bool).reshape(-1, 2).T
    told = mcnemar(first, second)
    unlike = told.only_first + told.only_second
    assert unlike == sum(a != b for a, b in pairs)
    assert told.p == pytest.approx(binomtest(told.only_first, unlike).pvalue if unlike else 1.0)


def test_mcnemar_of_many_crops() -> None:
    from scipy.stats import binomtest

    first = np.arange(70_000) < 31_000
    assert mcnemar(first, ~first).p == pytest.approx(binomtest(31_000, 70_000).pvalue, rel=1e-6)


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


def test_the_likeliest_mistakes_come_first_and_what_is_right_is_none() -> None:
    matrix = np.array([[9, 2, 0], [3, 9, 0], [0, 0, 0]])
    assert most_confused(matrix, 5) == [(1, 0, 3), (0, 1, 2)]
    assert most_confused(matrix, 1) == [(1, 0, 3)]
    assert most_confused(np.eye(2, dtype=np.int64), 3) == []
