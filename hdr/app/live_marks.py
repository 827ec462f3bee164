"""What was read off a frame to boxes and labels on the canvas, as on a page; the items are kept from frame to frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hdr.app.kept_canvas import KeptCanvas
from hdr.app.marks import TAG, Marks
from hdr.app.theme import SELECTED, px
from hdr.classify.names import NOT_A_DIGIT
from hdr.geometry import Box, ViewTransform

if TYPE_CHECKING:
    from hdr.reading.results import Digit, Reading

_FIELD_TO_INK = 28 / 20
_GROWN, _DIFFERS = "#56b4e9", "#d55e00"  # of Okabe and Ito's palette (2008), each with a pattern of its own


class LiveMarks:
    """The marks of one frame on a canvas that keeps its items under `hdr.app.marks.TAG`."""

    def __init__(self, canvas: KeptCanvas) -> None:
        self._canvas = canvas
        self._marks = Marks(canvas)

    def draw(
        self, reading: Reading, view: ViewTransform, selected: int | None, *, grown: bool, differing: Mapping[int, str]
    ) -> None:
        """Mark every digit.

        Parameters
        ----------
        reading
            What was read.
        view
            Where the frame lies on the canvas.
        selected
            Index of the digit that is selected; None for none.
        grown
            Whether to show how much of the frame around each digit the model is given.
        differing
            By index what another model says where it says something else.
        """
        self._canvas.begin()
        self._marks.draw(reading, () if selected is None else (selected,), view, faded=False)
        for index, digit in enumerate(reading.digits):
            if grown and digit.is_digit:
                self._outline(view.box_to_canvas(grown_box(digit)), _GROWN, 1, (2, 3))
            if index in differing:
                self._strike(view.box_to_canvas(digit.box), differing[index])
        self._canvas.end()

    def clear(self) -> None:
        """Take all marks away."""
        self._canvas.delete(TAG)

    def _outline(self, box: tuple[float, ...], color: str, width: float, dash: tuple[int, ...]) -> None:
        self._canvas.create_rectangle(*box, outline=color, width=px(self._canvas, width), dash=dash, tags=(TAG,))

    def _strike(self, box: tuple[float, ...], other: str) -> None:
        """A thick line below what two models do not agree on, and what the other one says."""
        canvas, gap = self._canvas, px(self._canvas, 8)
        x0, _, x1, y1 = box
        for color, width in (("#1d2126", 6), (SELECTED, 4)):
            canvas.create_line(x0, y1 + gap, x1, y1 + gap, fill=color, width=px(canvas, width), tags=(TAG,))
        canvas.create_text(
            x1 + px(canvas, 4),
            y1 + gap,
            text=f"≠ {'✕' if other == NOT_A_DIGIT else other}",
            anchor="w",
            font="HdrTitle",
            fill=_DIFFERS,
            tags=(TAG,),
        )


def grown_box(digit: Digit) -> Box:
    """Return the part of the frame that fills the model's field: the ink fills 20 of its 28 pixels, balanced in it.

    `hdr.vision.normalize` puts the ink's centre of mass in the middle, as MNIST did (LeCun et al. 1998).
    """
    import numpy as np

    weight = digit.crop.pixels.astype(np.float32)
    mass = max(float(weight.sum()), 1e-9)
    box = digit.box
    across = box.x0 + float(weight.sum(axis=0) @ np.arange(weight.shape[1])) / mass
    down = box.y0 + float(weight.sum(axis=1) @ np.arange(weight.shape[0])) / mass
    half = max(box.width, box.height) * _FIELD_TO_INK / 2
    return Box(round(across - half), round(down - half), round(across + half), round(down + half))
