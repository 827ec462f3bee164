"""The pane of results in a real window, by mouse and by keyboard."""

from __future__ import annotations

from pathlib import Path
from tkinter import font as tkfont
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hdr.app.clipping import clipped
from hdr.app.results_measured import Which
from hdr.app.results_panel import ResultsPanel
from hdr.data.answers import Told
from hdr.data.evaluate import Answers, Evaluation
from hdr.data.fair import Place
from hdr.train.history import History
from tests.app.conftest import Hand
from tests.app.fake_child import FakeHdr
from tests.app.test_train_control import publish

pytestmark = pytest.mark.gui

CONTROL = 0x4
COMPARED = [
    {
        "model": name, "n": 50, "accuracy": right, "interval": [right - 0.05, right + 0.04], "p_against_best": p,
        "verdict": verdict, "log_loss": 0.1, "parameters": parameters, "bytes": {"model.tflite": 5000},
        "ms_a_digit": {"model.tflite": 0.1, "model.keras": None}, "training_seconds": seconds,
    }
    for name, right, p, verdict, parameters, seconds in (
        ("good", 0.9, None, "the best", 123, 60),
        ("a model with a long name", 0.8, 0.5, "may be chance (p = 0.5)", None, None),
    )
]  # fmt: skip


def digits_told(folder: Path, wrong: int = 4, names: tuple[str, ...] = tuple("0123456789")) -> Told:
    """Pictures 0 to 9 of class folders, of which the first so many are taken for the next label."""
    places = []
    for label in range(len(names)):
        file = folder / names[label] / "a.png"
        file.parent.mkdir(parents=True)
        Image.new("L", (20, 30), 40 + label).save(file)
        places.append(Place(str(file)))
    truth = np.arange(len(names))
    probabilities = np.full((len(names), len(names)), 0.01, np.float32)
    for row in truth:
        probabilities[row, (row + (row < wrong)) % len(names)] = 0.9 - row / 100
    return Told(Evaluation("stub", names, Answers(truth, probabilities)), tuple(places))


@pytest.fixture
def hdr(tmp_path: Path) -> FakeHdr:
    return FakeHdr(digits_told(tmp_path / "data"))


@pytest.fixture
def panel(hand: Hand, hdr: FakeHdr) -> ResultsPanel:
    return open_panel(hand, hdr)


def open_panel(hand: Hand, hdr: FakeHdr) -> ResultsPanel:
    hand.window.state.use_screen("train")
    tab = hand.window.screens.current
    tab.panes.select(2)
    hand.wait_until(lambda: tab.results is not None)
    tab.results.results.work._start = hdr
    hand.settle()
    panel: ResultsPanel = tab.results
    return panel


@pytest.fixture
def measured(hand: Hand, panel: ResultsPanel, tmp_path: Path) -> ResultsPanel:
    panel.show("default", [tmp_path / "data"])
    hand.wait_until(lambda: panel.results.measured is not None)
    hand.settle()
    return panel


def texts(canvas: Any) -> list[str]:
    return [canvas.itemcget(item, "text") for item in canvas.find_all() if canvas.type(item) == "text"]


def test_before_anything_is_measured_it_says_what_to_do(hand: Hand, panel: ResultsPanel) -> None:
    assert texts(panel.gallery.canvas) == ["Choose a model and data, and measure."]
    assert panel.choice.model.get() == "default"
    assert panel.choice.data.get() == "My captures"
    assert panel.choice.buttons["report"].instate(["disabled"])
    assert panel.headline.cget("text") == ""
    for view in panel.views:
        panel.show_view(view)
        hand.settle()


def test_what_is_measured_is_told_in_figures_and_pictures(hand: Hand, measured: ResultsPanel, hdr: FakeHdr) -> None:
    assert hdr.typed[0][:2] == ["evaluate", "default"]
    assert measured.headline.cget("text").startswith("stub: 60.00% right (95 % interval ")
    assert measured.which.cget("text") == "4 wrong, the surest first"
    assert texts(measured.gallery.canvas)[:2] == ["0", "≠ 1 90%"]
    assert measured.choice.buttons["report"].instate(["!disabled"])
    assert measured.choice.data.get() == "data"


