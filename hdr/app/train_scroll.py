"""A column of controls that is higher than its room: scrolled by the wheel, and to whatever the keyboard goes to."""

from __future__ import annotations

import tkinter as tk
from typing import Any

import ttkbootstrap as ttk

from hdr.app.theme import px


class ScrolledColumn:
    """A frame of any height in the room there is.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out and fills `inner`.
    """

    def __init__(self, parent: tk.Misc) -> None:
        self.frame = ttk.Frame(parent)
        self.canvas = tk.Canvas(self.frame, highlightthickness=0, bd=0, width=10, height=10, takefocus=False)
        self.bar = ttk.Scrollbar(self.frame, orient="vertical", command=self.canvas.yview, bootstyle="thin")
        self.inner = ttk.Frame(self.canvas)
        self._window = self.canvas.create_window(0, 0, window=self.inner, anchor="nw")
        self.canvas.configure(yscrollcommand=self.bar.set, yscrollincrement=px(parent, 16))
        self.canvas.pack(side="left", fill="both", expand=True)
        self.canvas.bind("<Configure>", lambda _: self._fit())
        self.inner.bind("<Configure>", lambda _: self._fit())
        root = parent.winfo_toplevel()
        root.bind("<FocusIn>", self._on_focus, add="+")
        for event in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            root.bind(event, self._on_wheel, add="+")
        self.repaint()

    def repaint(self) -> None:
        """Take the colours of the theme."""
        self.canvas.configure(background=ttk.Style().colors.bg)

    def _fit(self) -> None:
        canvas, high = self.canvas, self.inner.winfo_reqheight()
        canvas.itemconfigure(self._window, width=canvas.winfo_width())
        canvas.configure(scrollregion=(0, 0, 1, max(high, canvas.winfo_height())))
        if high > canvas.winfo_height() > 1:
            self.bar.place(in_=canvas, relx=1, rely=0, relheight=1, anchor="ne")
        else:
            self.bar.place_forget()
            canvas.yview_moveto(0)

    def _is_inside(self, widget: object) -> bool:
        return isinstance(widget, tk.Misc) and str(widget).startswith(f"{self.inner}.")

    def _on_focus(self, event: tk.Event[tk.Misc]) -> None:
        if self._is_inside(event.widget):
            self.show(event.widget)

    def show(self, widget: tk.Misc) -> None:
        """Scroll as far as it takes for a control to be seen."""
        top = widget.winfo_rooty() - self.inner.winfo_rooty()
        bottom, room = top + widget.winfo_height(), self.canvas.winfo_height()
        seen, whole = self.canvas.canvasy(0), max(1, self.inner.winfo_reqheight())
        if top < seen:
            self.canvas.yview_moveto((top - px(self.canvas, 24)) / whole)
        elif bottom > seen + room:
            self.canvas.yview_moveto((bottom + px(self.canvas, 8) - room) / whole)

    def _on_wheel(self, event: Any) -> None:
        # A list that drops down or is scrolled itself keeps its wheel.
        if self._is_inside(event.widget) and event.widget.winfo_class() not in ("TCombobox", "Listbox"):
            up = event.num == 4 or event.delta > 0
            self.canvas.yview_scroll(-3 if up else 3, "units")
