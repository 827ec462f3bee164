from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdr.bench.generate import TruePage, compose_page
from hdr.bench.hand import written_digits
from hdr.classify.classifier import StubClassifier
from hdr.classify.loading import load_classifier
from hdr.geometry import iou
from hdr.reading.pipeline import read_digits
from hdr.settings import Settings
from hdr.vision.segment import find_regions

AUTO = Settings()
OFF = AUTO.replace("read", turn="off")


@pytest.fixture(scope="module")
def page() -> TruePage:
    return compose_page(*written_digits(200, np.random.default_rng(8)), np.random.default_rng(8))


def turned(image: np.ndarray, clockwise_deg: float) -> np.ndarray:
    """A page on a sheet that holds it, turned."""
    if clockwise_deg % 90 == 0:
        return np.ascontiguousarray(np.rot90(image, -round(clockwise_deg / 90)))
    height, width = image.shape[:2]
    side = int(np.hypot(height, width)) + 1
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -clockwise_deg, 1.0)
    matrix[:, 2] += (side - width) / 2, (side - height) / 2
    paper = [int(v) for v in np.median(image, axis=(0, 1))]
    return np.asarray(cv2.warpAffine(image, matrix, (side, side), borderValue=paper))


@pytest.mark.parametrize("degrees", [90, 180, 270, 20, -35, 70, 150])
def test_a_turned_page_is_read_like_an_upright_one(page: TruePage, degrees: float) -> None:
    reading = read_digits(turned(page.image, degrees), load_classifier())
    assert reading.text == "\n".join(page.rows)
    assert reading.steps is not None
    back = (reading.steps.turned_deg + degrees + 180) % 360 - 180
    assert back == pytest.approx(0, abs=2)


def test_a_page_that_reads_well_is_not_turned(page: TruePage) -> None:
    classifier = load_classifier()
    reading = read_digits(page.image, classifier)
    assert reading.steps is not None
    assert reading.steps.turned_deg == 0
    off = read_digits(page.image, classifier, OFF)
    assert [digit.box for digit in reading.digits] == [digit.box for digit in off.digits]


def test_boxes_lie_on_the_page_as_it_is_and_crops_are_upright(page: TruePage) -> None:
    classifier = load_classifier()
    upright = read_digits(page.image, classifier, OFF)
    sideways = read_digits(turned(page.image, 90), classifier)
    height = page.image.shape[0]
    assert sideways.size == (height, page.image.shape[1])
    for one, other in zip(upright.digits, sideways.digits, strict=True):
        assert (other.box.x0, other.box.y0) == (height - one.box.y1, one.box.x0)
        assert np.array_equal(one.crop.pixels, other.crop.pixels)


def test_boxes_on_a_sloping_page_are_tight_around_the_ink(page: TruePage) -> None:
    reading = read_digits(turned(page.image, 25), load_classifier())
    assert reading.steps is not None
    assert reading.steps.turned_deg
    ink = [region.box for region in find_regions(reading.steps.ink).regions]
    best = [max(iou(digit.box, box) for box in ink) for digit in reading.digits]
    assert np.median(best) > 0.85


def test_dropped_ink_is_told_where_it_lies(page: TruePage) -> None:
    image = page.image.copy()
    image[340:342, 200:800] = 40  # a ruled line
    plain = read_digits(image, load_classifier(), OFF).steps
    sideways = read_digits(turned(image, 180), load_classifier()).steps
    assert plain is not None
    assert sideways is not None
    assert sideways.turned_deg == 180
    height, width = image.shape[:2]
    line = next(box for box, reason in plain.dropped if reason == "line")
    there = next(box for box, reason in sideways.dropped if reason == "line")
    assert iou(there, type(there)(width - line.x1, height - line.y1, width - line.x0, height - line.y0)) > 0.5


def test_a_turn_can_be_forbidden_and_prescribed(page: TruePage) -> None:
    classifier = load_classifier()
    sideways = turned(page.image, 90)
    forbidden = read_digits(sideways, classifier, OFF)
    assert forbidden.steps is not None
    assert forbidden.steps.turned_deg == 0
    assert forbidden.text != "\n".join(page.rows)
    prescribed = read_digits(sideways, classifier, AUTO.replace("read", turn=-90))
    assert prescribed.steps is not None
    assert prescribed.steps.turned_deg == -90
    assert prescribed.text == "\n".join(page.rows)


def test_a_page_is_turned_as_prescribed_even_without_a_word_on_it() -> None:
    reading = read_digits(np.full((40, 60, 3), 255, np.uint8), StubClassifier(), AUTO.replace("read", turn=30))
    assert (reading.digits, reading.size) == ((), (60, 40))


def test_two_digits_do_not_turn_a_page() -> None:
    image = np.full((200, 300, 3), 255, np.uint8)
    image[80:86, 60:120] = 0
    image[60:120, 200:206] = 0
    stub = StubClassifier(confidence=0.3)
    reading = read_digits(image, stub, AUTO.replace("ink", polarity="dark"))
    assert reading.steps is not None
    assert reading.steps.turned_deg == 0
    assert len(stub.calls) == 1


def test_letters_that_are_digits_upside_down_turn_nothing() -> None:
    image = np.full((400, 700, 3), 255, np.uint8)
    for row, text in enumerate(("TTC 698", "CCT 0692", "TCT 1801")):
        cv2.putText(image, text, (40, 110 + 110 * row), cv2.FONT_HERSHEY_SIMPLEX, 2.6, (0, 0, 0), 11, cv2.LINE_AA)
    reading = read_digits(image, load_classifier())
    assert reading.steps is not None
    assert reading.steps.turned_deg == 0


def test_strips_on_end_are_no_column_of_ones() -> None:
    image = np.full((500, 900, 3), 255, np.uint8)
    for row in range(5):
        cv2.polylines(image, [np.array([(40 + 20 * i, 60 + 90 * row + 30 * (i % 2)) for i in range(25)])], False, 0, 5)
    reading = read_digits(image, load_classifier())
    assert reading.steps is not None
    assert (reading.text, reading.steps.turned_deg) == ("", 0)


def test_a_classifier_that_finds_every_side_alike_turns_nothing(page: TruePage) -> None:
    reading = read_digits(page.image, StubClassifier(confidence=0.5))
    assert reading.steps is not None
    assert reading.steps.turned_deg == 0
