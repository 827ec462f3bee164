from __future__ import annotations

import dataclasses

import numpy as np

from hdr.app.document import (
    Document,
    carry_corrections,
    count_lost,
    digit_at,
    left_out,
    listed,
    neighbour,
    order_by_doubt,
    shortened,
)
from hdr.classify.names import NOT_A_DIGIT
from hdr.geometry import Box
from hdr.vision.normalize import Crop
from hdr.vision.strokes import Stroke

from .conftest import REJECTED, make_reading


def test_a_new_page_is_blank_and_can_be_drawn_on() -> None:
    page = Document()
    assert page.is_blank
    assert page.is_drawing
    assert page.corrections == 0
    assert page.fingerprint == ()


def test_new_ink_leaves_a_reading_behind() -> None:
    page = Document().with_reading(make_reading(0.9))
    assert not page.stale
    assert page.with_strokes((Stroke(((1, 1),)),)).stale
    assert not Document().with_strokes((Stroke(((1, 1),)),)).stale


def test_corrections_move_to_the_digit_in_the_same_place() -> None:
    old = make_reading(0.9, 0.8).with_label(1, "3")
    new = make_reading(0.9, 0.8, 0.7)
    assert [d.corrected for d in carry_corrections(old, new).digits] == [None, "3", None]


def test_a_correction_without_its_digit_is_dropped() -> None:
    old = make_reading(0.9, 0.8, 0.7).with_label(2, "3")
    assert [d.corrected for d in carry_corrections(old, make_reading(0.9)).digits] == [None]


def test_two_corrections_never_land_on_one_digit() -> None:
    both = make_reading(0.9, 0.8)
    same = dataclasses.replace(both, digits=(both.digits[0], both.digits[0]))
    carried = carry_corrections(same.with_label(0, "1").with_label(1, "2"), make_reading(0.9))
    assert [d.corrected for d in carried.digits] == ["1"]


def test_a_label_whose_digit_is_gone_is_lost_unless_it_was_rubbed_out_or_no_digit() -> None:
    old = make_reading(0.9, 0.8, 0.7).with_label(1, "3").with_label(2, NOT_A_DIGIT)
    assert count_lost(old, carry_corrections(old, make_reading(0.9, 0.8)), redrawn=False) == 0
    assert count_lost(old, make_reading(0.9), redrawn=False) == 1
    assert count_lost(old, make_reading(0.9), redrawn=True) == 0, "nothing is left in its place"
    assert count_lost(old, make_reading(0.9, 0.8).with_label(1, "4"), redrawn=True) == 1


def test_long_names_are_told_short() -> None:
    assert shortened("a.png") == "a.png"
    long = "x" * 50 + "end.png"
    assert len(shortened(long)) == 36
    assert shortened(long).endswith("end.png")
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_the_doubtful_come_first_and_those_that_a_person_labelled_not_at_all() -> None:
    reading = make_reading(0.9, 0.5, 0.7).with_label(1, NOT_A_DIGIT)
    assert order_by_doubt(reading) == [2, 0]


def test_the_neighbour_is_the_nearest_of_the_next_row() -> None:
    reading = make_reading(0.9, 0.9, 0.9, 0.9, rows=(0, 0, 2, 2))
    everyone = range(len(reading.digits))
    assert neighbour(reading, 0, 1, everyone) == 2
    assert neighbour(reading, 3, -1, everyone) == 1
    assert neighbour(reading, 0, -1, everyone) == 0


def test_the_digit_at_a_point_comes_before_what_was_left_out_there() -> None:
    reading = make_reading(0.9, REJECTED)
    speck = Crop(np.zeros((4, 4), np.uint8), Box(12, 12, 16, 16))  # inside the digit
    inside = dataclasses.replace(reading.digits[1], crop=speck)
    reading = dataclasses.replace(reading, digits=(*reading.digits, inside))
    assert digit_at(reading, 14, 14, 0) == 0
    assert digit_at(reading, 45, 15, 0) == 1
    assert digit_at(reading, 300, 15, 0) is None
    assert left_out(reading) == [1, 2]
