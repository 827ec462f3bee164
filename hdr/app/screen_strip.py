"""The strip at the left that goes from screen to screen, and the first of these, the pages."""

from __future__ import annotations

import tkinter as tk

import ttkbootstrap as ttk

from hdr.app.action import ActionTable
from hdr.app.controller import Controller
from hdr.app.screens import SCREENS, Keys
from hdr.app.theme import px
from hdr.app.toolbar import describe


class ScreenStrip:
    """A button for each screen; the one that is shown is down."""

    def __init__(self, parent: tk.Misc, table: ActionTable, controller: Controller) -> None:
        self.frame = ttk.Frame(parent, padding=(px(parent, 5), px(parent, 6)))
        self._state = controller.state
        self._on = tk.StringVar(self.frame, self._state.screen)
        self.buttons: dict[str, ttk.Radiobutton] = {}
        for one in SCREENS:
            action = table[one.name]
            button = ttk.Radiobutton(
                self.frame, text=one.title, icon=one.icon, icon_only=True, value=one.name, variable=self._on,
                bootstyle="primary toolbutton", command=lambda name=one.name: controller.state.use_screen(name),
            )  # fmt: skip
            button.pack(pady=px(parent, 3))
            ttk.ToolTip(button, text=describe(action), delay=500)
            self.buttons[one.name] = button
        self._state.listen(lambda changed: self._on.set(self._state.screen) if "screen" in changed else None)


class PagesTab:
    """The screen that the window itself builds: `hdr.app.screens.Tab` around the page and its panels."""

    keys: Keys = ()

    def __init__(self, frame: ttk.Frame, canvas: tk.Canvas) -> None:
        self.frame = frame
        self._canvas = canvas

    def shown(self) -> None:
        """Keys go to the page."""
        self._canvas.focus_set()

    def hidden(self) -> None:
        """Nothing runs only while it is seen."""

    def close(self) -> None:
        """Nothing runs but jobs."""

    def status(self) -> str:
        """The status bar knows the page itself."""
        return ""

    def notices_over(self) -> tk.Misc:
        """The page."""
        return self._canvas
