from __future__ import annotations

import numpy as np

from hdr.vision.strokes import Stroke, rasterize_strokes


def test_no_stroke_is_white_paper() -> None:
    image = rasterize_strokes([], (7, 5))
    assert image.shape == (5, 7, 3)
    assert (image == 255).all()


def test_a_stroke_is_black_where_it_went_and_as_wide_as_the_pen() -> None:
    image = rasterize_strokes([Stroke(((10, 20), (50, 20)), 6)], (60, 40))[:, :, 0]
    assert image[20, 30] == 0
    assert 5 <= np.count_nonzero(image[:, 30] < 128) <= 7


def test_a_tap_is_a_dot() -> None:
    image = rasterize_strokes([Stroke(((15.0, 15.0),), 10)], (30, 30))[:, :, 0]
    rows, columns = np.nonzero(image < 128)
    assert 9 <= np.ptp(rows) + 1 <= 11
    assert 9 <= np.ptp(columns) + 1 <= 11


def test_edges_are_smooth() -> None:
    image = rasterize_strokes([Stroke(((5, 5), (50, 33)), 5)], (60, 40))
    assert len(np.unique(image)) > 10


def test_ends_are_round() -> None:
    image = rasterize_strokes([Stroke(((20, 20), (40, 20)), 12)], (60, 40))[:, :, 0]
    assert image[20, 15] == 0
    assert image[15, 15] == 255


def test_the_eraser_takes_ink_away_in_order() -> None:
    pen, eraser = Stroke(((5, 10), (35, 10)), 6), Stroke(((20, 0), (20, 20)), 6, erases=True)
    after = rasterize_strokes([pen, eraser], (40, 20))[:, :, 0]
    before = rasterize_strokes([eraser, pen], (40, 20))[:, :, 0]
    assert after[10, 20] == 255
    assert before[10, 20] == 0


def test_a_stroke_may_leave_the_paper() -> None:
    image = rasterize_strokes([Stroke(((-20, 5), (100, 5)), 4)], (30, 10))
    assert (image[5] == 0).all()


def test_a_stroke_in_pieces_is_the_stroke_at_once() -> None:
    points = tuple((10 + 3.3 * i, 40 + 25 * np.sin(i / 3)) for i in range(30))
    whole = rasterize_strokes([Stroke(points, 9)], (130, 80))
    pieces = rasterize_strokes([Stroke(points[i : i + 2], 9) for i in range(29)], (130, 80))
    assert np.abs(whole.astype(int) - pieces).max() <= 32


def test_a_stroke_beside_the_paper_leaves_it_white() -> None:
    assert (rasterize_strokes([Stroke(((500, 500), (600, 500)), 9)], (40, 40)) == 255).all()
