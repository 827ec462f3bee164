from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.classify.classifier import Prediction
from hdr.geometry import Box
from hdr.reading.following import Followers, Track
from hdr.reading.judging import Labelled
from hdr.vision.normalize import Crop

LABELS = ("1", "7", "none")
Shown = list[tuple[Crop, Prediction, Track]]


def digit(label: str = "7", x: int = 0, y: int = 0, confidence: float = 0.98, height: int = 60) -> Labelled:
    told = np.full(len(LABELS), (1 - confidence) / 2, np.float32)
    told[LABELS.index(label)] = confidence
    crop = Crop(np.full((height, 40), 255, np.uint8), Box.from_xywh(x, y, 40, height))
    return crop, Prediction(LABELS, told)


def text(shown: Shown) -> str:
    return "".join(one.label for _, one, _ in sorted(shown, key=lambda one: one[0].box.x0))


def test_the_first_frame_is_shown_at_once() -> None:
    shown = Followers().update([digit("1"), digit("7", 100)])
    assert text(shown) == "17"
    assert [track for _, _, track in shown] == [Track(0, 1, False, False), Track(1, 1, False, False)]


def test_what_is_seen_for_a_moment_is_never_shown() -> None:
    followers = Followers()
    followers.update([digit("1")])
    assert text(followers.update([digit("1"), digit("7", 100)])) == "1"
    assert text(followers.update([digit("1")])) == "1"
    shown = [text(followers.update([digit("1"), digit("7", 200)])) for _ in range(3)]
    assert shown == ["1", "1", "17"]


def test_what_vanishes_for_a_moment_is_kept_and_then_dropped() -> None:
    followers = Followers()
    for _ in range(20):
        followers.update([digit("1"), digit("7", 100)])
    kept = [text(followers.update([digit("1")])) for _ in range(10)]
    assert kept == ["17"] * 5 + ["1"] * 5


def test_what_was_hardly_seen_is_hardly_kept() -> None:
    followers = Followers()
    for _ in range(2):
        followers.update([digit("1"), digit("7", 100)])
    assert [text(followers.update([digit("1")])) for _ in range(4)] == ["17", "17", "1", "1"]


def test_where_something_else_is_asked_for_nothing_is_held() -> None:
    followers = Followers()
    for _ in range(9):
        followers.update([digit("1"), digit("7", 100)])
    assert text(followers.update([digit("1"), digit("7", 200)], anew=True)) == "17"
    assert text(followers.update([digit("1")])) == "17"


def test_where_there_is_still_ink_it_is_kept_for_longer_but_not_for_good() -> None:
    followers = Followers()
    for _ in range(20):
        followers.update([digit("1"), digit("7", 100)])
    ink = np.ones((60, 300), np.bool_)
    kept = [text(followers.update([digit("1")], ink=ink)) for _ in range(20)]
    assert kept == ["17"] * 15 + ["1"] * 5


def test_what_another_covers_is_gone_at_once() -> None:
    followers = Followers()
    for _ in range(3):
        followers.update([digit("1"), digit("7", 100, height=20)])
    joined = Crop(np.full((60, 140), 255, np.uint8), Box(0, 0, 140, 60))
    assert text(followers.update([(joined, digit("1")[1])])) == "1"


def test_a_digit_is_told_to_be_new_once_it_is_settled_and_only_then() -> None:
    followers = Followers()
    tracks = [followers.update([digit()])[0][2] for _ in range(10)]
    assert [track.new for track in tracks].count(True) == 1
    first = next(track for track in tracks if track.new)
    assert first.settled
    assert first.age == 3
    assert [track.age for track in tracks] == list(range(1, 11))


def test_a_digit_rewritten_in_its_place_is_another_one() -> None:
    followers = Followers()
    for _ in range(10):
        old = followers.update([digit("7")])[0][2]
    tracks = [followers.update([digit("1")])[0] for _ in range(10)]
    assert tracks[-1][1].label == "1"
    assert tracks[-1][2].id != old.id
    assert [track.new for _, _, track in tracks].count(True) == 1


