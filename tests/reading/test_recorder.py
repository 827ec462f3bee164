from __future__ import annotations

import csv
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.classify.classifier import Prediction
from hdr.classify.names import DIGITS
from hdr.errors import RecordingError
from hdr.geometry import Box
from hdr.reading import recorder_video
from hdr.reading.live import LiveReading, Track
from hdr.reading.plain import live_object
from hdr.reading.recorder import Recorder
from hdr.reading.recorder_readings import COLUMNS, ReadingsRecorder
from hdr.reading.recorder_video import VideoRecorder
from hdr.reading.results import Digit, Reading
from hdr.vision.normalize import Crop


def picture(level: int, size: tuple[int, int] = (64, 48)) -> np.ndarray:
    return np.full((size[1], size[0], 3), level, np.uint8)


def live(number: int = 0, text: str = "", time_s: float = 0.0) -> LiveReading:
    probabilities = {label: 0.91 if label == "x" else 0.01 for label in DIGITS}
    digits = []
    for at, label in enumerate(text):
        told = np.array([{**probabilities, label: 0.91}[one] for one in DIGITS], np.float32)
        digits.append(
            Digit(Crop(np.zeros((8, 4), np.uint8), Box(10 * at, 5, 10 * at + 4, 13)), Prediction(DIGITS, told))
        )
    tracks = tuple(Track(100 + at, 3, settled=at == 0, new=False) for at in range(len(text)))
    return LiveReading(
        number, time_s, Reading((64, 48), tuple(digits), "stub"), tracks, {"find": 1.0, "ask": 0.25}, 0.0
    )


def played(path: Path) -> list[int]:
    """The level of each frame, to the nearest ten."""
    capture, found = cv2.VideoCapture(str(path)), []
    while True:
        got, frame = capture.read()
        if not got:
            return found
        found.append(round(float(frame.mean()) / 10) * 10)


# Video ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_video_runs_as_the_frames_came(tmp_path: Path, ending: str) -> None:
    recorder = VideoRecorder(tmp_path / f"a.{ending}", fps=10)
    for level, time_s in ((50, 7.0), (100, 7.4), (150, 7.5), (200, 7.51), (250, 7.6)):
        recorder.add(picture(level), time_s)
    recorder.close()
    assert played(tmp_path / f"a.{ending}") == [50, 50, 50, 50, 100, 150, 250]
    capture = cv2.VideoCapture(str(tmp_path / f"a.{ending}"))
    assert capture.get(cv2.CAP_PROP_FPS) == 10


class Counted:
    """A writer that counts."""

    def __init__(self, *_: object) -> None:
        self.count = 0

    def isOpened(self) -> bool:
        return True

    def write(self, frame: np.ndarray) -> None:
        self.count += 1

    def release(self) -> None:
        pass


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.floats(0.001, 3), min_size=1, max_size=40), fps=st.sampled_from([5.0, 25.0, 29.97]))
def test_the_videos_time_is_real_time_whatever_the_pace(steps: list[float], fps: float, tmp_path_factory: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cv2, "VideoWriter", type("W", (Counted,), {"fourcc": staticmethod(lambda *_: 0)}))
        recorder = VideoRecorder(tmp_path_factory.getbasetemp() / "none.mkv", fps)
        for time_s in (0.0, *itertools.accumulate(steps)):
            recorder.add(picture(0, (8, 8)), time_s)
        assert (
            abs(recorder._writer.count / fps - sum(steps)) <= 1.51 / fps
        )  # half for the place it is rounded to, and the last frame is shown for one


def test_a_frame_of_another_size_is_fitted_into_the_first_ones(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / "a.mkv", fps=10)
    recorder.add(picture(250, (65, 49)), 0)  # the codec wants even sizes
    recorder.add(picture(250, (48, 96)), 0.1)
    recorder.close()
    capture = cv2.VideoCapture(str(tmp_path / "a.mkv"))
    frames = [capture.read()[1] for _ in range(2)]
    assert {frame.shape for frame in frames} == {(48, 64, 3)}
    columns = frames[1].mean(axis=(0, 2))
    assert columns[:16].max() < 60
    assert columns[24:40].min() > 200


def test_after_a_long_gap_and_after_ten_minutes_there_is_another_file(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(recorder_video._PART_S, ".mp4", 1.0)
    recorder = VideoRecorder(tmp_path / "a.mp4", fps=5)
    for time_s in (0, 0.5, 0.9, 1.1, 60, 59.5, 10):
        recorder.add(picture(80), time_s)
    recorder.close()
    assert [path.name for path in recorder.paths] == ["a.mp4", "a-2.mp4", "a-3.mp4", "a-4.mp4"]
    assert [len(played(path)) for path in recorder.paths] == [5, 1, 1, 1]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"precious")
    recorder = VideoRecorder(tmp_path / "a.mp4")
    recorder.add(picture(80), 0)
    recorder.close()
    assert (tmp_path / "a.mp4").read_bytes() == b"precious"
    assert played(tmp_path / "a-2.mp4") == [80]


