from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.geometry import Box
from hdr.vision.segment import Region
from hdr.vision.split import split_touching


def zeros(count: int, overlap: int = 2) -> Region:
    """Ellipses side by side, as "0"s that touch at their waists."""
    step = 33 - overlap
    image = np.zeros((52, 34 + step * (count - 1)), np.uint8)
    for i in range(count):
        cv2.ellipse(image, (16 + i * step, 25), (14, 23), 0, 0, 360, 1, 4)
    mask = image > 0
    columns = np.flatnonzero(mask.any(axis=0))
    mask = mask[:, columns[0] : columns[-1] + 1]
    return Region(Box.from_xywh(100, 200, mask.shape[1], mask.shape[0]), mask)


def test_a_piece_between_two_cuts_is_each_of_two_digits() -> None:
    region = zeros(2)
    half = region.box.width / 2
    reaches = {(piece.box.x0 - 100, piece.box.x1 - 100) for piece in split_touching(region).regions}
    assert any(x0 == 0 and abs(x1 - half) <= 3 for x0, x1 in reaches)
    assert any(abs(x0 - half) <= 3 and x1 == region.box.width for x0, x1 in reaches)


def test_spans_lead_from_the_left_edge_to_the_right() -> None:
    pieces = split_touching(zeros(3))
    reached = {0}
    for start, end in sorted(pieces.spans):
        assert start < end
        if start in reached:
            reached.add(end)
    assert pieces.nodes - 1 in reached
    assert len(pieces.strokes) == pieces.nodes


def test_a_cut_through_a_loop_goes_through_two_strokes() -> None:
    region = zeros(1)
    assert max(split_touching(region).strokes) >= 1.5


@given(st.integers(1, 5), st.integers(0, 6))
@settings(max_examples=15, deadline=None)
def test_pieces_hold_ink_of_the_region_only(count: int, overlap: int) -> None:
    region = zeros(count, overlap)
    pieces = split_touching(region)
    for piece in pieces.regions:
        inside = piece.box.shifted(-region.box.x0, -region.box.y0)
        assert (region.mask[inside.slices] >= piece.mask).all()
        assert piece.mask.any(axis=1)[[0, -1]].all()
        assert piece.mask.any(axis=0)[[0, -1]].all()


@given(st.integers(0, 6))
@settings(max_examples=7, deadline=None)
def test_neighbouring_pieces_share_all_ink_and_no_pixel_twice(overlap: int) -> None:
    region = zeros(4, overlap)
    pieces = split_touching(region)
    by_span = dict(zip(pieces.spans, pieces.regions, strict=True))
    whole = np.zeros((400, 400), int)
    steps = [by_span.get((k, k + 1)) for k in range(pieces.nodes - 1)]
    for piece in steps:
        if piece is not None:
            whole[piece.box.slices] += piece.mask
    assert whole.max() <= 1


def test_ink_narrower_than_any_piece_has_no_cut() -> None:
    region = Region(Box(0, 0, 3, 40), np.ones((40, 3), np.bool_))
    assert split_touching(region).nodes == 2


def test_ink_of_one_row() -> None:
    assert split_touching(Region(Box(0, 0, 60, 1), np.ones((1, 60), np.bool_))).nodes >= 2
