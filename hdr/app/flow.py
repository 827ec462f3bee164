"""Controls side by side, in as many lines as the width needs."""

from __future__ import annotations

import tkinter as tk

import ttkbootstrap as ttk

from hdr.app.theme import px

_MOST_LINES = 4


class Flow:
    """A frame whose cells flow into lines like words.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    gap_px
        Between cells, in logical pixels.
    """

    def __init__(self, parent: tk.Misc, gap_px: int) -> None:
        self.frame = ttk.Frame(parent)
        self.cells: list[ttk.Frame] = []
        self.left_out: frozenset[ttk.Frame] = frozenset()
        """Cells that are not shown; `lay_out` follows a change."""
        self._gap = px(parent, gap_px)
        self._lines = [ttk.Frame(self.frame) for _ in range(_MOST_LINES)]
        for line in self._lines:
            line.pack(fill="x")
        self.frame.bind("<Configure>", lambda event: self._flow(event.width))

    def cell(self) -> ttk.Frame:
        """Return a new place for controls that stay together."""
        cell = ttk.Frame(self.frame)
        self.cells.append(cell)
        return cell

    def lay_out(self) -> None:
        """Put the cells into their lines anew."""
        self._flow(self.frame.winfo_width())

    def _flow(self, width: int) -> None:
        x, line = 0, 0
        for cell in self.left_out:
            cell.pack_forget()
        for cell in (cell for cell in self.cells if cell not in self.left_out):
            wide = cell.winfo_reqwidth() + self._gap
            if x and x + wide > width:
                x, line = 0, min(line + 1, _MOST_LINES - 1)
            cell.pack(in_=self._lines[line], side="left", anchor="s", padx=(0, self._gap), pady=px(self.frame, 2))
            x += wide
        for empty in self._lines[line + 1 :]:
            empty.configure(height=1)  # Tk leaves a frame as it was when its last widget goes
