"""A confusion matrix on a canvas: a cell that is clicked shows its pictures; arrows and Return do it by keyboard."""

from __future__ import annotations

import tkinter as tk
from tkinter import font as tkfont
from typing import Any

import numpy as np
import ttkbootstrap as ttk

from hdr.app.clipping import clipped
from hdr.app.gallery import shown_label
from hdr.app.results import Results
from hdr.app.results_measured import Which
from hdr.app.theme import Palette, palette, px

_MOST_LABEL_PX, _NARROW_PX = 90, 40
_MOST_DRAWN = 6000
_STEPS = {"Left": (0, -1), "Right": (0, 1), "Up": (-1, 0), "Down": (1, 0)}


class Matrix:
    """Rows are true labels, columns what they were taken for. Right ones and mistakes have colours of their own.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    results
        Whose matrix it is.
    """

    def __init__(self, parent: tk.Misc, results: Results) -> None:
        self.results = results
        self.frame = ttk.Frame(parent)
        self.told = ttk.Label(self.frame, font="HdrSmall", bootstyle="secondary")
        self.told.pack(side="bottom", fill="x")
        self.canvas = tk.Canvas(self.frame, highlightthickness=px(parent, 2), bd=0, takefocus=True, width=10, height=10)
        self.canvas.pack(fill="both", expand=True)
        self.keyboard = self.canvas
        self.cursor = (0, 0)
        self.labels: list[int] = []
        """The labels that are drawn: those that are there, or that something was taken for."""
        self._fonts = {name: tkfont.nametofont(name, root=parent) for name in ("HdrSmall", "HdrTiny")}
        self._small = self._fonts["HdrSmall"]
        self._origin, self._side = (0, 0), 1.0
        bind = self.canvas.bind
        bind("<Configure>", lambda _: self.refresh())
        bind("<Map>", lambda _: self.refresh())
        bind("<Motion>", self._on_motion)
        bind("<Leave>", lambda _: self._tell_cell())
        bind("<Button-1>", self._on_press)
        bind("<FocusIn>", lambda _: self.refresh(), add="+")
        bind("<FocusOut>", lambda _: self.refresh(), add="+")
        for name, step in _STEPS.items():
            bind(f"<Key-{name}>", lambda _, step=step: self._walk(*step))  # type: ignore[misc]  # mypy cannot infer a lambda's defaults
        for key in ("Return", "KP_Enter", "space"):
            bind(f"<Key-{key}>", lambda _: self._choose())
        bind("<Key-Escape>", self._on_escape)

    # Choosing --------------------------------------------------------------------------------------------------------

    def cell_at(self, x: int, y: int) -> tuple[int, int] | None:
        """Return the row and column at a point of the canvas."""
        row, column = ((at - start) // self._side for at, start in zip((y, x), self._origin[::-1], strict=True))
        inside = 0 <= row < len(self.labels) and 0 <= column < len(self.labels)
        return (int(row), int(column)) if inside else None

    def middle_of(self, row: int, column: int) -> tuple[int, int]:
        """Return where a cell is on the canvas."""
        left, top = self._origin
        return round(left + (column + 0.5) * self._side), round(top + (row + 0.5) * self._side)

    def _on_motion(self, event: tk.Event[tk.Misc]) -> None:
        self._tell_cell(self.cell_at(event.x, event.y))

    def _on_press(self, event: tk.Event[tk.Misc]) -> None:
        self.canvas.focus_set()
        found = self.cell_at(event.x, event.y)
        if found is not None:
            self.cursor = found
            self._choose()

    def _walk(self, down: int, right: int) -> str:
        last = max(0, len(self.labels) - 1)
        self.cursor = min(max(self.cursor[0] + down, 0), last), min(max(self.cursor[1] + right, 0), last)
        self.refresh()
        return "break"

    def _choose(self) -> str:
        """Show the pictures of the cell, or all mistakes again."""
        if self.labels:
            chosen = Which(*(self.labels[at] for at in self.cursor))
            self.results.show_only(Which() if self.results.which == chosen else chosen)
        return "break"

    def _on_escape(self, _: Any) -> str | None:
        if self.results.which == Which():
            return None
        self.results.show_only(Which())
        return "break"

    # Showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw it anew."""
        canvas, colors = self.canvas, palette(self.results.state.settings.app.theme)
        canvas.configure(background=colors.panel, highlightbackground=colors.panel, highlightcolor=colors.accent)
        canvas.delete("all")
        measured = self.results.measured
        if measured is None or not canvas.winfo_ismapped():
            self.labels = []
            return
        matrix = measured.evaluation.matrix
        self.labels = np.flatnonzero(matrix.sum(axis=0) + matrix.sum(axis=1)).tolist()
        self.cursor = tuple(min(at, max(0, len(self.labels) - 1)) for at in self.cursor)  # type: ignore[assignment]  # two, as before
        if self.labels:
            names = [shown_label(measured.names[label]) for label in self.labels]
            self._lay_out(names)
            self._draw(matrix[np.ix_(self.labels, self.labels)], names, colors)
        self._tell_cell()

    def _lay_out(self, names: list[str]) -> None:
        gap, line = px(self.canvas, 4), self._small.metrics("linespace")
        room = min(px(self.canvas, _MOST_LABEL_PX), max(map(self._small.measure, names)))
        left, top = room + 2 * gap + line, gap + line
        wide, high = self.canvas.winfo_width(), self.canvas.winfo_height()
        below = min(room, round(0.25 * high)) if self._turned(names, (wide - left) / len(names)) else line
        self._side = max(1.0, min((wide - left - gap) / len(names), (high - top - below - 2 * gap) / len(names)))
        self._origin = left, top

    def _turned(self, names: list[str], side: float) -> bool:
        """Whether names stand upright below narrow columns; below wide ones they are cut off."""
        return side < px(self.canvas, _NARROW_PX) and max(map(self._small.measure, names)) > side

    def _draw(self, matrix: Any, names: list[str], colors: Palette) -> None:
        count, side = len(names), self._side
        left, top = self._origin
        canvas, end = self.canvas, count * side
        canvas.create_rectangle(left, top, left + end, top + end, fill=colors.track, width=0)
        share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        rows, columns = np.nonzero(matrix)
        order = np.argsort(-(matrix[rows, columns] * (rows != columns)), kind="stable")[:_MOST_DRAWN]
        for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
            self._draw_cell(row, column, int(matrix[row, column]), float(share[row, column]), colors)
        self._write_labels(names, colors)
        self._frame_cells(colors)

    def _draw_cell(self, row: int, column: int, number: int, share: float, colors: Palette) -> None:
        x, y = self._origin[0] + column * self._side, self._origin[1] + row * self._side
        strength = 0.25 + 0.75 * share if row == column else min(1.0, 0.35 + 2 * share)
        fill = _between(colors.track, colors.accent if row == column else colors.warm, strength)
        self.canvas.create_rectangle(x, y, x + self._side, y + self._side, fill=fill, width=0)
        font = next((name for name, one in self._fonts.items() if self._fits(one, f"{number}")), None)
        if font is not None:
            middle = x + self._side / 2, y + self._side / 2
            self.canvas.create_text(*middle, text=f"{number}", font=font, fill=_readable_on(fill))

    def _fits(self, font: tkfont.Font, text: str) -> bool:
        return font.measure(text) < self._side - 2 and font.metrics("linespace") < self._side

    def _write_labels(self, names: list[str], colors: Palette) -> None:
        canvas, side, line = self.canvas, self._side, self._small.metrics("linespace")
        left, top = self._origin
        gap, end = px(canvas, 4), len(names) * side
        every = max(1, int(-(-line // side)))
        turned = self._turned(names, side)
        below = canvas.winfo_height() - top - end - 2 * gap
        for at in range(0, len(names), every):
            middle = (at + 0.5) * side
            text = clipped(self._small, names[at], px(canvas, _MOST_LABEL_PX), middle=True)
            canvas.create_text(left - gap, top + middle, text=text, anchor="e", font="HdrSmall", fill=colors.text)
            text = clipped(self._small, names[at], int(below if turned else every * side - gap), middle=True)
            canvas.create_text(
                left + middle, top + end + gap, text=text, anchor="e" if turned else "n", angle=90 if turned else 0,
                font="HdrSmall", fill=colors.text,
            )  # fmt: skip
        canvas.create_text(left, gap // 2, text="taken for →", anchor="nw", font="HdrSmall", fill=colors.muted)
        canvas.create_text(
            gap, top + end / 2, text="true label", angle=90, anchor="n", font="HdrSmall", fill=colors.muted
        )

    def _frame_cells(self, colors: Palette) -> None:
        which = self.results.which
        if which.true in self.labels and which.told in self.labels:
            self._frame(self.labels.index(which.true), self.labels.index(which.told), colors.text)
        if self.canvas.focus_get() is self.canvas:
            self._frame(*self.cursor, colors.accent)

    def _frame(self, row: int, column: int, color: str) -> None:
        x, y = self._origin[0] + column * self._side, self._origin[1] + row * self._side
        self.canvas.create_rectangle(x, y, x + self._side, y + self._side, outline=color, width=px(self.canvas, 2))

    def _tell_cell(self, cell: tuple[int, int] | None = None) -> None:
        measured = self.results.measured
        if measured is None or not self.labels:
            self.told.configure(text="")
            return
        row, column = (self.labels[at] for at in cell or self.cursor)
        matrix = measured.evaluation.matrix
        true, told = (shown_label(measured.names[at]) for at in (row, column))
        number, of = int(matrix[row, column]), int(matrix[row].sum())
        text = f"{true} read as {told}: {number:,} of {of:,}"
        self.told.configure(text=clipped(self._small, text, max(60, self.canvas.winfo_width())))


def _between(first: str, second: str, share: float) -> str:
    """A colour so far on the way from one to another."""
    parts = [(int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in parts)


def _readable_on(fill: str) -> str:
    red, green, blue = (int(fill[at : at + 2], 16) for at in (1, 3, 5))
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"