def add_each(recorder: VideoRecorder, numbers: range) -> None:
    for number in numbers:
        recorder.add(picture(80), number / 5)


def test_a_disk_that_fills_up_ends_the_recording_and_what_there_is_can_be_played(tmp_path: Path) -> None:
    room = [10**9]
    recorder = VideoRecorder(tmp_path / "a.mp4", fps=5, free=lambda _: room[0])
    add_each(recorder, range(4))
    room[0] = 50_000_000
    with pytest.raises(RecordingError, match=r"no more room .*: 50 MB are left.*can be played: .*a\.mp4") as caught:
        add_each(recorder, range(4, 20))
    assert "record anew" in caught.value.hint
    assert played(tmp_path / "a.mp4") == [80] * 5
    with pytest.raises(RecordingError, match="nothing was recorded"):
        VideoRecorder(tmp_path / "b.mp4", free=lambda _: 0).add(picture(0), 0)


def test_places_that_cannot_be_recorded_to(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be written to"):
        VideoRecorder(tmp_path / "none" / "a.mp4").add(picture(0), 0)
    with pytest.raises(RecordingError, match=r"End it in \.mp4 or \.mkv"):
        VideoRecorder(tmp_path / "a.webm")
    recorder = VideoRecorder(tmp_path / "none" / "a.mp4", free=lambda _: 10**9)
    with pytest.raises(RecordingError, match="Nothing can be recorded"):
        recorder.add(picture(0), 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a limit that only POSIX has")
def test_a_video_that_the_system_did_not_take_whole_is_told(tmp_path: Path) -> None:
    code = (
        "import resource, sys, numpy as np; from pathlib import Path\n"
        "from hdr.reading.recorder_video import VideoRecorder\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "recorder, rng = VideoRecorder(Path(sys.argv[1])), np.random.default_rng(0)\n"
        "for i in range(30): recorder.add(rng.integers(0, 256, (240, 320, 3), np.uint8), i / 30)\n"
        "recorder.close(); print(recorder.broken == recorder.paths != [])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.mp4")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_matroska_file_can_be_played_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    code = (
        "import os, sys, numpy as np; from pathlib import Path\n"
        "from hdr.reading.recorder_video import VideoRecorder\n"
        "recorder, rng = VideoRecorder(Path(sys.argv[1])), np.random.default_rng(0)\n"
        "for i in range(60): recorder.add(rng.integers(0, 256, (240, 320, 3), np.uint8), i / 30)\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -signal.SIGKILL
    assert len(played(path)) > 20


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_what_was_to_be_an_mp4_can_be_played_after_a_kill_and_is_named(tmp_path: Path) -> None:
    code = (
        "import os, sys, numpy as np; from pathlib import Path\n"
        "from hdr.reading.recorder_video import VideoRecorder\n"
        "recorder, rng = VideoRecorder(Path(sys.argv[1])), np.random.default_rng(0)\n"
        "for i in range(60): recorder.add(rng.integers(0, 256, (240, 320, 3), np.uint8), i / 30)\n"
        "os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.mp4")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    left = tmp_path / "a.unfinished.mkv"
    assert len(played(left)) > 20
    assert recorder_video.cut_off(tmp_path) == [], "it may be written to still"
    os.utime(left, (0, 0))
    assert recorder_video.cut_off(tmp_path) == [left]
    recorder = VideoRecorder(tmp_path / "a.mp4", fps=10)
    recorder.add(picture(80), 0)
    recorder.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "a.unfinished.mkv"]


def test_where_no_mp4_can_be_made_what_was_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder("film", tmp_path / "a.mp4")
    recorder.add(picture(80), live())
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as full:
        full.setattr("hdr.reading.recorder_mp4.shutil.disk_usage", lambda _: usage._replace(free=100))
        assert recorder.close() == []
    assert recorder.paths == recorder.unfinished == [tmp_path / "a.unfinished.mkv"] == list(tmp_path.iterdir())
    assert played(recorder.paths[0]) == [80]


# Readings -------------------------------------------------------------------------------------------------------------


def test_lines_of_json_are_what_hdr_live_prints_with_the_time(tmp_path: Path) -> None:
    recorder = ReadingsRecorder(tmp_path / "a.jsonl", "film.mp4")
    recorder.add(live(3, "42", 0.5))
    recorder.add(live(4))
    first, second = (json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines())
    assert first.pop("at")[:4].isdecimal()
    assert first == live_object("film.mp4", live(3, "42", 0.5))
    assert (first["frame"], first["time_s"], first["text"], first["ms"], first["file"]) == (
        3,
        0.5,
        "42",
        1.2,
        "film.mp4",
    )
    assert [(one["label"], one["track"], one["settled"]) for one in first["digits"]] == [
        ("4", 100, True),
        ("2", 101, False),
    ]
    assert second["digits"] == []
    recorder.close()


def test_a_table_has_a_row_a_digit_and_one_for_a_frame_without_any(tmp_path: Path) -> None:
    recorder = ReadingsRecorder(tmp_path / "a.csv", "0")
    recorder.add(live(3, "42", 0.5))
    recorder.add(live(4, "", 0.54))
    recorder.close()
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["label"] for row in rows] == ["4", "2", ""]
    told = {name: rows[1][name] for name in ("time_s", "frame", "row", "x", "y", "width", "height", "track", "settled")}
    assert list(told.values()) == ["0.500", "3", "0", "10", "5", "4", "8", "101", "0"]
    assert (rows[2]["time_s"], rows[2]["frame"], rows[2]["model"]) == ("0.540", "4", "stub")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_what_is_there_already_stays_and_the_rest_comes_after_it(tmp_path: Path, name: str) -> None:
    for number in range(2):
        recorder = ReadingsRecorder(tmp_path / name, "0")
        recorder.add(live(number, "7"))
        recorder.close()
    lines = (tmp_path / name).read_text().splitlines()
    assert len(lines) == (2 if name == "a.jsonl" else 3)


def test_a_line_that_was_left_open_is_ended_first(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"half":')
    recorder = ReadingsRecorder(tmp_path / "a.jsonl", "0")
    recorder.add(live(1))
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert lines[0] == '{"half":'
    assert json.loads(lines[1])["frame"] == 1
    recorder.close()


def test_other_tables_and_endings_and_places_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,age\n")
    with pytest.raises(RecordingError, match="another table"):
        ReadingsRecorder(tmp_path / "a.csv", "0")
    assert (tmp_path / "a.csv").read_text() == "name,age\n"
    with pytest.raises(RecordingError, match=r"End it in \.jsonl or \.csv"):
        ReadingsRecorder(tmp_path / "a.txt", "0")
    with pytest.raises(RecordingError, match="cannot be written to"):
        ReadingsRecorder(tmp_path / "none" / "a.csv", "0")


class Full:
    """A file on a disk that takes so many bytes more."""

    def __init__(self, file: Any, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:
        if not self.room:
            raise OSError(28, "No space left on device")
        taken, self.room = data[: self.room], max(0, self.room - len(data))
        return int(self.file.write(taken))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@pytest.mark.parametrize("room", [0, 50])
def test_a_full_disk_leaves_whole_lines(tmp_path: Path, room: int) -> None:
    recorder = ReadingsRecorder(tmp_path / "a.jsonl", "0")
    recorder.add(live(0))
    recorder._file = Full(recorder._file, room)  # type: ignore[assignment]
    with pytest.raises(RecordingError, match="lines before are whole"):
        recorder.add(live(1))
    assert [json.loads(line)["frame"] for line in (tmp_path / "a.jsonl").read_text().splitlines()] == [0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a limit that only POSIX has")
def test_a_real_limit_of_the_system_leaves_whole_lines(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from test_recorder import live, ReadingsRecorder, RecordingError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "recorder = ReadingsRecorder(Path(sys.argv[1]), '0')\n"
        "try:\n    [recorder.add(live(i, '123')) for i in range(100)]\n"
        "except RecordingError as error: print(error)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.jsonl"), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "lines before are whole" in done.stdout
    lines = (tmp_path / "a.jsonl").read_bytes().splitlines(keepends=True)
    assert [json.loads(line)["frame"] for line in lines] == list(range(len(lines)))
    assert lines[-1].endswith(b"\n")
    assert sum(map(len, lines)) <= 3000


# Both -----------------------------------------------------------------------------------------------------------------


def test_boxes_are_drawn_into_the_video_and_readings_stand_beside(tmp_path: Path) -> None:
    recorder = Recorder("0", tmp_path / "a.mp4", tmp_path / "a.jsonl", fps=10)
    plain = picture(255)
    recorder.add(plain, live(0, "4", 0.0))
    recorder.add(plain, live(1, "", 0.1))
    recorder.close()
    recorder.add(plain, live(2, "", 0.2))  # too late: nothing happens
    recorder.close()
    assert recorder.close() == []
    assert recorder.paths == [tmp_path / "a.mp4", tmp_path / "a.jsonl"]
    drawn, bare = played(tmp_path / "a.mp4")
    assert drawn < bare
    assert plain.min() == 255
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 2


def test_what_fails_closes_all_of_it(tmp_path: Path) -> None:
    recorder = Recorder("0", tmp_path / "none" / "a.mp4", tmp_path / "a.jsonl")
    with pytest.raises(RecordingError):
        recorder.add(picture(0), live(0))
    recorder.add(picture(0), live(1))
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 1
