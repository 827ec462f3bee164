"""Every stage of a reading as a picture, the last exactly what the model saw."""

from __future__ import annotations

import dataclasses

import numpy as np

from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier, model_input
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.geometry import Box
from hdr.reading.pipeline import read_digits
from hdr.reading.results import PageProblem
from hdr.reading.steps import DIGIT, DIVIDED, REJECTED, explain, headline, legend_of, step_images


def draw_two_bars():
    page = np.full((80, 120, 3), 255, np.uint8)
    page[20:60, 30:38] = 0
    page[20:60, 80:88] = 0
    return page


def test_every_stage_has_its_picture():
    page = draw_two_bars()
    reading = read_digits(page, StubClassifier(["1"]))
    stages = step_images(page, reading, ModelCard("stub"))
    assert list(stages) == ["gray", "ink", "sorted", "boxes", "input"]
    assert stages["gray"].shape == stages["ink"].shape == (80, 120)
    assert stages["boxes"].shape == (80, 120, 3)
    assert all(stage.dtype == np.uint8 for stage in stages.values())
    assert np.array_equal(stages["ink"] == 0, page[:, :, 0] == 0)
    assert np.array_equal(stages["boxes"][40, 34], [0, 0, 0]), "the picture is under the boxes"
    assert not np.array_equal(stages["boxes"], page)


def test_the_sheet_holds_what_the_model_saw():
    page = draw_two_bars()
    card = ModelCard("stub", input_size=32)
    reading = read_digits(page, StubClassifier(["1"], card=card))
    sheet = step_images(page, reading, card)["input"]
    fields = model_input([digit.crop for digit in reading.digits], card)[:, :, :, 0]
    assert np.array_equal(sheet[4:68:2, 4:68:2], fields[0])
    assert np.array_equal(sheet[4:68:2, 72:136:2], fields[1])


def test_a_reading_whose_steps_were_not_kept():
    page = draw_two_bars()
    reading = dataclasses.replace(read_digits(page, StubClassifier(["1"])), steps=None)
    assert list(step_images(page, reading, ModelCard("stub"))) == ["boxes", "input"]


def test_a_page_without_digits():
    page = np.full((20, 30, 3), 255, np.uint8)
    stages = step_images(page, read_digits(page, StubClassifier()), ModelCard("stub"))
    assert np.array_equal(stages["boxes"], page)
    assert stages["input"].size


def make_reading(labels=("1", NOT_A_DIGIT), **steps):
    classifier = StubClassifier(labels, 1.0, ModelCard("stub", (*DIGITS, NOT_A_DIGIT)))
    reading = read_digits(draw_two_bars(), classifier)
    return dataclasses.replace(reading, steps=dataclasses.replace(reading.steps, **steps))


def test_every_piece_of_ink_has_its_fate():
    dropped = ((Box(0, 0, 9, 2), "line"), (Box(0, 9, 9, 11), "line"), (Box(5, 5, 8, 8), "blot"))
    reading = make_reading(dropped=dropped, divided=((Box(20, 20, 60, 60), 2),))
    marks = explain(reading, reading.steps)
    assert [(mark.style.name, mark.text) for mark in marks] == [
        ("left out: line", "line"),
        ("left out: line", "line"),
        ("left out: blot", "blot"),
        (REJECTED.name, ""),
        (DIGIT.name, "1"),
        (DIVIDED.name, "2 digits"),
    ]
    assert [(style.name, count) for style, count in legend_of(marks)] == [
        (DIGIT.name, 1),
        (DIVIDED.name, 1),
        (REJECTED.name, 1),
        ("left out: line", 2),
        ("left out: blot", 1),
    ]


def test_reasons_differ_by_colour_and_by_pattern_as_long_as_there_are_some():
    reading = make_reading(dropped=tuple((Box(i, i, i + 5, i + 5), f"reason {i}") for i in range(7)))
    styles = [style for style, _ in legend_of(explain(reading, reading.steps)) if "reason" in style.name]
    assert len(styles) == 7
    assert len({style.color for style in styles}) == len({style.dash for style in styles}) == 5


def test_the_headline_says_how_the_page_was_looked_at():
    assert headline(make_reading().steps) == "Read as: dark ink, one level for the page (otsu)"
    turned = make_reading(turned_deg=-3.4, method="new")
    assert headline(turned.steps) == "Read as: dark ink, new, turned by -3°"


def test_a_small_page_is_enlarged_and_a_large_one_shrunk():
    def sorted_of(reading):
        return step_images(draw_two_bars(), reading, ModelCard("stub"))["sorted"]

    small = sorted_of(make_reading())
    assert small.shape[1] >= 900
    large = sorted_of(make_reading(ink=np.zeros((2000, 5000), np.bool_)))
    assert large.shape[1] == 2400
    problem = PageProblem("The page is very dark.", "Take it in more light.")
    assert sorted_of(make_reading(problems=(problem,))).shape[0] == small.shape[0] + 22
