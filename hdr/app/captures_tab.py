"""The captures in the window: which are shown, what is done to them by keys and buttons, and the gallery."""

from __future__ import annotations

import functools
import tkinter as tk
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import ttkbootstrap as ttk

from hdr.app.captures_chart import CapturesChart
from hdr.app.controller import Controller
from hdr.app.flow import Flow
from hdr.app.found import DOUBLES, MISTAKES
from hdr.app.gallery import Gallery
from hdr.app.keys import sequences
from hdr.app.screens import SCREENS
from hdr.app.theme import PAD, px
from hdr.classify.names import CANNOT_TELL, NOT_A_DIGIT

_ORDERS = {
    "By label": "label", "Likely mistakes first": MISTAKES, "Doubles": DOUBLES, "Least certain first": "unsure",
    "Most certain first": "sure", "Newest first": "newest", "Oldest first": "oldest", "Page by page": "page",
}  # fmt: skip
_CONFIRMED = {"Confirmed or not": None, "Confirmed": True, "Not confirmed": False}
_MODEL = {"Whatever the model says": None, "Model disagrees": True, "Model agrees": False}
_SURE = {"Any confidence": None, "Below 99 %": (0.0, 0.99), "Below 90 %": (0.0, 0.9), "Below 60 %": (0.0, 0.6)}
_DAYS = {"Any day": None, "Today": 0, "Last 7 days": 6, "Last 30 days": 29}
KEYS: tuple[tuple[str, str], ...] = (
    ("Arrows, Page Up, Page Down", "go from crop to crop; with Shift select on the way"),
    ("0 to 9", "give a label"), ("N", "not a digit"), ("?", "cannot tell"), ("T", "another label"),
    ("Return", "confirm"), ("Delete", "to the recycle bin"), ("G", "go to the page"), ("Ctrl+Z, Ctrl+Y", "undo, redo"),
    ("Ctrl+A", "select all"), ("Ctrl+F", "search"), ("+ and -", "larger, smaller"),
    ("Esc", "stop, or back to the page"),
)  # fmt: skip
"""What the keys do while the gallery has the focus."""


