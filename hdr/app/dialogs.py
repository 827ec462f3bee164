"""What is asked or shown in a window of its own: files, an export, corrections not saved, the help sheet, a camera."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tkinter import filedialog
from typing import Any

import ttkbootstrap as ttk

from hdr.app.action import Action, ActionTable, shown_key
from hdr.app.asking import ExportChoice
from hdr.app.camera_dialog import CameraDialog
from hdr.app.document import Document, listed
from hdr.app.jobs import Jobs
from hdr.app.screens import Keys
from hdr.app.services import EXPORT_FORMATS, Services
from hdr.app.theme import PAD, px
from hdr.errors import HdrError

PICTURES = "*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.gif"
_SUFFIXES = {"npz": ".npz", "csv": ".csv"}  # the others make a folder


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
        from hdr.app.choice_dialogs import QuestionDialog

        return str(QuestionDialog(self.root, question, more, answers).ask() or answers[0][0])

    def choose_one(self, title: str, choices: Mapping[str, str]) -> str:
        """Ask for one of some; empty where the user changed their mind."""
        from hdr.app.choice_dialogs import ChoiceDialog

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


class Dialog:
    """A window over the main one that is asked and answered. Esc and its closing answer None."""

    def __init__(self, root: ttk.App, title: str) -> None:
        self.root = root
        self.answer: Any = None
        self.window = ttk.Toplevel(title=title, transient=root, resizable=(False, False), iconphoto=None)
        self.window.withdraw()
        self.window.bind("<Escape>", lambda _: self.window.destroy())
        self.body = ttk.Frame(self.window, padding=px(root, 2 * PAD), bootstyle="bordered")
        self.body.pack(fill="both", expand=True)

    def heading(self, text: str, more: str = "") -> None:
        """Say what this is about."""
        ttk.Label(self.body, text=text, font="HdrTitle").pack(anchor="w")
        if more:
            ttk.Label(self.body, text=more, bootstyle="secondary", wraplength=px(self.root, 480), justify="left").pack(
                anchor="w", pady=(px(self.root, 4), 0)
            )

    def buttons(self, *choices: tuple[str, str, Callable[[], None]]) -> list[ttk.Button]:
        """Add a row of buttons, the last the one that Return presses."""
        row = ttk.Frame(self.body)
        row.pack(fill="x", pady=(px(self.root, 2 * PAD), 0))
        made = []
        for text, style, command in reversed(choices):
            button = ttk.Button(row, text=text, bootstyle=style, command=command)
            button.pack(side="right", padx=(px(self.root, PAD), 0))
            made.append(button)
        made[0].focus_set()
        return made

    def finish(self, answer: Any) -> None:
        """Answer, and go."""
        self.answer = answer
        self.window.destroy()

    def show(self) -> None:
        """Come up in the middle of the main window."""
        place_over(self.root, self.window)

    def ask(self) -> Any:
        """Come up and wait for the answer; None where there was none."""
        self.show()
        self.window.grab_set()
        self.window.wait_window()
        return self.answer


def place_over(root: tk.Misc, window: ttk.Toplevel) -> None:
    """Show a window in the middle of the main one."""
    window.update_idletasks()
    wide, high = window.winfo_reqwidth(), window.winfo_reqheight()
    x = root.winfo_rootx() + max(0, (root.winfo_width() - wide) // 2)
    y = root.winfo_rooty() + max(0, (root.winfo_height() - high) // 3)
    window.geometry(f"+{x}+{y}")
    window.deiconify()
    window.wait_visibility()
    window.focus_set()


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
        count = sum(page.corrections for page in pages)
        what = "1 correction" if count == 1 else f"{count} corrections"
        self.heading(f"Save {what} before closing?", f"On {listed([page.name for page in pages])}.")
        self.buttons(
            ("Stay", "neutral", lambda: self.finish("stay")),
            ("Close without saving", "danger outline", lambda: self.finish("discard")),
            ("Save and close", "primary", lambda: self.finish("save")),
        )

    def ask(self) -> str:
        """Ask; closing the question means to stay."""
        return super().ask() or "stay"


_HELP_COLUMNS = (("File", "Edit", "Boxes"), ("Digits", "Help"), ("Draw", "View", "Train"))
_HELP_NARROW = (("File", "Edit", "Draw", "View", "Train", "Help"), ("Digits", "Boxes"))
_HELP_WIDE_PX, _HELP_FRAME_PX = 960, 230


def show_help(root: ttk.App, table: ActionTable) -> ttk.Toplevel:
    """Show every action with its keys; on a small screen in fewer columns, to be scrolled."""
    sheet = Dialog(root, "Keys and help")
    sheet.heading("Keys", "Everything can be done from the keyboard.")
    room = root.winfo_screenheight() - px(root, _HELP_FRAME_PX)
    columns = _scrolled(sheet, room)
    narrow = root.winfo_screenwidth() < px(root, _HELP_WIDE_PX)
    for column, groups in enumerate(_HELP_NARROW if narrow else _HELP_COLUMNS):
        frame = ttk.Frame(columns)
        frame.grid(row=0, column=column, sticky="n", padx=(0 if column == 0 else px(root, 3 * PAD), 0))
        for group in groups:
            _add_group(frame, group, table)
    wrap = min(px(root, 860), root.winfo_screenwidth() - px(root, 80))
    extra = (
        "Mouse: drag with the middle or right button, or with Space held, to move the page; turn the wheel to zoom. "
    )
    extra += "Shift-click selects several digits. A tap on a digit that was read selects it."
    ttk.Label(sheet.body, text=extra, bootstyle="secondary", wraplength=wrap, justify="left").pack(
        anchor="w", pady=(px(root, 2 * PAD), 0)
    )
    sheet.buttons(("Close", "primary", sheet.window.destroy))
    sheet.window.bind("<F1>", lambda _: sheet.window.destroy())
    sheet.show()
    return sheet.window


def _scrolled(sheet: Dialog, most_high: int) -> ttk.Frame:
    """A frame in a window, of its own size, or no higher than this with the rest to be scrolled to."""
    root = sheet.root
    canvas = tk.Canvas(sheet.body, highlightthickness=0, bd=0, background=ttk.Style().colors.bg)
    inner = ttk.Frame(canvas)
    canvas.create_window(0, 0, window=inner, anchor="nw")
    bar = ttk.Scrollbar(sheet.body, orient="vertical", command=canvas.yview)
    canvas.configure(yscrollcommand=bar.set, yscrollincrement=px(root, 20))

    def fit(_: Any) -> None:
        high = inner.winfo_reqheight()
        wide = inner.winfo_reqwidth() + px(root, 2 * PAD)
        canvas.configure(width=wide, height=min(high, most_high), scrollregion=canvas.bbox("all"))
        if high > most_high:
            bar.place(in_=canvas, relx=1, rely=0, relheight=1, anchor="ne")

    inner.bind("<Configure>", fit)
    canvas.pack(fill="both", expand=True, pady=(px(root, PAD), 0))
    for keys, way in ((("Up", "Button-4"), -2), (("Down", "Button-5"), 2), (("Prior",), -10), (("Next",), 10)):
        for key in keys:
            sheet.window.bind(f"<{key}>", lambda _, way=way: canvas.yview_scroll(way, "units"))
    sheet.window.bind("<MouseWheel>", lambda event: canvas.yview_scroll(-2 if event.delta > 0 else 2, "units"))
    return inner


def show_keys(root: ttk.App, title: str, keys: Keys) -> ttk.Toplevel:
    """Show the keys of one screen."""
    sheet = Dialog(root, "Keys and help")
    sheet.heading(f"Keys: {title}", "They go to what is shown while it has the focus.")
    _add_lines(_scrolled(sheet, root.winfo_screenheight() - px(root, _HELP_FRAME_PX)), keys)
    sheet.buttons(("Close", "primary", sheet.window.destroy))
    sheet.window.bind("<F1>", lambda _: sheet.window.destroy())
    sheet.show()
    return sheet.window


def _add_group(frame: ttk.Frame, group: str, table: ActionTable) -> None:
    ttk.Label(frame, text=group, font="HdrStrong", bootstyle="primary").pack(
        anchor="w", pady=(px(frame, 6), px(frame, 2))
    )
    _add_lines(frame, help_lines(table.in_group(group)))


def _add_lines(frame: ttk.Frame, lines: Sequence[tuple[str, str]]) -> None:
    grid = ttk.Frame(frame)
    grid.pack(fill="x")
    grid.columnconfigure(1, weight=1)
    for row, (keys, text) in enumerate(lines):
        ttk.Label(grid, text=keys, font="HdrChip").grid(row=row, column=0, sticky="w", padx=(0, px(frame, 12)))
        ttk.Label(grid, text=text, font="HdrSmall", wraplength=px(frame, 210), justify="left").grid(
            row=row, column=1, sticky="w"
        )


def help_lines(actions: Sequence[Action]) -> list[tuple[str, str]]:
    """Return keys and text, families of like actions as one line."""
    lines: dict[str, str] = {}
    for action in actions:
        if action.family is not None:
            lines[action.family[0]] = action.family[1]
        elif action.keys:
            lines[shown_key(action.keys[0])] = action.text.rstrip("…")
        if action.name == "next":
            lines["Tab"] = "Next digit, and on to the next control after the last"
    return list(lines.items())
