"""What a model got wrong as a gallery, and one of these large: its probabilities, and what it should have been."""

from __future__ import annotations

import functools
import tkinter as tk
from collections.abc import Callable
from tkinter import font as tkfont
from typing import Any

import ttkbootstrap as ttk

from hdr.app.cell import Cell
from hdr.app.clipping import clipped, clipped_front
from hdr.app.gallery import Gallery, fitted, shown_label
from hdr.app.jobs import Job
from hdr.app.results import Results
from hdr.app.theme import PAD, palette, px
from hdr.classify.names import CANNOT_TELL, NOT_A_DIGIT
from hdr.errors import HdrError

KEYS: tuple[tuple[str, str], ...] = (
    ("Arrows, Page Up, Page Down", "go from picture to picture; with Shift select on the way"),
    ("Return", "show it large; there, give it the label that is marked"),
    ("0 to 9", "give that label"), ("N", "not a digit, none of these"), ("?", "cannot tell"),
    ("Other letters", "where a picture is large: mark the next label that begins so"),
    ("Delete", "to the recycle bin"), ("Ctrl+Z, Ctrl+Y", "undo, redo"), ("Ctrl+A", "select all"),
    ("+ and -", "larger, smaller"), ("Esc", "back to the gallery; there, show all mistakes again"),
)  # fmt: skip
"""What the keys do while the gallery has the focus."""


_CONTROL = 0x4
_LABELS_SHARE = 0.35
"""Of the width, that names of labels may have beside a picture."""


class MistakesGallery(Gallery):
    """Two lines below each picture: what it is, and what the model took it for, and how sure it was.

    Parameters
    ----------
    parent, captures
        As of any gallery.
    opened
        Called to show the picture under the cursor large.
    """

    lines = 2

    def __init__(self, parent: tk.Misc, captures: Results, opened: Callable[[], None]) -> None:
        super().__init__(parent, captures)
        self._results = captures
        self._opened = opened
        self._size = 3
        self.canvas.bind("<Double-Button-1>", lambda _: None)
        self.canvas.bind("<ButtonRelease-1>", self._on_release)

    def _on_release(self, event: tk.Event[tk.Misc]) -> None:
        if not int(event.state) & 0x5 and self.position_at(event.x, event.y) is not None:
            self._opened()

    def _write(self, x: int, y: int, cell: Cell, colors: Any) -> None:
        wide = self._cell[0] - px(self.canvas, 2)
        sure = f" {cell.sure:.0%}" if cell.sure is not None else ""
        told = (
            clipped(self._font, f"≠ {shown_label(cell.other)}", wide - self._font.measure(sure)) if cell.other else "✓"
        )
        self.canvas.create_text(
            x, y, text=clipped(self._font, shown_label(cell.label), wide, middle=True), anchor="n", font="HdrSmall",
            fill=colors.text,
        )  # fmt: skip
        self.canvas.create_text(
            x, y + self._font.metrics("linespace"), text=told + sure, anchor="n", font="HdrSmall",
            fill=colors.warm if cell.other else colors.good,
        )  # fmt: skip


