from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.geometry import Box
from hdr.vision.layout import group_rows


def grid(rows: int, columns: int, slope: float = 0.0, jitter: int = 0, pitch: int = 90) -> list[Box]:
    rng = np.random.default_rng(0)
    boxes = []
    for row in range(rows):
        for column in range(columns):
            x = 40 + 60 * column
            y = 200 + pitch * row + slope * x + rng.integers(-jitter, jitter + 1)
            height = 50 + int(rng.integers(-jitter, jitter + 1))
            boxes.append(Box.from_xywh(x, round(y), 30, height))
    return boxes


def test_no_box_no_row() -> None:
    assert group_rows([]) == []


def test_one_box_is_a_row() -> None:
    assert group_rows([Box(1, 2, 3, 4)]) == [[0]]


def test_rows_go_down_and_boxes_to_the_right() -> None:
    assert group_rows(grid(3, 4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_digits_dance_on_their_row() -> None:
    assert group_rows(grid(3, 6, jitter=9)) == [list(range(6 * row, 6 * row + 6)) for row in range(3)]


def test_rows_may_slope_more_than_they_are_apart() -> None:
    boxes = grid(3, 12, slope=0.25)
    assert group_rows(boxes) == [list(range(12 * row, 12 * row + 12)) for row in range(3)]


def test_a_row_with_gaps_is_one_row() -> None:
    boxes = [Box.from_xywh(x, 100, 30, 50) for x in (0, 50, 400, 900)]
    assert group_rows(boxes) == [[0, 1, 2, 3]]


def test_a_row_above_the_middle_of_another_is_its_own() -> None:
    boxes = [Box.from_xywh(100, 20, 30, 40), *[Box.from_xywh(x, 100, 30, 40) for x in (20, 100, 180)]]
    assert group_rows(boxes) == [[0], [1, 2, 3]]


def test_a_small_digit_stays_on_the_row_of_large_ones() -> None:
    boxes = [Box.from_xywh(0, 100, 40, 80), Box.from_xywh(60, 125, 20, 35), Box.from_xywh(100, 100, 40, 80)]
    assert group_rows(boxes) == [[0, 1, 2]]


@given(st.lists(st.tuples(*[st.integers(0, 800)] * 2, *[st.integers(1, 90)] * 2), max_size=40))
@settings(deadline=None)
def test_every_box_stands_in_exactly_one_row(told: list[tuple[int, int, int, int]]) -> None:
    rows = group_rows([Box.from_xywh(*one) for one in told])
    assert sorted(index for row in rows for index in row) == list(range(len(told)))
    for row in rows:
        centers = [told[index][0] + told[index][2] / 2 for index in row]
        assert centers == sorted(centers)


@given(st.integers(1, 5), st.integers(1, 8), st.randoms())
@settings(deadline=None, max_examples=30)
def test_the_order_given_does_not_matter(rows: int, columns: int, random) -> None:
    boxes = grid(rows, columns, jitter=5)
    shuffled = boxes[:]
    random.shuffle(shuffled)
    assert [[shuffled[i] for i in row] for row in group_rows(shuffled)] == [
        [boxes[i] for i in row] for row in group_rows(boxes)
    ]
