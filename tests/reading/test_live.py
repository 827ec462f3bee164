from __future__ import annotations

import dataclasses
import itertools

import cv2
import numpy as np
import pytest

from hdr.bench.generate import TruePage
from hdr.bench.live import as_answer
from hdr.bench.live_scenes import EVEN, FPS, HARD, IN_HAND, Scene, film, our_digits
from hdr.bench.scoring import PageScore, score_page
from hdr.classify.card import ModelCard
from hdr.classify.classifier import Classifier, StubClassifier
from hdr.classify.loading import load_classifier
from hdr.errors import ModelMismatchError
from hdr.reading.live import LiveReader, LiveReading
from hdr.reading.pipeline import read_digits
from hdr.settings import Settings
from hdr.vision.normalize import PICTURE

SMALL = {"size": (320, 240), "digit_px": 36}
Film = list[tuple[np.ndarray, TruePage]]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier()


def shots(scene: Scene = EVEN, count: int = 10, seed: int = 1, **changes: object) -> Film:
    return film(dataclasses.replace(scene, **{**SMALL, **changes}), our_digits(), count, seed)


def read_all(reader: LiveReader, frames: Film, start: int = 0) -> list[LiveReading]:
    return [reader.read(frame, (start + number) / FPS) for number, (frame, _) in enumerate(frames)]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("scene", [EVEN, HARD], ids=["even", "hard"])
def test_a_still_frame_is_read_as_a_picture_is(classifier: Classifier, scene: Scene, seed: int) -> None:
    frame, _ = shots(scene, 4, seed)[1]
    expected = read_digits(frame, classifier).text
    reader = LiveReader(classifier)
    told = read_all(reader, [(frame, None)] * 3)  # type: ignore[list-item]  # its truth is not asked for
    assert [live.reading.text for live in told] == [expected] * 3


def test_digits_are_found_in_a_shadow_that_moves_in_noise_and_on_a_slope(classifier: Classifier) -> None:
    frames = shots(HARD, 30)
    told = read_all(LiveReader(classifier), frames)
    scores = [score_page(page, as_answer(live.reading)) for (_, page), live in zip(frames, told, strict=True)]
    assert sum(scores, PageScore()).found_f1 >= 0.95


@pytest.mark.parametrize("scene", [EVEN, IN_HAND], ids=["even", "in hand"])
def test_every_digit_is_read_and_followed(classifier: Classifier, scene: Scene) -> None:
    frames = shots(scene, 30)
    told = read_all(LiveReader(classifier), frames)
    truth = "\n".join(frames[0][1].rows)
    assert {live.reading.text for live in told} == {truth}
    assert {tuple(track.id for track in live.tracks) for live in told} == {tuple(t.id for t in told[0].tracks)}
    assert all(track.settled for track in told[-1].tracks)
    assert [live.number for live in told] == list(range(30))


def test_a_label_does_not_flip_where_that_of_each_frame_does(classifier: Classifier) -> None:
    frames = shots(EVEN, 30, digit_px=15, grain=40, rows=3, columns=6)
    by_itself = LiveReader(classifier, Settings().replace("live", steady=False), reuse=False)
    texts = [
        [live.reading.text for live in read_all(reader, frames)][6:]
        for reader in (LiveReader(classifier, reuse=False), by_itself)
    ]
    changes = [sum(a != b for a, b in itertools.pairwise(each)) for each in texts]
    assert changes[0] <= 0.2 * changes[1]
    assert changes[1] > 5


def test_faint_ink_that_only_a_careful_look_finds_is_looked_for_in_every_frame(classifier: Classifier) -> None:
    page = 235 - 0.15 * (235 - shots(EVEN, 1)[0][0].astype(np.float32))
    page *= 1 - 0.7 * np.exp(-np.arange(page.shape[1]) / 4)[None, :, None]
    frame = np.clip(page, 0, 255).astype(np.uint8)
    expected = read_digits(frame, classifier)
    assert expected.steps is not None
    assert expected.steps.method == "two levels"
    reader = LiveReader(classifier, reuse=False)
    assert [reader.read(frame, number / FPS).reading.text for number in range(3)] == [expected.text] * 3


def test_ink_as_bright_as_its_paper_is_told_by_its_colour_in_every_frame(classifier: Classifier) -> None:
    gray = shots(EVEN, 1)[0][0].min(axis=2)
    frame = np.where((gray < 130)[:, :, None], (235, 120, 120), (120, 170, 150)).astype(np.uint8)
    expected = read_digits(frame, classifier)
    assert expected.steps is not None
    assert expected.steps.method == "colour"
    reader = LiveReader(classifier, reuse=False)
    assert [reader.read(frame, number / FPS).reading.text for number in range(3)] == [expected.text] * 3
    assert expected.text


def test_what_has_not_changed_is_not_classified_again() -> None:
    stub = StubClassifier()
    told = read_all(LiveReader(stub), shots(EVEN, 10))
    calls = len(stub.calls)
    assert [live.reused for live in told[1:]] == [1.0] * 9
    again = StubClassifier()
    read_all(LiveReader(again, reuse=False), shots(EVEN, 10))
    assert len(again.calls) >= calls + 9


def test_a_digit_erased_and_rewritten_is_shown_within_a_few_frames(classifier: Classifier) -> None:
    before, after = shots(EVEN, 10, 1), shots(EVEN, 10, 2)
    reader = LiveReader(classifier)
    read_all(reader, before)
    told = [live.reading.text for live in read_all(reader, after, 10)]
    truth = "\n".join(after[0][1].rows)
    assert told[7:] == [truth] * 3
    assert len({track.id for track in reader.read(after[0][0], 21 / FPS).tracks}) == 10


