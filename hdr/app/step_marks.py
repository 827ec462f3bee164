"""How a page was read to boxes on the canvas, a colour and a pattern a fate, with a legend."""

from __future__ import annotations

import tkinter as tk
from tkinter import font as tkfont
from typing import TYPE_CHECKING

from hdr.app.marks import TAG
from hdr.app.theme import Palette, px
from hdr.geometry import ViewTransform

if TYPE_CHECKING:
    from hdr.reading.results import Reading, Steps
    from hdr.reading.steps import StepMark
    from hdr.vision.overlay import Band

_LEGEND = (TAG, "legend")


class StepMarks:
    """What became of every piece of ink, on the canvas that shows the ink."""

    def __init__(self, canvas: tk.Canvas) -> None:
        self._canvas = canvas
        self._font = tkfont.nametofont("HdrSmall", root=canvas)

    def draw(self, reading: Reading, steps: Steps, view: ViewTransform, colors: Palette) -> None:
        """Mark it all; the canvas has been cleared of other marks."""
        from hdr.reading.steps import explain, legend_of

        marks = explain(reading, steps)
        width, height = self._canvas.winfo_width(), self._canvas.winfo_height()
        for mark in marks:
            x0, y0, x1, y1 = view.box_to_canvas(mark.box)
            if x1 > 0 and y1 > 0 and x0 < width and y0 < height:
                self._draw(mark, (x0, y0, x1, y1))
        self._draw_legend(legend_of(marks), colors)

    def _draw(self, mark: StepMark, box: tuple[float, float, float, float]) -> None:
        canvas, gap, color = self._canvas, px(self._canvas, 2), _hex(mark.style)
        canvas.create_rectangle(
            box[0] - gap, box[1] - gap, box[2] + gap, box[3] + gap, outline=color, width=px(canvas, 1.5),
            dash=_dash(mark.style), tags=(TAG,),
        )  # fmt: skip
        if mark.text and box[2] - box[0] + px(canvas, 12) >= self._font.measure(mark.text):
            canvas.create_text(
                box[0] - gap, box[1] - gap, text=mark.text, anchor="sw", fill=color, font="HdrSmall", tags=(TAG,)
            )

    def _draw_legend(self, entries: list[tuple[Band, int]], colors: Palette) -> None:
        """Along the lower edge, in the margin that a page which is all shown leaves."""
        canvas, pad = self._canvas, px(self._canvas, 8)
        high = self._font.metrics("linespace") + px(canvas, 4)
        rows = self._in_rows(entries, canvas.winfo_width() - 2 * pad)
        top = canvas.winfo_height() - high * len(rows) - px(canvas, 2)
        canvas.create_rectangle(
            0, top - px(canvas, 2), canvas.winfo_width(), canvas.winfo_height(), fill=colors.panel, width=0,
            tags=_LEGEND,
        )  # fmt: skip
        for index, row in enumerate(rows):
            for x, band, text in row:
                self._draw_entry(pad + x, top + index * high, band, text, colors)

    def _in_rows(self, entries: list[tuple[Band, int]], width: int) -> list[list[tuple[int, Band, str]]]:
        rows: list[list[tuple[int, Band, str]]] = [[]]
        x = 0
        for band, count in entries:
            text = f"{band.name}: {count}"
            wide = self._font.measure(text) + px(self._canvas, 46)
            if x + wide > width and rows[-1]:
                rows.append([])
                x = 0
            rows[-1].append((x, band, text))
            x += wide
        return rows

    def _draw_entry(self, x: float, y: float, band: Band, text: str, colors: Palette) -> None:
        canvas, swatch, high = self._canvas, px(self._canvas, 20), self._font.metrics("linespace")
        canvas.create_rectangle(
            x, y + px(canvas, 2), x + swatch, y + high - px(canvas, 2), outline=_hex(band), width=px(canvas, 1.5),
            dash=_dash(band), tags=_LEGEND,
        )  # fmt: skip
        canvas.create_text(
            x + swatch + px(canvas, 6), y, text=text, anchor="nw", fill=colors.text, font="HdrSmall", tags=_LEGEND
        )


def _hex(band: Band) -> str:
    return "#{:02x}{:02x}{:02x}".format(*band.color)


def _dash(band: Band) -> tuple[int, ...] | str:
    return tuple(2 * part for part in band.dash) or ""
