"""Where the page lies on the canvas: zooming, moving and fitting as plain arithmetic, without a window."""

from __future__ import annotations

from hdr.geometry import Box, ViewTransform

LEAST_ZOOM, MOST_ZOOM = 0.01, 40.0
_LARGEST_FIT = 4.0  # a tiny picture is not blown up to fill the window


class Viewport:
    """The part of the page that is seen.

    Parameters
    ----------
    margin_px
        Around a picture that is fitted into the canvas.
    """

    def __init__(self, margin_px: int) -> None:
        self.view = ViewTransform()
        self.fitted = True
        self.canvas_size = (1, 1)
        self.page_size = (1, 1)
        self._margin = margin_px

    def fit(self, *, is_paper: bool) -> None:
        """Show the whole page. A drawing's paper fills the canvas and is never enlarged."""
        wide, high = self.canvas_size
        if is_paper:
            found = ViewTransform.fit(self.page_size, self.canvas_size, 1.0)
            self.view = ViewTransform(found.scale, round(found.offset_x), round(found.offset_y))
        else:
            inner = max(1, wide - 2 * self._margin), max(1, high - 2 * self._margin)
            found = ViewTransform.fit(self.page_size, inner, _LARGEST_FIT)
            self.view = found.panned(self._margin, self._margin)
        self.fitted = True

    def zoom(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """Zoom about a point of the canvas, which stays over the same point of the page; if not told, the middle."""
        wide, high = self.canvas_size
        scale = min(max(self.view.scale * factor, LEAST_ZOOM), MOST_ZOOM)
        about = (wide / 2 if x is None else x), (high / 2 if y is None else y)
        self._set(self.view.zoomed(scale / self.view.scale, *about))

    def pan(self, dx: float, dy: float) -> None:
        """Move the page by canvas pixels; some of it always stays in sight."""
        self._set(self.view.panned(dx, dy))

    def bring_into_sight(self, box: Box) -> bool:
        """Move the page so that a box of it is seen; whether that was needed."""
        x0, y0, x1, y1 = self.view.box_to_canvas(box)
        wide, high = self.canvas_size
        dx, dy = _into(x0, x1, wide, 2 * self._margin), _into(y0, y1, high, 2 * self._margin)
        if dx or dy:
            self.pan(dx, dy)
        return bool(dx or dy)

    def _set(self, view: ViewTransform) -> None:
        wide, high = self.canvas_size
        page_wide, page_high = (side * view.scale for side in self.page_size)
        keep = 2 * self._margin
        x = min(max(view.offset_x, keep - page_wide), wide - keep)
        y = min(max(view.offset_y, keep - page_high), high - keep)
        self.view, self.fitted = ViewTransform(view.scale, x, y), False


def _into(low: float, high: float, room: int, margin: int) -> float:
    """How far a span must move to lie within the room; one too long for it, to lie in its middle."""
    if low >= 0 and high <= room:
        return 0.0
    if high - low > room - 2 * margin:
        return room / 2 - (low + high) / 2
    return margin - low if low < 0 else room - margin - high
