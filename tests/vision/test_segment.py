from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.geometry import Box, iou
from hdr.settings import SegmentSettings
from hdr.vision.segment import Region, find_regions


def canvas(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (400, 300)) -> np.ndarray:
    """A page with hollow boxes, as "0"s are: x, y, width, height."""
    mask = np.zeros((size[1], size[0]), np.bool_)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = True
        if min(width, height) > 10:
            mask[y + 4 : y + height - 4, x + 4 : x + width - 4] = False
    return mask


ZEROS = [(50 + 60 * i, 100, 30, 50) for i in range(5)]


def found(mask: np.ndarray, **told: object) -> list[tuple[int, int, int, int]]:
    return sorted(region.box.xywh for region in find_regions(mask, SegmentSettings(**told)).regions)


def reasons(mask: np.ndarray) -> dict[tuple[int, int, int, int], str]:
    return {box.xywh: reason for box, reason in find_regions(mask).dropped}


def test_every_digit_is_a_region_of_its_own_ink() -> None:
    mask = canvas(*ZEROS)
    regions = find_regions(mask).regions
    assert sorted(region.box.xywh for region in regions) == ZEROS
    assert sum(region.area for region in regions) == mask.sum()


def test_no_ink_no_region() -> None:
    assert find_regions(np.zeros((30, 40), np.bool_)).regions == ()


def test_all_ink_is_no_digit() -> None:
    assert find_regions(np.ones((300, 400), np.bool_)).regions == ()


def test_specks_are_left_out() -> None:
    assert found(canvas(*ZEROS, (20, 20, 3, 3), (300, 250, 5, 4))) == ZEROS


def test_the_smallest_digit_is_a_setting() -> None:
    small = [(50 + 12 * i, 100, 5, 8) for i in range(4)]
    assert found(canvas(*small)) == small
    assert found(canvas(*small), smallest_px=9) == []


def test_small_print_beside_large_digits_is_left_out_with_a_reason() -> None:
    print_ = [(300 + 9 * i, 280, 7, 9) for i in range(6)]
    mask = canvas(*ZEROS, *print_)
    assert found(mask) == ZEROS
    assert set(reasons(mask).values()) == {"small beside the other ink"}


def test_a_frame_around_the_digits_is_left_out() -> None:
    mask = canvas((20, 50, 360, 200), *ZEROS)
    assert found(mask) == ZEROS
    assert reasons(mask)[(20, 50, 360, 200)] == "frame"


def test_a_line_below_the_digits_is_left_out() -> None:
    mask = canvas(*ZEROS, (40, 160, 320, 3))
    assert found(mask) == ZEROS
    assert reasons(mask)[(40, 160, 320, 3)] == "line"


def test_a_piece_of_a_thin_line_beside_the_writing_is_left_out() -> None:
    mask = canvas(*[(x, y, 30, 50) for x, y, _, _ in ZEROS])
    for x, y, _, _ in ZEROS:
        mask[y : y + 50, x : x + 8] = True
    mask[100:140, 20:22] = True
    assert found(mask) == ZEROS
    assert reasons(mask)[(20, 100, 2, 40)] == "thin beside the other ink"


def test_the_width_of_the_pen_is_known() -> None:
    bar = np.zeros((60, 20), np.bool_)
    bar[5:55, 5:13] = True
    assert 7 < Region(Box(0, 0, 20, 60), bar).pen_px < 9


def test_a_minus_is_no_digit() -> None:
    assert found(canvas(*ZEROS, (10, 122, 24, 5))) == ZEROS


def test_a_blot_is_no_digit() -> None:
    mask = canvas(*ZEROS)
    mask[200:250, 200:250] = True
    assert reasons(mask)[(200, 200, 50, 50)] == "blot"


def test_what_hangs_in_from_the_edge_is_left_out() -> None:
    mask = canvas(*ZEROS, (0, 200, 180, 100))
    assert found(mask) == ZEROS
    assert reasons(mask)[(0, 200, 180, 100)] == "page edge"


