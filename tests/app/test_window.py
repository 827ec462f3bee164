"""The window itself, with real events."""

from __future__ import annotations

import subprocess
import sys
import threading
import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomlkit
from fake_camera import FakeCamera

from hdr.app.services import Services
from hdr.app.theme import px
from hdr.app.window import Window, _fitting_geometry
from hdr.classify.names import NOT_A_DIGIT
from hdr.errors import HdrError
from hdr.reading.camera import Camera
from hdr.reading.sources_list import CameraInfo
from hdr.workspace import Workspace

from .conftest import Hand, make_services, picture_of_digits

pytestmark = pytest.mark.gui
SHIFT, CONTROL, NUM_LOCK = 0x1, 0x4, 0x10


def bar(x: int) -> tuple[tuple[int, int], ...]:
    return tuple((x, y) for y in range(120, 240, 12))


def test_the_whole_job(hand: Hand, workspace: Workspace) -> None:
    """Draw, recognize, mend by key, save, find the crops."""
    state = hand.window.state
    for x in (100, 220, 340):
        hand.draw(*bar(x))
    assert len(state.document.strokes) == 3
    hand.key("Return")
    hand.settle()
    assert state.reading.text == "777"
    hand.key("1")
    hand.key("KP_3", NUM_LOCK)
    hand.key("Delete")
    assert [digit.corrected for digit in state.reading.digits] == ["1", "3", NOT_A_DIGIT]
    hand.key("z", CONTROL)
    assert state.document.corrections == 2
    hand.key("y", CONTROL)
    assert hand.window.numbers.text.get("1.0", "end").strip() == "13"
    hand.key("s", CONTROL)
    hand.settle()
    names = sorted(path.parent.name for path in workspace.captures.rglob("*.png"))
    assert names == ["1", "3", "_none", "_pages"]
    assert state.counts == {"1": 1, "3": 1, NOT_A_DIGIT: 1}
    assert "saved" in hand.window.status.left.cget("text")


def test_what_is_drawn_is_what_is_read(hand: Hand) -> None:
    hand.draw(*bar(100))
    stroke = hand.window.state.document.strokes[0]
    assert stroke.points[0] == (100, 120)
    assert stroke.points[-1] == (100, 228)
    assert stroke.width_px == px(hand.canvas, hand.window.state.settings.app.pen_width_px)


def test_the_ink_is_on_the_screen_while_the_pen_is_down(hand: Hand) -> None:
    hand.canvas.event_generate("<ButtonPress-1>", x=100, y=100)
    for x in range(100, 200, 10):
        hand.canvas.event_generate("<B1-Motion>", x=x, y=100, state=0x100)
    hand.window.root.update()
    assert hand.window.viewer.painter.photo is not None
    photo = str(hand.window.viewer.painter.photo)
    assert hand.window.root.tk.call(photo, "get", 140, 100) in ((0, 0, 0), "0 0 0")
    hand.canvas.event_generate("<ButtonRelease-1>", x=200, y=100, state=0x100)
    hand.window.root.update()
    assert len(hand.window.state.document.strokes) == 1


def test_the_eraser_takes_ink_away(hand: Hand) -> None:
    hand.draw(*bar(100))
    hand.key("e")
    assert hand.window.state.tool == "eraser"
    hand.draw((60, 180), (100, 180), (140, 180))
    assert hand.window.state.document.strokes[1].erases
    hand.key("p")
    assert hand.window.state.tool == "pen"


def test_a_tap_on_a_digit_selects_it_and_a_tap_elsewhere_is_a_dot(hand: Hand) -> None:
    for x in (100, 220):
        hand.draw(*bar(x))
    hand.key("Return")
    hand.settle()
    hand.click(*hand.middle_of(1))
    assert hand.window.state.selected == (1,)
    assert len(hand.window.state.document.strokes) == 2
    hand.click(400, 300)
    assert len(hand.window.state.document.strokes) == 3
    assert hand.window.state.document.stale


def test_shift_click_adds_to_the_selection_with_any_tool(hand: Hand) -> None:
    for x in (100, 220):
        hand.draw(*bar(x))
    hand.key("Return")
    hand.settle()
    hand.click(*hand.middle_of(0))
    hand.click(*hand.middle_of(1), state=SHIFT)
    assert hand.window.state.selected == (0, 1)
    hand.key("4")
    assert hand.window.state.reading.text == "44"


