from __future__ import annotations

import numpy as np
import pytest

from hdr.vision.rules import remove_rules


def ruled(slope: float, thick: int = 2) -> np.ndarray:
    mask = np.zeros((200, 320), np.bool_)
    columns = np.arange(320)
    for start in (40, 90, 140):
        for row in range(thick):
            mask[start + row + np.round(slope * columns).astype(int), columns] = True
    return mask


@pytest.mark.parametrize("slope", [0.0, -0.08, 0.15])
@pytest.mark.parametrize("thick", [1, 4])
def test_lines_go_whatever_their_slope(slope: float, thick: int) -> None:
    assert remove_rules(ruled(slope, thick)).sum() <= 8
    assert remove_rules(np.ascontiguousarray(ruled(slope, thick).T)).sum() <= 8


def test_a_stroke_that_crosses_stays_whole() -> None:
    mask = ruled(0.0)
    mask[70:110, 100:104] = True
    expected = np.zeros_like(mask)
    expected[70:110, 100:104] = True
    assert np.array_equal(remove_rules(mask), expected)


def test_lines_of_two_kinds_go() -> None:
    mask = np.zeros((300, 300), np.bool_)
    for start in range(30, 270, 30):
        thick = 6 if start % 90 == 30 else 1
        mask[start : start + thick, 20:280] = True
        mask[20:280, start : start + thick] = True
    assert not remove_rules(mask).any()


def test_without_lines_the_mask_itself_comes_back() -> None:
    mask = np.zeros((200, 300), np.bool_)
    mask[50:90, 40:70] = mask[50:90, 120:150] = True
    assert remove_rules(mask) is mask


def test_a_slanting_stroke_near_a_line_stays() -> None:
    mask = np.zeros((240, 320), np.bool_)
    for x in range(20, 320, 30):
        mask[:, x : x + 2] = True
    stroke = np.zeros_like(mask)
    for y in range(60):
        stroke[80 + y, 145 + y // 8 : 150 + y // 8] = True
    rest = remove_rules(mask | stroke)
    assert np.count_nonzero(rest & stroke) >= 0.9 * stroke.sum()
    assert np.count_nonzero(rest & ~stroke) <= 0.02 * mask.sum()
