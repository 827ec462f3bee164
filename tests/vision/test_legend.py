"""Words around a picture, and the sheet of fields with their captions."""

from __future__ import annotations

import numpy as np

from hdr.vision.legend import captioned_sheet, with_legend
from hdr.vision.overlay import Band

BANDS = [(Band(0, (200, 0, 0), (), "one"), 3), (Band(0, (0, 0, 200), (2, 2), "other"), 12)]


def test_the_picture_stands_whole_between_headline_and_legend() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (50, 700, 3)).astype(np.uint8)
    sheet = with_legend(picture, ["A headline"], BANDS)
    assert sheet.shape[1] == 700
    above = next(y for y in range(sheet.shape[0]) if np.array_equal(sheet[y + 10], picture[10]))
    assert np.array_equal(sheet[above : above + 49], picture[:49])
    assert (sheet[above + 50 :] == (200, 0, 0)).all(axis=2).any()
    assert (sheet[above + 50 :] == (0, 0, 200)).all(axis=2).any()


def test_long_lines_and_many_entries_are_wrapped() -> None:
    small = np.zeros((40, 40, 3), np.uint8)
    short, long = with_legend(small, ["a"], BANDS), with_legend(small, ["a word " * 40], BANDS * 9)
    assert short.shape[1] == long.shape[1]
    assert long.shape[0] > short.shape[0] + 60


def test_a_sheet_holds_every_field_as_it_is() -> None:
    fields = [np.random.default_rng(seed).integers(0, 255, (28, 28)).astype(np.uint8) for seed in range(3)]
    sheet = captioned_sheet(fields, ["7 99%", "1 50%", "no 80%"], columns=2, enlarge=2)
    assert np.array_equal(sheet[4:60:2, 4:60:2], fields[0])
    assert np.array_equal(sheet[5:60:2, 65:121:2], fields[1])
    assert (sheet[61:75, 4:50] > 200).any(), "the caption"
    plain = captioned_sheet(fields[:1], ["7"], enlarge=1)
    assert np.array_equal(plain[4:32, 4:32], fields[0])


def test_a_sheet_of_nothing() -> None:
    assert captioned_sheet([], []).shape == (4, 4)
