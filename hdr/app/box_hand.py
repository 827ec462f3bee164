"""The pointer with the box tool or the knife: a press, a drag and letting go to boxes drawn, moved, resized, cut."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

from hdr.app import boxes
from hdr.app.controller import Controller
from hdr.app.pad import Point
from hdr.app.theme import SELECTED, px
from hdr.geometry import Box, ViewTransform

RUBBER = "rubber"
"""The tag of what is shown of a change before it is made."""
_TAP = 3
_CURSORS = dict(
    zip(
        boxes.HANDLES,
        (
            "top_left_corner", "top_side", "top_right_corner", "right_side", "bottom_right_corner", "bottom_side",
            "bottom_left_corner", "left_side",
        ),
        strict=True,
    )
)  # fmt: skip


class BoxHand:
    """One drag at a time.

    Parameters
    ----------
    canvas
        What the page is shown on.
    controller
        Carries the changes out.
    digit_at
        Returns the digit at a point of the canvas.
    """

    def __init__(
        self, canvas: tk.Canvas, controller: Controller, digit_at: Callable[[float, float], int | None]
    ) -> None:
        self._canvas = canvas
        self._controller = controller
        self._state = controller.state
        self._digit_at = digit_at
        self._start: Point | None = None
        self._now: Point = (0, 0)
        self._edges: boxes.Edges | None = None
        self._moves = False

    @property
    def is_busy(self) -> bool:
        """Whether a drag is on."""
        return self._start is not None

    def press(self, x: float, y: float, view: ViewTransform, *, extend: bool) -> None:
        """Begin on a handle, on a digit (which is then selected), or on nothing."""
        self._start = self._now = (x, y)
        self._edges = self._handle(x, y, view)
        self._moves = False
        if self._state.hand != "box" or self._edges is not None:
            return
        index = self._digit_at(x, y)
        if index is not None:
            self._moves = not extend
            if extend or index not in self._state.selected:
                self._state.select(index, extend=extend)

    def drag(self, x: float, y: float, view: ViewTransform) -> None:
        """Show what letting go would do."""
        if self._start is None:
            return
        self._now = (x, y)
        self._canvas.delete(RUBBER)
        if self._is_tap:
            return
        if self._state.hand == "cut":
            self._line(self._start, self._now)
        elif self._moves or self._edges is not None:
            for box in self._changed(view):
                self._rectangle(view.box_to_canvas(box))
        else:
            self._rectangle((*self._start, *self._now))

    def release(self, view: ViewTransform) -> None:
        """Do it."""
        start, self._start = self._start, None
        self._canvas.delete(RUBBER)
        if start is None:
            return
        editor = self._controller.editor
        if self._is_tap_from(start):
            if not self._moves and self._edges is None:
                self._state.select(self._digit_at(*start))
        elif self._state.hand == "cut":
            editor.cut(view.to_image(*start), view.to_image(*self._now))
        elif self._edges is not None:
            editor.resize(self._edges, *self._way(start, view))
        elif self._moves:
            editor.move(*self._way(start, view))
        else:
            box = boxes.spanned(view.to_image(*start), view.to_image(*self._now), self._state.document.size)
            if box is not None:
                editor.draw(box)

    def cancel(self) -> bool:
        """Let go without doing anything; whether there was a drag."""
        was, self._start = self._start, None
        self._canvas.delete(RUBBER)
        return was is not None

    def cursor(self, x: float, y: float, view: ViewTransform) -> str:
        """What the pointer looks like at a place."""
        if self._state.hand == "cut":
            return "pencil"
        edges = self._handle(x, y, view)
        if edges is not None:
            return _CURSORS[edges]
        return "fleur" if self._digit_at(x, y) is not None else "crosshair"

    def _handle(self, x: float, y: float, view: ViewTransform) -> boxes.Edges | None:
        state = self._state
        if state.hand != "box" or state.reading is None or len(state.selected) != 1 or state.focus is None:
            return None
        gap = px(self._canvas, 3)
        x0, y0, x1, y1 = view.box_to_canvas(state.reading.digits[state.focus].box)
        return boxes.handle_at((x0 - gap, y0 - gap, x1 + gap, y1 + gap), x, y, px(self._canvas, 7))

    @property
    def _is_tap(self) -> bool:
        return self._start is not None and self._is_tap_from(self._start)

    def _is_tap_from(self, start: Point) -> bool:
        reach = px(self._canvas, _TAP)
        return abs(self._now[0] - start[0]) <= reach and abs(self._now[1] - start[1]) <= reach

    def _way(self, start: Point, view: ViewTransform) -> tuple[int, int]:
        """How far the pointer has come, in pixels of the page."""
        return round((self._now[0] - start[0]) / view.scale), round((self._now[1] - start[1]) / view.scale)

    def _changed(self, view: ViewTransform) -> list[Box]:
        state = self._state
        if state.reading is None or self._start is None:
            return []
        way, size = self._way(self._start, view), state.document.size
        chosen = [state.reading.digits[index].box for index in state.selected]
        if self._edges is not None:
            return [boxes.resized(box, self._edges, *way, size) for box in chosen]
        return [boxes.moved(box, *way, size) for box in chosen]

    def _rectangle(self, box: tuple[float, float, float, float]) -> None:
        for width, color in ((3, "#1d2126"), (1.4, SELECTED)):
            self._canvas.create_rectangle(*box, outline=color, width=px(self._canvas, width), tags=(RUBBER,))

    def _line(self, start: Point, end: Point) -> None:
        for width, color in ((4, "#1d2126"), (2, SELECTED)):
            self._canvas.create_line(*start, *end, fill=color, width=px(self._canvas, width), tags=(RUBBER,))
