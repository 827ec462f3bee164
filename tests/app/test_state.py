from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hdr.app.document import Document
from hdr.app.snapshot import Snapshot
from hdr.app.state import AppState
from hdr.classify.names import NOT_A_DIGIT
from hdr.reading.results import Steps
from hdr.settings import Settings
from hdr.vision.strokes import Stroke

from .conftest import REJECTED, make_reading

STROKE = Stroke(((1.0, 2.0), (3.0, 4.0)), 5.0)


def read_state(*confidences: float, rows: tuple[int, ...] = ()) -> AppState:
    state = AppState(Settings())
    state.add_stroke(STROKE)
    state.set_reading(state.document.key, make_reading(*confidences, rows=rows))
    return state


def test_it_needs_no_tk_and_no_numpy() -> None:
    code = "import sys, hdr.app.state, hdr.app.actions, hdr.app.jobs; "
    code += "print(sorted({'tkinter', 'numpy', 'cv2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_after_reading_the_least_certain_digit_is_selected() -> None:
    assert read_state(0.9, 0.4, 0.8).selected == (1,)
    assert read_state().selected == ()


def test_a_label_goes_to_every_selected_digit_and_the_next_doubtful_one_is_selected() -> None:
    state = read_state(0.9, 0.4, 0.8, 0.7)
    state.select(0, extend=True)
    state.relabel("3")
    assert state.reading is not None
    assert [d.label for d in state.reading.digits] == ["3", "3", "7", "7"]
    assert state.selected == (3,)


def test_with_every_digit_labelled_the_selection_stays() -> None:
    state = read_state(0.9)
    state.relabel("1")
    assert state.selected == (0,)
    state.relabel(None)
    assert state.document.corrections == 0


def test_labelling_nothing_does_nothing() -> None:
    state = read_state(0.9)
    state.select(None)
    state.relabel("1")
    assert state.document.corrections == 0
    AppState(Settings()).relabel("1")


def test_not_a_digit_leaves_the_text() -> None:
    state = read_state(0.9, 0.8)
    state.relabel(NOT_A_DIGIT)
    assert state.reading is not None
    assert state.reading.text == "7"
    assert state.undo_name == "not a digit"


def test_undo_takes_back_labels_readings_clearing_and_strokes_in_turn() -> None:
    state = read_state(0.9)
    state.relabel("3")
    state.clear()
    names = []
    while state.undo_name:
        names.append(state.undo_name)
        state.undo()
    assert names == ["clear", "label 3", "recognize", "stroke"]
    assert state.document.is_blank
    for _ in names:
        state.redo()
    assert state.document.is_blank
    state.undo()
    assert state.reading is not None
    assert state.reading.digits[0].label == "3"


def test_what_was_left_out_is_no_digit_of_the_page() -> None:
    state = read_state(0.9, REJECTED, 0.8)
    assert state.digit_count == 2
    assert state.selected == (2,)
    state.select_all()
    assert state.selected == (0, 2)
    assert state.reading is not None
    assert state.reading.text == "77"


def test_keys_pass_by_what_was_left_out_unless_it_is_shown() -> None:
    state = read_state(REJECTED, 0.9, REJECTED, 0.8, rows=(0, 1, 2, 3))
    state.select(1)
    assert state.walk(1)
    assert state.selected == (3,)
    state.walk_rows(-1)
    assert state.selected == (1,)
    assert not state.walk(-1)
    state.show_left_out(True)
    assert state.walk(-1)
    assert state.selected == (0,)
    state.walk_rows(1)
    state.walk_rows(1)
    assert state.selected == (2,)


def test_what_was_left_out_becomes_a_digit_by_its_key_and_is_one_step_to_undo() -> None:
    state = read_state(0.9, REJECTED, 0.4)
    state.select(1)
    state.relabel("3")
    assert state.reading is not None
    assert (state.reading.text, state.digit_count, state.selected) == ("737", 3, (1,))
    assert state.is_unsaved(state.document)
    state.undo()
    assert (state.reading.text, state.digit_count) == ("77", 2)


def test_confirming_that_it_is_no_digit_is_worth_saving() -> None:
    state = read_state(0.9, REJECTED)
    state.mark_saved(state.document)
    state.select(1)
    state.relabel(NOT_A_DIGIT)
    assert state.is_unsaved(state.document)
    state.relabel(None)
    assert state.is_saved(state.document)


def test_the_unsure_ones_come_in_the_order_of_doubt_round_and_back() -> None:
    state = read_state(0.9, 0.4, REJECTED, 0.7)
    state.select(None)
    seen = []
    for _ in range(4):
        state.select_unsure()
        seen.append(state.focus)
    assert seen == [1, 3, 0, 1]
    state.select_unsure(-1)
    assert state.focus == 0
    read_state(REJECTED).select_unsure()


