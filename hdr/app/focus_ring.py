"""Where the keyboard is, as a ring around the widget that has the focus; only for those who go by keyboard."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

from hdr.app.theme import px


class FocusRing:
    """Four thin bars around the focused widget, the same for every kind of widget.

    Parameters
    ----------
    root
        The window.
    color
        Gives the ring's colour, which follows the theme.
    has_own
        Widgets that show their focus themselves, beside canvases with a highlight of their own.
    """

    def __init__(self, root: tk.Tk, color: Callable[[], str], has_own: tuple[tk.Misc, ...]) -> None:
        self._root = root
        self._color = color
        self._has_own = has_own
        self._by_keyboard = False
        self.bars = [tk.Frame(root, bd=0, takefocus=False) for _ in range(4)]
        root.bind("<KeyPress-Tab>", lambda _: self._set_keyboard(True), add="+")
        if root.tk.call("tk", "windowingsystem") == "x11":
            root.bind("<KeyPress-ISO_Left_Tab>", lambda _: self._set_keyboard(True), add="+")
        root.bind("<ButtonPress>", lambda _: self._set_keyboard(False), add="+")
        root.bind("<FocusIn>", self._on_focus, add="+")
        root.bind("<Configure>", lambda event: self.hide() if event.widget is root else None, add="+")

    def _set_keyboard(self, by_keyboard: bool) -> None:
        self._by_keyboard = by_keyboard
        if not by_keyboard:
            self.hide()

    def _on_focus(self, event: tk.Event[tk.Misc]) -> None:
        widget = event.widget
        shows_itself = isinstance(widget, tk.Canvas) and float(widget.cget("highlightthickness")) > 0
        others = isinstance(widget, tk.Misc) and widget not in (self._root, *self._has_own)
        self.hide()
        if self._by_keyboard and others and not shows_itself:
            self._root.after_idle(self._show_settled, widget)

    def _show_settled(self, widget: tk.Misc) -> None:
        """Once what the focus set off, such as a column that scrolls, has come to rest."""
        self._root.update_idletasks()
        if str(self._root.tk.call("focus")) == str(widget) and widget.winfo_viewable():
            self._show(widget)

    def _show(self, widget: tk.Misc) -> None:
        gap, line = px(widget, 1), px(widget, 2)
        x = widget.winfo_rootx() - self._root.winfo_rootx() - gap - line
        y = widget.winfo_rooty() - self._root.winfo_rooty() - gap - line
        wide = widget.winfo_width() + 2 * (gap + line)
        high = widget.winfo_height() + 2 * (gap + line)
        places = (
            (x, y, wide, line),
            (x, y + high - line, wide, line),
            (x, y, line, high),
            (x + wide - line, y, line, high),
        )
        for bar, (left, top, width, height) in zip(self.bars, places, strict=True):
            bar.configure(background=self._color())
            bar.place(x=left, y=top, width=width, height=height)
            bar.lift()

    def hide(self) -> None:
        """Take the ring away."""
        for bar in self.bars:
            bar.place_forget()
