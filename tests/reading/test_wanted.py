from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.bench.generate import PageStyle, compose_page
from hdr.bench.hand import written_digits
from hdr.classify.classifier import Prediction
from hdr.classify.loading import load_classifier
from hdr.errors import SettingsError
from hdr.geometry import Box
from hdr.reading.pipeline import read_digits
from hdr.reading.wanted import OUTSIDE, Part, only_wanted, part_asked_for, part_to_look_at
from hdr.settings import SegmentSettings, Settings, parse_roi
from hdr.vision.normalize import Crop

RNG = np.random.default_rng(5)
PAGE = compose_page(*written_digits(60, RNG), RNG, PageStyle((500, 300), 48, 3, 6))
SIZE = 200, 100


def labelled(x: int, width: int, height: int, label: str = "7", y: int = 20) -> tuple[Crop, Prediction]:
    box = Box.from_xywh(x, y, width, height)
    told = np.array([0.9, 0.1] if label == "7" else [0.1, 0.9], np.float32)
    return Crop(np.full((height, width), 255, np.uint8), box), Prediction(("7", "none"), told)


def kept(settings: SegmentSettings, *crops: tuple[Crop, Prediction]) -> list[int]:
    wanted, dropped = only_wanted(crops, settings, Part.whole(*SIZE))
    assert len(wanted) + len(dropped) == len(crops)
    assert all(reason for _, reason in dropped)
    return [crops.index(one) for one in wanted]


SMALL, LARGE, WIDE, NONE = (
    labelled(20, 10, 20),
    labelled(60, 20, 40),
    labelled(100, 40, 30),
    labelled(150, 45, 60, "none"),
)


def test_by_default_all_is_kept() -> None:
    assert kept(SegmentSettings(), SMALL, LARGE, WIDE, NONE) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({"largest_px": 39}, [0]),
        ({"largest_px": 40}, [0, 1, 2]),
        ({"tall": True}, [0, 1, 3]),
        ({"only_largest": 1}, [2, 3]),
        ({"only_largest": 2}, [1, 2, 3]),
        ({"only_largest": 9}, [0, 1, 2, 3]),
        ({"only_largest": 1, "tall": True}, [1, 3]),
        ({"border_px": 20}, [0, 1, 2]),
        ({"border_px": 21}, []),
    ],
)
def test_what_was_not_asked_for_is_left_out(asked: dict[str, int], left: list[int]) -> None:
    assert kept(SegmentSettings(**asked), SMALL, LARGE, WIDE, NONE) == left  # type: ignore[arg-type]  # of both kinds


@pytest.mark.parametrize(
    ("roi", "box"),
    [
        ("", None),
        ("0,0,1,1", None),
        ("0 0 200 100", None),
        ("0.25, 0.5, 0.5, 0.25", Box(50, 50, 150, 75)),
        ("10,20,30,40", Box(10, 20, 40, 60)),
        ("190,90,500,500", Box(190, 90, 200, 100)),
        ("900,900,10,10", Box(199, 99, 200, 100)),
        ("0,0,0.001,0.001", Box(0, 0, 1, 1)),
    ],
)
def test_a_region_is_a_part_of_the_picture(roi: str, box: Box | None) -> None:
    assert part_asked_for(SegmentSettings(roi=roi), SIZE) == box


@given(*[st.floats(0, 1e6) for _ in range(4)], st.integers(1, 50), st.integers(1, 50))
def test_a_region_is_never_empty_nor_beyond(
    x: float, y: float, width: float, height: float, wide: int, high: int
) -> None:
    box = part_asked_for(SegmentSettings(roi=f"{x} {y} {width + 1e-9} {height + 1e-9}"), (wide, high))
    if box is not None:
        assert box == box.clipped(wide, high)
        assert box.area > 0


@pytest.mark.parametrize("roi", ["1,2,3", "a,b,c,d", "-1,0,5,5", "0,0,0,5", "0,0,5,nan", "0,0,inf,1", "1,2,3,4,5"])
def test_what_is_no_region_is_refused(roi: str) -> None:
    with pytest.raises(SettingsError, match="region") as caught:
        Settings().replace("segment", roi=roi)
    assert "320" in caught.value.hint
    with pytest.raises(SettingsError):
        parse_roi(roi)


def test_a_part_of_a_page_is_read_with_its_boxes_on_the_page() -> None:
    whole = read_digits(PAGE.image, load_classifier())
    part = read_digits(PAGE.image, load_classifier(), Settings().replace("segment", roi="0,100,500,100"))
    assert part.text == PAGE.rows[1]
    assert part.size == whole.size == (500, 300)
    assert [digit.box for digit in part.digits] == [digit.box for digit in whole.digits if digit.row == 1]
    assert part.steps is not None
    assert part.steps.gray.shape == part.steps.ink.shape == (300, 500)
    assert part.steps.ink[100:200].any()
    assert not part.steps.ink[:100].any()


def test_what_is_left_out_is_told() -> None:
    asked = Settings().replace("segment", only_largest=2)
    reading = read_digits(PAGE.image, load_classifier(), asked)
    assert len(reading.text.replace("\n", "")) == 2
    assert reading.steps is not None
    assert "not among the largest asked for" in {reason for _, reason in reading.steps.dropped}


def test_what_is_higher_than_asked_for_does_not_make_digits_look_small() -> None:
    page = PAGE.image.copy()
    page[5:295, 470:490] = 0
    reading = read_digits(page, load_classifier(), Settings().replace("segment", largest_px=90))
    assert reading.text == "\n".join(PAGE.rows)
    assert reading.steps is not None
    assert "larger than asked for" in {reason for _, reason in reading.steps.dropped}


def test_a_little_more_than_the_region_is_looked_at() -> None:
    part = part_to_look_at(SegmentSettings(roi="20,10,100,40"), SIZE)
    assert part == Part(Box(16, 6, 124, 54), Box(4, 4, 104, 44), (True, True, True, True))
    at_the_edge = part_to_look_at(SegmentSettings(roi="0,0,100,99"), SIZE)
    assert at_the_edge == Part(Box(0, 0, 110, 100), Box(0, 0, 100, 99), (False, False, True, False))
    assert part_to_look_at(SegmentSettings(), SIZE) is None


@pytest.mark.parametrize(
    ("x", "width", "why"),
    [
        (10, 20, ""),
        (-1, 20, ""),
        (95, 15, OUTSIDE),
        (95, 8, ""),
        (101, 8, OUTSIDE),
    ],
)
def test_what_a_region_cuts_off_or_lies_beyond_it_is_left_out(x: int, width: int, why: str) -> None:
    part = Part(Box(0, 0, 110, 100), Box(0, 0, 100, 100), (False, False, True, False))
    one = labelled(x, width, 20)
    wanted, dropped = only_wanted([one], SegmentSettings(), part)
    assert (wanted, dropped) == (((), ((one[0].box, why),)) if why else ((one,), ()))


@pytest.mark.parametrize("where", range(1, 48, 5))
def test_no_digit_that_a_region_cuts_is_read_as_another(where: int) -> None:
    whole = read_digits(PAGE.image, load_classifier())
    row = [digit for digit in whole.digits if digit.row == 1]
    edge = row[2].box.x0 + round(where / 48 * row[2].box.width)
    part = read_digits(PAGE.image, load_classifier(), Settings().replace("segment", roi=f"0,100,{edge},100"))
    sure = "".join(digit.label for digit in row[:2])
    assert part.text in {sure, sure + row[2].label}
