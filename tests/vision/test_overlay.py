from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from hdr.geometry import Box
from hdr.vision.overlay import BANDS, band_of, draw_reading, sheet


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


def test_a_sheet_holds_every_field_in_order() -> None:
    fields = [np.full((28, 28), value, np.uint8) for value in (10, 20, 30)]
    image = sheet(fields, columns=2, gap_px=2)
    assert image.shape == (2 + 2 * 30, 2 + 2 * 30)
    assert (image[5, 5], image[5, 35], image[35, 5], image[0, 0]) == (10, 20, 30, 64)


def test_a_sheet_of_nothing() -> None:
    assert sheet([]).shape == (2, 2)