class CapturesTab:
    """Takes the place of the page while it is shown.

    Parameters
    ----------
    parent
        Where it is made; the caller lays it out.
    controller
        Whose captures are shown.
    """

    keys = KEYS

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.controller = controller
        self.captures = controller.captures
        self.frame = ttk.Frame(parent)
        self._search_due: str | None = None
        left = ttk.Frame(self.frame, padding=px(parent, PAD))
        left.pack(side="left", fill="y")
        self._title = ttk.Label(left, font="HdrTitle")
        self._title.pack(anchor="w")
        self._add_search(left)
        self.chart = CapturesChart(left, controller.state, self.captures, self._show_label)
        self.chart.canvas.pack(fill="both", expand=True, pady=px(parent, PAD))
        right = ttk.Frame(self.frame)
        right.pack(side="left", fill="both", expand=True)
        self._add_filters(right)
        self._add_foot(right)
        self.gallery = Gallery(right, self.captures)
        self.gallery.frame.pack(fill="both", expand=True)
        self._bind_keys()
        self.captures.listen(self.refresh)
        controller.state.listen(lambda changed: self.refresh() if changed & {"settings", "saved"} else None)

    # As a screen -----------------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Look into the captures again."""
        self.gallery.canvas.focus_set()
        self.captures.load()

    def hidden(self) -> None:
        """Nothing runs only while it is seen."""

    def close(self) -> None:
        """Nothing runs but jobs."""

    def status(self) -> str:
        """Say where they are."""
        return f"What was saved in {self.controller.services.workspace.captures}"

    def notices_over(self) -> tk.Misc:
        """The gallery."""
        return self.gallery.canvas

    # Choosing what is shown ------------------------------------------------------------------------------------------

    def _add_filters(self, parent: ttk.Frame) -> None:
        row = Flow(parent, 6)
        row.frame.pack(fill="x", padx=px(parent, PAD), pady=px(parent, 4))
        self.order = self._choice(row, _ORDERS, self.captures.order_by, 18)
        self.confirmed = self._choice(row, _CONFIRMED, lambda value: self.captures.show_only(confirmed=value), 14)
        self.model = self._choice(row, _MODEL, self.captures.show_by_model, 21)
        self.sure = self._choice(row, _SURE, lambda value: self.captures.show_only(confidence=value), 13)
        self.days = self._choice(row, _DAYS, self._since, 10)

    def _add_search(self, parent: ttk.Frame) -> None:
        ttk.Label(parent, text="Search", bootstyle="secondary", font="HdrSmall").pack(anchor="w")
        self._text = tk.StringVar(parent)
        self.search = ttk.Entry(parent, textvariable=self._text, width=14)
        self.search.pack(fill="x")
        ttk.ToolTip(self.search, text="Search: words of the source, label, model, writer or file  (Ctrl+F)", delay=500)
        self._text.trace_add("write", lambda *_: self._search_soon())
        self.search.bind("<Escape>", lambda _: self._leave_search())
        self.search.bind("<Return>", lambda _: self._leave_search())

    def _choice(self, row: Flow, values: dict[str, Any], choose: Callable[[Any], None], width: int) -> ttk.Combobox:
        combo = ttk.Combobox(row.cell(), values=tuple(values), state="readonly", width=width)
        combo.current(0)
        combo.bind("<<ComboboxSelected>>", lambda _: self._chosen(lambda: choose(values[combo.get()])))
        combo.pack()
        return combo

    def _chosen(self, choose: Callable[[], None]) -> None:
        choose()
        self.gallery.canvas.focus_set()

    def _show_label(self, label: str) -> None:
        self._chosen(lambda: self.captures.toggle_label(label))

    def _since(self, days: int | None) -> None:
        self.captures.show_only(since=None if days is None else date.today() - timedelta(days))

    def _search_soon(self) -> None:
        if self._search_due is not None:
            self.frame.after_cancel(self._search_due)
        self._search_due = self.frame.after(150, self._search)

    def _search(self) -> None:
        self._search_due = None
        self.captures.show_only(text=self._text.get())

    def _leave_search(self) -> str:
        self.gallery.canvas.focus_set()
        return "break"

    # What can be done ------------------------------------------------------------------------------------------------

    def _add_foot(self, parent: ttk.Frame) -> None:
        row = ttk.Frame(parent, padding=(px(parent, PAD), px(parent, 4)))
        row.pack(side="bottom", fill="x")
        self.told = ttk.Label(row, bootstyle="secondary", font="HdrSmall")
        self.told.pack(side="left")
        self._in_bin = tk.BooleanVar(row)
        self.buttons: dict[str, ttk.Button] = {}
        for text, icon, run, tip in (
            ("Go to the page", "box-arrow-up-right", self.jump, "Go to the page  (G)"),
            ("Confirm", "check2", self.captures.confirm, "Confirm  (Return)"),
            ("Recycle", "trash3", self.captures.discard, "To the recycle bin  (Delete)"),
            ("Restore", "arrow-counterclockwise", self.captures.restore, "Back from the recycle bin  (Return)"),
        ):  # fmt: skip
            button = ttk.Button(row, text=text, icon=icon, bootstyle="ghost", command=run)
            self.buttons[text] = button
            ttk.ToolTip(button, text=tip, delay=500)
        self.bin_button = ttk.Checkbutton(
            row, text="Recycle bin", variable=self._in_bin, bootstyle="round-toggle",
            command=lambda: self._chosen(lambda: self.captures.show_bin(self._in_bin.get())),
        )  # fmt: skip
        self.bin_button.pack(side="right", padx=px(row, PAD))

    def _bind_keys(self) -> None:
        canvas = self.gallery.canvas
        # The window's own keys are for the page, which is not seen.
        canvas.bindtags(tuple(tag for tag in canvas.bindtags() if tag != str(canvas.winfo_toplevel())))
        for digit in "0123456789":
            for name in (digit, f"KP_{digit}"):
                self._key(name, functools.partial(self.captures.relabel, digit))
        for name in ("Left", "Right", "Up", "Down", "Prior", "Next", "Home", "End"):
            self._key(name, functools.partial(self._walk, name))
            self._key(f"Shift+{name}", functools.partial(self._walk, name, reach=True))
        for one in SCREENS:
            if one.key:
                self._key(one.key, functools.partial(self.controller.toggle_screen, one.name))
        for keys, run in self._verbs():
            for key in keys.split():
                self._key(key, run)
        canvas.bind("<<Jump>>", lambda _: self.jump())

    def _verbs(self) -> tuple[tuple[str, Callable[[], object]], ...]:
        captures = self.captures
        return (
            ("N", lambda: captures.relabel(NOT_A_DIGIT)),
            ("question", lambda: captures.relabel(CANNOT_TELL)),
            ("T", self.ask_label),
            ("Return KP_Enter", self._confirm_or_restore),
            ("Delete KP_Delete", captures.discard),
            ("G", self.jump),
            ("Ctrl+Z", captures.changes.undo),
            ("Ctrl+Y Ctrl+Shift+Z", captures.changes.redo),
            ("Ctrl+A", captures.pick_all),
            ("Ctrl+F", self.search.focus_set),
            ("plus equal", lambda: self.gallery.zoom(1)),
            ("minus", lambda: self.gallery.zoom(-1)),
            ("Escape", self._leave),
            ("F1", self.controller.dialogs.help),
        )

    def _key(self, key: str, run: Callable[[], object]) -> None:
        def pressed(_: Any) -> str:
            run()
            return "break"

        for sequence in sequences(key):
            self.gallery.canvas.bind(sequence, pressed)

    def _walk(self, name: str, *, reach: bool = False) -> None:
        row, everything = self.gallery.columns, self.captures.count
        page = row * self.gallery.page_rows
        steps = {"Left": -1, "Right": 1, "Up": -row, "Down": row, "Prior": -page, "Next": page}
        self.captures.step(steps.get(name, -everything if name == "Home" else everything), reach=reach)

    def _leave(self) -> None:
        """Stop what is running; with nothing running, go back to the page."""
        if self.captures.stop():
            self.order.current(0)
            self.model.current(0)
        else:
            self.controller.toggle_screen("captures")

    def _confirm_or_restore(self) -> None:
        if self.captures.bin is None:
            self.captures.confirm()
        else:
            self.captures.restore()

    def ask_label(self) -> None:
        """Ask for a label that has no key."""
        if self.captures.count and self.captures.bin is None:
            label = self.controller.dialogs.ask_label(self.captures.cell(self.captures.cursor).label)
            if label:
                self.captures.relabel(label)

    def jump(self) -> None:
        """Go to the page that the crop came from."""
        if self.captures.jump():
            self.controller.state.use_screen("pages")

    # Showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the counts and what is selected."""
        captures = self.captures
        total = len(captures.index) if captures.index is not None else 0
        self._title.configure(text=f"{total:,} saved")
        chosen = f", {len(captures.chosen):,} selected" if len(captures.chosen) > 1 else ""
        where = "in the recycle bin" if captures.bin is not None else "shown"
        self.told.configure(text=f"{captures.count:,} {where}{chosen}")
        self._in_bin.set(captures.bin is not None)
        for text, button in self.buttons.items():
            if (captures.bin is not None) is (text == "Restore"):
                button.pack(side="right")
            else:
                button.pack_forget()
            button.state(["!disabled" if captures.count else "disabled"])
        self.chart.paint()
