"""Figures to tables: each label's precision, recall and F1; and several models side by side."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Mapping, Sequence
from typing import Any

import ttkbootstrap as ttk

from hdr.app.gallery import shown_label
from hdr.app.results import Results
from hdr.app.results_measured import Which
from hdr.app.results_plots import Intervals
from hdr.app.theme import PAD, px

_LABELS = (("label", "Label", 90), ("precision", "Precision", 70), ("recall", "Recall", 60), ("f1", "F1", 60),
           ("n", "n", 44))  # fmt: skip
_FIGURES = (
    "right", "95 % interval", "against the best", "log loss", "parameters", "files", "ms a picture", "training",
)  # fmt: skip
_NAME_PX, _MODEL_PX, _ROW_PX, _LOW_PX = 110, 200, 26, 280


class ByLabel:
    """The classification report; a label that is chosen shows its mistakes.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    results
        Whose figures they are.
    """

    def __init__(self, parent: tk.Misc, results: Results) -> None:
        self.results = results
        self.frame = ttk.Frame(parent)
        self.list = _table(self.frame, _LABELS, "label")
        self.keyboard = self.list
        self.list.bind("<<TreeviewSelect>>", lambda _: self._choose())
        self.list.bind("<Key-Escape>", self._on_escape)

    def _choose(self) -> None:
        chosen = self.list.selection()
        if chosen:
            self.results.show_only(Which(true=int(chosen[0])))

    def _on_escape(self, _: Any) -> str | None:
        if not self.list.selection():
            return None
        self.list.selection_set(())
        self.results.show_only(Which())
        return "break"

    def refresh(self) -> None:
        """Show the figures."""
        measured, which = self.results.measured, self.results.which
        if measured is None:
            self.list.delete(*self.list.get_children())
            return
        told = measured.evaluation
        for number, (name, one) in enumerate(zip(measured.names, told.classes, strict=True)):
            there = one.support or told.matrix[:, number].any()
            figures = tuple(f"{share:.2%}" if there else "–" for share in (one.precision, one.recall, one.f1))
            _put(self.list, str(number), (shown_label(name), *figures, f"{one.support:,}"))
        for left in self.list.get_children()[len(measured.names) :]:
            self.list.delete(left)
        chosen = self.list.selection()
        if chosen and which != Which(true=int(chosen[0])):
            self.list.selection_set(())


class Comparison:
    """Several models on the same data: a picture, a table, and what the figures stand for.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    results
        Whose comparison it is.
    """

    def __init__(self, parent: tk.Misc, results: Results) -> None:
        self.results = results
        self.frame = ttk.Frame(parent)
        self.told = ttk.Label(self.frame, bootstyle="secondary", font="HdrSmall", justify="left")
        self.told.bind("<Configure>", lambda event: self.told.configure(wraplength=max(80, event.width)))
        self.picture = Intervals(self.frame, results)
        self._holder = ttk.Frame(self.frame)
        self.keyboard = self._holder
        self.list: ttk.Treeview | None = None
        self.frame.bind("<Configure>", lambda event: self._lay_out(event.height))

    def _lay_out(self, high: int) -> None:
        """Where there is little room, the table has it: it tells the intervals, too."""
        for part in (self.told, self.picture.canvas, self._holder):
            part.pack_forget()
        if high >= px(self.frame, _LOW_PX) or not self.results.compared:
            self.told.pack(side="bottom", fill="x", pady=px(self.frame, 4))
            self.picture.canvas.pack(fill="x", pady=px(self.frame, 4))
        self._holder.pack(fill="both", expand=True)

    def refresh(self) -> None:
        """Show the comparison, a column a model."""
        rows = self.results.compared
        self.told.configure(text=self._words())
        self.picture.canvas.configure(height=px(self.frame, _ROW_PX) * (len(rows) + 1 if rows else 1))
        self.picture.refresh()
        for old in self._holder.winfo_children():
            old.destroy()
        self.list = None
        if rows:
            columns = [(str(at), str(row["model"]), _MODEL_PX) for at, row in enumerate(rows)]
            self.list = _table(self._holder, (("figure", "", _NAME_PX), *columns), "")
            for figures in zip(_FIGURES, *map(_texts, rows), strict=True):
                self.list.insert("", "end", values=figures)
        self._lay_out(self.frame.winfo_height())

    def _words(self) -> str:
        rows = self.results.compared
        if not rows:
            return "Choose a model to compare with and data above, and press Compare."
        return (
            f"All on the same {rows[0]['n']:,} pictures. Chance is told by McNemar's exact test. "
            "Times are of batches of 50, by each file of the model."
        )


def headline(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say in a sentence which of the models is better, the best of which comes first."""
    first, second = rows[0], rows[1]
    if str(second["verdict"]).startswith("may be chance"):
        p = second["p_against_best"]
        return f"{first['model']} and {second['model']} may be equally good (p = {p:.2g})"
    return f"{first['model']} is better than {second['model']}, and not by chance"


def _texts(row: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = row["interval"]
    sizes, times = row["bytes"].items(), row["ms_a_digit"].items()
    return (
        f"{row['accuracy']:.2%} of {row['n']:,}",
        f"{low:.2%} to {high:.2%}",
        str(row["verdict"]),
        f"{row['log_loss']:.4f}",
        "?" if row["parameters"] is None else f"{row['parameters']:,}",
        ", ".join(f"{name.removeprefix('model')} {size / 1000:,.0f} kB" for name, size in sizes),
        ", ".join(f"{name.removeprefix('model')} {'?' if ms is None else f'{ms:.2f}'}" for name, ms in times),
        "?" if row["training_seconds"] is None else f"{row['training_seconds']:,.0f} s",
    )


def _table(parent: ttk.Frame, columns: Sequence[tuple[str, str, int]], stretched: str) -> ttk.Treeview:
    """A table with the bars that it needs."""
    made = ttk.Treeview(
        parent, columns=[name for name, _, _ in columns], show="headings", selectmode="browse", height=3
    )
    for name, title, wide in columns:
        made.heading(name, text=title, anchor="w")
        made.column(name, width=px(parent, wide), minwidth=px(parent, 40), anchor="w", stretch=name == stretched)
    down = ttk.Scrollbar(parent, orient="vertical", command=made.yview)
    across = ttk.Scrollbar(parent, orient="horizontal", command=made.xview)
    made.configure(yscrollcommand=down.set, xscrollcommand=across.set)
    if not stretched:
        across.pack(side="bottom", fill="x")
    down.pack(side="right", fill="y")
    made.pack(fill="both", expand=True, padx=(0, px(parent, PAD // 4)))
    return made


def _put(table: ttk.Treeview, row: str, values: tuple[str, ...]) -> None:
    if table.exists(row):
        table.item(row, values=values)
    else:
        table.insert("", "end", row, values=values)