def test_a_cell_of_the_matrix_shows_its_pictures(hand: Hand, measured: ResultsPanel) -> None:
    matrix = measured.views["matrix"]
    x, y = matrix.middle_of(2, 3)
    matrix.canvas.event_generate("<Motion>", x=x, y=y)
    assert matrix.told.cget("text") == "2 read as 3: 1 of 1"
    matrix.canvas.event_generate("<Button-1>", x=x, y=y)
    hand.settle()
    assert measured.results.which == Which(2, 3)
    assert measured.results.count == 1
    assert measured.which.cget("text") == "2 read as 3: 1"
    hand.key("Right", widget=matrix.canvas)
    hand.key("Up", widget=matrix.canvas)
    hand.key("Return", widget=matrix.canvas)
    assert measured.results.which == Which(1, 4)
    assert measured.results.empty_words() == "No picture is like this."
    hand.key("Return", widget=matrix.canvas)  # once more: all
    assert measured.results.which == Which()
    hand.key("Return", widget=matrix.canvas)
    hand.key("Escape", widget=matrix.canvas)
    assert measured.results.which == Which()
    assert matrix.cell_at(0, 0) is None


def test_a_label_of_the_table_shows_its_mistakes(hand: Hand, measured: ResultsPanel) -> None:
    measured.show_view("labels")
    table = measured.views["labels"].list
    assert table.item("5", "values")[1:4] == ("100.00%", "100.00%", "100.00%")
    table.selection_set("1")
    hand.settle()
    assert measured.results.which == Which(true=1)
    assert measured.which.cget("text") == "1, read wrongly: 1"
    hand.key("Escape", widget=table)
    assert measured.results.which == Which()
    table.selection_set("1")
    hand.settle()
    measured.all_button.invoke()
    hand.settle()
    assert table.selection() == ()


def test_by_keyboard_a_mistake_is_looked_at_relabelled_and_taken_back(
    hand: Hand, measured: ResultsPanel, tmp_path: Path
) -> None:
    canvas = measured.gallery.canvas
    hand.key("Right", widget=canvas)
    hand.key("Return", widget=canvas)
    hand.settle()
    sample = measured.sample
    assert sample.title.cget("text") == "Labelled 1, taken for 2 (89.0%)"
    assert sample.list.item(sample.list.get_children()[0], "values")[0] == "2"
    assert sample.list.item(sample.list.selection()[0], "values")[0] == "1 ✓"
    hand.key("Right", widget=sample.list)
    assert "taken for 3" in sample.title.cget("text")
    hand.key("Left", widget=sample.list)
    hand.key("2", widget=sample.list)
    hand.settle()
    assert (tmp_path / "data" / "2" / "a-2.png").is_file()
    assert measured.headline.cget("text").startswith("stub: 70.00%")
    assert "taken for 3" in sample.title.cget("text")  # and on to the next
    hand.key("z", CONTROL, widget=sample.list)
    hand.settle()
    assert (tmp_path / "data" / "1" / "a.png").is_file()
    assert measured.headline.cget("text").startswith("stub: 60.00%")
    hand.key("Escape", widget=sample.list)
    assert canvas.winfo_ismapped()
    hand.key("Delete", widget=canvas)
    hand.settle()
    assert measured.results.count == 3
    matrix = measured.views["matrix"].canvas
    for key, count in (("z", 4), ("y", 3), ("z", 4)):
        hand.key(key, CONTROL, widget=matrix if count == 4 else canvas)
        hand.settle()
        assert measured.results.count == count
    hand.key("End", widget=canvas)
    hand.key("Home", 0x1, widget=canvas)
    assert len(measured.results.chosen) == 4


