"""Figures to tables: each label's precision, recall and F1; and several models side by side."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Iterator, Mapping
from typing import Any

import ttkbootstrap as ttk

from hdr.app.gallery import shown_label
from hdr.app.results import Results
from hdr.app.results_measured import Which
from hdr.app.results_plots import Intervals
from hdr.app.theme import PAD, px

_LABELS = (("label", "Label", 90), ("precision", "Precision", 68), ("recall", "Recall", 68), ("f1", "F1", 68),
           ("n", "n", 50))  # fmt: skip
_MODELS = (("model", "Model", 120), ("accuracy", "Right", 64), ("interval", "95 % interval", 120),
           ("verdict", "Against the best", 170), ("loss", "Log loss", 64), ("parameters", "Parameters", 80),
           ("bytes", "File", 150), ("ms", "ms a picture", 150), ("seconds", "Training", 70))  # fmt: skip


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
            figures = tuple(f"{share:.2%}" for share in (one.precision, one.recall, one.f1))
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
        self.told.pack(side="bottom", fill="x", pady=px(parent, 4))
        self.told.bind("<Configure>", lambda event: self.told.configure(wraplength=max(80, event.width)))
        self.picture = Intervals(self.frame, results)
        self.picture.canvas.configure(height=px(parent, 110))
        self.picture.canvas.pack(fill="x", pady=px(parent, 4))
        holder = ttk.Frame(self.frame)
        holder.pack(fill="both", expand=True)
        self.list = _table(holder, _MODELS, "")

    def refresh(self) -> None:
        """Show the comparison."""
        rows = self.results.compared
        self.list.delete(*self.list.get_children())
        for number, row in enumerate(rows):
            self.list.insert("", "end", str(number), values=tuple(_texts(row)))
        self.told.configure(text=self._words())
        self.picture.refresh()

    def _words(self) -> str:
        rows = self.results.compared
        if not rows:
            return "Choose two or three models and data above, and compare."
        return (
            f"All on the same {rows[0]['n']:,} pictures. Whether a difference may be chance is told by McNemar's exact "
            "test on those that only one of two got right. Times are of batches of 50, by each file of the model."
        )


def _texts(row: Mapping[str, Any]) -> Iterator[str]:
    low, high = row["interval"]
    yield str(row["model"])
    yield f"{row['accuracy']:.2%}"
    yield f"{low:.2%} to {high:.2%}"
    yield str(row["verdict"])
    yield f"{row['log_loss']:.4f}"
    yield "?" if row["parameters"] is None else f"{row['parameters']:,}"
    yield ", ".join(f"{name.removeprefix('model')} {size / 1000:,.0f} kB" for name, size in row["bytes"].items())
    times = row["ms_a_digit"].items()
    yield ", ".join(f"{name.removeprefix('model')} {'?' if ms is None else f'{ms:.2f}'}" for name, ms in times)
    yield "?" if row["training_seconds"] is None else f"{row['training_seconds']:,.0f} s"


def _table(parent: ttk.Frame, columns: tuple[tuple[str, str, int], ...], stretched: str) -> ttk.Treeview:
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
