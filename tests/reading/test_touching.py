from __future__ import annotations

import numpy as np
import pytest

from hdr.bench.generate import PageStyle, TruePage, compose_page
from hdr.bench.hand import written_digits
from hdr.bench.scoring import PageAnswer, PageScore, score_page
from hdr.classify.card import ModelCard
from hdr.classify.classifier import Prediction, StubClassifier
from hdr.classify.loading import load_classifier
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.geometry import Box
from hdr.reading.pipeline import read_digits
from hdr.reading.touching import divide, is_one_digit, may_touch, typical_heights
from hdr.settings import Settings
from hdr.vision.segment import Region
from hdr.vision.split import Pieces


def region(x: int, width: int, height: int = 50) -> Region:
    return Region(Box.from_xywh(x, 0, width, height), np.ones((height, width), np.bool_))


def told(label: str, confidence: float) -> Prediction:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[int(label)] = confidence
    return Prediction(DIGITS, probabilities)


WHOLE = region(0, 64)
TWO = Pieces(3, ((0, 1), (0, 2), (1, 2)), (region(0, 32), WHOLE, region(32, 32)), (0.0, 1.0, 0.0))


def test_two_sure_halves_beat_an_unsure_whole() -> None:
    predictions = [told("3", 0.97), told("8", 0.4), told("5", 0.96)]
    assert divide(WHOLE, told("8", 0.4), TWO, predictions) == [0, 2]


def test_unsure_halves_leave_the_whole() -> None:
    predictions = [told("3", 0.4), told("8", 0.4), told("5", 0.4)]
    assert divide(WHOLE, told("8", 0.4), TWO, predictions) == []


def test_a_digit_is_not_cut_through_its_loop() -> None:
    loop = Pieces(TWO.nodes, TWO.spans, TWO.regions, (0.0, 4.0, 0.0))
    predictions = [told("1", 0.97), told("0", 0.85), told("1", 0.97)]
    assert divide(WHOLE, told("0", 0.85), loop, predictions) == []


def test_a_letter_of_slanted_strokes_is_not_two_ones() -> None:
    ones = [told("1", 0.97), told("8", 0.1), told("1", 0.97)]
    letter = Prediction((*DIGITS, NOT_A_DIGIT), np.append(np.full(10, 0.02, np.float32), np.float32(0.8)))
    assert divide(WHOLE, letter, TWO, ones) == []
    assert divide(WHOLE, letter, TWO, [told("1", 0.97), told("8", 0.1), told("3", 0.97)]) == [0, 2]


def test_a_long_run_may_hold_a_badly_cut_digit() -> None:
    parts = tuple(region(32 * i, 32) for i in range(6))
    run = Pieces(7, tuple((i, i + 1) for i in range(6)), parts, (0.0,) * 7)
    predictions = [told("3", 0.97)] * 5 + [told("5", 0.4)]
    assert divide(region(0, 192), told("1", 0.2), run, predictions) == list(range(6))
    assert divide(region(0, 192), told("1", 0.2), run, [told("3", 0.97)] * 2 + [told("5", 0.4)] * 4) == []


def test_ways_that_do_not_reach_the_end_are_none() -> None:
    broken = Pieces(3, ((0, 1),), (region(0, 32),), (0.0, 1.0, 0.0))
    assert divide(WHOLE, told("8", 0.4), broken, [told("3", 0.99)]) == []


@pytest.mark.parametrize(
    ("width", "confidence", "suspect"), [(30, 0.3, False), (46, 0.99, False), (46, 0.6, True), (70, 0.99, True)]
)
def test_what_is_worth_cutting(width: int, confidence: float, suspect: bool) -> None:
    assert may_touch(region(0, width), told("0", confidence), 50.0) is suspect


def test_ink_of_few_pixels_is_never_cut() -> None:
    assert not may_touch(region(0, 30, 8), told("0", 0.1), 8.0)


def test_the_widest_digit() -> None:
    assert is_one_digit(region(0, 100))
    assert not is_one_digit(region(0, 200))


def test_the_usual_height_is_that_of_what_is_about_as_large() -> None:
    assert typical_heights([]) == []
    assert typical_heights([region(0, 9, 10), region(0, 9, 30), region(0, 9, 20)]) == [20, 20, 20]
    print_and_writing = [region(0, 9, height) for height in (10, 11, 12, 80, 90)]
    assert typical_heights(print_and_writing) == [11, 11, 11, 85, 85]


def pages(gap: float) -> list[TruePage]:
    style = PageStyle(gap=gap, columns=10)
    rngs = [np.random.default_rng(seed) for seed in (1, 2, 3)]
    return [compose_page(*written_digits(100, rng), rng, style) for rng in rngs]


def found_f1(made: list[TruePage], split: bool) -> float:
    score, classifier = PageScore(), load_classifier()
    for page in made:
        reading = read_digits(page.image, classifier, Settings().replace("segment", split=split))
        score += score_page(page, PageAnswer(reading.text, tuple((d.box, d.label) for d in reading.digits)))
    return score.found_f1


def test_touching_digits_are_told_apart() -> None:
    touching = pages(-0.02)
    assert found_f1(touching, split=True) > 0.85
    assert found_f1(touching, split=True) > found_f1(touching, split=False) + 0.05


def test_digits_that_do_not_touch_are_left_alone() -> None:
    apart = pages(0.4)
    assert found_f1(apart, split=True) >= found_f1(apart, split=False) - 0.005


def test_a_model_of_other_labels_is_never_asked_about_pieces() -> None:
    stub = StubClassifier(["cat"], card=ModelCard("pets", ("cat", "dog")))
    read_digits(pages(-0.1)[0].image, stub)
    assert len(stub.calls) == 1


@pytest.mark.parametrize("split", [True, False])
def test_a_word_that_nothing_divides_is_no_digit(split: bool) -> None:
    page = np.full((200, 600), 255, np.uint8)
    for x in (40, 100, 160):
        page[60:110, x : x + 30] = 0
        page[65:105, x + 5 : x + 25] = 255
    page[60:110, 250:450] = 0
    page[65:105, 255:445] = 255
    reading = read_digits(page, StubClassifier(["0"], 0.3), Settings().replace("segment", split=split))
    assert [digit.box.x0 for digit in reading.digits] == [40, 100, 160]


def test_a_page_of_noise_is_not_cut_to_pieces() -> None:
    noise = np.where(np.random.default_rng(0).random((900, 1200)) < 0.3, 0, 255).astype(np.uint8)
    stub = StubClassifier(confidence=0.5)
    read_digits(noise, stub, Settings().replace("ink", polarity="dark"))
    assert stub.calls[0] > 300
    assert len(stub.calls) == 1
