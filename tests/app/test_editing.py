"""Boxes drawn, moved, cut and joined: what is read of them, and that it is undone, without a window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.app.controller import Controller
from hdr.app.rereading import cut_box, halve_box, look, merge_boxes, read_boxes
from hdr.app.state import AppState
from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.classify.names import CANNOT_TELL, NOT_A_DIGIT
from hdr.geometry import Box
from hdr.settings import Settings

from .conftest import LABELS, FakeDialogs, Hand, finish, make_reading, picture_of_digits

STUB = StubClassifier(["7"], 0.9, ModelCard("stub", (*LABELS, NOT_A_DIGIT)))
CONTROL, SHIFT = 0x4, 0x1


def page_of(*inked: Box, size: tuple[int, int] = (200, 120)) -> Any:
    page = np.full((size[1], size[0], 3), 255, np.uint8)
    for box in inked:
        page[box.slices] = 10
    return page


BAR, OTHER = Box(50, 20, 60, 80), Box(64, 20, 74, 80)


def test_a_box_holds_its_own_ink_and_not_what_hangs_in() -> None:
    ink = look(page_of(BAR, Box(64, 20, 150, 80)), Settings())
    (digit,) = read_boxes(ink, [Box(45, 15, 68, 85)], STUB)
    assert digit.box == Box(45, 15, 68, 85)
    assert digit.crop.pixels.shape == (70, 23)
    assert digit.crop.pixels[30, 8] > 200
    assert digit.crop.pixels[30, 21] == 0


def test_of_one_piece_of_ink_a_box_takes_its_part() -> None:
    (digit,) = read_boxes(look(page_of(BAR, Box(50, 44, 150, 54)), Settings()), [Box(100, 30, 120, 70)], STUB)
    assert digit.crop.pixels[18].min() > 200


def test_ink_that_the_page_did_not_show_is_looked_for_in_the_box() -> None:
    page = page_of(BAR)
    page[20:80, 150:160] = 235
    (digit,) = read_boxes(look(page, Settings().replace("ink", threshold=128)), [Box(140, 10, 170, 90)], STUB)
    assert digit.crop.pixels.max() == 0, "a fixed level is what the person wanted"
    (digit,) = read_boxes(look(page, Settings().replace("ink", threshold="otsu")), [Box(140, 10, 170, 90)], STUB)
    assert digit.crop.pixels.max() > 200


def test_whoever_draws_a_box_says_that_there_is_a_digit() -> None:
    ink = look(page_of(BAR), Settings())
    doubting = StubClassifier([NOT_A_DIGIT], 0.6, ModelCard("stub", (*LABELS, NOT_A_DIGIT)))
    (digit,) = read_boxes(ink, [BAR], doubting)
    assert not digit.is_rejected
    assert float(digit.prediction.probabilities.sum()) == pytest.approx(1)
    certain = StubClassifier([NOT_A_DIGIT], 1.0, ModelCard("stub", (*LABELS, NOT_A_DIGIT)))
    (digit,) = read_boxes(ink, [BAR], certain)
    assert digit.prediction.label == NOT_A_DIGIT, "there is nothing else to choose"
    assert read_boxes(ink, [], STUB) == []
    (digit,) = read_boxes(ink, [Box(100, 20, 120, 50)], STUB)
    assert digit.confidence == pytest.approx(0.1), "of a box without ink nothing is known"


def test_two_boxes_become_one_with_the_ink_of_both() -> None:
    (digit,) = merge_boxes(look(page_of(BAR, OTHER), Settings()), [BAR, OTHER], STUB)
    assert digit.box == Box(50, 20, 74, 80)
    assert (digit.crop.pixels[30] > 200).sum() == 20


def test_a_line_cuts_a_box_and_each_side_is_tight_around_its_ink() -> None:
    ink = look(page_of(BAR, OTHER), Settings())
    box = Box(48, 15, 80, 85)
    left, right = sorted(cut_box(ink, box, (62, 0), (62, 100), STUB), key=lambda digit: digit.box.x0)
    assert (left.box, right.box) == (BAR, OTHER)
    assert cut_box(ink, box, (30, 0), (30, 100), STUB) == [], "all of it is on one side"


def test_a_box_is_halved_where_digits_meet_or_else_in_its_middle() -> None:
    two = page_of(Box(40, 20, 52, 80), Box(52, 48, 64, 52), Box(64, 20, 76, 80))
    found = sorted(halve_box(look(two, Settings()), Box(38, 18, 78, 82), STUB), key=lambda digit: digit.box.x0)
    assert len(found) == 2
    assert abs(found[0].box.x1 - 58) <= 6
    upright = sorted(halve_box(look(page_of(BAR), Settings()), BAR, STUB), key=lambda digit: digit.box.x0)
    assert [digit.box.width for digit in upright] == [5, 5]
    lying = halve_box(look(page_of(BAR), Settings(), 90.0), BAR, STUB)
    assert sorted(digit.box.height for digit in lying) == [30, 30]
    assert lying[0].crop.pixels.shape == (10, 30)
    assert halve_box(look(page_of(), Settings()), BAR, STUB) == []


def widths(controller: Controller) -> list[int]:
    assert controller.state.reading is not None
    return [digit.box.width for digit in controller.state.reading.digits]


def test_every_edit_is_done_selected_and_undone(opened: Controller) -> None:
    state, editor = opened.state, opened.editor
    state.select(0)
    start = state.reading
    for name, edit, count, chosen in (
        ("draw box", lambda: editor.draw(Box(10, 5, 30, 30)), 4, 1),
        ("duplicate box", editor.duplicate, 4, 1),
        ("divide box", editor.halve, 4, 2),
        ("delete box", editor.delete, 2, 1),
    ):
        state.select(0)
        edit()
        finish(opened.jobs)
        assert (state.undo_name, state.digit_count, len(state.selected)) == (name, count, chosen)
        assert state.document.edited
        assert state.is_unsaved(state.document)
        opened.undo()
        assert state.reading is start
    state.select_all()
    editor.merge()
    assert (state.undo_name, state.digit_count) == ("merge boxes", 1)
    opened.undo()
    state.select_all()
    editor.delete()
    assert (state.undo_name, state.digit_count, state.selected) == ("delete 3 boxes", 0, ())


def test_a_box_moves_and_grows_and_keeps_what_a_person_said(opened: Controller) -> None:
    state, editor = opened.state, opened.editor
    state.select(1)
    state.relabel("4")
    state.select(1)
    assert state.reading is not None
    box = state.reading.digits[1].box
    for _ in range(3):
        editor.move(2, 1)
    finish(opened.jobs)
    assert state.reading.digits[1].box == box.shifted(6, 3)
    assert state.reading.digits[1].label == "4"
    editor.resize((False, False, True, True), 5, 0)
    assert state.reading.digits[1].box.width == box.width + 5
    assert state.undo_name == "resize box"
    opened.undo()
    assert state.reading.digits[1].box == box.shifted(6, 3)
    opened.undo()
    assert state.reading.digits[1].box == box, "a key held down is one step"
    editor.move(-1000, 0)
    editor.move(-1000, 0)
    assert state.undo_name == "move box", "what changes nothing is no step"


def test_moving_another_box_is_another_step(opened: Controller) -> None:
    for index in (0, 2):
        opened.state.select(index)
        opened.editor.move(1, 0)
        finish(opened.jobs)
    opened.undo()
    assert opened.state.undo_name == "move box"


def test_a_line_cuts_what_is_selected_or_else_all_that_it_crosses(opened: Controller) -> None:
    state = opened.state
    across = ((0.0, 80.0), (1000.0, 80.0))
    state.select(1)
    opened.editor.cut(*across)
    finish(opened.jobs)
    assert state.digit_count == 4
    opened.undo()
    state.select(None)
    opened.editor.cut(*across)
    assert (state.digit_count, state.undo_name) == (6, "divide boxes")
    opened.undo()
    opened.editor.cut((0.0, 1.0), (1000.0, 1.0))
    assert state.notice is not None
    assert "no ink on both sides" in state.notice.message


def test_rows_and_their_order_by_hand(opened: Controller) -> None:
    state, editor = opened.state, opened.editor
    state.select(2)
    editor.in_row(-1)
    assert (state.selected, state.undo_name) == ((1,), "change order")
    editor.break_row()
    assert state.reading is not None
    assert [digit.row for digit in state.reading.digits] == [0, 1, 1]
    editor.to_row(-1)
    assert [digit.row for digit in state.reading.digits] == [0, 0, 1]
    editor.in_row(1)
    assert state.undo_name == "change row", "at the end nothing changes"
    state.select(None)
    for nothing in (lambda: editor.in_row(1), lambda: editor.to_row(1), editor.break_row, editor.delete):
        nothing()
    editor.move(1, 1)
    editor.merge()
    finish(opened.jobs)
    assert state.undo_name == "change row"


def test_a_page_that_was_never_read_can_have_boxes_drawn(controller: Controller, tmp_path: Path) -> None:
    controller.opener.open_paths([picture_of_digits(tmp_path / "page.png")])
    finish(controller.jobs)
    controller.editor.draw(Box(40, 30, 80, 130))
    controller.editor.draw(Box(120, 30, 160, 130))
    finish(controller.jobs)
    assert controller.state.reading is not None
    assert (controller.state.reading.text, controller.state.selected) == ("77", (1,))


def test_a_box_is_begun_without_a_mouse(opened: Controller) -> None:
    state = opened.state
    state.select(None)
    opened.editor.duplicate()
    finish(opened.jobs)
    assert (state.undo_name, state.digit_count) == ("draw box", 4)
    assert state.reading is not None
    assert state.focus is not None
    assert state.reading.digits[state.focus].box.center == (140, 80)
    state.new_drawing()
    state.resize_paper((100, 90))
    opened.editor.duplicate()
    finish(opened.jobs)
    assert state.reading is not None
    assert state.reading.digits[0].box.height == 11


def test_reading_anew_says_what_becomes_of_boxes(opened: Controller) -> None:
    opened.state.select(0)
    opened.editor.delete()
    opened.recognize()
    finish(opened.jobs)
    assert opened.state.digit_count == 3
    assert opened.state.notice is not None
    assert "found anew" in opened.state.notice.message
    opened.undo()
    assert opened.state.digit_count == 2


def test_what_waited_for_ink_that_nobody_wants_any_more_is_not_done(opened: Controller) -> None:
    opened.editor.draw(Box(10, 5, 30, 30))
    opened.stop()
    finish(opened.jobs)
    assert opened.state.digit_count == 3
    opened.editor.draw(Box(10, 5, 30, 30))
    finish(opened.jobs)
    assert opened.state.digit_count == 4


def test_ink_that_cannot_be_found_is_told(opened: Controller, monkeypatch: pytest.MonkeyPatch) -> None:
    from hdr.errors import HdrError

    def fail(*_: object) -> Any:
        raise HdrError("No.", hint="Try again.")

    monkeypatch.setattr("hdr.app.rereading.look", fail)
    opened.editor.draw(Box(10, 5, 30, 30))
    finish(opened.jobs)
    assert opened.state.notice is not None
    assert opened.state.notice.message == "No."


# Confirming -----------------------------------------------------------------------------------------------------------


def read_state(*confidences: float) -> AppState:
    state = AppState(Settings())
    state.set_reading(state.document.key, make_reading(*confidences))
    return state


def test_return_confirms_and_goes_on(controller: Controller) -> None:
    state = controller.state
    state.set_reading(state.document.key, make_reading(0.9, 0.4, 0.8))
    assert state.document.left == 3
    controller.confirm()
    assert state.reading is not None
    assert (state.reading.digits[1].corrected, state.selected, state.document.left) == ("7", (2,), 2)
    state.select(1)
    controller.confirm()
    assert state.selected == (2,), "one that is confirmed is left for the next"
    controller.confirm()
    state.select(None)
    controller.confirm()
    assert state.selected == (0,)
    controller.confirm()
    assert state.document.left == 0
    assert state.notice is not None
    assert "confirmed" in state.notice.message
    controller.undo()
    assert state.document.left == 1


def test_all_that_is_sure_is_confirmed_in_one_step(controller: Controller) -> None:
    state = controller.state
    state.set_reading(state.document.key, make_reading(0.995, 0.4, 0.999, 0.98))
    controller.confirm_sure()
    assert state.reading is not None
    assert [digit.corrected for digit in state.reading.digits] == ["7", None, "7", None]
    assert state.undo_name == "confirm 2 digits"
    assert state.selected == (1,)
    assert state.notice is not None
    assert state.notice.message == "Confirmed 2 above 99%. 2 left to look at."
    controller.undo()
    assert state.document.corrections == 0


def test_after_a_label_the_next_in_reading_order_where_that_is_wanted(controller: Controller) -> None:
    state = controller.state
    state.set_reading(state.document.key, make_reading(0.9, 0.4, 0.8, 0.7))
    controller.toggle_order()
    state.relabel("1")
    assert state.selected == (2,)
    state.select(3)
    state.relabel("1")
    assert state.selected == (0,)
    controller.toggle_order()
    state.relabel("1")
    assert state.selected == (2,)
    AppState(Settings()).select_next()


def test_any_text_and_what_nobody_can_tell(controller: Controller, dialogs: FakeDialogs) -> None:
    state = controller.state
    controller.ask_label()
    assert not dialogs.asked
    state.set_reading(state.document.key, make_reading(0.9, 0.4))
    controller.ask_label()
    assert dialogs.asked == ["label 7"]
    assert state.document.corrections == 0
    dialogs.text = "x²"
    controller.ask_label()
    state.relabel(CANNOT_TELL)
    assert state.reading is not None
    assert state.reading.text == "?x²"
    assert state.undo_name == "cannot tell"


# In a window ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def boxed(open_hand: Callable[..., Hand], tmp_path: Path) -> Hand:
    """With a page that was read, and the box tool in hand."""
    hand = open_hand([picture_of_digits(tmp_path / "page.png")])
    hand.key("Return")
    hand.settle()
    hand.key("b")
    assert hand.window.state.hand == "box"
    return hand


def on_canvas(hand: Hand, x: float, y: float) -> tuple[int, int]:
    across, down = hand.window.viewer.view.to_canvas(x, y)
    return round(across), round(down)


@pytest.mark.gui
def test_boxes_by_hand(boxed: Hand) -> None:
    hand, state = boxed, boxed.window.state
    hand.draw(on_canvas(hand, 10, 10), on_canvas(hand, 20, 20), on_canvas(hand, 30, 35))
    hand.settle()
    assert state.reading.digits[state.focus].box == Box(10, 10, 30, 35)
    hand.draw(on_canvas(hand, 20, 20), on_canvas(hand, 22, 24), on_canvas(hand, 25, 30))
    assert state.reading.digits[state.focus].box == Box(15, 20, 35, 45)
    gap = hand.window.viewer.view.scale
    x, y = on_canvas(hand, 35, 45)
    hand.draw((x + 3, y + 3), (x + 10, y + 10), (round(x + 3 + 8 * gap), round(y + 3 + 6 * gap)))
    assert state.reading.digits[state.focus].box == Box(15, 20, 43, 51)
    assert not hand.canvas.find_withtag("rubber")
    hand.click(*on_canvas(hand, 150, 150))
    assert state.selected == ()
    hand.click(*hand.middle_of(2))
    assert state.selected == (2,)
    assert hand.window.viewer.canvas.find_withtag("mark")


@pytest.mark.gui
def test_boxes_by_keys(boxed: Hand) -> None:
    hand, state = boxed, boxed.window.state
    state.select(0)
    box = state.reading.digits[0].box
    hand.key("Right")
    hand.settle()
    hand.key("Down", SHIFT)
    assert state.reading.digits[0].box == box.shifted(1, 10)
    hand.key("Right", CONTROL)
    hand.key("Down", CONTROL | SHIFT)
    found = state.reading.digits[0].box
    assert (found.width, found.height) == (box.width + 1, box.height + 10)
    hand.key("d")
    assert state.digit_count == 4
    hand.key("x")
    assert state.digit_count == 3
    hand.key("a", CONTROL)
    hand.key("m")
    assert state.digit_count == 1
    hand.key("slash")
    assert state.digit_count == 2
    hand.key("z", CONTROL)
    hand.key("z", CONTROL)
    hand.key("b")
    state.select(0)
    hand.key("Right", CONTROL)
    assert state.undo_name == "change order"
    hand.key("j")
    assert state.undo_name == "break row"
    hand.key("question", SHIFT)
    assert state.document.corrections == 1
    hand.key("Return", SHIFT)
    assert state.document.left == 2


@pytest.mark.gui
def test_the_knife(boxed: Hand) -> None:
    hand, state = boxed, boxed.window.state
    hand.key("k")
    hand.draw(on_canvas(hand, 30, 80), on_canvas(hand, 50, 81), on_canvas(hand, 90, 82))
    hand.settle()
    assert state.digit_count == 4
    hand.canvas.event_generate("<ButtonPress-1>", x=30, y=60)
    hand.canvas.event_generate("<B1-Motion>", x=90, y=160, state=0x100)
    assert hand.canvas.find_withtag("rubber")
    hand.key("Escape")
    hand.canvas.event_generate("<ButtonRelease-1>", x=90, y=160, state=0x100)
    assert not hand.canvas.find_withtag("rubber")
    assert state.digit_count == 4
    hand.canvas.event_generate("<Motion>", x=60, y=60)
    hand.key("k")
    assert state.hand == "select"


@pytest.mark.gui
def test_a_label_of_any_text(boxed: Hand) -> None:
    from hdr.app.questions import LabelDialog

    dialog = LabelDialog(boxed.window.root, "7")
    dialog.show()
    boxed.window.root.update()
    for wrong in ("  ", "x" * 300):
        dialog.text.set(wrong)
        dialog.accept()
        assert dialog.answer is None
        assert dialog.wrong.cget("text")
    dialog.text.set(" A7 ")
    dialog.accept()
    assert dialog.answer == "A7"


@pytest.mark.gui
def test_progress_is_shown(boxed: Hand) -> None:
    pages = boxed.window.pages
    assert pages.left.cget("text") == "3 to confirm"
    boxed.key("Return")
    assert pages.left.cget("text") == "2 to confirm"
    boxed.key("5")
    boxed.key("Return")
    assert pages.left.cget("text") == "all confirmed"
    assert float(pages.progress.cget("value")) == 100
    boxed.window.state.new_drawing()
    assert not pages.left.winfo_manager()
