"""Single digits to whole sheets with their truth: placed, inked and written in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.bench.pens import redraw
from hdr.geometry import Box

Floats = NDArray[np.float32]
Digits = tuple[NDArray[np.uint8], Sequence[str]]
"""What is written with: pictures of shape (digits, height, width), white on black, and a label each."""
Colour = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class TruePage:
    """A page whose digits are known.

    Parameters
    ----------
    image
        Shape (height, width, 3), ``uint8`` RGB.
    rows
        The labels by row, from the top.
    boxes
        Box and label of each digit; None where only the labels are known.
    name
        What it is, for a report.
    kind
        A group that is reported on its own.
    """

    image: NDArray[np.uint8]
    rows: tuple[str, ...]
    boxes: tuple[tuple[Box, str], ...] | None
    name: str = ""
    kind: str = ""


@dataclass(frozen=True)
class PageStyle:
    """How a page is written. Lengths are in heights of a digit unless they say otherwise.

    Parameters
    ----------
    size
        (width, height) in pixels.
    digit_px
        Height of a digit.
    rows, columns
        How many digits.
    gap
        Between one digit and the next; below zero they touch.
    slope
        Of the rows, dy/dx.
    blocks, gutter
        Columns of rows that stand side by side, and the room between them.
    margin
        Between the paper's edge and the writing.
    pen
        Width of the pen; None leaves each digit its own. 0 is the thinnest that there is, one pixel.
    faint
        How much ink every other digit or so lacks, 0 to 1.
    uneven
        How far heights differ from one digit to the next.
    ink, paper
        RGB.
    """

    size: tuple[int, int] = (1000, 700)
    digit_px: int = 60
    rows: int = 5
    columns: int = 12
    gap: float = 0.5
    slope: float = 0.0
    blocks: int = 1
    gutter: float = 1.5
    margin: float = 0.6
    pen: float | None = None
    faint: float = 0.0
    uneven: float = 0.15
    ink: Colour = (40, 40, 60)
    paper: Colour = (235, 232, 225)


@dataclass(frozen=True, eq=False)
class Placed:
    """One digit on a sheet.

    Parameters
    ----------
    label
        Which.
    row
        Its row, from the top of the sheet as it was written.
    outline
        Shape (points, 2): x and y in pixels of points around its ink.
    """

    label: str
    row: int
    outline: NDArray[np.float64]

    @property
    def box(self) -> Box:
        """The smallest box around it."""
        (x0, y0), (x1, y1) = self.outline.min(axis=0), self.outline.max(axis=0)
        return Box(round(x0), round(y0), round(x1), round(y1))


@dataclass(frozen=True, eq=False)
class Sheet:
    """A page in the making.

    Parameters
    ----------
    pixels
        Shape (height, width, 3), RGB, 0 to 255.
    digits
        In reading order.
    """

    pixels: Floats
    digits: list[Placed] = field(default_factory=list)

    def put(self, ink: Floats, x: float, y: float, colour: Colour) -> Box | None:
        """Lay ink of shape (height, width), 0 to 1, on the paper, its middle at (x, y); None where it does not fit."""
        height, width = ink.shape
        box = Box.from_xywh(round(x - width / 2), round(y - height / 2), width, height)
        if box.x0 < 3 or box.y0 < 3 or box.x1 > self.pixels.shape[1] - 3 or box.y1 > self.pixels.shape[0] - 3:
            return None
        part = self.pixels[box.slices]
        part += (np.array(colour, np.float32) - part) * ink[:, :, None]
        return box

    def write(self, ink: Floats, label: str, row: int, place: tuple[float, float], colour: Colour) -> Box | None:
        """Put a digit and remember it; None where it does not fit."""
        box = self.put(ink, *place, colour)
        if box:
            self.digits.append(Placed(label, row, _outline(ink) + np.array((box.x0, box.y0))))
        return box

    def warped(self, matrix: NDArray[np.float64], size: tuple[int, int]) -> Sheet:
        """Return the sheet as seen another way: by a 3x3 matrix, on an image of (width, height)."""
        paper = np.median(self.pixels, axis=(0, 1)).tolist()
        pixels = cv2.warpPerspective(self.pixels, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=paper)
        moved = [replace(one, outline=cv2.perspectiveTransform(one.outline[None], matrix)[0]) for one in self.digits]
        return Sheet(np.asarray(pixels, np.float32), moved)

    def page(self, name: str = "", kind: str = "") -> TruePage:
        """Return it as a page with its truth."""
        rows: dict[int, str] = {}
        for one in self.digits:
            rows[one.row] = rows.get(one.row, "") + one.label
        boxes = tuple((one.box, one.label) for one in self.digits)
        return TruePage(to_bytes(self.pixels), tuple(rows[row] for row in sorted(rows)), boxes, name, kind)


def compose_page(
    digits: NDArray[np.uint8], labels: Sequence[str], rng: np.random.Generator, style: PageStyle | None = None
) -> TruePage:
    """Write a page with digits picked at random.

    Parameters
    ----------
    digits
        Shape (digits, height, width), ``uint8``, white on black.
    labels
        One each.
    rng
        Decides which digits, and their place and size.
    style
        How the page is written.
    """
    return write_sheet((digits, labels), rng, style).page()


def write_sheet(digits: Digits, rng: np.random.Generator, style: PageStyle | None = None) -> Sheet:
    """Write a sheet in rows with digits picked at random."""
    style = style or PageStyle()
    sheet = blank_sheet(style.size, style.paper, rng)
    for row in range(style.rows):
        for block in range(style.blocks):
            _write_run(sheet, digits, rng, style, (row, block))
    return sheet


def blank_sheet(size: tuple[int, int], paper: Colour, rng: np.random.Generator) -> Sheet:
    """Return paper of (width, height) and a colour, with its grain."""
    grain = rng.normal(0, 1.5, (size[1], size[0], 1))
    return Sheet((np.array(paper) + grain).astype(np.float32))


def _write_run(
    sheet: Sheet, digits: Digits, rng: np.random.Generator, style: PageStyle, place: tuple[int, int]
) -> None:
    """Write one row of one block, as far as there is room."""
    row, block = place
    width, height = style.size
    unit = style.digit_px
    above = max(0.0, style.margin - PageStyle.margin) * unit
    pitch = (height - 2 * above) / style.rows
    room = (width - 2 * style.margin * unit + style.gutter * unit) / style.blocks
    left = style.margin * unit + block * room
    end = left + room - style.gutter * unit
    for _ in range(style.columns):
        index = int(rng.integers(len(digits[0])))
        ink = glyph(digits[0][index], unit * rng.uniform(1 - style.uneven, 1 + style.uneven), style.pen)
        if style.faint and rng.random() < 0.5:
            ink = ink * np.float32(1 - style.faint)
        if left + ink.shape[1] > end:
            break
        x = left + ink.shape[1] / 2
        y = above + pitch * (row + 0.5) + style.slope * (left - width / 2) + rng.uniform(-0.06, 0.06) * unit
        sheet.write(ink, digits[1][index], row, (x, y), style.ink)
        left += ink.shape[1] + style.gap * unit


def glyph(digit: NDArray[np.uint8], height_px: float, pen: float | None = None) -> Floats:
    """Return one digit enlarged, its edge as sharp as a pen's: shape (height, width), 0 to 1, cut to its ink.

    Parameters
    ----------
    digit
        Shape (height, width), ``uint8``, white on black.
    height_px
        How long its long side becomes.
    pen
        Width of the pen that it is drawn again with, in heights; None leaves it as it is.
    """
    ink = np.pad(_cut((digit / 255).astype(np.float32), 0.0), 2)
    factor = height_px / max(ink.shape[0] - 4, ink.shape[1] - 4)
    grown = cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    sharp = np.clip((grown - 0.5) * max(1.0, min(factor, 4.0)) + 0.5, 0, 1)
    if pen is not None:
        sharp = redraw(sharp > 0.5, max(1, round(pen * height_px)))
    # A thin stroke of a few pixels is nowhere half as dark as the pen.
    return _cut(np.asarray(sharp, np.float32), 0.5 * float(sharp.max()))


def _cut(ink: Floats, least: float) -> Floats:
    rows, columns = np.flatnonzero((ink > least).any(axis=1)), np.flatnonzero((ink > least).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _outline(ink: Floats) -> NDArray[np.float64]:
    """The corners of the pixels on the hull of the ink."""
    y, x = np.nonzero(ink >= 0.5 * ink.max())
    hull = cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32)).reshape(-1, 2).astype(np.float64)
    return np.concatenate([hull + corner for corner in ((0, 0), (1, 0), (0, 1), (1, 1))])


def to_bytes(pixels: Floats) -> NDArray[np.uint8]:
    """Return an image as it is saved: ``uint8``, rounded."""
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8)
