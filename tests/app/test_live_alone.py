"""The live screen: windows of their own, which are closed, lose their camera or have a strange one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
from fake_camera import FakeCamera

from app.conftest import Hand, make_services
from app.live_desk import FOUND, Desk, give_camera, page, show_live
from hdr.app.services import Services
from hdr.errors import CameraError
from hdr.reading.camera import Camera
from hdr.settings import load_settings


@pytest.fixture
def open_desk(open_hand: Callable[..., Hand], services: Services) -> Callable[..., Desk]:
    """Opens windows whose only camera is made of frames, and shows them live."""

    def open_one(camera: FakeCamera | None = None, until: str | None = "777") -> Desk:
        camera = camera or FakeCamera([page()], endless=True)
        opened = give_camera(services, camera)
        desk = Desk(open_hand(), camera)
        desk.opened = opened
        show_live(desk)
        if until is not None:
            desk.wait(lambda: desk.text() == until)
            desk.hand.settle()
        return desk

    return open_one


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """A window of the test's own, for one that is closed or gets another camera."""
    return open_desk()


def test_a_window_that_closes_ends_its_threads(desk: Desk) -> None:
    worker = desk.live._worker
    assert worker is not None
    desk.window.close()
    assert desk.camera.released
    assert not worker._thread.is_alive()


def test_a_camera_that_is_unplugged_is_looked_for_and_comes_back(desk: Desk) -> None:
    desk.wait(lambda: "frames/s" in desk.tab.rates.pace.cget("text"))
    desk.hand.settle()
    high = desk.tab.bars.canvas.winfo_height()
    desk.camera.unplug()
    desk.wait(lambda: desk.state.live.phase == "lost")
    desk.wait(lambda: "Looking for it again" in desk.words())
    assert desk.live.seen is not None, "the last picture stays"
    assert desk.tab.status() == "Test camera is gone; it is looked for again"
    assert desk.tab.rates.pace.cget("text") == "", "no frame comes"
    desk.hand.settle()
    assert desk.tab.bars.canvas.winfo_height() == high, "nothing jumps"
    desk.camera.plug_in()
    desk.wait(lambda: desk.state.live.phase == "live")
    desk.wait(lambda: "Looking for it again" not in desk.words())
    desk.wait(lambda: "frames/s" in desk.tab.rates.pace.cget("text"))


def test_without_a_camera_the_screen_says_what_to_do(open_hand: Callable[..., Hand], services: Services) -> None:
    hand = open_hand()
    hand.key("F8")
    desk = Desk(hand, FakeCamera([]))
    desk.wait(lambda: "No camera was found" in desk.words())
    assert "open a video file (V)" in desk.words()
    services.list_cameras = lambda: list(FOUND)
    services.live_camera = lambda source, _: Camera(source, FakeCamera([page()], endless=True).open)
    desk.key("F9")
    desk.wait(lambda: desk.text() == "777")


def test_a_camera_that_another_program_holds_is_said_to_be_busy(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: FakeCamera, source: object) -> Any:
        raise CameraError("Another program is using the camera.", hint="Close it.")

    monkeypatch.setattr(FakeCamera, "open", busy)
    desk = open_desk(until=None)
    desk.wait(lambda: "Another program is using the camera. Close it." in desk.words())
    assert desk.state.live.phase == "ended"


