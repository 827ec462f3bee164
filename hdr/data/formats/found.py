"""What a file from outside holds: crops, and pages with their boxes; with what it tells of each, checked.

A format that has room for it keeps what we know of a digit, its facts, under a key of ours (`facts_of`). Coming back
they are as hostile as anything else from outside (`digit_of`): what is nonsense counts as not told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.data.crops import LabelledCrop, Origin
from hdr.data.pages import Page, PageDigit
from hdr.errors import CaptureError
from hdr.geometry import Box

CAPTURE = re.compile(r"[0-9a-f]{16}")
MOST_BOXES = 5000
"""No page of handwriting has more digits; a file that says so is wrong, or hostile."""
_LONGEST = 1000
_FARTHEST = 1 << 24  # pixels; no picture that is accepted is so wide


@dataclass(frozen=True, eq=False)
class FoundPage:
    """A page in a file from outside.

    Parameters
    ----------
    page
        Its boxes and labels. Its id and its size are what the file claims, "" and (0, 0) where it claims nothing.
    load
        Gives the picture, shape (height, width, 3), ``uint8`` RGB.
    ordered
        Whether the digits come in reading order, with their rows.
    crops
        Shape (height, width), ``uint8``, white on black: crops that came with the page, by their number.
    """

    page: Page
    load: Callable[[], NDArray[np.uint8]]
    ordered: bool = False
    crops: Mapping[int, NDArray[np.uint8]] = field(default_factory=dict)


Found = Iterator[LabelledCrop | FoundPage]
Problems = list[CaptureError]


def facts_of(digit: PageDigit) -> dict[str, Any]:
    """Return what is known of a digit beside its label and box, for JSON."""
    return {
        "number": digit.number,
        "row": digit.row,
        "predicted": digit.predicted,
        "confidence": round(digit.confidence, 6),
        "confirmed": digit.by_person,
    }


def digit_of(label: str, box: Box, facts: Any = None) -> PageDigit:
    """Return a digit of a page; one without facts was labelled by a person, in whatever program."""
    told: Mapping[str, Any] = facts if isinstance(facts, Mapping) else {}
    return PageDigit(
        label,
        box,
        number=whole(told.get("number")),
        row=whole(told.get("row")) or 0,
        predicted=short(told.get("predicted")),
        confidence=share(told.get("confidence")),
        by_person=told.get("confirmed") is not False,
    )


def page_facts_of(page: Page) -> dict[str, Any]:
    """Return what is known of a page beside its picture and its boxes, for JSON."""
    return {
        "capture": page.capture,
        "source": page.source,
        "model": page.model,
        "saved": page.saved,
        "writer": page.writer,
    }


def page_of(facts: Any, source: str, size: tuple[int, int], digits: list[PageDigit]) -> Page:
    """Return a page by its facts; ``source`` stands in where they do not tell what it was."""
    told: Mapping[str, Any] = facts if isinstance(facts, Mapping) else {}
    return Page(
        capture=capture_of(told.get("capture")),
        size=size,
        digits=tuple(digits),
        source=short(told.get("source")) or source,
        model=short(told.get("model")),
        saved=short(told.get("saved")),
        writer=short(told.get("writer")),
    )


def crop_facts_of(origin: Origin) -> dict[str, Any]:
    """Return what is known of a crop beside its label, for JSON."""
    return {
        "page": origin.capture,
        "number": origin.number,
        "box": list(origin.box.xywh) if origin.box else None,
        "confirmed": origin.by_person,
        "predicted": origin.predicted,
        "confidence": round(origin.confidence, 6),
        "writer": origin.writer,
        "source": origin.source,
        "model": origin.model,
        "saved": origin.saved,
    }


def origin_of(facts: Mapping[str, Any], source: str) -> Origin:
    """Return where a crop came from. Only one that tells its page and its box there belongs to a page."""
    capture, number, box = capture_of(facts.get("page")), whole(facts.get("number")), box_of(facts.get("box"))
    writer = short(facts.get("writer"))
    if not capture or number is None or box is None:
        group = writer or short(facts.get("page"))
        capture, number, box, writer = "", None, None, group
    return Origin(
        capture=capture,
        number=number or 0,
        box=box,
        source=short(facts.get("source")) or source,
        predicted=short(facts.get("predicted")),
        confidence=share(facts.get("confidence")),
        by_person=facts.get("confirmed") is not False,
        model=short(facts.get("model")),
        saved=short(facts.get("saved")),
        writer=writer,
    )


def box_of(told: Any) -> Box | None:
    """Return the box of ``[x, y, width, height]`` in pixels, rounded; None where it is no box that could be."""
    try:
        x, y, width, height = (float(one) for one in told)
        return corners(x, y, x + width, y + height) if width > 0 and height > 0 else None
    except (TypeError, ValueError, OverflowError):
        return None


def corners(x0: float, y0: float, x1: float, y1: float) -> Box | None:
    """Return the box between two corners, rounded; None where it is empty or far outside any picture."""
    numbers = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    if not all(math.isfinite(one) and abs(one) < _FARTHEST for one in numbers):
        return None
    box = Box(*(round(one) for one in numbers))
    return box if box.area else None


def whole(told: Any, below: int = 10**6) -> int | None:
    """Return a number of a thing, 0 or more; None where it is none."""
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < below else None


def share(told: Any) -> float:
    """Return a probability; 0 where it is none."""
    return float(told) if isinstance(told, int | float) and 0 <= told <= 1 else 0.0


def short(told: Any) -> str:
    """Return a text, or "" where it is none or longer than any name."""
    return told if isinstance(told, str) and len(told) <= _LONGEST else ""


def capture_of(told: Any) -> str:
    """Return a page's id, or "" where it is none of ours."""
    return told if isinstance(told, str) and CAPTURE.fullmatch(told) else ""


def picture_loader(path: Path) -> Callable[[], NDArray[np.uint8]]:
    """Return what loads a page's picture, upright, when it is wanted."""

    def load() -> NDArray[np.uint8]:
        from hdr.vision.media import load_image

        return load_image(path)

    return load
