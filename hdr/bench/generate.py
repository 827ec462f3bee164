"""Single digits to whole pages with their truth: written on generated paper, then made worse by a known amount."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hdr.geometry import Box


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
    """How a page is written.

    Parameters
    ----------
    size
        (width, height) in pixels.
    digit_px
        Height of a digit.
    rows, columns
        How many digits.
    gap
        Between one digit and the next in digit heights; below zero they touch.
    slope
        Of the rows, dy/dx.
    ink, paper
        RGB.
    """

    size: tuple[int, int] = (1000, 700)
    digit_px: int = 60
    rows: int = 5
    columns: int = 12
    gap: float = 0.5
    slope: float = 0.0
    ink: tuple[int, int, int] = (40, 40, 60)
    paper: tuple[int, int, int] = (235, 232, 225)


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
        Decides which digits, and their place and size within a fifth.
    style
        How the page is written.
    """
    style = style or PageStyle()
    width, height = style.size
    alpha = np.zeros((height, width), np.float32)
    rows: list[str] = []
    boxes: list[tuple[Box, str]] = []
    for row in range(style.rows):
        row_boxes = _write_row(alpha, digits, labels, rng, style, row)
        rows.append("".join(label for _, label in row_boxes))
        boxes += row_boxes
    paper, ink = np.array(style.paper, np.float32), np.array(style.ink, np.float32)
    page = paper + (ink - paper) * alpha[:, :, None]
    page += rng.normal(0, 1.5, (height, width, 1)).astype(np.float32)
    return TruePage(_to_bytes(page), tuple(row for row in rows if row), tuple(boxes))


def _write_row(
    alpha: NDArray[np.float32],
    digits: NDArray[np.uint8],
    labels: Sequence[str],
    rng: np.random.Generator,
    style: PageStyle,
    row: int,
) -> list[tuple[Box, str]]:
    height, width = alpha.shape
    pitch = height / style.rows
    written: list[tuple[Box, str]] = []
    left = 0.6 * style.digit_px
    for _ in range(style.columns):
        index = int(rng.integers(len(digits)))
        glyph = _glyph(digits[index], style.digit_px * rng.uniform(0.85, 1.15))
        middle = pitch * (row + 0.5) + style.slope * (left - width / 2) + rng.uniform(-0.06, 0.06) * style.digit_px
        box = Box.from_xywh(round(left), round(middle - glyph.shape[0] / 2), glyph.shape[1], glyph.shape[0])
        if box.x1 > width - 4:
            break
        if box.y0 > 3 and box.y1 < height - 3:
            np.maximum(alpha[box.slices], glyph, out=alpha[box.slices])
            written.append((box, labels[index]))
        left += glyph.shape[1] + style.gap * style.digit_px
    return written


def _glyph(digit: NDArray[np.uint8], height_px: float) -> NDArray[np.float32]:
    """One digit enlarged, its edge as sharp as a pen's: shape (height, width), 0 to 1, cut to its ink."""
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    ink = np.pad(digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 2).astype(np.float32) / 255
    factor = height_px / max(ink.shape[0] - 4, ink.shape[1] - 4)
    grown = cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    sharp = np.clip((grown - 0.5) * max(1.0, min(factor, 4.0)) + 0.5, 0, 1)
    kept = sharp > 0.5
    rows, columns = np.flatnonzero(kept.any(axis=1)), np.flatnonzero(kept.any(axis=0))
    return np.asarray(sharp[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.float32)


Degradation = Callable[[NDArray[np.float32], float, np.random.Generator], NDArray[np.float32]]
"""A page as float RGB and a strength from 0 (nothing) to 1 (hard for a person) to a worse page."""


def _gradient(page: NDArray[np.float32], strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    height, width = page.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width]
    ramp = (np.cos(angle) * (x / width - 0.5) + np.sin(angle) * (y / height - 0.5)) / np.sqrt(2) + 0.5
    return np.asarray(page * (1 - 0.85 * strength * ramp[:, :, None]), np.float32)


def _shadow(page: NDArray[np.float32], strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    height, width = page.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width]
    side = np.cos(angle) * (x - width / 2) + np.sin(angle) * (y - height / 2) + rng.uniform(-0.2, 0.2) * width
    soft = 1 / (1 + np.exp(-side / max(2.0, 0.004 * width)))
    return np.asarray(page * (1 - 0.7 * strength * soft[:, :, None]), np.float32)


def _noise(page: NDArray[np.float32], strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    return page + rng.normal(0, 60 * strength, page.shape[:2]).astype(np.float32)[:, :, None]


def _blur(page: NDArray[np.float32], strength: float, _: np.random.Generator) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 0.1 + 8 * strength), np.float32)


