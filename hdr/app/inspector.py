"""The selected digit: its ink, what the model saw of it, and how likely each label is."""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING, Any

import ttkbootstrap as ttk

from hdr.app.controller import Controller
from hdr.app.marks import look_of, percent
from hdr.app.theme import PAD, palette, px
from hdr.classify.names import CANNOT_TELL
from hdr.data.wording import counted

if TYPE_CHECKING:
    from hdr.reading.results import Digit

_MOST_BARS = 11
"""Ten digits, and "no digit"."""


class Inspector:
    """A panel that follows the selection. A click on a bar gives the digit its label."""

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.controller = controller
        self.state = controller.state
        self.frame = ttk.Frame(parent)
        self._photos: list[Any] = []
        self._title = ttk.Label(self.frame, font="HdrTitle")
        self._title.pack(anchor="w")
        self._subtitle = ttk.Label(self.frame, bootstyle="secondary", wraplength=px(parent, 224), justify="left")
        self._subtitle.pack(anchor="w", pady=(0, px(parent, PAD)))
        self._add_pictures()
        self.bars = tk.Canvas(self.frame, highlightthickness=0, bd=0, takefocus=False, width=1)
        self.bars.pack(fill="x", pady=(px(parent, PAD), 0))
        self.set_compact(0)
        self.bars.bind("<Configure>", lambda _: self.refresh())
        self.bars.bind("<Button-1>", self._on_click)
        self.bars.bind("<Motion>", self._on_motion)
        self.bar_labels: list[str] = []
        self.state.listen(self._on_change)
        self.refresh()

    def _add_pictures(self) -> None:
        row = ttk.Frame(self.frame)
        row.pack(fill="x")
        self.pictures: list[tk.Canvas] = []
        self._captions: list[ttk.Label] = []
        for column, text in enumerate(("On the page", "Model input")):
            row.columnconfigure(column, weight=1)
            canvas = tk.Canvas(row, highlightthickness=1, bd=0, takefocus=False)
            canvas.grid(row=0, column=column, sticky="w" if column == 0 else "e")
            caption = ttk.Label(row, text=text, bootstyle="secondary", font="HdrSmall")
            caption.grid(row=1, column=column, sticky="w" if column == 0 else "e")
            self.pictures.append(canvas)
            self._captions.append(caption)

    def set_compact(self, how_much: int) -> None:
        """Take less room (1), or much less (2), on a low window."""
        # Four, three or two screen pixels for each of the usual model's 28.
        side = px(self.frame, (112, 84, 56)[how_much])
        for canvas in self.pictures:
            canvas.configure(width=side, height=side)
        self.bars.configure(height=px(self.frame, _MOST_BARS * (19, 16, 13)[how_much]))

    def _on_change(self, changed: frozenset[str]) -> None:
        if changed & {"selection", "page", "pages", "settings"}:
            self.refresh()

    @property
    def digit(self) -> Digit | None:
        """The digit shown."""
        reading, focus = self.state.reading, self.state.focus
        return reading.digits[focus] if reading is not None and focus is not None else None

    def refresh(self) -> None:
        """Show the selected digit."""
        colors = palette(self.state.settings.app.theme)
        for canvas in (*self.pictures, self.bars):
            canvas.configure(background=colors.panel)
            canvas.delete("all")
        for canvas in self.pictures:
            canvas.configure(background=colors.track, highlightbackground=colors.edge)
        self._photos.clear()
        digit = self.digit
        self._title.configure(text=self._headline(digit))
        self._subtitle.configure(text=self._explain(digit))
        self.bar_labels = []
        if digit is not None:
            self._show_pictures(digit)
            self._show_bars(digit)

    def _headline(self, digit: Digit | None) -> str:
        if digit is None:
            if self.state.digit_count:
                return counted(self.state.digit_count, "digit")
            return "No digit yet" if self.state.reading is None else "No digit found"
        chosen = len(self.state.selected)
        if chosen > 1:
            return f"{chosen} digits selected"
        assert self.state.reading is not None
        if digit.is_rejected:
            return "Left out"
        number = next(i for i, other in enumerate(self.state.reading.kept, 1) if other is digit)
        return f"Digit {number} of {self.state.digit_count}"

    def _explain(self, digit: Digit | None) -> str:
        if digit is None:
            return self._what_to_do()
        if digit.is_rejected:
            return f"The model says no digit, {percent(digit.confidence)} sure. A digit's key makes it one."
        model = f"{_name(digit.prediction.label)}, {percent(digit.prediction.confidence)}"
        if not digit.is_digit:
            return f"You said: not a digit. The model: {model}."
        if digit.corrected == CANNOT_TELL:
            return f"You said: nobody can tell. The model: {model}."
        if digit.corrected is not None:
            said = "You confirmed" if digit.corrected == digit.prediction.label else "You said"
            return f"{said}: {digit.corrected}. The model: {model}."
        return f"The model says {model} sure."

    def _what_to_do(self) -> str:
        if self.state.digit_count:
            return "Select one to see what the model made of it."
        if self.state.reading is None:
            return "Press Recognize to find and read the digits."
        return "Draw a box around one (B), or read the page in another way (Ctrl+T)."

    def _show_pictures(self, digit: Digit) -> None:
        from hdr.classify.classifier import model_input

        card = self._card()
        self._show(self.pictures[0], digit.crop.pixels, smooth=True)
        if card is not None:
            field = model_input([digit.crop], card)[0]
            self._show(self.pictures[1], field[:, :, 0], smooth=False)
            self._captions[1].configure(text=f"Model input, {card.input_size}×{card.input_size}")

    def _card(self) -> Any:
        classifier = self.controller.services.loaded
        return classifier.card if classifier is not None else None

    def _show(self, canvas: tk.Canvas, pixels: Any, *, smooth: bool) -> None:
        from PIL import Image, ImageTk

        image = Image.fromarray(pixels)
        side = int(canvas.cget("width"))
        # Whole multiples where there are enough pixels, so that all cells of the model's field look alike.
        factor = side / max(image.size)
        factor = float(int(factor)) if factor >= 1 and not smooth else factor
        size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
        how = Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
        photo = ImageTk.PhotoImage(image.resize(size, how), master=canvas)
        self._photos.append(photo)  # Tk keeps no reference of its own
        canvas.configure(background="#000000")
        middle = side / 2 + 1
        canvas.create_image(middle, middle, image=photo)

    def _show_bars(self, digit: Digit) -> None:
        prediction = digit.prediction
        if len(prediction.labels) <= _MOST_BARS:
            rows = [(label, float(p)) for label, p in zip(prediction.labels, prediction.probabilities, strict=True)]
        else:
            rows = prediction.top(_MOST_BARS)
        self.bar_labels = [label for label, _ in rows]
        for index, (label, probability) in enumerate(rows):
            self._show_bar(index, label, probability, digit)

    def _show_bar(self, index: int, label: str, probability: float, digit: Digit) -> None:
        canvas, colors = self.bars, palette(self.state.settings.app.theme)
        wins, told = label == digit.prediction.label, label == digit.corrected
        step = self._step()
        middle, high = index * step + step / 2, px(canvas, 11)
        left, right = px(canvas, 22), max(px(canvas, 60), canvas.winfo_width() - px(canvas, 62))
        font = "HdrStrong" if wins or told else "TkDefaultFont"
        color = colors.text if wins or told else colors.muted
        canvas.create_text(px(canvas, 2), middle, text=_sign(label), anchor="w", font=font, fill=color)
        canvas.create_rectangle(left, middle - high / 2, right, middle + high / 2, fill=colors.track, width=0)
        end = left + max((right - left) * probability, px(canvas, 1) if probability > 0.001 else 0)
        fill = colors.good if wins else look_of(digit).color if told else colors.muted
        canvas.create_rectangle(left, middle - high / 2, end, middle + high / 2, fill=fill, width=0)
        sign = "✓ " if told else ""
        canvas.create_text(
            canvas.winfo_width() - px(canvas, 2), middle, text=f"{sign}{percent(probability)}", anchor="e", font=font,
            fill=color,
        )  # fmt: skip

    def _step(self) -> float:
        return self.bars.winfo_height() / _MOST_BARS

    def _label_at(self, y: float) -> str | None:
        index = int(y // max(1.0, self._step()))
        return self.bar_labels[index] if 0 <= index < len(self.bar_labels) else None

    def _on_click(self, event: tk.Event[tk.Misc]) -> None:
        label = self._label_at(event.y)
        if label is not None:
            self.state.relabel(label)

    def _on_motion(self, event: tk.Event[tk.Misc]) -> None:
        self.bars.configure(cursor="hand2" if self._label_at(event.y) is not None else "")


def _name(label: str) -> str:
    from hdr.classify.names import NOT_A_DIGIT

    return "no digit" if label == NOT_A_DIGIT else label


def _sign(label: str) -> str:
    from hdr.classify.names import NOT_A_DIGIT

    return "✕" if label == NOT_A_DIGIT else label