def test_tab_walks_the_digits_and_then_leaves(hand: Hand) -> None:
    for x in (100, 220):
        hand.draw(*bar(x))
    hand.key("Return")
    hand.settle()
    hand.window.state.select(None)
    hand.key("Tab")
    hand.key("Tab")
    assert hand.window.state.selected == (1,)
    hand.key("Tab", SHIFT)
    assert hand.window.state.selected == (0,)
    hand.key("Right")
    assert hand.window.state.selected == (1,)
    assert hand.window.root.focus_get() is hand.canvas
    hand.key("Tab")
    assert hand.window.root.focus_get() is not hand.canvas


def test_the_widget_that_the_keyboard_is_on_has_a_ring(hand: Hand) -> None:
    ring = hand.window.ring
    hand.key("Tab")
    focused = hand.window.root.focus_get()
    assert focused is not hand.canvas
    assert all(bar.winfo_ismapped() for bar in ring.bars)
    assert ring.bars[0].winfo_rooty() < focused.winfo_rooty()
    assert ring.bars[1].winfo_rooty() >= focused.winfo_rooty() + focused.winfo_height()
    hand.click(300, 300)
    assert not any(bar.winfo_ismapped() for bar in ring.bars)


def test_every_control_is_reached_by_tab(hand: Hand) -> None:
    hand.draw(*bar(100))
    hand.key("Return")
    hand.settle()
    seen, widget = set(), hand.canvas
    for _ in range(60):
        widget = widget.tk_focusNext()
        seen.add(widget)
    assert {hand.window.toolbar.buttons[name] for name in ("open", "undo", "pen", "recognize", "save")} <= seen
    assert {
        hand.window.numbers.copy,
        hand.window.toolbar.slider,
        hand.canvas,
        *hand.window.pages.views.values(),
    } <= seen


def test_keys_typed_into_a_field_are_no_shortcuts(hand: Hand) -> None:
    hand.draw(*bar(100))
    hand.key("Return")
    hand.settle()
    hand.key("t", CONTROL)
    smallest = hand.window.reading.smallest
    hand.key("5", widget=smallest)
    assert hand.window.state.document.corrections == 0
    assert "5" in smallest.get()
    smallest.set("500")
    smallest.event_generate("<Return>")
    hand.settle()
    assert hand.window.state.settings.segment.smallest_px == 500
    assert hand.window.state.digit_count == 0
    hand.window.reading._reset()
    hand.settle()
    assert hand.window.state.digit_count == 1


def test_how_a_page_is_read_is_tried_at_once_told_and_put_back(
    open_hand: Callable[..., Hand], workspace: Workspace, tmp_path: Path
) -> None:
    hand = open_hand([picture_of_digits(tmp_path / "page.png")])
    bar, state = hand.window.reading, hand.window.state
    hand.key("t", state=CONTROL)
    assert bar._reset_button.instate(["disabled"])
    bar._values["smallest"].set("500")
    bar._changed()
    hand.settle()
    assert state.reading is not None, "it was not even read before"
    assert state.digit_count == 0
    bar._values["smallest"].set("6")
    for name, value in (("join", False), ("split", False), ("turn", "off"), ("polarity", "dark")):
        bar._values[name].set(value)
    bar._changed()
    hand.settle()
    assert state.digit_count == 3
    assert (state.settings.segment.join, state.settings.segment.split) == (False, False)
    assert (state.settings.read.turn, state.settings.ink.polarity) == ("off", "dark")
    assert bar.told.cget("text") == "Read as: dark ink, one level for the page (otsu)"
    bar._reset_button.invoke()
    hand.settle()
    assert bar._is_default()
    assert bar._values["turn"].get() == "auto"


def test_the_view_of_boxes_has_a_legend_that_is_true(
    open_hand: Callable[..., Hand], workspace: Workspace, tmp_path: Path
) -> None:
    services = make_services(workspace, ["7", "none"], 1.0)
    hand = open_hand([picture_of_digits(tmp_path / "page.png", 4)], services)
    canvas = hand.canvas
    hand.key("Return")
    hand.settle()
    hand.key("F5")
    hand.settle()
    told = [canvas.itemcget(one, "text") for one in canvas.find_withtag("legend") if canvas.type(one) == "text"]
    assert told == ["taken for a digit: 2", "taken for no digit by the model: 2"]
    hand.key("F2")
    assert not canvas.find_withtag("legend")


