"""How pages are read, as a bar of controls: each change is tried on the page at once."""

from __future__ import annotations

import tkinter as tk
from typing import Any

import ttkbootstrap as ttk

from hdr.app.controller import Controller
from hdr.app.theme import PAD, px
from hdr.settings import POLARITIES, THRESHOLDS, InkSettings, ReadSettings, SegmentSettings, parse_turn

_TURNS = ("auto", "off", "-90", "90", "180")


def _is_number_so_far(text: str) -> bool:
    return text == "" or (text.isdecimal() and len(text) < 5)


class ReadingBar:
    """How pages are read; each change is tried on the page at once."""

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.controller = controller
        self.state = controller.state
        pad = px(parent, PAD)
        self.frame = ttk.Frame(parent, padding=(pad, px(parent, 2), pad, px(parent, 6)))
        self._values: dict[str, Any] = {}  # Tk's variables, whose own types say nothing
        self._filling = False
        self._add_threshold()
        self._add_choice(2, "Ink", "polarity", POLARITIES)
        self._add_smallest()
        self._add_choice(4, "Turn, °", "turn", _TURNS)
        self._add_switch(0, "join", "Join strokes", "Take the broken strokes of one digit as one")
        self._add_switch(1, "split", "Divide digits", "Divide digits that touch")
        self._reset_button = ttk.Button(
            self.frame, text="Defaults", bootstyle="ghost", icon="arrow-counterclockwise", icon_only=True,
            command=self._reset,
        )  # fmt: skip
        self._reset_button.grid(row=1, column=10, sticky="e")
        ttk.ToolTip(self._reset_button, text="Back to the defaults", delay=500)
        self.told = ttk.Label(self.frame, bootstyle="secondary", font="HdrSmall")
        self.told.grid(row=2, column=0, columnspan=11, sticky="w")
        self.frame.columnconfigure(10, weight=1)
        self.state.listen(self._on_change)
        self.refresh()

    def _on_change(self, changed: frozenset[str]) -> None:
        if "settings" in changed:
            self.refresh()
        if changed & {"page", "pages", "view"}:
            self._tell()

    def _place(self, column: int, title: str, widget: tk.Misc) -> None:
        right = px(self.frame, 14)
        label = ttk.Label(self.frame, text=title, bootstyle="secondary", font="HdrSmall")
        label.grid(row=0, column=column, sticky="w", padx=(0, right))
        widget.grid(row=1, column=column, sticky="w", padx=(0, right))  # type: ignore[attr-defined]  # any ttk widget

    def _combo(self, name: str, choices: tuple[str, ...]) -> ttk.Combobox:
        value = self._values[name] = tk.StringVar(self.frame)
        combo = ttk.Combobox(self.frame, textvariable=value, values=choices, state="readonly", width=6)
        combo.bind("<<ComboboxSelected>>", lambda _: self._changed())
        return combo

    def _add_threshold(self) -> None:
        self.threshold = self._combo("threshold", (*THRESHOLDS, "fixed"))
        self._place(0, "Threshold", self.threshold)
        self._values["level"] = tk.IntVar(self.frame, 128)
        self.level = ttk.Scale(
            self.frame, from_=0, to=255, variable=self._values["level"], length=px(self.frame, 88),
            command=lambda _: self._changed(),
        )  # fmt: skip
        self._level_text = ttk.Label(self.frame, font="HdrSmall", bootstyle="secondary")
        self._level_text.grid(row=0, column=1, sticky="w")
        self.level.grid(row=1, column=1, sticky="we", padx=(0, px(self.frame, 14)))

    def _add_choice(self, column: int, title: str, name: str, choices: tuple[str, ...]) -> None:
        self._place(column, title, self._combo(name, choices))

    def _add_smallest(self) -> None:
        value = self._values["smallest"] = tk.StringVar(self.frame)
        check: Any = (self.frame.register(_is_number_so_far), "%P")  # Tk's own form, which the stubs do not know
        self.smallest = ttk.Spinbox(
            self.frame, from_=1, to=500, textvariable=value, width=5, command=self._changed, validate="key",
            validatecommand=check,
        )  # fmt: skip
        for event in ("<Return>", "<FocusOut>"):
            self.smallest.bind(event, lambda _: self._changed())
        self._place(3, "Smallest, px", self.smallest)

    def _add_switch(self, row: int, name: str, text: str, tip: str) -> None:
        value = self._values[name] = tk.BooleanVar(self.frame)
        switch = ttk.Checkbutton(self.frame, text=text, variable=value, bootstyle="round-toggle", command=self._changed)
        switch.grid(row=row, column=5, sticky="w")
        ttk.ToolTip(switch, text=tip, delay=500)

    def refresh(self) -> None:
        """Show the state's settings."""
        settings = self.state.settings
        self._filling = True
        level = settings.ink.threshold
        fixed = isinstance(level, int)
        self._values["threshold"].set("fixed" if fixed else level)
        if fixed:
            self._values["level"].set(level)
        self._values["polarity"].set(settings.ink.polarity)
        self._values["smallest"].set(str(settings.segment.smallest_px))
        self._values["join"].set(settings.segment.join)
        self._values["split"].set(settings.segment.split)
        self._values["turn"].set(_turn_text(settings.read.turn))
        self.level.state(["!disabled" if fixed else "disabled"])
        self._level_text.configure(text=f"Gray level {level}" if fixed else "Gray level")
        self._reset_button.state(["disabled" if self._is_default() else "!disabled"])
        self._filling = False
        self._tell()

    def _is_default(self) -> bool:
        settings = self.state.settings
        return (settings.ink, settings.segment, settings.read) == (InkSettings(), SegmentSettings(), ReadSettings())

    def _tell(self) -> None:
        """Say what was made of "auto" on the page shown."""
        told = " "
        if self.state.steps is not None:
            from hdr.reading.steps import headline  # not before the window is painted

            told = headline(self.state.steps)
        self.told.configure(text=told)

    def _changed(self) -> None:
        if self._filling:
            return
        values = self._values
        threshold: Any = values["threshold"].get()
        if threshold == "fixed":
            threshold = round(float(values["level"].get()))
        smallest = max(1, int(values["smallest"].get() or 1))
        self.controller.adjust(
            {
                "ink": {"threshold": threshold, "polarity": values["polarity"].get()},
                "segment": {
                    "smallest_px": smallest,
                    "join": bool(values["join"].get()),
                    "split": bool(values["split"].get()),
                },
                "read": {"turn": parse_turn(values["turn"].get())},
            }
        )

    def _reset(self) -> None:
        self.controller.adjust(
            {"ink": vars(InkSettings()), "segment": vars(SegmentSettings()), "read": vars(ReadSettings())}
        )


def _turn_text(turn: str | float) -> str:
    return turn if isinstance(turn, str) else f"{turn:g}"
