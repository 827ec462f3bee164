"""A page to labelme's JSON and back; a file from elsewhere is hostile until checked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.data import pages
from hdr.data.pages import Page, PageDigit, read_page
from hdr.errors import CaptureError
from hdr.geometry import Box
from hdr.vision.strokes import Stroke

PAGE = Page(
    capture="0123456789abcdef",
    size=(640, 480),
    digits=(
        PageDigit("7", Box(10, 20, 30, 60), 0, 0, "1", 0.75, by_person=True, recorded="7"),
        PageDigit("none", Box(40, 20, 50, 60), 1, 1, "4", 0.5, recorded="none"),
    ),
    source="Blatt 1.jpg",
    model="default",
    saved="2026-11-21T09:00:00+00:00",
    strokes=(Stroke(((1.0, 2.0), (3.5, 4.0)), 12.0),),
)


def test_a_page_comes_back():
    back = Page.from_json(PAGE.to_json())
    assert back.digits == PAGE.digits
    assert (back.capture, back.size, back.source, back.model, back.saved) == (
        PAGE.capture,
        PAGE.size,
        PAGE.source,
        PAGE.model,
        PAGE.saved,
    )
    assert back.strokes == PAGE.strokes
    assert back.to_json() == PAGE.to_json()


boxes = st.builds(Box.from_xywh, *[st.integers(0, 5000)] * 2, *[st.integers(1, 500)] * 2)
digits = st.builds(
    PageDigit, st.text(), boxes, st.integers(0, 999), st.integers(0, 99), st.text(), st.just(0.5), st.booleans()
)


@given(st.lists(digits, max_size=4))
def test_any_boxes_and_labels_come_back(some):
    back = Page.from_json(Page("0" * 16, (9, 9), tuple(some)).to_json())
    assert [(one.label, one.box, one.number, one.row, one.by_person) for one in back.digits] == [
        (one.label, one.box, one.number, one.row, one.by_person) for one in some
    ]


def test_it_has_all_that_labelme_asks_for():
    """The keys that labelme's own reader (`LabelFile.load`, version 5) looks up without a default, and their types."""
    told = json.loads(PAGE.to_json())
    assert {"version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth"} <= told.keys()
    assert told["imagePath"] == "0123456789abcdef.png"
    assert told["imageData"] is None
    assert (told["imageWidth"], told["imageHeight"]) == (640, 480)
    first = told["shapes"][0]
    assert {"label", "points", "group_id", "description", "shape_type", "flags", "mask"} <= first.keys()
    assert first["label"] == "7"
    assert first["points"] == [[10.0, 20.0], [30.0, 60.0]]
    assert first["shape_type"] == "rectangle"
    assert isinstance(first["flags"], dict)
    assert first["group_id"] == 0


def test_a_page_of_labelmes_own_has_foreign_shapes_only():
    shape = {"label": "7", "points": [[5.2, 9.9], [1, 1]], "shape_type": "rectangle", "flags": {}}
    page = Page.from_json(
        json.dumps({"version": "5.0", "shapes": [shape], "imagePath": "x.png", "imageWidth": 10, "imageHeight": 20})
    )
    assert page.digits == ()
    assert page.foreign == (shape,)
    assert (page.capture, page.size) == ("x", (10, 20))
    assert json.loads(page.to_json())["shapes"] == [shape]


def test_corners_dragged_past_each_other_are_a_box_still():
    told = json.loads(PAGE.to_json())
    told["shapes"][0]["points"] = [[30.4, 60.0], [10.0, 20.4]]
    assert Page.from_json(json.dumps(told)).digits[0].box == Box(10, 20, 30, 60)


def test_a_label_changed_in_the_file_is_a_persons():
    told = json.loads(PAGE.to_json())
    told["shapes"][1]["label"] = "4"
    digit = Page.from_json(json.dumps(told)).digits[1]
    assert (digit.label, digit.recorded, digit.by_person) == ("4", "none", True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "7",
        '{"shapes": [1], "imagePath": "", "imageWidth": 1, "imageHeight": 1}',
        "[" * 100_000,
        '{"shapes": []}',
    ],
)
def test_nonsense_is_refused_in_a_sentence(text):
    with pytest.raises(CaptureError, match=r"page\.json is not a page's labelme file"):
        Page.from_json(text, "page.json")


def test_a_page_that_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(CaptureError, match="cannot be read"):
        read_page(tmp_path / "missing.json")
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CaptureError, match="cannot be read"):
        read_page(tmp_path / "latin.json")
    monkeypatch.setattr(pages, "_LARGEST_BYTES", 2)
    with pytest.raises(CaptureError, match="larger than any page"):
        read_page(tmp_path / "latin.json")
