from __future__ import annotations

import contextlib
import itertools
import socketserver
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from fake_camera import FakeCamera

from hdr.errors import CameraError
from hdr.reading import sources_ffmpeg
from hdr.reading.camera import Camera
from hdr.reading.feed import every_frame, newest_frames, source_name
from hdr.reading.sources import SourceOptions
from hdr.reading.sources_files import Film, Images, Looped
from hdr.reading.sources_open import open_capture
from hdr.vision.media import save_image

QUICK = SourceOptions(paced=False)


def level(frame: np.ndarray) -> int:
    return round(float(frame.mean()) / 10)


def film(path: Path, count: int = 5, fps: float = 10, size: tuple[int, int] = (64, 48)) -> str:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
    for number in range(count):
        writer.write(np.full((size[1], size[0], 3), min(10 * number, 255), np.uint8))
    writer.release()
    return str(path)


def pictures(folder: Path, names: dict[str, int]) -> None:
    for name, value in names.items():
        save_image(folder / name, np.full((8, 8, 3), 10 * value, np.uint8))


def fed(source: str, options: SourceOptions = QUICK) -> list[tuple[int, float]]:
    return [(level(one.frame), round(one.time_s, 3)) for one in every_frame(source, options, lambda _: None)]


@pytest.mark.parametrize("ending", ["mp4", "avi", "mkv"])
def test_every_frame_of_a_film_comes_with_its_time(tmp_path: Path, ending: str) -> None:
    assert fed(film(tmp_path / f"a.{ending}")) == [(0, 0.0), (1, 0.1), (2, 0.2), (3, 0.3), (4, 0.4)]


def test_a_film_runs_at_its_own_pace(tmp_path: Path) -> None:
    now, waited = [100.0], []

    def sleep(seconds: float) -> None:
        waited.append(round(seconds, 3))
        now[0] += seconds

    path = film(tmp_path / "a.mp4", 4)
    capture = Looped(lambda: Film(path), SourceOptions(), lambda: now[0], sleep)
    capture.read()
    capture.read()
    now[0] += 0.05  # whoever reads it took half of the next frame's time
    capture.read()
    now[0] += 5
    capture.read()  # late: not waited for
    assert waited == [0.1, 0.05]
    capture.release()


def test_a_looped_film_begins_anew_and_its_time_runs_on(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 2)
    capture = open_capture(path, SourceOptions(loop=True, paced=False, fps=10))
    assert isinstance(capture, Looped)
    told = [(level(capture.read()[1]), round(capture.time_s, 3)) for _ in range(5)]
    assert told == [(0, 0), (1, 0.1), (0, 0.2), (1, 0.3), (0, 0.4)]
    capture.release()


def test_times_that_cannot_be_are_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([7e9, 7e9 + 100, float("nan"), 7e9, 9e12])

    class Odd:
        def read(self) -> tuple[bool, np.ndarray]:
            return True, np.zeros((4, 4, 3), np.uint8)

        def get(self, name: int) -> float:
            return -1.0 if name == cv2.CAP_PROP_FPS else next(told)

    monkeypatch.setattr("hdr.reading.sources_files.open_video", lambda path: Odd())
    odd = Film("x")
    times = []
    for _ in range(5):
        odd.read()
        times.append(round(odd.time_s, 3))
    assert times == [0, 0.1, 0.133, 0.167, 0.2]


def test_a_film_that_breaks_off_ends_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Path(film(tmp_path / "a.mkv", 40))
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert 0 < len(fed(str(whole))) < 40

    def breaks() -> None:
        raise cv2.error("damaged")

    one = Film(str(whole))
    monkeypatch.setattr(one, "_capture", type("C", (), {"read": staticmethod(breaks), "release": lambda _: None})())
    assert one.read() == (False, None)


def test_pictures_come_by_the_numbers_in_their_names(tmp_path: Path) -> None:
    pictures(tmp_path, {"f10.png": 3, "f2.png": 2, "f1.jpg": 1})
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_bytes(b"")
    assert fed(str(tmp_path), SourceOptions(paced=False, fps=2)) == [(1, 0), (2, 0.5), (3, 1.0)]
    assert [one for one, _ in fed(str(tmp_path / "f*.png"))] == [2, 3]
    assert [one for one, _ in fed(str(tmp_path / "f%04d.png"))] == [2, 3]
    assert [one for one, _ in fed(str(tmp_path / "f2.png"))] == [2]


def test_colours_are_kept(tmp_path: Path) -> None:
    save_image(tmp_path / "a.png", np.full((8, 8, 3), (250, 120, 10), np.uint8))
    [one] = every_frame(str(tmp_path / "a.png"), QUICK, lambda _: None)
    assert one.frame[0, 0].tolist() == [250, 120, 10]


def test_a_damaged_picture_is_told_and_passed_over(tmp_path: Path) -> None:
    pictures(tmp_path, {"1.png": 1, "3.png": 3})
    (tmp_path / "2.png").write_bytes(b"no picture")
    told: list[str] = []
    assert [level(one.frame) for one in every_frame(str(tmp_path), QUICK, told.append)] == [1, 3]
    assert len(told) == 1
    assert "2.png" in told[0]


