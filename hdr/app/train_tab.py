"""The Train screen: a form at the left, and beside it the run, the data, the result and the models."""

from __future__ import annotations

import functools
import tkinter as tk
from typing import TYPE_CHECKING, Any

import ttkbootstrap as ttk

from hdr.app.action import shown_key
from hdr.app.controller import Controller
from hdr.app.screens import SCREENS, Keys
from hdr.app.theme import PAD, px
from hdr.app.train_actions import TRAIN
from hdr.app.train_data_pane import DataPane
from hdr.app.train_form import TrainForm
from hdr.app.train_models_pane import ModelsPane
from hdr.app.train_run_pane import RunPane

if TYPE_CHECKING:
    from hdr.app.results_panel import ResultsPanel

_TICK_MS = 100
KEYS: Keys = (
    *((shown_key(action.keys[0]), action.text) for action in TRAIN if action.keys),
    ("Tab", "from control to control"), ("Ctrl+Tab", "from pane to pane"),
    *((one.key, f"{one.title}; once more: back to the pages") for one in SCREENS if one.key),
)  # fmt: skip
"""What the keys do on this screen."""
_WIDE_PX, _NARROW_PX, _NARROW_BELOW_PX = 330, 268, 900


class TrainTab:
    """Takes the place of the page while it is shown; runs go on while it is not.

    Parameters
    ----------
    parent
        Where it is made; `hdr.app.screens.Screens` lays it out.
    controller
        Whose trainer it shows.
    """

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.controller = controller
        self.trainer = controller.trainer
        self.frame = ttk.Frame(parent)
        self._due: str | None = None
        self._theme = ""
        self._add_left()
        self._edge = ttk.Separator(self.frame, orient="vertical")
        self._edge.pack(side="left", fill="y")
        self._add_panes()
        self.frame.bind("<Configure>", lambda event: self._on_resized(event.width))
        self.trainer.listen(self._on_change)
        controller.state.listen(lambda changed: self._refresh() if changed & {"settings", "saved"} else None)
        controller.keeper.guards.append(self.trainer.may_close)
        self._refresh()
        parent.after(200, self._accept_drops)

    # Building --------------------------------------------------------------------------------------------------------

    def _add_left(self) -> None:
        self._left = ttk.Frame(self.frame, width=px(self.frame, _WIDE_PX))
        self._left.pack(side="left", fill="y")
        self._left.pack_propagate(False)
        foot = ttk.Frame(self._left, padding=px(self.frame, PAD))
        foot.pack(side="bottom", fill="x")
        ttk.Separator(self._left).pack(side="bottom", fill="x")
        self.form = TrainForm(self._left, self.trainer)
        self.form.column.frame.pack(fill="both", expand=True)
        foot.lift(self.form.column.frame)  # Tab goes by the stacking order
        self.wrong = ttk.Label(foot, bootstyle="danger", font="HdrSmall", justify="left")
        self.wrong.bind("<Configure>", lambda event: self.wrong.configure(wraplength=max(80, event.width)))
        self._add_buttons(foot)
        self._add_unfinished(foot)

    def _add_buttons(self, foot: ttk.Frame) -> None:
        row, trainer = ttk.Frame(foot), self.trainer
        row.pack(side="bottom", fill="x")
        self.train_button = ttk.Button(row, text="Train", icon="play-fill", bootstyle="primary", command=trainer.train)
        self.stop_button = ttk.Button(row, text="Stop", icon="stop-fill", bootstyle="neutral", command=trainer.stop)
        self.keep_button = ttk.Button(
            row, text="Keep the best", bootstyle="neutral", command=lambda: trainer.stop(finish=True)
        )
        for button, tip in (
            (self.train_button, "Train  (Ctrl+Return)"),
            (self.stop_button, "Stop; it can be taken up again  (Ctrl+.)"),
            (self.keep_button, "Stop, and make a model of the best epoch so far  (Ctrl+J)"),
        ):
            ttk.ToolTip(button, text=tip, delay=500)
        self.train_button.pack(side="left", fill="x", expand=True)

    def _show_buttons(self, *, live: bool) -> None:
        """Train, or what ends it: never all of them."""
        there = (self.stop_button, self.keep_button) if live else (self.train_button,)
        if there[0].winfo_manager():
            return
        had_focus = self.frame.focus_get() in (self.train_button, self.stop_button, self.keep_button)
        for button in (self.train_button, self.stop_button, self.keep_button):
            button.pack_forget()
        for button in there:
            button.pack(side="left", fill="x", expand=True, padx=(0 if button is there[0] else px(self.frame, PAD), 0))
        if had_focus:
            there[0].focus_set()

    def _add_unfinished(self, foot: ttk.Frame) -> None:
        self.unfinished_row = ttk.Frame(foot)
        self.unfinished = ttk.Combobox(self.unfinished_row, state="readonly", width=8)
        self.unfinished.pack(side="left", fill="x", expand=True)
        ttk.ToolTip(self.unfinished, text="Runs that were stopped and can be taken up again", delay=500)
        self.resume_button = ttk.Button(
            self.unfinished_row, text="Resume", bootstyle="ghost", icon="play", icon_size=16, command=self.resume
        )
        self.discard_button = ttk.Button(
            self.unfinished_row, text="Throw away", icon="trash3", icon_only=True, bootstyle="ghost",
            command=self._discard,
        )  # fmt: skip
        for button in (self.resume_button, self.discard_button):
            button.pack(side="left")

    @property
    def _chosen(self) -> str:
        facts, at = self.trainer.facts, self.unfinished.current()
        return facts.unfinished[at].name if facts and 0 <= at < len(facts.unfinished) else ""

    def resume(self) -> None:
        """Go on with the unfinished run that is chosen."""
        if self._chosen:
            self.trainer.resume(self._chosen)

    def _discard(self) -> None:
        if self._chosen:
            self.trainer.discard(self._chosen)

    def _show_unfinished(self) -> None:
        facts = self.trainer.facts
        texts = tuple(one.told for one in facts.unfinished) if facts else ()
        if texts != tuple(self.unfinished.cget("values")):
            self.unfinished.configure(values=texts)
            if texts:
                self.unfinished.current(0)
        if texts and not self.trainer.is_live:
            self.unfinished_row.pack(side="bottom", fill="x", pady=(0, px(self.frame, 6)))
        else:
            self.unfinished_row.pack_forget()

    def _add_panes(self) -> None:
        self.panes = ttk.Notebook(self.frame)
        self.panes.pack(side="left", fill="both", expand=True)
        self.run_pane = RunPane(self.panes, self.trainer, self.show_result)
        self.data_pane = DataPane(self.panes, self.trainer)
        self.models_pane = ModelsPane(self.panes, self.trainer, self.show_result)
        self._of_results = ttk.Frame(self.panes)
        self.results: ResultsPanel | None = None
        for title, frame in (
            ("Run", self.run_pane.frame), ("Data", self.data_pane.frame), ("Results", self._of_results),
            ("Models", self.models_pane.frame),
        ):  # fmt: skip
            self.panes.add(frame, text=title)
        self._keyboards: dict[str, tk.Misc] = {
            str(self.data_pane.frame): self.data_pane.canvas, str(self.models_pane.frame): self.models_pane.list
        }  # fmt: skip
        self.panes.bind("<<NotebookTabChanged>>", lambda _: self._on_pane())
        root = self.panes.winfo_toplevel()
        for key, by in (("Control-Key-Tab", 1), ("Control-Shift-Key-Tab", -1), ("Control-Key-ISO_Left_Tab", -1)):
            if "ISO" not in key or root.tk.call("tk", "windowingsystem") == "x11":
                root.bind(f"<{key}>", functools.partial(self._turn, by), add="+")
                self.run_pane.log.bind(f"<{key}>", functools.partial(self._turn, by))  # a text's own go elsewhere

    @property
    def _shows_results(self) -> bool:
        return str(self.panes.select()) == str(self._of_results)  # type: ignore[no-untyped-call]  # the stubs leave it untyped

    def _turn(self, by: int, _: object) -> str | None:
        """Go from pane to pane, wherever on this screen the keyboard is."""
        if self.controller.state.screen != "train":
            return None
        panes: Any = self.panes  # the stubs leave its methods untyped
        panes.select((panes.index("current") + by) % panes.index("end"))
        return "break"

    def _on_pane(self) -> None:
        """The results need the room of the form, which says nothing about them."""
        if self._shows_results:
            self._left.pack_forget()
            self._edge.pack_forget()
            self._build_results().shown()
        elif not self._left.winfo_manager():
            self._left.pack(side="left", fill="y", before=self.panes)
            self._edge.pack(side="left", fill="y", before=self.panes)
        self._bring_keyboard()

    def _bring_keyboard(self) -> None:
        """Have no keys go to what is not seen any more; whoever walks along the tabs goes on doing so."""
        self.frame.update_idletasks()
        focus = str(self.frame.tk.call("focus"))
        if focus == str(self.panes) or (focus and not self._shows_results and self._is_seen(focus)):
            return
        if self._shows_results:
            self._build_results().keyboard.focus_set()
        else:
            self._keyboards.get(str(self.panes.select()), self._first).focus_set()  # type: ignore[no-untyped-call]  # the stubs leave it untyped

    def _is_seen(self, widget: str) -> bool:
        return bool(self.frame.tk.getboolean(self.frame.tk.call("winfo", "viewable", widget)))

    @property
    def _first(self) -> tk.Misc:
        """What comes first of the form, so that Tab goes through all of it; of a run what ends it."""
        return self.stop_button if self.trainer.is_live else self.form.sources.buttons[self.trainer.plan.source]

    def _build_results(self) -> ResultsPanel:
        """Build them when they are first looked at; they bring a gallery and plots."""
        if self.results is None:
            from hdr.app.results_panel import ResultsPanel

            self.results = ResultsPanel(self._of_results, self.controller)
            self.results.frame.pack(fill="both", expand=True)
        return self.results

    def _accept_drops(self) -> None:
        if self.frame.winfo_exists():
            from hdr.app.drops import accept_drops

            root = self.frame.winfo_toplevel()
            assert isinstance(root, tk.Tk)
            accept_drops(root, self.form.column.canvas, self.form.sources.add, whole=True)

    def _on_resized(self, wide: int) -> None:
        narrow = wide < px(self.frame, _NARROW_BELOW_PX)
        self._left.configure(width=px(self.frame, _NARROW_PX if narrow else _WIDE_PX))

    @property
    def keys(self) -> Keys:
        """Those of the results, while they are seen, else those of training."""
        return self.results.keys if self.results is not None and self._shows_results else KEYS

    # As a screen -----------------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Look again what there is."""
        if self.results is not None and self._shows_results:
            self.results.shown()
            self.results.keyboard.focus_set()
        else:
            self._first.focus_set()
        self.trainer.refresh()

    def hidden(self) -> None:
        """A run goes on."""

    def close(self) -> None:
        """End what runs."""
        if self._due is not None:
            self.frame.after_cancel(self._due)
            self._due = None
        if self.results is not None:
            self.results.close()
        self.trainer.close()

    def status(self) -> str:
        """Say where models are."""
        if self.results is not None and self._shows_results and self.results.status():
            return self.results.status()
        return f"Models are in {self.controller.services.workspace.models}"

    def notices_over(self) -> tk.Misc:
        """What is shown at the right."""
        if self.results is not None and self._shows_results:
            return self.results.notices_over()
        models = str(self.panes.select()) == str(self.models_pane.frame)  # type: ignore[no-untyped-call]  # the stubs leave it untyped
        return self.models_pane.list if models else self.panes  # its buttons stay free

    # Living ----------------------------------------------------------------------------------------------------------

    def show_result(self, name: str) -> None:
        """Show how a model does, on the data that it was just tested on."""
        self._show(self._of_results)
        self._build_results().show(name, self.trainer.tested_on(name))

    def _on_change(self, what: str) -> None:
        if what == "looked":
            self._show(self.data_pane.frame)
        if what == "run" and self.trainer.is_live and self.trainer.run is not None and not self.trainer.run.log:
            self._show(self.run_pane.frame)
        self._tick_soon()
        self._refresh()

    def _show(self, pane: ttk.Frame) -> None:
        self.panes.select(pane)  # type: ignore[no-untyped-call]  # the stubs leave it so

    def _tick_soon(self) -> None:
        if self._due is None and self.trainer.has_children:
            self._due = self.frame.after(_TICK_MS, self._tick)

    def _tick(self) -> None:
        self._due = None
        self.trainer.pump()
        self._tick_soon()

    def _refresh(self) -> None:
        live, wrong = self.trainer.is_live, self.trainer.wrong()
        self._show_buttons(live=live)
        self.train_button.state(["disabled" if live or wrong else "!disabled"])
        self.keep_button.state(["!disabled" if self.trainer.can_keep_best else "disabled"])
        self.wrong.configure(text="\n".join(wrong))
        if wrong:
            self.wrong.pack(side="bottom", fill="x", pady=(0, px(self.frame, 6)))
        else:
            self.wrong.pack_forget()
        self._show_unfinished()
        self._follow_theme()

    def _follow_theme(self) -> None:
        theme = self.controller.state.settings.app.theme
        if theme != self._theme:
            self._theme = theme
            for part in (self.form, self.run_pane, self.data_pane):
                part.repaint()
