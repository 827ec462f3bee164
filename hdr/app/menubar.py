"""The menu, made from the table of actions."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

from hdr.app.action import Action, ActionTable, can_do, perform, shown_key
from hdr.app.actions import GROUPS
from hdr.app.controller import Controller
from hdr.app.theme import style_menu

# A line is drawn before these.
_BREAKS = {"save", "close_page", "quit", "copy", "stop", "thinner", "clear", "next", "not_a_digit"}
_BREAKS |= {"confirm", "left_out", "halve", "break_row", "view_page", "zoom_in", "next_page", "reading_settings"}
_BREAKS |= {"live_open", "live_next", "live_ink", "live_mirror", "live_region", "live_labels", "live_leave"}


_SUBMENUS = {"Digits": "It is a …", "Boxes": "By arrow keys …", "Live": "Region by keys …"}


class MenuBar:
    """A menu for each group. What cannot be done is gray at the moment a menu opens."""

    def __init__(self, root: tk.Tk, table: ActionTable, controller: Controller) -> None:
        self._controller = controller
        self.bar = tk.Menu(root, tearoff=False)
        self._all = [self.bar]
        self._variables: list[tk.BooleanVar] = []
        self.menus: dict[str, tk.Menu] = {}
        for group in GROUPS:
            self._add(group, table.in_group(group))
        root.configure(menu=self.bar)
        self.recolor()

    def recolor(self) -> None:
        """Take the colours of the theme."""
        for menu in self._all:
            style_menu(menu)

    def _add(self, group: str, actions: list[Action]) -> None:
        menu = tk.Menu(self.bar, tearoff=False)
        self._all.append(menu)
        entries: list[tuple[Action, int, tk.BooleanVar | None]] = []
        labels: tk.Menu | None = None
        for action in actions:
            if action.name in _BREAKS:
                menu.add_separator()
            if action.family is not None:
                labels = labels or self._submenu(menu, _SUBMENUS[group])
                labels.add_command(
                    label=action.text, accelerator=shown_key(action.keys[0]), command=self._runner(action)
                )
            else:
                entries.append((action, *self._entry(menu, action)))
        menu.configure(postcommand=lambda: self._refresh(menu, entries))
        self.bar.add_cascade(label=group, menu=menu, underline=0)
        self.menus[group] = menu

    def _submenu(self, menu: tk.Menu, text: str) -> tk.Menu:
        labels = tk.Menu(menu, tearoff=False)
        self._all.append(labels)
        menu.add_cascade(label=text, menu=labels)
        return labels

    def _entry(self, menu: tk.Menu, action: Action) -> tuple[int, tk.BooleanVar | None]:
        key = shown_key(action.keys[0]) if action.keys else ""
        on: tk.BooleanVar | None = None
        if action.checked is None:
            menu.add_command(label=action.text, accelerator=key, command=self._runner(action))
        else:
            on = tk.BooleanVar(menu)
            self._variables.append(on)  # Tk keeps no reference of its own
            menu.add_checkbutton(label=action.text, accelerator=key, variable=on, command=self._runner(action))
        index = menu.index("end")
        assert index is not None
        return index, on

    def _runner(self, action: Action) -> Callable[[], object]:
        return lambda: perform(action, self._controller)

    def _refresh(self, menu: tk.Menu, entries: list[tuple[Action, int, tk.BooleanVar | None]]) -> None:
        state = self._controller.state
        for action, index, on in entries:
            menu.entryconfigure(index, state="normal" if can_do(action, state) else "disabled")
            if on is not None and action.checked is not None:
                on.set(action.checked(state))
            if action.name in ("undo", "redo"):
                what = state.undo_name if action.name == "undo" else state.redo_name
                menu.entryconfigure(index, label=f"{action.text} {what}" if what else action.text)
