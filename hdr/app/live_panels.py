"""A reading to what stands beside the frame: the number, the selected digit and the pace."""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING, Any, Literal

import ttkbootstrap as ttk

from hdr.app.live_verbs import Live
from hdr.app.marks import caption, percent
from hdr.app.theme import PAD, palette, px

if TYPE_CHECKING:
    from hdr.reading.results import Digit, Reading

_LINES, _LETTERS = 5, 26
_FONTS = ((8, "HdrHuge"), (14, "HdrLarge"), (10_000, "HdrNumbers"))


def shown_number(text: str, most: int = _LINES) -> str:
    """Return a reading's text as far as there is room for it."""
    lines = [line if len(line) <= _LETTERS else f"{line[: _LETTERS - 1]}…" for line in text.split("\n")]
    return "\n".join(lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][: _LETTERS - 2]} …"])


class NumberPanel:
    """The number read, large; with that of another model below it."""

    def __init__(self, parent: tk.Misc, live: Live) -> None:
        self.live = live
        self.frame = ttk.Frame(parent)
        self._brief = False
        self._title = ttk.Label(self.frame, bootstyle="secondary", font="HdrSmall")
        self.number = ttk.Label(self.frame, justify="left")
        self._other_title = ttk.Label(self.frame, bootstyle="secondary", font="HdrSmall")
        self.other = ttk.Label(self.frame, justify="left")
        self._title.pack(anchor="w")
        self.number.pack(anchor="w")
        self._shown: Any = None

    def set_brief(self, brief: bool) -> None:
        """Take less room."""
        self._brief, self._shown = brief, None

    def refresh(self) -> None:
        """Show the reading, where it has changed."""
        from hdr.app.live_watching import Compared, differing

        seen, look = self.live.seen, self.live.look
        reading = seen.live.reading if seen is not None else None
        live = seen.live if seen is not None else None
        other = live.other.reading if isinstance(live, Compared) else None
        count = len(differing(reading, other)) if reading is not None and other is not None else 0
        told = (reading.text if reading else "", other.text if other else None, count, look.other, _model(reading))
        if told == self._shown:
            return
        self._shown = told
        self._title.configure(text=f"Read by {told[4]}" if other is not None else "Number read")
        _show_number(self.number, told[0], self._brief)
        self._show_other(told[1], f"Read by {look.other}: {_differ(count)}")

    def _show_other(self, text: str | None, title: str) -> None:
        if text is None:
            self._other_title.pack_forget()
            self.other.pack_forget()
            return
        self._other_title.configure(text=title)
        _show_number(self.other, text, self._brief)
        if not self.other.winfo_manager():
            self._other_title.pack(anchor="w", pady=(px(self.frame, PAD), 0))
            self.other.pack(anchor="w")


def _model(reading: Reading | None) -> str:
    return reading.model if reading is not None else ""


def _differ(count: int) -> str:
    return "all alike" if not count else "1 digit differs" if count == 1 else f"{count} digits differ"


def _show_number(label: ttk.Label, text: str, brief: bool) -> None:
    longest = max((len(line) for line in text.split("\n")), default=0) if text.count("\n") < 2 else 99
    font = next(font for most, font in _FONTS if longest <= most and not (brief and font == "HdrHuge"))
    label.configure(text=shown_number(text, 2 if brief else _LINES) or "–", font=font)


class DigitPanel:
    """The selected digit, else the one that is least sure: its ink, and the very field that the model is given."""

    def __init__(self, parent: tk.Misc, live: Live) -> None:
        self.live = live
        self.frame = ttk.Frame(parent)
        self.title = ttk.Label(self.frame, font="HdrStrong")
        self.title.pack(anchor="w", pady=(0, px(parent, 4)))
        row = ttk.Frame(self.frame)
        row.pack(fill="x")
        row.columnconfigure((0, 1), weight=1)
        self.crop = PictureBox(row, "In the frame", "w", smooth=True)
        self.field = PictureBox(row, "Model input", "e", smooth=False)
        self.crop.frame.grid(row=0, column=0, sticky="w")
        self.field.frame.grid(row=0, column=1, sticky="e")

    def set_side(self, side_px: int) -> None:
        """Take other room."""
        self.crop.set_side(side_px)
        self.field.set_side(side_px)

    def refresh(self) -> None:
        """Show the digit."""
        from hdr.classify.classifier import model_input

        digit, watcher = self.live.digit, self.live.watcher
        self.title.configure(text=self._headline(digit))
        if digit is None or watcher is None:
            color = palette(self.live.state.settings.app.theme).track
            self.crop.clear(color)
            self.field.clear(color)
            return
        card = watcher.classifier.card
        self.crop.show(digit.crop.pixels)
        self.field.show(model_input([digit.crop], card)[0][:, :, 0])
        self.field.name(f"Model input, {card.input_size}×{card.input_size}")

    def _headline(self, digit: Digit | None) -> str:
        if digit is None:
            return "No digit in sight" if self.live.seen is not None else ""
        if digit.is_rejected:
            return f"No digit, {percent(digit.confidence)}"
        return f"{self._which()}:  {caption(digit)}"

    def _which(self) -> str:
        index, seen = self.live.index, self.live.seen
        if index is None or seen is None:
            return "The least sure digit"
        kept = [at for at, digit in enumerate(seen.live.reading.digits) if digit.is_digit]
        return f"Digit {kept.index(index) + 1} of {len(kept)}"


