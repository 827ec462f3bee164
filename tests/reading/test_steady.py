from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.reading.steady import Votes

LABELS = ("1", "7", "none")
ALL = np.array([0])


def says(label: str, confidence: float = 0.98) -> np.ndarray:
    """One frame's probabilities of one digit."""
    told = np.full((1, len(LABELS)), (1 - confidence) / 2)
    told[0, LABELS.index(label)] = confidence
    return told


def votes(*frames: np.ndarray) -> Votes:
    told = Votes(LABELS)
    told.begin(frames[0])
    for frame in frames[1:]:
        told.vote(ALL, frame)
    return told


def shown(told: Votes) -> str:
    return told.predictions()[0].label


def test_the_first_frame_is_believed_until_there_is_more() -> None:
    assert shown(votes(says("7"))) == "7"
    assert not votes(says("7")).settled[0]


def test_a_label_settles_with_evidence() -> None:
    assert votes(*[says("7")] * 3).settled[0]
    assert not votes(*[says("7", 0.4)] * 3).settled[0]
    assert not votes(says("7"), says("1"), says("7")).settled[0]


@pytest.mark.parametrize("label", ["1", "none"])
def test_a_change_is_shown_within_a_few_frames_and_not_at_once(label: str) -> None:
    told = votes(*[says("7")] * 50)
    for _ in range(2):
        assert not told.vote(ALL, says(label))[0]
        assert shown(told) == "7"
    frames = 2
    while shown(told) == "7":
        frames += 1
        changed = told.vote(ALL, says(label))
    assert changed[0]
    assert frames <= 4
    assert shown(told) == label


def test_frames_that_disagree_now_and_then_change_nothing() -> None:
    told = votes(*[says("7")] * 5)
    for _ in range(200):
        told.vote(ALL, says("1"))
        told.vote(ALL, says("7"))
        assert shown(told) == "7"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_digit_that_might_be_either_does_not_flip(seed: int) -> None:
    rng = np.random.default_rng(seed)
    told = votes(says("7", 0.5))
    flips, before = 0, "7"
    for _ in range(100):
        one = float(np.clip(rng.normal(0.5, 0.15), 0.05, 0.95))
        told.vote(ALL, np.array([[one, 0.99 - one, 0.01]]))
        flips += shown(told) != before
        before = shown(told)
    assert flips <= 1


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.floats(0.34, 1.0)), min_size=1, max_size=40))
def test_what_is_shown_is_always_the_likeliest_and_sums_to_one(frames: list[tuple[str, float]]) -> None:
    told = votes(*[says(*frame) for frame in frames])
    prediction = told.predictions()[0]
    assert prediction.label == LABELS[told.shown[0]]
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert (prediction.probabilities >= 0).all()


@given(st.permutations(range(4)))
def test_digits_do_not_hear_each_other(order: list[int]) -> None:
    frames = np.concatenate([says("1"), says("7"), says("none"), says("7", 0.5)])
    one, other = Votes(LABELS), Votes(LABELS)
    one.begin(frames)
    other.begin(frames[order])
    for _ in range(4):
        one.vote(np.arange(4), frames[::-1])
        other.vote(np.arange(4), frames[::-1][order])
    one.keep(order)
    assert one.shown.tolist() == other.shown.tolist()
    for a, b in zip(one.predictions(), other.predictions(), strict=True):
        np.testing.assert_allclose(a.probabilities, b.probabilities, rtol=1e-5)


def test_each_frame_can_be_followed_without_holding_anything() -> None:
    told = votes(*[says("7")] * 10)
    told.follow(ALL, says("1", 0.4))
    assert shown(told) == "1"
