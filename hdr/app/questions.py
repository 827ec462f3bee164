"""What is asked in a window of its own: a question, one of some, what to export, a label, what to do before closing."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Mapping, Sequence
from pathlib import Path
from tkinter import filedialog

import ttkbootstrap as ttk

from hdr.app.asking import ExportChoice
from hdr.app.dialog import Dialog
from hdr.app.document import Document, listed
from hdr.app.services import EXPORT_FORMATS
from hdr.app.theme import PAD, px
from hdr.data.wording import counted
from hdr.errors import HdrError

_STYLES = ("neutral", "primary")
_SUFFIXES = {"npz": ".npz", "csv": ".csv"}  # the others make a folder


class QuestionDialog(Dialog):
    """A question; the last answer is the one that Return gives."""

    def __init__(self, root: ttk.App, question: str, more: str, answers: tuple[tuple[str, str], ...]) -> None:
        super().__init__(root, "hdr")
        self.heading(question, more)
        last = len(answers) - 1
        self.buttons(
            *(
                (text, _STYLES[at == last], lambda answer=answer: self.finish(answer))
                for at, (answer, text) in enumerate(answers)
            )
        )


class ChoiceDialog(Dialog):
    """One of some, by name."""

    def __init__(self, root: ttk.App, title: str, choices: Mapping[str, str]) -> None:
        super().__init__(root, title)
        self.heading(title)
        self.chosen = tk.StringVar(self.window, next(iter(choices)))
        box = ttk.Frame(self.body, padding=(0, px(root, 8)))
        box.pack(fill="x")
        for name, text in choices.items():
            ttk.Radiobutton(box, text=text, value=name, variable=self.chosen).pack(anchor="w", pady=px(root, 3))
        self.buttons(
            ("Cancel", "neutral", self.window.destroy),
            ("Choose where…", "primary", lambda: self.finish(self.chosen.get())),
        )


class ExportDialog(Dialog):
    """What to export, in which format, how large, and where to."""

    def __init__(self, root: ttk.App, count: int) -> None:
        super().__init__(root, "Export")
        self.heading(f"Export {count:,} saved digits", "The captures themselves stay as they are.")
        self.form = tk.StringVar(self.window, "folder")
        box = ttk.Frame(self.body, padding=(0, px(root, PAD)))
        box.pack(fill="x")
        for name, text in EXPORT_FORMATS.items():
            ttk.Radiobutton(box, text=text, value=name, variable=self.form).pack(anchor="w", pady=px(root, 3))
        self.size = tk.StringVar(self.window, "28")
        row = ttk.Frame(self.body)
        row.pack(fill="x")
        ttk.Label(row, text="Size of each digit, px").pack(side="left")
        ttk.Spinbox(row, from_=8, to=256, textvariable=self.size, width=5).pack(side="left", padx=px(root, PAD))
        self.buttons(("Cancel", "neutral", self.window.destroy), ("Choose where…", "primary", self._choose))

    def _choose(self) -> None:
        form = self.form.get()
        size = int(self.size.get()) if self.size.get().isdecimal() and 8 <= int(self.size.get()) <= 256 else 28
        suffix = _SUFFIXES.get(form)
        if suffix:
            name = filedialog.asksaveasfilename(
                parent=self.window, title="Export to", initialfile=f"digits{suffix}", defaultextension=suffix
            )
        else:
            name = filedialog.askdirectory(parent=self.window, title="Export into the folder", mustexist=False)
        if name:
            self.finish(ExportChoice(form, Path(name), size))


class LabelDialog(Dialog):
    """What a digit is, in any text."""

    def __init__(self, root: ttk.App, present: str) -> None:
        super().__init__(root, "Label")
        self.heading("What is it?", "Any text: a letter, a sign, a word. It is saved in a folder of that name.")
        self.text = tk.StringVar(self.window, present)
        self.entry = ttk.Entry(self.body, textvariable=self.text, width=24)
        self.entry.pack(fill="x", pady=(px(root, PAD), 0))
        self.wrong = ttk.Label(self.body, bootstyle="danger", wraplength=px(root, 320), justify="left")
        self.wrong.pack(anchor="w")
        self.buttons(("Cancel", "neutral", self.window.destroy), ("Label", "primary", self.accept))
        self.entry.bind("<Return>", lambda _: self.accept())
        self.entry.select_range(0, "end")
        self.window.after_idle(self.entry.focus_set)

    def accept(self) -> None:
        """Take the text, if it can be a label."""
        from hdr.data.labels import folder_name

        label = self.text.get().strip()
        try:
            folder_name(label)
        except HdrError as error:
            self.wrong.configure(text=f"{error.message} {error.hint}")
            return
        if label.isprintable() and label:
            self.finish(label)
        else:
            self.wrong.configure(text="Write at least one letter or sign.")


class ClosingDialog(Dialog):
    """Asked only where a person's corrections would be lost."""

    def __init__(self, root: ttk.App, pages: Sequence[Document]) -> None:
        super().__init__(root, "Close")
        what = counted(sum(page.corrections for page in pages), "correction")
        self.heading(f"Save {what} before closing?", f"On {listed([page.name for page in pages])}.")
        self.buttons(
            ("Stay", "neutral", lambda: self.finish("stay")),
            ("Close without saving", "danger outline", lambda: self.finish("discard")),
            ("Save and close", "primary", lambda: self.finish("save")),
        )

    def ask(self) -> str:
        """Ask; closing the question means to stay."""
        return super().ask() or "stay"
