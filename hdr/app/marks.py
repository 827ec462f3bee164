"""A reading to boxes and labels on the canvas, told apart by colour and by line pattern."""

from __future__ import annotations

import functools
import tkinter as tk
from collections.abc import Iterable
from dataclasses import dataclass
from tkinter import font as tkfont
from typing import TYPE_CHECKING

from hdr.app.boxes import handle_points
from hdr.app.theme import LEFT_OUT, PERSON, REJECTED, SELECTED, THREAD, px
from hdr.geometry import ViewTransform

if TYPE_CHECKING:
    from hdr.reading.results import Digit, Reading

TAG = "mark"
"""Of all that is drawn over the page."""
NEAR = "near"
"""The tag of what is outlined because the pointer is near."""
_NO_LABEL_PX = 9  # boxes lower than this on the screen carry no label unless selected
_SMALL_LABEL_PX = 34  # and those lower than this a small one, so that it covers little of the row above


@dataclass(frozen=True)
class Look:
    """How one digit is marked.

    Parameters
    ----------
    color
        Of line and label.
    ink
        Of the label's text.
    dash
        Of the line, in logical pixels; empty for solid.
    sign
        Put before the percent: what a person said.
    """

    color: str
    ink: str
    dash: tuple[int, ...] = ()
    sign: str = ""


def look_of(digit: Digit) -> Look:
    """Return how a digit is marked."""
    from hdr.vision.overlay import band_of

    if not digit.is_digit:
        return Look(REJECTED, "#ffffff", (1, 3), "✕")
    if digit.corrected is not None:
        return Look(PERSON, "#ffffff", (), "✓")
    band = band_of(digit.confidence)
    red, green, blue = band.color
    dark_ink = 0.299 * red + 0.587 * green + 0.114 * blue > 140
    return Look(f"#{red:02x}{green:02x}{blue:02x}", "#1d2126" if dark_ink else "#ffffff", band.dash)


def caption(digit: Digit, *, short: bool = False) -> str:
    """Return a digit's label with its percent, or with the sign that a person has spoken."""
    sign = look_of(digit).sign
    if digit.is_rejected:
        return f"{sign}  {percent(digit.confidence)}"
    if not digit.is_digit:
        return sign
    if sign:
        return f"{digit.label} {sign}"
    return digit.label if short else f"{digit.label}  {percent(digit.confidence)}"


def percent(confidence: float) -> str:
    """Return a probability as whole percents that never claim certainty: 99.96 % is 99 %, not 100 %."""
    return f"{min(round(confidence * 100), 99 if confidence < 1 else 100)}%"


