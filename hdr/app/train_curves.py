"""The numbers of a training run to curves on a canvas: loss and accuracy of both parts, as they come in.

Items are made once and moved, so that drawing a hundred epochs anew costs no more than setting some coordinates.
"""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter import font as tkfont
from typing import Any

from hdr.app.theme import Palette, px
from hdr.app.train_run import Run
from hdr.app.train_told import Epoch

Point = tuple[float, float]
Style = tuple[str, tuple[int, ...]]
STEPS: Style = ("muted", ())
LEARNED: Style = ("accent", ())
HELD: Style = ("warm", (6, 3))
_MOST_TICKS = 12


@dataclass(frozen=True)
class Axis:
    """Where values lie and which of them are named.

    Parameters
    ----------
    low, high
        Ends, in units of ``to``.
    ticks
        Named values and what they are called.
    to
        A value's place along the axis, such as its logarithm.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    to: Callable[[float], float] = float

    def share(self, value: float) -> float:
        """Return where a value lies, 0 at the low end and 1 at the high."""
        return min(max((self.to(value) - self.low) / (self.high - self.low), 0.0), 1.0)


def nice_step(span: float, most: int) -> float:
    """Return the smallest of 1, 2 or 5 times a power of ten that divides a span into no more parts than ``most``."""
    least = span / max(1, most)
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def epoch_axis(last: int, most: int) -> Axis:
    """Return the axis of the epochs, 0 to the last."""
    step = max(1, round(nice_step(last, most)))
    return Axis(0, last, tuple((at, str(at)) for at in range(0, last + 1, step)))


def loss_axis(values: Sequence[float], most: int) -> Axis:
    """Return a logarithmic axis around losses."""
    low, high = (min(values), max(values)) if values else (0.1, 1.0)
    bottom, top = math.log10(low) - 0.05, math.log10(high) + 0.05
    if top - bottom < 0.4:
        middle = (top + bottom) / 2
        bottom, top = middle - 0.2, middle + 0.2
    powers = range(math.floor(bottom), math.ceil(top) + 1)
    for digits in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        found = [digit * 10.0**power for power in powers for digit in digits]
        ticks = [value for value in found if bottom <= math.log10(value) <= top]
        if len(ticks) <= max(2, most):
            break
    return Axis(bottom, top, tuple((tick, f"{tick:g}") for tick in ticks), math.log10)


def accuracy_axis(values: Sequence[float], most: int) -> Axis:
    """Return an axis around shares that are right, up to 100 %."""
    low = min(values) if values else 0.0
    step = nice_step(max(1 - low, 0.001), max(2, most - 1))
    bottom = max(0.0, math.floor(low / step + 1e-9) * step)
    count = round((1 - bottom) / step)
    digits = max(0, -math.floor(math.log10(step * 100) + 1e-9))
    ticks = tuple((bottom + step * at, f"{100 * (bottom + step * at):.{digits}f} %") for at in range(count + 1))
    return Axis(bottom, 1.0, ticks)


class Plot:
    """One of the two: axes, lines, and the best epoch marked.

    Parameters
    ----------
    canvas
        Where it is drawn.
    title
        Above it.
    lines
        The field of the palette and the dashes of each line.
    """

    def __init__(self, canvas: tk.Canvas, title: str, lines: Sequence[Style]) -> None:
        self._canvas = canvas
        self._small = tkfont.nametofont("HdrSmall", root=canvas)
        make = canvas.create_line
        self._grid = [make(0, 0, 0, 0, state="hidden") for _ in range(2 * _MOST_TICKS)]
        self._names = [canvas.create_text(0, 0, font="HdrSmall", state="hidden") for _ in range(2 * _MOST_TICKS)]
        self._frame = make(0, 0, 0, 0)
        self._best = make(0, 0, 0, 0, state="hidden", dash=(2, 3))
        self._dot = canvas.create_oval(0, 0, 0, 0, state="hidden", width=0)
        self._lines = [make(0, 0, 0, 0, state="hidden", dash=dash, joinstyle="round") for _, dash in lines]
        self._fields = [field for field, _ in lines]
        self._title = canvas.create_text(0, 0, text=title, font="HdrStrong", anchor="nw")
        self._box = (0, 0, 0, 0)

    def paint(self, colors: Palette) -> None:
        """Take the colours of the theme."""
        canvas = self._canvas
        for item in self._grid:
            canvas.itemconfigure(item, fill=colors.track)
        for item in self._names:
            canvas.itemconfigure(item, fill=colors.muted)
        canvas.itemconfigure(self._frame, fill=colors.edge)
        canvas.itemconfigure(self._best, fill=colors.good)
        canvas.itemconfigure(self._dot, fill=colors.good)
        canvas.itemconfigure(self._title, fill=colors.text)
        for item, field in zip(self._lines, self._fields, strict=True):
            canvas.itemconfigure(item, fill=getattr(colors, field), width=1 if field == STEPS[0] else px(canvas, 2))

    def lay_out(self, x: int, y: int, wide: int, high: int) -> None:
        """Take its place."""
        canvas, line = self._canvas, self._small.metrics("linespace")
        canvas.coords(self._title, x, y)
        left = x + self._small.measure("99.9 %") + px(canvas, 4)
        top, bottom = y + round(1.5 * line), y + high - round(1.4 * line)
        self._box = (left, top, max(left + 10, x + wide - px(canvas, 10)), max(top + 10, bottom))
        canvas.coords(self._frame, left, top, left, self._box[3], self._box[2], self._box[3])

    @property
    def most_ticks(self) -> tuple[int, int]:
        """How many names have room along either axis."""
        left, top, right, bottom = self._box
        line = self._small.metrics("linespace")
        across = (right - left) // max(1, self._small.measure("0000"))
        return min(across, _MOST_TICKS - 2), min((bottom - top) // max(1, 2 * line), _MOST_TICKS - 2)

    def show(self, x: Axis, y: Axis, series: Sequence[Sequence[Point]], best: Point | None) -> None:
        """Draw the lines, each as points of epoch and value."""
        left, top, right, bottom = self._box

        def place(point: Point) -> tuple[float, float]:
            return left + x.share(point[0]) * (right - left), bottom - y.share(point[1]) * (bottom - top)

        self._show_ticks(x, y)
        for item, points in zip(self._lines, series, strict=True):
            flat = [number for point in points for number in place(point)]
            if len(points) == 1:
                flat += [flat[0] + 2, flat[1]]
            self._canvas.coords(item, *(flat or (0, 0, 0, 0)))
            self._canvas.itemconfigure(item, state="normal" if flat else "hidden")
        self._mark(None if best is None else place(best))

    def _mark(self, at: tuple[float, float] | None) -> None:
        canvas, state = self._canvas, "hidden" if at is None else "normal"
        canvas.itemconfigure(self._best, state=state)
        canvas.itemconfigure(self._dot, state=state)
        if at is not None:
            radius = px(canvas, 4)
            canvas.coords(self._best, at[0], self._box[1], at[0], self._box[3])
            canvas.coords(self._dot, at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius)
            canvas.tag_raise(self._dot)

    def _show_ticks(self, x: Axis, y: Axis) -> None:
        left, top, right, bottom = self._box
        gap = px(self._canvas, 4)
        ticks: list[tuple[tuple[float, ...], tuple[float, float], str, str]] = []
        for value, text in y.ticks[:_MOST_TICKS]:
            at = bottom - y.share(value) * (bottom - top)
            ticks.append(((left, at, right, at), (left - gap, at), text, "e"))
        for value, text in x.ticks[:_MOST_TICKS]:
            at = left + x.share(value) * (right - left)
            ticks.append(((at, bottom, at, bottom + gap), (at, bottom + gap), text, "n"))
        for number, (line, name) in enumerate(zip(self._grid, self._names, strict=True)):
            self._tick(line, name, ticks[number] if number < len(ticks) else None)

    def _tick(self, line: int, name: int, told: tuple[tuple[float, ...], tuple[float, float], str, str] | None) -> None:
        canvas = self._canvas
        if told is None:
            canvas.itemconfigure(line, state="hidden")
            canvas.itemconfigure(name, state="hidden")
            return
        where, at, text, anchor = told
        canvas.coords(line, *where)
        canvas.coords(name, *at)
        canvas.itemconfigure(line, state="normal")
        canvas.itemconfigure(name, state="normal", text=text, anchor=anchor)


class Legend:
    """What the lines of both plots are, in one row.

    Parameters
    ----------
    canvas
        Where it is drawn.
    """

    def __init__(self, canvas: tk.Canvas) -> None:
        self._canvas = canvas
        self._small = tkfont.nametofont("HdrSmall", root=canvas)
        lines = (("each step", STEPS), ("learned from", LEARNED), ("held out", HELD))
        self._lines = [(canvas.create_line(0, 0, 0, 0, dash=style[1]), style[0]) for _, style in lines]
        self._dot = canvas.create_oval(0, 0, 0, 0, width=0)
        names = (*(name for name, _ in lines), "the epoch that is kept")
        self._names = [canvas.create_text(0, 0, text=name, font="HdrSmall", anchor="w") for name in names]

    def paint(self, colors: Palette) -> None:
        """Take the colours of the theme."""
        for item, field in self._lines:
            thin = 1 if field == STEPS[0] else px(self._canvas, 2)
            self._canvas.itemconfigure(item, fill=getattr(colors, field), width=thin)
        self._canvas.itemconfigure(self._dot, fill=colors.good)
        for name in self._names:
            self._canvas.itemconfigure(name, fill=colors.muted)

    def lay_out(self) -> int:
        """Take its place at the top, in as many lines as it needs, and return how high it is."""
        canvas, line = self._canvas, self._small.metrics("linespace")
        texts: Any = canvas  # the stubs leave its methods untyped
        key, gap, middle, at = px(canvas, 16), px(canvas, 5), line // 2, 0
        marks = [item for item, _ in self._lines]
        for number, name in enumerate(self._names):
            wide = key + gap + self._small.measure(texts.itemcget(name, "text"))
            if at and at + wide > canvas.winfo_width():
                at, middle = 0, middle + line
            if number < len(marks):
                canvas.coords(marks[number], at, middle, at + key, middle)
            else:
                canvas.coords(self._dot, at + key - 2 * gap, middle - gap + 1, at + key - 2, middle + gap - 1)
            canvas.coords(name, at + key + gap, middle)
            at += wide + 2 * gap
        return middle + line // 2 + gap


class Curves:
    """Both plots, side by side or, on a high and narrow canvas, one above the other.

    Parameters
    ----------
    parent
        Where the canvas is made; the caller lays it out.
    colors
        Gives the colours of the theme.
    """

    def __init__(self, parent: tk.Misc, colors: Callable[[], Palette]) -> None:
        self.canvas = tk.Canvas(parent, highlightthickness=0, bd=0, takefocus=False, width=10, height=10)
        self._colors = colors
        self.legend = Legend(self.canvas)
        self.loss = Plot(self.canvas, "Loss", (STEPS, LEARNED, HELD))
        self.accuracy = Plot(self.canvas, "Right", (LEARNED, HELD))
        self._run: Run | None = None
        self._alone = False
        self.canvas.bind("<Configure>", lambda _: self._lay_out())
        self.repaint()

    def repaint(self) -> None:
        """Take the colours of the theme."""
        colors = self._colors()
        self.canvas.configure(background=colors.panel)
        for part in (self.legend, self.loss, self.accuracy):
            part.paint(colors)

    def _lay_out(self) -> None:
        top, gap = self.legend.lay_out(), px(self.canvas, 12)
        wide, high = self.canvas.winfo_width(), self.canvas.winfo_height() - top
        if self._alone:
            places = ((0, top, wide, high), (2 * wide, top, wide, high))
        elif high > wide:
            half = (high - gap) // 2
            places = ((0, top, wide, half), (0, top + half + gap, wide, half))
        else:
            half = (wide - gap) // 2
            places = ((0, top, half, high), (half + gap, top, half, high))
        for plot, place in zip((self.loss, self.accuracy), places, strict=True):
            plot.lay_out(*place)
        self.show(self._run)

    def show(self, run: Run | None) -> None:
        """Draw a run; None for empty axes."""
        self._run = run
        run = run or Run()
        alone = run.total_epochs == 1 and not run.epochs  # a run so short is told by its steps
        if alone is not self._alone:
            self._alone = alone
            self._lay_out()
            return
        last = max(run.total_epochs, *(epoch.number for epoch in run.epochs), 1)
        best = run.best
        self._show_loss(run, last, best)
        across, up = self.accuracy.most_ticks
        lines = [_points(run.epochs, name) for name in ("accuracy", "validation_accuracy")]
        axis = accuracy_axis([value for line in lines for _, value in line], up)
        mark = None if best is None else (best.number, best.validation_accuracy)
        self.accuracy.show(epoch_axis(last, across), axis, lines, mark)

    def _show_loss(self, run: Run, last: int, best: Epoch | None) -> None:
        across, up = self.loss.most_ticks
        lines = [_positive(_points(run.epochs, name)) for name in ("loss", "validation_loss")]
        steps = _positive(run.steps)
        values = [value for line in (*lines, steps) for _, value in line]
        known = best is not None and best.validation_loss > 0
        mark = (best.number, best.validation_loss) if best is not None and known else None
        self.loss.show(epoch_axis(last, across), loss_axis(values, up), [steps, *lines], mark)


def _points(epochs: Sequence[Epoch], name: str) -> list[Point]:
    """A curve; what an older run did not tell is left out."""
    found = [(epoch.number, getattr(epoch, name)) for epoch in epochs]
    return [(at, value) for at, value in found if math.isfinite(value)]


def _positive(points: Sequence[Point]) -> list[Point]:
    """A curve without losses of which there is no logarithm."""
    return [(at, value) for at, value in points if value > 0]
