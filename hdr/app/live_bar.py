"""Where frames come from, and the buttons of the live screen, made from the table of actions."""

from __future__ import annotations

import tkinter as tk

import ttkbootstrap as ttk

from hdr.app.action import can_do
from hdr.app.controller import Controller
from hdr.app.flow import Flow
from hdr.app.live_actions import LIVE
from hdr.app.live_recents import known_as, recents, typed_source
from hdr.app.theme import px
from hdr.app.toolbar import describe

_BUTTONS = ("live_freeze", "live_snapshot", "live_burst", "live_record", "live_compare", "live_controls")


class LiveBar:
    """The source, to be picked or typed, and what can be done with it."""

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.controller = controller
        self.live = controller.live
        self.state = controller.state
        self._table = {action.name: action for action in LIVE}
        self._names: dict[str, int | str] = {}
        self._on: dict[str, tk.BooleanVar] = {}
        self.buttons: dict[str, ttk.Button | ttk.Checkbutton] = {}
        flow = Flow(parent, 4)
        self.frame = flow.frame
        self._add_source(flow.cell())
        group = flow.cell()
        for name in _BUTTONS:
            if name in self._table:
                self._add_button(group, name)
        self.count = ttk.Label(flow.cell(), bootstyle="secondary", font="HdrSmall")
        self.count.pack(pady=px(parent, 6))
        self.state.listen(lambda changed: self.refresh() if changed & {"live", "settings"} else None)
        self.refresh()

    def _add_source(self, group: ttk.Frame) -> None:
        self.source = ttk.Combobox(group, width=30, postcommand=self._fill)
        self.source.pack(side="left")
        ttk.ToolTip(self.source, text="A camera, a video file, or an address (rtsp://, http://)  (Ctrl+L)", delay=500)
        self.source.bind("<<ComboboxSelected>>", lambda _: self.open_chosen())
        self.source.bind("<Return>", lambda _: self.open_chosen())
        self.source.bind("<Escape>", lambda _: self._give_up())
        for name in ("live_open", "live_again"):
            self._add_button(group, name)

    def _add_button(self, group: ttk.Frame, name: str) -> None:
        action = self._table[name]
        if action.checked is not None:
            on = self._on[name] = tk.BooleanVar(self.frame)
            button: ttk.Button | ttk.Checkbutton = ttk.Checkbutton(
                group, text=action.text, icon=action.icon, icon_only=True, variable=on, bootstyle="primary toolbutton"
            )
        else:
            button = ttk.Button(group, text=action.text, icon=action.icon, icon_only=True, bootstyle="ghost")
        button.configure(command=lambda: action.run(self.controller))
        button.pack(side="left", padx=px(group, 2))
        ttk.ToolTip(button, text=describe(action), delay=500)
        self.buttons[name] = button

    def ask(self) -> None:
        """Have a source typed."""
        self.source.focus_set()
        self.source.selection_range(0, "end")

    # The source ------------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        cameras = {f"{camera.index}: {camera.name}": camera.index for camera in self.live.cameras}
        self._names = {**cameras, **{text: text for text in recents(self.state.settings.live.recent)}}
        self.source.configure(values=tuple(self._names))

    def open_chosen(self) -> str:
        """Open what was picked or typed."""
        text = self.source.get()
        source = self._names.get(text, typed_source(text))
        if source is not None:
            self.live.open(source)
        self._give_up()
        return "break"

    def _give_up(self) -> str:
        self.source.selection_clear()
        self.refresh()
        self.frame.event_generate("<<SourceChosen>>")
        return "break"

    # Showing ---------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the source, what can be done and what is on."""
        self._fill()
        if self.frame.focus_get() is not self.source:
            self.source.set(self._shown())
        for name, button in self.buttons.items():
            action = self._table[name]
            button.state(["!disabled" if can_do(action, self.state) else "disabled"])
            if action.checked is not None:
                self._on[name].set(action.checked(self.state))
        saved, bursting = self.state.live.saved, self.state.live.bursting
        self.count.configure(text=f"{saved:,} saved" if saved or bursting else "")

    def _shown(self) -> str:
        source = self.live.source
        if source is None:
            return ""
        return next((name for name, other in self._names.items() if other == source), known_as(source))
