from __future__ import annotations

import pytest

from hdr.app.action import Action, ActionTable, shown_key, tk_sequence
from hdr.app.actions import GROUPS, all_actions
from hdr.app.controller import Controller
from hdr.app.help_sheet import help_lines
from hdr.app.keys import belongs_to_widget


class Shown:
    """A viewer and panels that only remember what was asked of them."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def zoom(self, factor: float) -> None:
        self.asked.append(factor)

    def fit(self) -> None:
        self.asked.append("fit")

    def actual_size(self) -> None:
        self.asked.append("actual size")

    def toggle_settings(self) -> None:
        self.asked.append("settings")

    def settings_shown(self) -> bool:
        return "settings" in self.asked


TABLE = all_actions(Shown(), Shown())


def action(name: str, *keys: str) -> Action:
    return Action(name, name, "File", lambda _: None, keys)


def test_no_name_and_no_key_twice() -> None:
    assert len(TABLE.by_name) > 40
    with pytest.raises(ValueError, match="two actions are called 'a'"):
        ActionTable((action("a"), action("a")))
    with pytest.raises(ValueError, match="F1 is claimed by 'a' and 'b'"):
        ActionTable((action("a", "F1"), action("b", "F1")))


def test_every_action_stands_in_a_menu_and_the_help_sheet_or_has_no_key() -> None:
    told = {keys for group in GROUPS for keys, _ in help_lines(TABLE.in_group(group))}
    for one in TABLE.by_name.values():
        assert one.group in GROUPS
        if one.keys and one.family is None:
            assert shown_key(one.keys[0]) in told


def test_keys_of_digits_and_numpad_are_there() -> None:
    for digit in "0123456789":
        assert TABLE.by_key[digit] is TABLE.by_key[f"KP_{digit}"]


@pytest.mark.parametrize(
    ("key", "shown", "sequence"),
    [
        ("Ctrl+Shift+Z", "Ctrl+Shift+Z", "<Control-Shift-Key-Z>"),
        ("Ctrl+O", "Ctrl+O", "<Control-Key-o>"),
        ("P", "P", "<Key-p>"),
        ("[", "[", "<Key-bracketleft>"),
        ("Ctrl+plus", "Ctrl++", "<Control-Key-plus>"),
        ("Next", "Page Down", "<Key-Next>"),
        ("7", "7", "<Key-7>"),
    ],
)
def test_keys_as_shown_and_as_bound(key: str, shown: str, sequence: str) -> None:
    assert shown_key(key, mac=False) == shown
    assert tk_sequence(key, mac=False) == sequence


def test_on_a_mac_ctrl_is_command() -> None:
    assert shown_key("Ctrl+Shift+Z", mac=True) == "⌘⇧Z"
    assert tk_sequence("Ctrl+Z", mac=True) == "<Command-Key-z>"


@pytest.mark.parametrize(
    ("widget", "key", "modifiers", "belongs"),
    [
        ("Canvas", "7", 0, False),
        ("TSpinbox", "7", 0, True),
        ("TSpinbox", "Return", 0, True),
        ("TSpinbox", "Escape", 0, False),
        ("TSpinbox", "F1", 0, False),
        ("TSpinbox", "Ctrl+S", 4, False),
        ("TSpinbox", "Ctrl+Z", 4, True),
        ("TButton", "Return", 0, True),
        ("TButton", "7", 0, False),
        ("TScale", "Left", 0, True),
        ("TScale", "7", 0, False),
        ("Canvas", "P", 4, True),
        ("Canvas", "Ctrl+plus", 4, False),
        ("Canvas", "Left", 0, False),
    ],
)
def test_a_key_belongs_to_the_widget_that_makes_use_of_it(widget: str, key: str, modifiers: int, belongs: bool) -> None:
    assert belongs_to_widget(widget, key, modifiers) is belongs


def test_what_is_no_part_of_the_state_is_asked_of_the_viewer_and_the_panels(controller: Controller) -> None:
    viewer, panels = Shown(), Shown()
    table = all_actions(viewer, panels)
    settings = table["reading_settings"]
    assert settings.checked is not None
    assert not settings.checked(controller.state)
    for name in ("zoom_in", "zoom_out", "fit", "actual", "reading_settings"):
        table[name].run(controller)
    assert viewer.asked == [1.25, 0.8, "fit", "actual size"]
    assert panels.asked == ["settings"]
    assert settings.checked(controller.state)


def test_what_can_be_done_depends_on_the_state(controller: Controller) -> None:
    def possible() -> set[str]:
        return {one.name for one in TABLE.by_name.values() if one.enabled(controller.state)}

    assert {"open", "paste", "snapshot", "pen", "help", "quit"} <= possible()
    assert not {"save", "export", "undo", "redo", "copy", "clear", "recognize", "label_3", "next_page"} & possible()
    controller.state.set_counts({"1": 1})
    assert "export" in possible()