def test_several_pictures_and_every_view(open_hand: Callable[..., Hand], tmp_path: Path) -> None:
    hand = open_hand([picture_of_digits(tmp_path / "a.png", 2), picture_of_digits(tmp_path / "b.png", 3)])
    assert hand.window.pages.count.cget("text") == "1 / 2"
    hand.key("Return")
    hand.settle()
    for key, view in (("F3", "gray"), ("F4", "ink"), ("F5", "boxes"), ("F2", "page")):
        hand.key(key)
        hand.settle()
        assert hand.window.state.view == view
    hand.key("Next")
    hand.settle()
    assert hand.window.pages.title.cget("text") == "b.png"
    hand.key("Return")
    hand.settle()
    assert hand.window.state.digit_count == 3
    hand.key("Prior")
    hand.settle()
    assert hand.window.state.digit_count == 2


def test_zoom_keeps_the_point_under_the_pointer_and_pan_moves(open_hand: Callable[..., Hand], tmp_path: Path) -> None:
    hand = open_hand([picture_of_digits(tmp_path / "a.png")])
    viewer = hand.window.viewer
    before = viewer.view.to_image(200, 150)
    hand.canvas.event_generate("<Button-4>", x=200, y=150)
    hand.window.root.update()
    assert viewer.view.to_image(200, 150) == pytest.approx(before)
    scale, offset = viewer.view.scale, viewer.view.offset_x
    hand.canvas.event_generate("<ButtonPress-2>", x=200, y=150)
    hand.canvas.event_generate("<B2-Motion>", x=230, y=150)
    hand.canvas.event_generate("<ButtonRelease-2>", x=230, y=150)
    hand.window.root.update()
    assert (viewer.view.scale, viewer.view.offset_x) == (scale, pytest.approx(offset + 30))
    hand.key("minus")
    assert viewer.view.scale < scale
    hand.key("1", CONTROL)
    assert viewer.view.scale == pytest.approx(1)
    hand.key("0", CONTROL)
    assert viewer.fitted
    for _ in range(60):
        viewer.zoom(1.5)
    hand.window.root.update()
    assert viewer.view.scale <= 40


def test_a_digit_out_of_sight_comes_into_sight(open_hand: Callable[..., Hand], tmp_path: Path) -> None:
    hand = open_hand([picture_of_digits(tmp_path / "a.png", 5)])
    hand.key("Return")
    hand.settle()
    for _ in range(8):
        hand.window.viewer.zoom(1.5)
    hand.window.state.select(4)
    hand.window.root.update()
    x, y = hand.middle_of(4)
    assert -400 < x < hand.canvas.winfo_width() + 400
    assert -400 < y < hand.canvas.winfo_height() + 400


def test_the_inspector_shows_bars_and_a_click_on_one_labels(hand: Hand) -> None:
    hand.draw(*bar(100))
    hand.key("Return")
    hand.settle()
    inspector = hand.window.inspector
    assert inspector.bar_labels == list("0123456789")
    inspector.bars.event_generate("<Button-1>", x=50, y=int(inspector._step() * 3.5))
    hand.window.root.update()
    assert hand.window.state.reading.digits[0].label == "3"
    assert "You said: 3" in inspector._subtitle.cget("text")


def test_a_click_on_a_number_selects_its_digit(hand: Hand) -> None:
    for x in (100, 220):
        hand.draw(*bar(x))
    hand.key("Return")
    hand.settle()
    x, y, *_ = hand.window.numbers.text.bbox("1.1")
    hand.window.numbers.text.event_generate("<Button-1>", x=x + 2, y=y + 2)
    hand.window.root.update()
    assert hand.window.state.selected == (1,)


def test_dark_and_light(hand: Hand) -> None:
    light = hand.canvas.cget("background")
    hand.key("d", CONTROL)
    assert hand.canvas.cget("background") != light
    hand.key("d", CONTROL)
    assert hand.canvas.cget("background") == light


