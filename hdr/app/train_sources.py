"""The top of the form: what to learn from. One's own captures, MNIST, or folders, and a look at them."""

from __future__ import annotations

import dataclasses
import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ttkbootstrap as ttk

from hdr.app.theme import palette, px
from hdr.app.train_control import Trainer
from hdr.app.train_fields import button, heading, small
from hdr.app.train_plan import FOLDERS, MNIST, OWN, SOURCES
from hdr.classify.names import CANNOT_TELL, NOT_A_DIGIT

_BARS_PX = 46
_SHORT = {NOT_A_DIGIT: "–", CANNOT_TELL: "?"}


class Sources:
    """The choice, and what belongs to the one that is chosen.

    Parameters
    ----------
    body
        Whose rows it adds to.
    trainer
        Whose plan it writes.
    changed
        Called when another source was chosen.
    """

    def __init__(self, body: ttk.Frame, trainer: Trainer, changed: Callable[[], None]) -> None:
        self.trainer = trainer
        heading(body, "Learn from")
        self.value = tk.StringVar(body, trainer.plan.source)
        self.buttons: dict[str, ttk.Radiobutton] = {}
        for name, text in SOURCES.items():
            one = ttk.Radiobutton(body, text=text, value=name, variable=self.value, command=changed)
            one.grid(sticky="w", pady=px(body, 2))
            self.buttons[name] = one
        place = ttk.Frame(body)
        place.grid(sticky="ew", pady=px(body, 4))
        place.columnconfigure(0, weight=1)
        self._frames = {
            OWN: self._own_frame(place), MNIST: self._mnist_frame(place), FOLDERS: self._folders_frame(place)
        }  # fmt: skip
        told = "Counts, samples and what will hurt  (Ctrl+L)"
        self.look_button = button(body, "Look at the data", "bar-chart", trainer.look, told)
        self.look_button.grid(sticky="w")

    def _own_frame(self, place: ttk.Frame) -> ttk.Frame:
        frame = ttk.Frame(place)
        self.bars = tk.Canvas(frame, height=px(place, _BARS_PX), width=10, highlightthickness=0, bd=0, takefocus=False)
        self.bars.pack(fill="x")
        self.bars.bind("<Configure>", lambda _: self._paint_bars())
        return frame

    def _mnist_frame(self, place: ttk.Frame) -> ttk.Frame:
        frame = ttk.Frame(place)
        self.mnist_told = small(frame)
        self.mnist_told.pack(anchor="w", fill="x")
        self.mnist_button = button(frame, "Choose its file…", "file-earmark", self.choose_mnist)
        self.mnist_button.pack(anchor="w")
        return frame

    def _folders_frame(self, place: ttk.Frame) -> ttk.Frame:
        frame = ttk.Frame(place)
        self.folders = tk.Listbox(frame, height=3, activestyle="none", exportselection=False)
        self.folders.pack(fill="x")
        self.folders.bind("<Delete>", lambda _: self._remove())
        row = ttk.Frame(frame)
        row.pack(fill="x")
        self.folder_button = button(row, "Folder…", "folder-plus", self.add_folder, "Learn from a folder, too")
        self.file_button = button(row, "File…", "file-earmark-plus", self.add_file, "Learn from an .npz, too, as MNIST")
        told = "Out of this list; the files stay  (Delete)"
        self.remove_button = button(row, "Remove", "dash-circle", self._remove, told)
        self.remove_button.configure(icon_only=True)
        for one in (self.folder_button, self.file_button, self.remove_button):
            one.pack(side="left")
        small(frame, "A folder with a sub-folder for each label. Drop some here, too.").pack(anchor="w", fill="x")
        self.folders.bind("<<ListboxSelect>>", lambda _: self._show_remove())
        return frame

    # Choosing --------------------------------------------------------------------------------------------------------

    def choose_mnist(self) -> None:
        """Ask for MNIST's file."""
        path = self.trainer.dialogs.open_file("MNIST's file", (("NumPy", "*.npz"),))
        if path is not None:
            self._choose(mnist=path)

    def add_folder(self) -> None:
        """Ask for a folder to learn from, beside the last one."""
        folders = self.trainer.plan.folders
        beside = str(folders[-1].parent) if folders else self.trainer.state.settings.app.last_folder
        path = self.trainer.dialogs.open_folder(beside)
        if path is not None:
            self.add([path])

    def add_file(self) -> None:
        """Ask for arrays to learn from, such as MNIST beside one's own folders."""
        path = self.trainer.dialogs.open_file("Labelled pictures as arrays", (("NumPy", "*.npz"),))
        if path is not None:
            self.add([path])

    def add(self, paths: Sequence[Path]) -> None:
        """Learn from these folders, too."""
        folders = [path for path in paths if path.is_dir() or path.suffix == ".npz"]
        self._choose(source=FOLDERS, folders=tuple(dict.fromkeys((*self.trainer.plan.folders, *folders))))

    @property
    def _marked(self) -> set[int]:
        listed: Any = self.folders  # the stubs leave its methods untyped
        return set(listed.curselection())

    def _remove(self) -> None:
        """Take what is marked out of the list; where there is only one, that one."""
        folders = self.trainer.plan.folders
        marked = self._marked or ({0} if len(folders) == 1 else set())
        self._choose(folders=tuple(path for index, path in enumerate(folders) if index not in marked))

    def _choose(self, **chosen: Any) -> None:
        self.trainer.choose(dataclasses.replace(self.trainer.plan, **chosen))

    # Showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what is chosen."""
        trainer, plan = self.trainer, self.trainer.plan
        self.value.set(plan.source)
        for name, frame in self._frames.items():
            if name == plan.source:
                frame.grid(row=0, column=0, sticky="ew")
            else:
                frame.grid_remove()
        total = sum(trainer.state.counts.values())
        self.buttons[OWN].configure(text=f"{SOURCES[OWN]} ({total:,})")
        known = trainer.facts.mnist if trainer.facts else None
        path = plan.mnist or known
        absent = "It is not on this computer: training downloads it first (11 MB)."
        self.mnist_told.configure(text=str(path) if path else absent)
        self._list_folders()
        self._paint_bars()

    def _list_folders(self) -> None:
        """By name, and then where: two may have the same name."""
        folders, marked = self.trainer.plan.folders, self._marked
        told = tuple(f"{path.name}   {path.parent}" if path.name else str(path) for path in folders)
        if told != tuple(self.folders.get(0, "end")):
            self.folders.delete(0, "end")
            self.folders.insert("end", *told)
            for index in marked & set(range(len(told))):
                self.folders.selection_set(index)
        self._show_remove()

    def _show_remove(self) -> None:
        can = bool(self._marked) or len(self.trainer.plan.folders) == 1
        self.remove_button.state(["!disabled" if can else "disabled"])

    def repaint(self) -> None:
        """Take the colours of the theme."""
        colors = palette(self.trainer.state.settings.app.theme)
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