def _jpeg(page: NDArray[np.float32], strength: float, _: np.random.Generator) -> NDArray[np.float32]:
    buffer = io.BytesIO()
    Image.fromarray(_to_bytes(page)).save(buffer, "JPEG", quality=max(1, round(60 - 59 * strength)))
    return np.asarray(Image.open(buffer), np.float32)


def _rules(page: NDArray[np.float32], strength: float, step: int, both: bool) -> NDArray[np.float32]:
    page = page.copy()
    line = np.array((90, 120, 190), np.float32)
    for start in range(step, page.shape[0], step):
        page[start : start + 2] += (line - page[start : start + 2]) * strength
    for start in range(step, page.shape[1] if both else 0, step):
        page[:, start : start + 2] += (line - page[:, start : start + 2]) * strength
    return page


def _lines(page: NDArray[np.float32], strength: float, _: np.random.Generator) -> NDArray[np.float32]:
    return _rules(page, strength, page.shape[0] // 12, both=False)


def _squares(page: NDArray[np.float32], strength: float, _: np.random.Generator) -> NDArray[np.float32]:
    return _rules(page, strength, page.shape[0] // 24, both=True)


def _contrast(page: NDArray[np.float32], strength: float, _: np.random.Generator) -> NDArray[np.float32]:
    paper = np.median(page, axis=(0, 1))
    return np.asarray(paper + (page - paper) * (1 - 0.95 * strength), np.float32)


_WORDS = (
    "Total",
    "amount",
    "Date",
    "Name",
    "Please",
    "write",
    "clearly",
    "Invoice",
    "Customer",
    "signature",
    "Address",
)


_PRINT_ROWS = 3
"""So few rows leave room for words between them."""


def _print(page: NDArray[np.float32], strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Printed words between the rows, at full strength as high as the writing."""
    image = Image.fromarray(_to_bytes(page))
    draw = ImageDraw.Draw(image)
    # Capitals are about seven tenths of a font's size.
    font = ImageFont.load_default(max(6, round(PageStyle.digit_px / 0.7 * strength)))
    pitch = page.shape[0] / _PRINT_ROWS
    for row in range(_PRINT_ROWS):
        words = " ".join(str(word) for word in rng.choice(_WORDS, 3))
        draw.text((30, round(pitch * row + 0.15 * pitch)), words, fill=(30, 30, 30), font=font, anchor="lm")
    return np.asarray(image, np.float32)


DEGRADATIONS: dict[str, Degradation] = {
    "gradient": _gradient,
    "shadow": _shadow,
    "noise": _noise,
    "blur": _blur,
    "jpeg": _jpeg,
    "lines": _lines,
    "squares": _squares,
    "contrast": _contrast,
    "print": _print,
}
"""What happens to a page after it is written."""


def style_of(name: str, strength: float) -> PageStyle:
    """Return how a page is written: as usual but where the trouble is in the writing, or needs room on the page."""
    if name == "slope":
        return PageStyle(slope=0.25 * strength, rows=4)
    if name == "print":
        return PageStyle(rows=_PRINT_ROWS)
    if name == "touching":
        return PageStyle(gap=0.5 - 0.65 * strength, columns=16)
    if name == "size":
        return PageStyle(digit_px=round(60 * (1 - strength) + 6 * strength), columns=14)
    return PageStyle()


TROUBLES = (*DEGRADATIONS, "slope", "touching", "size")
"""All that can be wrong with a page."""


def degrade(page: TruePage, name: str, strength: float, rng: np.random.Generator) -> TruePage:
    """Return the page made worse in one way; as it is where the trouble is in the writing."""
    if name not in DEGRADATIONS or strength <= 0:
        return page
    worse = DEGRADATIONS[name](page.image.astype(np.float32), strength, rng)
    return TruePage(_to_bytes(worse), page.rows, page.boxes, page.name, page.kind)


def _to_bytes(page: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.round(page), 0, 255).astype(np.uint8)
