"""The saved crops in the window, by keys and by mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hdr.app.captures import Captures
from hdr.app.cell import Cell
from hdr.app.gallery import Gallery

from .conftest import Hand, labels_of, picture_of_digits

CONTROL, SHIFT = 0x4, 0x1
pytestmark = pytest.mark.gui


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


def test_the_gallery_by_keys(shown: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery, captures = gallery_of(shown), shown.window.controller.captures

    def key(name: str, state: int = 0) -> None:
        shown.key(name, state, gallery.canvas)
        shown.settle()

    assert labels_of(captures) == "3777"
    key("Right")
    key("Right", SHIFT)
    key("5")
    assert labels_of(captures) == "3557"
    key("z", CONTROL)
    assert labels_of(captures) == "3777"
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


def test_the_gallery_by_mouse(shown: Hand) -> None:
    gallery, captures, tab = gallery_of(shown), shown.window.controller.captures, shown.window.screens.tabs["captures"]
    shown.window.root.update()
    x, y = gallery._place(2)
    gallery.canvas.event_generate("<ButtonPress-1>", x=x + 10, y=y + 10)
    gallery.canvas.event_generate("<ButtonPress-1>", x=gallery._place(0)[0] + 10, y=y + 10, state=CONTROL)
    assert captures.chosen == {0, 2}
    assert gallery.position_at(5000, 5000) is None
    tab.chart.canvas.event_generate("<Button-1>", x=10, y=7 * 20 + 5)
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
    captures._picked()
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
    return Cell(Path(f"/nowhere/{position}.png"), str(position % 10))
