"""What a model says of a digit to a bar for every label, the winner's in green: in rows, or upright in a low window."""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING

import ttkbootstrap as ttk

from hdr.app.kept_canvas import KeptCanvas
from hdr.app.live_verbs import Live
from hdr.app.marks import percent
from hdr.app.theme import palette, px
from hdr.classify.names import NOT_A_DIGIT

if TYPE_CHECKING:
    from hdr.classify.classifier import Prediction

_TAG = "bar"
_MOST_ROWS, _LEAST_STEP_PX, _MOST_STEP_PX = 11, 14, 22
_LEAST_HEIGHT_PX, _LINE_PX, _COLUMN_PX = 42, 15, 17
_TOLD_FROM_PX = 64
"""From this height on upright bars have their percents above them."""


class BarsPanel:
    """How likely each label is, of the digit that is selected."""

    def __init__(self, parent: tk.Misc, live: Live) -> None:
        self.live = live
        self.frame = ttk.Frame(parent)
        self.canvas = KeptCanvas(self.frame, _TAG, highlightthickness=0, bd=0, takefocus=False, width=1)
        self.canvas.pack(fill="both", expand=True)
        self.canvas.bind("<Configure>", lambda _: self.refresh())
        self.canvas.configure(height=px(parent, _LEAST_HEIGHT_PX))

    def refresh(self) -> None:
        """Show them."""
        digit = self.live.digit
        self.canvas.configure(background=palette(self.live.state.settings.app.theme).panel)
        self.canvas.begin()
        if digit is not None:
            self._draw(digit.prediction)
        self.canvas.end()

    def _draw(self, prediction: Prediction) -> None:
        rows = min(_MOST_ROWS, self.canvas.winfo_height() // px(self.canvas, _LEAST_STEP_PX))
        upright = rows < min(_MOST_ROWS, len(prediction.labels))
        room = self.canvas.winfo_width() // px(self.canvas, _COLUMN_PX) if upright else rows
        told = likeliest(prediction, max(1, room))
        for index, (label, probability) in enumerate(told):
            draw = self._draw_column if upright else self._draw_row
            draw(index, len(told), label, probability, wins=label == prediction.label)

    def _draw_row(self, index: int, count: int, label: str, probability: float, *, wins: bool) -> None:
        canvas = self.canvas
        step = min(px(canvas, _MOST_STEP_PX), canvas.winfo_height() / count)
        middle, half = index * step + step / 2, min(px(canvas, 11), step - 2) / 2
        left, right = px(canvas, 22), max(px(canvas, 60), canvas.winfo_width() - px(canvas, 46))
        self._text(px(canvas, 2), middle, _sign(label), "w", wins=wins)
        end = left + max((right - left) * probability, px(canvas, 1) if probability > 0.001 else 0)
        self._bar((left, middle - half, right, middle + half), (left, middle - half, end, middle + half), wins=wins)
        self._text(canvas.winfo_width() - px(canvas, 2), middle, percent(probability), "e", wins=wins)

    def _draw_column(self, index: int, count: int, label: str, probability: float, *, wins: bool) -> None:
        canvas, line = self.canvas, px(self.canvas, _LINE_PX)
        step, high = canvas.winfo_width() / count, canvas.winfo_height()
        middle, half = index * step + step / 2, min(px(canvas, 11), step - 4) / 2
        told = high >= px(canvas, _TOLD_FROM_PX)
        top, bottom = line if told else 0, max(line + 1, high - line)
        self._text(middle, high, _sign(label), "s", wins=wins)
        end = bottom - max((bottom - top) * probability, px(canvas, 1) if probability > 0.001 else 0)
        self._bar((middle - half, top, middle + half, bottom), (middle - half, end, middle + half, bottom), wins=wins)
        if told:
            self._text(middle, 0, percent(probability).rstrip("%"), "n", wins=wins, font="HdrSmall")

    def _text(self, x: float, y: float, text: str, anchor: str, *, wins: bool, font: str = "") -> None:
        colors = palette(self.live.state.settings.app.theme)
        usual, color = ("HdrStrong", colors.text) if wins else ("TkDefaultFont", colors.muted)
        self.canvas.create_text(x, y, text=text, anchor=anchor, font=font or usual, fill=color, tags=(_TAG,))

    def _bar(self, track: tuple[float, ...], bar: tuple[float, ...], *, wins: bool) -> None:
        colors = palette(self.live.state.settings.app.theme)
        for corners, fill in ((track, colors.track), (bar, colors.good if wins else colors.muted)):
            self.canvas.create_rectangle(*map(round, corners), fill=fill, width=0, tags=(_TAG,))


def _sign(label: str) -> str:
    return "✕" if label == NOT_A_DIGIT else label


def likeliest(prediction: Prediction, room: int) -> list[tuple[str, float]]:
    """Return all labels in their order with their probabilities; the likeliest where there is not room for all."""
    if len(prediction.labels) > room:
        return prediction.top(room)
    return [(label, float(p)) for label, p in zip(prediction.labels, prediction.probabilities, strict=True)]