class Marks:
    """The marks of one page on a canvas."""

    def __init__(self, canvas: tk.Canvas) -> None:
        self._canvas = canvas
        # Asked of Tk once each: a page can have thousands of marks.
        self._px = functools.cache(lambda logical: px(canvas, logical))
        self._fonts = {name: tkfont.nametofont(name, root=canvas) for name in ("HdrChip", "HdrTiny")}
        self._highs = {
            "HdrChip": self._fonts["HdrChip"].metrics("linespace") + self._px(2),
            "HdrTiny": self._fonts["HdrTiny"].metrics("ascent") + self._px(2),
        }
        self._high = self._highs["HdrChip"]
        self._wide: dict[tuple[str, str], int] = {}

    def _width(self, name: str, text: str) -> int:
        """How wide a text is, asked of Tk once each."""
        if (name, text) not in self._wide:
            self._wide[name, text] = self._fonts[name].measure(text)
        return self._wide[name, text]

    def show_near(self, reading: Reading, near: Iterable[int], view: ViewTransform) -> None:
        """Outline some of what was left out, and nothing else of it that was outlined so before."""
        self._canvas.delete(NEAR)
        for index in near:
            self._draw_left_out(view.box_to_canvas(reading.digits[index].box), (TAG, NEAR))

    def _draw_left_out(self, box: tuple[float, ...], tags: tuple[str, ...] = (TAG,)) -> None:
        """A faint dotted line and nothing more: a page full of print must stay a page."""
        gap = self._px(2)
        self._canvas.create_rectangle(
            box[0] - gap, box[1] - gap, box[2] + gap, box[3] + gap, outline=LEFT_OUT, width=self._px(1), dash=(1, 3),
            tags=tags,
        )  # fmt: skip

    def clear(self) -> None:
        """Take all marks away."""
        self._canvas.delete(TAG)

    def shift(self, dx: float, dy: float) -> None:
        """Move all marks with the page."""
        self._canvas.move(TAG, dx, dy)

    def draw(
        self,
        reading: Reading,
        selected: tuple[int, ...],
        view: ViewTransform,
        *,
        faded: bool,
        left_out: bool = False,
        boxes: bool = False,
    ) -> None:
        """Mark every digit that can be seen; the selected ones on top.

        Parameters
        ----------
        reading
            Whose digits.
        selected
            Which of them are selected, by index.
        view
            Where the page lies on the canvas.
        faded
            Whether the reading is behind what is on the page.
        left_out
            Whether what the model takes for no digit is marked, faintly.
        boxes
            Whether the box tool is in hand: rows are threaded on lines in their order, and a single selected box has
            handles.
        """
        self.clear()
        width, height = self._canvas.winfo_width(), self._canvas.winfo_height()
        places = [view.box_to_canvas(digit.box) for digit in reading.digits]
        seen = [i for i, box in enumerate(places) if box[2] > 0 and box[3] > 0 and box[0] < width and box[1] < height]
        quiet = [i for i in seen if reading.digits[i].is_rejected and i not in selected]
        for index in quiet if left_out else ():
            self._draw_left_out(places[index])
        if boxes:
            self._thread_rows(reading, view)
        seen = sorted(set(seen) - set(quiet))
        room = self._free_room(places, seen)
        for index in (*(i for i in seen if i not in selected), *(i for i in selected if i in seen)):
            self._draw_digit(reading.digits[index], places[index], index in selected, room[index], faded)
        if boxes and len(selected) == 1 and selected[0] in room:
            self._draw_handles(places[selected[0]])

    def _thread_rows(self, reading: Reading, view: ViewTransform) -> None:
        """A line through the digits of each row in their order, with the row's number where it begins."""
        canvas = self._canvas
        for number, row in enumerate(reading.rows, 1):
            points = [view.to_canvas(*digit.box.center) for digit in row]
            if len(points) > 1:
                flat = [part for point in points for part in point]
                canvas.create_line(*flat, fill=THREAD, width=self._px(2), arrow="last", tags=(TAG,))
            x = view.to_canvas(row[0].box.x0, 0)[0] - self._px(8)
            canvas.create_text(x, points[0][1], text=str(number), anchor="e", font="HdrChip", fill=THREAD, tags=(TAG,))

    def _draw_handles(self, box: tuple[float, ...]) -> None:
        gap, half = self._px(3), self._px(4)
        x0, y0, x1, y1 = box
        for x, y in handle_points((x0 - gap, y0 - gap, x1 + gap, y1 + gap)):
            self._canvas.create_rectangle(
                x - half, y - half, x + half, y + half, fill="#ffffff", outline="#1d2126", tags=(TAG,)
            )

    def _free_room(self, boxes: list[tuple[float, float, float, float]], seen: list[int]) -> dict[int, float]:
        """How wide each label may be before it runs into the next box of its row."""
        room = {}
        order = sorted(seen, key=lambda i: boxes[i][0])
        for at, index in enumerate(order):
            x0, y0 = boxes[index][0], boxes[index][1]
            free = 10_000.0
            for other in order[at + 1 :]:
                ox0, oy0, _, oy1 = boxes[other]
                if oy0 - self._high < y0 and oy1 > y0 - self._high:
                    free = ox0 - x0
                    break
            room[index] = free
        return room

    def _draw_digit(self, digit: Digit, box: tuple[float, ...], chosen: bool, room: float, faded: bool) -> None:
        look = look_of(digit)
        canvas = self._canvas
        gap = self._px(3)
        x0, y0, x1, y1 = box[0] - gap, box[1] - gap, box[2] + gap, box[3] + gap
        line = self._px(3 if chosen else 1.6)
        if chosen:
            self._frame((x0, y0, x1, y1), line)
        self._halo((x0, y0, x1, y1), line)
        dash = tuple(max(1, round(part * line)) for part in look.dash)
        color = REJECTED if faded else look.color
        canvas.create_rectangle(x0, y0, x1, y1, outline=color, width=line, dash=dash or "", tags=(TAG,))
        if not digit.is_digit and not digit.is_rejected:
            canvas.create_line(x0, y1, x1, y0, fill=look.color, width=line, tags=(TAG,))
        if chosen or y1 - y0 >= self._px(_NO_LABEL_PX):
            self._chip(digit, look, (x0, y0, y1), chosen, room)

    def _frame(self, box: tuple[float, float, float, float], line: int) -> None:
        """What tells the selected digit at a glance: a dark and a yellow line around its box."""
        for width, color in ((9, "#1d2126"), (7, SELECTED)):
            grow = line / 2
            self._canvas.create_rectangle(
                box[0] - grow, box[1] - grow, box[2] + grow, box[3] + grow, outline=color, width=self._px(width),
                tags=(TAG,),
            )  # fmt: skip

    def _halo(self, box: tuple[float, float, float, float], line: int) -> None:
        """A pale line below, so that the mark stands out on dark pictures as well."""
        self._canvas.create_rectangle(*box, outline="#ffffff", width=line + self._px(2), tags=(TAG,))

    def _chip(self, digit: Digit, look: Look, at: tuple[float, float, float], chosen: bool, room: float) -> None:
        canvas = self._canvas
        x0, y0, y1 = at
        name = "HdrTiny" if y1 - y0 < self._px(_SMALL_LABEL_PX) and not chosen else "HdrChip"
        high, pad = self._highs[name], self._px(4 if name == "HdrChip" else 2)
        text = caption(digit)
        if not chosen and self._width(name, text) + 2 * pad > room:
            text = caption(digit, short=True)
        wide = self._width(name, text) + 2 * pad
        top = y0 - high if y0 >= high else y1
        canvas.create_rectangle(
            x0, top, x0 + wide, top + high, fill=look.color, outline="#ffffff" if chosen else look.color,
            tags=(TAG,),
        )  # fmt: skip
        canvas.create_text(x0 + pad, top + high / 2, text=text, anchor="w", fill=look.ink, font=name, tags=(TAG,))
