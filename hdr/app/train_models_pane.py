"""The models of the store as a list: used, rolled back, exported, put aside, and how each one did."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from hdr.app.flow import Flow
from hdr.app.theme import PAD, px
from hdr.app.train_control import Trainer
from hdr.app.train_facts import ModelRow
from hdr.app.train_models import EXPORTS
from hdr.app.train_told import called, percent

_COLUMNS = (
    ("name", "Model", 150), ("accuracy", "Right", 70), ("data", "Of", 150), ("size", "Size", 70), ("date", "Made", 90),
    ("parent", "Learned on from", 120),
)  # fmt: skip
_STRETCHED = ("name", "data")
"""They share the room that is left: their words are the longest."""


class ModelsPane:
    """The pane.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    trainer
        Whose store it is.
    show_result
        Called with a model's name, to show how it did.
    """

    def __init__(self, parent: tk.Misc, trainer: Trainer, show_result: Callable[[str], None]) -> None:
        self.trainer = trainer
        self.frame = ttk.Frame(parent, padding=px(parent, PAD))
        self._show_result = show_result
        self.buttons: dict[str, ttk.Button] = {}
        self._add_buttons()
        self.told = ttk.Label(self.frame, bootstyle="secondary", font="HdrSmall", justify="left")
        self.told.pack(side="bottom", anchor="w", fill="x")
        self.told.bind("<Configure>", lambda event: self.told.configure(wraplength=max(80, event.width)))
        names = [name for name, _, _ in _COLUMNS]
        self.list = ttk.Treeview(self.frame, columns=names, show="headings", selectmode="browse", height=4)
        for name, title, wide in _COLUMNS:
            self.list.heading(name, text=title, anchor="w")
            self.list.column(
                name, width=px(parent, wide), minwidth=px(parent, 50), anchor="w", stretch=name in _STRETCHED
            )
        self.list.pack(fill="both", expand=True)
        self.list.lower()  # Tab goes by the stacking order
        self.list.bind("<Configure>", lambda event: self._on_resized(event.width))
        self.list.bind("<<TreeviewSelect>>", lambda _: self._show_chosen())
        self.list.bind("<Double-Button-1>", lambda _: self.buttons["use"].invoke())
        trainer.listen(lambda what: self.refresh() if what in ("facts", "models") else None)
        trainer.state.listen(lambda changed: self.refresh() if "settings" in changed else None)
        self.refresh()

    def _add_buttons(self) -> None:
        flow = Flow(self.frame, 4)
        flow.frame.pack(side="bottom", fill="x", pady=(px(self.frame, 6), 0))
        for name, text, icon in (
            ("use", "Use", "check2"), ("back", "Roll back", "arrow-counterclockwise"),
            ("result", "Show the result", "bar-chart"), ("export", "Export…", "box-arrow-up-right"),
            ("remove", "Remove…", "trash3"), ("restore", "Bring back", "arrow-return-left"),
        ):  # fmt: skip
            button = ttk.Button(
                flow.cell(), text=text, icon=icon, icon_size=16, bootstyle="ghost",
                command=lambda name=name: self._on(name),
            )  # fmt: skip
            button.pack()
            self.buttons[name] = button

    def _on_resized(self, wide: int) -> None:
        """Of a narrow list only the columns that one chooses by."""
        shown = [name for name, _, _ in _COLUMNS]
        if wide < px(self.frame, 600):
            shown = [name for name in shown if name not in ("data", "parent")]
        if list(self.list.cget("displaycolumns")) != shown:
            self.list.configure(displaycolumns=shown)

    # What can be done ------------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> ModelRow | None:
        """The model that is selected."""
        selected, facts = self.list.selection(), self.trainer.facts
        return next((one for one in facts.models if selected and one.name == selected[0]), None) if facts else None

    def _on(self, what: str) -> None:
        trainer, row = self.trainer, self.chosen
        if what == "back":
            trainer.roll_back()
        elif what == "restore":
            trainer.bring_back()
        elif row is not None:
            act: dict[str, Callable[[str], None]] = {
                "use": trainer.use, "remove": trainer.remove, "export": self._export, "result": self._show_result
            }  # fmt: skip
            act[what](row.name)

    def _export(self, name: str) -> None:
        form = self.trainer.dialogs.choose_one("Export a model", {key: text for key, (text, _) in EXPORTS.items()})
        if not form:
            return
        ending = EXPORTS[form][1]
        target = self.trainer.dialogs.save_file(f"Export {name} to", f"{name}{ending}", ending)
        if target is not None:
            self.trainer.export(name, form, target)

    # Showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the store as it was last looked into; what was selected stays so."""
        facts, selected = self.trainer.facts, self.list.selection()
        models = facts.models if facts else ()
        self.list.delete(*self.list.get_children())
        for row in models:
            mark = "✓ " if facts is not None and row.name == facts.current else ""
            self.list.insert("", "end", iid=row.name, values=_cells(row, mark))
        names = [row.name for row in models]
        current = [selected[0]] if selected and selected[0] in names else [facts.current] if facts else []
        if current and current[0] in names:
            self.list.selection_set(current)
            self.list.focus(current[0])
        self._show_chosen()

    def _show_chosen(self) -> None:
        row, facts = self.chosen, self.trainer.facts
        in_use = row is not None and facts is not None and row.name == facts.current
        usable = row is not None and not row.fault
        can = {
            "use": row is not None and usable and row.reads and not in_use,
            "back": facts is not None and bool(facts.before), "result": usable,
            "export": usable and not self.trainer.exports,
            "remove": row is not None and not in_use and not row.shipped, "restore": bool(self.trainer.removed),
        }  # fmt: skip
        for name, button in self.buttons.items():
            button.state(["!disabled" if can[name] else "disabled"])
        self.told.configure(text=_about(row))


def _cells(row: ModelRow, mark: str) -> tuple[str, ...]:
    accuracy = "" if math.isnan(row.accuracy) else percent(row.accuracy)
    data = f"{called(row.data)} ({row.n:,})" if row.data else ""
    size = f"{row.size_bytes / 1000:,.0f} kB" if row.size_bytes else ""
    return f"{mark}{row.name}", accuracy, data, size, row.date, row.parent


def _about(row: ModelRow | None) -> str:
    if row is None:
        return ""
    if row.fault:
        return row.fault
    parts = [row.architecture, f"{row.parameters:,} parameters" if row.parameters else "", f"{row.labels} labels"]
    more = "" if row.reads else " It tells whole pictures apart and reads no pages: look at its result, or export it."
    return ", ".join(part for part in parts if part) + (". It came with the program." if row.shipped else ".") + more
