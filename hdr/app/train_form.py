"""The left of the Train screen: what to learn from, which model, and how. It writes a `Plan`, and shows one."""

from __future__ import annotations

import dataclasses
import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ttkbootstrap as ttk

from hdr.app.theme import PAD, palette, px
from hdr.app.train_control import Trainer
from hdr.app.train_plan import EPOCHS, FOLDERS, MNIST, NUMBERS, OWN, SCHEDULES, SOURCES, Number
from hdr.app.train_scroll import ScrolledColumn
from hdr.classify.names import CANNOT_TELL, NOT_A_DIGIT

_NEW, _IN_USE = "nothing: new weights", "the model in use"
_WEIGHED = {"": "as the data needs it", "balanced": "count more", "none": "count as the others"}
_BARS_PX = 46
_SHORT = {NOT_A_DIGIT: "–", CANNOT_TELL: "?"}


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
        self._values: dict[str, Any] = {}  # Tk's variables, whose own types say nothing
        self.entries: dict[str, Any] = {}  # entries and lists to choose from, which take other options
        self._hints: dict[str, ttk.Label] = {}
        self._add_sources(body)
        self._add_model(body)
        self._add_more(body)
        trainer.listen(lambda what: self.refresh() if what in ("facts", "plan") else None)
        trainer.state.listen(lambda changed: self.refresh() if changed & {"saved", "settings"} else None)
        self.refresh()

    # What to learn from ----------------------------------------------------------------------------------------------

    def _add_sources(self, body: ttk.Frame) -> None:
        self._heading(body, "Learn from")
        value = self._values["source"] = tk.StringVar(body, self.trainer.plan.source)
        self.sources: dict[str, ttk.Radiobutton] = {}
        for name, text in SOURCES.items():
            button = ttk.Radiobutton(body, text=text, value=name, variable=value, command=self._changed)
            button.grid(sticky="w", pady=px(body, 2))
            self.sources[name] = button
        place = ttk.Frame(body)
        place.grid(sticky="ew", pady=px(body, 4))
        place.columnconfigure(0, weight=1)
        self._of_source = {
            OWN: self._own_frame(place), MNIST: self._mnist_frame(place), FOLDERS: self._folders_frame(place)
        }  # fmt: skip
        self.look_button = self._button(
            body, "Look at the data", "bar-chart", self.trainer.look, "Counts, samples and what will hurt  (Ctrl+L)"
        )
        self.look_button.grid(sticky="w")

    def _own_frame(self, place: ttk.Frame) -> ttk.Frame:
        frame = ttk.Frame(place)
        self.bars = tk.Canvas(frame, height=px(place, _BARS_PX), width=10, highlightthickness=0, bd=0, takefocus=False)
        self.bars.pack(fill="x")
        self.bars.bind("<Configure>", lambda _: self._paint_bars())
        return frame

    def _mnist_frame(self, place: ttk.Frame) -> ttk.Frame:
        frame = ttk.Frame(place)
        self.mnist_told = self._small(frame)
        self.mnist_told.pack(anchor="w", fill="x")
        self._button(frame, "Choose its file…", "file-earmark", self._choose_mnist).pack(anchor="w")
        return frame

    def _folders_frame(self, place: ttk.Frame) -> ttk.Frame:
        frame = ttk.Frame(place)
        self.folders = tk.Listbox(frame, height=3, activestyle="none", exportselection=False)
        self.folders.pack(fill="x")
        self.folders.bind("<Delete>", lambda _: self._remove_folder())
        row = ttk.Frame(frame)
        row.pack(fill="x")
        self._button(row, "Add…", "folder-plus", self._add_folder).pack(side="left")
        self._button(row, "Remove", "dash", self._remove_folder).pack(side="left")
        self._small(frame, "A folder with a sub-folder for each label. Drop some here, too.").pack(anchor="w", fill="x")
        return frame

    def _choose_mnist(self) -> None:
        path = self.trainer.dialogs.open_file("MNIST's file", (("NumPy", "*.npz"),))
        if path is not None:
            self._choose(mnist=path)

    def _add_folder(self) -> None:
        path = self.trainer.dialogs.open_folder(self.trainer.state.settings.app.last_folder)
        if path is not None:
            self.add_folders([path])

    def add_folders(self, paths: Sequence[Path]) -> None:
        """Learn from these folders, too."""
        folders = [path for path in paths if path.is_dir() or path.suffix == ".npz"]
        self._choose(source=FOLDERS, folders=tuple(dict.fromkeys((*self.trainer.plan.folders, *folders))))

    def _remove_folder(self) -> None:
        listed: Any = self.folders  # the stubs leave its methods untyped
        chosen = set(listed.curselection())
        kept = (path for index, path in enumerate(self.trainer.plan.folders) if index not in chosen)
        self._choose(folders=tuple(kept))

    # Which model -----------------------------------------------------------------------------------------------------

    def _add_model(self, body: ttk.Frame) -> None:
        self._heading(body, "Model")
        grid = self._grid(body)
        self._arch_row = self._combo(grid, "arch", "Architecture")
        self.summary = self._small(body)
        self.summary.grid(sticky="ew", pady=(0, px(body, 4)))
        grid = self._grid(body)
        self._combo(grid, "start", "Go on from")
        self._entry(grid, "name", "Name")
        self._hints["name"].configure(text="by itself")
        self._number(grid, EPOCHS)

    def _add_more(self, body: ttk.Frame) -> None:
        self._open = False
        self.more_button = self._button(body, "More", "chevron-right", self.toggle_more)
        self.more_button.grid(sticky="w", pady=(px(body, 4), 0))
        self.more = self._grid(body)
        for number in NUMBERS:
            self._number(self.more, number)
        self._combo(self.more, "schedule", "Schedule")
        self._path(self.more, "weights", "Weights", self._choose_weights, "What a learned base begins with: a file")
        self._path(self.more, "tensorboard", "TensorBoard", self._choose_log, "Folder for a log that TensorBoard shows")
        weigh = self._combo(self.more, "class_weights", "Rare labels")
        weigh.configure(values=tuple(_WEIGHED.values()))
        self.more.grid_remove()

    def toggle_more(self) -> None:
        """Fold the rest out or away."""
        self._open = not self._open
        self.more_button.configure(icon="chevron-down" if self._open else "chevron-right")
        if self._open:
            self.more.grid()
            self.column.frame.after_idle(self.column.show, self.entries["class_weights"])
        else:
            self.more.grid_remove()

    def _choose_weights(self) -> None:
        path = self.trainer.dialogs.open_file("Weights of a learned base", (("Keras weights", "*.h5"),))
        if path is not None:
            self._values["weights"].set(str(path))

    def _choose_log(self) -> None:
        path = self.trainer.dialogs.open_folder("")
        if path is not None:
            self._values["tensorboard"].set(str(path))

    # Making ----------------------------------------------------------------------------------------------------------

    def _heading(self, body: ttk.Frame, text: str) -> None:
        gap = px(body, 12) if body.grid_size()[1] else 0
        ttk.Label(body, text=text, font="HdrStrong").grid(sticky="w", pady=(gap, px(body, 2)))

    def _small(self, parent: ttk.Frame, text: str = "") -> ttk.Label:
        label = ttk.Label(parent, text=text, bootstyle="secondary", font="HdrSmall", justify="left")
        label.bind("<Configure>", lambda event: label.configure(wraplength=max(80, event.width)))
        return label

    def _button(self, parent: ttk.Frame, text: str, icon: str, run: Callable[[], object], tip: str = "") -> ttk.Button:
        button = ttk.Button(parent, text=text, icon=icon, bootstyle="ghost", command=run, icon_size=16)
        if tip:
            ttk.ToolTip(button, text=tip, delay=500)
        return button

    def _grid(self, body: ttk.Frame) -> ttk.Frame:
        grid = ttk.Frame(body)
        grid.grid(sticky="ew")
        grid.columnconfigure(1, weight=1)
        return grid

    def _label(self, grid: ttk.Frame, title: str) -> int:
        row = int(grid.grid_size()[1])
        ttk.Label(grid, text=title, font="HdrSmall").grid(row=row, column=0, sticky="w", padx=(0, px(grid, 8)))
        return row

    def _combo(self, grid: ttk.Frame, name: str, title: str) -> ttk.Combobox:
        row = self._label(grid, title)
        value = self._values[name] = tk.StringVar(grid)
        combo = ttk.Combobox(grid, textvariable=value, state="readonly", width=12)
        combo.grid(row=row, column=1, columnspan=2, sticky="ew", pady=px(grid, 2))
        combo.bind("<<ComboboxSelected>>", lambda _: self._changed())
        self.entries[name] = combo
        return combo

    def _entry(self, grid: ttk.Frame, name: str, title: str, tip: str = "") -> None:
        row = self._label(grid, title)
        value = self._values[name] = tk.StringVar(grid)
        value.trace_add("write", lambda *_: self._changed())
        entry = ttk.Entry(grid, textvariable=value, width=8)
        entry.grid(row=row, column=1, sticky="ew", pady=px(grid, 2))
        if tip:
            ttk.ToolTip(entry, text=tip, delay=500)
        self._hints[name] = ttk.Label(grid, bootstyle="secondary", font="HdrSmall")
        self._hints[name].grid(row=row, column=2, sticky="w", padx=(px(grid, 6), 0))
        self.entries[name] = entry

    def _number(self, grid: ttk.Frame, number: Number) -> None:
        self._entry(grid, number.name, number.title, number.tip)

    def _path(self, grid: ttk.Frame, name: str, title: str, choose: Callable[[], None], tip: str) -> None:
        self._entry(grid, name, title, tip)
        hint = self._hints.pop(name)
        button = ttk.Button(
            grid, text=f"Choose for {title}", icon="folder2-open", icon_only=True, bootstyle="ghost", command=choose
        )
        button.grid(row=hint.grid_info()["row"], column=2, sticky="w")
        hint.destroy()

    # Writing the plan ------------------------------------------------------------------------------------------------

    def _choose(self, **chosen: Any) -> None:
        self.trainer.choose(dataclasses.replace(self.trainer.plan, **chosen))

    def _changed(self) -> None:
        if self._filling:
            return
        texts = {name: str(self._values[name].get()).strip() for name in self.entries}
        texts["start"] = "" if texts["start"] in (_NEW, _IN_USE) else texts["start"]
        if texts["schedule"] not in SCHEDULES:
            texts["schedule"] = ""
        source, before = self._values["source"].get(), self.trainer.plan
        if (source, texts["arch"]) != (before.source, before.arch):
            texts["start"] = ""  # what one can go on from is another list
        texts["class_weights"] = next(name for name, text in _WEIGHED.items() if text == texts["class_weights"])
        self._choose(source=source, **texts)

    # Showing it ------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the plan, and what is usual for it."""
        self._filling = True
        plan = self.trainer.plan
        self._values["source"].set(plan.source)
        for name in ("name", "epochs", "weights", "tensorboard", *(number.name for number in NUMBERS)):
            if self._values[name].get().strip() != getattr(plan, name):
                self._values[name].set(getattr(plan, name))
        self._values["class_weights"].set(_WEIGHED[plan.class_weights])
        self._show_source()
        self._show_choices()
        self._show_usual()
        self._filling = False

    def _show_source(self) -> None:
        trainer, plan = self.trainer, self.trainer.plan
        for name, frame in self._of_source.items():
            if name == plan.source:
                frame.grid(row=0, column=0, sticky="ew")
            else:
                frame.grid_remove()
        total = sum(trainer.state.counts.values())
        self.sources[OWN].configure(text=f"{SOURCES[OWN]} ({total:,})")
        known = trainer.facts.mnist if trainer.facts else None
        path = plan.mnist or known
        absent = "It is not on this computer: training downloads it first (11 MB)."
        self.mnist_told.configure(text=str(path) if path else absent)
        self.folders.delete(0, "end")
        for folder in plan.folders:
            self.folders.insert("end", folder.name or str(folder))
        self._paint_bars()

    def _show_choices(self) -> None:
        trainer, plan = self.trainer, self.trainer.plan
        facts = trainer.facts
        choices = facts.choices if facts else ()
        combo = self.entries["arch"]
        combo.configure(values=tuple(one.name for one in choices))
        self._values["arch"].set(plan.arch)
        combo.state(["!disabled" if plan.from_scratch else "disabled"])
        self._show_starts()
        chosen = next((one for one in choices if one.name == plan.arch), None)
        own = "It learns to read your hand better, in seconds, and forgets nothing."
        told = f"{chosen.summary} From {chosen.source}." if chosen else ""
        self.summary.configure(text=told.replace("From ours.", "Our own.") if plan.from_scratch else own)

    def _show_starts(self) -> None:
        plan, facts = self.trainer.plan, self.trainer.facts
        models = facts.models if facts else ()
        fits = [
            one.name for one in models
            if one.trainable and (not plan.from_scratch or one.architecture == plan.arch)
        ]  # fmt: skip
        first = _NEW if plan.from_scratch else _IN_USE
        self.entries["start"].configure(values=(first, *fits))
        self._values["start"].set(plan.start or first)
        usual = self._usual().get("schedule", "")
        self.entries["schedule"].configure(values=(f"recipe: {usual}", *SCHEDULES))
        self._values["schedule"].set(plan.schedule or f"recipe: {usual}")

    def _usual(self) -> dict[str, str]:
        plan, facts = self.trainer.plan, self.trainer.facts
        if facts is None:
            return {}
        if not plan.from_scratch:
            return dict(facts.own)
        return dict(next((one.usual for one in facts.choices if one.name == plan.arch), {}))

    def _show_usual(self) -> None:
        plan, usual = self.trainer.plan, self._usual()
        known = {number.name for number in plan.numbers()}
        for number in (EPOCHS, *NUMBERS):
            told = usual.get(number.name, "")
            self._hints[number.name].configure(text=f"recipe: {told}" if told else "")
            self.entries[number.name].state(["!disabled" if number.name in known else "disabled"])
        for name in ("schedule", "weights", "tensorboard", "class_weights"):
            self.entries[name].state(["!disabled" if plan.from_scratch else "disabled"])

    def repaint(self) -> None:
        """Take the colours of the theme."""
        colors = palette(self.trainer.state.settings.app.theme)
        self.column.repaint()
        self.folders.configure(
            background=colors.panel, foreground=colors.text, highlightbackground=colors.edge,
            highlightcolor=colors.accent, highlightthickness=1, relief="flat",
        )  # fmt: skip
        self._paint_bars()

    def _paint_bars(self) -> None:
        """How many captures there are of each label, side by side."""
        canvas, counts = self.bars, self.trainer.state.counts
        colors = palette(self.trainer.state.settings.app.theme)
        canvas.configure(background=colors.panel)
        canvas.delete("all")
        labels = [*"0123456789", *(label for label in counts if label not in "0123456789")][:16]
        most, high = max(counts.values(), default=0) or 1, px(canvas, _BARS_PX)
        wide, foot = canvas.winfo_width() / len(labels), px(canvas, 14)
        for number, label in enumerate(labels):
            left, count = number * wide, counts.get(label, 0)
            top = (high - foot) * (1 - count / most)
            canvas.create_rectangle(left + 2, 0, left + wide - 2, high - foot, fill=colors.track, width=0)
            canvas.create_rectangle(left + 2, top, left + wide - 2, high - foot, fill=colors.accent, width=0)
            name = _SHORT.get(label, label[:2])
            canvas.create_text(left + wide / 2, high, text=name, anchor="s", font="HdrSmall", fill=colors.muted)