def test_a_letter_marks_the_next_label_that_begins_so(
    hand: Hand, panel: ResultsPanel, hdr: FakeHdr, tmp_path: Path
) -> None:
    names = ("cat", "cow", "dog", "1 euro", "a rather long name of a label, longer than any room that there may be")
    hdr.told = digits_told(tmp_path / "pets", names=names)
    panel.show("default", [tmp_path / "pets"])
    hand.wait_until(lambda: panel.results.measured is not None)
    panel.open_sample()
    hand.settle()
    listed, marked = panel.sample.list, []
    for key in ("c", "C", "d", "1", "x"):
        hand.key(key, widget=listed)
        marked.append(names[int(listed.selection()[0])])
    assert marked == ["cow", "cat", "dog", "1 euro", "1 euro"]
    assert listed.winfo_width() < panel.pictures.winfo_width() / 2
    assert panel.sample.canvas.winfo_width() > 100
    hand.key("Return", widget=listed)
    hand.settle()
    assert (tmp_path / "pets" / "1 euro" / "a-2.png").is_file()
    assert hand.window.state.notice.hint == "Ctrl+Z takes it back."


def test_the_label_that_is_marked_is_given_with_return(hand: Hand, measured: ResultsPanel, tmp_path: Path) -> None:
    measured.open_sample()
    hand.settle()
    listed = measured.sample.list
    listed.selection_set("7")
    hand.key("Return", widget=listed)
    hand.settle()
    assert (tmp_path / "data" / "7" / "a-2.png").is_file()
    for _ in range(4):
        hand.key("Delete", widget=listed)
        hand.settle()
    assert not measured.sample.frame.winfo_ismapped()  # none is left to be looked at
    assert texts(measured.gallery.canvas) == ["Nothing is wrong: all 6 right."]


def test_a_click_opens_a_picture_and_with_a_key_held_selects_more(hand: Hand, measured: ResultsPanel) -> None:
    canvas = measured.gallery.canvas
    x, y = (part + 20 for part in measured.gallery._place(1))
    canvas.event_generate("<ButtonPress-1>", x=x, y=y, state=CONTROL)
    canvas.event_generate("<ButtonRelease-1>", x=x, y=y, state=CONTROL)
    assert measured.results.chosen == {0, 1}
    assert not measured.sample.frame.winfo_ismapped()
    canvas.event_generate("<ButtonPress-1>", x=x, y=y)
    canvas.event_generate("<ButtonRelease-1>", x=x, y=y)
    hand.settle()
    assert measured.results.cursor == 1
    assert measured.sample.frame.winfo_ismapped()
    measured.sample.buttons["Back"].invoke()
    hand.settle()
    assert canvas.winfo_ismapped()


def test_a_picture_that_is_gone_is_said_in_its_place(hand: Hand, measured: ResultsPanel, tmp_path: Path) -> None:
    (tmp_path / "data" / "0" / "a.png").unlink()
    measured.open_sample()
    hand.settle()
    assert any("a.png" in text for text in texts(measured.sample.canvas))


def test_every_view_in_both_themes(hand: Hand, measured: ResultsPanel) -> None:
    measured.results.history = None
    for _ in range(2):
        for view in ("curves", "calibration", "matrix", "labels", "comparison"):
            measured.show_view(view)
            hand.settle()
        hand.window.controller.toggle_theme()
        measured.results.compared = COMPARED
        from hdr.app.results_look import as_run

        measured.results.history = as_run(History({"loss": (2.0, 1.0), "validation_accuracy": (0.5, 0.9)}))