class Sample:
    """One picture large, with every label's probability; a label that is chosen there is given to it.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    results
        Whose cursor it follows.
    leave
        Called to show the gallery again.
    """

    def __init__(self, parent: tk.Misc, results: Results, leave: Callable[[], None]) -> None:
        self.results = results
        self.frame = ttk.Frame(parent)
        self._leave = leave
        self._picture: Any = None
        self._drawn: tuple[Any, ...] = ()
        self._row: int | None = None
        self._add_head()
        self._add_foot()
        self.middle = ttk.Frame(self.frame)
        self.middle.pack(fill="both", expand=True)
        side = ttk.Frame(self.middle)
        side.pack(side="right", fill="y")
        self.list = ttk.Treeview(side, columns=("label", "sure"), show="headings", selectmode="browse", height=4)
        self.list.heading("label", text="Label", anchor="w")
        self.list.heading("sure", text="Probability", anchor="w")
        self.list.column("label", width=px(parent, 90), minwidth=px(parent, 40), anchor="w")
        self.list.column("sure", width=px(parent, 88), minwidth=px(parent, 60), anchor="w", stretch=False)
        bar = ttk.Scrollbar(side, orient="vertical", command=self.list.yview)
        self.list.configure(yscrollcommand=bar.set)
        bar.pack(side="right", fill="y")
        self.list.pack(fill="both", expand=True)
        self.canvas = tk.Canvas(self.middle, highlightthickness=0, bd=0, takefocus=False, width=10, height=10)
        self.canvas.pack(side="left", fill="both", expand=True)
        self.canvas.bind("<Configure>", lambda _: self.refresh())
        self.list.bind("<Double-Button-1>", lambda _: self.give())
        self._bind_keys()

    def _add_head(self) -> None:
        head = ttk.Frame(self.frame, padding=(px(self.frame, PAD), px(self.frame, 4)))
        head.pack(fill="x")
        self.title = ttk.Label(head, font="HdrStrong")
        self.title.pack(anchor="w")
        self.where = ttk.Label(head, font="HdrSmall", bootstyle="secondary")
        self.where.pack(anchor="w")
        self._font = tkfont.nametofont("HdrSmall", root=self.frame)
        self._strong = tkfont.nametofont("HdrStrong", root=self.frame)

    def _add_foot(self) -> None:
        foot = ttk.Frame(self.frame, padding=(px(self.frame, PAD), px(self.frame, 4)))
        foot.pack(side="bottom", fill="x")
        self.buttons: dict[str, ttk.Button] = {}
        for text, icon, run, tip in (
            ("Back", "arrow-left", self._leave, "Back to the gallery  (Esc)"),
            ("Give the label", "tag", self.give, "Give it the label that is marked  (Return)"),
            ("Drop", "trash3", self._drop, "To the recycle bin  (Delete)"),
        ):  # fmt: skip
            button = ttk.Button(foot, text=text, icon=icon, icon_size=16, bootstyle="ghost", command=run)
            button.pack(side="left", padx=(0, px(foot, 4)))
            ttk.ToolTip(button, text=tip, delay=500)
            self.buttons[text] = button

    def _bind_keys(self) -> None:
        bind_verbs(self.list, self.results, self._drop)
        for sequence, run in (
            ("<Key-Return>", self.give), ("<Key-KP_Enter>", self.give), ("<Key-Escape>", self._leave),
            ("<Key-Left>", lambda: self.results.step(-1)), ("<Key-Right>", lambda: self.results.step(1)),
        ):  # fmt: skip
            _bind(self.list, sequence, run)
        for key in ("Key", *(f"Key-{digit}" for digit in "0123456789")):
            self.list.bind(f"<{key}>", self._typed)

    # Doing -----------------------------------------------------------------------------------------------------------

    def give(self) -> None:
        """Give the picture the label that is marked."""
        chosen = self.list.selection()
        if chosen and self.results.measured is not None:
            self.results.relabel(self.results.measured.names[int(chosen[0])])

    def _typed(self, event: tk.Event[tk.Misc]) -> str | None:
        """Give the label that was typed, or mark the next one that begins so."""
        typed, measured = event.char, self.results.measured
        if measured is None or len(typed) != 1 or not typed.isprintable() or int(event.state) & _CONTROL:
            return None
        if typed in measured.names:
            self.results.relabel(typed)
        else:
            self._mark_next(typed)
        return "break"

    def _mark_next(self, start: str) -> None:
        assert self.results.measured is not None
        names, rows = self.results.measured.names, self.list.get_children()
        at = rows.index(self.list.selection()[0]) + 1 if self.list.selection() else 0
        for row in (*rows[at:], *rows[:at]):
            if names[int(row)].casefold().startswith(start.casefold()):
                self.list.selection_set(row)
                self.list.focus(row)
                self.list.see(row)
                return

    def _drop(self) -> None:
        self.results.discard()

    # Showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what is under the cursor."""
        measured, row = self.results.measured, self.results.row
        if not self.frame.winfo_ismapped() or measured is None or row is None:
            self._drawn = ()
            return
        self._tell(row)
        size = self.canvas.winfo_width(), self.canvas.winfo_height()
        place = measured.places[row]
        self.canvas.configure(background=palette(self.results.state.settings.app.theme).desk)
        if (place, size, row) != self._drawn:
            self._drawn = place, size, row
            self._fill(row)
            self._fetch(size)

    def _tell(self, row: int) -> None:
        measured, wide = self.results.measured, max(80, self.frame.winfo_width() - 2 * px(self.frame, PAD))
        assert measured is not None
        true, told = measured.label(row), measured.names[measured.predicted[row]]
        title = f"Labelled {shown_label(true)}, taken for {shown_label(told)} ({measured.confidence[row]:.1%})"
        self.title.configure(text=clipped(self._strong, title, wide))
        where = f"{self.results.cursor + 1:,} of {self.results.count:,} · {measured.places[row]}"
        self.where.configure(text=clipped_front(self._font, where, wide))

    def _fill(self, row: int) -> None:
        measured = self.results.measured
        assert measured is not None
        self.list.delete(*self.list.get_children())
        longest = max(self._font.measure(f"{shown_label(name)} ✓") for name in measured.names) + 3 * px(self.frame, PAD)
        most = max(px(self.frame, 90), round(_LABELS_SHARE * self.frame.winfo_width()))
        self.list.column("label", width=min(max(longest, px(self.frame, 90)), most))
        for label, sure in measured.top(row):
            index = measured.names.index(label)
            bar = "▇" * round(6 * sure)
            true = " ✓" if index == measured.truth[row] else ""
            self.list.insert("", "end", str(index), values=(f"{shown_label(label)}{true}", f"{sure:6.1%} {bar}"))
        true = str(int(measured.truth[row]))
        self.list.selection_set(true)
        self.list.focus(true)
        self.list.see(self.list.get_children()[0])
        self.list.see(true)

    def _fetch(self, size: tuple[int, int]) -> None:
        results = self.results
        cell, gap = results.cell(results.cursor), 2 * px(self.canvas, PAD)
        room = max(8, size[0] - gap), max(8, size[1] - gap)

        def read(_: Job) -> Any:
            from PIL import Image

            return fitted(Image.fromarray(results.picture(cell.path, cell.index)), *room)

        self.canvas.delete("all")
        self._picture = None
        results.jobs.submit(f"sample {self.canvas}", read, self._take, self._cannot)

    def _take(self, image: Any) -> None:
        from PIL import ImageTk

        self._picture = ImageTk.PhotoImage(image, master=self.canvas)
        middle = self.canvas.winfo_width() // 2, self.canvas.winfo_height() // 2
        self.canvas.delete("all")
        self.canvas.create_image(*middle, image=self._picture)

    def _cannot(self, error: BaseException) -> None:
        if not isinstance(error, HdrError):
            raise error
        colors = palette(self.results.state.settings.app.theme)
        wide = self.canvas.winfo_width()
        self.canvas.create_text(
            wide // 2, self.canvas.winfo_height() // 2, text=str(error), width=wide - 2 * px(self.canvas, PAD),
            fill=colors.muted, justify="center",
        )  # fmt: skip


