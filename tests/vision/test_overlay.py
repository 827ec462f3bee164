from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from hdr.geometry import Box
from hdr.vision.overlay import BANDS, Band, band_of, draw_boxes, draw_reading


@dataclass
class Drawn:
    box: Box
    label: str = "7"
    confidence: float = 0.95
    is_digit: bool = True


@dataclass
class Page:
    digits: list[Drawn]


def test_the_picture_itself_is_left_as_it_is() -> None:
    image = np.full((80, 90, 3), 255, np.uint8)
    drawn = draw_reading(image, Page([Drawn(Box(30, 30, 50, 60))]))
    assert (image == 255).all()
    assert drawn.shape == image.shape
    assert (drawn != 255).any()


def test_a_gray_picture_becomes_one_in_colour() -> None:
    drawn = draw_reading(np.zeros((50, 50), np.uint8), Page([]))
    assert drawn.shape == (50, 50, 3)


def test_the_ink_inside_a_box_stays_visible() -> None:
    image = np.full((100, 100, 3), 255, np.uint8)
    drawn = draw_reading(image, Page([Drawn(Box(30, 30, 60, 80))]))
    assert (drawn[35:75, 35:55] == 255).all()


@pytest.mark.parametrize(
    ("confidence", "name"), [(1.0, "sure"), (0.9, "sure"), (0.7, "unsure"), (0.2, "guess"), (0.0, "guess")]
)
def test_bands(confidence: float, name: str) -> None:
    assert band_of(confidence).name == name


def test_what_is_no_digit_is_not_drawn() -> None:
    image = np.full((80, 90, 3), 255, np.uint8)
    assert (draw_reading(image, Page([Drawn(Box(30, 30, 50, 60), "none", is_digit=False)])) == 255).all()


def test_bands_differ_by_colour_and_by_pattern() -> None:
    assert len({band.color for band in BANDS}) == len({band.dash for band in BANDS}) == len(BANDS)


def test_an_unsure_box_is_dashed() -> None:
    image = np.full((200, 200, 3), 255, np.uint8)
    sure, unsure = (draw_reading(image, Page([Drawn(Box(50, 60, 150, 150), confidence=c)])) for c in (0.95, 0.7))
    line = slice(60, 140)
    assert (sure[151, line] != 255).any(axis=1).all()
    share = (unsure[151, line] != 255).any(axis=1).mean()
    assert 0.4 < share < 0.9


@pytest.mark.parametrize("box", [Box(0, 0, 5, 5), Box(0, 0, 100, 60), Box(90, 50, 100, 60), Box(95, 0, 100, 3)])
def test_a_box_at_the_edge_is_drawn_inside(box: Box) -> None:
    drawn = draw_reading(np.full((60, 100, 3), 255, np.uint8), Page([Drawn(box)]))
    assert (drawn != 255).any()


def test_boxes_are_drawn_around_the_ink_in_their_colour_and_pattern() -> None:
    page = np.full((100, 200), 255, np.uint8)
    solid, dashed = Band(0, (200, 0, 0), (), "a"), Band(0, (0, 0, 200), (3, 2), "b")
    drawn = draw_boxes(page, [(Box(10, 30, 60, 90), solid, ""), (Box(110, 30, 190, 90), dashed, "")])
    assert (drawn[31:89, 11:59] == 255).all()
    assert (drawn[28, 8:62] == (200, 0, 0)).all()
    share = (drawn[28, 108:192] == (0, 0, 200)).all(axis=1).mean()
    assert 0.4 < share < 0.8


def test_what_a_box_is_stands_by_it_where_there_is_room() -> None:
    page, band = np.full((100, 200), 255, np.uint8), Band(0, (200, 0, 0), (), "a")
    bare, wide, narrow = (
        draw_boxes(page, [(box, band, text)])
        for box, text in (
            (Box(10, 40, 110, 90), ""),
            (Box(10, 40, 110, 90), "a frame"),
            (Box(10, 40, 14, 90), "a frame"),
        )
    )
    assert (wide[:36] != bare[:36]).any()
    assert (narrow[:36] == 255).all()
