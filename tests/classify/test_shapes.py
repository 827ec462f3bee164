from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.shapes import (
    ModelFacts,
    at_once,
    bare_card,
    check_shapes,
    feed,
    find_kind,
    probe_pictures,
    to_probabilities,
)
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


def _reader(black: float, white: float, gain: float = 1.0) -> Callable[[NDArray[Any]], NDArray[np.float32]]:
    """A model that knows each print by heart, where black and white are to it what it has learned."""
    kind = check_shapes("m", ModelFacts((28, 28), FLOAT, 10), None)
    known = probe_pictures(kind).reshape(10, -1) / 255
    templates = known - known.mean(axis=0)

    def run(batch: NDArray[Any]) -> NDArray[np.float32]:
        ink = (batch.reshape(len(batch), -1) - black) / (white - black)
        odd = np.abs(ink - np.clip(ink, -0.1, 1.1)).sum(axis=1, keepdims=True)  # what it never saw it takes for 0
        return np.asarray(gain * ink @ templates.T + odd * (np.arange(10) == 0), np.float32)

    return run


@pytest.mark.parametrize("feed_of", [(0, 1), (0, 255), (-1, 1), (-0.4242, 2.8215), (1, 0), (255, 0)])
def test_what_black_and_white_are_to_a_model_is_found_by_asking_it(feed_of: tuple[float, float]) -> None:
    facts = ModelFacts((28, 28), FLOAT, 10)
    kind = find_kind(_reader(*feed_of), "m", facts, None, None)
    card = bare_card("m", 10, kind)
    assert (card.input_black, card.input_max) == pytest.approx(feed_of)
    assert check_shapes("m", facts, ModelCard.from_json(card.to_json())) == kind


def test_a_model_that_reads_no_print_is_fed_plainly() -> None:
    facts = ModelFacts((28, 28), FLOAT, 10)
    nothing = find_kind(lambda batch: np.zeros((len(batch), 10), np.float32), "m", facts, None, None)
    assert nothing == check_shapes("m", facts, None)
    names = tuple("abcdefghij")  # labels without the digits: there is nothing to ask it
    assert find_kind(_reader(0, 255), "m", facts, None, names) == nothing


def test_a_quantised_input_is_as_wide_as_its_own_range() -> None:
    signed = check_shapes("m", ModelFacts((1,), SIGNED, 10, (2 / 255, 0)), None)  # -1 to 1
    byte = check_shapes("m", ModelFacts((1,), BYTE, 10, (2 / 255, 127)), None)
    ends = np.array([0, 255], np.uint8).reshape(2, 1, 1, 1)
    assert feed(ends, signed).ravel().tolist() == [-128, 127]
    assert feed(ends, byte).ravel().tolist() == [0, 255]


def test_a_type_that_holds_no_picture_is_refused() -> None:
    with pytest.raises(ModelMismatchError, match="int64"):
        check_shapes("m", ModelFacts((28, 28), np.dtype(np.int64), 10), None)


def test_probabilities_stay_and_logits_become_some() -> None:
    sure = np.array([[0.25, 0.75]], np.float32)
    assert np.allclose(to_probabilities(sure), sure)
    logits = to_probabilities(np.array([[-3.0, 4.0]], np.float32))
    assert logits.sum() == pytest.approx(1)
    assert logits[0, 1] > 0.99


def test_classes_that_were_asked_for_one_by_one_are_shared_out() -> None:
    sigmoids = to_probabilities(np.array([[0.9, 0.05, 0.05, 0.8]], np.float32))
    assert sigmoids[0] == pytest.approx([0.5, 1 / 36, 1 / 36, 4 / 9])
    rounded = np.full((1, 47), 4 / 256, np.float32)  # 8 bits of many labels add up to less than 1
    assert to_probabilities(rounded)[0] == pytest.approx(1 / 47)


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
