"""A question with some answers, and a choice among some, each in a window of its own."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Mapping

import ttkbootstrap as ttk

from hdr.app.dialogs import Dialog
from hdr.app.theme import px

_STYLES = ("neutral", "primary")


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
