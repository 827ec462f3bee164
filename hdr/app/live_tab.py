"""What a camera sees, read as it comes: the screen with its bar, its picture and its panels, and their clock."""

from __future__ import annotations

import time
import tkinter as tk
from collections.abc import Callable, Iterator
from typing import Any

import ttkbootstrap as ttk

from hdr.app.controller import Controller
from hdr.app.help_sheet import help_lines
from hdr.app.live_actions import LIVE
from hdr.app.live_bar import LiveBar
from hdr.app.live_bars import BarsPanel
from hdr.app.live_controls import LiveControls
from hdr.app.live_panels import DigitPanel, NumberPanel, RatesPanel
from hdr.app.live_view import LiveView
from hdr.app.theme import PAD, px

_TICK_MS = 15
_TELL_S = 0.25  # numbers that change quicker cannot be read
_SIDE_PX, _NARROW_PX = 292, 236
_SIDES = ((600, 112), (500, 84), (0, 56))
"""From so many logical pixels of the panels' height on: the side of the small pictures."""
_BRIEF_PX, _LOW_PX = 440, 520
_GAP_PX, _BRIEF_GAP_PX = 10, 4


class LiveTab:
    """The live screen.

    Parameters
    ----------
    parent
        Where it is made; the caller lays it out.
    controller
        Whose ``live`` is shown.
    """

    keys = (*help_lines(LIVE), ("Drag with the mouse", "Look at a part of the picture only"))

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.controller = controller
        self.live = controller.live
        self.frame = ttk.Frame(parent)
        self.view: LiveView
        self._number_px, self._gap = 0, px(parent, _GAP_PX)
        self._due: str | None = None
        self._told_at = self._lag_ms = self._show_ms = 0.0
        self.on_shown: Callable[[], Any] = lambda: None
        """Called when a frame is on the screen: for measuring."""
        self._build()
        self.frame.bind("<Configure>", lambda event: self._on_resized(event.width, event.height))
        self.side.bind("<Configure>", lambda event: self._on_side_resized(event.height))
        controller.state.listen(self._on_change)

    def _build(self) -> None:
        pad = px(self.frame, PAD)
        self.bar = LiveBar(self.frame, self.controller)
        self.bar.frame.grid(row=0, column=0, columnspan=2, sticky="ew", padx=pad, pady=px(self.frame, 4))
        self.live.on_ask_source = self.bar.ask
        self.bar.frame.bind("<<SourceChosen>>", lambda _: self.view.canvas.focus_set())
        self.controls = LiveControls(self.frame, self.controller)
        self.controls.frame.grid(row=1, column=0, columnspan=2, sticky="ew")
        self.view = LiveView(self.frame, self.live)
        self.view.canvas.grid(row=2, column=0, sticky="nsew")
        self.side = ttk.Frame(self.frame, padding=(2 * pad, pad), width=px(self.frame, _SIDE_PX))
        self.side.grid(row=2, column=1, sticky="nsew")
        self.side.pack_propagate(False)  # its width must not change with what it says
        self.frame.rowconfigure(2, weight=1)
        self.frame.columnconfigure(0, weight=1)
        self.number = NumberPanel(self.side, self.live)
        self.digit = DigitPanel(self.side, self.live)
        self.bars = BarsPanel(self.side, self.live)
        self.rates = RatesPanel(self.side, self.live)
        self._panels: dict[str, Any] = {
            "number": self.number,
            "digit": self.digit,
            "bars": self.bars,
            "rates": self.rates,
        }
        self._lay_out()
        for widget in _all_below(self.controls.frame):
            widget.bind("<Escape>", lambda _: self._to_picture())
            if isinstance(widget, ttk.Combobox):
                widget.bind("<<ComboboxSelected>>", lambda _: self._to_picture(), add="+")

    def _to_picture(self) -> str:
        """Give the keys to the picture, whose they mostly are."""
        self.view.canvas.focus_set()
        return "break"

    def _lay_out(self) -> None:
        """Show the panels that are not hidden and have room."""
        hidden, shown = self.live.look.hidden, self._fitting()
        for panel in self._panels.values():
            panel.frame.pack_forget()
        # What is packed first has its room; the bars take what is left.
        for name, side, grows in (
            ("rates", "bottom", False), ("number", "top", False), ("digit", "top", False), ("bars", "top", True)
        ):  # fmt: skip
            if name in shown:
                self._panels[name].frame.pack(side=side, fill="both", expand=grows, pady=(0, self._gap))
        self.side.grid() if self._panels.keys() - hidden else self.side.grid_remove()
        self.controls.frame.grid() if "controls" not in hidden else self.controls.frame.grid_remove()
        self._laid = hidden, shown

    def _fitting(self) -> frozenset[str]:
        """The panels that are wanted and have room, those that matter most first: none is shown in part."""
        fitting: set[str] = set()
        room = self.side.winfo_height() - 2 * px(self.frame, PAD)
        # As high as the number ever was in this room, so that nothing comes and goes as it is read.
        self._number_px = max(self._number_px, self.number.frame.winfo_reqheight())
        for name in ("number", "rates", "bars", "digit"):
            high = self._number_px if name == "number" else self._panels[name].frame.winfo_reqheight()
            if name not in self.live.look.hidden and (not fitting or high + self._gap <= room):
                fitting.add(name)
                room -= high + self._gap
        return frozenset(fitting)

    def _on_resized(self, width: int, height: int) -> None:
        self.controls.set_low(height < px(self.frame, _LOW_PX))
        self.side.configure(width=px(self.frame, _NARROW_PX if width < px(self.frame, 860) else _SIDE_PX))

    def _on_side_resized(self, height: int) -> None:
        logical = height * 100 / px(self.frame, 100)
        self.digit.set_side(px(self.frame, next(side for least, side in _SIDES if logical >= least)))
        brief = logical < _BRIEF_PX
        self.number.set_brief(brief)
        self.rates.set_brief(brief)
        self._gap = px(self.frame, _BRIEF_GAP_PX if brief else _GAP_PX)
        self._number_px = 0
        self._show_panels()
        self.frame.after_idle(self._lay_out_where_changed)  # when it is known what each asks for now

    # As a screen -----------------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Take the camera, and look at it again and again."""
        self.view.canvas.focus_set()
        self.live.list_models()
        self.live.resume()
        self.view.refresh()
        if self._due is None:
            self._tick()

    def hidden(self) -> None:
        """Give the camera back."""
        self._stop()
        self.live.pause()

    def close(self) -> None:
        """End the threads before the window goes."""
        self._stop()
        self.live.close()

    def _stop(self) -> None:
        if self._due is not None:
            self.frame.after_cancel(self._due)
            self._due = None

    def status(self) -> str:
        """Say what is going on."""
        look, live = self.live.look, self.live
        words = {
            "opening": f"Opening {live.source_name} …",
            "lost": f"{live.source_name} is gone; it is looked for again",
            "ended": live.notice,
            "live": f"{'Frozen' if look.frozen else 'Live'}, {live.source_name}",
        }
        if look.region:
            return "Region: arrows move it, with Shift they make it larger or smaller, X takes it away, A is done"
        return words.get(look.phase, "Live")

    def notices_over(self) -> tk.Misc:
        """The picture."""
        return self.view.canvas

    # Living ----------------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        self._due = self.frame.after(_TICK_MS, self._tick)
        if self.live.poll():
            self._show_frame()
        self.view.show_banner()

    def _show_frame(self) -> None:
        seen = self.live.seen
        assert seen is not None
        begun = time.perf_counter()
        self.view.show(seen)
        self._show_panels()
        self.frame.update_idletasks()
        now = time.perf_counter()
        self._show_ms = 1e3 * (now - begun)
        self._lag_ms = 1e3 * (time.monotonic() - seen.captured_at)
        if now - self._told_at > _TELL_S:
            self._told_at = now
            self.rates.refresh(self._show_ms, self._lag_ms)
        self.on_shown()

    def _show_panels(self) -> None:
        for name, panel in (("number", self.number), ("digit", self.digit), ("bars", self.bars)):
            if name not in self.live.look.hidden:
                panel.refresh()
        self._lay_out_where_changed()

    def _lay_out_where_changed(self) -> None:
        if self._laid != (self.live.look.hidden, self._fitting()):
            self._lay_out()

    def _on_change(self, changed: frozenset[str]) -> None:
        if not changed & {"live", "settings", "screen"} or self.controller.state.screen != "live":
            return
        self._number_px = 0
        self.view.refresh()
        self._show_panels()
        if self.live.seen is None or self.live.look.phase == "lost":
            self.rates.clear()


def _all_below(widget: tk.Misc) -> Iterator[tk.Misc]:
    for child in widget.winfo_children():
        yield child
        yield from _all_below(child)
