"""What the live screen is made of, without a window."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conftest import make_digit, make_reading, make_rejected
from hdr.app.live_marks import grown_box
from hdr.app.live_panels import shown_number
from hdr.app.live_pixels import fitted, in_square
from hdr.app.live_recents import from_anywhere, known_as, recents, typed_source, with_recent
from hdr.app.live_recording import Recording
from hdr.app.live_verbs import _inside
from hdr.app.live_watching import Compared, Watcher, differing
from hdr.classify.classifier import StubClassifier
from hdr.errors import RecordingError
from hdr.geometry import Box
from hdr.reading.live import LiveReading
from hdr.reading.recorder_readings import ReadingsRecorder
from hdr.reading.results import Digit, Reading
from hdr.settings import Settings
from hdr.vision.normalize import Crop


def wait_until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_no_password_is_remembered() -> None:
    assert "secret" not in known_as("rtsp://me:secret@cam.local/stream")
    assert "secret" not in known_as("http://cam/video?password=secret&size=2")
    assert known_as(1) == "1"
    text = with_recent(with_recent("", "a.mp4"), "rtsp://me:secret@cam.local/stream")
    assert "secret" not in text
    assert recents(text)[1] == "a.mp4"


def test_the_last_sources_are_remembered_once_and_not_for_ever() -> None:
    text = ""
    for number in range(20):
        text = with_recent(text, f"{number % 10}.mp4")
    assert recents(text) == [f"{number}.mp4" for number in range(9, 1, -1)]


@pytest.mark.parametrize(
    ("typed", "source"),
    [(" 2 ", 2), ("", None), ('"a b.mp4"', "a b.mp4"), ("12345", "12345"), ("http://x", "http://x")],
)
def test_what_is_typed_is_a_camera_a_file_or_an_address(typed: str, source: int | str | None) -> None:
    assert typed_source(typed) == source


def test_a_file_is_remembered_by_a_name_that_holds_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("film.mp4").touch()
    Path("pictures").mkdir()
    assert from_anywhere("film.mp4") == str(tmp_path / "film.mp4")
    assert from_anywhere("pictures") == str(tmp_path / "pictures")
    others: list[int | str] = [0, "http://a/film.mp4", "USB Camera", "gone.mp4", "/dev/null", "a\0b"]
    assert [from_anywhere(one) for one in others] == others


def test_what_two_models_do_not_agree_on() -> None:
    one = make_reading(0.9, 0.9, 0.9)
    other = Reading(one.size, (make_digit(0), make_digit(1, label="1")))
    assert differing(one, one) == {}
    assert differing(one, other) == {1: "1", 2: "none"}
    rejected = Reading(one.size, (make_digit(0), make_rejected(1)))
    assert differing(rejected, Reading(one.size, (make_digit(0),))) == {}, "nothing there, for both"


def test_a_watcher_reads_by_two_models_and_tells_of_each_frame() -> None:
    frame = np.full((120, 120, 3), 255, np.uint8)
    frame[30:90, 50:60] = 0
    watcher = Watcher(StubClassifier(("7",)), Settings())
    told = []
    watcher.sinks = (lambda frame, live: told.append(live.reading.text),)
    assert watcher.read(frame, 0.0).reading.text == "7"
    watcher.compare_with(StubClassifier(("1",)))
    live = watcher.read(frame, 0.1)
    assert isinstance(live, Compared)
    assert (live.reading.text, live.other.reading.text) == ("7", "1")
    watcher.compare_with(None)
    watcher.use(StubClassifier(("3",)))
    assert watcher.look(frame, 0.2).reading.text == "3"
    assert told == ["7", "7"]
    assert watcher.count == 2


def test_the_grown_box_is_the_field_that_the_model_is_given() -> None:
    pixels = np.full((20, 10), 255, np.uint8)
    digit = make_digit(0)
    bar = Digit(Crop(pixels, Box.from_xywh(100, 50, 10, 20)), digit.prediction)
    grown = grown_box(bar)
    assert (grown.width, grown.height) == (28, 28)
    assert grown.center == pytest.approx((104.5, 59.5), abs=1)


def test_a_recording_that_fails_says_why_and_takes_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RecordingError("The disk is full.", hint="Make room.")

    recording = Recording(tmp_path / "recordings", "test", 30)
    frame = np.full((40, 40, 3), 255, np.uint8)
    live = Watcher(StubClassifier(("7",)), Settings()).look(frame, 0)
    recording.add(frame, live)
    wait_until(lambda: len(recording.paths) == 3)  # the film has a thread of its own
    with monkeypatch.context() as patched:
        patched.setattr("hdr.reading.recorder.Recorder.add", full)
        recording.add(frame, live)
    assert str(recording.error) == "The disk is full. Make room."
    recording.add(frame, live)
    recording.close()
    assert re.fullmatch(r"\d+:\d\d", recording.lasted)
    assert {path.suffix for path in recording.paths} == {".mp4", ".jsonl", ".csv"}


def a_reading(frame: np.ndarray) -> LiveReading:
    return Watcher(StubClassifier(("7",)), Settings()).look(frame, 0)


def test_where_a_table_fails_the_frame_that_waits_is_still_filmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = np.full((40, 40, 3), 255, np.uint8)
    recording = Recording(tmp_path, "test", 30)
    with monkeypatch.context() as patched:
        patched.setattr(ReadingsRecorder, "add", _full)
        recording.add(frame, a_reading(frame))
    recording.close()
    assert "full" in str(recording.error)
    assert cv2.VideoCapture(str(next(tmp_path.glob("*.mp4")))).read()[0]


def test_a_recording_that_is_not_whole_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = np.full((40, 40, 3), 255, np.uint8)
    recording = Recording(tmp_path, "test", 30)
    recording.add(frame, a_reading(frame))
    wait_until(lambda: len(recording.paths) == 3)
    monkeypatch.setattr("hdr.reading.recorder_video.to_mp4", lambda *_: 0)
    monkeypatch.setattr("hdr.reading.recorder_video._can_be_played", lambda _: False)
    recording.close()
    assert "is not whole" in str(recording.error)


def test_recordings_begun_in_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    frame = np.full((40, 40, 3), 255, np.uint8)
    for _ in range(2):
        recording = Recording(tmp_path, "test", 30)
        recording.add(frame, a_reading(frame))
        recording.close()
        recording.close()
        recording.add(frame, a_reading(frame))
    stems = {path.stem for path in tmp_path.iterdir()}
    assert len(stems) == 2
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".csv", ".jsonl", ".jsonl", ".mp4", ".mp4"]
    assert all(path.read_text().count("\n") == 1 for path in tmp_path.glob("*.jsonl"))


def test_a_recording_that_cannot_begin_leaves_nothing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(self: ReadingsRecorder, path: Path, source: str) -> None:
        if path.suffix == ".jsonl":
            raise RecordingError("The disk is full.", hint="Make room.")
        usual(self, path, source)

    usual, closed = ReadingsRecorder.__init__, []
    monkeypatch.setattr(ReadingsRecorder, "__init__", begin)
    monkeypatch.setattr(ReadingsRecorder, "close", lambda self: closed.append(self.path.suffix) or self._file.close())
    with pytest.raises(RecordingError, match="full"):
        Recording(tmp_path, "test", 30)
    assert closed == [".csv"]


def test_a_folder_that_is_taken_away_ends_a_recording(tmp_path: Path) -> None:
    frame = np.full((40, 40, 3), 255, np.uint8)
    recording = Recording(tmp_path / "recordings", "test", 5)
    watcher = Watcher(StubClassifier(("7",)), Settings())
    recording.add(frame, watcher.look(frame, 0))
    wait_until(lambda: len(recording.paths) == 3)
    shutil.rmtree(tmp_path / "recordings")
    for second in range(1, 4):
        recording.add(frame, watcher.look(frame, second))
    wait_until(lambda: recording.error is not None)
    recording.close()
    assert "cannot be written" in str(recording.error)


def _full(*_: object) -> None:
    raise RecordingError("The disk is full.", hint="Make room.")


def test_long_numbers_are_shown_as_far_as_there_is_room() -> None:
    assert shown_number("12\n34") == "12\n34"
    assert len(shown_number("1" * 60)) == 26
    assert shown_number("\n".join("123456"), 2) == "1\n2 …"


@given(st.integers(1, 90), st.integers(1, 90), st.floats(0.05, 4))
def test_a_picture_is_scaled_to_the_room_it_has(width: int, height: int, scale: float) -> None:
    shown = fitted(np.zeros((height, width, 3), np.uint8), scale)
    assert shown.shape == (max(1, round(height * scale)), max(1, round(width * scale)), 3)


@given(st.integers(1, 200), st.integers(1, 200), st.booleans())
def test_a_crop_fills_a_square(width: int, height: int, smooth: bool) -> None:
    square = in_square(np.full((height, width), 255, np.uint8), 56, smooth=smooth)
    assert square.shape == (56, 56)
    assert square.max() == 255


@given(*[st.floats(-2, 2)] * 4)
def test_a_region_stays_in_the_picture(x: float, y: float, width: float, height: float) -> None:
    left, top, wide, high = _inside((x, y, width, height))
    assert 0 <= left <= left + wide <= 1 + 1e-9
    assert 0 <= top <= top + high <= 1 + 1e-9
    assert min(wide, high) >= 0.05
