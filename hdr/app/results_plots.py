"""Figures to drawings on canvases in the theme's colours: is it as sure as it is right, and which model is better."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Mapping, Sequence
from tkinter import font as tkfont
from typing import Any

import ttkbootstrap as ttk

from hdr.app.clipping import clipped
from hdr.app.results import Results
from hdr.app.theme import Palette, palette, px
from hdr.app.train_curves import Curves
from hdr.data.confidence import reliability
from hdr.data.metrics import Accuracy

_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


class Calibration:
    """How often it was right against how sure it was, with 95 % intervals, and below how many there were.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    results
        Whose answers they are.
    """

    def __init__(self, parent: tk.Misc, results: Results) -> None:
        self.results = results
        self.frame = ttk.Frame(parent)
        self.told = ttk.Label(self.frame, font="HdrSmall", bootstyle="secondary", justify="left")
        self.told.pack(side="bottom", fill="x")
        self.told.bind("<Configure>", lambda event: self.told.configure(wraplength=max(80, event.width)))
        self.canvas = tk.Canvas(self.frame, highlightthickness=0, bd=0, takefocus=False, width=10, height=10)
        self.canvas.pack(fill="both", expand=True)
        self.keyboard = self.canvas
        self._small = tkfont.nametofont("HdrSmall", root=parent)
        self.canvas.bind("<Configure>", lambda _: self.refresh())
        self.canvas.bind("<Map>", lambda _: self.refresh())

    def refresh(self) -> None:
        """Draw it anew."""
        colors = palette(self.results.state.settings.app.theme)
        self.canvas.configure(background=colors.panel)
        self.canvas.delete("all")
        measured = self.results.measured
        if measured is None or not self.canvas.winfo_ismapped():
            return
        told = measured.evaluation
        self.told.configure(
            text=f"Calibration error {told.calibration_error:.4f}, log loss {told.log_loss:.4f}, Brier score "
            f"{told.brier:.4f}: of each, 0 is best. On the dashed line it is as sure as it is right."
        )
        bins = reliability(told.answers.confidence, told.answers.right)
        above, below = self._boxes()
        self._draw_axes(above, colors)
        self._draw_shares(above, bins.confidence, bins.shares(), colors)
        self._draw_counts(below, bins.counts, colors)

    def _boxes(self) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
        gap, line = px(self.canvas, 6), self._small.metrics("linespace")
        left, right = self._small.measure("100 %") + 2 * gap, self.canvas.winfo_width() - 2 * gap
        high = self.canvas.winfo_height() - 2 * line - 4 * gap
        middle = gap + round(0.76 * high)
        bottom = middle + gap + line + max(8, round(0.24 * high) - line)
        return (left, gap, max(left + 20, right), middle), (left, middle + line, max(left + 20, right), bottom)

    def _draw_axes(self, box: tuple[int, int, int, int], colors: Palette) -> None:
        left, top, right, bottom = box
        for tick in _TICKS:
            y = bottom - tick * (bottom - top)
            self.canvas.create_line(left, y, right, y, fill=colors.track)
            self._write(left - px(self.canvas, 4), y, f"{tick:.0%}", "e", colors)
        self.canvas.create_line(left, bottom, right, top, fill=colors.muted, dash=(4, 3))

    def _draw_shares(
        self, box: tuple[int, int, int, int], sure: Sequence[float] | Any, shares: Sequence[Accuracy], colors: Palette
    ) -> None:
        left, top, right, bottom = box
        dot, wide = px(self.canvas, 4), px(self.canvas, 2)
        for confidence, share in zip(sure, shares, strict=True):
            if not share.n:
                continue
            x = left + float(confidence) * (right - left)
            low, middle, high = (
                bottom - one * (bottom - top) for one in (share.interval[0], share.value, share.interval[1])
            )
            self.canvas.create_line(x, low, x, high, fill=colors.accent, width=wide)
            self.canvas.create_oval(x - dot, middle - dot, x + dot, middle + dot, fill=colors.accent, width=0)

    def _draw_counts(self, box: tuple[int, int, int, int], counts: Any, colors: Palette) -> None:
        left, top, right, bottom = box
        wide, most = (right - left) / len(counts), math.log1p(max(1, int(counts.max())))
        for number, count in enumerate(counts.tolist()):
            x, high = left + number * wide, (bottom - top) * math.log1p(count) / most
            self.canvas.create_rectangle(x + 1, bottom - high, x + wide - 1, bottom, fill=colors.edge, width=0)
        self._write(left - px(self.canvas, 4), (top + bottom) / 2, "n", "e", colors)
        for tick in _TICKS:
            text = "how sure" if tick == 0.5 else f"{tick:.0%}"
            anchor = "nw" if tick == 0 else "ne" if tick == 1 else "n"
            self._write(left + tick * (right - left), bottom + px(self.canvas, 2), text, anchor, colors)

    def _write(self, x: float, y: float, text: str, anchor: Any, colors: Palette) -> None:
        self.canvas.create_text(x, y, text=text, anchor=anchor, font="HdrSmall", fill=colors.muted)


class RecordedCurves:
    """Loss and accuracy over the training of the model, from the numbers that were recorded then.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    results
        Whose model it is.
    """

    def __init__(self, parent: tk.Misc, results: Results) -> None:
        self.results = results
        self.frame = ttk.Frame(parent)
        self.curves = Curves(self.frame, lambda: palette(results.state.settings.app.theme))
        self.keyboard = self.curves.canvas
        self.none = ttk.Label(self.frame, bootstyle="secondary", anchor="center", justify="center")
        self.none.bind("<Configure>", lambda event: self.none.configure(wraplength=max(80, event.width)))

    def refresh(self) -> None:
        """Draw what was recorded, or say that nothing was."""
        history = self.results.history
        self.curves.repaint()
        self.curves.canvas.pack_forget()
        self.none.pack_forget()
        if history is not None:
            self.curves.canvas.pack(fill="both", expand=True)
            self.curves.show(history)
        elif self.results.measured is not None:
            self.none.configure(text=f"No curves were recorded when {self.results.model} was trained.")
            self.none.pack(fill="both", expand=True)


class Intervals:
    """The accuracy of several models with its 95 % interval, the best at the top.

    Parameters
    ----------
    parent
        Where the canvas is made; the caller lays it out.
    results
        Whose comparison it is.
    """

    def __init__(self, parent: tk.Misc, results: Results) -> None:
        self.results = results
        self.canvas = tk.Canvas(parent, highlightthickness=0, bd=0, takefocus=False, width=10, height=10)
        self._small = tkfont.nametofont("HdrSmall", root=parent)
        self.canvas.bind("<Configure>", lambda _: self.refresh())
        self.canvas.bind("<Map>", lambda _: self.refresh())

    def refresh(self) -> None:
        """Draw it anew."""
        canvas, rows = self.canvas, self.results.compared
        colors = palette(self.results.state.settings.app.theme)
        canvas.configure(background=colors.panel)
        canvas.delete("all")
        if not rows or not canvas.winfo_ismapped():
            return
        low = min(row["interval"][0] for row in rows)
        high = max(row["interval"][1] for row in rows)
        spread = max(high - low, 0.002)
        names = max(self._small.measure(str(row["model"])) for row in rows)
        left = min(names, canvas.winfo_width() // 3) + px(canvas, 16)
        right = max(left + 40, canvas.winfo_width() - px(canvas, 56))
        place = lambda share: left + (share - low) / spread * (right - left)  # noqa: E731  (too little for a method)
        line = self._small.metrics("linespace")
        step = max(line, (canvas.winfo_height() - line) // len(rows))
        self._draw_ends(left, right, low, low + spread, colors)
        for number, row in enumerate(rows):
            self._draw(row, round((number + 0.5) * step), left, place, colors)

    def _draw_ends(self, left: int, right: int, low: float, high: float, colors: Palette) -> None:
        """Where the axis begins and ends."""
        below = self.canvas.winfo_height()
        ends: tuple[tuple[int, float, Any], ...] = ((left, low, "sw"), (right, high, "se"))
        for x, share, anchor in ends:
            self.canvas.create_line(x, 0, x, below, fill=colors.track)
            self.canvas.create_text(x, below, text=f" {share:.1%} ", anchor=anchor, font="HdrSmall", fill=colors.muted)

    def _draw(self, row: Mapping[str, Any], y: int, left: int, place: Any, colors: Palette) -> None:
        canvas, dot = self.canvas, px(self.canvas, 5)
        name = clipped(self._small, str(row["model"]), left - px(canvas, 14), middle=True)
        canvas.create_text(px(canvas, 4), y, text=name, anchor="w", font="HdrSmall", fill=colors.text)
        start, middle, end = place(row["interval"][0]), place(row["accuracy"]), place(row["interval"][1])
        color = colors.good if row["p_against_best"] is None else colors.accent
        canvas.create_line(start, y, end, y, fill=color, width=px(canvas, 3))
        canvas.create_oval(middle - dot, y - dot, middle + dot, y + dot, fill=color, width=0)
        text = f"{row['accuracy']:.2%}"
        canvas.create_text(end + px(canvas, 6), y, text=text, anchor="w", font="HdrSmall", fill=colors.muted)