def test_models_are_compared_side_by_side_and_saved(
    hand: Hand, panel: ResultsPanel, hdr: FakeHdr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hdr.answer = {"models": COMPARED, "told": ""}
    panel.show("default", [tmp_path / "data"])
    hand.wait_until(lambda: panel.results.measured is not None)
    panel.choice.others[0].set("second")
    panel.choice.others[0].event_generate("<<ComboboxSelected>>")
    assert panel.choice.buttons["measure"].cget("text") == "Compare"
    panel.choice.buttons["measure"].invoke()
    hand.wait_until(lambda: panel.results.compared)
    hand.settle()
    assert hdr.typed[-1][:3] == ["compare", "default", "second"]
    assert panel.view.get() == "comparison"
    assert not panel.pictures.winfo_ismapped()
    assert panel.headline.cget("text") == "good and a model with a long name may be equally good (p = 0.5)"
    view = panel.views["comparison"]
    rows = [view.list.item(row, "values") for row in view.list.get_children()]
    assert rows[2] == ("against the best", "the best", "may be chance (p = 0.5)")
    assert rows[4] == ("parameters", "123", "?")
    assert rows[6] == ("ms a picture", ".tflite 0.10, .keras ?", ".tflite 0.10, .keras ?")
    assert "90.00%" in texts(view.picture.canvas)
    monkeypatch.setattr(hand.window.dialogs, "save_file", lambda *_: tmp_path / "r.html")
    panel.choice.buttons["report"].invoke()
    hand.settle()
    assert hdr.typed[-1][-2:] == ["--report", str(tmp_path / "r.html")]


def test_data_may_be_chosen_and_what_goes_wrong_is_said(
    hand: Hand, panel: ResultsPanel, hdr: FakeHdr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogs, data = hand.window.dialogs, panel.choice.data
    monkeypatch.setattr(dialogs, "open_folder", lambda *_: tmp_path / "data")
    monkeypatch.setattr(dialogs, "open_file", lambda *_: None)
    for chosen, shown in (("Choose a folder …", "data"), ("Choose an .npz …", "My captures")):
        data.set(chosen)
        data.event_generate("<<ComboboxSelected>>")
        assert data.get() == shown
    panel.choice.buttons["measure"].invoke()
    hand.settle()
    assert panel.headline.cget("text") == "You have saved no digits yet."
    hand.window.services.workspace.captures.mkdir(parents=True)
    hdr.answer, hdr.code = {"error": "There are no captures yet.", "hint": "Save some."}, 1
    panel.choice.buttons["measure"].invoke()
    hand.wait_until(lambda: panel.results.wrong[1] == "Save some.")
    hand.settle()
    assert panel.headline.cget("text") == "There are no captures yet."
    assert panel.told.cget("text") == "Save some."


def test_measuring_is_told_and_can_be_stopped(hand: Hand, panel: ResultsPanel, hdr: FakeHdr) -> None:
    hdr.hangs = True
    hand.window.services.workspace.captures.mkdir(parents=True)
    panel.choice.buttons["measure"].invoke()
    hand.wait_until(lambda: panel.results.work.fraction)
    assert panel.status() == "Measuring default"
    assert panel.bar.canvas.winfo_manager()
    panel.choice.buttons["stop"].invoke()
    hand.wait_until(lambda: not panel.results.work.wants_pumping)
    assert panel.choice.buttons["measure"].winfo_manager()


def test_whoever_is_busy_elsewhere_when_the_answers_come_keeps_the_keys(
    hand: Hand, panel: ResultsPanel, tmp_path: Path
) -> None:
    panel.show("default", [tmp_path / "data"])
    hand.window.state.use_screen("pages")
    hand.canvas.focus_force()
    hand.wait_until(lambda: panel.results.measured is not None)
    hand.settle()
    assert hand.window.root.focus_get() is hand.canvas
    hand.window.state.use_screen("train")
    hand.settle()
    assert texts(panel.gallery.canvas)[0] == "0"


def test_what_the_model_had_seen_stands_below(hand: Hand, panel: ResultsPanel, hdr: FakeHdr, tmp_path: Path) -> None:
    hdr.answer = {"told": "Of these 9 pictures 5 were learned from. (--all measures on all.)"}
    hdr.errors = ["left out: /a/b.png: /a/b.png is torn"]
    panel.show("default", [tmp_path / "data"])
    hand.wait_until(lambda: panel.results.measured is not None)
    hand.settle()
    assert panel.told.cget("text") == "Of these 9 pictures 5 were learned from. 1 left out: /a/b.png is torn"
    panel.view_buttons["comparison"].invoke()
    assert panel.told.cget("text") == "", "nothing was compared"


def test_a_model_of_the_list_is_measured_on_what_it_was_made_from(
    hand: Hand, panel: ResultsPanel, hdr: FakeHdr, tmp_path: Path
) -> None:
    for folder in ("one/data", "two/data"):
        (tmp_path / folder).mkdir(parents=True)
        name = folder.partition("/")[0]
        made = {"command": f"hdr train --data {tmp_path / folder}", "date": "2026-01-02", "parameters": 7}
        publish(hand.window.services.workspace, name, made=made)
    for name, shown in (("one", "data"), ("two", str(tmp_path / "two" / "data"))):
        panel.show(name)
        hand.wait_until(lambda name=name: any(name in typed for typed in hdr.typed))
        hand.wait_until(lambda: not panel.results.work.is_live)
        assert hdr.typed[-1][:4] == ["evaluate", name, "--data", str(tmp_path / name / "data")]
        assert panel.choice.data.get() == shown


def test_a_notice_hides_no_button_of_the_picture_that_is_shown_large(hand: Hand, measured: ResultsPanel) -> None:
    measured.open_sample()
    hand.settle()
    over, button = measured.notices_over(), measured.sample.buttons["Back"]
    assert over.winfo_rooty() + over.winfo_height() <= button.winfo_rooty()
    hand.window.state.use_screen("pages")
    hand.settle()
    hand.window.state.use_screen("train")
    hand.settle()
    assert hand.window.root.focus_get() is measured.sample.list, "as it was left"


@pytest.mark.parametrize("count", [2, 100])
def test_two_labels_and_a_hundred_long_ones(
    hand: Hand, panel: ResultsPanel, hdr: FakeHdr, tmp_path: Path, count: int
) -> None:
    names = tuple(f"a rather long name of a label, number {index}\n" for index in range(count))
    hdr.told = Told(
        Evaluation("m", names, Answers(np.arange(count), np.roll(np.eye(count, dtype=np.float32), 1, axis=0))),
        tuple(Place("x.npz", row) for row in range(count)),
    )
    panel.show("default", [tmp_path])
    hand.wait_until(lambda: panel.results.measured is not None)
    hand.settle()
    assert panel.results.count == count
    matrix = panel.views["matrix"]
    x, y = matrix.middle_of(count - 1, count - 1)
    assert x < matrix.canvas.winfo_width()
    assert y < matrix.canvas.winfo_height()
    assert all(matrix.canvas.bbox(item)[2] <= matrix.canvas.winfo_width() for item in matrix.canvas.find_all())


def test_a_model_is_measured_in_a_process_of_its_own(hand: Hand, tmp_path: Path) -> None:
    """For once with the real one."""
    from hdr.app.train_child import Child
    from hdr.data.drawn import draw_digits

    data = draw_digits(20, 4)
    np.savez(tmp_path / "d.npz", x=np.asarray(data.crops), y=(data.labels + (np.arange(20) == 3)) % 10)
    panel = open_panel(hand, Child)  # type: ignore[arg-type]  # the real one
    panel.show("default", [tmp_path / "d.npz"])
    hand.wait_until(lambda: panel.results.measured is not None or panel.results.wrong[0], 60)
    hand.settle()
    assert panel.results.wrong == ("", "")
    assert panel.results.measured is not None
    assert 3 in [panel.results.measured.places[row].index for row in panel.results.rows.tolist()]


def test_long_names_lose_their_end_or_their_middle(display: str, hand: Hand) -> None:
    font = tkfont.nametofont("HdrSmall", root=hand.window.root)
    text = "species number 12\n"
    for wide in range(0, 120, 7):
        for middle in (False, True):
            short = clipped(font, text, wide, middle=middle)
            assert font.measure(short) <= max(wide, font.measure("…"))
    assert clipped(font, text, 500) == "species number 12?"
    assert clipped(font, text, font.measure("species…"), middle=False).startswith("specie")
    assert clipped(font, text, font.measure("specie…12?"), middle=True).endswith("2?")


def test_the_keys_of_the_gallery_stand_in_the_help(hand: Hand, panel: ResultsPanel) -> None:
    assert hand.window.screens.current.keys == panel.keys
    assert hand.window.screens.current.notices_over() in (panel.pictures, panel.figures)
