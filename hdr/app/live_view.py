"""A frame and what was read off it to a canvas: one picture and one set of marks, kept from frame to frame."""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING, Any

from hdr.app.document import digit_at
from hdr.app.kept_canvas import KeptCanvas
from hdr.app.live_marks import LiveMarks
from hdr.app.live_verbs import Live
from hdr.app.marks import TAG
from hdr.app.theme import SELECTED, palette, px
from hdr.geometry import ViewTransform

if TYPE_CHECKING:
    from hdr.reading.live_worker import Seen

_DRAG_PX = 6
_LARGEST_SCALE = 4.0
_BOX = "region"
_WORDS = "words"


class LiveView:
    """The picture of the live screen.

    Parameters
    ----------
    parent
        Where the canvas is made; the caller lays it out.
    live
        Whose frames are shown.
    """

    def __init__(self, parent: tk.Misc, live: Live) -> None:
        self.live = live
        self.canvas = KeptCanvas(
            parent, TAG, highlightthickness=px(parent, 2), bd=0, takefocus=True, width=1, height=1, cursor="crosshair"
        )
        self.view = ViewTransform()
        self._marks = LiveMarks(self.canvas)
        self._photo: Any = None
        self._picture = self.canvas.create_image(0, 0, anchor="nw")
        self._press: tuple[int, int] | None = None
        self._drags = self._by_keyboard = False
        self._rubber = self.canvas.create_rectangle(
            0, 0, 0, 0, outline=SELECTED, width=px(parent, 2), dash=(6, 4), state="hidden", tags=(_BOX,)
        )
        self._words = [
            self.canvas.create_text(0, 0, font=font, justify="center", anchor=anchor, state="hidden", tags=(_WORDS,))
            for font, anchor in (("HdrTitle", "s"), ("TkDefaultFont", "n"))
        ]
        self._dot = self.canvas.create_text(
            0, 0, font="HdrStrong", fill="#cc3344", anchor="ne", state="hidden", tags=(_WORDS,)
        )
        self._banner = self.canvas.create_rectangle(0, 0, 0, 0, width=0, state="hidden", tags=(_WORDS,))
        self._banner_text = self.canvas.create_text(0, 0, anchor="n", justify="center", state="hidden", tags=(_WORDS,))
        self._lasted = ""
        self._bannered: str | None = None
        bind = self.canvas.bind
        bind("<Configure>", lambda _: self.refresh())
        bind("<ButtonPress-1>", self._on_press)
        bind("<B1-Motion>", self._on_drag)
        bind("<ButtonRelease-1>", self._on_release)
        for key in ("<KeyPress-Left>", "<KeyPress-Right>", "<KeyRelease-Tab>"):
            bind(key, lambda _: self._show_focus(True), add="+")

    def refresh(self) -> None:
        """Show what there is: a picture, or why there is none."""
        colors = palette(self.live.state.settings.app.theme)
        self.canvas.configure(background=colors.desk, highlightbackground=colors.desk)
        if not self._by_keyboard:
            self.canvas.configure(highlightcolor=colors.desk)
        seen = self.live.seen
        self.canvas.itemconfigure(self._picture, state="normal" if seen is not None else "hidden")
        if seen is not None:
            self.show(seen)
        else:
            self._marks.clear()
        self._say(*self._told())
        self._bannered = None
        self.show_banner()

    def show(self, seen: Seen) -> None:
        """Show a frame with its marks."""
        width, height = self._size()
        if width <= 1 or height <= 1:
            return
        self.view = ViewTransform.fit(seen.live.reading.size, (width, height), _LARGEST_SCALE)
        self._paint(seen)
        if "labels" in self.live.look.hidden:
            self._marks.clear()
        else:
            self._mark(seen)
        self._show_region()
        self._show_recording()

    def _show_recording(self) -> None:
        recording = self.live.recording
        text = f"● {recording.lasted}" if recording is not None else ""
        if text != self._lasted:
            self._lasted = text
            self.canvas.itemconfigure(self._dot, text=text, state="normal" if text else "hidden")
            self.canvas.coords(self._dot, self.canvas.winfo_width() - px(self.canvas, 14), px(self.canvas, 12))

    def _paint(self, seen: Seen) -> None:
        from PIL import Image, ImageTk

        from hdr.app.live_pixels import fitted, ink_of

        pixels = ink_of(seen, self.live.settings) if self.live.look.ink else seen.frame
        image = Image.fromarray(fitted(pixels, self.view.scale))
        if self._photo is not None and (self._photo.width(), self._photo.height()) == image.size:
            self._photo.paste(image)
        else:
            self._photo = ImageTk.PhotoImage(image.convert("RGB"), master=self.canvas)
            self._photo.paste(image)
            self.canvas.itemconfigure(self._picture, image=self._photo)
        self.canvas.coords(self._picture, self.view.offset_x, self.view.offset_y)

    def _mark(self, seen: Seen) -> None:
        from hdr.app.live_watching import Compared, differing

        live = seen.live
        other = differing(live.reading, live.other.reading) if isinstance(live, Compared) else {}
        grown = self.live.look.grown
        self._marks.draw(live.reading, self.view, self.live.index, grown=grown, differing=other)

    # Words in place of a picture, or below it ------------------------------------------------------------------------

    def _told(self) -> tuple[str, str]:
        live, error = self.live, self.live.error
        if live.look.phase == "opening" and live.seen is None:
            return f"Opening {live.source_name} …", live.notice
        if live.look.phase in ("idle", "paused"):
            return "Looking for cameras …", ""
        if live.look.phase == "ended" and error is not None and live.seen is None:
            return error.message, error.hint
        return "", ""

    def show_banner(self) -> None:
        """Say over the picture what keeps it from going on."""
        text = self.live.notice if self.live.seen is not None else ""
        if text == self._bannered:
            return
        self._bannered = text
        state = "normal" if text else "hidden"
        for item in (self._banner, self._banner_text):
            self.canvas.itemconfigure(item, state=state)
            self.canvas.tag_raise(item)
        if text:
            self._fill_banner(text)

    def _fill_banner(self, text: str) -> None:
        canvas, gap = self.canvas, px(self.canvas, 8)
        colors = palette(self.live.state.settings.app.theme)
        wrap = max(100, canvas.winfo_width() - 6 * gap)
        canvas.itemconfigure(self._banner_text, text=text, fill=colors.text, width=wrap)
        canvas.coords(self._banner_text, canvas.winfo_width() / 2, 2 * gap)
        x0, y0, x1, y1 = canvas.bbox(self._banner_text)
        canvas.coords(self._banner, x0 - gap, y0 - gap, x1 + gap, y1 + gap)
        canvas.itemconfigure(self._banner, fill=colors.panel, outline=colors.edge, width=px(canvas, 1))

    def _say(self, title: str, hint: str) -> None:
        width, height = self._size()
        colors = palette(self.live.state.settings.app.theme)
        gap = px(self.canvas, 6)
        for item, text, color, down in zip(
            self._words, (title, hint), (colors.text, colors.muted), (-gap, gap), strict=True
        ):
            self.canvas.coords(item, width / 2, height / 2 + down)
            wrap = max(100, width - px(self.canvas, 60))
            self.canvas.itemconfigure(item, text=text, fill=color, width=wrap, state="normal" if text else "hidden")

    # The region of interest, and picking -----------------------------------------------------------------------------

    def _size(self) -> tuple[int, int]:
        return self.canvas.winfo_width(), self.canvas.winfo_height()

    def _show_region(self) -> None:
        region, size = self.live.region, self._frame_size()
        if self._drags:
            return
        if region is None or size is None:
            self.canvas.itemconfigure(self._rubber, state="hidden")
            return
        x, y, width, height = (part * size[i % 2] for i, part in enumerate(region))
        corners = (*self.view.to_canvas(x, y), *self.view.to_canvas(x + width, y + height))
        self.canvas.coords(self._rubber, *corners)
        editing = self.live.look.region
        self.canvas.itemconfigure(self._rubber, state="normal", width=px(self.canvas, 4 if editing else 2))

    def _frame_size(self) -> tuple[int, int] | None:
        return self.live.seen.live.reading.size if self.live.seen is not None else None

    def _on_press(self, event: tk.Event[tk.Misc]) -> None:
        self.canvas.focus_set()
        self._show_focus(False)
        self._press, self._drags = (event.x, event.y), False

    def _on_drag(self, event: tk.Event[tk.Misc]) -> None:
        if self._press is None or self.live.seen is None:
            return
        far = max(abs(event.x - self._press[0]), abs(event.y - self._press[1]))
        self._drags |= far > px(self.canvas, _DRAG_PX)
        if self._drags:
            self.canvas.coords(self._rubber, *self._press, event.x, event.y)
            self.canvas.itemconfigure(self._rubber, state="normal")

    def _on_release(self, event: tk.Event[tk.Misc]) -> None:
        press, drags = self._press, self._drags
        self._press, self._drags = None, False
        size = self._frame_size()
        if press is None or size is None:
            return
        if drags:
            self._draw_region(press, (event.x, event.y), size)
        else:
            self._pick(event.x, event.y)

    def _draw_region(self, one: tuple[int, int], other: tuple[int, int], size: tuple[int, int]) -> None:
        (x0, y0), (x1, y1) = (self.view.to_image(*point) for point in (one, other))
        across, down = (
            sorted(min(max(end / side, 0.0), 1.0) for end in ends)
            for ends, side in (((x0, x1), size[0]), ((y0, y1), size[1]))
        )
        self.live.set_region((across[0], down[0], across[1] - across[0], down[1] - down[0]))

    def _pick(self, x: float, y: float) -> None:
        assert self.live.seen is not None
        slack = px(self.canvas, 4) / self.view.scale
        self.live.select(digit_at(self.live.seen.live.reading, *self.view.to_image(x, y), slack))

    def _show_focus(self, by_keyboard: bool) -> None:
        """A ring for those who go by keys."""
        self._by_keyboard = by_keyboard
        colors = palette(self.live.state.settings.app.theme)
        self.canvas.configure(highlightcolor=colors.accent if by_keyboard else colors.desk)
