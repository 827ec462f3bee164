"""Pages that are made worse keep their truth, get worse as they are told to, and come out the same for a seed."""

from __future__ import annotations

import numpy as np
import pytest

from hdr.bench.generate import PageStyle, Sheet, blank_sheet, compose_page, glyph
from hdr.bench.hand import written_digits
from hdr.bench.pens import redraw, thin
from hdr.bench.troubles import DEGRADATIONS, FORMS, TROUBLES, VIEWS, degrade, style_of, troubled_page

DIGITS = written_digits(50, np.random.default_rng(0))
SMALL = compose_page(*DIGITS, np.random.default_rng(0), PageStyle(size=(400, 300), rows=3, columns=4, digit_px=40))


@pytest.mark.parametrize("name", sorted(set(DEGRADATIONS) - {"invert"}))
def test_a_stronger_degradation_changes_more(name: str) -> None:
    changes = []
    for strength in (0.0, 0.4, 1.0):
        worse = degrade(SMALL, name, strength, np.random.default_rng(0))
        assert worse.boxes == SMALL.boxes
        changes.append(np.abs(worse.image.astype(float) - SMALL.image).mean())
    assert changes[0] == 0 < changes[1] < changes[2]


def test_an_inverted_page_is_darker_than_its_ink() -> None:
    for strength in (0.1, 1.0):
        worse = degrade(SMALL, "invert", strength, np.random.default_rng(0)).image.astype(float)
        assert np.median(worse) < np.median(worse[SMALL.image[:, :, 0] < 80]) - 40


def test_troubles_of_writing_are_in_the_style() -> None:
    rng = np.random.default_rng(0)
    for name in set(TROUBLES) - set(DEGRADATIONS) - set(VIEWS) - set(FORMS) - {"mixed"}:
        assert style_of(name, 1.0, rng) != style_of(name, 0.0, rng)
    assert style_of("blur", 1.0, rng) == PageStyle()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_digit_of_a_page_lies_in_it_and_stands_in_a_row(trouble: str) -> None:
    page = troubled_page(DIGITS, trouble, 0.5, 1)
    height, width = page.image.shape[:2]
    assert page.boxes
    assert sorted("".join(page.rows)) == sorted(label for _, label in page.boxes)
    for box, _ in page.boxes:
        assert box == box.clipped(width, height)
        assert box.area > 0


@pytest.mark.parametrize("trouble", ["mixed", "signs", "plates"])
def test_the_same_seed_makes_the_same_page(trouble: str) -> None:
    first, again, other = (troubled_page(DIGITS, trouble, 0.8, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.image, again.image)
    assert first.boxes == again.boxes
    assert first.image.shape != other.image.shape or not np.array_equal(first.image, other.image)


@pytest.mark.parametrize("view", VIEWS)
def test_boxes_follow_their_digits_wherever_a_page_is_seen_from(view: str) -> None:
    sheet = blank_sheet((300, 200), (255, 255, 255), np.random.default_rng(0))
    sheet.pixels[:] = 255
    sheet.write(glyph(DIGITS[0][0], 60), "0", 0, (90, 80), (0, 0, 0))
    page = VIEWS[view](sheet, 0.6, np.random.default_rng(1)).page()
    dark = page.image[:, :, 0] < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    [(box, _)] = page.boxes or ()
    seen = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    assert np.abs(np.array(seen) - (box.x0, box.y0, box.x1, box.y1)).max() <= 3


def test_a_digit_that_does_not_fit_is_not_written() -> None:
    sheet = Sheet(np.full((40, 40, 3), 255, np.float32))
    assert sheet.write(np.ones((10, 10), np.float32), "1", 0, (4, 20), (0, 0, 0)) is None
    assert (sheet.pixels == 255).all()
    assert not sheet.digits


def test_strokes_are_thinned_to_their_middle() -> None:
    bar = np.zeros((30, 40), bool)
    bar[10:17, 5:35] = True
    middle = thin(bar)
    assert middle.sum(axis=0).max() == 1
    assert np.flatnonzero(middle.any(axis=1)).tolist() == [13]
    assert 22 <= middle.sum() <= 30


@pytest.mark.parametrize("pen_px", [1, 4, 9])
def test_a_digit_is_drawn_again_with_another_pen(pen_px: int) -> None:
    ring = np.zeros((40, 40), bool)
    y, x = np.mgrid[:40, :40]
    ring[np.abs(np.hypot(x - 20, y - 20) - 14) < 3] = True
    drawn = redraw(ring, pen_px) > 0.5
    across = drawn[20 + pen_px]
    assert abs(across.sum() - 2 * pen_px) <= 2
