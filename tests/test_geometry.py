from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.geometry import Box, ViewTransform, bounding_box, hit, iou

numbers = st.integers(-50, 50)
boxes = st.builds(Box.from_xywh, numbers, numbers, st.integers(0, 40), st.integers(0, 40))


def pixels(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.x0, box.x1) for y in range(box.y0, box.y1)}


@given(boxes, boxes)
def test_iou_counts_pixels(a: Box, b: Box) -> None:
    both, either = len(pixels(a) & pixels(b)), len(pixels(a) | pixels(b))
    assert iou(a, b) == pytest.approx(both / either if either else 0)
    assert a.intersection(b) == both


@given(boxes)
def test_a_box_is_what_it_covers(box: Box) -> None:
    assert box.area == len(pixels(box))
    assert Box.from_xywh(*box.xywh) == box
    assert all(box.contains(x, y) for x, y in pixels(box))
    assert not box.contains(box.x1, box.y0)


@given(boxes, boxes)
def test_the_union_holds_both(a: Box, b: Box) -> None:
    assert pixels(a) | pixels(b) <= pixels(a.union(b))


@given(boxes)
def test_clipped_is_what_lies_on_the_page(box: Box) -> None:
    inside = {(x, y) for x, y in pixels(box) if 0 <= x < 30 and 0 <= y < 20}
    assert pixels(box.clipped(30, 20)) == inside


def test_slices_cut_rows_then_columns() -> None:
    assert Box(1, 2, 5, 9).slices == (slice(2, 9), slice(1, 5))


def test_bounding_box_of_none_is_empty() -> None:
    assert bounding_box([]) == Box(0, 0, 0, 0)
    assert bounding_box([Box(5, 6, 7, 8), Box(1, 9, 2, 12)]) == Box(1, 6, 7, 12)


def test_the_smallest_box_under_the_pointer_is_hit() -> None:
    large, small = Box(0, 0, 100, 100), Box(40, 40, 50, 60)
    assert hit([large, small], 45, 50) == 1
    assert hit([large, small], 5, 5) == 0
    assert hit([large, small], 200, 5) is None


def test_a_thin_box_can_be_hit_beside_it() -> None:
    assert hit([Box(50, 0, 52, 40)], 55, 10) is None
    assert hit([Box(50, 0, 52, 40)], 55, 10, slack_px=4) == 0


scales = st.floats(0.05, 20)
places = st.floats(-1e4, 1e4)


@given(scales, places, places, places, places)
def test_to_the_canvas_and_back(scale: float, dx: float, dy: float, x: float, y: float) -> None:
    view = ViewTransform(scale, dx, dy)
    assert view.to_image(*view.to_canvas(x, y)) == pytest.approx((x, y), abs=1e-6 * (1 + abs(dx) + abs(dy)) / scale)


@given(scales, st.floats(0.2, 5), places, places)
def test_zoom_keeps_the_point_under_the_pointer(scale: float, factor: float, x: float, y: float) -> None:
    view = ViewTransform(scale, 3, -7)
    zoomed = view.zoomed(factor, x, y)
    assert zoomed.to_canvas(*view.to_image(x, y)) == pytest.approx((x, y), abs=1e-5 * (1 + abs(x) + abs(y)))


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(50, 2000), st.integers(50, 2000))
def test_fit_shows_the_whole_image_in_the_middle(width: int, height: int, wide: int, high: int) -> None:
    view = ViewTransform.fit((width, height), (wide, high))
    x0, y0, x1, y1 = view.box_to_canvas(Box(0, 0, width, height))
    assert x0 >= -1e-6
    assert y0 >= -1e-6
    assert (x0 + x1, y0 + y1) == pytest.approx((wide, high))


def test_panned_by_canvas_pixels() -> None:
    assert ViewTransform(2, 1, 1).panned(5, -3).to_canvas(0, 0) == (6, -2)
