from __future__ import annotations

import dataclasses
import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from hdr.bench import live, live_cost, live_steady
from hdr.bench.live_scenes import EVEN, FULL_HD, HARD, HD, IN_HAND, SCENES, Scene, film, our_digits
from hdr.bench.live_throttled import throttled
from hdr.bench.scoring import PageAnswer
from hdr.classify.classifier import StubClassifier
from hdr.errors import HdrError
from hdr.geometry import Box
from hdr.reading.live import LiveReader

DIGITS = our_digits()


def small(scene: Scene, **changes: object) -> Scene:
    return dataclasses.replace(scene, **{"size": (320, 240), "digit_px": 36, **changes})


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_film_shows_as_many_digits_as_it_says_where_it_says(scene: Scene) -> None:
    frame, page = film(scene, DIGITS, 1)[0]
    assert frame.shape == (scene.size[1], scene.size[0], 3)
    boxes = page.boxes or ()
    assert len(boxes) == len("".join(page.rows)) == scene.rows * scene.columns
    inside = [frame[box.slices].min() < 110 for box, _ in boxes]
    assert all(inside)


def test_the_scenes_are_what_the_goals_are_for() -> None:
    told = [(scene.size, scene.rows * scene.columns) for scene in (EVEN, HD, FULL_HD)]
    assert told == [((640, 480), 10), ((1280, 720), 20), ((1920, 1080), 50)]


def test_a_still_page_differs_by_grain_alone_and_others_move() -> None:
    still, hand, hard = (film(small(scene), DIGITS, 8) for scene in (EVEN, IN_HAND, HARD))
    assert np.abs(still[0][0].astype(int) - still[3][0]).max() < 30
    assert len({page.boxes for _, page in hand}) > 4
    means = [frame.mean() for frame, _ in hard]
    assert max(means) - min(means) > 10
    assert max(abs(a - b) for a, b in itertools.pairwise([*means, means[0]])) < 0.7 * (max(means) - min(means))


def test_the_same_seed_makes_the_same_film() -> None:
    one, other = (film(small(HARD), DIGITS, 2, 3) for _ in range(2))
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(one, other, strict=True))


def test_a_scene_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        film(small(EVEN, columns=40), DIGITS, 1)


def test_the_loop_hides_what_it_is_less_sure_of() -> None:
    frame, page = film(small(EVEN), DIGITS, 1)[0]

    def sure(confidence: float) -> PageAnswer:
        return live.closing_loop(lambda fields: np.full((len(fields), 10), confidence, np.float32))(frame)

    assert 0 < len(sure(0.8).digits) <= len(page.boxes or ())
    assert sure(0.6).digits == ()


def test_labels_are_looked_up_where_digits_are_and_their_changes_counted() -> None:
    there = [Box(0, 0, 10, 10), Box(50, 0, 60, 10)]
    answer = PageAnswer("", ((Box(1, 1, 11, 11), "3"), (Box(80, 0, 90, 10), "4")))
    assert live_steady.labels_at(there, answer) == ["3", ""]
    shots = film(small(EVEN), DIGITS, 4)
    answers = iter([PageAnswer("", tuple(shots[0][1].boxes or ())), PageAnswer("", ()), PageAnswer("", ()), answer])
    flipped, could = live_steady.count_flips(shots, lambda _: next(answers))
    assert (flipped, could) == (10, 30)


def test_rows_tell_their_figures() -> None:
    row = live.Row("x", "frames/s", 1 / 3, "at least 1", 2.0, "the loop", 1.5)
    told = {"what": "x", "unit": "frames/s", "ours": 0.333333, "goal": "at least 1", "baseline": 2.0}
    assert row.figures() == {**told, "beside": "the loop", "ratio": 1.5}


def test_ours_reads_a_film_as_a_loop() -> None:
    loop = live.reading_loop(LiveReader(StubClassifier(["5"])))
    answer = loop(film(small(EVEN), DIGITS, 1)[0][0])
    assert answer.text == "55555\n55555"
    assert len(answer.digits) == 10


def test_delay_is_measured_through_the_worker() -> None:
    rows = list(live_cost.bench_latency(StubClassifier(["5"]), DIGITS, 5))
    assert [row.unit for row in rows] == ["ms", "ms", "of frames"]
    assert 0 < rows[0].ours <= rows[1].ours
    assert 0 <= rows[2].ours <= 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes cannot be held to a core here")
def test_a_throttled_process_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(HdrError, match="throttled process ended"):
        throttled("ours", tmp_path / "none.npy", tmp_path / "none.tflite")


def test_memory_is_weighed_where_the_system_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_cost, "_EARLY", 2)
    rows = list(live_cost.bench_memory(StubClassifier(["5"]), DIGITS, 4))
    assert len(rows) == (1 if live_cost.resident_mb() else 0)