def test_walking_ends_at_the_last_digit() -> None:
    state = read_state(0.9, 0.95)
    assert state.walk(1)
    assert not state.walk(1)
    assert state.selected == (1,)
    assert state.walk(-1)
    assert not state.walk(-1)
    state.select(None)
    assert state.walk(-1)
    assert state.selected == (1,)


def test_walking_rows() -> None:
    state = read_state(0.5, 0.9, 0.9, 0.9, rows=(0, 0, 1, 1))
    state.walk_rows(1)
    assert state.selected == (2,)


def test_selecting_out_of_range_selects_nothing() -> None:
    state = read_state(0.9)
    state.select(5)
    assert state.selected == ()


def test_shift_adds_and_takes_away() -> None:
    state = read_state(0.9, 0.8)
    state.select(0)
    state.select(1, extend=True)
    assert state.selected == (0, 1)
    state.select(0, extend=True)
    assert state.selected == (1,)
    state.select_all()
    assert state.selected == (0, 1)


def test_opening_replaces_a_blank_page_and_no_other() -> None:
    state = AppState(Settings())
    one, two = (Document(name, "file", Path(name)) for name in ("one.png", "two.png"))
    state.open_pages([one, two], "open")
    assert state.now.pages == (one, two)
    three = Document("three.png", "file", Path("three.png"))
    state.open_pages([three], "open")
    assert [page.name for page in state.now.pages] == ["one.png", "three.png", "two.png"]
    assert state.document is three
    state.open_pages([], "open")
    assert state.document is three


def test_turning_pages_stays_within_them_and_is_no_step_to_undo() -> None:
    state = AppState(Settings())
    state.open_pages([Document("one"), Document("two")], "open")
    state.turn(1)
    state.turn(1)
    assert state.document.name == "two"
    assert state.undo_name == "open"


def test_undo_goes_to_the_page_where_it_happened() -> None:
    state = AppState(Settings())
    state.open_pages([Document("one", size=(9, 9)), Document("two", size=(9, 9))], "open")
    state.add_stroke(STROKE)
    state.turn(1)
    state.undo()
    assert state.document.name == "one"
    assert state.document.strokes == ()


def test_closing_pages_leaves_a_blank_one_and_can_be_undone() -> None:
    state = read_state(0.9)
    state.close_page()
    assert state.document.is_blank
    state.undo()
    assert state.digit_count == 1


def test_a_page_that_cannot_be_opened_goes_without_a_trace() -> None:
    state = AppState(Settings())
    one, two = Document("one", "file"), Document("two", "file")
    state.open_pages([one, two], "open")
    state.forget_page(one.key)
    assert state.document is two
    state.forget_page(two.key)
    assert state.document.is_blank


def test_undo_does_not_know_a_page_that_could_not_be_opened() -> None:
    state = AppState(Settings())
    bad = Document("bad", "file")
    state.open_pages([bad], "open")
    state.forget_page(bad.key)
    assert state.undo_name is None
    state.add_stroke(STROKE)
    state.open_pages([bad, Document("good", "file")], "open")
    state.forget_page(bad.key)
    assert state.undo_name == "open"
    state.undo()
    state.redo()
    assert [page.name for page in state.now.pages] == ["Drawing", "good"]


def test_paper_grows_with_the_window_but_never_under_a_reading_or_below_its_ink() -> None:
    state = AppState(Settings())
    state.resize_paper((300, 200))
    state.resize_paper((200, 100))
    assert state.document.size == (200, 100)
    state.add_stroke(STROKE)
    state.resize_paper((100, 400))
    assert state.document.size == (200, 400)
    state.set_reading(state.document.key, make_reading(0.9))
    state.resize_paper((900, 900))
    assert state.document.size == (200, 400)


def test_corrections_are_unsaved_until_saved_and_again_when_changed() -> None:
    state = read_state(0.9, 0.8)
    assert state.unsaved_pages == [], "a reading that nobody corrected can be had again"
    state.relabel("3")
    assert state.unsaved_pages == [state.document]
    state.mark_saved(state.document)
    assert state.unsaved_pages == []
    assert state.is_saved(state.document)
    state.relabel("4")
    assert state.unsaved_pages == [state.document]
    state.undo()
    assert state.unsaved_pages == []


def test_a_reading_for_a_page_that_is_gone_is_dropped() -> None:
    state = read_state(0.9)
    state.set_reading(10**9, make_reading(0.1))
    assert state.digit_count == 1


def test_a_reading_for_a_page_not_shown_waits_there() -> None:
    state = AppState(Settings())
    state.open_pages([Document("one", "file"), Document("two", "file")], "open")
    key = state.document.key
    state.turn(1)
    state.set_reading(key, make_reading(0.9))
    assert state.reading is None
    state.turn(-1)
    assert state.digit_count == 1


