from __future__ import annotations

import numpy as np

from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.data.negatives import NAMES
from hdr.geometry import Box
from hdr.reading.judging import are_digits
from hdr.reading.pipeline import read_digits
from hdr.vision.segment import Region

REGIONS = [Region(Box.from_xywh(30 * i, 5, 12, 20), np.ones((20, 12), np.bool_)) for i in range(10)]
STRENGTH = np.full((30, 300), 255, np.uint8)


def says(*labels: str) -> StubClassifier:
    return StubClassifier(labels, card=ModelCard(name="stub", labels=NAMES))


def test_most_must_look_like_digits_to_be_digits() -> None:
    assert are_digits(REGIONS, STRENGTH, says("1", "2", "3", "4", "none"))
    assert not are_digits(REGIONS, STRENGTH, says("1", "none"))


def test_where_there_is_nothing_nobody_is_asked() -> None:
    stub = says("none")
    assert are_digits([], STRENGTH, stub)
    assert stub.calls == []


def test_faint_ink_that_is_no_digits_is_not_looked_at_again() -> None:
    page = np.full((300, 400), 240, np.uint8)
    for index in range(8):
        page[20:60, 20 + 45 * index : 28 + 45 * index] = 30 if index % 2 else 200
        page[20:27, 20 + 45 * index : 40 + 45 * index] = 30 if index % 2 else 200
    for label, method, found in (("7", "two levels", 8), ("none", "otsu", 4)):
        reading = read_digits(page, says(label))
        assert reading.steps is not None
        assert (reading.steps.method, len(reading.digits)) == (method, found)
