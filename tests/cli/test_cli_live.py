from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np
import pytest
from fake_camera import FakeCamera
from mjpeg_server import Handler, sends, serving

from hdr.classify.loading import load_classifier
from hdr.cli import live_run, stopping
from hdr.cli.live_sinks import Snapshots
from hdr.cli.main import run
from hdr.data.captures import CaptureStore
from hdr.errors import CameraError, CaptureError
from hdr.reading import camera as camera_module
from hdr.reading import sources_list
from hdr.reading.live import LiveReader, LiveReading
from hdr.reading.results import Reading
from hdr.reading.sources_list import CameraInfo
from hdr.vision.media import save_image

posix = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


def scene(text: str) -> np.ndarray:
    """A page with digits, (240, 320, 3) BGR."""
    page = np.full((240, 320, 3), 235, np.uint8)
    for at, digit in enumerate(text):
        cv2.putText(page, digit, (40 + 110 * at, 160), cv2.FONT_HERSHEY_SIMPLEX, 3.5, (30, 30, 30), 7, cv2.LINE_AA)
    return page


def film_of(path: Path, texts: list[str]) -> str:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for text in texts:
        writer.write(scene(text))
    writer.release()
    return str(path)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Ten frames that show 42, and then as many that show a 7."""
    return film_of(tmp_path_factory.mktemp("films") / "film.avi", ["42"] * 10 + ["7"] * 10)


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def live(*words: str) -> int:
    return run(["live", *words, "--headless"])


def test_one_line_a_frame_is_what_hdr_read_prints_with_frame_and_time(
    film: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert live(film, "--json") == 0
    told = objects(capsys.readouterr().out)
    assert [one["frame"] for one in told] == list(range(20))
    assert [one["time_s"] for one in told] == pytest.approx([number / 10 for number in range(20)])
    assert {told[9]["text"], told[19]["text"]} == {"42", "7"}
    save_image(tmp_path / "page.png", scene("42"))
    assert run(["read", str(tmp_path / "page.png"), "--json"]) == 0
    [read] = objects(capsys.readouterr().out)
    assert told[0].keys() == {*read, "frame", "time_s"}
    assert told[0]["digits"][0].keys() == {*read["digits"][0], "track", "settled"}
    assert told[0]["model"] == read["model"]


def test_without_json_the_text_is_printed_when_it_changes(film: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert live(film) == 0
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[-1]) == ("42", "7")
    assert all(one != other for one, other in itertools.pairwise(lines))


def test_changes_are_objects_of_settled_digits(film: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert live(film, "--json", "--changes") == 0
    told = objects(capsys.readouterr().out)
    assert (told[0]["text"], told[-1]["text"]) == ("42", "7")
    assert len({one["text"] for one in told}) == len(told)
    assert all(digit["settled"] for one in told for digit in one["digits"])


def test_a_page_that_is_taken_away_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert live(film_of(tmp_path / "a.avi", ["7"] * 8 + [""] * 12)) == 0
    assert capsys.readouterr().out == "7\n(no digit)\n"


@pytest.mark.parametrize("texts", [["42"], ["42", "42"]])
def test_what_ends_before_anything_settled_is_told_at_its_end(
    texts: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = film_of(tmp_path / "short.avi", texts)
    assert live(short) == 0
    assert live(short, "--json", "--changes", "--readings", str(tmp_path / "out.jsonl")) == 0
    text, line = capsys.readouterr().out.splitlines()
    assert text == "42"
    assert json.loads(line)["text"] == "42"
    assert not any(digit["settled"] for digit in json.loads(line)["digits"])
    assert [one["text"] for one in objects((tmp_path / "out.jsonl").read_text())] == ["42"]


def test_a_picture_is_read_as_a_film_of_one_frame(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("a.png", "42"), ("b.png", "")):
        save_image(tmp_path / name, scene(text))
        assert live(str(tmp_path / name)) == 0
    assert live(str(tmp_path / "a.png"), "--json") == 0
    one, other, line = capsys.readouterr().out.splitlines()
    assert (one, other, json.loads(line)["text"]) == ("42", "(no digit)", "42")


def test_it_ends_after_so_many_frames_or_seconds(film: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert live(film, "--json", "--frames", "3") == 0
    assert live(film, "--json", "--seconds", "0.45", "--loop") == 0
    assert live(film, "--json", "--frames", "23", "--loop") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3 + 5 + 23


def test_paced_it_runs_as_a_camera_does(film: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert live(film, "--json", "--pace", "--frames", "4") == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_options_reach_the_reading_and_the_source(film: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert live(film, "--json", "--frames", "1", "--rotate", "90", "--mirror", "--only-largest", "1") == 0
    [one] = objects(capsys.readouterr().out)
    assert (one["width"], one["height"]) == (240, 320)
    assert len(one["digits"]) + len(one["rejected"]) == 1
    assert live(film, "--json", "--frames", "1", "--roi", "0,0,150,240", "--threshold", "120") == 0
    assert [digit["label"] for digit in objects(capsys.readouterr().out)[0]["digits"]] == ["4"]


def test_what_is_asked_of_a_camera(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []

    def opener(source: int | str, options: Any, tell: Any) -> FakeCamera:
        asked.append((source, options))
        return FakeCamera([scene("7")], endless=True)

    monkeypatch.setattr(camera_module, "open_capture", opener)
    assert live("2", "--size", "1280x720", "--fps", "15", "--frames", "2") == 0
    [(source, options)] = asked
    assert (source, options.width, options.height, options.fps) == (2, 1280, 720, 15.0)
    assert live("--frames", "1") == 0
    assert asked[1][0] == 0


def test_a_camera_that_comes_back_is_told_beside_the_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(camera_module, "open_capture", lambda *_, **__: FakeCamera([scene("7")] * 3))
    monkeypatch.setitem(camera_module.Camera.__init__.__kwdefaults__, "pauses_s", (0.3,))
    assert live("0", "--json", "--seconds", "0.5") == 0
    printed = capsys.readouterr()
    assert objects(printed.out)
    assert "hdr: Camera 0 gives no more pictures; it may have been unplugged. Looking for it again in" in printed.err


def test_recordings_readings_snapshots_and_a_burst(
    film: str, tmp_path: Path, own_workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video, lines, shots = tmp_path / "a.mp4", tmp_path / "a.jsonl", tmp_path / "shots"
    extras = ["--record", str(video), "--readings", str(lines), "--snapshots", str(shots), "--burst"]
    assert live(film, "--json", *extras) == 0
    told = objects(capsys.readouterr().out)
    recorded = objects(lines.read_text())
    assert [{**one, "at": ""} for one in told] == [{**one, "at": ""} for one in recorded]
    assert 2 <= len(list(shots.iterdir())) <= 4
    capture = cv2.VideoCapture(str(video))
    count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    assert 57 <= count <= 60  # 1.9 s and a frame at 30 a second
    crops = list(CaptureStore(own_workspace / "captures").crops())
    assert sorted(crop.label for crop in crops) == ["2", "4", "7"]
    assert len({crop.capture for crop in crops}) == 1
    assert not any(crop.by_person for crop in crops)


def test_what_cannot_be_recorded_is_told_and_the_reading_goes_on(
    film: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert live(film, "--json", "--record", str(tmp_path / "none" / "a.mp4")) == 1
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 20
    assert printed.err.count("cannot be written to") == 1
    assert live(film, "--json", "--record", str(tmp_path / "a.webm")) == 1
    assert "End it in .mp4 or .mkv" in objects(capsys.readouterr().out)[0]["hint"]


def test_a_video_that_is_not_whole_and_one_that_is_no_mp4_are_told(
    film: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hdr.reading.recorder_video.to_mp4", lambda *_: 0)
    assert live(film, "--frames", "2", "--record", str(tmp_path / "b.mp4")) == 0
    assert "b.unfinished.mkv; it can be played as it is." in capsys.readouterr().err
    monkeypatch.setattr("hdr.reading.recorder_video._can_be_played", lambda path: False)
    assert live(film, "--frames", "2", "--record", str(tmp_path / "a.mp4")) == 1
    told = capsys.readouterr().err
    assert "a.unfinished.mkv is not whole: not all of it could be written." in told
    assert "as it is" not in told


def test_a_burst_that_cannot_be_saved_is_told(
    film: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextlib.contextmanager
    def refused(*_: object) -> Iterator[None]:
        raise CaptureError("The captures are read-only.")
        yield

    monkeypatch.setattr(CaptureStore, "writing", refused)
    assert live(film, "--burst") == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("42\n")
    assert printed.err == "hdr: The captures are read-only.\n"


def test_snapshots_are_taken_when_the_text_changes_and_keep_names_of_their_own(tmp_path: Path) -> None:
    shots = Snapshots(tmp_path / "a", lambda: datetime(2026, 1, 2, 3, 4, 5))
    reader = LiveReader(load_classifier())
    empty = LiveReading(7, 0.0, Reading((320, 240)), (), {}, 0.0)
    for number in range(5):
        seven = dataclasses.replace(reader.read(scene("7")[:, :, ::-1].copy(), number / 10), number=7)
        shots.add(scene("7"), seven)
    shots.add(scene(""), empty)
    shots.add(scene(""), empty)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "20260102-030405-000007-2.jpg",
        "20260102-030405-000007.jpg",
    ]


def test_a_stream_over_http(capsys: pytest.CaptureFixture[str]) -> None:
    picture = bytes(cv2.imencode(".jpg", scene("7"))[1])
    over = threading.Event()

    def goes_on(handler: Handler) -> None:
        while not over.wait(0.01):
            handler.part(picture)

    with serving(sends(picture, then=goes_on)) as server:
        assert live(server.url(who="me:secret@"), "--json", "--frames", "5") == 0
        over.set()
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 5
    assert objects(printed.out)[0]["file"] == server.url()
    assert "secret" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere.mp4"], "There is no video file nowhere.mp4"),
        (["file:///etc/passwd"], "no address of a camera"),
        (["no-such-camera"], "no camera is called 'no-such-camera'"),
    ],
)
def test_sources_that_are_none(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert live(*words, "--json") == 1
    printed = capsys.readouterr()
    assert told in printed.err
    assert told in objects(printed.out)[0]["error"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["0", "--size", "big"], "no size like"),
        (["0", "--rotate", "45"], "none of 0, 90, 180, 270"),
        (["0", "--roi", "1,2"], "100,50,320,240"),
        (["0", "--json", "--record", "a.mp4"], "--json, --record needs --headless"),
    ],
)
def test_what_is_not_understood(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = words if "needs" in told else [*words, "--headless"]
    assert run(["live", *words]) == 2
    assert told in capsys.readouterr().err


def test_without_headless_the_window_opens_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import hdr.app

    opened: list[Any] = []
    monkeypatch.setattr(hdr.app, "run_live", lambda *words: opened.append(words) or 0)
    assert run(["live", "1", "--mirror", "--threshold", "otsu", "--model", "dense"]) == 0
    assert run(["live"]) == 0
    (source, settings, model), (nothing, _, none) = opened
    assert (source, settings.live.mirror, settings.ink.threshold, model) == (1, True, "otsu", "dense")
    assert (nothing, none) == (None, "")
    monkeypatch.setattr(hdr.app, "run_live", lambda *_: 3)
    assert run(["live"]) == 3


def test_cameras_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    cameras = [CameraInfo(0, "HD Webcam", ((640, 480), (1280, 720))), CameraInfo("picamera:0", "imx708")]
    monkeypatch.setattr(sources_list, "list_cameras", lambda: cameras)
    assert run(["live", "--list"]) == 0
    assert capsys.readouterr().out == "0  HD Webcam  640x480  1280x720\npicamera:0  imx708\n"
    assert run(["live", "--list", "--json"]) == 0
    assert objects(capsys.readouterr().out) == [
        {"source": 0, "name": "HD Webcam", "sizes": [[640, 480], [1280, 720]]},
        {"source": "picamera:0", "name": "imx708", "sizes": []},
    ]
    monkeypatch.setattr(sources_list, "list_cameras", list)
    assert run(["live", "--list"]) == 0
    assert "No camera was found" in capsys.readouterr().err


def test_a_model_that_is_gone_is_told(film: str, own_workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own_workspace / "models").mkdir(parents=True)
    (own_workspace / "models" / "current").write_text("mine\n")
    assert live(film, "--frames", "1") == 0
    assert "'mine'" in capsys.readouterr().err


# As a service ---------------------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_is_a_word_and_a_second_one_interrupts(number: int, code: int) -> None:
    before = signal.getsignal(number)
    with stopping.Stop() as stop:
        signal.raise_signal(number)
        assert stop.code == code
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before


@contextlib.contextmanager
def service(*words: str, home: Path, stdout: IO[Any] | int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "hdr", "live", *words, "--headless"]
    environment = {**os.environ, "HDR_HOME": str(home)}
    with subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_service_that_is_told_to_end_ends_cleanly(film: str, tmp_path: Path, number: int, code: int) -> None:
    video = tmp_path / "a.mp4"
    with service(film, "--json", "--loop", "--record", str(video), home=tmp_path) as process:
        assert process.stdout
        assert process.stderr
        first = [process.stdout.readline() for _ in range(25)]
        process.send_signal(number)
        rest = process.stdout.read()  # not `communicate`, which loses what was read ahead
        assert process.wait(60) == code
        assert process.stderr.read() == ""
    told = objects("".join(first) + rest)
    assert [one["frame"] for one in told] == list(range(len(told)))
    assert cv2.VideoCapture(str(video)).get(cv2.CAP_PROP_FRAME_COUNT) >= 25


@posix
def test_a_reader_that_goes_away_ends_it_quietly_and_the_recording_is_finished(film: str, tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    with service(film, "--json", "--loop", "--record", str(video), home=tmp_path) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == ""
    assert cv2.VideoCapture(str(video)).read()[0]


@posix
def test_with_its_output_closed_it_goes_on_recording(film: str, tmp_path: Path) -> None:
    lines = tmp_path / "readings.jsonl"
    words = [
        sys.executable,
        "-m",
        "hdr",
        "live",
        film,
        "--headless",
        "--json",
        "--frames",
        "2",
        "--readings",
        str(lines),
    ]
    shut = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *words]
    home = {**os.environ, "HDR_HOME": str(tmp_path)}
    assert subprocess.run(shut, check=False, timeout=120, env=home).returncode == 0
    assert [one["frame"] for one in objects(lines.read_text())] == [0, 1]


@posix
def test_killed_it_leaves_whole_lines(film: str, tmp_path: Path) -> None:
    printed, lines = tmp_path / "out.jsonl", tmp_path / "readings.jsonl"
    words = film, "--json", "--loop", "--readings", str(lines)
    with printed.open("w") as file, service(*words, home=tmp_path, stdout=file) as process:
        wait_for(lambda: lines.exists() and lines.read_bytes().count(b"\n") > 30)
        process.kill()
        process.wait(60)
    for path in printed, lines:
        assert path.read_bytes().endswith(b"\n")
        assert len(objects(path.read_text())) > 30


def wait_for(there: Any) -> None:
    end = time.monotonic() + 60
    while not there():
        assert time.monotonic() < end
        time.sleep(0.02)


@posix
def test_a_full_disk_at_the_output_is_a_sentence(film: str, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full, service(film, "--json", home=tmp_path, stdout=full) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("hdr: The output cannot be written (No space left on device).")


def test_it_needs_nothing_that_is_heavy(film: str, tmp_path: Path) -> None:
    code = (
        "import sys; from hdr.cli.main import run\n"
        f"assert run(['live', {film!r}, '--headless', '--frames', '2', '--record', sys.argv[1]]) == 0\n"
        "heavy = 'tensorflow', 'keras', 'tkinter', 'matplotlib', 'pandas', 'sklearn', 'h5py', 'onnxruntime', 'av'\n"
        "assert not [name for name in heavy if name in sys.modules]"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.mkv")], check=True)


def test_a_camera_that_cannot_be_opened_ends_the_command_and_is_not_looked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def opener(*_: object, **__: object) -> FakeCamera:
        raise CameraError("Camera 0 is in use by cheese.")

    monkeypatch.setattr(camera_module, "open_capture", opener)
    assert live("0", "--wait", "--seconds", "0.1") == 0
    assert "in use by cheese. Looking for it again in 0.5 s." in capsys.readouterr().err
    assert live("0") == 1
    assert capsys.readouterr().err == "hdr: Camera 0 is in use by cheese.\n"


def test_seconds_pass_where_no_frame_comes() -> None:
    asked = live_run.Asked(source=0, seconds=0.0)
    with stopping.Stop() as stop:
        assert list(live_run._until(iter([None, None]), stop, asked)) == []
