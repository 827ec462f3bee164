"""Keys to actions: one handler that knows when a key belongs to the widget that has the focus."""

from __future__ import annotations

import sys
import tkinter as tk

from hdr.app.action import Action, ActionTable, perform, tk_sequence
from hdr.app.controller import Controller

# Tk's bits for Control and for what opens menus. The bit that is Alt on X11 is Num Lock on Windows.
_COMBINING = {"win32": 0x4 | 0x20000, "darwin": 0x4 | 0x8 | 0x10}.get(sys.platform, 0x4 | 0x8)
_TYPED_INTO = {"TEntry", "Entry", "TSpinbox", "TCombobox", "Text"}
_TYPING = {
    "Ctrl+C", "Ctrl+V", "Ctrl+A", "Ctrl+Z", "Ctrl+Y", "Ctrl+Shift+Z", "Ctrl+Delete", "Ctrl+BackSpace",
    "Ctrl+Left", "Ctrl+Right", "Ctrl+Up", "Ctrl+Down", "Ctrl+Shift+Left", "Ctrl+Shift+Right",
}  # fmt: skip
_MOVED_BY_ARROWS = {"TScale", "TRadiobutton", "Toolbutton", "Listbox", "Menu"}
_PRESSED = {"TButton", "TCheckbutton", "TRadiobutton", "TMenubutton"}


def bind_keys(root: tk.Misc, table: ActionTable, controller: Controller) -> None:
    """Bind every key of the table to its action, in this window only."""
    for key, actions in table.on_key.items():
        for sequence in sequences(key):
            root.bind(sequence, lambda event, key=key, actions=actions: _run(event, key, actions, controller))  # type: ignore[misc]  # mypy cannot infer a lambda's defaults
            if key.endswith("+Return"):
                _spare_buttons(root, sequence)


def _spare_buttons(root: tk.Misc, sequence: str) -> None:
    """A shortcut with Return presses no button: to Tk it is Return all the same, unless something fits it better."""
    for widget_class in _PRESSED:
        root.bind_class(widget_class, sequence, lambda _: None)


def sequences(key: str) -> list[str]:
    """Return a key as Tk binds it, and the same with caps lock on; the key as in the table of actions."""
    sequence = tk_sequence(key)
    letter = key.rsplit("+", 1)[-1]
    if len(letter) == 1 and letter.isalpha() and "Shift" not in key:
        return [sequence, sequence.replace(f"Key-{letter.lower()}", f"Key-{letter.upper()}")]
    return [sequence]


def _run(event: tk.Event[tk.Misc], key: str, actions: list[Action], controller: Controller) -> str | None:
    if belongs_to_widget(_class_of(event.widget), key, int(event.state)):
        return None
    return "break" if any(perform(action, controller) for action in actions) else None


def _class_of(widget: object) -> str:
    # The list of a combobox is a window of Tk's own, of which Tkinter only knows the name.
    return widget.winfo_class() if isinstance(widget, tk.Misc) else "Listbox"


def belongs_to_widget(widget_class: str, key: str, modifiers: int) -> bool:
    """Whether a key is the focused widget's and no shortcut.

    Parameters
    ----------
    widget_class
        Tk's class of the widget with the focus.
    key
        As in the table of actions.
    modifiers
        Tk's bits of the modifiers held.
    """
    if "+" not in key and key != "+" and modifiers & _COMBINING:
        return True  # Alt with a letter opens a menu; Control with it is another key
    if key == "Escape" or (key.startswith("F") and key[1:].isdecimal()):
        return False
    if widget_class in _TYPED_INTO:
        return "+" not in key or key.startswith("Shift+") or key in _TYPING
    if widget_class in _MOVED_BY_ARROWS and key in ("Left", "Right", "Up", "Down", "Prior", "Next"):
        return True
    return widget_class in _PRESSED and key in ("Return", "KP_Enter", "space")