def test_a_box_does_not_tremble_but_follows_what_moves() -> None:
    followers = Followers()
    first = followers.update([digit(x=50)])[0][0].box
    for x in (51, 49, 52, 50):
        assert followers.update([digit(x=x)])[0][0].box == first
    for x in range(60, 120, 10):
        assert followers.update([digit(x=x)])[0][0].box.x0 == x


def test_confidence_near_the_least_does_not_make_a_digit_blink() -> None:
    followers = Followers()
    shown = [len(followers.update([digit(confidence=0.81 + 0.02 * (-1) ** i)], min_confidence=0.8)) for i in range(20)]
    assert shown == [0] * shown.count(0) + [1] * shown.count(1)
    assert 1 in shown
    assert followers.update([digit(confidence=0.3)] * 1, min_confidence=0.99) == []


def test_without_steadiness_each_frame_speaks_for_itself() -> None:
    followers = Followers()
    assert text(followers.update([digit("1"), digit("7", 100)], steady=False)) == "17"
    assert text(followers.update([digit("7", 3), digit("none", 100)], steady=False)) == "7none"
    assert text(followers.update([digit("1", 200)], steady=False)) == "1"


def test_forgetting_goes_on_with_the_numbers() -> None:
    followers = Followers()
    last = followers.update([digit()])[0][2].id
    followers.reset()
    assert followers.update([digit()])[0][2].id > last


def test_a_model_with_other_labels_begins_anew() -> None:
    followers = Followers()
    followers.update([digit()])
    other = Prediction(("a", "b"), np.array([0.9, 0.1], np.float32))
    assert text(followers.update([(digit()[0], other)])) == "a"


def test_of_a_frame_of_noise_only_so_many_are_followed_digits_first() -> None:
    followers = Followers()
    noise = [digit("none", 50 * (i % 60), 70 * (i // 60)) for i in range(2000)]
    shown = followers.update([*noise, digit("7", 5000)])
    assert len(shown) == 500
    assert text(shown).endswith("7")


SPOTS = st.tuples(st.sampled_from(LABELS), st.integers(0, 5), st.integers(-3, 3))
SCENES = st.lists(st.lists(SPOTS, max_size=5, unique_by=lambda spot: spot[1]), max_size=15)


@settings(max_examples=50, deadline=None)
@given(SCENES)
def test_numbers_are_never_given_twice_and_few_are_kept(frames) -> None:  # type: ignore[no-untyped-def]  # hypothesis
    followers, ended, before = Followers(), set[int](), set[int]()
    for frame in frames:
        shown = followers.update([digit(label, 100 * spot + jitter) for label, spot, jitter in frame])
        now = [track.id for _, _, track in shown]
        assert len(set(now)) == len(now) <= 20
        assert not ended & set(now)
        ended |= before - set(now)
        before = set(now)


@settings(max_examples=50, deadline=None)
@given(SCENES, st.randoms(use_true_random=False))
def test_the_order_in_which_crops_come_does_not_matter(frames, random) -> None:  # type: ignore[no-untyped-def]  # as above
    one, other = Followers(), Followers()
    for frame in frames:
        crops = [digit(label, 100 * spot + jitter) for label, spot, jitter in frame]
        mixed = random.sample(crops, len(crops))
        assert told(one.update(crops)) == told(other.update(mixed))


def told(shown: Shown) -> list[tuple[Box, str, Track]]:
    return [(crop.box, one.label, track) for crop, one, track in shown]


@pytest.mark.parametrize("count", [0, 1, 30])
def test_a_page_of_any_number_of_digits_is_followed(count: int) -> None:
    followers = Followers()
    page = [digit("7", 100 * (i % 10), 100 * (i // 10)) for i in range(count)]
    for _ in range(3):
        shown = followers.update(page)
    assert [track.id for _, _, track in shown] == list(range(count))