def test_a_stroke_of_a_few_pixels_is_not_overlooked() -> None:
    """A 1 that becomes a 7 by a short bar, in a scene that lies still and is grainy."""
    frame = np.full((240, 320), 225, np.uint8)
    cv2.line(frame, (160, 90), (160, 150), 30, 4)
    with_bar = frame.copy()
    cv2.line(with_bar, (150, 90), (160, 90), 30, 4)
    rng = np.random.default_rng(1)
    stub = StubClassifier()
    reader = LiveReader(stub)
    for number in range(6):
        noise = rng.normal(0, 3, frame.shape)
        reader.read(np.clip(frame + noise, 0, 255).astype(np.uint8), number / FPS)
    calls = len(stub.calls)
    reader.read(np.clip(with_bar + rng.normal(0, 3, frame.shape), 0, 255).astype(np.uint8), 6 / FPS)
    assert len(stub.calls) > calls


def test_light_ink_and_a_page_laid_on_its_side_are_found_out(classifier: Classifier) -> None:
    frames = shots(EVEN, 3)
    truth = "\n".join(frames[0][1].rows)
    light = [(255 - frame, page) for frame, page in frames]
    told = read_all(LiveReader(classifier), light)
    assert [live.reading.text for live in told] == [truth] * 3
    assert told[-1].reading.steps is not None
    assert told[-1].reading.steps.polarity == "light"
    upside_down = [(np.ascontiguousarray(frame[::-1, ::-1]), page) for frame, page in frames]
    told = read_all(LiveReader(classifier, reuse=False), upside_down)
    assert [live.reading.text for live in told] == [truth] * 3


def test_another_polarity_is_found_out_soon(classifier: Classifier) -> None:
    frames = shots(EVEN, 40)
    reader = LiveReader(classifier)
    read_all(reader, frames[:10])
    told = read_all(reader, [(255 - frame, page) for frame, page in frames], 10)
    assert told[-1].reading.text == "\n".join(frames[0][1].rows)


@pytest.mark.parametrize("threshold", ["auto", "otsu", "sauvola", 128])
def test_settings_may_change_between_two_frames(classifier: Classifier, threshold: str | int) -> None:
    frames = shots(EVEN, 4)
    reader = LiveReader(classifier)
    read_all(reader, frames)
    reader.settings = Settings().replace("ink", threshold=threshold, polarity="dark").replace("segment", roi="0,0,1,.5")
    told = read_all(reader, frames, 4)
    assert told[-1].reading.text == frames[0][1].rows[0]
    assert told[-1].reading.steps is not None
    assert told[-1].reading.steps.ink.shape == frames[0][0].shape[:2]


def test_a_roi_that_moves_keeps_its_boxes_on_the_frame(classifier: Classifier) -> None:
    frames = shots(IN_HAND, 6)
    reader = LiveReader(classifier, Settings().replace("segment", roi="0,0.5,1,0.5"))
    told = read_all(reader, frames)
    assert {live.reading.text for live in told} == {frames[0][1].rows[1]}
    assert all(digit.box.y0 >= 120 for digit in told[-1].reading.digits)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 40), (60, 80), (60, 80, 3)])
def test_frames_without_anything_and_of_any_size_are_read(classifier: Classifier, shape: tuple[int, ...]) -> None:
    reader = LiveReader(classifier)
    for level in (0, 255, 128):
        live = reader.read(np.full(shape, level, np.uint8), level / FPS)
        assert (live.reading.text, live.tracks) == ("", ())
        assert live.reading.size == (shape[1], shape[0])


def test_another_size_and_a_new_source_begin_anew(classifier: Classifier) -> None:
    reader = LiveReader(classifier)
    first = read_all(reader, shots(EVEN, 3))
    other = read_all(reader, shots(EVEN, 3, 2, size=(400, 300)), 3)
    assert other[-1].reading.size == (400, 300)
    reader.reset()
    again = read_all(reader, shots(EVEN, 3))
    assert again[0].reading.text == first[0].reading.text
    assert min(t.id for t in again[0].tracks) > max(t.id for t in first[0].tracks)
    assert again[0].number == 6


def test_stages_are_timed_and_time_may_stand_still_or_go_back(classifier: Classifier) -> None:
    reader = LiveReader(classifier)
    frames = shots(IN_HAND, 6)
    told = [
        reader.read(frame, time_s) for (frame, _), time_s in zip(frames, (5.0, 5.0, 4.0, 9e9, 0.0, 0.0), strict=True)
    ]
    assert {live.reading.text for live in told} == {"\n".join(frames[0][1].rows)}
    assert list(told[1].timings_ms)[:2] == ["gray", "compare"]
    assert all(ms >= 0 for live in told for ms in live.timings_ms.values())


def test_touching_digits_and_what_is_left_whole(classifier: Classifier) -> None:
    frames = shots(IN_HAND, 12, digit_px=60, columns=2)
    told = read_all(LiveReader(classifier), frames)
    assert told[-1].reading.text == "\n".join(frames[0][1].rows)


def test_a_model_of_whole_pictures_is_refused() -> None:
    with pytest.raises(ModelMismatchError, match="whole pictures"):
        LiveReader(StubClassifier(card=ModelCard("balls", geometry=PICTURE)))
