"""One thing that can be done, its keys, and the table of all: the menu, the toolbar and the keys are made from it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hdr.app.state import AppState

if TYPE_CHECKING:
    from hdr.app.controller import Controller

Enabled = Callable[[AppState], bool]


@dataclass(frozen=True)
class Action:
    """One thing that can be done.

    Parameters
    ----------
    name
        What tests and widgets call it.
    text
        What the menu calls it.
    group
        Its menu.
    run
        Does it.
    keys
        As ``Ctrl+Shift+S``; Ctrl is Command on a Mac. The first is shown.
    enabled
        Whether it can be done now.
    icon
        Glyph of Bootstrap Icons for the toolbar; empty where it has no button.
    tip
        What the button's help says; empty for the text.
    checked
        Whether it is on, for what is switched; None for what is just done.
    anywhere
        Whether it can be done on every screen, though what is like it belongs to one.
    family
        What the help sheet shows once for several actions alike: ``("0 to 9", "Label the selected digits")``.
    """

    name: str
    text: str
    group: str
    run: Callable[[Controller], None]
    keys: tuple[str, ...] = ()
    enabled: Enabled = lambda _: True
    icon: str = ""
    tip: str = ""
    checked: Enabled | None = None
    anywhere: bool = False
    family: tuple[str, str] | None = None


class ActionTable:
    """All actions by name and by key.

    Raises
    ------
    ValueError
        For a name that two of them claim, or a key that two of them claim on one screen.
    """

    def __init__(self, actions: tuple[Action, ...]) -> None:
        self.by_name: dict[str, Action] = {}
        self.on_key: dict[str, list[Action]] = {}
        for action in actions:
            if action.name in self.by_name:
                raise ValueError(f"two actions are called {action.name!r}")
            self.by_name[action.name] = action
            for key in action.keys:
                self._claim(key, action)

    def _claim(self, key: str, action: Action) -> None:
        claimed = self.on_key.setdefault(key, [])
        for other in claimed:
            if screen_of(action) in ("", screen_of(other)) or not screen_of(other):
                raise ValueError(f"{key} is claimed by {other.name!r} and {action.name!r}")
        claimed.append(action)

    @property
    def by_key(self) -> dict[str, Action]:
        """The first action of each key; only other screens have another."""
        return {key: actions[0] for key, actions in self.on_key.items()}

    def __getitem__(self, name: str) -> Action:
        return self.by_name[name]

    def in_group(self, group: str) -> list[Action]:
        """The actions of a menu, in order."""
        return [action for action in self.by_name.values() if action.group == group]


SCREEN_OF = {**dict.fromkeys(("Edit", "Draw", "Digits", "Boxes", "View"), "pages"), "Train": "train", "Live": "live"}
"""The screen that the actions of a menu belong to; those of the others can be done on any."""


def screen_of(action: Action) -> str:
    """The screen on which alone an action can be done; empty for any."""
    return "" if action.anywhere else SCREEN_OF.get(action.group, "")


def can_do(action: Action, state: AppState) -> bool:
    """Whether an action can be done now: what is not seen is not changed."""
    return action.enabled(state) and screen_of(action) in ("", state.screen)


def perform(action: Action, controller: Controller) -> bool:
    """Do an action if it can be done now; whether it could. Every key and menu entry goes through here."""
    if not can_do(action, controller.state):
        return False
    action.run(controller)
    return True


_SHOWN = {
    "Prior": "Page Up", "Next": "Page Down", "Escape": "Esc", "plus": "+", "minus": "-", "equal": "=",
    "BackSpace": "Backspace", "space": "Space",
    "Right": "→", "Left": "←", "Up": "↑", "Down": "↓", "question": "?", "slash": "/", "period": ".",
}  # fmt: skip


def shown_key(key: str, *, mac: bool = sys.platform == "darwin") -> str:
    """Return a key as a user reads it: ``Ctrl+plus`` as ``Ctrl++``."""
    parts = key.split("+")
    if mac:
        parts = [{"Ctrl": "⌘", "Shift": "⇧"}.get(part, part) for part in parts]
    return ("" if mac else "+").join(_SHOWN.get(part, part) for part in parts)


def tk_sequence(key: str, *, mac: bool = sys.platform == "darwin") -> str:
    """Return a key as Tk binds it: ``Ctrl+Shift+Z`` as ``<Control-Shift-Key-Z>``, ``[`` as ``<Key-bracketleft>``."""
    *modifiers, last = key.split("+")
    names = {"[": "bracketleft", "]": "bracketright"}
    last = names.get(last, last)
    if len(last) == 1 and last.isalpha():
        last = last.upper() if "Shift" in modifiers else last.lower()
    prefix = "".join({"Ctrl": "Command-" if mac else "Control-", "Shift": "Shift-"}[part] for part in modifiers)
    return f"<{prefix}Key-{last}>"


def has_selection(state: AppState) -> bool:
    """Whether digits are selected."""
    return bool(state.selected)


def has_content(state: AppState) -> bool:
    """Whether there is a page that can be read."""
    page = state.document
    return bool(page.strokes) if page.is_drawing else page.key in state.images
