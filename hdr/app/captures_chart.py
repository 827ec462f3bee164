"""How many captures there are of each label, as bars that can be clicked."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

from hdr.app.captures import Captures
from hdr.app.gallery import shown_label
from hdr.app.state import AppState
from hdr.app.theme import palette, px

_BAR_PX, _CHART_PX = 20, 150


class CapturesChart:
    """The bars.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `canvas` out.
    state
        Knows the counts.
    captures
        Know which labels are shown.
    clicked
        Called with the label whose bar was clicked.
    """

    def __init__(self, parent: tk.Misc, state: AppState, captures: Captures, clicked: Callable[[str], None]) -> None:
        self._state = state
        self._captures = captures
        self._clicked = clicked
        width = px(parent, _CHART_PX + 40)
        self.canvas = tk.Canvas(parent, width=width, highlightthickness=0, bd=0, takefocus=False)
        self.canvas.bind("<Button-1>", self._on_click)

    def paint(self) -> None:
        """Draw the counts as they are."""
        counts, colors = self._state.counts, palette(self._state.settings.app.theme)
        self.canvas.configure(background=colors.panel)
        self.canvas.delete("all")
        most = max(counts.values(), default=0) or 1
        for number, label in enumerate(self._labels()):
            self._paint_bar(number, label, counts.get(label, 0), most)

    def _labels(self) -> list[str]:
        return [*"0123456789", *(label for label in self._state.counts if label not in "0123456789")]

    def _paint_bar(self, number: int, label: str, count: int, most: int) -> None:
        canvas, colors = self.canvas, palette(self._state.settings.app.theme)
        high, left, room = px(canvas, _BAR_PX), px(canvas, 34), px(canvas, _CHART_PX - 44)
        middle, half = number * high + high / 2, high * 0.32
        chosen = self._captures.filter.labels == (label,)
        name = shown_label(label)
        canvas.create_text(
            px(canvas, 2), middle, text=name if len(name) < 5 else f"{name[:3]}…", anchor="w",
            font="HdrStrong" if chosen else "TkDefaultFont", fill=colors.text,
        )  # fmt: skip
        canvas.create_rectangle(left, middle - half, left + room, middle + half, fill=colors.track, width=0)
        fill = colors.good if chosen else colors.accent
        canvas.create_rectangle(left, middle - half, left + room * count / most, middle + half, fill=fill, width=0)
        canvas.create_text(
            left + room + px(canvas, 6), middle, text=f"{count:,}", anchor="w", font="HdrSmall", fill=colors.muted
        )

    def _on_click(self, event: tk.Event[tk.Misc]) -> None:
        labels, number = self._labels(), int(event.y // px(self.canvas, _BAR_PX))
        if 0 <= number < len(labels):
            self._clicked(labels[number])
