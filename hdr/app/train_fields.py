"""Names and kinds of what can be chosen to rows of a form: entries, lists, paths, and what is usual beside them."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from tkinter import font as tkfont
from typing import Any

import ttkbootstrap as ttk

from hdr.app.theme import px
from hdr.app.train_plan import EPOCHS, NUMBERS, Number

_TITLES = {
    "arch": "Architecture", "start": "Go on from", "name": "Name", "schedule": "Schedule", "weights": "Weights",
    "tensorboard": "TensorBoard", "class_weights": "Rare labels",
    **{number.name: number.title for number in (EPOCHS, *NUMBERS)},
}  # fmt: skip


def heading(body: ttk.Frame, text: str) -> None:
    """Add a title over what follows."""
    gap = px(body, 12) if body.grid_size()[1] else 0
    ttk.Label(body, text=text, font="HdrStrong").grid(sticky="w", pady=(gap, px(body, 2)))


def small(parent: ttk.Frame, text: str = "") -> ttk.Label:
    """Return a new line of less important words, as many lines as it needs; the caller lays it out."""
    label = ttk.Label(parent, text=text, bootstyle="secondary", font="HdrSmall", justify="left")
    label.bind("<Configure>", lambda event: label.configure(wraplength=max(80, event.width)))
    return label


def button(parent: ttk.Frame, text: str, icon: str, run: Callable[[], object], tip: str = "") -> ttk.Button:
    """Return a new button of little weight; the caller lays it out."""
    made = ttk.Button(parent, text=text, icon=icon, bootstyle="ghost", command=run, icon_size=16)
    if tip:
        ttk.ToolTip(made, text=tip, delay=500)
    return made


class Fields:
    """The rows, by the names of a `hdr.app.train_plan.Plan`.

    Parameters
    ----------
    changed
        Called when a person has chosen or typed something.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.values: dict[str, Any] = {}  # Tk's variables, whose own types say nothing
        self.entries: dict[str, Any] = {}  # entries and lists to choose from, which take other options
        self.hints: dict[str, ttk.Label] = {}

    def grid(self, body: ttk.Frame) -> ttk.Frame:
        """Return a new place for rows; the titles of all such places are equally wide."""
        grid = ttk.Frame(body)
        grid.grid(sticky="ew")
        font = tkfont.nametofont("HdrSmall", root=body)
        wide = max(font.measure(title) for title in _TITLES.values()) + px(body, 8)
        grid.columnconfigure(0, minsize=wide)
        grid.columnconfigure(1, weight=1)
        return grid

    def _label(self, grid: ttk.Frame, name: str) -> int:
        row = int(grid.grid_size()[1])
        ttk.Label(grid, text=_TITLES[name], font="HdrSmall").grid(row=row, column=0, sticky="w")
        return row

    def combo(self, grid: ttk.Frame, name: str) -> ttk.Combobox:
        """Add a row with a list to choose from."""
        row = self._label(grid, name)
        value = self.values[name] = tk.StringVar(grid)
        combo = ttk.Combobox(grid, textvariable=value, state="readonly", width=12)
        combo.grid(row=row, column=1, columnspan=2, sticky="ew", pady=px(grid, 2))
        combo.bind("<<ComboboxSelected>>", lambda _: self._changed())
        self.entries[name] = combo
        return combo

    def entry(self, grid: ttk.Frame, name: str, tip: str = "") -> None:
        """Add a row to type into."""
        row = self._label(grid, name)
        value = self.values[name] = tk.StringVar(grid)
        value.trace_add("write", lambda *_: self._changed())
        entry = ttk.Entry(grid, textvariable=value, width=8)
        entry.grid(row=row, column=1, sticky="ew", pady=px(grid, 2))
        if tip:
            ttk.ToolTip(entry, text=tip, delay=500)
        self.hints[name] = ttk.Label(grid, bootstyle="secondary", font="HdrSmall")
        self.hints[name].grid(row=row, column=2, sticky="w", padx=(px(grid, 6), 0))
        self.entries[name] = entry

    def number(self, grid: ttk.Frame, number: Number) -> None:
        """Add a row for a number."""
        self.entry(grid, number.name, number.tip)

    def path(self, grid: ttk.Frame, name: str, choose: Callable[[], None], tip: str) -> None:
        """Add a row for a place, which can be typed or chosen."""
        self.entry(grid, name, tip)
        hint = self.hints.pop(name)
        chooser = ttk.Button(
            grid, text=f"Choose for {_TITLES[name]}", icon="folder2-open", icon_only=True, bootstyle="ghost",
            command=choose,
        )  # fmt: skip
        chooser.grid(row=hint.grid_info()["row"], column=2, sticky="w")
        hint.destroy()
