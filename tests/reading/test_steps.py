"""Every stage of a reading as a picture, the last exactly what the model saw."""

from __future__ import annotations

import dataclasses

import numpy as np

from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier, model_input
from hdr.reading.pipeline import read_digits
from hdr.reading.steps import step_images


def draw_two_bars():
    page = np.full((80, 120, 3), 255, np.uint8)
    page[20:60, 30:38] = 0
    page[20:60, 80:88] = 0
    return page


def test_every_stage_has_its_picture():
    page = draw_two_bars()
    reading = read_digits(page, StubClassifier(["1"]))
    stages = step_images(page, reading, ModelCard("stub"))
    assert list(stages) == ["gray", "ink", "boxes", "input"]
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
    assert np.array_equal(sheet[2:34, 2:34], fields[0])
    assert np.array_equal(sheet[2:34, 36:68], fields[1])


def test_a_reading_whose_steps_were_not_kept():
    page = draw_two_bars()
    reading = dataclasses.replace(read_digits(page, StubClassifier(["1"])), steps=None)
    assert list(step_images(page, reading, ModelCard("stub"))) == ["boxes", "input"]


def test_a_page_without_digits():
    page = np.full((20, 30, 3), 255, np.uint8)
    stages = step_images(page, read_digits(page, StubClassifier()), ModelCard("stub"))
    assert np.array_equal(stages["boxes"], page)
    assert stages["input"].size
