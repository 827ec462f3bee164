"""Any number of crops on a canvas: only those that are seen are drawn, and only their pictures are in memory."""

from __future__ import annotations

import tkinter as tk
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from tkinter import font as tkfont
from typing import Any

import ttkbootstrap as ttk

from hdr.app.cell import Cell, Shelf
from hdr.app.jobs import Job
from hdr.app.theme import PERSON, REJECTED, SELECTED, palette, px
from hdr.classify.names import NOT_A_DIGIT
from hdr.errors import HdrError

SIDES = (36, 48, 64, 88, 120, 160)
"""Of a picture, in logical pixels."""
_KEPT = 1500
_SHIFT, _CONTROL = 0x1, 0x4
_Event = tk.Event
_Key = tuple[Path, int | None, int]
"""A crop's file, its number in it, and the side of the picture."""


class Gallery:
    """Crops in rows, with the selection framed.

    Parameters
    ----------
    parent
        Where it is made.
    captures
        What is shown.
    """

    lines = 1
    """Of text below each."""

    def __init__(self, parent: tk.Misc, captures: Shelf) -> None:
        self.captures = captures
        self.frame = ttk.Frame(parent)
        self.canvas = tk.Canvas(self.frame, highlightthickness=px(parent, 2), bd=0, takefocus=True)
        self.bar = ttk.Scrollbar(self.frame, orient="vertical", command=self._on_bar)
        self.bar.pack(side="right", fill="y")
        self.canvas.pack(side="left", fill="both", expand=True)
        self._font = tkfont.nametofont("HdrSmall", root=parent)
        self._size = 2
        self._top = 0
        self._pictures: OrderedDict[_Key, Any] = OrderedDict()
        self._due: str | None = None
        self._seen_cursor = -1
        bind = self.canvas.bind
        bind("<Configure>", lambda _: self.refresh())
        bind("<Map>", lambda _: self.refresh())
        bind("<ButtonPress-1>", self._on_press)
        bind("<Double-Button-1>", lambda _: self.canvas.event_generate("<<Jump>>"))
        bind("<MouseWheel>", lambda event: self._scroll(-1 if event.delta > 0 else 1))
        bind("<Button-4>", lambda _: self._scroll(-1))
        bind("<Button-5>", lambda _: self._scroll(1))
        captures.listen(lambda *_: self._on_change())

    # Where cells are -------------------------------------------------------------------------------------------------

    @property
    def _side(self) -> int:
        return px(self.canvas, SIDES[self._size])

    @property
    def _cell(self) -> tuple[int, int]:
        gap = px(self.canvas, 8)
        return self._side + gap, self._side + gap + self.lines * self._font.metrics("linespace")

    @property
    def columns(self) -> int:
        """How many crops stand in a row."""
        return max(1, (self.canvas.winfo_width() - px(self.canvas, 8)) // self._cell[0])

    @property
    def page_rows(self) -> int:
        """How many rows are seen."""
        return max(1, self.canvas.winfo_height() // self._cell[1])

    @property
    def _rows(self) -> int:
        return -(-self.captures.count // self.columns)

    def _visible(self) -> range:
        first = self._top * self.columns
        return range(first, min(self.captures.count, first + (self.page_rows + 1) * self.columns))

    def _place(self, position: int) -> tuple[int, int]:
        wide, high = self._cell
        row, column = divmod(position, self.columns)
        return px(self.canvas, 8) + column * wide, px(self.canvas, 8) + (row - self._top) * high

    def position_at(self, x: int, y: int) -> int | None:
        """Return what stands at a point of the canvas."""
        wide, high = self._cell
        column, row = (x - px(self.canvas, 4)) // wide, (y - px(self.canvas, 4)) // high
        position = (self._top + row) * self.columns + column
        return position if 0 <= column < self.columns and 0 <= position < self.captures.count else None

    # Moving ----------------------------------------------------------------------------------------------------------

    def zoom(self, step: int) -> None:
        """Show larger (1) or smaller (-1) pictures."""
        self._size = min(max(self._size + step, 0), len(SIDES) - 1)
        self._seen_cursor = -1
        self._bring_into_sight()
        self.refresh()

    def _scroll(self, rows: int) -> None:
        self._top = min(max(self._top + rows, 0), max(0, self._rows - self.page_rows))
        self.refresh()

    def _on_bar(self, what: str, value: str, unit: str = "") -> None:
        if what == "moveto":
            self._top = 0
            self._scroll(round(float(value) * self._rows))
        else:
            self._scroll(int(value) * (self.page_rows if unit == "pages" else 1))

    def _bring_into_sight(self) -> None:
        if self.captures.cursor == self._seen_cursor:
            return
        self._seen_cursor = self.captures.cursor
        row = self.captures.cursor // self.columns
        if row < self._top:
            self._top = row
        elif row >= self._top + self.page_rows:
            self._top = row - self.page_rows + 1

    def _on_press(self, event: _Event[tk.Misc]) -> None:
        self.canvas.focus_set()
        position = self.position_at(event.x, event.y)
        if position is not None:
            held = int(event.state)
            self.captures.pick(position, add=bool(held & _CONTROL), reach=bool(held & _SHIFT))

    # Showing ---------------------------------------------------------------------------------------------------------

    def _on_change(self) -> None:
        self._bring_into_sight()
        self.refresh()

    def refresh(self) -> None:
        """Show what there is, once the events that wait are through."""
        if self._due is None:
            self._due = self.canvas.after_idle(self._paint)

    def _paint(self) -> None:
        self._due = None
        if not self.canvas.winfo_ismapped():
            return
        self._top = min(self._top, max(0, self._rows - self.page_rows))
        colors = palette(self.captures.state.settings.app.theme)
        self.canvas.configure(background=colors.desk, highlightbackground=colors.desk, highlightcolor=colors.accent)
        self.canvas.delete("all")
        missing: list[_Key] = []
        for position in self._visible():
            cell = self.captures.cell(position)
            self._draw(position, cell, missing, colors)
        rows = max(1, self._rows)
        self.bar.set(self._top / rows, min(1.0, (self._top + self.page_rows) / rows))
        if not self.captures.count:
            self._say_empty(colors)
        if missing:
            self._fetch(missing)

    def _draw(self, position: int, cell: Cell, missing: list[_Key], colors: Any) -> None:
        canvas, side = self.canvas, self._side
        x, y = self._place(position)
        key = cell.path, cell.index, side
        if position in self.captures.chosen:
            around, line = px(canvas, 3), px(canvas, 3)
            canvas.create_rectangle(
                x - around, y - around, x + side + around, y + side + around, outline=SELECTED, fill="#1d2126",
                width=line,
            )  # fmt: skip
        canvas.create_rectangle(x, y, x + side, y + side, fill="#000000", width=0)
        if key in self._pictures:
            self._pictures.move_to_end(key)
            canvas.create_image(x + side / 2, y + side / 2, image=self._pictures[key])
        else:
            missing.append(key)
        self._write(x + side // 2, y + side + px(canvas, 2), cell, colors)

    def _write(self, x: int, y: int, cell: Cell, colors: Any) -> None:
        """Say below a picture what it is."""
        text = shown_label(cell.label)
        if cell.other:
            text += f" ≠ {shown_label(cell.other)}"
        color = REJECTED if cell.other else PERSON if cell.confirmed else colors.text
        self.canvas.create_text(
            x, y, text=text + (" ✓" if cell.confirmed else ""), anchor="n",
            font="HdrStrong" if cell.other else "HdrSmall", fill="#d55e00" if cell.other else color,
        )  # fmt: skip

    def _say_empty(self, colors: Any) -> None:
        wide, high = self.canvas.winfo_width(), self.canvas.winfo_height()
        self.canvas.create_text(
            wide / 2, high / 2, text=self.captures.empty_words(), font="HdrLarge", fill=colors.muted, width=0.9 * wide,
            justify="center",
        )  # fmt: skip

    def _fetch(self, wanted: list[_Key]) -> None:
        """Have the pictures that are missing read in the worker; only what is seen now."""
        read = self.captures.picture
        self.captures.jobs.submit(f"thumbnails {self.canvas}", lambda job: _thumbnails(job, wanted, read), self._take)

    def _take(self, found: dict[_Key, Any]) -> None:
        from PIL import ImageTk

        for key, image in found.items():
            self._pictures[key] = ImageTk.PhotoImage(image, master=self.canvas)
        while len(self._pictures) > _KEPT:
            self._pictures.popitem(last=False)
        if found:
            self.refresh()


def shown_label(label: str) -> str:
    """Return a label as a person reads it."""
    return "✕" if label == NOT_A_DIGIT else label or "(empty)"


def _thumbnails(job: Job, wanted: list[_Key], read: Callable[[Path, int | None], Any]) -> dict[_Key, Any]:
    """In the worker: each crop as large as its cell; a cross for one that cannot be read."""
    from PIL import Image, ImageDraw

    found: dict[_Key, Any] = {}
    for path, index, side in wanted:
        if job.cancelled.is_set():
            break
        try:
            found[path, index, side] = fitted(Image.fromarray(read(path, index)), side, side)
        except HdrError:
            image = Image.new("RGB", (side, side), "#552222")
            ImageDraw.Draw(image).line((0, 0, side, side), fill="#aa6666", width=2)
            found[path, index, side] = image
    return found


def fitted(image: Any, wide: int, high: int) -> Any:
    """Return a Pillow image as large as fits."""
    from PIL import Image

    factor = min(wide / image.width, high / image.height)
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image.resize(size, Image.Resampling.BILINEAR)