class PictureBox:
    """A small picture in a square, with its name below; one picture for all that it ever shows."""

    def __init__(self, parent: tk.Misc, name: str, side: Literal["w", "e"], *, smooth: bool) -> None:
        self.frame = ttk.Frame(parent)
        self._smooth = smooth
        self._side = px(parent, 112)
        self.canvas = tk.Canvas(self.frame, highlightthickness=0, bd=0, takefocus=False, background="#000000")
        self.canvas.pack(anchor=side)
        self._item = self.canvas.create_image(0, 0, anchor="nw")
        self._name = ttk.Label(self.frame, text=name, bootstyle="secondary", font="HdrSmall")
        self._name.pack(anchor=side)
        self.photo: Any = None
        self.set_side(self._side)

    def name(self, text: str) -> None:
        """Call it something else."""
        if self._name.cget("text") != text:
            self._name.configure(text=text)

    def set_side(self, side_px: int) -> None:
        """Take other room."""
        if self.photo is None or side_px != self._side:
            from PIL import Image, ImageTk

            self._side = side_px
            self.canvas.configure(width=side_px, height=side_px)
            self.photo = ImageTk.PhotoImage(Image.new("L", (side_px, side_px)), master=self.canvas)
            self.canvas.itemconfigure(self._item, image=self.photo)

    def show(self, pixels: Any) -> None:
        """Show a gray picture."""
        from PIL import Image

        from hdr.app.live_pixels import in_square

        self.photo.paste(Image.fromarray(in_square(pixels, self._side, smooth=self._smooth)))
        self.canvas.itemconfigure(self._item, state="normal")

    def clear(self, color: str) -> None:
        """Show nothing but a colour."""
        self.canvas.itemconfigure(self._item, state="hidden")
        self.canvas.configure(background=color)


class RatesPanel:
    """Frames a second, and where the milliseconds go."""

    def __init__(self, parent: tk.Misc, live: Live) -> None:
        self.live = live
        self.frame = ttk.Frame(parent)
        self.frame.columnconfigure(0, weight=1)
        self.pace = ttk.Label(self.frame, font="HdrStrong")
        self.pace.grid(row=0, column=0, sticky="ew")
        self.stages = ttk.Label(self.frame, bootstyle="secondary", font="HdrSmall", justify="left")
        self.stages.grid(row=1, column=0, sticky="new")
        self._width = self._high = 0
        self.frame.bind("<Configure>", lambda event: self._on_width(event.width))

    def _on_width(self, width: int) -> None:
        if width != self._width:
            self._width, self._high = width, 0
            # Letters are a little wider than Tk measures them.
            self.stages.configure(wraplength=max(100, width - px(self.frame, 4)))

    def set_brief(self, brief: bool) -> None:
        """Tell only the pace, where room is short."""
        self.stages.grid_remove() if brief else self.stages.grid()
        self.frame.rowconfigure(1, minsize=0 if brief else self._high)

    def _keep_room(self) -> None:
        """Stay as high as it ever was at this width: what stands above must not jump as words come and go."""
        self._high = max(self._high, self.stages.winfo_reqheight())
        if self.stages.winfo_manager():
            self.frame.rowconfigure(1, minsize=self._high)

    def refresh(self, show_ms: float, lag_ms: float) -> None:
        """Tell of the last frame.

        Parameters
        ----------
        show_ms
            How long it took to show.
        lag_ms
            From the camera to the screen.
        """
        seen = self.live.seen
        if seen is None:
            return
        live = seen.live
        self.pace.configure(text=f"{self.live.rate:.0f} frames/s,  {lag_ms:.0f} ms behind")
        stages = [*live.timings_ms.items(), ("show", show_ms)]
        told = "  ".join(f"{name} {took:.1f}" for name, took in stages)
        width, height = live.reading.size
        kept = f"{live.reused:.0%} of the crops not classified again" if live.reused else ""
        dropped = f"{seen.dropped} dropped" if seen.dropped else ""
        facts = ",  ".join(part for part in (f"{width} × {height}", kept, dropped) if part)
        self.stages.configure(text=f"ms:  {told}\n{facts}")
        self._keep_room()

    def clear(self) -> None:
        """Tell nothing, since no frame comes."""
        self.pace.configure(text="")
        self.stages.configure(text="")