def test_a_video_ends_with_its_last_picture_and_can_be_played_again(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    video = tmp_path / "digits.mp4"
    video.touch()
    desk = open_desk()
    desk.window.services.live_camera = lambda source, _: Camera(source, FakeCamera([page()] * 30).open)
    desk.tab.bar.source.set(str(video))
    desk.hand.key("Return", widget=desk.tab.bar.source)
    desk.wait(lambda: "at its end" in desk.words())
    assert desk.text() == "777"
    assert desk.state.settings.live.recent == str(video)
    assert not desk.state.live.is_on
    desk.key("F9")
    desk.wait(lambda: desk.state.live.is_on)


def test_a_bug_while_reading_is_shown_and_logged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("out of order")

    assert desk.live.watcher is not None
    monkeypatch.setattr(desk.live.watcher, "look", broken)
    desk.wait(lambda: "RuntimeError: out of order" in desk.words())
    assert "unexpected" in caplog.text
    caplog.clear()


def test_an_address_is_typed_by_the_keyboard_and_its_password_is_not_kept(desk: Desk) -> None:
    desk.key("l", state=0x4)
    box = desk.tab.bar.source
    desk.wait(lambda: box.focus_get() is box)
    box.delete(0, "end")
    box.insert(0, "rtsp://me:secret@cam.local/s")
    desk.hand.key("Return", widget=box)
    desk.wait(lambda: desk.opened[-1] == "rtsp://me:secret@cam.local/s" and desk.text() == "777")
    assert box.focus_get() is desk.tab.view.canvas
    assert "secret" not in box.get()
    opened = len(desk.opened)
    desk.live.open(box.get())
    desk.wait(lambda: len(desk.opened) > opened)
    assert desk.opened[-1] == "rtsp://me:secret@cam.local/s", "it is still known while the window is open"
    desk.window.close()
    assert "secret" not in desk.window.services.workspace.settings.read_text()


def test_other_cameras_can_be_picked_by_name(desk: Desk) -> None:
    box = desk.tab.bar.source
    assert box.get() == "0: Test camera"
    assert box.cget("values") == ("0: Test camera", "2: Another camera")
    box.set("2: Another camera")
    box.event_generate("<<ComboboxSelected>>")
    desk.wait(lambda: desk.opened[-1] == 2 and desk.text() == "777")
    assert desk.state.settings.live.source == "2"


def test_panels_are_hidden_by_keys_and_stay_hidden(desk: Desk) -> None:
    for key, name in (("n", "number"), ("d", "digit"), ("p", "bars"), ("t", "rates"), ("l", "labels")):
        desk.key(key)
        assert name in desk.state.live.hidden
    desk.window.root.update()
    assert not desk.tab.side.winfo_ismapped()
    desk.window.close()
    settings, _ = load_settings(desk.window.services.workspace.settings)
    assert set(settings.app.live_hidden.split()) == {"number", "digit", "bars", "rates", "labels", "controls"}


def test_the_camera_is_mirrored_and_turned_without_being_opened_anew(desk: Desk) -> None:
    desk.key("o")
    desk.wait(lambda: desk.live.seen.live.reading.size == (240, 320))
    desk.key("m")
    assert desk.state.settings.live.mirror
    assert "A mirrored 2 is no 2" in desk.state.notice.hint
    assert desk.opened == [0]
    desk.live.change_camera(width=640, height=480)
    desk.wait(lambda: desk.opened == [0, 0])


@pytest.mark.parametrize(("size", "bars"), [((3840, 2160), 50), ((240, 900), 1), ((320, 240), 0)])
def test_large_tall_and_empty_frames(open_desk: Callable[..., Desk], size: tuple[int, int], bars: int) -> None:
    desk = open_desk(FakeCamera([page(bars, size)], endless=True), until=None)
    desk.wait(lambda: desk.live.seen is not None)
    desk.wait(lambda: sum(digit.is_digit for digit in desk.live.seen.live.reading.digits) == bars)
    picture = desk.tab.view._photo
    assert picture.width() <= desk.tab.view.canvas.winfo_width()
    assert picture.height() <= desk.tab.view.canvas.winfo_height()
    if not bars:
        assert desk.tab.digit.title.cget("text") == "No digit in sight"


def test_a_recording_that_runs_is_finished_when_the_window_closes(desk: Desk) -> None:
    desk.key("r")
    number = desk.live.seen.live.number
    desk.wait(lambda: desk.live.seen.live.number > number + 10)
    desk.window.close()
    folder = desk.window.services.workspace.captures.parent / "recordings"
    assert cv2.VideoCapture(str(next(folder.glob("*.mp4")))).read()[0]


def test_a_film_is_timed_from_the_camera_to_the_screen(
    display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hdr.app import live_drive

    monkeypatch.setattr(live_drive, "_WARM_S", 1.0)
    monkeypatch.setattr(live_drive, "Services", make_services)
    rows = list(live_drive.watch_live(tmp_path, [page(1), page(3)], 1.0))
    figures = {row.what: row.ours for row in rows}
    assert figures["frames shown a second"] > 0
    assert figures["processor, of one core, with reading and drawing"] > 0
    median, late = rows[0].ours, rows[1].ours
    assert 0 < median <= late


def test_a_stamp_is_read_back_and_changes_nothing_that_is_seen() -> None:
    from hdr.app.live_drive import StampedFilm, stamp_of

    film = StampedFilm([page()])
    frames = [film.read()[1] for _ in range(6)]
    assert [stamp_of(frame) for frame in frames] == list(range(6))
    assert int(abs(frames[5].astype(int) - page()).max()) <= 1
    assert film.given_at == sorted(film.given_at)


def test_hdr_live_opens_the_window_with_its_source(
    services: Services, display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hdr import app
    from hdr.app.window import Window

    opened: list[Any] = []

    def live_camera(source: int | str, _: Any) -> Camera:
        opened.append(source)
        return Camera(source, FakeCamera([page()], endless=True).open)

    services.live_camera = live_camera
    services.list_cameras = list
    monkeypatch.setattr("hdr.app.services.Services", lambda workspace: services)

    def run(window: Window) -> None:
        Hand(window).wait_until(lambda: opened)
        window.close()

    monkeypatch.setattr(Window, "run", run)
    settings = load_settings(services.workspace.settings)[0].replace("segment", tall=True)
    assert app.run_live("http://host/video", settings, workspace=services.workspace) == 0
    assert opened == ["http://host/video"]
