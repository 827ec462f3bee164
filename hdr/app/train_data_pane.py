"""Data before it is learned from, as it is seen: what will hurt, how many of each label, and some of them."""

from __future__ import annotations

import tkinter as tk
from tkinter import font as tkfont

import ttkbootstrap as ttk

from hdr.app.clipping import clipped
from hdr.app.theme import PAD, Palette, palette, px
from hdr.app.train_control import Trainer
from hdr.app.train_look import MOST_LABELS, SAMPLES, SIDE, Looked

_AGAIN_MS = 150
_RESIZED_MS = 120
_LEAST_NAME_PX, _BAR_PX, _COUNT_PX = 120, 100, 84
_NAMES_SHARE = 0.3
"""Of the width, that names of labels may have."""


class DataPane:
    """The pane.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    trainer
        Whose data it is.
    """

    def __init__(self, parent: tk.Misc, trainer: Trainer) -> None:
        self.trainer = trainer
        self.frame = ttk.Frame(parent, padding=px(parent, PAD))
        self.told = ttk.Label(self.frame, font="HdrStrong", justify="left")
        self.told.pack(anchor="w", fill="x")
        self.warnings = ttk.Label(self.frame, justify="left")
        self.warnings.pack(anchor="w", fill="x", pady=px(parent, 4))
        for label in (self.told, self.warnings):
            label.bind("<Configure>", lambda event: event.widget.configure(wraplength=max(80, event.width)))
        self.canvas = tk.Canvas(self.frame, highlightthickness=px(parent, 1), bd=0, takefocus=True, width=10, height=10)
        bar = ttk.Scrollbar(self.frame, orient="vertical", command=self.canvas.yview)
        self.canvas.configure(yscrollcommand=bar.set, yscrollincrement=px(parent, 12))
        bar.pack(side="right", fill="y")
        self.canvas.pack(side="left", fill="both", expand=True)
        self._strong, self._small = (tkfont.nametofont(name, root=parent) for name in ("HdrStrong", "HdrSmall"))
        self._pictures: list[tk.PhotoImage] = []
        self._left = 0
        self._shown: Looked | None = None
        self._due: str | None = None
        self._resized: str | None = None
        self.canvas.bind("<Configure>", lambda _: self._on_resized())
        self._bind_scrolling()
        trainer.listen(lambda what: self.refresh() if what == "looked" else None)
        self.refresh()

    def _on_resized(self) -> None:
        """Drawn anew once a hand that pulls at the window rests: there may be many pictures."""
        if self._resized is not None:
            self.frame.after_cancel(self._resized)
        self._resized = self.frame.after(_RESIZED_MS, self.refresh)

    def _bind_scrolling(self) -> None:
        scroll = self.canvas.yview_scroll
        for key, by in (("Up", -3), ("Down", 3), ("Prior", -20), ("Next", 20), ("Button-4", -5), ("Button-5", 5)):
            self.canvas.bind(f"<{key}>", lambda _, by=by: self._scrolled(by))  # type: ignore[misc]  # mypy cannot infer a lambda's defaults
        self.canvas.bind("<MouseWheel>", lambda event: scroll(-5 if event.delta > 0 else 5, "units"))

    def _scrolled(self, by: int) -> str:
        self.canvas.yview_scroll(by, "units")
        return "break"

    def repaint(self) -> None:
        """Take the colours of the theme."""
        self.refresh()

    def refresh(self) -> None:
        """Show what was looked at last."""
        if self._resized is not None:
            self.frame.after_cancel(self._resized)
            self._resized = None
        looked = self.trainer.looked
        colors = palette(self.trainer.state.settings.app.theme)
        self.canvas.configure(background=colors.panel, highlightbackground=colors.panel, highlightcolor=colors.accent)
        self.canvas.delete("all")
        self._pictures.clear()
        told = "Look at the data shows how many of each label there are, some of them, and what will hurt."
        if self.trainer.looking:
            told = f"{self.trainer.looking} … Esc stops it."
            self._due = self._due or self.frame.after(_AGAIN_MS, self._follow)
        self.told.configure(text=looked.told if looked else told)
        warned = "\n".join(f"•  {one}" for one in looked.warnings) if looked else ""
        self.warnings.configure(text=warned, foreground=colors.warm)
        if warned:
            self.warnings.pack(after=self.told, anchor="w", fill="x", pady=px(self.frame, 4))
        else:
            self.warnings.pack_forget()
        if looked is not None:
            self._paint(looked, colors)

    def _follow(self) -> None:
        """Show how far it is with looking, as long as it is."""
        self._due = None
        if self.trainer.looked is None:
            self.refresh()

    def _paint(self, looked: Looked, colors: Palette) -> None:
        shown = list(looked.counts.items())[:MOST_LABELS]
        widest = max((self._strong.measure(name) for name, _ in shown), default=0) + px(self.canvas, 10)
        room = max(px(self.canvas, _LEAST_NAME_PX), round(_NAMES_SHARE * self.canvas.winfo_width()))
        self._left = min(widest, room)
        first = self._paint_legend(colors)
        fit = max(1, (self.canvas.winfo_width() - self._pictures_left) // px(self.canvas, SIDE + 4))
        high, most = px(self.canvas, SIDE + 8), max((sum(both) for both in looked.counts.values()), default=0) or 1
        for number, (name, both) in enumerate(shown):
            self._paint_label(first + number * high, name, both, most, colors)
            for at, data in enumerate(looked.samples.get(name, ())[: min(SAMPLES, fit)]):
                self._add_picture(at, first + number * high, data)
        more, end = len(looked.counts) - len(shown), first + len(shown) * high
        if more:
            told = f"and {more:,} more labels"
            self.canvas.create_text(2, end, text=told, anchor="nw", font="HdrStrong", fill=colors.muted)
        self.canvas.configure(scrollregion=(0, 0, 1, end + bool(more) * high))
        if looked is not self._shown:
            self._shown = looked
            self.canvas.yview_moveto(0)

    @property
    def _pictures_left(self) -> int:
        return self._left + px(self.canvas, _BAR_PX + _COUNT_PX)

    def _paint_legend(self, colors: Palette) -> int:
        """What the two colours and numbers stand for; returns how high that is."""
        at, side, line = self._left, px(self.canvas, 8), self._small.metrics("linespace")
        for text, color in (("to learn from", colors.accent), ("to test on", colors.warm)):
            top = (line - side) // 2
            self.canvas.create_rectangle(at, top, at + side, top + side, fill=color, width=0)
            at += side + px(self.canvas, 4)
            self.canvas.create_text(at, 0, text=text, anchor="nw", font="HdrSmall", fill=colors.muted)
            at += self._small.measure(text) + px(self.canvas, 12)
        return line + px(self.canvas, 4)

    def _paint_label(self, top: int, name: str, both: tuple[int, int], most: int, colors: Palette) -> None:
        canvas = self.canvas
        middle, half = top + px(canvas, SIDE / 2), px(canvas, 7)
        left, room = self._left, px(canvas, _BAR_PX)
        learn = room * both[0] / most
        every = room * sum(both) / most
        shown = clipped(self._strong, name, left - px(canvas, 8), middle=True)
        canvas.create_text(2, middle, text=shown, anchor="w", font="HdrStrong", fill=colors.text)
        canvas.create_rectangle(left, middle - half, left + room, middle + half, fill=colors.track, width=0)
        canvas.create_rectangle(left, middle - half, left + every, middle + half, fill=colors.warm, width=0)
        canvas.create_rectangle(left, middle - half, left + learn, middle + half, fill=colors.accent, width=0)
        canvas.create_text(
            left + room + px(canvas, 6), middle, text=f"{both[0]:,} + {both[1]:,}", anchor="w", font="HdrSmall",
            fill=colors.muted,
        )  # fmt: skip

    def _add_picture(self, at: int, top: int, data: bytes) -> None:
        picture = tk.PhotoImage(master=self.canvas, data=data, format="ppm")
        zoom = max(1, px(self.canvas, SIDE) // SIDE)
        self._pictures.append(picture.zoom(zoom) if zoom > 1 else picture)
        left = self._pictures_left + at * px(self.canvas, SIDE + 4)
        self.canvas.create_image(left, top, image=self._pictures[-1], anchor="nw")
