"""A window over the main one in which something is asked or shown: a heading, a body, a row of buttons."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

import ttkbootstrap as ttk

from hdr.app.theme import PAD, px


class Dialog:
    """A window over the main one that is asked and answered. Esc and its closing answer None."""

    def __init__(self, root: ttk.App, title: str) -> None:
        self.root = root
        self.answer: Any = None
        self.window = ttk.Toplevel(title=title, transient=root, resizable=(False, False), iconphoto=None)
        self.window.withdraw()
        self.window.bind("<Escape>", lambda _: self.window.destroy())
        self.body = ttk.Frame(self.window, padding=px(root, 2 * PAD), bootstyle="bordered")
        self.body.pack(fill="both", expand=True)

    def heading(self, text: str, more: str = "") -> None:
        """Say what this is about."""
        ttk.Label(self.body, text=text, font="HdrTitle").pack(anchor="w")
        if more:
            ttk.Label(self.body, text=more, bootstyle="secondary", wraplength=px(self.root, 480), justify="left").pack(
                anchor="w", pady=(px(self.root, 4), 0)
            )

    def buttons(self, *choices: tuple[str, str, Callable[[], None]]) -> list[ttk.Button]:
        """Add a row of buttons, the last the one that Return presses."""
        row = ttk.Frame(self.body)
        row.pack(fill="x", pady=(px(self.root, 2 * PAD), 0))
        made = []
        for text, style, command in reversed(choices):
            button = ttk.Button(row, text=text, bootstyle=style, command=command)
            button.pack(side="right", padx=(px(self.root, PAD), 0))
            made.append(button)
        made[0].focus_set()
        return made

    def finish(self, answer: Any) -> None:
        """Answer, and go."""
        self.answer = answer
        self.window.destroy()

    def show(self) -> None:
        """Come up in the middle of the main window."""
        place_over(self.root, self.window)

    def ask(self) -> Any:
        """Come up and wait for the answer; None where there was none."""
        self.show()
        self.window.grab_set()
        self.window.wait_window()
        return self.answer


def place_over(root: tk.Misc, window: ttk.Toplevel) -> None:
    """Show a window in the middle of the main one."""
    window.update_idletasks()
    wide, high = window.winfo_reqwidth(), window.winfo_reqheight()
    x = root.winfo_rootx() + max(0, (root.winfo_width() - wide) // 2)
    y = root.winfo_rooty() + max(0, (root.winfo_height() - high) // 3)
    window.geometry(f"+{x}+{y}")
    window.deiconify()
    window.wait_visibility()
    window.focus_set()
