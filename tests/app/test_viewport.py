from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.app.viewport import LEAST_ZOOM, MOST_ZOOM, Viewport
from hdr.geometry import Box


def port(page: tuple[int, int] = (1000, 500), canvas: tuple[int, int] = (400, 300)) -> Viewport:
    view = Viewport(10)
    view.page_size, view.canvas_size = page, canvas
    view.fit(is_paper=False)
    return view


def test_a_picture_is_fitted_with_a_margin() -> None:
    assert port().view.box_to_canvas(Box(0, 0, 1000, 500)) == pytest.approx((10, 55, 390, 245))


def test_a_tiny_picture_is_not_blown_up() -> None:
    assert port((10, 10)).view.scale == 4


def test_paper_fills_the_canvas_and_is_never_enlarged() -> None:
    view = port((400, 300))
    view.fit(is_paper=True)
    assert (view.view.scale, view.view.offset_x, view.view.offset_y) == (1, 0, 0)
    view.page_size = (200, 100)
    view.fit(is_paper=True)
    assert view.view.scale == 1


@given(st.floats(0.01, 100), st.floats(150, 250), st.floats(100, 200))
def test_zooming_keeps_the_point_under_the_pointer(factor: float, x: float, y: float) -> None:
    view = port()
    before = view.view.to_image(x, y)
    view.zoom(factor, x, y)
    assert LEAST_ZOOM <= view.view.scale <= MOST_ZOOM
    if factor > 0.5:
        assert view.view.to_image(x, y) == pytest.approx(before)
    assert not view.fitted


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_some_of_the_page_stays_in_sight(dx: float, dy: float) -> None:
    view = port()
    view.pan(dx, dy)
    x0, y0, x1, y1 = view.view.box_to_canvas(Box(0, 0, 1000, 500))
    assert x0 <= 380
    assert x1 >= 20
    assert y0 <= 280
    assert y1 >= 20


@given(st.integers(0, 980), st.integers(0, 480), st.floats(0.5, 50))
def test_a_box_comes_into_sight(x: int, y: int, factor: float) -> None:
    view = port()
    view.zoom(factor)
    box = Box(x, y, x + 20, y + 20)
    view.bring_into_sight(box)
    cx, cy = view.view.to_canvas(*box.center)
    assert 0 <= cx <= 400
    assert 0 <= cy <= 300
    assert not view.bring_into_sight(box) or 20 * view.view.scale > 260
