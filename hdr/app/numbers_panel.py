"""What was read, as numbers row by row, to copy; and how many digits of each label were saved so far."""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING

import ttkbootstrap as ttk

from hdr.app.action import ActionTable
from hdr.app.controller import Controller
from hdr.app.theme import palette, px
from hdr.app.toolbar import describe

if TYPE_CHECKING:
    from hdr.reading.results import Digit


class NumbersPanel:
    """The text of the page. The selected digit's character is marked, and a click on a character selects its digit."""

    def __init__(self, parent: tk.Misc, table: ActionTable, controller: Controller) -> None:
        self.controller = controller
        self.state = controller.state
        self.frame = ttk.Frame(parent)
        top = ttk.Frame(self.frame)
        top.pack(fill="x")
        ttk.Label(top, text="Numbers", font="HdrStrong").pack(side="left")
        action = table["copy"]
        self.copy = ttk.Button(
            top, text="Copy", icon="copy", bootstyle="ghost", command=lambda: action.run(controller), takefocus=True
        )
        ttk.ToolTip(self.copy, text=describe(action), delay=500)
        self.copy.pack(side="right")
        self.text = tk.Text(
            self.frame, height=3, width=10, wrap="none", font="HdrNumbers", bd=0, highlightthickness=px(parent, 1),
            padx=px(parent, 8), pady=px(parent, 6), cursor="arrow", takefocus=False, spacing3=px(parent, 2),
        )  # fmt: skip
        self.text.pack(fill="both", expand=True, pady=(px(parent, 4), 0))
        self.text.bind("<Button-1>", self._on_click)
        self.state.listen(self._on_change)
        self.refresh()

    def _on_change(self, changed: frozenset[str]) -> None:
        if changed & {"selection", "page", "pages", "settings"}:
            self.refresh()

    def refresh(self) -> None:
        """Show the state's reading."""
        colors = palette(self.state.settings.app.theme)
        reading = self.state.reading
        self.text.configure(
            background=colors.panel, foreground=colors.text, highlightbackground=colors.edge, state="normal"
        )
        self.text.delete("1.0", "end")
        self.text.insert("1.0", reading.text if reading else "")
        self.text.tag_configure("chosen", background=colors.accent, foreground="#ffffff")
        for line, row in enumerate(reading.rows if reading else [], 1):
            self._mark_row(line, row)
        self.text.configure(state="disabled")
        self.copy.state(["!disabled" if reading and reading.text else "disabled"])

    def _mark_row(self, line: int, row: list[Digit]) -> None:
        assert self.state.reading is not None
        chosen = {id(self.state.reading.digits[index]) for index in self.state.selected}
        column = 0
        for digit in row:
            width = len(digit.label)
            if id(digit) in chosen:
                self.text.tag_add("chosen", f"{line}.{column}", f"{line}.{column + width}")
                self.text.see(f"{line}.{column}")
            column += width

    def _on_click(self, event: tk.Event[tk.Misc]) -> str:
        line, column = (int(part) for part in self.text.index(f"@{event.x},{event.y}").split("."))
        reading = self.state.reading
        if reading is not None and line <= len(reading.rows):
            for digit in reading.rows[line - 1]:
                column -= len(digit.label)
                if column < 0:
                    self.state.select(reading.digits.index(digit))
                    break
        return "break"


class CountsPanel:
    """Saved digits by label, as small columns."""

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.state = controller.state
        self.frame = ttk.Frame(parent)
        self._title = ttk.Label(self.frame, font="HdrStrong")
        self._title.pack(anchor="w")
        self.canvas = tk.Canvas(self.frame, height=px(parent, 52), width=1, highlightthickness=0, bd=0, takefocus=False)
        self.canvas.pack(fill="x")
        self.canvas.bind("<Configure>", lambda _: self.refresh())
        self.state.listen(lambda changed: self.refresh() if changed & {"saved", "settings"} else None)
        self.refresh()

    def labels(self) -> list[str]:
        """The ten digits, then whatever else was saved."""
        return [*"0123456789", *sorted(set(self.state.counts) - set("0123456789"))]

    def refresh(self) -> None:
        """Show the state's counts."""
        colors = palette(self.state.settings.app.theme)
        total = sum(self.state.counts.values())
        self._title.configure(text=f"Saved so far: {total:,}" if total else "Nothing saved yet")
        self.canvas.configure(background=colors.panel)
        self.canvas.delete("all")
        labels = self.labels()
        step = self.canvas.winfo_width() / len(labels)
        most = max(self.state.counts.values(), default=0)
        for index, label in enumerate(labels):
            self._column(label, (index + 0.5) * step, self.state.counts.get(label, 0), most)

    def _column(self, label: str, x: float, count: int, most: int) -> None:
        canvas, colors = self.canvas, palette(self.state.settings.app.theme)
        high, floor, half = px(canvas, 20), px(canvas, 35), px(canvas, 7)
        canvas.create_rectangle(x - half, floor - px(canvas, 1), x + half, floor, fill=colors.track, width=0)
        if count:
            top = floor - max(px(canvas, 2), high * count / most)
            canvas.create_rectangle(x - half, top, x + half, floor, fill=colors.accent, width=0)
            canvas.create_text(x, top, text=_brief(count), anchor="s", font="HdrSmall", fill=colors.muted)
        shown = "✕" if label in ("none", "_none") else label
        canvas.create_text(x, floor + px(canvas, 2), text=shown, anchor="n", font="HdrSmall", fill=colors.text)


def _brief(count: int) -> str:
    return str(count) if count < 1000 else f"{count / 1000:.0f}k"