def test_size_and_settings_are_remembered(open_hand: Callable[..., Hand], workspace: Workspace) -> None:
    hand = open_hand()
    hand.window.root.geometry("1100x720+20+30")
    hand.key("bracketright")
    hand.key("d", CONTROL)
    hand.settle()
    hand.window.close()
    told = tomlkit.parse(workspace.settings.read_text())["app"]
    assert told["theme"] == "dark"
    assert told["pen_width_px"] == 16
    assert str(told["geometry"]).startswith("1100x720")
    again = open_hand()
    assert again.window.root.winfo_width() == 1100


def test_broken_settings_are_told_and_do_no_harm(open_hand: Callable[..., Hand], workspace: Workspace) -> None:
    workspace.settings.parent.mkdir(parents=True)
    workspace.settings.write_text("[app\n")
    assert "could not be read" in open_hand().window.state.notice.message


def test_settings_that_cannot_be_written_do_not_keep_the_window_open(
    open_hand: Callable[..., Hand], workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    hand = open_hand()
    workspace.settings.mkdir(parents=True)
    hand.window.close()
    assert "could not be saved" in caplog.text


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("1100x720+20+30", "1100x720+20+30"),
        ("1100x720-20+30", "1100x720+410+120"),
        ("1100x720+-20+30", "1100x720+410+120"),
        ("1100x720+1900+30", "1100x720+410+120"),
        ("3000x720+20+30", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_a_place_off_the_screen_is_not_returned_to(text: str, placed: str | None) -> None:
    assert _fitting_geometry(text, 1920, 1080) == placed


def test_an_error_in_a_callback_is_told_and_logged(hand: Hand, caplog: pytest.LogCaptureFixture) -> None:
    hand.window.root.after(0, lambda: 1 / 0)
    hand.wait_until(lambda: hand.window.state.notice)
    assert "ZeroDivisionError" in hand.window.notices.message.cget("text")
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()
    hand.key("Escape")
    assert not hand.window.notices.frame.winfo_ismapped()


def test_a_users_error_in_a_callback_is_only_told(hand: Hand) -> None:
    def fail() -> None:
        raise HdrError("No.", hint="Try again.")

    hand.window.root.after(0, fail)
    hand.wait_until(lambda: hand.window.state.notice)
    assert hand.window.notices.hint.cget("text") == "Try again."


def test_the_menu_says_what_can_be_done(hand: Hand) -> None:
    menu = hand.window.menu.menus["Edit"]
    hand.draw(*bar(100))
    menu.tk.eval(str(menu.cget("postcommand")))
    assert menu.entrycget(0, "label") == "Undo stroke"
    assert menu.entrycget(0, "state") == "normal"
    assert menu.entrycget(1, "state") == "disabled"
    menu.invoke(0)
    assert hand.window.state.document.is_blank


def test_the_toolbar_says_what_can_be_done(hand: Hand) -> None:
    buttons = hand.window.toolbar.buttons
    assert buttons["recognize"].instate(["disabled"])
    hand.draw(*bar(100))
    assert buttons["recognize"].instate(["!disabled"])
    buttons["recognize"].invoke()
    hand.settle()
    assert hand.window.state.digit_count == 1
    buttons["eraser"].invoke()
    assert hand.window.state.tool == "eraser"
    buttons["eraser"].invoke()
    assert hand.window.state.tool == "eraser", "what is in the hand stays there"


def test_help_comes_and_goes_with_f1(hand: Hand) -> None:
    hand.key("F1")
    sheet = hand.window.dialogs.open_window
    assert sheet.winfo_viewable()
    sheet.event_generate("<F1>")
    hand.window.root.update()
    assert not sheet.winfo_exists()


def camera_services(workspace: Workspace, fake: FakeCamera) -> Services:
    services = make_services(workspace)
    services.list_cameras = lambda: [CameraInfo(0, "Front")]
    services.open_camera = lambda source: Camera(source, fake.open).start()
    return services


def test_a_snapshot(open_hand: Callable[..., Hand], workspace: Workspace) -> None:
    fake = FakeCamera([np.full((48, 64, 3), 200, np.uint8)], endless=True)
    hand = open_hand(services=camera_services(workspace, fake))
    dialog = open_camera_dialog(hand)
    hand.wait_until(lambda: dialog.frame is not None)
    dialog.shutter.invoke()
    hand.settle()
    assert hand.window.state.document.name == "Snapshot, Front"
    assert hand.window.state.document.size == (64, 48)
    hand.wait_until(lambda: fake.released)


def open_camera_dialog(hand: Hand) -> Any:
    from hdr.app import dialogs
    from hdr.app.camera_dialog import CameraDialog

    made: list[CameraDialog] = []

    class Watched(CameraDialog):
        def __init__(self, *args: Any) -> None:
            made.append(self)
            super().__init__(*args)

    original, dialogs.CameraDialog = dialogs.CameraDialog, Watched  # type: ignore[misc]
    try:
        hand.key("k", CONTROL)
    finally:
        dialogs.CameraDialog = original  # type: ignore[misc]
    return made[0]


def test_a_camera_that_vanishes_is_told_in_its_place(open_hand: Callable[..., Hand], workspace: Workspace) -> None:
    fake = FakeCamera([np.full((48, 64, 3), 200, np.uint8)], endless=True)
    hand = open_hand(services=camera_services(workspace, fake))
    hand.draw(*bar(100))
    dialog = open_camera_dialog(hand)
    hand.wait_until(lambda: dialog.frame is not None)
    fake.unplug()
    hand.wait_until(lambda: dialog.camera is None)
    texts = [dialog.canvas.itemcget(item, "text") for item in dialog.canvas.find_all()]
    assert any("gives no more pictures" in text for text in texts)
    assert dialog.shutter.instate(["disabled"])
    dialog.shoot()
    dialog.window.event_generate("<Escape>")
    hand.window.root.update()
    assert len(hand.window.state.document.strokes) == 1


def test_without_a_camera_there_is_a_sentence(hand: Hand) -> None:
    dialog = open_camera_dialog(hand)
    hand.settle()
    texts = [dialog.canvas.itemcget(item, "text") for item in dialog.canvas.find_all()]
    assert any("No camera was found" in text for text in texts)
    dialog.window.destroy()


def test_a_camera_is_asked_for_once_and_f1_does_not_close_it(hand: Hand) -> None:
    hand.key("k", 0x4)
    hand.settle()
    windows = [w for w in hand.window.root.winfo_children() if w.winfo_class() == "Toplevel" and w.winfo_viewable()]
    assert len(windows) == 1
    hand.key("k", 0x4)
    hand.settle()
    hand.key("F1")
    hand.settle()
    assert windows[0].winfo_exists()
    hand.window.dialogs.open_window.destroy()
    left = [w for w in hand.window.root.winfo_children() if w.winfo_class() == "Toplevel" and w.winfo_viewable()]
    assert left == windows
    windows[0].destroy()


def test_the_question_before_closing(hand: Hand) -> None:
    hand.draw(*bar(100))
    hand.key("Return")
    hand.settle()
    hand.key("1")
    root = hand.window.root
    root.after(
        300, lambda: next(w for w in root.winfo_children() if w.winfo_class() == "Toplevel").event_generate("<Escape>")
    )
    hand.window.controller.keeper.quit()
    assert root.winfo_exists()
    assert hand.window.state.unsaved_pages


def test_export_asks_for_format_and_size(hand: Hand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from hdr.app import questions

    monkeypatch.setattr(questions.filedialog, "asksaveasfilename", lambda **_: str(tmp_path / "d.csv"))
    monkeypatch.setattr(questions.filedialog, "askdirectory", lambda **_: "")
    dialog = questions.ExportDialog(hand.window.root, 3)
    dialog._choose()
    assert dialog.answer is None, "the folder was not chosen"
    dialog.form.set("csv")
    dialog.size.set("9999")
    dialog._choose()
    assert (dialog.answer.form, dialog.answer.size_px, dialog.answer.target.name) == ("csv", 28, "d.csv")


def test_open_dialog_gives_paths(hand: Hand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from hdr.app import dialogs

    path = picture_of_digits(tmp_path / "a.png")
    monkeypatch.setattr(dialogs.filedialog, "askopenfilenames", lambda **_: (str(path),))
    hand.key("o", CONTROL)
    hand.settle()
    assert hand.window.state.document.path == path


def test_copied_numbers_are_on_the_clipboard(hand: Hand) -> None:
    hand.draw(*bar(100))
    hand.key("Return")
    hand.settle()
    hand.key("c", CONTROL)
    assert hand.window.dialogs.clipboard_text() == "7"


def test_dropped_files_and_folders(hand: Hand, tmp_path: Path) -> None:
    from hdr.app.drops import _on_drop, dropped_paths

    one, folder = picture_of_digits(tmp_path / "with space.png"), tmp_path / "more"
    folder.mkdir()
    two = picture_of_digits(folder / "b.png")
    (folder / "notes.txt").write_text("x")
    root = hand.window.root
    assert dropped_paths(root, f"{{{one}}} {folder}") == [one, two]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert dropped_paths(root, str(empty)) == [empty], "opening it says that it is a folder"

    class Event:
        data = f"{{{one}}}"
        action = "copy"

    assert _on_drop(root, Event(), hand.window.controller.opener.open_paths) == "copy"
    hand.settle()
    hand.wait_until(lambda: hand.window.state.document.path == one)


def test_without_the_drop_extension_everything_else_works(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    from hdr.app.drops import accept_drops

    monkeypatch.setitem(sys.modules, "tkinterdnd2", None)
    assert not accept_drops(hand.window.root, hand.canvas, lambda _: None)


def test_what_was_left_out_is_seen_near_the_pointer_and_taken_back(
    open_hand: Callable[..., Hand], workspace: Workspace, tmp_path: Path
) -> None:
    services = make_services(workspace, [*["none"] * 23, "7"])
    hand = open_hand([picture_of_digits(tmp_path / "print.png", 6, rows=4)], services)
    state, canvas = hand.window.state, hand.canvas
    hand.key("Return")
    hand.settle()
    assert state.digit_count == 1
    assert not canvas.find_withtag("near")
    marks = len(canvas.find_withtag("mark"))
    index = next(i for i, digit in enumerate(state.reading.digits) if digit.is_rejected)
    x, y = hand.middle_of(index)
    canvas.event_generate("<Motion>", x=round(x), y=round(y))
    hand.window.root.update()
    assert 0 < len(canvas.find_withtag("near")) < 23
    canvas.event_generate("<Leave>")
    assert not canvas.find_withtag("near")
    hand.key("l")
    assert len(canvas.find_withtag("mark")) >= marks + 23
    hand.key("l")
    hand.click(x, y)
    assert state.selected == (index,)
    assert hand.window.inspector._title.cget("text") == "Left out"
    hand.key("4")
    assert sorted(state.reading.text.replace("\n", "")) == ["4", "7"]
    hand.key("z", state=4)
    assert state.digit_count == 1


def test_a_page_of_nothing_but_print_says_how_to_see_it(
    open_hand: Callable[..., Hand], workspace: Workspace, tmp_path: Path
) -> None:
    hand = open_hand([picture_of_digits(tmp_path / "print.png")], make_services(workspace, ["none"]))
    hand.key("Return")
    hand.settle()
    assert hand.window.state.notice is not None
    assert "press L" in hand.window.state.notice.hint
    assert hand.window.status.left.cget("text") == "No digits on this page"


def test_a_huge_picture_and_two_hundred_digits(open_hand: Callable[..., Hand]) -> None:
    hand = open_hand()
    page = np.full((6000, 8000, 3), 255, np.uint8)
    for row in range(10):
        for column in range(20):
            page[300 + 550 * row : 600 + 550 * row, 200 + 380 * column : 250 + 380 * column] = 0
    hand.window.controller.opener.add_picture(page, "huge", "clipboard")
    hand.key("Return")
    hand.settle()
    assert hand.window.state.digit_count == 200
    hand.window.viewer.zoom(8)
    hand.window.root.update()
    hand.window.viewer.fit()
    hand.window.root.update()


def test_the_window_is_painted_before_anything_heavy_is_loaded(display: str, workspace: Workspace) -> None:
    code = """
import sys
from hdr.app import run
heavy = ("numpy", "cv2", "ai_edge_litert", "tensorflow", "keras")
def painted(window):
    assert window.viewer.canvas.winfo_ismapped()
    print([name for name in heavy if name in sys.modules])
    window.root.after(1, window.close)
raise SystemExit(run(on_painted=painted))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_without_a_screen_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    from hdr.app import run

    monkeypatch.setenv("DISPLAY", ":9999")
    with pytest.raises(HdrError, match="no screen"):
        run(workspace=workspace)


def test_a_fault_of_tk_that_is_not_the_screens_stays_what_it_is(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    import hdr.app.window
    from hdr.app import run

    def fail(*_: object) -> None:
        raise tk.TclError("out of memory")

    monkeypatch.setattr(hdr.app.window, "Window", fail)
    with pytest.raises(tk.TclError, match="out of memory"):
        run(workspace=workspace)


def test_without_tk_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    from hdr.app import run

    monkeypatch.setitem(sys.modules, "tkinter", None)
    with pytest.raises(HdrError, match="needs Tk"):
        run(workspace=workspace)


def test_closing_twice_is_closing_once(open_hand: Callable[..., Hand]) -> None:
    window: Window = open_hand().window
    window.close()
    window.close()


def test_the_window_comes_back_where_it_was(open_hand: Callable[..., Hand]) -> None:
    places = []
    for _ in range(3):
        hand = open_hand()
        places.append(hand.window.root.wm_geometry())
        hand.window.close()
    assert len(set(places)) == 1


def test_long_work_is_shown_and_esc_stops_it(open_hand: Callable[..., Hand], workspace: Workspace) -> None:
    gate, services = threading.Event(), make_services(workspace)
    read = services.read

    def slow(*args: Any) -> Any:
        gate.wait(20)
        return read(*args)

    services.read = slow
    hand = open_hand(services=services)
    hand.draw(*bar(100))
    hand.key("Return")
    hand.wait_until(lambda: hand.window.status.left.cget("text") == "Recognizing …")
    hand.draw(*bar(220))
    assert len(hand.window.state.document.strokes) == 2, "the window answers meanwhile"
    hand.key("Escape")
    assert hand.window.state.notice.message.startswith("Stopped")
    gate.set()
    hand.settle()
    assert hand.window.state.reading is None
    assert hand.window.status.left.cget("text") == "Ready"


def test_a_new_drawing_after_a_zoomed_picture_can_be_drawn_on(open_hand: Callable[..., Hand], tmp_path: Path) -> None:
    hand = open_hand([picture_of_digits(tmp_path / "a.png")])
    hand.window.viewer.zoom(3)
    hand.key("n", CONTROL)
    assert hand.window.viewer.fitted
    hand.draw(*bar(100))
    assert len(hand.window.state.document.strokes) == 1
    assert hand.window.state.document.size == (hand.canvas.winfo_width(), hand.canvas.winfo_height())


def test_another_broken_package_is_not_blamed_on_tk(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    monkeypatch.setitem(sys.modules, "hdr.app.window", None)
    from hdr.app import run

    with pytest.raises(ImportError):
        run(workspace=workspace)


def test_nothing_is_cut_off_on_a_small_window(open_hand: Callable[..., Hand], tmp_path: Path) -> None:
    hand = open_hand([picture_of_digits(tmp_path / "a.png")])
    window, root = hand.window, hand.window.root
    hand.key("t", CONTROL)
    hand.key("Return")
    hand.settle()
    wide, high = root.minsize()
    root.geometry(f"{wide}x{high}+0+0")
    hand.wait_until(lambda: (root.winfo_width(), root.winfo_height()) == (wide, high))
    hand.settle()
    assert not window.toolbar.buttons["clear"].winfo_manager()
    buttons = [button for button in window.toolbar.buttons.values() if button.winfo_manager()]
    shown = [*buttons, *window.reading.flow.cells, window.numbers.text, window.status.left]
    for widget in shown:
        x, y = widget.winfo_rootx() - root.winfo_rootx(), widget.winfo_rooty() - root.winfo_rooty()
        assert widget.winfo_width() >= widget.winfo_reqwidth() * 0.9 or widget is window.numbers.text, widget
        assert x + widget.winfo_width() <= wide
        assert y + widget.winfo_height() <= high
    assert window.numbers.text.winfo_height() > 25
    root.geometry(f"{2 * wide}x{2 * high}+0+0")
    hand.wait_until(window.toolbar.slider.winfo_ismapped)
    hand.wait_until(window.counts.frame.winfo_ismapped)