@pytest.mark.parametrize("name", ["", "*.png", "f_%03d.png", "none.png"])
def test_no_picture_at_all(tmp_path: Path, name: str) -> None:
    with pytest.raises(CameraError, match="There is no picture"):
        open_capture(str(tmp_path / name))


def test_pictures_none_of_which_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "2.png").write_bytes(b"no picture")
    with pytest.raises(CameraError, match="no more pictures"):
        fed(str(tmp_path))
    Images(str(tmp_path), QUICK, lambda _: None).release()


def test_a_folder_of_nothing_but_damage_is_not_looped_for_ever(tmp_path: Path) -> None:
    (tmp_path / "2.png").write_bytes(b"no picture")
    capture = open_capture(str(tmp_path), SourceOptions(loop=True, paced=False))
    assert capture.read() == (False, None)


def test_a_film_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film(tmp_path / "a.mp4")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(CameraError, match="may not be read"):
        open_capture(path)


def test_a_film_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"holds no picture|is no video"):
        fed(film(tmp_path / "a.avi", 0))


def test_giant_films_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hdr.reading.sources.LARGEST_PIXELS", 1000)
    with pytest.raises(CameraError, match="64 x 48"):
        open_capture(film(tmp_path / "a.mp4"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n"),
        ("a.ffconcat", "ffconcat version 1.0\nfile {film}\n"),
        ("a.sdp", "v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 26\n"),
        ("a.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n"),
    ],
)
def test_lists_that_name_other_files_are_no_films(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text.format(film=film(tmp_path / "film.mp4")))
    with pytest.raises(CameraError, match="it is no video"):
        open_capture(str(path))


def test_the_environment_is_as_before_once_a_film_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "mine;1")
    open_capture(film(tmp_path / "a.mp4")).release()
    assert os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] == "mine;1"


def test_an_rtsp_address_that_nobody_answers() -> None:
    with pytest.raises(CameraError, match="sends no video") as caught:
        open_capture("rtsp://me:secret@127.0.0.1:9/x")
    assert "secret" not in str(caught.value)


def test_an_rtsp_server_is_asked_by_tcp_and_its_films_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def opened(address: str, options: str) -> object:
        asked.append(options)
        return type("C", (), {"get": lambda _, name: 1e5, "release": lambda _: asked.append("released")})()

    monkeypatch.setattr(sources_ffmpeg, "_open", opened)
    with pytest.raises(CameraError, match="100000 x 100000"):
        open_capture("rtsp://127.0.0.1/x")
    assert asked[0].startswith("rtsp_transport;tcp|protocol_whitelist;rtsp,")
    assert "file" not in asked[0]
    assert asked[1] == "released"


# What is fed to a reader ----------------------------------------------------------------------------------------------


def test_the_newest_frames_of_a_camera_and_what_becomes_of_it() -> None:
    fake = FakeCamera([np.full((4, 4, 3), 50, np.uint8)], endless=True)
    camera = Camera(0, fake.open, retry=True, pauses_s=(0.02,)).start()
    told: list[str] = []
    feed = newest_frames(camera, told.append)
    first = next(one for one in feed if one is not None)
    assert (level(first.frame), first.time_s) == (5, 0.0)
    fake.unplug()
    while not told:
        next(feed)
    assert "gives no more pictures" in told[0]
    fake.plug_in()
    while len(told) < 2:
        next(feed)
    assert told[-1] == "Camera 0 is back."
    camera.close()
    assert len([one for one in feed if one is not None]) <= 1


def test_what_a_source_is_called_where_it_is_written_down() -> None:
    assert source_name(0) == "0"
    assert source_name("film.mp4") == "film.mp4"
    assert source_name("http://a:b@host/x") == "http://host/x"


@pytest.mark.parametrize(
    "answer", [b"", b"\x00\xff garbage\r\n" * 500, b"RTSP/1.0 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n"]
)
def test_rtsp_servers_that_are_none_are_given_up_in_time(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_ffmpeg, "_OPEN_MS", 300)
    over = threading.Event()

    class Odd(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self.request.sendall(answer)
            over.wait(10)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Odd) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        with pytest.raises(CameraError, match="sends no video"):
            open_capture(f"rtsp://127.0.0.1:{server.server_address[1]}/x")
        over.set()
        server.shutdown()


def test_damaged_films_give_frames_or_a_sentence(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    whole = {ending: Path(film(tmp_path / f"whole.{ending}")).read_bytes() for ending in ("mp4", "avi", "mkv")}
    for number in range(45):
        ending = list(whole)[number % 3]
        data = np.frombuffer(whole[ending], np.uint8).copy()
        data[rng.integers(0, len(data), rng.integers(1, 30))] = rng.integers(0, 256)
        path = tmp_path / f"damaged.{ending}"
        path.write_bytes(data.tobytes()[: len(data) if number % 2 else rng.integers(1, len(data))])
        with contextlib.suppress(CameraError):
            list(itertools.islice(every_frame(str(path), QUICK, lambda _: None), 50))
