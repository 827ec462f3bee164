from __future__ import annotations

import numpy as np
import pytest

from hdr.settings import InkSettings
from hdr.vision.binarize import find_ink, to_gray
from hdr.vision.colour import gray_by_colour


def page(paper: tuple[int, int, int], ink: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A page with two strokes, and where they are."""
    where = np.zeros((300, 400), np.bool_)
    where[60:160, 100:108] = where[90:98, 200:300] = True
    picture = np.full((300, 400, 3), paper, np.uint8)
    picture[where] = ink
    return picture, where


RED_ON_GREEN = (90, 160, 90), (210, 95, 100)


def test_ink_as_bright_as_its_paper_is_told_by_its_colour() -> None:
    picture, where = page(*RED_ON_GREEN)
    assert abs(int(to_gray(picture)[where][0]) - int(to_gray(picture)[~where][0])) < 3
    ink = find_ink(picture)
    assert (ink.method, ink.polarity) == ("colour", "dark")
    assert np.array_equal(ink.mask, where)
    assert np.array_equal(ink.strength, np.where(where, 255, 0))


@pytest.mark.parametrize("settings", [InkSettings(threshold="otsu"), InkSettings(polarity="light")])
def test_who_asks_for_brightness_gets_it(settings: InkSettings) -> None:
    assert find_ink(page(*RED_ON_GREEN)[0], settings).method != "colour"


@pytest.mark.parametrize("ink", [(30, 40, 150), (190, 30, 40), (20, 20, 20)])
def test_usual_inks_are_told_by_brightness(ink: tuple[int, int, int]) -> None:
    picture, where = page((240, 235, 220), ink)
    assert gray_by_colour(picture) is None
    assert np.array_equal(find_ink(picture).mask, where)


@pytest.mark.parametrize("shape", [(300, 400), (300, 400, 1), (1, 1, 3), (5, 2, 4)])
def test_without_colours_there_is_nothing_to_tell(shape: tuple[int, ...]) -> None:
    assert gray_by_colour(np.full(shape, 128, np.uint8)) is None


def test_a_picture_in_two_colours_is_no_page() -> None:
    picture = np.full((300, 400, 3), RED_ON_GREEN[0], np.uint8)
    picture[:, :200] = RED_ON_GREEN[1]
    assert gray_by_colour(picture) is None
