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


def row_of(count: int, y: float, x: int = 0, height: int = 40) -> list[Box]:
    return [Box.from_xywh(x + 40 * i, round(y), 26, height) for i in range(count)]


def test_a_table_is_read_across_however_far_its_columns_are_apart() -> None:
    boxes = [box for row in range(4) for box in (*row_of(2, 80 * row), *row_of(3, 80 * row + 5, x=500))]
    assert group_rows(boxes) == [list(range(5 * row, 5 * row + 5)) for row in range(4)]


def test_a_table_with_empty_cells_is_read_across() -> None:
    left = [box for row in range(5) if row != 2 for box in row_of(2, 80 * row)]
    right = [box for row in range(5) if row != 4 for box in row_of(2, 80 * row, x=400)]
    rows = group_rows([*left, *right])
    assert [len(row) for row in rows] == [4, 4, 2, 4, 2]


def test_blocks_whose_rows_do_not_meet_are_read_one_after_the_other() -> None:
    left = [box for row in range(4) for box in row_of(4, 60 * row)]
    right = [box for row in range(3) for box in row_of(4, 85 * row + 20, x=400)]
    rows = [list(range(4 * row, 4 * row + 4)) for row in range(7)]
    assert group_rows([*left, *right]) == rows


def test_a_row_may_bend() -> None:
    boxes = []
    for row in range(3):
        boxes += [Box.from_xywh(45 * i, round(90 * row - i * (13 - i)), 26, 40) for i in range(14)]
    assert group_rows([box.shifted(0, 300) for box in boxes]) == [list(range(14 * r, 14 * r + 14)) for r in range(3)]


def test_a_raised_digit_stays_on_its_row_even_first() -> None:
    boxes = [Box.from_xywh(0, 90, 14, 24), *row_of(4, 100, x=30), Box.from_xywh(200, 88, 14, 24)]
    lower = row_of(5, 190)
    assert group_rows([*boxes, *lower]) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]


def test_a_digit_as_high_as_two_rows_does_not_tie_them_together() -> None:
    boxes = [Box.from_xywh(0, 100, 50, 110), *row_of(5, 100, x=80), *row_of(5, 165, x=80)]
    rows = group_rows(boxes)
    assert len(rows) == 2
    assert [[i for i in row if i] for row in rows] == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]


def test_two_digits_one_above_the_other_are_two_rows_even_where_they_overlap() -> None:
    assert group_rows([Box.from_xywh(0, 0, 30, 50), Box.from_xywh(2, 30, 30, 50)]) == [[0], [1]]


def test_what_is_no_digit_neither_ties_rows_together_nor_pushes_them_apart() -> None:
    digits = [*row_of(6, 100), *row_of(6, 170)]
    others = [Box.from_xywh(-60, 100, 40, 110), Box.from_xywh(90, 143, 20, 24), Box.from_xywh(20, 400, 40, 40)]
    rows = group_rows([*digits, *others], [True] * 12 + [False] * 3)
    assert rows == [[12, *range(6)], [13], list(range(6, 12)), [14]]


def test_ink_that_is_all_no_digit_is_grouped_like_digits() -> None:
    boxes = grid(2, 3)
    assert group_rows(boxes, [False] * 6) == group_rows(boxes)


def test_a_dense_page_keeps_its_rows() -> None:
    boxes = grid(14, 18, slope=0.03, jitter=3, pitch=66)
    assert group_rows(boxes) == [list(range(18 * row, 18 * row + 18)) for row in range(14)]


@given(st.integers(1, 5), st.integers(3, 9), st.sampled_from([2, 3]), st.integers(-300, 300))
@settings(deadline=None, max_examples=25)
def test_size_and_place_do_not_change_the_rows(rows: int, columns: int, times: int, shift: int) -> None:
    boxes = grid(rows, columns, slope=0.1, jitter=5)
    other = [Box(*(times * v for v in (b.x0, b.y0, b.x1, b.y1))).shifted(shift, 2 * shift) for b in boxes]
    assert group_rows(other) == group_rows(boxes)


def test_a_page_of_letters_around_few_digits_keeps_every_row() -> None:
    rows = 90
    boxes = [Box.from_xywh(x, 30 * row, 10, 16) for row in range(rows) for x in (0, 14, 28, 42)]
    digits = [index // 4 in (10, 11) for index in range(len(boxes))]
    digits[40] = False  # the first of a row of digits
    assert group_rows(boxes, digits) == [list(range(4 * row, 4 * row + 4)) for row in range(rows)]
