"""How frames are read and what the camera is asked for, as a bar of controls: each change shows in the next frame."""

from __future__ import annotations

import tkinter as tk
from typing import Any

import ttkbootstrap as ttk

from hdr.app.controller import Controller
from hdr.app.reading_bar import ReadingBar
from hdr.app.theme import px
from hdr.settings import POLARITIES, ROTATIONS, InkSettings, ReadSettings, SegmentSettings, Settings

IN_USE, NO_OTHER = "in use", "none"
_SIZES = ("as it is", "640 × 480", "1280 × 720", "1920 × 1080", "3840 × 2160")
_RATES = ("as it is", "10", "15", "30", "60", "120")


class LiveControls(ReadingBar):
    """`ReadingBar` for the live screen, whose settings are its own."""

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.live = controller.live
        super().__init__(parent, controller)

    def _add_controls(self) -> None:
        self._add_threshold()
        self._add_choice("Ink", "polarity", POLARITIES)
        self.smallest = self._add_number("Smallest, px", "smallest_px", 1)
        self.largest = self._add_number("Largest, px", "largest_px", 0)
        self.only = self._add_number("Only the largest", "only_largest", 0)
        self.border = self._add_number("Margin, px", "border_px", 0)
        self._add_confidence()
        switches = self.flow.cell()
        self._add_switch(switches, "tall", "Only tall", "Only ink that is at least as high as it is wide is a digit")
        self._add_switch(switches, "steady", "Steady", "Follow digits, and change a label only on evidence")
        self._add_strokes()
        self._of_reading = len(self.flow.cells)
        self._add_models()
        self._add_camera()

    def _add_confidence(self) -> None:
        group = self.flow.cell()
        self._sure_text = ttk.Label(group, font="HdrSmall", bootstyle="secondary", width=13)
        self._sure_text.pack(anchor="w")
        self._values["sure"] = tk.DoubleVar(self.frame, 0)
        self.sure = ttk.Scale(
            group, from_=0, to=99, variable=self._values["sure"], length=px(self.frame, 88),
            command=lambda _: self._changed(),
        )  # fmt: skip
        self.sure.pack(anchor="w", pady=px(self.frame, 4))

    def _add_models(self) -> None:
        self.model = self._pick("Model", 10, lambda name: self.live.use_model("" if name == IN_USE else name))
        self.other = self._pick("Compare with", 10, lambda name: self.live.compare("" if name == NO_OTHER else name))

    def _add_camera(self) -> None:
        self.size = self._pick("Camera's size", 11, self._ask_for_size)
        self.size.configure(values=_SIZES)
        self.rate = self._pick("Frames/s", 7, self._ask_for_rate)
        self.rate.configure(values=_RATES)
        self.turn = self._pick("Turn, °", 4, lambda text: self.live.change_camera(rotate=int(text)))
        self.turn.configure(values=tuple(map(str, ROTATIONS)))
        self._mirror = tk.BooleanVar(self.frame)
        switch = ttk.Checkbutton(
            self.flow.cell(), text="Mirror", variable=self._mirror, bootstyle="round-toggle",
            command=self.live.toggle_mirror,
        )  # fmt: skip
        switch.pack(pady=px(self.frame, 6))
        ttk.ToolTip(switch, text="As in a mirror; a mirrored 2 is no 2  (M)", delay=500)
        self._add_region()
        self._low, self._turned = False, False
        self._more = self.flow.cell()
        ttk.Button(self._more, text="More", bootstyle="neutral outline", command=self._turn_over).pack(side="bottom")
        self.flow.left_out = frozenset({self._more})

    def set_low(self, low: bool) -> None:
        """Show half of the controls at a time, where a window is so low that the picture would have no room."""
        if low is not self._low:
            self._low = low
            self._show_half()

    def _turn_over(self) -> None:
        self._turned = not self._turned
        self._show_half()

    def _show_half(self) -> None:
        cells = self.flow.cells
        first = [cell for cell in cells[: self._of_reading] if cell is not self._more]
        second = [cell for cell in cells[self._of_reading :] if cell is not self._more]
        hidden = (first if self._turned else second) if self._low else [self._more]
        self.flow.left_out = frozenset(hidden)
        self.flow.lay_out()

    def _add_region(self) -> None:
        group = self._titled("Region: drag, or A")
        self.whole = ttk.Button(group, text="All of it", bootstyle="neutral outline", command=self.live.clear_region)
        self.whole.pack(anchor="w")
        ttk.ToolTip(self.whole, text="Look at all of the picture  (X)", delay=500)

    def _pick(self, title: str, width: int, chosen: Any) -> ttk.Combobox:
        combo = ttk.Combobox(self._titled(title), state="readonly", width=width)
        combo.bind("<<ComboboxSelected>>", lambda _: chosen(combo.get()))
        combo.pack(anchor="w")
        return combo

    def _ask_for_size(self, text: str) -> None:
        width, _, height = text.partition(" × ")
        self.live.change_camera(width=int(width) if height else 0, height=int(height or 0))

    def _ask_for_rate(self, text: str) -> None:
        self.live.change_camera(fps=float(text) if text.isdecimal() else 0.0)

    # As a reading bar ------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The live screen's own."""
        return self.live.settings

    def _apply(self, sections: dict[str, dict[str, Any]]) -> None:
        self.live.change(sections)

    def _on_change(self, changed: frozenset[str]) -> None:
        if changed & {"live", "settings"}:
            self.refresh()

    def _fill(self, settings: Settings) -> None:
        self._fill_threshold(settings)
        for name in ("smallest_px", "largest_px", "only_largest", "border_px"):
            self._values[name].set(str(getattr(settings.segment, name)))
        self._values["tall"].set(settings.segment.tall)
        self._values["steady"].set(settings.live.steady)
        self._values["sure"].set(100 * settings.read.min_confidence)
        self._sure_text.configure(text=f"Surer than {settings.read.min_confidence:.0%}")
        self._fill_models()
        self._fill_camera()

    def _fill_models(self) -> None:
        look, models = self.live.look, self.live.models
        self.model.configure(values=(IN_USE, *models))
        self.model.set(look.model or IN_USE)
        self.other.configure(values=(NO_OTHER, *models))
        self.other.set(look.other or NO_OTHER)

    def _fill_camera(self) -> None:
        camera = self.state.settings.live
        self.size.set(f"{camera.width} × {camera.height}" if camera.width and camera.height else _SIZES[0])
        self.rate.set(f"{camera.fps:g}" if camera.fps else _RATES[0])
        self.turn.set(str(camera.rotate))
        self._mirror.set(camera.mirror)
        self.whole.state(["!disabled" if self.settings.segment.roi else "disabled"])

    def _told(self) -> dict[str, dict[str, Any]]:
        sections = self._told_of_ink()
        segment = sections["segment"]
        segment["smallest_px"] = self._number("smallest_px", 1)
        for name in ("largest_px", "only_largest", "border_px"):
            segment[name] = self._number(name, 0)
        segment["tall"] = bool(self._values["tall"].get())
        sections["read"] = {"min_confidence": round(float(self._values["sure"].get())) / 100}
        sections["live"] = {"steady": bool(self._values["steady"].get())}
        return sections

    def _is_default(self) -> bool:
        settings = self.settings
        plain = settings.ink, settings.segment, settings.read, settings.live.steady
        return plain == (InkSettings(), SegmentSettings(), ReadSettings(), True)

    def _tell(self) -> None:
        """Nothing: the picture itself tells."""
        self.told.pack_forget()

    def _reset(self) -> None:
        self._apply({"live": {"steady": True}})
        super()._reset()
