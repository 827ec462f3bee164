"""The page on a canvas: zoomed, moved, drawn on, its digits marked and picked."""

from __future__ import annotations

import tkinter as tk

from hdr.app.actions import ViewerVerbs
from hdr.app.box_hand import BoxHand
from hdr.app.controller import Controller
from hdr.app.document import digit_at
from hdr.app.left_out import LeftOut
from hdr.app.marks import Marks
from hdr.app.pad import Pen, Point
from hdr.app.painter import PagePainter
from hdr.app.step_marks import StepMarks
from hdr.app.theme import palette, px
from hdr.app.viewport import Viewport
from hdr.geometry import ViewTransform

_SHIFT, _CONTROL = 0x1, 0x4
_CURSORS = {"pen": "pencil", "eraser": "dotbox", "select": "arrow", "box": "crosshair", "cut": "pencil"}
_ERASER_WIDER = 2
_Event = tk.Event  # of any widget


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
        self.canvas = tk.Canvas(parent, highlightthickness=px(parent, 2), bd=0, takefocus=True, cursor="pencil")
        self.port = Viewport(px(parent, 24))
        self.painter = PagePainter(self.canvas, self.state)
        self._marks = Marks(self.canvas)
        self._step_marks = StepMarks(self.canvas)
        self._boxes = BoxHand(self.canvas, controller, self._digit_at)
        self._pen: Pen | None = None
        self._grab: Point | None = None
        self._space = False
        self._due: str | None = None
        self._shown_key = 0
        self._left_out = LeftOut(self.canvas, self.state, self._marks)
        self._ring = self.canvas.create_oval(0, 0, 0, 0, state="hidden")
        self._bind_pointer()
        self._bind_keys()
        self.recolor()
        self.state.listen(self._on_change)

    @property
    def view(self) -> ViewTransform:
        """Where the page lies on the canvas."""
        return self.port.view

    @property
    def fitted(self) -> bool:
        """Whether the whole page is shown, and stays so when the window changes."""
        return self.port.fitted

    def _bind_pointer(self) -> None:
        bind = self.canvas.bind
        bind("<Configure>", lambda _: self._on_resize())
        bind("<Map>", lambda _: self.refresh())  # what changed while another screen was shown was not painted
        bind("<ButtonPress-1>", self._on_press)
        bind("<B1-Motion>", self._on_drag)
        bind("<ButtonRelease-1>", self._on_release)
        for button in (2, 3):
            bind(f"<ButtonPress-{button}>", self._on_grab)
            bind(f"<B{button}-Motion>", self._on_pan)
            bind(f"<ButtonRelease-{button}>", lambda _: self._let_go())
        bind("<MouseWheel>", lambda event: self._on_wheel(event, 1 if event.delta > 0 else -1))
        bind("<Button-4>", lambda event: self._on_wheel(event, 1))
        bind("<Button-5>", lambda event: self._on_wheel(event, -1))
        bind("<Motion>", self._on_hover)
        bind("<Leave>", lambda _: self._on_leave())

    def _bind_keys(self) -> None:
        bind = self.canvas.bind
        bind("<KeyPress-space>", lambda _: self._hold_space(True))
        bind("<KeyRelease-space>", lambda _: self._hold_space(False))
        bind("<Escape>", lambda _: "break" if self._boxes.cancel() else None)
        bind("<Tab>", lambda _: self._walk(1))
        bind("<Shift-Tab>", lambda _: self._walk(-1))
        if self.canvas.tk.call("tk", "windowingsystem") == "x11":
            bind("<ISO_Left_Tab>", lambda _: self._walk(-1))
        for sequence in ("<KeyRelease-Tab>", "<KeyPress-Left>", "<KeyPress-Right>", "<KeyPress-Up>", "<KeyPress-Down>"):
            bind(sequence, lambda _: self._show_focus(True), add="+")

    # Keys ------------------------------------------------------------------------------------------------------------

    def _walk(self, step: int) -> str | None:
        """Tab goes from digit to digit, and on to the next widget after the last one."""
        return "break" if self.state.walk(step) else None

    def _show_focus(self, by_keyboard: bool) -> None:
        """A ring for those who go by keys; it would only disturb those who draw."""
        colors = palette(self.state.settings.app.theme)
        self.canvas.configure(highlightcolor=colors.accent if by_keyboard else colors.desk)

    def _hold_space(self, down: bool) -> str:
        self._space = down
        self._set_cursor("fleur" if down else self._cursor())
        return "break"

    # The pointer -----------------------------------------------------------------------------------------------------

    def _on_press(self, event: _Event[tk.Misc]) -> None:
        self.canvas.focus_set()
        self._show_focus(False)
        if self._space:
            self._on_grab(event)
        elif self.state.hand in ("box", "cut") and self._can_edit():
            extend = bool(int(event.state) & (_SHIFT | _CONTROL))
            self._boxes.press(event.x, event.y, self.view, extend=extend)
        elif self._picks(event):
            self._pick(event)
        elif self.state.view == "page":
            self._start_stroke(event)

    def _picks(self, event: _Event[tk.Misc]) -> bool:
        return self.state.hand not in ("pen", "eraser") or bool(int(event.state) & _SHIFT)

    def _can_edit(self) -> bool:
        """Whether there is a page to draw boxes on."""
        page = self.state.document
        return self.state.view == "page" and (bool(page.strokes) or page.key in self.state.images)

    def _pick(self, event: _Event[tk.Misc]) -> None:
        index = self._digit_at(event.x, event.y)
        extend = bool(int(event.state) & (_SHIFT | _CONTROL))
        if index is not None or not extend:
            self.state.select(index, extend=extend)
        if index is None and not extend:
            self._on_grab(event)

    def _digit_at(self, x: float, y: float) -> int | None:
        if self.state.reading is None:
            return None
        return digit_at(self.state.reading, *self.view.to_image(x, y), px(self.canvas, 4) / self.view.scale)

    def _on_drag(self, event: _Event[tk.Misc]) -> None:
        if self._pen is not None:
            self._pen.move(event.x, event.y)
            self._show_ring(event)
        elif self._boxes.is_busy:
            self._boxes.drag(event.x, event.y, self.view)
        else:
            self._on_pan(event)

    def _on_release(self, event: _Event[tk.Misc]) -> None:
        self._let_go()
        self._boxes.release(self.view)
        pen, self._pen = self._pen, None
        if pen is None:
            return
        pen.lift()
        self.painter.end_stroke()
        digit = self._digit_at(event.x, event.y) if pen.is_tap and not pen.erases else None
        if digit is not None:
            # A tap on what was read picks it; a dot there would hardly be meant.
            self.state.select(digit)
            self.refresh()
            return
        from hdr.vision.strokes import Stroke

        self.controller.pen_up(Stroke(pen.points, pen.width_px, pen.erases))

    def _start_stroke(self, event: _Event[tk.Misc]) -> None:
        if not self.painter.begin_stroke(self.view):
            return
        view, erases, width = self.view, self.state.tool == "eraser", self._tool_width()
        self._pen = Pen(view, width, erases, lambda points: self.painter.draw_stroke(view, points, width, erases))
        self._pen.move(event.x, event.y)

    def _tool_width(self) -> float:
        wider = _ERASER_WIDER if self.state.tool == "eraser" else 1
        # As wide to the eye on a dense screen, whose paper has more pixels.
        return float(px(self.canvas, self.state.settings.app.pen_width_px) * wider)

    def _on_hover(self, event: _Event[tk.Misc]) -> None:
        draws = self.state.hand in ("pen", "eraser") and not self._space
        if self.state.hand in ("box", "cut") and not self._space:
            self._set_cursor(self._boxes.cursor(event.x, event.y, self.view))
        else:
            over = None if draws and not int(event.state) & _SHIFT else self._digit_at(event.x, event.y)
            self._set_cursor("fleur" if self._space else "hand2" if over is not None else self._cursor())
        self._left_out.show_near(event.x, event.y, self.view)
        if draws:
            self._show_ring(event)

    def _on_leave(self) -> None:
        self.canvas.itemconfigure(self._ring, state="hidden")
        self._left_out.hide()

    def _cursor(self) -> str:
        return _CURSORS[self.state.hand]

    def _set_cursor(self, cursor: str) -> None:
        if self.canvas.cget("cursor") != cursor:
            self.canvas.configure(cursor=cursor)

    def _show_ring(self, event: _Event[tk.Misc]) -> None:
        """A ring as wide as what the eraser takes away."""
        radius = self._tool_width() * self.view.scale / 2
        self.canvas.coords(self._ring, event.x - radius, event.y - radius, event.x + radius, event.y + radius)
        self.canvas.itemconfigure(self._ring, state="normal" if self.state.tool == "eraser" else "hidden")

    # Moving and zooming ----------------------------------------------------------------------------------------------

    def _on_grab(self, event: _Event[tk.Misc]) -> None:
        self._grab = (event.x, event.y)

    def _let_go(self) -> None:
        self._grab = None
        self._set_cursor("fleur" if self._space else self._cursor())

    def _on_pan(self, event: _Event[tk.Misc]) -> None:
        if self._grab is None:
            return
        dx, dy = event.x - self._grab[0], event.y - self._grab[1]
        self._grab = (event.x, event.y)
        self._set_cursor("fleur")
        self.pan(dx, dy)

    def pan(self, dx: float, dy: float) -> None:
        """Move the page by canvas pixels."""
        before = self.view
        self.port.pan(dx, dy)
        if self._due is None:
            # The marks go along at once; they are drawn anew with the page.
            self._marks.shift(self.view.offset_x - before.offset_x, self.view.offset_y - before.offset_y)
        self._view_changed()

    def _on_wheel(self, event: _Event[tk.Misc], up: int) -> None:
        if int(event.state) & _SHIFT:
            self.pan(up * px(self.canvas, 60), 0)
        else:
            self.port.zoom(1.2**up, event.x, event.y)
            self._view_changed()

    def zoom(self, factor: float) -> None:
        """Zoom about the middle."""
        self.port.zoom(factor)
        self._view_changed()

    def fit(self) -> None:
        """Show the whole page."""
        self.port.fit(is_paper=self.state.document.is_drawing)
        self._view_changed()

    def actual_size(self) -> None:
        """Show one image pixel as one screen pixel."""
        self.zoom(1 / self.view.scale)

    def _view_changed(self) -> None:
        self.refresh()
        self.canvas.event_generate("<<ViewChanged>>")

    # Showing ---------------------------------------------------------------------------------------------------------

    def _on_resize(self) -> None:
        self.port.canvas_size = max(1, self.canvas.winfo_width()), max(1, self.canvas.winfo_height())
        self._grow_paper()
        self._follow_page()
        self._view_changed()

    def _grow_paper(self) -> None:
        """Let the drawing fill the canvas."""
        if self.canvas.winfo_width() > 1 and self.fitted:
            self.state.resize_paper(self.port.canvas_size)

    def _follow_page(self) -> None:
        """Show all of a page that is new, or was all shown."""
        page = self.state.document
        self.port.page_size = page.size
        if self.fitted or page.key != self._shown_key:
            self.port.fit(is_paper=page.is_drawing)
        self._shown_key = page.key

    def _on_change(self, changed: frozenset[str]) -> None:
        if "settings" in changed:
            self.recolor()
        if "page" in changed:
            # A page that is new is all shown, wherever the last one was zoomed to.
            self.port.fitted |= self.state.document.key != self._shown_key
            self._grow_paper()
            self._follow_page()
        if changed & {"pages", "tool"}:
            self._boxes.cancel()
        if changed & {"page", "tool"}:
            self._set_cursor(self._cursor())
            self.canvas.itemconfigure(self._ring, state="hidden")
        if "selection" in changed and not self.fitted:
            self._show_selected()
        self.refresh()

    def _show_selected(self) -> None:
        if self.state.reading is not None and self.state.focus is not None:
            self.port.bring_into_sight(self.state.reading.digits[self.state.focus].box)

    def recolor(self) -> None:
        """Take the colours of the theme."""
        colors = palette(self.state.settings.app.theme)
        self.canvas.configure(background=colors.desk, highlightbackground=colors.desk, highlightcolor=colors.desk)
        self.canvas.itemconfigure(self._ring, outline=colors.muted)
        self.painter.recolor()

    def refresh(self) -> None:
        """Show the state as it is, once the events that wait are through."""
        if self._due is None:
            self._due = self.canvas.after_idle(self._paint)

    def _paint(self) -> None:
        self._due = None
        if self._pen is None and self.canvas.winfo_ismapped():
            self.painter.paint(self.view)
            self._paint_marks()

    def _paint_marks(self) -> None:
        self._left_out.forget()
        reading, steps = self.state.reading, self.state.steps
        if reading is None or self.state.view in ("gray", "ink"):
            self._marks.clear()
        elif self.state.view == "boxes":
            self._marks.clear()
            if steps is not None:
                self._step_marks.draw(reading, steps, self.view, palette(self.state.settings.app.theme))
        else:
            faded, shown = self.state.document.stale, self._left_out.is_all_shown
            boxes = self.state.hand in ("box", "cut")
            self._marks.draw(reading, self.state.selected, self.view, faded=faded, left_out=shown, boxes=boxes)
