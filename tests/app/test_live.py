"""The live screen: real windows driven by events, with cameras that are frames in memory."""

from __future__ import annotations

import csv
import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.conftest import Hand, make_reading
from hdr.app.kept_canvas import KeptCanvas
from hdr.app.live_tab import LiveTab
from hdr.app.services import Services
from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.data.captures import CaptureStore
from hdr.errors import CameraError
from hdr.reading.camera import Camera, CameraInfo, FakeCamera, SourceOptions
from hdr.settings import load_settings

FOUND = [CameraInfo(0, "Test camera"), CameraInfo(2, "Another camera")]


def page(bars: int = 3, size: tuple[int, int] = (320, 240)) -> np.ndarray:
    """A white page with upright bars, which are found as digits."""
    width, height = size
    image = np.full((height, width, 3), 255, np.uint8)
    for index in range(bars):
        left = 40 + 80 * (index % 10)
        top = 60 + 120 * (index // 10)
        image[top : top + 80, left : left + 12] = 20
    return image


class Desk:
    """A window on its live screen, and the camera in front of it."""

    def __init__(self, hand: Hand, camera: FakeCamera) -> None:
        self.hand = hand
        self.camera = camera
        self.window = hand.window
        self.live = self.window.controller.live
        self.state = self.window.state
        self.opened: list[Any] = []

    @property
    def tab(self) -> LiveTab:
        tab = self.window.screens.tabs["live"]
        assert isinstance(tab, LiveTab)
        return tab

    def key(self, keysym: str, state: int = 0) -> None:
        self.hand.key(keysym, state, self.tab.view.canvas)

    def wait(self, condition: Callable[[], Any]) -> None:
        self.hand.wait_until(condition)

    def text(self) -> str:
        seen = self.live.seen
        return seen.live.reading.text if seen is not None else ""

    def words(self) -> str:
        """What the picture's canvas says in words."""
        canvas: Any = self.tab.view.canvas
        items = [item for item in canvas.find_all() if canvas.type(item) == "text"]
        return " ".join(canvas.itemcget(item, "text") for item in items if canvas.itemcget(item, "state") != "hidden")


@pytest.fixture
def open_desk(open_hand: Callable[..., Hand], services: Services) -> Callable[..., Desk]:
    """Opens windows whose only camera is made of frames, and shows them live."""

    def open_one(camera: FakeCamera | None = None, until: str | None = "777") -> Desk:
        camera = camera or FakeCamera([page()], endless=True)
        opened: list[Any] = []

        def live_camera(source: int | str, settings: Any) -> Camera:
            opened.append(source)
            return Camera(source, camera.open, SourceOptions.of(settings), retry=True, pauses_s=(0.01,))

        services.live_camera = live_camera
        services.list_cameras = lambda: list(FOUND)
        desk = Desk(open_hand(), camera)
        desk.opened = opened
        desk.window.root.geometry("1240x800")
        desk.hand.key("F8")
        if until is not None:
            desk.wait(lambda: desk.text() == until)
            desk.hand.settle()
        return desk

    return open_one


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()


# Coming and going -----------------------------------------------------------------------------------------------------


def test_what_the_camera_sees_is_read_and_marked(desk: Desk) -> None:
    assert desk.opened == [0]
    assert desk.state.live.phase == "live"
    assert desk.tab.number.number.cget("text") == "777"
    desk.wait(lambda: "7  90%" in desk.words())
    assert "Live, Test camera" in desk.window.status.left.cget("text")


def test_leaving_gives_the_camera_back_and_coming_back_takes_it_again(desk: Desk) -> None:
    for leave in ("F8", "Escape", "q"):
        desk.key(leave)
        assert desk.state.screen == "pages"
        desk.wait(lambda: desk.camera.released)
        assert desk.live.seen is None
        desk.camera.released = False
        desk.hand.key("F8")
        desk.wait(lambda: desk.text() == "777")
    assert desk.opened == [0] * 4


def test_a_window_that_closes_ends_its_threads(desk: Desk) -> None:
    worker = desk.live._worker
    assert worker is not None
    desk.window.close()
    assert desk.camera.released
    assert not worker._thread.is_alive()


def test_a_camera_that_is_unplugged_is_looked_for_and_comes_back(desk: Desk) -> None:
    desk.camera.unplug()
    desk.wait(lambda: desk.state.live.phase == "lost")
    desk.wait(lambda: "Looking for it again" in desk.words())
    assert desk.live.seen is not None, "the last picture stays"
    desk.camera.plug_in()
    desk.wait(lambda: desk.state.live.phase == "live")
    desk.wait(lambda: "Looking for it again" not in desk.words())


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


def test_escape_goes_from_the_controls_to_the_picture_first(desk: Desk) -> None:
    desk.key("t", state=0x4)
    desk.hand.key("Escape", widget=desk.tab.controls.only)
    assert desk.state.screen == "live"
    assert desk.window.root.focus_get() is desk.tab.view.canvas


def test_a_low_window_shows_half_of_the_controls_and_the_number(desk: Desk) -> None:
    desk.key("t", state=0x4)
    desk.window.root.geometry("780x500")
    controls = desk.tab.controls
    desk.wait(lambda: controls.smallest.winfo_ismapped() and not controls.model.winfo_ismapped())
    assert desk.tab.number.number.winfo_ismapped()
    controls._turn_over()
    desk.wait(lambda: controls.model.winfo_ismapped() and not controls.smallest.winfo_ismapped())
    desk.window.root.geometry("1240x800")
    desk.wait(lambda: controls.model.winfo_ismapped() and controls.smallest.winfo_ismapped())


def test_other_cameras_can_be_picked_by_name(desk: Desk) -> None:
    box = desk.tab.bar.source
    assert box.get() == "0: Test camera"
    assert box.cget("values") == ("0: Test camera", "2: Another camera")
    box.set("2: Another camera")
    box.event_generate("<<ComboboxSelected>>")
    desk.wait(lambda: desk.opened[-1] == 2 and desk.text() == "777")
    assert desk.state.settings.live.source == "2"


# Looking --------------------------------------------------------------------------------------------------------------


def test_a_frozen_frame_stays_and_is_read_anew_when_settings_change(desk: Desk) -> None:
    desk.key("space")
    assert desk.state.live.frozen
    frame = desk.live.seen.frame
    desk.live.change({"segment": {"smallest_px": 500}})
    desk.wait(lambda: desk.text() == "")
    assert desk.live.seen.frame is frame
    assert "Frozen" in desk.words()
    desk.live.change({"segment": {"smallest_px": 6}})
    desk.key("space")
    desk.wait(lambda: desk.text() == "777" and desk.live.seen.frame is not frame)


def test_settings_of_the_live_screen_are_its_own(desk: Desk) -> None:
    before = desk.state.settings.segment
    desk.key("t", state=0x4)
    controls = desk.tab.controls
    desk.wait(controls.frame.winfo_ismapped)
    controls.only.set("2")
    desk.hand.key("Return", widget=controls.only)
    desk.wait(lambda: desk.text() == "77")
    assert desk.state.settings.segment == before
    controls._reset_button.invoke()
    desk.wait(lambda: desk.text() == "777")


def test_digits_are_picked_by_arrows_and_by_clicks_and_stay_picked(desk: Desk) -> None:
    desk.key("Right")
    first = desk.live.selected
    assert desk.live.index == 0
    desk.key("Right")
    assert desk.live.index == 1
    desk.key("Left")
    assert desk.live.selected == first
    number = desk.live.seen.live.number
    desk.wait(lambda: desk.live.seen.live.number > number)
    assert desk.live.index == 0
    view = desk.tab.view
    x, y = view.view.to_canvas(*desk.live.seen.live.reading.digits[2].box.center)
    click(view.canvas, (x, y))
    assert desk.live.index == 2
    assert desk.tab.digit.title.cget("text").startswith("Digit ")


def test_the_ink_and_what_the_model_is_given_can_be_shown(desk: Desk) -> None:
    desk.key("i")
    desk.key("g")
    assert desk.state.live.ink
    assert desk.state.live.grown
    canvas: Any = desk.tab.view.canvas
    desk.wait(lambda: sum(canvas.type(item) == "rectangle" for item in canvas.find_all()) >= 12)


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


# The region -----------------------------------------------------------------------------------------------------------


def click(canvas: Any, *points: tuple[float, float]) -> None:
    (x, y), *rest = points
    canvas.event_generate("<ButtonPress-1>", x=round(x), y=round(y))
    for x, y in rest:
        canvas.event_generate("<B1-Motion>", x=round(x), y=round(y), state=0x100)
    canvas.event_generate("<ButtonRelease-1>", x=round(x), y=round(y), state=0x100)
    canvas.update()


def test_a_region_is_drawn_with_the_mouse_and_cleared(desk: Desk) -> None:
    view = desk.tab.view
    click(view.canvas, view.view.to_canvas(20, 20), view.view.to_canvas(60, 60), view.view.to_canvas(90, 200))
    desk.wait(lambda: desk.text() == "7")
    assert desk.live.region is not None
    desk.key("x")
    desk.wait(lambda: desk.text() == "777")
    assert desk.live.region is None


def test_a_region_is_moved_by_the_keyboard_and_stays_inside(desk: Desk) -> None:
    desk.key("a")
    assert desk.live.region == (0.25, 0.25, 0.5, 0.5)
    desk.key("Right")
    desk.key("Down")
    desk.key("Right", state=0x1)
    desk.key("Up", state=0x1)
    assert desk.live.region == pytest.approx((0.27, 0.27, 0.52, 0.48))
    for _ in range(60):
        desk.key("Left")
    assert desk.live.region == pytest.approx((0, 0.27, 0.52, 0.48))
    desk.key("Escape")
    assert desk.state.screen == "live", "the first Esc lets go of the region"
    assert not desk.state.live.region
    desk.key("Right")
    assert desk.live.index is not None


# What is made of it ---------------------------------------------------------------------------------------------------


def test_a_snapshot_is_a_page_that_can_be_undone(desk: Desk) -> None:
    desk.key("s")
    page_of_it = desk.state.document
    assert page_of_it.origin == "camera"
    assert page_of_it.reading.text == "777"
    assert desk.state.images[page_of_it.key].shape == (240, 320, 3)
    assert desk.state.screen == "live"
    assert "3 digits" in desk.state.notice.message
    desk.hand.key("F2")
    assert desk.state.screen == "pages"
    desk.window.controller.undo()
    assert desk.state.document.is_blank


def test_a_burst_saves_each_settled_digit_once_as_a_crop_to_be_confirmed(desk: Desk) -> None:
    store = CaptureStore(desk.window.services.workspace.captures)
    desk.key("b")
    desk.wait(lambda: desk.state.live.saved == 3)
    number = desk.live.seen.live.number
    desk.wait(lambda: desk.live.seen.live.number > number + 20)
    desk.key("b")
    desk.hand.settle()
    desk.key("b")  # the same digits are still in sight: none is saved again
    number = desk.live.seen.live.number
    desk.wait(lambda: desk.live.seen.live.number > number + 5)
    desk.hand.settle()
    crops = list(store.crops())
    assert [crop.label for crop in crops] == ["7", "7", "7"]
    assert len({crop.group for crop in crops}) == 1
    assert not any(crop.by_person for crop in crops)
    assert crops[0].origin.source == "Test camera"
    assert desk.tab.bar.count.cget("text") == "3 saved"
    desk.wait(lambda: desk.state.counts == {"7": 3})


def test_a_burst_stops_with_a_sentence_where_the_disk_is_full(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("hdr.data.burst.write_atomically", full)
        desk.key("b")
        desk.wait(lambda: desk.state.notice is not None)
        assert "The burst has stopped" in desk.state.notice.message
        assert "the disk is full" in desk.state.notice.message
        assert not desk.state.live.bursting
    desk.key("b")  # there is room again: what was collected is saved now
    desk.wait(lambda: desk.state.live.saved == 3)


def test_a_recording_has_a_video_and_two_tables(desk: Desk) -> None:
    desk.key("r")
    assert desk.state.live.recording
    number = desk.live.seen.live.number
    desk.wait(lambda: desk.live.seen.live.number > number + 10)
    desk.wait(lambda: "●" in desk.words())
    desk.key("r")
    folder = desk.window.services.workspace.captures.parent / "recordings"
    video, lines, table = sorted(folder.iterdir(), key=lambda path: (".mp4", ".jsonl", ".csv").index(path.suffix))
    assert cv2.VideoCapture(str(video)).read()[0]
    assert all(json.loads(line)["text"] is not None for line in lines.read_text().splitlines())
    with table.open(newline="") as file:
        assert {row["label"] for row in csv.DictReader(file)} == {"7"}
    assert "Recorded 0:0" in desk.state.notice.message


def test_a_recording_that_runs_is_finished_when_the_window_closes(desk: Desk) -> None:
    desk.key("r")
    number = desk.live.seen.live.number
    desk.wait(lambda: desk.live.seen.live.number > number + 10)
    desk.window.close()
    folder = desk.window.services.workspace.captures.parent / "recordings"
    assert cv2.VideoCapture(str(next(folder.glob("*.mp4")))).read()[0]


def test_a_recording_that_cannot_be_written_says_so(desk: Desk) -> None:
    desk.window.services.workspace.captures.parent.mkdir(exist_ok=True)
    (desk.window.services.workspace.captures.parent / "recordings").touch()
    desk.key("r")
    assert "Recordings cannot be written" in desk.state.notice.message
    assert not desk.state.live.recording
    (desk.window.services.workspace.captures.parent / "recordings").unlink()
    desk.key("r")
    from hdr.errors import RecordingError

    assert desk.live.recording is not None
    desk.live.recording.error = RecordingError("The disk is full.", hint="Make room.")
    desk.wait(lambda: not desk.state.live.recording)
    assert "The recording has ended: The disk is full." in desk.state.notice.message


# Two models -----------------------------------------------------------------------------------------------------------


def test_two_models_read_the_same_frames_side_by_side(desk: Desk) -> None:
    services = desk.window.services
    services.load_model = lambda name, _: StubClassifier(
        ("7", "1"), card=ModelCard("dense", architecture="dense", labels=tuple("0123456789"))
    )
    desk.live.models = ["default", "dense"]
    desk.state.set_model("default")
    desk.key("c")
    desk.wait(lambda: desk.state.live.other == "dense")
    desk.wait(lambda: desk.tab.number.other.cget("text") == "717")
    assert "1 digit differs" in desk.tab.number._other_title.cget("text")
    desk.wait(lambda: "≠ 1" in desk.words())
    assert "dense network" in desk.state.notice.message
    assert "place" in desk.state.notice.hint
    desk.key("c")
    desk.wait(lambda: "≠" not in desk.words())
    assert not desk.tab.number.other.winfo_ismapped()


def test_without_a_second_model_the_way_to_one_is_told(desk: Desk) -> None:
    desk.live.models = ["stub"]
    desk.state.set_model("stub")
    desk.key("c")
    assert "no second model" in desk.state.notice.message


def test_the_model_that_reads_is_chosen_here(desk: Desk) -> None:
    desk.window.services.load_model = lambda name, _: StubClassifier(("3",), card=ModelCard("three"))
    desk.live.use_model("three")
    desk.wait(lambda: desk.text() == "333")
    assert desk.window.services.loaded.card.name == "stub", "pages are read as before"


# Thousands of frames --------------------------------------------------------------------------------------------------


def test_canvas_items_do_not_grow_with_frames(desk: Desk) -> None:
    desk.key("space")
    view, rng = desk.tab.view, np.random.default_rng(1)
    readings = [make_reading(*rng.uniform(0.3, 1, count)) for count in (1, 12, 5, 0, 12)]
    for reading in readings:
        view._marks.draw(reading, view.view, 0 if reading.digits else None, grown=True, differing={})
    items = len(view.canvas.find_all())
    for turn in range(2000):
        reading = readings[turn % len(readings)]
        view._marks.draw(reading, view.view, 0 if reading.digits else None, grown=True, differing={})
    assert len(view.canvas.find_all()) == items
    view._marks.draw(readings[3], view.view, None, grown=True, differing={})
    assert "%" not in desk.words(), "what is not read any more is not shown any more"


def test_what_is_kept_looks_as_if_it_were_drawn_anew(desk: Desk) -> None:
    canvas: Any = KeptCanvas(desk.window.root, "kept")
    canvas.begin()
    first = canvas.create_rectangle(0, 0, 9, 9, fill="#ff0000", dash=(2, 2), width=3, tags=("kept",))
    canvas.end()
    canvas.begin()
    again = canvas.create_rectangle(1, 1, 5, 5, outline="#00ff00", tags=("kept",))
    assert again == first
    assert [canvas.itemcget(again, option) for option in ("fill", "dash", "width", "outline")] == [
        "", "", "1.0", "#00ff00",
    ]  # fmt: skip
    assert canvas.coords(again) == [1, 1, 5, 5]
    word = canvas.create_text(3, 3, text="7", tags=("kept",))
    below = canvas.create_line(0, 0, 5, 5, tags=("kept",))
    assert canvas.find_all().index(below) < canvas.find_all().index(word), "words lie over all else"
    canvas.end()
    canvas.delete("kept")
    assert {canvas.itemcget(item, "state") for item in canvas.find_all()} == {"hidden"}
    other = canvas.create_line(0, 0, 5, 5)
    canvas.delete(other)
    assert len(canvas.find_all()) == 3


def test_the_picture_and_the_panels_keep_their_images(desk: Desk) -> None:
    photo, field = desk.tab.view._photo, desk.tab.digit.field.photo
    number = desk.live.seen.live.number
    desk.wait(lambda: desk.live.seen.live.number > number + 30)
    assert desk.tab.view._photo is photo
    assert desk.tab.digit.field.photo is field


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
