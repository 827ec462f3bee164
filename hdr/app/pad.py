"""The pen: pointer movements on the canvas to a smooth stroke on the page, drawn as it comes."""

from __future__ import annotations

import math
from collections.abc import Callable

from hdr.geometry import ViewTransform

Point = tuple[float, float]
_SPACING_PX = 2.0
_TAP_PX = 3.0


class Smoother:
    """Points as the pointer reports them to a curve through the middles between them.

    Each middle is the end of one quadratic Bézier curve and the start of the next, the point itself being the control
    point: what was given out never changes, so a curve can be drawn while it is made.
    """

    def __init__(self) -> None:
        self._raw: list[Point] = []
        self.points: list[Point] = []

    def add(self, x: float, y: float) -> list[Point]:
        """Take a point; return the part of the curve that is certain now."""
        if self._raw and math.dist(self._raw[-1], (x, y)) < 0.5:
            return []
        self._raw.append((x, y))
        if len(self._raw) == 1:
            new = [(x, y)]
        elif len(self._raw) == 2:
            new = _line(self._raw[0], _middle(*self._raw))
        else:
            a, b, c = self._raw[-3:]
            new = _curve(_middle(a, b), b, _middle(b, c))
        self.points += new
        return new

    def end(self) -> list[Point]:
        """Return the rest, up to the last point."""
        new = [self._raw[-1]] if len(self._raw) > 1 else []
        self.points += new
        return new


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _line(a: Point, b: Point) -> list[Point]:
    del a
    return [b]


def _curve(start: Point, control: Point, end: Point) -> list[Point]:
    steps = max(1, round((math.dist(start, control) + math.dist(control, end)) / (2 * _SPACING_PX)))
    points = []
    for step in range(1, steps + 1):
        t = step / steps
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        points.append((a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1]))
    return points


class Pen:
    """One stroke in the making.

    Parameters
    ----------
    view
        Where the page lies on the canvas.
    width_px
        Width of the stroke on the page.
    erases
        Whether it takes ink away.
    draw
        Called with each new piece, as points of the page that begin where the last piece ended.
    """

    def __init__(self, view: ViewTransform, width_px: float, erases: bool, draw: Callable[[list[Point]], None]) -> None:
        self.width_px = width_px
        self.erases = erases
        self._view = view
        self._draw = draw
        self._smoother = Smoother()
        self._start: Point | None = None
        self._moved = 0.0

    @property
    def is_tap(self) -> bool:
        """Whether the pointer has hardly moved since it came down."""
        return self._moved <= _TAP_PX

    @property
    def points(self) -> tuple[Point, ...]:
        """The stroke so far, in page pixels."""
        return tuple(self._smoother.points)

    def move(self, x: float, y: float) -> None:
        """Take a position of the pointer on the canvas."""
        self._start = self._start or (x, y)
        self._moved = max(self._moved, math.dist(self._start, (x, y)))
        self._show(self._smoother.add(*self._view.to_image(x, y)))

    def lift(self) -> None:
        """End the stroke."""
        self._show(self._smoother.end())

    def _show(self, new: list[Point]) -> None:
        if new:
            before = len(self._smoother.points) - len(new)
            joint = self._smoother.points[before - 1 : before] if before else []
            self._draw([*joint, *new])
