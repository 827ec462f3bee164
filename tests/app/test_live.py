"""The live screen: real windows driven by events, with cameras that are frames in memory."""

from __future__ import annotations

import csv
import dataclasses
import errno
import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from fake_camera import FakeCamera

from app.conftest import Hand, make_reading, make_services
from app.live_desk import Desk, click, give_camera, page, show_live
from hdr.app.kept_canvas import KeptCanvas
from hdr.app.live_bars import likeliest
from hdr.app.theme import palette, px
from hdr.classify.card import ModelCard
from hdr.classify.classifier import Prediction, StubClassifier
from hdr.data.captures import CaptureStore
from hdr.settings import Settings
from hdr.workspace import Workspace


@pytest.fixture(scope="module")
def shared(display: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One window for many tests: opening one takes longer than most of them."""
    from hdr.app.window import Window

    services = make_services(Workspace.at(tmp_path_factory.mktemp("live")))
    camera = FakeCamera([page()], endless=True)
    opened = give_camera(services, camera)
    window = Window(services)
    desk = Desk(Hand(window), camera)
    desk.opened = opened
    desk.wait(lambda: services.loaded is not None)
    desk.hand.settle()
    show_live(desk)
    yield desk
    window.close()


@pytest.fixture
def desk(shared: Desk) -> Desk:
    """The shared window as it was at first."""
    live, state, services = shared.live, shared.state, shared.window.services
    look, plain = state.live, Settings()
    for is_on, turn_off in (
        (look.frozen, live.freeze), (look.bursting, live.toggle_burst), (look.recording, live.toggle_recording),
        (bool(look.other), lambda: live.compare("")), (bool(look.model), lambda: live.use_model("")),
    ):  # fmt: skip
        if is_on:
            turn_off()
    shared.hand.settle()
    state.set_live(dataclasses.replace(state.live, ink=False, grown=False, region=False, saved=0, model=""))
    live.change({name: vars(getattr(plain, name)) for name in ("ink", "segment", "read")})
    for name in state.live.hidden ^ {"controls"}:
        live.toggle_panel(name)
    live.selected = None
    live._taken.clear()
    for folder in (services.workspace.captures, services.workspace.captures.parent / "recordings"):
        shutil.rmtree(folder, ignore_errors=True)
    state.hush()
    state.use_screen("live")
    shared.window.root.geometry("1240x800")
    shared.wait(lambda: shared.text() == "777")
    shared.hand.settle()
    shared.opened.clear()
    return shared


# Coming and going -----------------------------------------------------------------------------------------------------


def test_what_the_camera_sees_is_read_and_marked(desk: Desk) -> None:
    assert desk.live.source == 0
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
    assert desk.opened == [0] * 3


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
    assert desk.tab.digit.title.cget("text").startswith("Digit 3 of 3:")


def test_the_ink_and_what_the_model_is_given_can_be_shown(desk: Desk) -> None:
    desk.key("i")
    desk.key("g")
    assert desk.state.live.ink
    assert desk.state.live.grown
    canvas: Any = desk.tab.view.canvas
    desk.wait(lambda: sum(canvas.type(item) == "rectangle" for item in canvas.find_all()) >= 12)


def choose(combo: Any, text: str) -> None:
    combo.set(text)
    combo.event_generate("<<ComboboxSelected>>")


def test_the_controls_ask_the_camera_and_choose_models(desk: Desk) -> None:
    controls, services = desk.tab.controls, desk.window.services
    services.load_model = lambda name, _: StubClassifier(("5",), card=ModelCard(name))
    desk.live.models = ["stub", "five"]
    choose(controls.size, "1280 × 720")
    choose(controls.rate, "15")
    choose(controls.turn, "180")
    camera = desk.state.settings.live
    assert (camera.width, camera.height, camera.fps, camera.rotate) == (1280, 720, 15, 180)
    choose(controls.size, "as it is")
    choose(controls.rate, "as it is")
    choose(controls.turn, "0")
    choose(controls.model, "five")
    desk.wait(lambda: desk.text() == "555")
    choose(controls.other, "stub")
    desk.wait(lambda: desk.state.live.other == "stub")
    choose(controls.other, "none")
    choose(controls.model, "in use")
    desk.wait(lambda: desk.text() == "777")
    assert desk.state.settings.live.width == 0


def test_what_is_unsure_is_left_out_from_a_slider_on(desk: Desk) -> None:
    controls = desk.tab.controls
    controls.sure.set(95)
    desk.wait(lambda: desk.text() == "")
    assert desk.live.settings.read.min_confidence == 0.95
    controls._reset_button.invoke()
    desk.wait(lambda: desk.text() == "777")


# The region -----------------------------------------------------------------------------------------------------------


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
    desk.wait(lambda: not desk.window.viewer.canvas.find_withtag("hint"))
    assert desk.state.notice is not None  # the page is painted once it can be seen, not when something else happens
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
    desk.wait(lambda: desk.state.notice is not None)
    folder = desk.window.services.workspace.captures.parent / "recordings"
    video, lines, table = sorted(folder.iterdir(), key=lambda path: (".mp4", ".jsonl", ".csv").index(path.suffix))
    assert cv2.VideoCapture(str(video)).read()[0]
    assert all(json.loads(line)["text"] is not None for line in lines.read_text().splitlines())
    with table.open(newline="") as file:
        assert {row["label"] for row in csv.DictReader(file)} == {"7"}
    assert "Recorded 0:0" in desk.state.notice.message


def test_a_recording_that_cannot_be_written_says_so(desk: Desk) -> None:
    desk.window.services.workspace.captures.parent.mkdir(exist_ok=True)
    (desk.window.services.workspace.captures.parent / "recordings").touch()
    desk.key("r")
    assert "Recordings cannot be written" in desk.state.notice.message
    assert not desk.state.live.recording
    desk.state.hush()
    (desk.window.services.workspace.captures.parent / "recordings").unlink()
    desk.key("r")
    from hdr.errors import RecordingError

    assert desk.live.recording is not None
    desk.live.recording.error = RecordingError("The disk is full.", hint="Make room.")
    desk.wait(lambda: not desk.state.live.recording)
    desk.wait(lambda: desk.state.notice is not None)
    assert "The recording has ended: The disk is full." in desk.state.notice.message


def test_a_recording_that_was_cut_off_is_named_once(desk: Desk) -> None:
    folder = desk.window.services.workspace.captures.parent / "recordings"
    folder.mkdir(parents=True)
    (folder / "long ago.unfinished.mkv").touch()
    os.utime(folder / "long ago.unfinished.mkv", (0, 0))
    desk.key("r")
    assert "long ago.unfinished.mkv" in desk.state.notice.message
    desk.state.hush()
    desk.key("r")
    desk.wait(lambda: desk.state.notice is not None)
    desk.state.hush()
    desk.key("r")
    assert desk.state.notice is None
    desk.key("r")


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


@pytest.mark.parametrize("size", [(780, 500), (1000, 640), (1240, 766)])
@pytest.mark.parametrize("models", [1, 2])
def test_each_label_has_a_bar_and_no_panel_is_cut_off_however_low_the_window(
    desk: Desk, size: tuple[int, int], models: int
) -> None:
    other = StubClassifier(("7", "1"), card=ModelCard("dense", labels=tuple("0123456789")))
    desk.window.services.load_model = lambda name, _: other
    desk.live.compare("dense" if models == 2 else "")
    root = desk.window.root
    root.geometry("{}x{}".format(*(px(root, side) for side in size)))
    desk.wait(lambda: (root.winfo_width(), root.winfo_height()) == tuple(px(root, side) for side in size))
    desk.wait(lambda: desk.tab.number.other.winfo_ismapped() == (models == 2))
    desk.hand.settle()
    canvas: Any = desk.tab.bars.canvas
    shown = [item for item in canvas.find_all() if canvas.itemcget(item, "state") != "hidden"]
    words = [canvas.itemcget(item, "text") for item in shown if canvas.type(item) == "text"]
    labels = desk.live.watcher.classifier.card.labels
    assert set(words) >= set(labels) - {"none"}
    bars = [item for item in shown if canvas.type(item) == "rectangle"]
    good = palette(desk.state.settings.app.theme).good
    assert (len(bars), [canvas.itemcget(item, "fill") for item in bars].count(good)) == (2 * len(labels), 1)
    x0, y0, x1, y1 = canvas.bbox(*shown)
    assert x0 >= -2
    assert y0 >= -2
    assert x1 <= canvas.winfo_width() + 2
    assert y1 <= canvas.winfo_height() + 2
    panels = [desk.tab.number, desk.tab.digit, desk.tab.bars, desk.tab.rates]
    for panel in (one for one in panels if one.frame.winfo_ismapped()):
        assert panel.frame.winfo_height() >= panel.frame.winfo_reqheight(), panel


def test_a_model_of_many_labels_has_bars_for_the_likeliest() -> None:
    probabilities = np.arange(1, 27, dtype=np.float32) / np.arange(1, 27).sum()
    prediction = Prediction(tuple("abcdefghijklmnopqrstuvwxyz"), probabilities)
    assert [label for label, _ in likeliest(prediction, 11)] == list("zyxwvutsrqp")
    assert [label for label, _ in likeliest(prediction, 26)] == list("abcdefghijklmnopqrstuvwxyz")


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


def test_marks_that_have_not_changed_cost_no_call(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.key("space")
    view, reading, changed = desk.tab.view, make_reading(0.9, 0.5, 0.99), []
    view._marks.draw(reading, view.view, 0, grown=True, differing={1: "3"})
    monkeypatch.setattr(view.canvas, "itemconfigure", lambda *args, **_: changed.append(args))
    view._marks.draw(reading, view.view, 0, grown=True, differing={1: "3"})
    assert not changed
    view._marks.draw(make_reading(0.9, 0.5), view.view, 0, grown=True, differing={1: "3"})
    assert changed


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
