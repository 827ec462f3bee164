"""Boxes in image pixels, and the map between the image and a canvas that shows it zoomed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of whole image pixels, half-open: ``x0 <= x < x1``, ``y0 <= y < y1``; x to the right, y down."""

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def from_xywh(cls, x: int, y: int, width: int, height: int) -> Box:
        """From the corner and the size, as OpenCV and the JSON output have it."""
        return cls(int(x), int(y), int(x) + int(width), int(y) + int(height))

    @property
    def xywh(self) -> tuple[int, int, int, int]:
        """``(x, y, width, height)`` in pixels."""
        return self.x0, self.y0, self.width, self.height

    @property
    def width(self) -> int:
        """In pixels; 0 for an empty box."""
        return self.x1 - self.x0 if self.x1 > self.x0 else 0  # `max` takes twice the time, and is asked for thousands

    @property
    def height(self) -> int:
        """In pixels; 0 for an empty box."""
        return self.y1 - self.y0 if self.y1 > self.y0 else 0

    @property
    def area(self) -> int:
        """In pixels."""
        return self.width * self.height

    @property
    def center(self) -> tuple[float, float]:
        """``(x, y)`` of the middle, in pixels."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def slices(self) -> tuple[slice, slice]:
        """``(rows, columns)`` that cut this box out of an array of shape (height, width, ...)."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1

    def padded(self, margin_px: int) -> Box:
        """Grown by a margin on each side; not clipped."""
        return Box(self.x0 - margin_px, self.y0 - margin_px, self.x1 + margin_px, self.y1 + margin_px)

    def clipped(self, width: int, height: int) -> Box:
        """The part inside an image of that size."""
        x0, y0 = min(max(self.x0, 0), width), min(max(self.y0, 0), height)
        return Box(x0, y0, max(x0, min(self.x1, width)), max(y0, min(self.y1, height)))

    def shifted(self, dx: int, dy: int) -> Box:
        """Moved by whole pixels."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def intersection(self, other: Box) -> int:
        """Pixels that both boxes cover."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0, width) * max(0, height)

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


def bounding_box(boxes: Iterable[Box]) -> Box:
    """Return the smallest box that holds all of them; ``Box(0, 0, 0, 0)`` for none."""
    whole: Box | None = None
    for box in boxes:
        whole = box if whole is None else whole.union(box)
    return whole or Box(0, 0, 0, 0)


def iou(a: Box, b: Box) -> float:
    """Return the intersection over union of two boxes, 0 to 1; 0 where both are empty."""
    both = a.intersection(b)
    either = a.area + b.area - both
    return both / either if either else 0.0


def hit(boxes: Iterable[Box], x: float, y: float, slack_px: float = 0) -> int | None:
    """Return the index of the smallest box under a point, or None.

    Parameters
    ----------
    boxes
        In any order.
    x, y
        A point in image pixels.
    slack_px
        How far outside a box still counts, so that a thin "1" can be hit.
    """
    best: tuple[int, int] | None = None
    for index, box in enumerate(boxes):
        inside = box.x0 - slack_px <= x < box.x1 + slack_px and box.y0 - slack_px <= y < box.y1 + slack_px
        if inside and (best is None or box.area < best[0]):
            best = (box.area, index)
    return None if best is None else best[1]


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """Where an image lies on a canvas: ``canvas = image * scale + offset``, in pixels."""

    scale: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0

    @classmethod
    def fit(
        cls, image_size: tuple[int, int], canvas_size: tuple[int, int], largest_scale: float = 8.0
    ) -> ViewTransform:
        """Show a whole image of (width, height) in the middle of a canvas of (width, height)."""
        width, height = max(1, image_size[0]), max(1, image_size[1])
        scale = min(canvas_size[0] / width, canvas_size[1] / height, largest_scale)
        scale = max(scale, 1e-6)
        return cls(scale, (canvas_size[0] - width * scale) / 2, (canvas_size[1] - height * scale) / 2)

    def to_canvas(self, x: float, y: float) -> tuple[float, float]:
        """Image pixels to canvas pixels."""
        return x * self.scale + self.offset_x, y * self.scale + self.offset_y

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Canvas pixels to image pixels."""
        return (x - self.offset_x) / self.scale, (y - self.offset_y) / self.scale

    def box_to_canvas(self, box: Box) -> tuple[float, float, float, float]:
        """``(x0, y0, x1, y1)`` on the canvas."""
        return (*self.to_canvas(box.x0, box.y0), *self.to_canvas(box.x1, box.y1))

    def zoomed(self, factor: float, x: float, y: float) -> ViewTransform:
        """Zoom about a canvas point, which stays over the same image point."""
        return ViewTransform(self.scale * factor, x + (self.offset_x - x) * factor, y + (self.offset_y - y) * factor)

    def panned(self, dx: float, dy: float) -> ViewTransform:
        """Move by canvas pixels."""
        return ViewTransform(self.scale, self.offset_x + dx, self.offset_y + dy)
