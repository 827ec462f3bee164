"""Against scikit-learn and SciPy, which were written by others, and against what can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hdr.data.metrics import Accuracy, accuracy, confusion, mcnemar, most_confused, per_class, wilson

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


def test_accuracy_says_its_interval() -> None:
    assert str(Accuracy(9967, 10000)) == "99.67% (95 % interval 99.54% to 99.76%, n = 10,000)"
    assert Accuracy(1, 2).as_score() == {"accuracy": 0.5, "interval": [0.094531, 0.905469], "n": 2}


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


def test_the_likeliest_mistakes_come_first_and_what_is_right_is_none() -> None:
    matrix = np.array([[9, 2, 0], [3, 9, 0], [0, 0, 0]])
    assert most_confused(matrix, 5) == [(1, 0, 3), (0, 1, 2)]
    assert most_confused(matrix, 1) == [(1, 0, 3)]
    assert most_confused(np.eye(2, dtype=np.int64), 3) == []
