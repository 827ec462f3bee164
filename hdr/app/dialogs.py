"""`hdr.app.asking.Dialogs` with Tk: each question to the window that asks it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tkinter import filedialog
from typing import Any

import ttkbootstrap as ttk

from hdr.app.action import ActionTable
from hdr.app.asking import ExportChoice
from hdr.app.camera_dialog import CameraDialog
from hdr.app.document import Document
from hdr.app.help_sheet import show_help, show_keys
from hdr.app.jobs import Jobs
from hdr.app.questions import ChoiceDialog, ClosingDialog, ExportDialog, LabelDialog, QuestionDialog
from hdr.app.screens import Keys
from hdr.app.services import Services

PICTURES = "*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.gif"


class TkDialogs:
    """`hdr.app.asking.Dialogs` with Tk."""

    def __init__(self, root: ttk.App, services: Services, jobs: Jobs) -> None:
        self.root = root
        self.jobs = jobs
        self.services = services
        self.table: ActionTable | None = None
        self.on_close: Callable[[], None] = root.destroy
        self.own_keys: Callable[[], tuple[str, Keys]] = lambda: ("", ())
        """Returns the screen's title and its own keys; none for the sheet of all."""
        self.open_window: ttk.Toplevel | None = None
        self._camera: ttk.Toplevel | None = None

    def open_pictures(self, folder: str) -> list[Path]:
        """Ask for picture files; none where the user changed their mind."""
        kinds = [("Pictures", f"{PICTURES} {PICTURES.upper()}"), ("All files", "*")]
        start = folder if folder and Path(folder).is_dir() else str(Path.home())
        names = filedialog.askopenfilenames(parent=self.root, title="Open pictures", initialdir=start, filetypes=kinds)
        return [Path(name) for name in names or ()]

    def open_folder(self, folder: str) -> Path | None:
        """Ask for a folder of pictures; None where the user changed their mind."""
        start = folder if folder and Path(folder).is_dir() else str(Path.home())
        name = filedialog.askdirectory(
            parent=self.root, title="Open a folder of pictures", initialdir=start, mustexist=True
        )
        return Path(name) if name else None

    def export(self, count: int) -> ExportChoice | None:
        """Ask what to export."""
        choice: ExportChoice | None = ExportDialog(self.root, count).ask()
        return choice

    def save_before_closing(self, pages: Sequence[Document]) -> str:
        """Ask what to do with corrections that are not saved."""
        return ClosingDialog(self.root, pages).ask()

    def choose(self, question: str, more: str, *answers: tuple[str, str]) -> str:
        """Ask a question; closing it gives the first answer."""
        return str(QuestionDialog(self.root, question, more, answers).ask() or answers[0][0])

    def choose_one(self, title: str, choices: Mapping[str, str]) -> str:
        """Ask for one of some; empty where the user changed their mind."""
        return str(ChoiceDialog(self.root, title, choices).ask() or "")

    def open_file(self, title: str, kinds: Sequence[tuple[str, str]]) -> Path | None:
        """Ask for a file; None where the user changed their mind."""
        name = filedialog.askopenfilename(parent=self.root, title=title, filetypes=[*kinds, ("All files", "*")])
        return Path(name) if name else None

    def save_file(self, title: str, name: str, ending: str) -> Path | None:
        """Ask where to write a file; None where the user changed their mind."""
        chosen = filedialog.asksaveasfilename(parent=self.root, title=title, initialfile=name, defaultextension=ending)
        return Path(chosen) if chosen else None

    def snapshot(self, take: Callable[[Any, str], None]) -> None:
        """Show the cameras; call back with a picture taken and the camera's name."""
        if self._camera is not None and self._camera.winfo_exists():
            self._camera.lift()
            self._camera.focus_set()
        else:
            self._camera = CameraDialog(self.root, self.services, self.jobs, take).window

    def help(self) -> None:
        """Show the help sheet, or take it away."""
        if self.open_window is not None and self.open_window.winfo_exists():
            self.open_window.destroy()
            self.open_window = None
            return
        assert self.table is not None
        title, keys = self.own_keys()
        self.open_window = show_keys(self.root, title, keys) if keys else show_help(self.root, self.table)

    def ask_label(self, present: str) -> str:
        """Ask for a label that has no key; empty where the user changed their mind."""
        return LabelDialog(self.root, present).ask() or ""

    def copy(self, text: str) -> None:
        """Put text on the clipboard."""
        self.root.clipboard_clear()
        self.root.clipboard_append(text)

    def clipboard_text(self) -> str:
        """Return the text on the clipboard; empty for none."""
        try:
            return str(self.root.clipboard_get())
        except (tk.TclError, UnicodeDecodeError):
            return ""  # nothing there, or no text: Tk tells both in the same way

    def close(self) -> None:
        """Close the window."""
        self.on_close()
