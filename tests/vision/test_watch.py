from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.vision.watch import Watch, measure_grain

PAGE = np.full((120, 160), 220, np.uint8)
PAGE[40:80, 60:66] = 40


def grainy(seed: int, deviation: float, page: np.ndarray = PAGE) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, deviation, page.shape)
    return np.clip(np.round(page + noise), 0, 255).astype(np.uint8)


def watching(deviation: float) -> Watch:
    watch = Watch()
    seen = grainy(1, deviation)
    watch.measure(seen, seen < 130)
    watch.look(seen)
    return watch


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 10_000), st.sampled_from([0.0, 1.0, 2.0, 4.0]))
def test_grain_is_no_change_and_a_few_pixels_of_ink_are(seed: int, deviation: float) -> None:
    watch = watching(deviation)
    assert not watch.has_changed(grainy(seed, deviation))
    dotted = PAGE.copy()
    dotted[50:52, 100:102] = 120
    assert watch.has_changed(grainy(seed, deviation, dotted))


def test_much_grain_never_hides_ink() -> None:
    gone = PAGE.copy()
    gone[:] = 220
    assert watching(30).has_changed(grainy(5, 30, gone))


def test_what_changes_slowly_adds_up() -> None:
    watch = watching(0)
    steps = [watch.has_changed(np.minimum(PAGE, 220 - step).astype(np.uint8)) for step in range(0, 60, 2)]
    assert not steps[0]
    assert steps[-1]


def test_nothing_is_as_before_at_first_after_forgetting_and_at_another_size() -> None:
    assert Watch().has_changed(PAGE)
    watch = watching(0)
    assert not watch.has_changed(PAGE)
    assert watch.has_changed(PAGE[:100])
    watch.forget()
    assert watch.has_changed(PAGE)


def test_a_page_without_ink_has_a_level_too() -> None:
    watch = Watch()
    blank = np.full_like(PAGE, 200)
    watch.measure(blank, blank < 0)
    watch.look(blank)
    assert watch.has_changed(PAGE)


@pytest.mark.parametrize("deviation", [2.0, 5.0, 10.0, 20.0])
def test_grain_is_measured(deviation: float) -> None:
    slope = np.tile(np.linspace(60, 200, 640), (480, 1))
    assert measure_grain(grainy(3, deviation, slope)) == pytest.approx(deviation, rel=0.25)


def test_a_sliver_has_no_grain() -> None:
    assert measure_grain(np.zeros((9, 2), np.uint8)) == 0
