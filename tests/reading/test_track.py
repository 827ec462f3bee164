from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hdr.reading.track import Edges, drift_of, match

SPOTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), unique=True, max_size=12)


def boxes(spots: list[tuple[int, int]], dx: int = 0, dy: int = 0) -> Edges:
    """Digits of 40 x 60 pixels, a hundred apart."""
    return np.array([(100 * x + dx, 100 * y + dy, 100 * x + 40 + dx, 100 * y + 60 + dy) for x, y in spots]).reshape(
        -1, 4
    )


@given(SPOTS, st.integers(-20, 20), st.integers(-20, 20), st.randoms(use_true_random=False))
def test_digits_that_move_a_little_are_found_again_whatever_order_they_come_in(spots, dx, dy, random) -> None:  # type: ignore[no-untyped-def]  # hypothesis fills them in
    order = list(range(len(spots)))
    random.shuffle(order)
    pairs = match(boxes(spots), boxes(spots, dx, dy)[order])
    assert sorted((one, order[other]) for one, other in pairs) == [(i, i) for i in range(len(spots))]
    if spots:
        assert drift_of(boxes(spots), boxes(spots, dx, dy)[order], pairs) == (dx, dy)


@given(SPOTS, SPOTS, st.integers(-60, 60))
def test_every_box_is_paired_at_most_once(before, after, dx) -> None:  # type: ignore[no-untyped-def]  # as above
    pairs = match(boxes(before), boxes(after, dx))
    assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)


def test_a_camera_that_goes_on_panning_is_followed() -> None:
    row = [(x, 0) for x in range(5)]
    assert sorted(match(boxes(row), boxes(row, 70), drift=(70, 0))) == [(i, i) for i in range(5)]
    assert (0, 0) not in match(boxes(row), boxes(row, 70))


def test_what_is_far_away_or_of_another_size_is_another_digit() -> None:
    one = boxes([(0, 0)])
    assert match(one, boxes([(1, 0)])) == []
    assert match(one, np.array([(15, 25, 20, 30)])) == []
    assert match(one, boxes([])) == match(boxes([]), one) == []


def test_no_pairs_have_no_drift() -> None:
    assert drift_of(boxes([(0, 0)]), boxes([(1, 0)]), []) == (0.0, 0.0)
