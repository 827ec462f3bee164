from __future__ import annotations

import numpy as np
import pytest

from hdr.classify.card import ModelCard
from hdr.classify.shapes import ModelFacts, at_once, check_shapes, feed, to_probabilities
from hdr.errors import ModelMismatchError

FLOAT, BYTE, SIGNED = np.dtype(np.float32), np.dtype(np.uint8), np.dtype(np.int8)


@pytest.mark.parametrize(
    ("shape", "size", "channels"),
    [((28, 28, 1), 28, 1), ((28, 28), 28, 1), ((784,), 28, 1), ((32, 32, 3), 32, 3), ((1024,), 32, 1)],
)
def test_the_shape_tells_size_and_channels(shape: tuple[int, ...], size: int, channels: int) -> None:
    kind = check_shapes("m", ModelFacts(shape, FLOAT, 10), None)
    assert (kind.size, kind.channels) == (size, channels)
    assert feed(np.zeros((3, size, size, channels), np.uint8), kind).shape == (3, *shape)


@pytest.mark.parametrize(
    "shape", [(), (785,), (28, 27, 1), (28, 28, 2), (1, 28, 28, 1), (0, 0, 1), (0,), (4096, 4096, 1)]
)
def test_any_other_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelMismatchError, match="takes samples of shape"):
        check_shapes("m", ModelFacts(shape, FLOAT, 10), None)


def test_without_a_card_only_ten_outputs_tell_their_labels() -> None:
    with pytest.raises(ModelMismatchError, match="26 outputs"):
        check_shapes("m", ModelFacts((28, 28, 1), FLOAT, 26), None)


@pytest.mark.parametrize(
    ("card", "what"),
    [
        (ModelCard("m", input_size=32), "input size 28; its card says 32"),
        (ModelCard("m", channels=3), "channels 1; its card says 3"),
        (ModelCard("m", labels=("a", "b")), "outputs 10; its card says 2"),
    ],
)
def test_a_card_that_says_otherwise_is_named(card: ModelCard, what: str) -> None:
    with pytest.raises(ModelMismatchError, match=what):
        check_shapes("m", ModelFacts((28, 28, 1), BYTE, 10), card)


@pytest.mark.parametrize(
    ("facts", "card", "white"),
    [
        (ModelFacts((1,), BYTE, 10), None, 255),
        (ModelFacts((1,), FLOAT, 10), None, 1),
        (ModelFacts((1,), FLOAT, 10, largest=255), None, 255),
        (ModelFacts((1,), FLOAT, 10), ModelCard("m", input_size=1), 255),
        (ModelFacts((1,), FLOAT, 10), ModelCard("m", input_size=1, input_max=1), 1),
        (ModelFacts((1,), BYTE, 10, (1 / 255, 0)), None, 255),
        (ModelFacts((1,), SIGNED, 10, (1 / 255, -128)), None, 127),
        (ModelFacts((1,), SIGNED, 10, (1.0, -128)), None, 127),
        (ModelFacts((1,), SIGNED, 10), None, 127),
    ],
)
def test_white_is_fed_as_the_model_wants_it(facts: ModelFacts, card: ModelCard | None, white: float) -> None:
    kind = check_shapes("m", facts, card)
    fed = feed(np.array([255, 0], np.uint8).reshape(2, 1, 1, 1), kind)
    assert fed.dtype == facts.dtype
    assert fed[0, 0] == white
    assert fed[1, 0] == (-128 if facts.dtype == SIGNED else 0)


def test_a_type_that_holds_no_picture_is_refused() -> None:
    with pytest.raises(ModelMismatchError, match="int64"):
        check_shapes("m", ModelFacts((28, 28), np.dtype(np.int64), 10), None)


def test_probabilities_stay_and_logits_become_some() -> None:
    sure = np.array([[0.25, 0.75]], np.float32)
    assert np.allclose(to_probabilities(sure), sure)
    logits = to_probabilities(np.array([[-3.0, 4.0]], np.float32))
    assert logits.sum() == pytest.approx(1)
    assert logits[0, 1] > 0.99


def test_numbers_that_are_none_give_even_odds_and_never_nan() -> None:
    odds = to_probabilities(np.array([[np.nan, np.nan], [np.inf, 0]], np.float32))
    assert np.allclose(odds[0], 0.5)
    assert odds[1, 0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("shape", "samples"),
    [((28, 28, 1), 256), ((784,), 256), ((96, 96, 3), 72), ((224, 224, 3), 13), ((1024, 1024, 3), 8)],
)
def test_of_large_pictures_fewer_are_given_to_a_model_at_once(shape: tuple[int, ...], samples: int) -> None:
    assert at_once(shape, 256) == samples
    assert at_once(shape, 3) == 3
