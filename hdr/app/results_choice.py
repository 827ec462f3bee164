"""What is measured: a model, others to compare it with, and the data; and the buttons that begin and end it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from pathlib import Path
from tkinter import font as tkfont

import ttkbootstrap as ttk

from hdr.app.controller import Controller
from hdr.app.flow import Flow
from hdr.app.results import Results
from hdr.app.theme import px

_NARROW, _WIDE, _REST_PX = 10, 24, 410
"""Letters of a name that are seen, and what everything else takes."""
_NONE = "against …"
_FOLDER, _FILE = "Choose a folder …", "Choose an .npz …"


class Choice:
    """A row of controls, in as many lines as the width needs.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    controller
        Whose dialogs ask for data.
    results
        What is told what to do.
    """

    def __init__(self, parent: tk.Misc, controller: Controller, results: Results) -> None:
        self.controller = controller
        self.results = results
        self._data: dict[str, tuple[Path, ...]] = {}
        self._wanted = ""
        flow = Flow(parent, 6)
        self.frame = flow.frame
        self.model = self._combo(flow, _NARROW, "The model")
        self.others = [self._combo(flow, _NARROW, "Another model, on the same data") for _ in range(2)]
        self.data = self._combo(flow, _NARROW, "What to measure on")
        self.data.bind("<<ComboboxSelected>>", lambda _: self._data_chosen())
        for other in (self.model, *self.others):
            other.bind("<<ComboboxSelected>>", lambda _: self.refresh())
        self.everything = tk.BooleanVar(parent)
        self.all_button = ttk.Checkbutton(flow.cell(), text="All", variable=self.everything, bootstyle="round-toggle")
        self.all_button.pack(pady=(0, px(parent, 6)))
        told = "Measure on what took part in the training too, which flatters the model"
        ttk.ToolTip(self.all_button, text=told, delay=500)
        self._add_buttons(flow)
        results.listen(self._on_change)
        self.frame.bind("<Configure>", lambda event: self._on_resized(event.width), add="+")
        self.refresh()

    def _combo(self, flow: Flow, width: int, tip: str) -> ttk.Combobox:
        combo = ttk.Combobox(flow.cell(), state="readonly", width=width)
        combo.pack()
        ttk.ToolTip(combo, text=tip, delay=500)
        return combo

    def _on_resized(self, wide: int) -> None:
        """Names are long: they have what room there is."""
        letter = tkfont.nametofont("TkDefaultFont", root=self.frame).measure("0")
        room = (wide - px(self.frame, _REST_PX)) // (4 * letter)
        width = min(_WIDE, max(_NARROW, room))
        if int(self.model.cget("width")) != width:
            for combo in (self.model, *self.others, self.data):
                combo.configure(width=width)

    def _add_buttons(self, flow: Flow) -> None:
        cell = flow.cell()
        self.buttons: dict[str, ttk.Button] = {}
        for name, text, icon, style, run, tip in (
            ("measure", "Measure", "speedometer2", "primary", self.measure, "Measure the first model, or compare all"),
            ("stop", "Stop", "stop-fill", "neutral", self.results.stop, "Stop measuring"),
            ("report", "Save the report", "file-earmark-text", "ghost", self.save_report, "Save it as one HTML page"),
        ):
            button = ttk.Button(
                cell, text=text, icon=icon, icon_size=16, icon_only=name == "report", bootstyle=style, command=run
            )
            ttk.ToolTip(button, text=tip, delay=500)
            self.buttons[name] = button
        self.buttons["report"].pack(side="right")

    # Choosing --------------------------------------------------------------------------------------------------------

    def show(self, model: str, data: Sequence[Path]) -> None:
        """Choose a model and data, and measure."""
        if model not in self.model.cget("values"):
            self.model.configure(values=(*self.model.cget("values"), model))
        self.model.set(model)
        for other in self.others:
            other.set(_NONE)
        if data:
            self._take_data(tuple(data))
            self.measure()
        else:
            self._wanted = model  # as soon as it is known what there is, and what it was made from
            self.results.refresh()

    def _take_data(self, paths: tuple[Path, ...]) -> None:
        name = self._offer(paths)
        self._fill_data()
        self.data.set(name)

    def _offer(self, paths: tuple[Path, ...]) -> str:
        """Add data to what can be chosen, and return what it is called there."""
        known = next((name for name, told in self._data.items() if told == paths), None)
        if known is None:
            known = ", ".join(path.name or str(path) for path in paths)
            if known in self._data:  # other data is called so
                known = ", ".join(map(str, paths))
            self._data[known] = paths
        return known

    def _fill_data(self) -> None:
        self.data.configure(values=(*self._data, _FOLDER, _FILE))

    def _data_chosen(self) -> None:
        chosen, dialogs = self.data.get(), self.controller.dialogs
        if chosen in (_FOLDER, _FILE):
            self.data.set(next(iter(self._data), ""))
            path = (
                dialogs.open_folder(self.controller.state.settings.app.last_folder)
                if chosen == _FOLDER
                else dialogs.open_file("Choose an .npz of labelled pictures", [("Arrays", "*.npz")])
            )
            if path is not None:
                self._take_data((path,))
        self.refresh()

    def _chosen_data(self) -> tuple[Path, ...]:
        return self._data.get(self.data.get(), ())

    @property
    def models(self) -> list[str]:
        """The models that are chosen, each once, the first first."""
        names = [combo.get() for combo in (self.model, *self.others)]
        return list(dict.fromkeys(name for name in names if name and name != _NONE))

    # Doing -----------------------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Measure the model that is chosen; compare, where there are several."""
        models, data = self.models, self._chosen_data()
        if not models or not data:
            return
        if len(models) > 1:
            self.results.compare(models, data, everything=self.everything.get())
        else:
            self.results.measure(models[0], data, everything=self.everything.get())

    def save_report(self) -> None:
        """Ask where to, and have a report written."""
        comparison = self.is_comparing()
        path = self.controller.dialogs.save_file("Save the report", f"{'-'.join(self.models)}.html", ".html")
        if path is not None:
            self.results.report(path, comparison=comparison)

    def is_comparing(self) -> bool:
        """Whether what was measured last is a comparison."""
        return bool(self.results.compared) and len(self.models) > 1

    # Showing ---------------------------------------------------------------------------------------------------------

    def _on_change(self, what: str) -> None:
        if what == "found":
            self._take_found()
        self.refresh()

    def _take_found(self) -> None:
        found = self.results.found
        self.model.configure(values=found.models)
        for other in self.others:
            other.configure(values=(_NONE, *found.models))
            if other.get() not in found.models:
                other.set(_NONE)
        if not self.model.get():
            self.model.set(found.current if found.current in found.models else next(iter(found.models), ""))
        self._data = {**{name: (path,) for name, path in found.data.items()}, **self._data}
        for paths in found.of_models.values():
            self._offer(paths)
        self._fill_data()
        if not self.data.get():
            self.data.set(next(iter(self._data), ""))
        if self._wanted:
            wanted, self._wanted = self._wanted, ""
            if wanted in found.of_models:
                self._take_data(found.of_models[wanted])
            self.measure()

    def refresh(self) -> None:
        """Show what can be done now."""
        busy, several = self.results.work.is_live, len(self.models) > 1
        can = bool(self.models and self._chosen_data()) and not busy
        done = bool(self.results.compared if several else self.results.measured)
        self.buttons["measure"].configure(text="Compare" if several else "Measure")
        for name, enabled in (("measure", can), ("stop", busy), ("report", done and not busy)):
            self.buttons[name].state(["!disabled" if enabled else "disabled"])
        there, gone = ("stop", "measure") if busy else ("measure", "stop")
        self.buttons[gone].pack_forget()
        self.buttons[there].pack(side="left", padx=(0, px(self.frame, 4)))
