"""Figures of several divisions of the same data to a mean with an interval that is not too narrow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.bench.resampling import over_pictures, over_splits, student_quantile


@pytest.mark.parametrize(("freedom", "quantile"), [(1, 12.7062), (2, 4.3027), (4, 2.7764), (9, 2.2622), (30, 2.0423)])
def test_students_quantiles_are_those_of_the_tables(freedom: int, quantile: float) -> None:
    assert student_quantile(freedom) == pytest.approx(quantile, abs=1e-4)
    assert student_quantile(freedom, 0.5) == pytest.approx(0, abs=1e-9)


def test_divisions_that_overlap_tell_less_than_as_many_of_their_own() -> None:
    figure = over_splits([0.1, 0.2, 0.3], tested_share=0.25)
    assert figure is not None
    assert figure.value == pytest.approx(0.2)
    # t(2) * sqrt((1 / 3 + 1 / 4) * 0.01); without the correction it would be sqrt(1 / 3 * 0.01)
    assert figure.high - figure.value == pytest.approx(4.30265 * np.sqrt((1 / 3 + 1 / 4) * 0.01), abs=1e-5)
    assert figure.value - figure.low == pytest.approx(figure.high - figure.value)


def test_one_division_tells_nothing_of_others() -> None:
    assert over_splits([0.5], 0.25) is None


def test_a_picture_counts_as_often_as_it_was_tested_and_is_drawn_whole() -> None:
    tested, gained = np.array([3.0, 1.0, 0.0]), np.array([3.0, 0.0, 0.0])
    figure = over_pictures(tested, gained)
    assert (figure.value, figure.low, figure.high) == (0.75, 0.0, 1.0)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=12), st.floats(0.05, 1))
def test_the_mean_lies_in_its_interval(values: list[float], share: float) -> None:
    figure = over_splits(values, share)
    assert figure is not None
    assert figure.low <= figure.value <= figure.high


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(-5, 5)), min_size=1, max_size=30))
def test_all_alike_is_certain_and_else_the_figure_lies_within(counts: list[tuple[int, int]]) -> None:
    tested = np.array([n for n, _ in counts], float)
    gained = np.array([max(-n, min(n, g)) for n, g in counts], float)
    figure = over_pictures(tested, gained)
    assert figure.low <= figure.value <= figure.high
    sure = over_pictures(tested, tested)
    assert (sure.low, sure.value, sure.high) == (1, 1, 1)
