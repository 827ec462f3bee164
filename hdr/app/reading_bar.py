"""How pages are read, as a bar of controls: each change is tried on the page at once."""

from __future__ import annotations

import tkinter as tk
from typing import Any

import ttkbootstrap as ttk

from hdr.app.controller import Controller
from hdr.app.flow import Flow
from hdr.app.theme import PAD, px
from hdr.settings import POLARITIES, THRESHOLDS, InkSettings, ReadSettings, SegmentSettings, Settings, parse_turn

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
        self.flow = Flow(self.frame, 14)
        self.flow.frame.pack(fill="x")
        self._add_controls()
        self._reset_button = ttk.Button(
            self.flow.cell(), text="Defaults", bootstyle="ghost", icon="arrow-counterclockwise", icon_only=True,
            command=self._reset,
        )  # fmt: skip
        self._reset_button.pack(side="bottom")
        ttk.ToolTip(self._reset_button, text="Back to the defaults", delay=500)
        self.told = ttk.Label(self.frame, bootstyle="secondary", font="HdrSmall")
        self.told.pack(anchor="w")
        self.state.listen(self._on_change)
        self.refresh()

    def _add_controls(self) -> None:
        self._add_threshold()
        self._add_choice("Ink", "polarity", POLARITIES)
        self.smallest = self._add_number("Smallest, px", "smallest", 1)
        self._add_choice("Turn, °", "turn", _TURNS)
        self._add_strokes()

    @property
    def settings(self) -> Settings:
        """What the controls show."""
        return self.state.settings

    def _apply(self, sections: dict[str, dict[str, Any]]) -> None:
        self.controller.adjust(sections)

    def _on_change(self, changed: frozenset[str]) -> None:
        if "settings" in changed:
            self.refresh()
        if changed & {"page", "pages", "view"}:
            self._tell()

    def _titled(self, title: str) -> ttk.Frame:
        group = self.flow.cell()
        ttk.Label(group, text=title, bootstyle="secondary", font="HdrSmall").pack(anchor="w")
        return group

    def _combo(self, group: ttk.Frame, name: str, choices: tuple[str, ...]) -> ttk.Combobox:
        value = self._values[name] = tk.StringVar(self.frame)
        combo = ttk.Combobox(group, textvariable=value, values=choices, state="readonly", width=6)
        combo.bind("<<ComboboxSelected>>", lambda _: self._changed())
        combo.pack(anchor="w")
        return combo

    def _add_threshold(self) -> None:
        self.threshold = self._combo(self._titled("Threshold"), "threshold", (*THRESHOLDS, "fixed"))
        self._values["level"] = tk.IntVar(self.frame, 128)
        group = self.flow.cell()
        self._level_text = ttk.Label(group, font="HdrSmall", bootstyle="secondary", width=13)
        self._level_text.pack(anchor="w")
        self.level = ttk.Scale(
            group, from_=0, to=255, variable=self._values["level"], length=px(self.frame, 88),
            command=lambda _: self._changed(),
        )  # fmt: skip
        self.level.pack(anchor="w", pady=px(self.frame, 4))

    def _add_choice(self, title: str, name: str, choices: tuple[str, ...]) -> None:
        self._combo(self._titled(title), name, choices)

    def _add_number(self, title: str, name: str, low: int) -> ttk.Spinbox:
        value = self._values[name] = tk.StringVar(self.frame)
        check: Any = (self.frame.register(_is_number_so_far), "%P")  # Tk's own form, which the stubs do not know
        box = ttk.Spinbox(
            self._titled(title), from_=low, to=500, textvariable=value, width=5, command=self._changed, validate="key",
            validatecommand=check,
        )  # fmt: skip
        for event in ("<Return>", "<FocusOut>"):
            box.bind(event, lambda _: self._changed())
        box.pack(anchor="w")
        return box

    def _add_strokes(self) -> None:
        switches = self.flow.cell()
        self._add_switch(switches, "join", "Join strokes", "Take the broken strokes of one digit as one")
        self._add_switch(switches, "split", "Divide digits", "Divide digits that touch")

    def _add_switch(self, group: ttk.Frame, name: str, text: str, tip: str) -> None:
        value = self._values[name] = tk.BooleanVar(self.frame)
        switch = ttk.Checkbutton(group, text=text, variable=value, bootstyle="round-toggle", command=self._changed)
        switch.pack(anchor="w", pady=px(self.frame, 2))
        ttk.ToolTip(switch, text=tip, delay=500)

    def refresh(self) -> None:
        """Show the settings as they are."""
        self._filling = True
        self._fill(self.settings)
        self._reset_button.state(["disabled" if self._is_default() else "!disabled"])
        self._filling = False
        self._tell()

    def _fill(self, settings: Settings) -> None:
        self._fill_threshold(settings)
        self._values["smallest"].set(str(settings.segment.smallest_px))
        self._values["turn"].set(_turn_text(settings.read.turn))

    def _fill_threshold(self, settings: Settings) -> None:
        level = settings.ink.threshold
        fixed = isinstance(level, int)
        self._values["threshold"].set("fixed" if fixed else level)
        if fixed:
            self._values["level"].set(level)
        self._values["polarity"].set(settings.ink.polarity)
        self._values["join"].set(settings.segment.join)
        self._values["split"].set(settings.segment.split)
        self.level.state(["!disabled" if fixed else "disabled"])
        self._level_text.configure(text=f"Gray level {level}" if fixed else "Gray level")

    def _is_default(self) -> bool:
        settings = self.settings
        return (settings.ink, settings.segment, settings.read) == (InkSettings(), SegmentSettings(), ReadSettings())

    def _tell(self) -> None:
        """Say what was made of "auto" on the page shown."""
        told = " "
        if self.state.steps is not None:
            from hdr.reading.steps import headline  # not before the window is painted

            told = headline(self.state.steps)
        self.told.configure(text=told)

    def _changed(self) -> None:
        if not self._filling:
            self._apply(self._told())

    def _told(self) -> dict[str, dict[str, Any]]:
        """What the controls say, by section."""
        sections = self._told_of_ink()
        sections["segment"]["smallest_px"] = self._number("smallest", 1)
        sections["read"] = {"turn": parse_turn(self._values["turn"].get())}
        return sections

    def _told_of_ink(self) -> dict[str, dict[str, Any]]:
        values = self._values
        threshold: Any = values["threshold"].get()
        if threshold == "fixed":
            threshold = round(float(values["level"].get()))
        return {
            "ink": {"threshold": threshold, "polarity": values["polarity"].get()},
            "segment": {"join": bool(values["join"].get()), "split": bool(values["split"].get())},
        }

    def _number(self, name: str, low: int) -> int:
        return max(low, int(self._values[name].get() or low))

    def _reset(self) -> None:
        self._apply({"ink": vars(InkSettings()), "segment": vars(SegmentSettings()), "read": vars(ReadSettings())})


def _turn_text(turn: str | float) -> str:
    return turn if isinstance(turn, str) else f"{turn:g}"