def test_a_binding_along_the_edge_is_left_out() -> None:
    binding = [(0, 20 + 60 * i, 12, 30) for i in range(4)]
    assert found(canvas(*ZEROS, *binding)) == ZEROS


def test_a_digit_cut_by_the_edge_is_kept() -> None:
    cut = (0, 100, 22, 50)
    assert found(canvas(*ZEROS, cut)) == [cut, *ZEROS]


def test_one_digit_that_fills_its_picture_is_kept() -> None:
    assert found(canvas((10, 5, 80, 110), size=(100, 120))) == [(10, 5, 80, 110)]


def five_with_its_cap_apart() -> np.ndarray:
    mask = canvas(*ZEROS[1:])
    mask[120:150, 55:80] = True
    mask[124:150, 55:76] = False
    mask[146:150, 55:80] = True
    mask[112:120, 55:59] = True
    mask[100:104, 55:82] = True
    return mask


def test_broken_strokes_are_joined() -> None:
    assert (55, 100, 27, 50) in found(five_with_its_cap_apart())


def test_joining_can_be_turned_off() -> None:
    assert (55, 100, 27, 50) not in found(five_with_its_cap_apart(), join=False)


def test_digits_above_each_other_are_not_joined() -> None:
    two_rows = [*ZEROS, *[(x, y + 55, w, h) for x, y, w, h in ZEROS]]
    assert found(canvas(*two_rows)) == sorted(two_rows)


def test_neighbours_inside_the_box_are_masked_out() -> None:
    mask = np.zeros((120, 120), np.bool_)
    mask[20:100, 20:26] = True  # an L ...
    mask[94:100, 20:90] = True
    mask[10:80, 60:66] = True  # ... and a 1 that reaches into its box
    regions = {region.box.xywh: region for region in find_regions(mask).regions}
    assert not regions[(20, 20, 70, 80)].mask[:60, 30:].any()


def test_a_picture_of_2000_specks_has_no_digit_and_ends() -> None:
    mask = np.zeros((600, 600), np.bool_)
    points = np.random.default_rng(0).integers(5, 590, (2000, 2))
    mask[points[:, 0], points[:, 1]] = True
    assert find_regions(mask).regions == ()


def test_a_page_of_noise_ends() -> None:
    noise = np.random.default_rng(0).random((900, 1200)) < 0.3
    find_regions(noise)


@pytest.mark.parametrize("lines", ["rows", "cells"])
def test_digits_that_touch_printed_lines_are_set_free(lines: str) -> None:
    mask = canvas(*ZEROS)
    mask[148:151] = True
    mask[60:63] = True
    mask[240:243] = True
    if lines == "cells":
        mask[:, 124:126] = mask[:, 244:246] = mask[:, 361:363] = True
    boxes = [Box.from_xywh(*box) for box in ZEROS]
    got = [Box.from_xywh(*box) for box in found(mask)]
    assert len(got) == len(boxes)
    for true, told in zip(boxes, got, strict=True):
        assert abs(true.x0 - told.x0) <= 1
        assert abs(true.height - told.height) <= 5


@pytest.mark.parametrize("slope", [-0.1, 0.04, 0.12])
def test_digits_that_touch_sloping_lines_are_set_free(slope: float) -> None:
    mask = canvas(*ZEROS)
    columns = np.arange(mask.shape[1])
    for start in (60, 148, 240):
        for row in range(3):
            mask[np.clip(start + row + np.round(slope * (columns - 200)).astype(int), 0, 299), columns] = True
    got = [Box.from_xywh(*box) for box in found(mask)]
    assert len(got) == len(ZEROS)
    for true, told in zip(ZEROS, got, strict=True):
        assert iou(Box.from_xywh(*true), told) > 0.75


def test_of_boxes_with_digits_in_them_only_the_digits_are_taken() -> None:
    apart = [(20 + 62 * i, 80 + 30 * (i % 2), 50, 62) for i in range(6)]
    mask = canvas(*apart)
    digits = [(x + 14, y + 12, 22, 38) for x, y, _, _ in apart[:4]]
    mask |= canvas(*digits)
    assert found(mask) == digits
    assert [reasons(mask)[box] for box in apart] == ["cell"] * 6


