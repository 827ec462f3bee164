from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hdr.app.pad import Pen, Point, Smoother
from hdr.app.pixels import Paper, Pyramid, cut, ink_picture
from hdr.geometry import ViewTransform
from hdr.vision.strokes import Stroke, rasterize_strokes

POINTS = st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500)), min_size=1, max_size=20)


@given(POINTS)
def test_a_curve_starts_and_ends_where_the_pen_did_and_never_changes_what_was_drawn(points: list[Point]) -> None:
    smoother, drawn = Smoother(), []
    for point in points:
        drawn += smoother.add(*point)
        assert smoother.points == drawn
    drawn += smoother.end()
    assert smoother.points == drawn
    assert drawn[0] == points[0]
    assert math.dist(drawn[-1], points[-1]) <= 0.5


@given(POINTS)
def test_a_curve_has_no_holes(points: list[Point]) -> None:
    smoother = Smoother()
    for point in points:
        smoother.add(*point)
    smoother.end()
    longest = max((math.dist(a, b) for a, b in itertools.pairwise(points)), default=0)
    gaps = [math.dist(a, b) for a, b in zip(smoother.points, smoother.points[1:], strict=False)]
    assert max(gaps, default=0) <= max(longest / 2 + 1, 5)


def test_a_pen_writes_in_pixels_of_the_page_and_its_pieces_hang_together() -> None:
    pieces: list[list[Point]] = []
    pen = Pen(ViewTransform(2.0, 10, 20), 8, False, pieces.append)
    for x, y in ((10, 20), (50, 60), (90, 20)):
        pen.move(x, y)
    pen.lift()
    assert pen.points[0] == (0, 0)
    assert pen.points[-1] == (40, 0)
    for before, after in itertools.pairwise(pieces):
        assert after[0] == before[-1]
    assert not pen.is_tap


def test_a_pen_that_hardly_moves_taps() -> None:
    pen = Pen(ViewTransform(), 8, False, lambda _: None)
    pen.move(5, 5)
    pen.move(6, 6)
    pen.lift()
    assert pen.is_tap
    assert len(pen.points) == 3


def test_paper_is_what_the_strokes_rasterize_to_however_they_came() -> None:
    strokes = [Stroke(((5.0, 5.0 + i), (40.0, 9.0 * i)), 6.0, i == 2) for i in range(4)]
    paper = Paper()
    for count in (1, 2, 4, 3, 0, 4):
        told = rasterize_strokes(strokes[:count], (50, 40))[:, :, 0]
        assert np.array_equal(paper.gray(strokes[:count], (50, 40)), told)
    assert paper.gray(strokes, (60, 40)).shape == (40, 60)


def test_at_one_to_one_the_page_is_shown_pixel_for_pixel() -> None:
    page = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)
    shown = cut(Pyramid(page), ViewTransform(1.0, 5, 7), (0, 0, 60, 50), (1, 2, 3))
    assert np.array_equal(shown[7:37, 5:45], page)
    assert (shown[:7] == (1, 2, 3)).all()
    assert (shown[:, 45:] == (1, 2, 3)).all()


def test_a_part_of_the_canvas_is_the_same_part_of_the_whole() -> None:
    page = np.random.default_rng(2).integers(0, 256, (80, 90), np.uint8)
    for scale in (0.3, 0.7, 1.0, 2.5):
        view = ViewTransform(scale, -11.5, 3.25)
        whole = cut(Pyramid(page), view, (0, 0, 100, 80), (9, 9, 9))
        part = cut(Pyramid(page), view, (20, 10, 70, 60), (9, 9, 9))
        assert np.abs(whole[10:60, 20:70].astype(int) - part).max() <= 2


def test_outside_the_page_there_is_only_the_desk() -> None:
    page = Pyramid(np.zeros((10, 10), np.uint8))
    assert (cut(page, ViewTransform(1.0, 500, 500), (0, 0, 20, 20), (7, 8, 9)) == (7, 8, 9)).all()


def test_a_large_page_is_shown_from_its_small_copies() -> None:
    page = Pyramid(np.full((4000, 6000), 100, np.uint8))
    image, scale = page.level(0.1)
    assert image.shape == (500, 750)
    assert scale == 0.125
    assert page.level(1.0)[0] is page.image
    assert cut(page, ViewTransform(0.1), (0, 0, 600, 400), (0, 0, 0))[5:395, 5:595].min() == 100


def test_a_page_one_pixel_high_can_be_shown() -> None:
    page = Pyramid(np.zeros((1, 5000), np.uint8))
    assert cut(page, ViewTransform(0.1), (0, 0, 500, 3), (255, 255, 255)).shape == (3, 500, 3)


def test_ink_is_black_on_white() -> None:
    assert ink_picture(np.array([[True, False]])).tolist() == [[0, 255]]
