"""The saved crops in the window: what is shown, what the keys do to files, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdr.app.captures import DOUBLES, MISTAKES, Captures
from hdr.app.controller import Controller
from hdr.app.gallery import Gallery
from hdr.app.jobs import Job
from hdr.data.captures import CaptureStore
from hdr.data.mistakes import Mistakes
from hdr.errors import HdrError
from hdr.workspace import Workspace

from .conftest import Hand, finish, picture_of_digits

CONTROL, SHIFT = 0x4, 0x1


def save_page(controller: Controller, path: Path, labels: str) -> None:
    controller.opener.open_paths([path])
    finish(controller.jobs)
    controller.recognize()
    finish(controller.jobs)
    for index, label in enumerate(labels):
        controller.state.select(index)
        controller.state.relabel(label)
    controller.save()
    finish(controller.jobs)


@pytest.fixture
def captures(controller: Controller, tmp_path: Path) -> Captures:
    """A page of 7, 3, 3, of which the model took all for 7; the 7 is not confirmed."""
    path = picture_of_digits(tmp_path / "page.png")
    save_page(controller, path, "")
    for index in (1, 2):
        controller.state.select(index)
        controller.state.relabel("3")
    controller.save()
    finish(controller.jobs)
    controller.toggle_screen("captures")
    controller.captures.load()
    finish(controller.jobs)
    return controller.captures


def labels(captures: Captures) -> str:
    return "".join(captures.cell(position).label for position in range(captures.count))


def test_crops_are_shown_with_what_the_model_says(captures: Captures) -> None:
    assert labels(captures) == "337"
    first, last = captures.cell(0), captures.cell(2)
    assert (first.other, first.confirmed) == ("7", True)
    assert (last.other, last.confirmed) == ("", False)


def test_filters_and_orders(captures: Captures) -> None:
    captures.toggle_label("3")
    assert labels(captures) == "33"
    captures.toggle_label("3")
    captures.show_only(confirmed=False)
    assert labels(captures) == "7"
    captures.show_only(confirmed=None, disagrees=True)
    assert labels(captures) == "33"
    captures.show_only(disagrees=None, text="page.png")
    assert captures.count == 3
    captures.show_only(text="elsewhere")
    assert (captures.count, captures.paths, captures.chosen) == (0, [], set())
    captures.step(1)
    captures.pick(0)
    captures.relabel("1")
    captures.show_only(text="")
    captures.order_by("newest")
    assert captures.count == 3


def test_likely_mistakes_come_first(captures: Captures, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Mistakes(np.array([2, 0]), np.array([1, 0]), np.array([1.5, -1.0]), 1)
    monkeypatch.setattr("hdr.data.mistakes.find_capture_mistakes", lambda index, progress=None: found)
    captures.order_by(MISTAKES)
    assert captures.count == 0
    finish(captures.jobs)
    assert labels(captures) == "73"
    assert captures.index is not None
    assert captures.cell(0).other == captures.index.labels[1]
    assert captures.cell(1).other == ""
    assert captures.state.notice is not None
    assert captures.state.notice.message.startswith("1 labels look wrong")
    path = captures.cell(0).path
    captures.pick(0)
    captures.relabel("0")
    finish(captures.jobs)
    assert captures.cell(0).path.name == path.name, "what was found out holds for crops that were moved"
    assert captures.cell(0).other == "7"
    captures.discard()
    finish(captures.jobs)
    assert captures.count == 1


def test_the_model_in_use_is_asked(captures: Captures) -> None:
    assert captures.index is not None
    captures.show_by_model(True)
    finish(captures.jobs)
    assert captures.index.opinion is not None
    assert captures.index.opinion.model == "stub"
    assert labels(captures) == "33"
    captures.pick(0)
    captures.relabel("7")
    finish(captures.jobs)
    assert captures.index.opinion is not None
    assert labels(captures) == "3", "it is asked again, and remembers"
    captures.show_by_model(None)
    assert captures.count == 3


def test_looking_is_stopped_and_all_is_shown_again(captures: Captures) -> None:
    assert not captures.stop()
    captures.order_by(DOUBLES)
    assert captures.count == 0
    assert captures.stop()
    assert (captures.by, captures.count) == ("label", 3)


def test_what_takes_long_can_be_stopped() -> None:
    from hdr.app.finding import _progress

    job = Job("a", "b", lambda _: None, lambda _: None, lambda _: None)
    _progress(job)(1, 2)
    assert job.fraction == 0.5
    job.cancelled.set()
    with pytest.raises(HdrError, match="Stopped"):
        _progress(job)(2, 2)


def test_doubles_stand_side_by_side(captures: Captures, workspace: Workspace) -> None:
    source = captures.cell(0).path
    twin = workspace.captures / "3" / "twin.png"
    twin.write_bytes(source.read_bytes())
    captures.order_by(DOUBLES)
    assert captures.is_looking
    captures.load()
    finish(captures.jobs)
    assert not captures.is_looking
    shown = {captures.cell(position).path for position in range(captures.count)}
    assert {source, twin} <= shown
    assert captures.state.notice is not None
    assert "more than once" in captures.state.notice.message
    captures.pick(0)
    captures.discard()
    finish(captures.jobs)
    assert {captures.cell(position).path for position in range(captures.count)} < shown


def test_a_label_goes_to_the_file_and_back(captures: Captures, workspace: Workspace) -> None:
    captures.pick(0)
    captures.relabel("5")
    finish(captures.jobs)
    assert labels(captures) == "357"
    assert captures.cursor == 0, "on the crop that was next"
    assert CaptureStore(workspace.captures).counts() == {"3": 1, "5": 1, "7": 1}
    captures.undo()
    captures.redo()
    captures.undo()
    finish(captures.jobs)
    assert labels(captures) == "337"
    captures.redo()
    finish(captures.jobs)
    assert labels(captures) == "357"
    captures.redo()
    captures.undo()
    captures.undo()
    finish(captures.jobs)
    assert labels(captures) == "337"


def test_all_are_confirmed(captures: Captures) -> None:
    captures.pick_all()
    captures.confirm()
    finish(captures.jobs)
    assert all(captures.cell(position).confirmed for position in range(3))


def test_the_recycle_bin_and_back(captures: Captures) -> None:
    captures.pick(0)
    captures.pick(2, add=True)
    captures.restore()
    assert captures.chosen == {0, 2}
    captures.discard()
    finish(captures.jobs)
    assert labels(captures) == "3"
    captures.show_bin(True)
    finish(captures.jobs)
    assert labels(captures) == "37"
    for nothing in (captures.discard, captures.confirm, lambda: captures.relabel("1")):
        nothing()
    assert not captures.jump()
    captures.pick_all()
    captures.restore()
    finish(captures.jobs)
    assert captures.count == 0
    captures.show_bin(False)
    finish(captures.jobs)
    assert labels(captures) == "337"


def test_several_are_selected_on_the_way(captures: Captures) -> None:
    captures.pick(0)
    captures.step(1, reach=True)
    assert captures.chosen == {0, 1}
    captures.step(99, reach=True)
    assert captures.chosen == {0, 1, 2}
    captures.step(-99)
    assert captures.chosen == {0}


def test_a_file_that_is_gone_is_told(captures: Captures) -> None:
    captures.pick(0)
    captures.paths[0].unlink()
    captures.relabel("5")
    finish(captures.jobs)
    assert captures.state.notice is not None
    assert captures.state.notice.kind == "error"


def test_to_the_page_and_its_box(captures: Captures, controller: Controller) -> None:
    state = controller.state
    captures.pick(1)
    box = captures.index.row(int(captures.rows[1])).box if captures.index else None
    assert captures.jump()
    finish(controller.jobs)
    assert state.document.name == "page.png"
    assert state.reading is not None
    assert state.focus is not None
    assert state.reading.digits[state.focus].box == box
    assert state.document.corrections == 2
    pages = len(state.now.pages)
    captures.pick(2)
    assert captures.jump()
    finish(controller.jobs)
    assert len(state.now.pages) == pages, "it is open already"
    assert state.reading.digits[state.focus].label == "7"
    state.relabel("1")
    controller.state.use_screen("pages")
    controller.save()
    finish(controller.jobs)
    page = next(iter(CaptureStore(controller.services.workspace.captures).list())).page
    assert page is not None
    assert page.read_text().count("page.png") == 1, "where it came from is not forgotten"
    page.with_suffix(".png").unlink()
    controller.captures.load()
    finish(controller.jobs)
    assert not captures.jump()


def test_keys_of_the_page_do_nothing_while_it_is_not_seen(captures: Captures, controller: Controller) -> None:
    from hdr.app.keyboard import Keyboard

    before = controller.state.document
    Keyboard(controller).press("5")
    assert controller.state.document is before
    Keyboard(controller).press("F6")
    assert controller.state.screen == "pages"


# In a window ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(open_hand: Callable[..., Hand], tmp_path: Path) -> Hand:
    hand = open_hand([picture_of_digits(tmp_path / "page.png", 4)])
    hand.key("Return")
    hand.settle()
    hand.key("3")
    hand.key("s", CONTROL)
    hand.settle()
    hand.key("F6")
    hand.wait_until(lambda: hand.window.controller.captures.count == 4)
    hand.settle()
    return hand


def gallery_of(hand: Hand) -> Gallery:
    gallery: Gallery = hand.window.screens.tabs["captures"].gallery
    return gallery


@pytest.mark.gui
def test_the_gallery_by_keys(shown: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery, captures = gallery_of(shown), shown.window.controller.captures

    def key(name: str, state: int = 0) -> None:
        shown.key(name, state, gallery.canvas)
        shown.settle()

    assert labels(captures) == "3777"
    key("Right")
    key("Right", SHIFT)
    key("5")
    assert labels(captures) == "3557"
    key("z", CONTROL)
    assert labels(captures) == "3777"
    key("y", CONTROL)
    key("Home")
    key("n")
    assert "none" in [captures.cell(position).label for position in range(4)]
    key("Home")
    key("Delete")
    assert captures.count == 3
    key("End")
    key("Return")
    key("question")
    monkeypatch.setattr(shown.window.dialogs, "ask_label", lambda _: "x")
    key("Home")
    key("t")
    assert "x" in shown.window.state.counts
    for name, state in (("a", CONTROL), ("Up", 0), ("Down", 0), ("Next", 0), ("Prior", SHIFT)):
        key(name, state)
    side = gallery._side
    key("plus")
    assert gallery._side > side
    key("minus")
    key("f", CONTROL)
    assert shown.window.root.focus_get() is shown.window.screens.tabs["captures"].search
    shown.key("Escape", widget=shown.window.screens.tabs["captures"].search)
    key("F1")
    assert shown.window.dialogs.open_window is not None
    shown.window.dialogs.help()
    key("g")
    assert shown.window.state.screen == "pages"
    shown.key("F6")
    tab = shown.window.screens.tabs["captures"]
    shown.settle()
    tab.order.set("Doubles")
    monkeypatch.setattr(captures, "stop", lambda: True)
    key("Escape")
    assert tab.order.get() == "By label"
    monkeypatch.undo()
    key("Escape")
    assert shown.window.viewer.canvas.winfo_ismapped()
    assert shown.window.root.title().endswith("– hdr")


@pytest.mark.gui
def test_the_gallery_by_mouse(shown: Hand) -> None:
    gallery, captures, tab = gallery_of(shown), shown.window.controller.captures, shown.window.screens.tabs["captures"]
    shown.window.root.update()
    x, y = gallery._place(2)
    gallery.canvas.event_generate("<ButtonPress-1>", x=x + 10, y=y + 10)
    gallery.canvas.event_generate("<ButtonPress-1>", x=gallery._place(0)[0] + 10, y=y + 10, state=CONTROL)
    assert captures.chosen == {0, 2}
    assert gallery.position_at(5000, 5000) is None
    tab.chart.event_generate("<Button-1>", x=10, y=7 * 20 + 5)
    shown.window.root.update()
    assert len(captures.filter.labels) == 1
    tab._text.set("nothing like that")
    shown.wait_until(lambda: captures.count == 0)
    shown.window.root.update()
    tab.order.set("Newest first")
    tab.order.event_generate("<<ComboboxSelected>>")
    tab.days.set("Today")
    tab.days.event_generate("<<ComboboxSelected>>")
    assert captures.by == "newest"
    assert captures.filter.since is not None
    tab.bin_button.invoke()
    shown.settle()
    assert tab.told.cget("text") == "0 in the recycle bin"
    gallery.canvas.event_generate("<Return>")
    tab.ask_label()
    assert tab.buttons["Restore"].instate(["disabled"])
    assert not tab.buttons["Recycle"].winfo_manager()
    shown.window.controller.toggle_theme()
    shown.settle()
    assert shown.window.status.left.cget("text").startswith("What was saved in")


@pytest.mark.gui
def test_of_many_crops_only_those_seen_are_drawn_and_read(
    open_hand: Callable[..., Hand], monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = open_hand()
    controller = hand.window.controller
    captures = controller.captures
    hand.key("F6")
    hand.settle()
    monkeypatch.setattr(Captures, "count", property(lambda _: 100_000))
    monkeypatch.setattr(Captures, "cell", lambda _, position: make_cell(position))
    captures._tell()
    hand.settle()
    gallery = gallery_of(hand)
    first = len(gallery.canvas.find_all())
    assert 0 < first < 2000
    captures.step(99_999)
    hand.settle()
    assert 99_999 in gallery._visible()
    assert len(gallery.canvas.find_all()) < 2000
    gallery._on_bar("moveto", "0.5")
    gallery._on_bar("scroll", "1", "pages")
    gallery._on_bar("scroll", "-1", "units")
    gallery.canvas.event_generate("<Button-4>")
    gallery.canvas.event_generate("<Button-5>")
    hand.settle()
    assert len(gallery._pictures) <= 1500


def make_cell(position: int) -> Any:
    from hdr.app.cell import Cell

    return Cell(Path(f"/nowhere/{position}.png"), str(position % 10))