def test_trials_are_one_step_and_lose_no_correction_in_between() -> None:
    state = read_state(0.9, 0.8)
    state.relabel("3")
    key = state.document.key
    for trial in (make_reading(), make_reading(0.9, 0.8)):
        state.set_reading(key, trial, "adjusted reading", merge=True)
    assert state.document.corrections == 1
    state.undo()
    assert state.undo_name == "label 3"


def test_steps_belong_to_one_reading() -> None:
    state = AppState(Settings())
    state.add_stroke(STROKE)
    gray = np.zeros((2, 2), np.uint8)
    reading = make_reading(0.9)
    steps = Steps(gray, gray > 0, "otsu", "dark")
    state.set_reading(state.document.key, dataclasses.replace(reading, steps=steps))
    assert state.steps is steps
    state.relabel("1")
    assert state.steps is steps
    state.undo()
    assert state.steps is None
    assert state.reading is not None
    state.keep_steps(state.reading, steps)
    assert state.steps is steps


def test_pictures_of_files_are_forgotten_when_another_page_is_shown_and_others_are_kept() -> None:
    state = AppState(Settings())
    one, pasted = Document("one", "file", Path("one")), Document("pasted", "clipboard")
    image = np.zeros((3, 4, 3), np.uint8)
    state.images[pasted.key] = image
    state.open_pages([one, pasted], "open")
    state.set_image(one.key, image)
    assert state.document.size == (4, 3)
    state.turn(1)
    assert set(state.images) == {pasted.key}
    state.close_page()
    assert pasted.key in state.images, "closing can be undone"


def test_listeners_are_told_once_what_changed() -> None:
    state = read_state(0.9, 0.8)
    told: list[frozenset[str]] = []
    state.listen(told.append)
    state.relabel("3")
    state.use_tool("eraser")
    state.use_view("ink")
    state.say("info", "Hello.")
    state.hush()
    state.hush()
    state.set_counts({"1": 2})
    state.set_model("default")
    assert told[0] == {"page", "pages", "selection", "history"}
    assert told[1:] == [{"tool"}, {"view"}, {"notice"}, {"notice"}, {"saved"}, {"settings"}]


def commands() -> st.SearchStrategy[list[tuple[str, Any]]]:
    one = st.one_of(
        st.tuples(st.just("stroke"), st.booleans()),
        st.tuples(st.just("clear"), st.none()),
        st.tuples(st.just("read"), st.lists(st.floats(0.2, 0.99), max_size=4)),
        st.tuples(st.just("label"), st.sampled_from([*"0123456789", NOT_A_DIGIT, None])),
        st.tuples(st.just("select"), st.integers(0, 4)),
        st.tuples(st.just("open"), st.integers(1, 2)),
        st.tuples(st.just("turn"), st.sampled_from([-1, 1])),
        st.tuples(st.just("close"), st.none()),
        st.tuples(st.just("new"), st.none()),
        st.tuples(st.just("undo"), st.none()),
        st.tuples(st.just("redo"), st.none()),
    )
    return st.lists(one, max_size=25)


def do(state: AppState, name: str, value: Any) -> None:
    match name:
        case "stroke":
            state.add_stroke(Stroke(STROKE.points, 5.0, value))
        case "clear":
            state.clear()
        case "read":
            state.set_reading(state.document.key, make_reading(*value))
        case "label":
            state.relabel(value)
        case "select":
            state.select(value, extend=value % 2 == 0)
        case "open":
            state.open_pages([Document(f"page {i}") for i in range(value)], "open")
        case "turn":
            state.turn(value)
        case "close":
            state.close_page()
        case "new":
            state.new_drawing()
        case _:
            getattr(state, name)()


def content(now: Snapshot) -> Any:
    return [(page.key, page.strokes, page.reading) for page in now.pages]


@hypothesis_settings(max_examples=150, deadline=None)
@given(commands())
def test_whatever_was_done_undo_comes_back_to_the_start_and_redo_to_the_end(done: list[tuple[str, Any]]) -> None:
    state = AppState(Settings())
    start = content(state.now)
    for name, value in done:
        do(state, name, value)
        assert 0 <= state.now.index < len(state.now.pages)
        assert all(0 <= index < state.digit_count for index in state.selected)
    while state.redo_name:
        state.redo()
    end = content(state.now)
    while state.undo_name:
        state.undo()
    assert content(state.now) == start
    while state.redo_name:
        state.redo()
    assert content(state.now) == end


@pytest.mark.parametrize("name", ["tool", "view"])
def test_an_unknown_tool_or_view_is_a_bug(name: str) -> None:
    with pytest.raises(AssertionError):
        getattr(AppState(Settings()), f"use_{name}")("hammer")
