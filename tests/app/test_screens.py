"""The screens of the window: one table, tabs made when they are first shown, and their life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hdr.app import screens as module
from hdr.app.action import can_do
from hdr.app.controller import Controller
from hdr.app.keyboard import Keyboard
from hdr.app.screens import SCREENS, Keys, Screens, screen

from .conftest import Hand


class Told:
    """A tab that writes down what happens to it."""

    keys: Keys = ()

    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log, self.frame = name, log, self

    def grid(self, **_: Any) -> None:
        self.log.append(f"{self.name} up")

    def grid_remove(self) -> None:
        self.log.append(f"{self.name} away")

    def shown(self) -> None:
        self.log.append(f"{self.name} shown")

    def hidden(self) -> None:
        self.log.append(f"{self.name} hidden")

    def close(self) -> None:
        self.log.append(f"{self.name} closed")

    def status(self) -> str:
        return self.name

    def notices_over(self) -> Any:
        return None


def test_a_tab_is_made_when_first_shown_and_lives_until_the_window_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    monkeypatch.setattr(module, "import_module", lambda _: type("M", (), {"CapturesTab": lambda *_: Told("b", log)}))
    nothing: Any = None
    tabs = Screens(nothing, nothing, Told("a", log))
    tabs.show("pages")
    assert log == []
    for name in ("captures", "pages", "captures"):
        tabs.show(name)
    assert log == [
        "a away", "a hidden", "b up", "b shown", "b away", "b hidden", "a up", "a shown",
        "a away", "a hidden", "b up", "b shown",
    ]  # fmt: skip
    assert tabs.current.status() == "b"
    log.clear()
    tabs.close()
    assert log == ["b closed", "a closed"]


def test_every_screen_has_an_action_of_its_name_that_works_on_all(controller: Controller) -> None:
    table = Keyboard(controller)._table
    for here in SCREENS:
        controller.state.use_screen(here.name)
        for one in SCREENS:
            assert can_do(table[one.name], controller.state)
        assert can_do(table["view_page"], controller.state)
        assert can_do(table["fit"], controller.state) is (here.name == "pages")
    assert screen("captures").key == "F6"


@pytest.mark.gui
def test_from_screen_to_screen_by_mouse_and_key(open_hand: Callable[..., Hand]) -> None:
    hand = open_hand()
    window = hand.window
    assert list(window.screens.tabs) == ["pages"]
    window.strip.buttons["captures"].invoke()
    hand.settle()
    assert window.state.screen == "captures"
    assert window.root.title() == "Captures – hdr"
    assert not window.viewer.canvas.winfo_ismapped()
    window.strip.buttons["pages"].invoke()
    hand.settle()
    assert window.viewer.canvas.winfo_ismapped()
    hand.key("F6")
    hand.settle()
    assert window.strip._on.get() == "captures"
    hand.key("F2", widget=window.strip.buttons["captures"])
    hand.settle()
    assert (window.state.screen, window.strip._on.get()) == ("pages", "pages")
