from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdr.vision.binarize import Ink, find_ink
from hdr.vision.faint import find_faint
from hdr.vision.segment import Segmentation, find_regions

BOLD = [(60, 60), (160, 60), (260, 60), (360, 60)]
FAINT = [(60, 180), (160, 180), (260, 180), (360, 180)]


def page(*inks: tuple[list[tuple[int, int]], int, float]) -> np.ndarray:
    """A page with fives: where, how dark and how blurred."""
    gray = np.full((300, 480), 230, np.float32)
    for places, level, blurred in inks:
        written = np.zeros(gray.shape, np.uint8)
        for x, y in places:
            cv2.putText(written, "5", (x, y + 50), cv2.FONT_HERSHEY_SIMPLEX, 2, 255, 5, cv2.LINE_AA)
        gray -= cv2.GaussianBlur(written.astype(np.float32), (0, 0), blurred) * ((230 - level) / 255)
    return gray.round().astype(np.uint8)


def looked_again(gray: np.ndarray) -> tuple[Ink, Segmentation]:
    ink = find_ink(gray)
    return find_faint(ink, find_regions(ink.mask))


def test_faint_digits_between_bold_ones_are_found() -> None:
    ink, found = looked_again(page((BOLD, 30, 0.7), (FAINT, 190, 0.7)))
    assert ink.method == "two levels"
    assert len(found.regions) == len(BOLD) + len(FAINT)
    boxes = sorted((region.box.y0 // 100, region.box.x0 // 100) for region in found.regions)
    assert boxes == sorted((y // 100, x // 100) for x, y in BOLD + FAINT)


def test_faint_ink_is_as_strong_as_bold_ink_where_crops_are_cut() -> None:
    ink, found = looked_again(page((BOLD, 30, 0.7), (FAINT, 190, 0.7)))
    strengths = [float(np.median(ink.strength[r.box.slices][r.mask])) for r in found.regions]
    assert min(strengths) >= 240
    assert all(ink.mask[r.box.slices][r.mask].all() for r in found.regions)


@pytest.mark.parametrize(
    "more", [(FAINT, 190, 4.0), (FAINT, 228, 0.7), ([(62, 62)], 190, 5.0)], ids=["from the back", "paler", "a seam"]
)
def test_what_is_no_faint_ink_changes_nothing(more: tuple[list[tuple[int, int]], int, float]) -> None:
    gray = page((BOLD, 30, 0.7), more)
    ink = find_ink(gray)
    found = find_regions(ink.mask)
    assert find_faint(ink, found) == (ink, found)


def test_without_ink_there_is_nothing_to_look_between() -> None:
    ink = find_ink(np.full((40, 60), 200, np.uint8))
    assert find_faint(ink, find_regions(ink.mask))[1].regions == ()
