"""The left of the Train screen: what to learn from, which model, and how. It writes a `Plan`, and shows one."""

from __future__ import annotations

import dataclasses
import tkinter as tk
from typing import Any

import ttkbootstrap as ttk

from hdr.app.theme import PAD, px
from hdr.app.train_control import Trainer
from hdr.app.train_fields import Fields, button, heading, small
from hdr.app.train_plan import EPOCHS, NUMBERS, SCHEDULES
from hdr.app.train_scroll import ScrolledColumn
from hdr.app.train_sources import Sources

_NEW, _IN_USE = "nothing: new weights", "the model in use"
_WEIGHED = {"": "as the data needs it", "balanced": "count more", "none": "count as the others"}


class TrainForm:
    """The form.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `column.frame` out.
    trainer
        Whose plan it is.
    """

    def __init__(self, parent: tk.Misc, trainer: Trainer) -> None:
        self.trainer = trainer
        self.column = ScrolledColumn(parent)
        body = self.column.inner
        body.configure(padding=(px(parent, PAD), px(parent, PAD), px(parent, 2 * PAD), px(parent, PAD)))
        body.columnconfigure(0, weight=1)
        self._filling = False
        self.fields = Fields(self._changed)
        self.sources = Sources(body, trainer, self._changed)
        self._add_model(body)
        self._add_more(body)
        trainer.listen(lambda what: self.refresh() if what in ("facts", "plan") else None)
        trainer.state.listen(lambda changed: self.refresh() if changed & {"saved", "settings"} else None)
        self.refresh()

    # Building --------------------------------------------------------------------------------------------------------

    def _add_model(self, body: ttk.Frame) -> None:
        heading(body, "Model")
        fields = self.fields
        fields.combo(fields.grid(body), "arch")
        self.summary = small(body)
        self.summary.grid(sticky="ew", pady=(0, px(body, 4)))
        grid = fields.grid(body)
        fields.combo(grid, "start")
        fields.entry(grid, "name")
        fields.hints["name"].configure(text="by itself")
        fields.number(grid, EPOCHS)

    def _add_more(self, body: ttk.Frame) -> None:
        self._open = False
        self.more_button = button(body, "More", "chevron-right", self.toggle_more)
        self.more_button.grid(sticky="w", pady=(px(body, 4), 0))
        fields = self.fields
        self.more = fields.grid(body)
        for number in NUMBERS:
            fields.number(self.more, number)
        fields.combo(self.more, "schedule")
        fields.path(self.more, "weights", self.choose_weights, "What a learned base begins with: a file, or imagenet")
        fields.path(self.more, "tensorboard", self.choose_log, "Folder for a log that TensorBoard shows")
        fields.combo(self.more, "class_weights").configure(values=tuple(_WEIGHED.values()))
        self.more.grid_remove()

    def toggle_more(self) -> None:
        """Fold the rest out or away."""
        self._open = not self._open
        self.more_button.configure(icon="chevron-down" if self._open else "chevron-right")
        if self._open:
            self.more.grid()
            self.more.update_idletasks()  # before that it has no place to be shown at
            self.column.show(self.fields.entries["class_weights"])
        else:
            self.more.grid_remove()

    def choose_weights(self) -> None:
        """Ask for a file of weights."""
        path = self.trainer.dialogs.open_file("Weights of a learned base", (("Keras weights", "*.h5"),))
        if path is not None:
            self.fields.values["weights"].set(str(path))

    def choose_log(self) -> None:
        """Ask for the folder of TensorBoard's log."""
        path = self.trainer.dialogs.open_folder("")
        if path is not None:
            self.fields.values["tensorboard"].set(str(path))

    # Writing the plan ------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        if self._filling:
            return
        texts: dict[str, Any] = {name: str(self.fields.values[name].get()).strip() for name in self.fields.entries}
        texts["start"] = "" if texts["start"] in (_NEW, _IN_USE) else texts["start"]
        if texts["schedule"] not in SCHEDULES:
            texts["schedule"] = ""
        source, before = self.sources.value.get(), self.trainer.plan
        if (source, texts["arch"]) != (before.source, before.arch):
            texts["start"] = ""  # what one can go on from is another list
        texts["class_weights"] = next(name for name, text in _WEIGHED.items() if text == texts["class_weights"])
        self.trainer.choose(dataclasses.replace(self.trainer.plan, source=source, **texts))

    # Showing it ------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the plan, and what is usual for it."""
        self._filling = True
        plan, values = self.trainer.plan, self.fields.values
        for name in ("name", "epochs", "weights", "tensorboard", *(number.name for number in NUMBERS)):
            if values[name].get().strip() != getattr(plan, name):
                values[name].set(getattr(plan, name))
        values["class_weights"].set(_WEIGHED[plan.class_weights])
        self.sources.refresh()
        self._show_choices()
        self._show_starts()
        self._show_usual()
        self._filling = False

    def _show_choices(self) -> None:
        plan, facts = self.trainer.plan, self.trainer.facts
        choices = facts.choices if facts else ()
        combo = self.fields.entries["arch"]
        combo.configure(values=tuple(one.name for one in choices))
        self.fields.values["arch"].set(plan.arch)
        combo.state(["!disabled" if plan.from_scratch else "disabled"])
        chosen = next((one for one in choices if one.name == plan.arch), None)
        own = "It learns to read your hand better, in seconds, and forgets nothing."
        told = f"{chosen.summary} From {chosen.source}." if chosen else ""
        self.summary.configure(text=told.replace("From ours.", "Our own.") if plan.from_scratch else own)

    def _show_starts(self) -> None:
        plan, facts, fields = self.trainer.plan, self.trainer.facts, self.fields
        models = facts.models if facts else ()
        fits = [
            one.name for one in models
            if one.trainable and (not plan.from_scratch or one.architecture == plan.arch)
        ]  # fmt: skip
        first = _NEW if plan.from_scratch else _IN_USE
        fields.entries["start"].configure(values=(first, *fits))
        fields.values["start"].set(plan.start or first)
        usual = self._usual().get("schedule", "")
        fields.entries["schedule"].configure(values=(f"recipe: {usual}", *SCHEDULES))
        fields.values["schedule"].set(plan.schedule or f"recipe: {usual}")

    def _usual(self) -> dict[str, str]:
        plan, facts = self.trainer.plan, self.trainer.facts
        if facts is None:
            return {}
        if not plan.from_scratch:
            return dict(facts.own)
        return dict(next((one.usual for one in facts.choices if one.name == plan.arch), {}))

    def _show_usual(self) -> None:
        plan, usual, fields = self.trainer.plan, self._usual(), self.fields
        known = {number.name for number in plan.numbers()}
        for number in (EPOCHS, *NUMBERS):
            told = usual.get(number.name, "")
            fields.hints[number.name].configure(text=f"recipe: {told}" if told else "")
            fields.entries[number.name].state(["!disabled" if number.name in known else "disabled"])
        for name in ("schedule", "weights", "tensorboard", "class_weights"):
            fields.entries[name].state(["!disabled" if plan.from_scratch else "disabled"])

    def repaint(self) -> None:
        """Take the colours of the theme."""
        self.column.repaint()
        self.sources.repaint()
