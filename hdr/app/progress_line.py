"""A thin bar of progress, as two rectangles on a canvas.

The style engine's own bar is put together of small pictures, and takes longer to draw the further it has come: on a
wide one tens of milliseconds, each time.
"""

from __future__ import annotations

import tkinter as tk

from hdr.app.theme import Palette, px

_HIGH_PX = 4
_STEP_MS = 40
_STEPS = 60
_SHARE = 0.15


class ProgressLine:
    """The bar.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `canvas` out.
    """

    def __init__(self, parent: tk.Misc) -> None:
        self.canvas = tk.Canvas(parent, height=px(parent, _HIGH_PX), width=10, highlightthickness=0, bd=0)
        self._track = self.canvas.create_rectangle(0, 0, 0, 0, width=0)
        self._done = self.canvas.create_rectangle(0, 0, 0, 0, width=0)
        self._share: float | None = 0.0
        self._step = 0
        self._due: str | None = None
        self.canvas.bind("<Configure>", lambda _: self._draw())
        self.canvas.bind("<Destroy>", lambda _: self._wait(going=False))

    def paint(self, colors: Palette) -> None:
        """Take the colours of the theme."""
        self.canvas.configure(background=colors.track)
        self.canvas.itemconfigure(self._track, fill=colors.track)
        self.canvas.itemconfigure(self._done, fill=colors.accent)

    def show(self, share: float | None) -> None:
        """Show how much is done, 0 to 1; None that it goes on, nobody knows how far."""
        self._share = share
        self._wait(going=share is None)
        self._draw()

    def _wait(self, *, going: bool) -> None:
        if going and self._due is None:
            self._due = self.canvas.after(_STEP_MS, self._move)
        elif not going and self._due is not None:
            self.canvas.after_cancel(self._due)
            self._due = None

    def _move(self) -> None:
        self._due = None
        self._step = (self._step + 1) % _STEPS
        self._wait(going=True)
        self._draw()

    def _draw(self) -> None:
        wide, high = self.canvas.winfo_width(), self.canvas.winfo_height()
        start, end = 0.0, self._share or 0.0
        if self._share is None:
            start = self._step / _STEPS * (1 + _SHARE) - _SHARE
            end = start + _SHARE
        self.canvas.coords(self._track, 0, 0, wide, high)
        self.canvas.coords(self._done, start * wide, 0, end * wide, high)
