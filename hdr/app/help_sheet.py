"""Actions, or the keys of one screen, to a sheet that shows them."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from typing import Any

import ttkbootstrap as ttk

from hdr.app.action import Action, ActionTable, shown_key
from hdr.app.dialog import Dialog
from hdr.app.screens import Keys
from hdr.app.theme import PAD, px

_HELP_COLUMNS = (("File", "Edit", "Boxes"), ("Digits", "Help"), ("Draw", "View", "Train"))
_HELP_NARROW = (("File", "Edit", "Draw", "View", "Train", "Help"), ("Digits", "Boxes"))
_HELP_WIDE_PX, _HELP_FRAME_PX = 960, 230
_MOUSE = (
    "Mouse: drag with the middle or right button, or with Space held, to move the page; turn the wheel to zoom. "
    "Shift-click selects several digits. A tap on a digit that was read selects it."
)


def show_help(root: ttk.App, table: ActionTable) -> ttk.Toplevel:
    """Show every action with its keys; on a small screen in fewer columns, to be scrolled."""
    sheet = Dialog(root, "Keys and help")
    sheet.heading("Keys", "Everything can be done from the keyboard.")
    columns = _scrolled(sheet)
    narrow = root.winfo_screenwidth() < px(root, _HELP_WIDE_PX)
    for column, groups in enumerate(_HELP_NARROW if narrow else _HELP_COLUMNS):
        frame = ttk.Frame(columns)
        frame.grid(row=0, column=column, sticky="n", padx=(0 if column == 0 else px(root, 3 * PAD), 0))
        for group in groups:
            _add_group(frame, group, table)
    wrap = min(px(root, 860), root.winfo_screenwidth() - px(root, 80))
    ttk.Label(sheet.body, text=_MOUSE, bootstyle="secondary", wraplength=wrap, justify="left").pack(
        anchor="w", pady=(px(root, 2 * PAD), 0)
    )
    return _shown(sheet)


def show_keys(root: ttk.App, title: str, keys: Keys) -> ttk.Toplevel:
    """Show the keys of one screen."""
    sheet = Dialog(root, "Keys and help")
    sheet.heading(f"Keys: {title}", "They go to what is shown while it has the focus.")
    _add_lines(_scrolled(sheet), keys)
    return _shown(sheet)


def _shown(sheet: Dialog) -> ttk.Toplevel:
    """The sheet's window, shown until F1, Esc or its button takes it away."""
    sheet.buttons(("Close", "primary", sheet.window.destroy))
    sheet.window.bind("<F1>", lambda _: sheet.window.destroy())
    sheet.show()
    return sheet.window


def _scrolled(sheet: Dialog) -> ttk.Frame:
    """A frame in a window, of its own size, or no higher than the screen with the rest to be scrolled to."""
    root = sheet.root
    most_high = root.winfo_screenheight() - px(root, _HELP_FRAME_PX)
    canvas = tk.Canvas(sheet.body, highlightthickness=0, bd=0, background=ttk.Style().colors.bg)
    inner = ttk.Frame(canvas)
    canvas.create_window(0, 0, window=inner, anchor="nw")
    bar = ttk.Scrollbar(sheet.body, orient="vertical", command=canvas.yview)
    canvas.configure(yscrollcommand=bar.set, yscrollincrement=px(root, 20))

    def fit(_: Any) -> None:
        high = inner.winfo_reqheight()
        wide = inner.winfo_reqwidth() + px(root, 2 * PAD)
        canvas.configure(width=wide, height=min(high, most_high), scrollregion=canvas.bbox("all"))
        if high > most_high:
            bar.place(in_=canvas, relx=1, rely=0, relheight=1, anchor="ne")

    inner.bind("<Configure>", fit)
    canvas.pack(fill="both", expand=True, pady=(px(root, PAD), 0))
    for keys, way in ((("Up", "Button-4"), -2), (("Down", "Button-5"), 2), (("Prior",), -10), (("Next",), 10)):
        for key in keys:
            sheet.window.bind(f"<{key}>", lambda _, way=way: canvas.yview_scroll(way, "units"))
    sheet.window.bind("<MouseWheel>", lambda event: canvas.yview_scroll(-2 if event.delta > 0 else 2, "units"))
    return inner


def _add_group(frame: ttk.Frame, group: str, table: ActionTable) -> None:
    ttk.Label(frame, text=group, font="HdrStrong", bootstyle="primary").pack(
        anchor="w", pady=(px(frame, 6), px(frame, 2))
    )
    _add_lines(frame, help_lines(table.in_group(group)))


def _add_lines(frame: ttk.Frame, lines: Sequence[tuple[str, str]]) -> None:
    grid = ttk.Frame(frame)
    grid.pack(fill="x")
    grid.columnconfigure(1, weight=1)
    for row, (keys, text) in enumerate(lines):
        ttk.Label(grid, text=keys, font="HdrChip").grid(row=row, column=0, sticky="w", padx=(0, px(frame, 12)))
        ttk.Label(grid, text=text, font="HdrSmall", wraplength=px(frame, 210), justify="left").grid(
            row=row, column=1, sticky="w"
        )


def help_lines(actions: Sequence[Action]) -> list[tuple[str, str]]:
    """Return keys and text, families of like actions as one line."""
    lines: dict[str, str] = {}
    for action in actions:
        if action.family is not None:
            lines[action.family[0]] = action.family[1]
        elif action.keys:
            lines[shown_key(action.keys[0])] = action.text.rstrip("…")
        if action.name == "next":
            lines["Tab"] = "Next digit, and on to the next control after the last"
    return list(lines.items())
