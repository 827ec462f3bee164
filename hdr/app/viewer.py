"""The page on a canvas: zoomed, moved, drawn on, its digits marked and picked."""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING, Any

from hdr.app.actions import ViewerVerbs
from hdr.app.controller import Controller
from hdr.app.marks import Marks
from hdr.app.pad import Pen, Point
from hdr.app.theme import palette, px
from hdr.geometry import ViewTransform, hit

if TYPE_CHECKING:
    from hdr.app.pixels import Paper, Pyramid

_LEAST_ZOOM, _MOST_ZOOM = 0.01, 40.0
_SHIFT, _CONTROL = 0x1, 0x4
_CURSORS = {"pen": "pencil", "eraser": "dotbox", "select": "arrow"}


class Viewer(ViewerVerbs):
    """A canvas that shows the state's page.

    Parameters
    ----------
    parent
        Where the canvas is made; the caller lays it out.
    controller
        What is told of strokes; its state is shown.
    """

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.controller = controller
        self.state = controller.state
        self.colors = palette(self.state.settings.app.theme)
        self.canvas = tk.Canvas(parent, highlightthickness=px(parent, 2), bd=0, takefocus=True, cursor="pencil")
        self.view = ViewTransform()
        self.fitted = True
        self._marks = Marks(self.canvas)
        self._photo: Any = None
        self._shown: tuple[Any, Pyramid] | None = None
        self._paper: Paper | None = None
        self._live: Pyramid | None = None
        self._pen: Pen | None = None
        self._grab: Point | None = None
        self._space = False
        self._due: str | None = None
        self._painted_key = 0
        self._background = self.canvas.create_image(0, 0, anchor="nw")
        self._edge = self.canvas.create_rectangle(0, 0, 0, 0)
        self._ring = self.canvas.create_oval(0, 0, 0, 0, state="hidden")
        self._bind()
        self.recolor()
        self.state.listen(self._on_change)

    # Events ----------------------------------------------------------------------------------------------------------

    def _bind(self) -> None:
        bind = self.canvas.bind
        bind("<Configure>", lambda _: self._on_resize())
        bind("<ButtonPress-1>", self._on_press)
        bind("<B1-Motion>", self._on_drag)
        bind("<ButtonRelease-1>", self._on_release)
        for button in (2, 3):
            bind(f"<ButtonPress-{button}>", self._on_grab)
            bind(f"<B{button}-Motion>", self._on_pan)
            bind(f"<ButtonRelease-{button}>", lambda _: self._let_go())
        bind("<MouseWheel>", self._on_wheel)
        bind("<Button-4>", lambda e: self._wheel(e, 1))
        bind("<Button-5>", lambda e: self._wheel(e, -1))
        bind("<KeyPress-space>", lambda _: self._hold_space(True))
        bind("<KeyRelease-space>", lambda _: self._hold_space(False))
        bind("<Tab>", lambda _: self._walk(1))
        bind("<Shift-Tab>", lambda _: self._walk(-1))
        if self.canvas.tk.call("tk", "windowingsystem") == "x11":
            bind("<ISO_Left_Tab>", lambda _: self._walk(-1))
        bind("<Motion>", self._on_hover)
        for sequence in ("<KeyRelease-Tab>", "<KeyPress-Left>", "<KeyPress-Right>", "<KeyPress-Up>", "<KeyPress-Down>"):
            bind(sequence, lambda _: self._show_focus(True), add="+")
        bind("<Leave>", lambda _: self.canvas.itemconfigure(self._ring, state="hidden"))

    def _walk(self, step: int) -> str | None:
        """Tab goes from digit to digit, and on to the next widget after the last one."""
        return "break" if self.state.walk(step) else None

    def _show_focus(self, by_keyboard: bool) -> None:
        """A ring for those who go by keys; it would only disturb those who draw."""
        color = self.colors.accent if by_keyboard else self.colors.desk
        self.canvas.configure(highlightcolor=color)

    def _on_press(self, event: tk.Event[tk.Misc]) -> None:
        self.canvas.focus_set()
        self._show_focus(False)
        if self._space:
            self._on_grab(event)
        elif self._picks(event):
            self._pick(event)
        elif self.state.document.is_drawing and self.state.view == "page":
            self._start_stroke(event)

    def _picks(self, event: tk.Event[tk.Misc]) -> bool:
        pointer = self.state.tool == "select" or not self.state.document.is_drawing
        return pointer or bool(int(event.state) & _SHIFT)

    def _pick(self, event: tk.Event[tk.Misc]) -> None:
        index = self._digit_at(event.x, event.y)
        extend = bool(int(event.state) & (_SHIFT | _CONTROL))
        if index is not None or not extend:
            self.state.select(index, extend=extend)
        if index is None and not extend:
            self._on_grab(event)

    def _digit_at(self, x: float, y: float) -> int | None:
        if self.state.reading is None:
            return None
        slack = px(self.canvas, 4) / self.view.scale
        return hit([digit.box for digit in self.state.reading.digits], *self.view.to_image(x, y), slack)

    def _on_drag(self, event: tk.Event[tk.Misc]) -> None:
        if self._pen is not None:
            self._pen.move(event.x, event.y)
            self._show_ring(event)
        else:
            self._on_pan(event)

    def _on_release(self, event: tk.Event[tk.Misc]) -> None:
        pen, self._pen = self._pen, None
        self._let_go()
        if pen is None:
            return
        pen.lift()
        self._live = None
        digit = self._digit_at(event.x, event.y) if pen.is_tap else None
        if digit is not None and not pen.erases:
            # A tap on what was read picks it; a dot there would hardly be meant.
            self.state.select(digit)
            self.refresh()
            return
        from hdr.vision.strokes import Stroke

        self.controller.pen_up(Stroke(pen.points, pen.width_px, pen.erases))

    # Drawing ---------------------------------------------------------------------------------------------------------

    def _start_stroke(self, event: tk.Event[tk.Misc]) -> None:
        from hdr.app.pixels import Pyramid

        page = self._page()
        if page is None:
            return
        erases = self.state.tool == "eraser"
        width = self.state.settings.app.pen_width_px * (2 if erases else 1)
        self._live = Pyramid(page.image.copy())
        self._pen = Pen(self.view, float(width), erases, self._draw_live)
        self.canvas.delete("hint")
        self._paint_page()
        self._pen.move(event.x, event.y)

    def _draw_live(self, points: list[Point]) -> None:
        """Put the newest piece of a stroke on the screen: only its own few pixels are drawn again."""
        if self._live is None or self._pen is None:
            return
        from hdr.vision.strokes import Stroke, draw_stroke

        draw_stroke(self._live.image, Stroke(tuple(points), self._pen.width_px, self._pen.erases))
        self._patch(points, self._pen.width_px)

    def _patch(self, points: list[Point], width_px: float) -> None:
        from PIL import Image, ImageTk

        from hdr.app.pixels import Pyramid, cut

        assert self._live is not None
        reach = width_px / 2 * self.view.scale + 3
        across, down = zip(*(self.view.to_canvas(x, y) for x, y in points), strict=True)
        wide, high = self._size()
        x0, y0 = max(0, int(min(across) - reach)), max(0, int(min(down) - reach))
        x1, y1 = min(wide, int(max(across) + reach) + 1), min(high, int(max(down) + reach) + 1)
        if x0 >= x1 or y0 >= y1 or self._photo is None:
            return
        # Halves made before this stroke would not have its ink; a patch is small enough to do without them.
        piece = cut(Pyramid(self._live.image), self.view, (x0, y0, x1, y1), self._desk())
        patch = ImageTk.PhotoImage(Image.fromarray(piece), master=self.canvas)
        self.canvas.tk.call(str(self._photo), "copy", str(patch), "-to", x0, y0)

    def _on_hover(self, event: tk.Event[tk.Misc]) -> None:
        drawing = self.state.document.is_drawing and self.state.tool != "select" and not self._space
        over = None if drawing and not int(event.state) & _SHIFT else self._digit_at(event.x, event.y)
        cursor = "fleur" if self._space else "hand2" if over is not None else self._cursor()
        if self.canvas.cget("cursor") != cursor:
            self.canvas.configure(cursor=cursor)
        if drawing:
            self._show_ring(event)

    def _cursor(self) -> str:
        return _CURSORS[self.state.tool] if self.state.document.is_drawing else "arrow"

    def _show_ring(self, event: tk.Event[tk.Misc]) -> None:
        """A ring as wide as the eraser, or as a pen wide enough for it to be seen."""
        erases = self.state.tool == "eraser"
        radius = self.state.settings.app.pen_width_px * (2 if erases else 1) * self.view.scale / 2
        self.canvas.coords(self._ring, event.x - radius, event.y - radius, event.x + radius, event.y + radius)
        self.canvas.itemconfigure(self._ring, state="normal" if erases else "hidden")

    # Moving and zooming ----------------------------------------------------------------------------------------------

    def _hold_space(self, down: bool) -> str:
        self._space = down
        self.canvas.configure(cursor="fleur" if down else self._cursor())
        return "break"

    def _on_grab(self, event: tk.Event[tk.Misc]) -> None:
        self._grab = (event.x, event.y)

    def _let_go(self) -> None:
        self._grab = None
        self.canvas.configure(cursor=self._cursor())

    def _on_pan(self, event: tk.Event[tk.Misc]) -> None:
        if self._grab is None:
            return
        dx, dy = event.x - self._grab[0], event.y - self._grab[1]
        self._grab = (event.x, event.y)
        self.pan(dx, dy)

    def pan(self, dx: float, dy: float) -> None:
        """Move the page by canvas pixels; some of it always stays in sight."""
        self.canvas.configure(cursor="fleur")
        self._set_view(self.view.panned(dx, dy), fitted=False)

    def _on_wheel(self, event: tk.Event[tk.Misc]) -> None:
        self._wheel(event, 1 if event.delta > 0 else -1)

    def _wheel(self, event: tk.Event[tk.Misc], up: int) -> None:
        state = int(event.state)
        if state & _SHIFT:
            self.pan(up * px(self.canvas, 60), 0)
        else:
            self._zoom_at(1.2**up, event.x, event.y)

    def zoom(self, factor: float) -> None:
        """Zoom about the middle."""
        wide, high = self._size()
        self._zoom_at(factor, wide / 2, high / 2)

    def _zoom_at(self, factor: float, x: float, y: float) -> None:
        scale = min(max(self.view.scale * factor, _LEAST_ZOOM), _MOST_ZOOM)
        self._set_view(self.view.zoomed(scale / self.view.scale, x, y), fitted=False)

    def fit(self) -> None:
        """Show the whole page."""
        self._set_view(self._fitting(), fitted=True)

    def actual_size(self) -> None:
        """Show one image pixel as one screen pixel."""
        self.zoom(1 / self.view.scale)

    def show_digit(self, index: int) -> None:
        """Bring a digit into sight, if it is not."""
        if self.state.reading is None or self.fitted:
            return
        x0, y0, x1, y1 = self.view.box_to_canvas(self.state.reading.digits[index].box)
        wide, high = self._size()
        margin = px(self.canvas, 40)
        dx, dy = _into(x0, x1, wide, margin), _into(y0, y1, high, margin)
        if dx or dy:
            self._set_view(self.view.panned(dx, dy), fitted=False)

    def _fitting(self) -> ViewTransform:
        page = self.state.document
        wide, high = self._size()
        if page.is_drawing:
            found = ViewTransform.fit(page.size, (wide, high), 1.0)
            return ViewTransform(found.scale, round(found.offset_x), round(found.offset_y))
        margin = px(self.canvas, 24)
        inner = max(1, wide - 2 * margin), max(1, high - 2 * margin)
        found = ViewTransform.fit(page.size, inner, 4.0)
        return found.panned(margin, margin)

    def _set_view(self, view: ViewTransform, *, fitted: bool) -> None:
        view = self._kept_in_sight(view)
        same_zoom, before = view.scale == self.view.scale, self.view
        self.view, self.fitted = view, fitted
        if same_zoom and self._due is None:
            self._marks.shift(view.offset_x - before.offset_x, view.offset_y - before.offset_y)
        self.refresh()
        self.canvas.event_generate("<<ViewChanged>>")

    def _kept_in_sight(self, view: ViewTransform) -> ViewTransform:
        wide, high = self._size()
        page_wide, page_high = (side * view.scale for side in self.state.document.size)
        keep = px(self.canvas, 60)
        x = min(max(view.offset_x, keep - page_wide), wide - keep)
        y = min(max(view.offset_y, keep - page_high), high - keep)
        return ViewTransform(view.scale, x, y)

    # Showing ---------------------------------------------------------------------------------------------------------

    def _size(self) -> tuple[int, int]:
        return max(1, self.canvas.winfo_width()), max(1, self.canvas.winfo_height())

    def _on_resize(self) -> None:
        self.grow_paper()
        if self.fitted:
            self.view = self._fitting()
        self.refresh()

    def grow_paper(self) -> None:
        """Let the drawing fill the canvas."""
        if self.canvas.winfo_width() > 1 and self.fitted:
            self.state.resize_paper(self._size())

    def _on_change(self, changed: frozenset[str]) -> None:
        if "settings" in changed:
            self.recolor()
        if "page" in changed:
            self.grow_paper()
            key = self.state.document.key
            if self.fitted or key != self._painted_key:
                self.view, self.fitted = self._fitting(), True
            self._painted_key = key
            self.canvas.configure(cursor=self._cursor())
        if "tool" in changed:
            self.canvas.configure(cursor=self._cursor())
            self.canvas.itemconfigure(self._ring, state="hidden")
        if "selection" in changed and self.state.focus is not None:
            self.show_digit(self.state.focus)
        self.refresh()

    def recolor(self) -> None:
        """Take the colours of the theme."""
        self.colors = colors = palette(self.state.settings.app.theme)
        self.canvas.configure(background=colors.desk, highlightbackground=colors.desk, highlightcolor=colors.desk)
        self.canvas.itemconfigure(self._edge, outline=colors.edge)
        self.canvas.itemconfigure(self._ring, outline=colors.muted)

    def refresh(self) -> None:
        """Show the state as it is, once the events that wait are through."""
        if self._due is None:
            self._due = self.canvas.after_idle(self._paint)

    def _paint(self) -> None:
        self._due = None
        if self._pen is not None or not self.canvas.winfo_ismapped():
            return
        self._paint_page()
        self._paint_marks()
        self._paint_hint()

    def _paint_page(self) -> None:
        page = self.state.document
        if page.is_blank and self._pen is None:
            # Plain white needs no NumPy, so that the first paint waits for nothing.
            self.canvas.itemconfigure(self._background, state="hidden")
            self._outline(page.size, "#ffffff")
            return
        pyramid = self._page()
        self.canvas.itemconfigure(self._background, state="normal" if pyramid else "hidden")
        if pyramid is None:
            self._outline((0, 0), "")
        else:
            self._show_pixels(pyramid)
            self._outline(pyramid.size, "")

    def _show_pixels(self, page: Pyramid) -> None:
        from PIL import Image, ImageTk

        from hdr.app.pixels import cut

        wide, high = self._size()
        picture = Image.fromarray(cut(page, self.view, (0, 0, wide, high), self._desk()))
        if self._photo is not None and (self._photo.width(), self._photo.height()) == (wide, high):
            self._photo.paste(picture)
        else:
            self._photo = ImageTk.PhotoImage(picture, master=self.canvas)
            self.canvas.itemconfigure(self._background, image=self._photo)

    def _outline(self, size: tuple[int, int], fill: str) -> None:
        x0, y0 = self.view.to_canvas(0, 0)
        x1, y1 = self.view.to_canvas(*size)
        shown = "normal" if size != (0, 0) else "hidden"
        self.canvas.coords(self._edge, x0 - 1, y0 - 1, x1, y1)
        self.canvas.itemconfigure(self._edge, fill=fill, state=shown)

    def _page(self) -> Pyramid | None:
        """What is to be seen of the page, kept while it is the same; None while there is nothing."""
        source = self._source()
        if source is None:
            return None
        if self._shown is None or self._shown[0] is not source:
            from hdr.app.pixels import Pyramid, ink_picture

            self._shown = source, Pyramid(ink_picture(source) if source.dtype == bool else source)
        return self._shown[1]

    def _source(self) -> Any:
        page, steps = self.state.document, self.state.steps
        if self.state.view == "gray" and steps is not None:
            return steps.gray
        if self.state.view in ("ink", "boxes") and steps is not None:
            return steps.ink
        if not page.is_drawing:
            return self.state.images.get(page.key)
        return self._drawn() if page.size != (0, 0) else None

    def _drawn(self) -> Any:
        if self._paper is None:
            from hdr.app.pixels import Paper

            self._paper = Paper()
        return self._paper.gray(self.state.document.strokes, self.state.document.size)

    def _desk(self) -> tuple[int, int, int]:
        text = self.colors.desk
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)

    def _paint_marks(self) -> None:
        reading, steps = self.state.reading, self.state.steps
        if reading is None or self.state.view in ("gray", "ink"):
            self._marks.clear()
        elif self.state.view == "boxes":
            if steps is not None:
                self._marks.draw_step_boxes(reading, steps, self.view)
        else:
            self._marks.draw(reading, self.state.selected, self.view, faded=self.state.document.stale)

    def _paint_hint(self) -> None:
        self.canvas.delete("hint")
        page = self.state.document
        if page.is_blank:
            self._hint("Draw digits here", "or open a picture, drop one on the window, paste it, or take a snapshot")
        elif not page.is_drawing and page.key not in self.state.images:
            self._hint(f"Opening {page.name} …", "")

    def _hint(self, title: str, text: str) -> None:
        wide, high = self._size()
        # The paper is white in both themes: what is written on it is dark.
        on_paper = self.state.document.is_drawing
        big, small = ("#59626e", "#7c8692") if on_paper else (self.colors.text, self.colors.muted)
        self.canvas.create_text(
            wide / 2, high / 2 - px(self.canvas, 14), text=title, font="HdrLarge", fill=big, tags=("hint",)
        )
        self.canvas.create_text(
            wide / 2, high / 2 + px(self.canvas, 16), text=text, fill=small, width=wide - px(self.canvas, 80),
            justify="center", tags=("hint",),
        )  # fmt: skip


def _into(low: float, high: float, room: int, margin: int) -> float:
    """How far a span must move to lie within the room; one too long for it, to lie in its middle."""
    if low >= 0 and high <= room:
        return 0.0
    if high - low > room - 2 * margin:
        return room / 2 - (low + high) / 2
    return margin - low if low < 0 else room - margin - high