def test_a_square_zero_is_no_cell() -> None:
    assert found(canvas(*ZEROS, (350, 110, 2, 2))) == ZEROS


def test_crosses_of_a_faint_grid_are_no_digits_though_as_high() -> None:
    mask = canvas(*ZEROS)
    for y in range(35, 300, 60):
        mask[y : y + 2] = True
    for x in range(35, 400, 60):
        mask[:, x : x + 2] = True
    for k in range(0, 400, 60):  # broken midway between any two crossings
        mask[k + 2 : k + 10, 35:400:60] = mask[k + 2 : k + 10, 36:400:60] = False
        mask[35:300:60, k + 2 : k + 10] = mask[36:300:60, k + 2 : k + 10] = False
    assert found(mask) == ZEROS


def test_digits_a_little_below_the_setting_are_no_specks_beside_others_as_small() -> None:
    tiny = [(50 + 12 * i, 100, 4, 7 if i % 2 else 5) for i in range(8)]
    assert found(canvas(*tiny)) == tiny
    assert found(canvas(*ZEROS, (20, 250, 4, 5))) == ZEROS


def test_digits_cut_by_the_edge_are_kept_in_several_rows_but_the_holes_of_a_binding_are_not() -> None:
    rows = [(x, y, 30, 40) for y in (30, 100, 170, 240) for x in (0, 60, 120)]
    assert found(canvas(*rows)) == sorted(rows)
    holes = canvas(*[row for row in rows if row[0]])
    for y in (30, 100, 170, 240):
        holes[y : y + 40, :24] = True
    assert found(holes) == sorted(row for row in rows if row[0])


def test_joined_regions_hold_the_ink_of_both() -> None:
    a = Region(Box(0, 0, 2, 2), np.ones((2, 2), np.bool_))
    b = Region(Box(3, 1, 4, 4), np.ones((3, 1), np.bool_))
    both = a.joined(b)
    assert both.box == Box(0, 0, 4, 4)
    assert both.area == a.area + b.area


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=30, unique=True))
@settings(max_examples=40, deadline=None)
def test_regions_lie_on_the_page_and_hold_ink_of_it(cells: list[tuple[int, int]]) -> None:
    mask = canvas(*[(8 + 39 * x, 6 + 48 * y, 20, 30) for x, y in cells])
    for region in find_regions(mask).regions:
        assert region.mask.shape == (region.box.height, region.box.width)
        assert (mask[region.box.slices] >= region.mask).all()
        assert region.mask.any()


def test_a_row_of_1s_is_no_set_of_printed_lines() -> None:
    mask = np.zeros((120, 1000), np.bool_)
    for index in range(22):
        mask[20:80, 20 + 44 * index : 28 + 44 * index] = True
    assert len(find_regions(mask).regions) == 22


def test_large_writing_amid_much_more_small_print_is_kept_with_it() -> None:
    mask = np.zeros((400, 1000), np.bool_)
    for index in range(400):  # print
        y, x = 10 + 20 * (index // 50) + (200 if index >= 200 else 0), 10 + 19 * (index % 50)
        mask[y : y + 10, x : x + 3] = mask[y : y + 3, x : x + 8] = True
    for index in range(6):
        mask[110:180, 100 + 100 * index : 112 + 100 * index] = True
        mask[110:120, 100 + 100 * index : 145 + 100 * index] = True
    heights = [region.box.height for region in find_regions(mask).regions]
    assert heights.count(70) == 6
    assert heights.count(10) == 400


def test_what_a_ruler_drew_beside_digits_with_a_fairly_thin_pen_is_a_line() -> None:
    mask = np.zeros((200, 800), np.bool_)
    for index in range(6):
        x = 30 + 120 * index
        mask[60:110, x : x + 5] = mask[105:110, x : x + 35] = True
    for x in (100, 340):
        mask[50:125, x : x + 3] = True
    found = find_regions(mask)
    assert len(found.regions) == 6
    assert [reason for _, reason in found.dropped] == ["thin beside the other ink"] * 2
