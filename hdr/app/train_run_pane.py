"""A run as it is seen: what is going on, how long it will take, its curves, what came of it, and the log."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from hdr.app.progress_line import ProgressLine
from hdr.app.theme import PAD, palette, px
from hdr.app.train_control import Trainer
from hdr.app.train_curves import Curves
from hdr.app.train_run import Run
from hdr.app.train_told import in_words, percent

_REDRAW_MS = 250
"""No more than four times a second: more is not seen, and costs what training could have."""
_EMPTY = (
    "Choose at the left what to learn from, then press Train. The window stays free meanwhile: read on, or look at "
    "your captures."
)
_LOW_PX = 420


class RunPane:
    """The pane.

    Parameters
    ----------
    parent
        Where it is made; the caller lays `frame` out.
    trainer
        Whose run it is.
    show_result
        Called with a model's name, to show how it did.
    """

    def __init__(self, parent: tk.Misc, trainer: Trainer, show_result: Callable[[str], None]) -> None:
        self.trainer = trainer
        self.frame = ttk.Frame(parent, padding=px(parent, PAD))
        self._show_result = show_result
        self._told = 0
        self._shown: Run | None = None
        self._due: str | None = None
        self._add_head()
        self._add_outcome()
        self.curves = Curves(self.frame, lambda: palette(trainer.state.settings.app.theme))
        self.curves.canvas.grid(row=3, column=0, sticky="nsew")
        self._add_log()
        self.frame.columnconfigure(0, weight=1)
        self.frame.rowconfigure(3, weight=3, minsize=px(parent, 120))
        self.frame.rowconfigure(4, weight=1)
        self.frame.bind("<Configure>", lambda event: self._on_resized(event.width, event.height))
        trainer.listen(self._on_change)
        self.refresh()

    def _add_head(self) -> None:
        head = ttk.Frame(self.frame)
        head.grid(row=0, column=0, sticky="ew")
        self.headline = ttk.Label(head, font="HdrTitle")
        self.headline.pack(side="left")
        self.left = ttk.Label(head, bootstyle="secondary")
        self.left.pack(side="right")
        self.bar = ProgressLine(self.frame)
        self.bar.canvas.grid(row=1, column=0, sticky="ew", pady=px(self.frame, 6))

    def _add_outcome(self) -> None:
        self.outcome = ttk.Frame(self.frame)
        self.outcome.grid(row=2, column=0, sticky="ew", pady=(0, px(self.frame, 6)))
        self.says = ttk.Label(self.outcome, justify="left")
        self.says.pack(anchor="w", fill="x")
        self._row = ttk.Frame(self.outcome)
        self.use_button = ttk.Button(self._row, text="Use this model", bootstyle="success", command=self.use)
        self.result_button = ttk.Button(self._row, text="Show the result", bootstyle="ghost", command=self.show_result)
        for button, tip in ((self.use_button, "Read with it from now on  (Ctrl+U)"), (self.result_button, "")):
            button.pack(side="left", padx=(0, px(self.frame, PAD)))
            if tip:
                ttk.ToolTip(button, text=tip, delay=500)

    def _add_log(self) -> None:
        self.log = tk.Text(
            self.frame, height=5, width=10, wrap="word", state="disabled", relief="flat", font="HdrSmall", bd=0,
            highlightthickness=1, takefocus=True, padx=px(self.frame, 6), pady=px(self.frame, 4),
        )  # fmt: skip
        self.log.grid(row=4, column=0, sticky="nsew", pady=(px(self.frame, 6), 0))

    def _on_resized(self, wide: int, high: int) -> None:
        """On a low window the curves have the room of the log, which keeps two lines."""
        self.says.configure(wraplength=max(80, wide - px(self.frame, 3 * PAD)))  # the label has a margin, too
        self.log.configure(height=2 if high < px(self.frame, _LOW_PX) else 5)

    def repaint(self) -> None:
        """Take the colours of the theme."""
        colors = palette(self.trainer.state.settings.app.theme)
        self.log.configure(
            background=colors.panel, foreground=colors.text, highlightbackground=colors.track,
            highlightcolor=colors.accent, inactiveselectbackground=colors.track,
        )  # fmt: skip
        self.curves.repaint()
        self.bar.paint(colors)

    # What can be done ------------------------------------------------------------------------------------------------

    def use(self) -> None:
        """Put the new model in use."""
        self.trainer.use_new()

    def show_result(self) -> None:
        """Show how the new model did."""
        if self.trainer.run is not None and self.trainer.run.published:
            self._show_result(self.trainer.run.published)

    # Showing ---------------------------------------------------------------------------------------------------------

    def _on_change(self, what: str) -> None:
        run = self.trainer.run
        if what == "run" and run is not None and run.is_live:
            self._refresh_soon()
        elif what in ("run", "facts"):
            self.refresh()

    def _refresh_soon(self) -> None:
        if self._due is None:
            self._due = self.frame.after(_REDRAW_MS, self.refresh)

    def refresh(self) -> None:
        """Show the run as it is now."""
        if self._due is not None:
            self.frame.after_cancel(self._due)
            self._due = None
        run = self.trainer.run
        self.headline.configure(text=run.headline() if run else "Nothing is being trained")
        self._show_progress(run)
        self._show_outcome(run)
        self.curves.show(run)
        self._show_log(run)

    def _show_progress(self, run: Run | None) -> None:
        fraction = run.fraction if run else 0.0
        unknown = run is not None and run.is_live and (fraction is None or run.state != "learning")
        self.bar.show(None if unknown else fraction or 0.0)
        seconds = self.trainer.seconds_left()
        self.left.configure(text="" if seconds is None else f"{in_words(seconds)} left")

    def _show_outcome(self, run: Run | None) -> None:
        self.says.configure(text=_EMPTY if run is None else "\n".join(self._outcome(run)))
        self.says.configure(bootstyle="danger" if run is not None and run.state == "failed" else "default")
        if run is not None and run.published and not run.is_live:
            self._row.pack(anchor="w", pady=(px(self.frame, 6), 0))
            in_use = self.trainer.state.model == run.published
            self.use_button.configure(text="In use" if in_use else "Use this model")
            self.use_button.state(["disabled" if in_use else "!disabled"])
            if self.trainer.can_use(run.published):
                self.use_button.pack(side="left", before=self.result_button, padx=(0, px(self.frame, PAD)))
            else:
                self.use_button.pack_forget()
        else:
            self._row.pack_forget()

    def _outcome(self, run: Run) -> list[str]:
        if run.state == "failed":
            return [run.wrong]
        told = [str(one) for one in (*run.results, *run.comparisons)]
        if not told and run.best is not None:
            right = percent(run.best.validation_accuracy)
            return [f"Epoch {run.best.number} is the best so far: {right} of what was held out is right."]
        return told + self._beside_the_one_in_use(run)

    def _beside_the_one_in_use(self, run: Run) -> list[str]:
        """Where both were not measured together: what the card of the model in use says of the same data."""
        facts = self.trainer.facts
        present = next((one for one in facts.models if one.name == facts.current), None) if facts else None
        if present is None or run.comparisons or present.name == run.published:
            return []
        same = any(result.data == present.data and result.n == present.n for result in run.results)
        told = f"The model in use, {present.name}, on the same: {percent(present.accuracy)}."
        return [told] if same else []

    def _show_log(self, run: Run | None) -> None:
        lines = run.log if run else []
        if run is not self._shown:
            self._shown, self._told = run, 0
            self._write("1.0", None)
        new = lines[self._told :]
        if new:
            self._write("end", "".join(f"{line}\n" for line in new))
            self._told = len(lines)

    def _write(self, where: str, text: str | None) -> None:
        at_end = self.log.yview()[1] >= 1.0
        self.log.configure(state="normal")
        if text is None:
            self.log.delete(where, "end")
        else:
            self.log.insert(where, text)
        self.log.configure(state="disabled")
        if at_end:
            self.log.see("end")
