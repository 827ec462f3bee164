"""What the model took for no digit, outlined around the pointer, or all of it where that is asked for."""

from __future__ import annotations

import tkinter as tk

from hdr.app.document import left_out
from hdr.app.marks import NEAR, Marks
from hdr.app.state import AppState
from hdr.app.theme import px
from hdr.geometry import ViewTransform

_REACH = 48  # screen pixels around the pointer in which it is seen what was left out
_FEW = 12


class LeftOut:
    """Outlines it on the canvas.

    Parameters
    ----------
    canvas
        What the page is shown on.
    state
        Has the reading.
    marks
        Draws the outlines.
    """

    def __init__(self, canvas: tk.Canvas, state: AppState, marks: Marks) -> None:
        self._canvas = canvas
        self._state = state
        self._marks = marks
        self._shown: tuple[int, ...] = ()

    @property
    def is_all_shown(self) -> bool:
        """Whether all of it is: where that is asked for, and where it is so little that it is no clutter."""
        reading = self._state.reading
        return self._state.left_out_shown or (reading is not None and len(reading.rejected) <= _FEW)

    def show_near(self, x: float, y: float, view: ViewTransform) -> None:
        """Outline what is around a point of the canvas, where not all is shown anyway."""
        reading = self._state.reading
        if reading is None:
            return
        near = () if self.is_all_shown or self._state.view != "page" else self._near(x, y, view)
        if near != self._shown:
            self._shown = near
            self._marks.show_near(reading, near, view)

    def _near(self, x: float, y: float, view: ViewTransform) -> tuple[int, ...]:
        reading = self._state.reading
        assert reading is not None
        at, reach = view.to_image(x, y), px(self._canvas, _REACH) / view.scale
        around = ((i, reading.digits[i].box.padded(round(reach))) for i in left_out(reading))
        return tuple(i for i, box in around if box.contains(*at) and i not in self._state.selected)

    def hide(self) -> None:
        """Take the outlines away."""
        self.forget()
        self._canvas.delete(NEAR)

    def forget(self) -> None:
        """Take it that nothing is outlined, since the page was drawn anew."""
        self._shown = ()
