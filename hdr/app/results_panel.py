"""The pane "Results": models and data to choose, figures at the left, and beside them what a model got wrong."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from tkinter import font as tkfont
from typing import Any, Protocol

import ttkbootstrap as ttk

from hdr.app.clipping import clipped
from hdr.app.controller import Controller
from hdr.app.progress_line import ProgressLine
from hdr.app.results import Results
from hdr.app.results_choice import Choice
from hdr.app.results_gallery import KEYS, MistakesGallery, Sample, bind_undoing, bind_verbs, bind_walking
from hdr.app.results_matrix import Matrix
from hdr.app.results_measured import Which
from hdr.app.results_plots import Calibration, RecordedCurves
from hdr.app.results_tables import ByLabel, Comparison, headline
from hdr.app.theme import PAD, palette, px

_TICK_MS = 100
_VIEWS = {"matrix": "Matrix", "labels": "By label", "calibration": "Calibration", "curves": "Curves",
          "comparison": "Comparison"}  # fmt: skip
_LEFT = 0.44
"""Share of the width that the figures have."""


class View(Protocol):
    """One kind of figure.

    Parameters
    ----------
    frame
        What is laid out.
    keyboard
        What the keys go to.
    """

    frame: Any
    keyboard: Any

    def refresh(self) -> None:
        """Draw it anew."""
        ...


class ResultsPanel:
    """The pane. It measures nothing before it is asked to.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    controller
        Whose window it is in.
    results
        What it shows; None makes one.
    """

    keys = KEYS

    def __init__(self, parent: tk.Misc, controller: Controller, results: Results | None = None) -> None:
        self.controller = controller
        self.results = results or Results(controller.state, controller.services, controller.jobs)
        self.frame = ttk.Frame(parent, padding=px(parent, PAD))
        self._due: str | None = None
        self._theme = controller.state.settings.app.theme
        self.choice = Choice(self.frame, controller, self.results)
        self.choice.frame.pack(fill="x")
        self._add_headline()
        self._add_views()
        self.body = ttk.Frame(self.frame)
        self.body.pack(fill="both", expand=True, pady=(px(parent, 4), 0))
        self._add_figures()
        self._add_pictures()
        self.body.bind("<Configure>", lambda _: self._lay_out())
        self.results.listen(self._on_change)
        controller.state.listen(lambda changed: self._repaint() if "settings" in changed else None)
        self.show_view("matrix")

    # Building --------------------------------------------------------------------------------------------------------

    def _add_headline(self) -> None:
        row = ttk.Frame(self.frame)
        row.pack(fill="x", pady=(px(self.frame, 4), 0))
        self.headline = ttk.Label(row, font="HdrStrong", justify="left")
        self.headline.pack(anchor="w", fill="x")
        self.told = ttk.Label(row, font="HdrSmall", bootstyle="secondary", justify="left")
        for label in (self.headline, self.told):
            label.bind("<Configure>", lambda event: event.widget.configure(wraplength=max(80, event.width)))
        self.bar = ProgressLine(row)

    def _add_views(self) -> None:
        row = ttk.Frame(self.frame)
        row.pack(fill="x", pady=(px(self.frame, 4), 0))
        self.view = tk.StringVar(row, "matrix")
        self.view_buttons: dict[str, ttk.Radiobutton] = {}
        for name, text in _VIEWS.items():
            button = ttk.Radiobutton(
                row, text=text, value=name, variable=self.view, bootstyle="primary outline toolbutton",
                command=lambda name=name: self.show_view(name),
            )  # fmt: skip
            button.pack(side="left")
            self.view_buttons[name] = button
        self.all_button = ttk.Button(
            row, text="All", bootstyle="ghost", command=lambda: self.results.show_only(Which())
        )
        ttk.ToolTip(self.all_button, text="Show all mistakes again  (Esc)", delay=500)
        self.which = ttk.Label(row, font="HdrStrong", anchor="e")
        self.which.pack(side="right", fill="x", expand=True)
        self.which.bind("<Configure>", lambda _: self._tell_which())

    def _add_figures(self) -> None:
        self.figures = holder = ttk.Frame(self.body)
        makers: dict[str, Callable[[tk.Misc, Results], View]] = {
            "matrix": Matrix, "labels": ByLabel, "calibration": Calibration, "curves": RecordedCurves,
            "comparison": Comparison,
        }  # fmt: skip
        self.views = {name: make(holder, self.results) for name, make in makers.items()}
        for view in self.views.values():
            bind_undoing(view.keyboard, self.results)

    def _add_pictures(self) -> None:
        self.pictures = ttk.Frame(self.body)
        self.gallery = MistakesGallery(self.pictures, self.results, self.open_sample)
        self.sample = Sample(self.pictures, self.results, self.leave_sample)
        self.gallery.frame.pack(fill="both", expand=True)
        canvas = self.gallery.canvas
        bind_verbs(canvas, self.results, self.results.discard)
        bind_walking(self.gallery, self.results)
        for key in ("Return", "KP_Enter"):
            canvas.bind(f"<Key-{key}>", lambda _: self._pressed_return())
        canvas.bind("<Key-Escape>", self._on_escape)

    def _lay_out(self) -> None:
        """The figures beside the pictures; a comparison has all the room."""
        wide = self.body.winfo_width()
        alone = self.view.get() == "comparison"
        left = 1.0 if alone else _LEFT
        self.figures.place(relx=0, rely=0, relwidth=left, relheight=1, width=-px(self.body, 0 if alone else PAD))
        if alone or wide < 2:
            self.pictures.place_forget()
        else:
            self.pictures.place(relx=left, rely=0, relwidth=1 - left, relheight=1)

    # As a pane -------------------------------------------------------------------------------------------------------

    def show(self, model: str, data: Sequence[Path] = ()) -> None:
        """Measure a model, by its name, on data; without any, on what is chosen."""
        self.choice.show(model, data)

    def shown(self) -> None:
        """Look again which models and data there are."""
        self.results.refresh()
        self.gallery.refresh()

    @property
    def keyboard(self) -> tk.Misc:
        """Where the keys go first: to what is looked at, else to what is to be chosen."""
        if self.sample.frame.winfo_manager():
            return self.sample.list
        return self.gallery.canvas if self.results.measured else self.choice.model

    def status(self) -> str:
        """Return what stands in the status bar."""
        return self.results.work.title if self.results.work.is_live else ""

    def notices_over(self) -> tk.Misc:
        """Return the widget at whose foot notices appear: where they hide no button."""
        if self.sample.frame.winfo_ismapped():
            return self.sample.middle
        return self.pictures if self.pictures.winfo_ismapped() else self.figures

    def close(self) -> None:
        """End what runs."""
        if self._due is not None:
            self.frame.after_cancel(self._due)
            self._due = None
        self.results.close()

    # Living ----------------------------------------------------------------------------------------------------------

    def open_sample(self) -> None:
        """Show the picture under the cursor large."""
        if self.results.count:
            self.gallery.frame.pack_forget()
            self.sample.frame.pack(fill="both", expand=True)
            self.frame.update_idletasks()
            self.sample.refresh()
            self.sample.list.focus_set()

    def leave_sample(self) -> None:
        """Show the gallery again."""
        self.sample.frame.pack_forget()
        self.gallery.frame.pack(fill="both", expand=True)
        if self.frame.winfo_viewable():  # else a person is busy elsewhere
            self.gallery.canvas.focus_set()
        self.gallery.refresh()

    def _pressed_return(self) -> str:
        self.open_sample()
        return "break"

    def _on_escape(self, _: object) -> str | None:
        if self.results.which == Which():
            return None  # the screen's
        self.results.show_only(Which())
        return "break"

    def _on_change(self, what: str) -> None:
        if what == "compared":
            self.show_view("comparison")
        elif what == "measured" and self.view.get() == "comparison":
            self.show_view("matrix")
        if what == "measured":
            self.leave_sample()
        self._refresh(what)
        self._tick_soon()

    def _tick_soon(self) -> None:
        if self._due is None and self.results.work.wants_pumping:
            self._due = self.frame.after(_TICK_MS, self._tick)

    def _tick(self) -> None:
        self._due = None
        self.results.pump()
        self._tick_soon()

    def show_view(self, name: str) -> None:
        """Show one kind of figure."""
        self.view.set(name)
        for view in self.views.values():
            view.frame.pack_forget()
        self.views[name].frame.pack(fill="both", expand=True)
        self._lay_out()
        self.frame.update_idletasks()
        self._refresh("figures")

    # Showing ---------------------------------------------------------------------------------------------------------

    def _refresh(self, what: str) -> None:
        self._tell_headline()
        self._tell_which()
        if what != "work":
            self.views[self.view.get()].refresh()
        if self.sample.frame.winfo_ismapped():
            if self.results.count:
                self.sample.refresh()
            else:
                self.leave_sample()
        self.gallery.refresh()

    def _tell_headline(self) -> None:
        results, work = self.results, self.results.work
        if work.is_live:
            self.bar.paint(palette(self.controller.state.settings.app.theme))
            self.bar.show(work.fraction or None)
            self.bar.canvas.pack(fill="x", pady=px(self.frame, 2))
        else:
            self.bar.show(0.0)
            self.bar.canvas.pack_forget()
        message, hint = results.wrong
        told = " ".join(one for one in (hint, *self._small_print()) if one)
        self.headline.configure(
            text=f"{work.step or work.title} …" if work.is_live else message or self._figures(),
            bootstyle="danger" if message and not work.is_live else "default",
        )
        self.told.configure(text=told)
        if told:
            self.told.pack(anchor="w", fill="x")
        else:
            self.told.pack_forget()

    def _small_print(self) -> list[str]:
        results = self.results
        shown = results.compared if self.view.get() == "comparison" else results.measured
        if results.wrong[0] or not shown:
            return []
        told = results.told.removesuffix(" (--all measures on all.)")
        if not results.left_out:
            return [told]
        first = _once(results.left_out[0].removeprefix("left out: "))
        such = ", such as" if len(results.left_out) > 1 else ""
        return [told, f"{len(results.left_out):,} left out{such}: {first}"]

    def _figures(self) -> str:
        measured, compared = self.results.measured, self.results.compared
        if self.view.get() == "comparison":
            return headline(compared) if len(compared) > 1 else ""
        if measured is None:
            return ""
        told = measured.evaluation.accuracy
        low, high = told.interval
        return (
            f"{measured.model}: {told.value:.2%} right (95 % interval {low:.2%} to {high:.2%}), "
            f"{measured.wrong:,} of {told.n:,} wrong"
        )

    def _tell_which(self) -> None:
        measured, which, count = self.results.measured, self.results.which, self.results.count
        if measured is None:
            text = ""
        elif which == Which():
            text = f"{count:,} wrong, the surest first"
        elif which.told is None and which.true is not None:
            text = f"{measured.names[which.true]}, read wrongly: {count:,}"
        else:
            names = [measured.names[at] for at in (which.true, which.told) if at is not None]
            text = f"{' read as '.join(names)}: {count:,}"
        if which == Which():
            self.all_button.pack_forget()
        else:
            self.all_button.pack(side="right", before=self.which)
        font = tkfont.nametofont("HdrStrong", root=self.frame)
        shown = "" if self.view.get() == "comparison" else text
        self.which.configure(text=clipped(font, shown, max(20, self.which.winfo_width() - px(self.frame, 4))))

    def _repaint(self) -> None:
        theme = self.controller.state.settings.app.theme
        if theme != self._theme:
            self._theme = theme
            self._refresh("figures")


def _once(told: str) -> str:
    """A file's place and what is wrong with it, where that names the place once more."""
    place, _, wrong = told.partition(": ")
    return wrong if wrong.startswith(place) else told