def bind_verbs(widget: tk.Misc, results: Results, drop: Callable[[], None]) -> None:
    """Bind the keys that relabel, throw away and take back."""
    for digit in "0123456789":
        for name in (digit, f"KP_{digit}"):
            _bind(widget, f"<Key-{name}>", functools.partial(results.relabel, digit))
    for sequence, run in (
        ("<Key-n>", lambda: results.relabel(NOT_A_DIGIT)), ("<Key-N>", lambda: results.relabel(NOT_A_DIGIT)),
        ("<Key-question>", lambda: results.relabel(CANNOT_TELL)),
        ("<Key-Delete>", drop), ("<Key-KP_Delete>", drop),
    ):  # fmt: skip
        _bind(widget, sequence, run)
    bind_undoing(widget, results)


def bind_undoing(widget: tk.Misc, results: Results) -> None:
    """Bind the keys that take back and do again."""
    for key, run in (("Key-z", results.undo), ("Key-y", results.redo), ("Shift-Key-Z", results.redo)):
        _bind(widget, f"<Control-{key}>", run)
        if widget.tk.call("tk", "windowingsystem") == "aqua":
            _bind(widget, f"<Command-{key}>", run)


def bind_walking(gallery: Gallery, results: Results) -> None:
    """Bind the keys that go from picture to picture."""
    for name in ("Left", "Right", "Up", "Down", "Prior", "Next", "Home", "End"):
        for shift, reach in (("", False), ("Shift-", True)):
            _bind(gallery.canvas, f"<{shift}Key-{name}>", functools.partial(_walk, gallery, results, name, reach=reach))
    for sequence, run in (
        ("<Control-Key-a>", results.pick_all), ("<Key-plus>", lambda: gallery.zoom(1)),
        ("<Key-equal>", lambda: gallery.zoom(1)), ("<Key-minus>", lambda: gallery.zoom(-1)),
    ):  # fmt: skip
        _bind(gallery.canvas, sequence, run)


def _walk(gallery: Gallery, results: Results, name: str, *, reach: bool) -> None:
    row, everything = gallery.columns, results.count
    page = row * gallery.page_rows
    steps = {"Left": -1, "Right": 1, "Up": -row, "Down": row, "Prior": -page, "Next": page}
    results.step(steps.get(name, -everything if name == "Home" else everything), reach=reach)


def _bind(widget: tk.Misc, sequence: str, run: Callable[[], object]) -> None:
    def pressed(_: Any) -> str:
        run()
        return "break"

    widget.bind(sequence, pressed)
