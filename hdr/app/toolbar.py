"""The bar of buttons above the page, made from the table of actions."""

from __future__ import annotations

import tkinter as tk
from typing import Literal

import ttkbootstrap as ttk

from hdr.app.action import Action, ActionTable, can_do, shown_key
from hdr.app.controller import Controller
from hdr.app.theme import PAD, px

# Names of actions; "|" is a gap, "pen_width" the slider.
_LEFT = (
    "new",
    "open",
    "paste",
    "snapshot",
    "|",
    "undo",
    "redo",
    "|",
    "select",
    "box",
    "cut",
    "|",
    "pen",
    "eraser",
    "pen_width",
    "clear",
)
_RIGHT = ("auto", "recognize", "save")
_WITH_TEXT = {"open": "Open", "save": "Save"}


def describe(action: Action) -> str:
    """Return what a button's help says: what it does, and its key."""
    text = action.tip or action.text.rstrip("…")
    return f"{text}  ({shown_key(action.keys[0])})" if action.keys else text


class Toolbar:
    """The buttons; they follow the state."""

    def __init__(self, parent: tk.Misc, table: ActionTable, controller: Controller) -> None:
        self.frame = ttk.Frame(parent, padding=(px(parent, PAD), px(parent, 6)))
        self.buttons: dict[str, ttk.Button | ttk.Checkbutton] = {}
        self._table = table
        self._controller = controller
        self._on: dict[str, tk.BooleanVar] = {}
        for name in _LEFT:
            self._add(name, "left")
        for name in reversed(_RIGHT):
            self._add(name, "right")
        controller.state.listen(lambda _: self.refresh())
        self.refresh()

    def _add(self, name: str, side: Literal["left", "right"]) -> None:
        gap = px(self.frame, 2)
        if name == "|":
            ttk.Separator(self.frame, orient="vertical").pack(side="left", fill="y", padx=px(self.frame, 7), pady=gap)
        elif name == "pen_width":
            self._add_slider()
        else:
            self._add_button(self._table[name]).pack(side=side, padx=gap)

    def _add_button(self, action: Action) -> ttk.Button | ttk.Checkbutton:
        if action.checked is not None:
            button = self._switch(action)
        elif action.name == "recognize":
            button = ttk.Button(self.frame, text="Recognize", icon=action.icon, bootstyle="primary")
        elif action.name in _WITH_TEXT:
            button = ttk.Button(
                self.frame, text=_WITH_TEXT[action.name], icon=action.icon, bootstyle="ghost", icon_size=16
            )
        else:
            button = ttk.Button(self.frame, text=action.text, icon=action.icon, icon_only=True, bootstyle="ghost")
        button.configure(command=lambda: action.run(self._controller))
        ttk.ToolTip(button, text=describe(action), delay=500)
        self.buttons[action.name] = button
        return button

    def _switch(self, action: Action) -> ttk.Checkbutton:
        """A button that stays down. Its variable only mirrors the state; running the action is what changes it."""
        on = self._on[action.name] = tk.BooleanVar(self.frame)
        if action.name == "auto":
            return ttk.Checkbutton(self.frame, text="Auto", variable=on, bootstyle="round-toggle")
        return ttk.Checkbutton(
            self.frame, text=action.text, icon=action.icon, icon_only=True, variable=on, bootstyle="primary toolbutton"
        )

    def _add_slider(self) -> None:
        settings = self._controller.state.settings.app
        self._width = tk.DoubleVar(self.frame, settings.pen_width_px)
        self.slider = ttk.Scale(
            self.frame, from_=2, to=60, variable=self._width, length=px(self.frame, 90), command=self._on_slide
        )  # fmt: skip
        self.slider.pack(side="left", padx=(px(self.frame, 8), px(self.frame, 4)))
        self._dot = tk.Canvas(
            self.frame, width=px(self.frame, 30), height=px(self.frame, 30), highlightthickness=0, bd=0
        )
        self._dot.pack(side="left", padx=px(self.frame, 2))
        ttk.ToolTip(self.slider, text="Width of the pen  ([ and ])", delay=500)

    def set_narrow(self, narrow: bool) -> None:
        """Do without the slider and the clearing on a narrow window: both have keys, and stand in the menu."""
        if narrow is not bool(self.slider.winfo_manager()):
            return
        for widget, left, right in ((self.slider, 8, 4), (self._dot, 2, 2), (self.buttons["clear"], 2, 2)):
            if narrow:
                widget.pack_forget()
            else:
                widget.pack(side="left", padx=(px(self.frame, left), px(self.frame, right)))

    def _on_slide(self, value: str) -> None:
        self._controller.set_app(pen_width_px=round(float(value)))

    def refresh(self) -> None:
        """Show what can be done and what is on."""
        state = self._controller.state
        for name, button in self.buttons.items():
            action = self._table[name]
            button.state(["!disabled" if can_do(action, state) else "disabled"])
            if action.checked is not None:
                self._on[name].set(action.checked(state))
        self.slider.state(["!disabled" if state.document.is_drawing else "disabled"])
        if round(self._width.get()) != state.settings.app.pen_width_px:
            self._width.set(state.settings.app.pen_width_px)
        self._draw_dot()

    def _draw_dot(self) -> None:
        """Show the pen's width as it will be, up to the room there is."""
        dot, side = self._dot, px(self.frame, 30)
        style = ttk.Style()
        background = style.colors.bg
        dot.configure(background=background)
        dot.delete("all")
        radius = min(px(dot, self._controller.state.settings.app.pen_width_px), side - px(dot, 4)) / 2
        color = style.colors.fg
        dot.create_oval(
            side / 2 - radius, side / 2 - radius, side / 2 + radius, side / 2 + radius, fill=color, outline=color
        )
