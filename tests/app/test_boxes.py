"""Boxes as plain arithmetic, and digits in the rows of a reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.app import boxes
from hdr.geometry import Box
from hdr.reading.results import Reading

from .conftest import REJECTED, make_digit, make_reading

SIZE = (100, 80)
sides = st.integers(0, 70)
boxes_on_page = st.builds(Box.from_xywh, sides, st.integers(0, 50), st.integers(2, 30), st.integers(2, 30))
ways = st.integers(-200, 200)


def labels(reading: Reading) -> list[str]:
    return ["".join(str(round(d.box.x0)) + " " for d in row).strip() for row in boxes.rows_of(reading)]


@given(boxes_on_page, ways, ways)
def test_a_moved_box_keeps_its_size_and_stays_on_the_page(box: Box, dx: int, dy: int) -> None:
    moved = boxes.moved(box, dx, dy, SIZE)
    assert (moved.width, moved.height) == (box.width, box.height)
    assert moved.clipped(*SIZE) == moved


@given(boxes_on_page, st.sampled_from(boxes.HANDLES), ways, ways)
def test_a_resized_box_is_never_turned_inside_out(box: Box, edges: boxes.Edges, dx: int, dy: int) -> None:
    found = boxes.resized(box, edges, dx, dy, SIZE)
    assert found.width >= boxes.LEAST_PX
    assert found.height >= boxes.LEAST_PX
    assert found.clipped(*SIZE) == found
    for moves, was, now in zip(edges, vars_of(box), vars_of(found), strict=True):
        assert moves or was == now


def vars_of(box: Box) -> tuple[int, int, int, int]:
    return box.x0, box.y0, box.x1, box.y1


def test_handles_are_where_they_look_to_be() -> None:
    box = (10.0, 20.0, 50.0, 80.0)
    for (x, y), edges in zip(boxes.handle_points(box), boxes.HANDLES, strict=True):
        assert boxes.handle_at(box, x + 2, y - 2, 4) == edges
    assert boxes.handle_at(box, 30, 50, 4) is None


def test_a_box_is_spanned_either_way_and_a_mere_dot_is_none() -> None:
    assert boxes.spanned((30, 40), (10.4, 5), SIZE) == Box(10, 5, 30, 40)
    assert boxes.spanned((90, 70), (300, 300), SIZE) == Box(90, 70, 100, 80)
    assert boxes.spanned((5, 5), (6, 30), SIZE) is None


@pytest.mark.parametrize(
    ("start", "end", "hit"),
    [
        ((0, 15), (40, 15), True),
        ((15, 0), (15, 40), True),
        ((0, 0), (40, 40), True),
        ((0, 15), (5, 15), False),
        ((0, 35), (40, 35), False),
        ((35, 0), (35, 40), False),
        ((0, 25), (15, 40), False),
    ],
)
def test_what_a_line_goes_through(start: tuple[float, float], end: tuple[float, float], *, hit: bool) -> None:
    assert boxes.crossed(Box(10, 10, 20, 20), start, end) is hit


def test_a_new_digit_comes_where_it_belongs() -> None:
    reading = make_reading(0.9, 0.9, 0.9, 0.9, rows=(0, 0, 1, 1))  # x 10 and 40 above, 70 and 100 below
    new = make_digit(3, row=0)  # x 100, the height of the first row
    assert labels(boxes.replaced(reading, [], [new])) == ["10 40 100", "70 100"]
    between = make_digit(1, row=0)
    assert labels(boxes.replaced(make_reading(0.9, 0.9), reading.digits[:0], [between])) == ["10 40 40"]


def test_a_digit_far_from_every_row_has_a_row_of_its_own() -> None:
    reading = make_reading(0.9, 0.9, rows=(0, 2))
    new = make_digit(0, row=1)
    found = boxes.replaced(reading, [], [new])
    assert labels(found) == ["10", "10", "40"]
    assert [digit.row for digit in found.digits] == [0, 1, 2]
    assert labels(boxes.replaced(Reading((9, 9)), [], [new])) == ["10"]


def test_a_row_that_is_emptied_goes() -> None:
    reading = make_reading(0.9, 0.9, 0.9, rows=(0, 1, 2))
    found = boxes.replaced(reading, [reading.digits[1]], [])
    assert [digit.row for digit in found.digits] == [0, 1]


def test_a_digit_that_is_moved_keeps_its_place_until_it_leaves_its_row() -> None:
    reading = make_reading(0.9, 0.9, 0.9, rows=(0, 0, 1))
    was = reading.digits[0]
    near = make_digit(2, row=0)
    assert labels(boxes.reshaped(reading, [was], [near])) == ["70 40", "70"], "the order is the person's"
    away = make_digit(4, row=1)
    assert labels(boxes.reshaped(reading, [was], [away])) == ["40", "70 130"]


def test_rows_are_mended_by_hand() -> None:
    reading = make_reading(0.9, 0.9, 0.9, REJECTED, rows=(0, 0, 1, 1))
    first, second, third = reading.digits[:3]
    assert labels(boxes.to_row(reading, [second], 1)) == ["10", "40 70 100"]
    assert labels(boxes.to_row(reading, [first], -1)) == ["10", "40", "70 100"]
    assert labels(boxes.to_row(reading, [third], 1)) == ["10 40", "100", "70"]
    assert labels(boxes.in_row(reading, first, 1)) == ["40 10", "70 100"]
    assert labels(boxes.in_row(reading, first, -1)) == ["10 40", "70 100"]
    assert labels(boxes.broken(reading, second)) == ["10", "40", "70 100"]
    assert labels(boxes.broken(reading, third)) == ["10 40 70 100"]
    assert labels(boxes.broken(reading, first)) == ["10 40", "70 100"]


def test_digits_are_found_again_by_their_ink() -> None:
    reading = make_reading(0.9, 0.9, rows=(0, 0))
    turned = boxes.in_row(reading, reading.digits[0], 1)
    assert boxes.indices_of(turned, reading.digits) == (1, 0)
    assert boxes.indices_of(turned, [make_digit(9)]) == ()
