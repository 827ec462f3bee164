"""The state's page, or a step of how it was read, to pixels on a canvas."""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING, Any

from hdr.app.pad import Point
from hdr.app.state import AppState
from hdr.app.theme import palette, px
from hdr.geometry import ViewTransform

if TYPE_CHECKING:  # the first paint waits for neither NumPy nor OpenCV
    from hdr.app.pixels import Paper, Pyramid


class PagePainter:
    """Paints the page, its outline, and what to do where there is nothing yet."""

    def __init__(self, canvas: tk.Canvas, state: AppState) -> None:
        self._canvas = canvas
        self._state = state
        self._photo: Any = None
        self._shown: tuple[Any, bool, Pyramid] | None = None
        self._paper: Paper | None = None
        self._live: Pyramid | None = None
        self._background = canvas.create_image(0, 0, anchor="nw")
        self._edge = canvas.create_rectangle(0, 0, 0, 0)

    @property
    def photo(self) -> Any:
        """What the canvas shows of the page, as Tk has it."""
        return self._photo

    def recolor(self) -> None:
        """Take the colours of the theme."""
        self._canvas.itemconfigure(self._edge, outline=self._colors().edge)

    def paint(self, view: ViewTransform) -> None:
        """Show the page as the state has it."""
        page = self._state.document
        if page.is_blank and self._live is None:
            # Plain white needs no NumPy, so that the first paint waits for nothing.
            self._canvas.itemconfigure(self._background, state="hidden")
            self._outline(view, page.size, "#ffffff")
        else:
            self._paint_pixels(view)
        self._paint_hint()

    def _paint_pixels(self, view: ViewTransform) -> None:
        page = self._page()
        self._canvas.itemconfigure(self._background, state="normal" if page else "hidden")
        if page is None:
            self._outline(view, (0, 0), "")
            return
        from PIL import Image, ImageTk

        from hdr.app.pixels import cut

        size = self._canvas.winfo_width(), self._canvas.winfo_height()
        picture = Image.fromarray(cut(page, view, (0, 0, *size), self._desk()))
        if self._photo is not None and (self._photo.width(), self._photo.height()) == size:
            self._photo.paste(picture)
        else:
            self._photo = ImageTk.PhotoImage(picture, master=self._canvas)
            self._canvas.itemconfigure(self._background, image=self._photo)
        self._outline(view, page.size, "")

    def _outline(self, view: ViewTransform, size: tuple[int, int], fill: str) -> None:
        x0, y0 = view.to_canvas(0, 0)
        x1, y1 = view.to_canvas(*size)
        self._canvas.coords(self._edge, x0 - 1, y0 - 1, x1, y1)
        self._canvas.itemconfigure(self._edge, fill=fill, state="normal" if size != (0, 0) else "hidden")

    # What is shown ---------------------------------------------------------------------------------------------------

    def _page(self) -> Pyramid | None:
        """What is to be seen of the page, kept while it is the same; None while there is nothing."""
        source = self._source()
        if source is None:
            return None
        faint = self._state.view == "boxes"
        if self._shown is None or self._shown[0] is not source or self._shown[1] is not faint:
            from hdr.app.pixels import Pyramid, ink_picture

            self._shown = source, faint, Pyramid(ink_picture(source, faint) if source.dtype == bool else source)
        return self._shown[2]

    def _source(self) -> Any:
        page, steps, view = self._state.document, self._state.steps, self._state.view
        if view == "gray" and steps is not None:
            return steps.gray
        if view in ("ink", "boxes") and steps is not None:
            return steps.ink
        if not page.is_drawing:
            return self._state.images.get(page.key)
        return self._drawn() if page.size != (0, 0) else None

    def _drawn(self) -> Any:
        if self._paper is None:
            from hdr.app.pixels import Paper

            self._paper = Paper()
        return self._paper.gray(self._state.document.strokes, self._state.document.size)

    # A stroke in the making ------------------------------------------------------------------------------------------

    def begin_stroke(self, view: ViewTransform) -> bool:
        """Get ready to draw on the page as it is shown; whether there is one."""
        from hdr.app.pixels import Pyramid

        page = self._page()
        if page is None:
            return False
        self._live = Pyramid(page.image.copy())
        self.paint(view)
        self._canvas.delete("hint")
        return True

    def end_stroke(self) -> None:
        """Show the page again as the state has it."""
        self._live = None

    def draw_stroke(self, view: ViewTransform, points: list[Point], width_px: float, erases: bool) -> None:
        """Put the newest piece of a stroke on the screen: only its own few pixels are drawn again."""
        if self._live is None:
            return
        from hdr.vision.strokes import Stroke, draw_stroke

        draw_stroke(self._live.image, Stroke(tuple(points), width_px, erases))
        area = self._area(view, points, width_px)
        if area[0] < area[2] and area[1] < area[3] and self._photo is not None:
            self._patch(view, area)

    def _area(self, view: ViewTransform, points: list[Point], width_px: float) -> tuple[int, int, int, int]:
        reach = width_px / 2 * view.scale + 3
        across, down = zip(*(view.to_canvas(x, y) for x, y in points), strict=True)
        x0, y0 = max(0, int(min(across) - reach)), max(0, int(min(down) - reach))
        x1 = min(self._canvas.winfo_width(), int(max(across) + reach) + 1)
        return x0, y0, x1, min(self._canvas.winfo_height(), int(max(down) + reach) + 1)

    def _patch(self, view: ViewTransform, area: tuple[int, int, int, int]) -> None:
        from PIL import Image, ImageTk

        from hdr.app.pixels import Pyramid, cut

        assert self._live is not None
        # Halves made before this piece would not have its ink; a patch is small enough to do without them.
        piece = cut(Pyramid(self._live.image), view, area, self._desk())
        patch = ImageTk.PhotoImage(Image.fromarray(piece), master=self._canvas)
        self._canvas.tk.call(str(self._photo), "copy", str(patch), "-to", area[0], area[1])

    # Nothing yet -----------------------------------------------------------------------------------------------------

    def _paint_hint(self) -> None:
        self._canvas.delete("hint")
        page = self._state.document
        if page.is_blank:
            self._hint("Draw digits here", "or open a picture, drop one on the window, paste it, or take a snapshot")
        elif not page.is_drawing and page.key not in (*self._state.images, *self._state.missing):
            self._hint(f"Opening {page.name} …", "")

    def _hint(self, title: str, text: str) -> None:
        canvas, colors = self._canvas, self._colors()
        middle, down = canvas.winfo_width() / 2, canvas.winfo_height() / 2
        # The paper is white in both themes: what is written on it is dark.
        big, small = ("#59626e", "#6b7480") if self._state.document.is_drawing else (colors.text, colors.muted)
        canvas.create_text(middle, down - px(canvas, 14), text=title, font="HdrLarge", fill=big, tags=("hint",))
        canvas.create_text(
            middle, down + px(canvas, 16), text=text, fill=small, width=2 * middle - px(canvas, 80), justify="center",
            tags=("hint",),
        )  # fmt: skip

    def _colors(self) -> Any:
        return palette(self._state.settings.app.theme)

    def _desk(self) -> tuple[int, int, int]:
        text = self._colors().desk
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
