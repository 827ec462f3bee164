"""A page and its changes to lines of a journal, and back: each line holds what one change changed.

A line is a JSON object with any of the keys ``page`` (what it is), ``size``, ``strokes`` (how many of those before
stay, and which come after them), ``ink`` (digits as found, each told once and then called by its number), ``reading``
(which digits, in which rows, under which labels), ``digits`` (only those that changed), ``flags`` and ``saved``.
"""

from __future__ import annotations

import base64
import dataclasses
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.app.document import Document

if TYPE_CHECKING:
    from hdr.classify.classifier import Prediction
    from hdr.reading.results import Digit, Reading
    from hdr.vision.normalize import Crop

Line = dict[str, Any]
_LARGEST_CROP = 200_000_000
_ORIGINS = ("drawing", "file", "clipboard", "camera")


class Recorder:
    """Tells what a page has become as lines, each only what changed since the last."""

    def __init__(self) -> None:
        self._last: Document | None = None
        self._saved = False
        self._numbers: dict[tuple[int, int], int] = {}
        self._told: list[Any] = []  # holds what the numbers stand for, so that no other object gets its id

    def line(self, page: Document, *, saved: bool) -> Line | None:
        """Return what changed; None for nothing. The first line holds all of the page."""
        last = self._last
        line: Line = {}
        if last is None:
            line["page"] = {"name": page.name, "origin": page.origin, "path": str(page.path) if page.path else None}
        if last is None or page.size != last.size:
            line["size"] = list(page.size)
        if page.strokes is not (last.strokes if last else ()):
            line["strokes"] = _strokes_since(last.strokes if last else (), page.strokes)
        if page.reading is not (last.reading if last else None):
            line |= self._reading(last.reading if last else None, page.reading)
        if last is None or (page.stale, page.edited) != (last.stale, last.edited):
            line["flags"] = {"stale": page.stale, "edited": page.edited}
        if saved is not self._saved:
            line["saved"] = saved
        self._last, self._saved = page, saved
        return line or None

    def _reading(self, old: Reading | None, new: Reading | None) -> Line:
        if new is None:
            return {"reading": None}
        ink: list[Line] = []
        entries = [[self._number(digit, ink), digit.row, digit.corrected] for digit in new.digits]
        line: Line = {"ink": ink} if ink else {}
        if old is None or len(old.digits) != len(new.digits) or (old.size, old.model) != (new.size, new.model):
            return line | {"reading": {"size": list(new.size), "model": new.model, "digits": entries}}
        changed = [i for i, (was, now) in enumerate(zip(old.digits, new.digits, strict=True)) if was is not now]
        return line | {"digits": [[i, *entries[i]] for i in changed]}

    def _number(self, digit: Digit, ink: list[Line]) -> int:
        key = id(digit.crop), id(digit.prediction)
        if key not in self._numbers:
            self._numbers[key] = len(self._told)
            self._told.append((digit.crop, digit.prediction))
            ink.append(_tell_ink(digit))
        return self._numbers[key]


def replay(lines: Iterable[Mapping[str, Any]]) -> tuple[Document, bool] | None:
    """Return the page that lines tell of, and whether it was saved as it is; None for no page.

    A line that makes no sense ends the story: what was before it stands.
    """
    page: Document | None = None
    saved = False
    ink: list[tuple[Crop, Prediction]] = []
    for line in lines:
        try:
            if page is None or "page" in line:  # told anew after a line that could not be written
                page, ink = _parse_page(line["page"]), []
            ink += [_parse_ink(told) for told in line.get("ink", ())]
            page = _changed(page, line, ink)
            saved = bool(line.get("saved", saved))
        except (KeyError, ValueError, TypeError, IndexError, AttributeError, zlib.error):
            break
    return None if page is None else (page, saved)


def _strokes_since(old: tuple[Any, ...], new: tuple[Any, ...]) -> Line:
    keep = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a is not b), min(len(old), len(new)))
    told = [[stroke.width_px, stroke.erases, [list(point) for point in stroke.points]] for stroke in new[keep:]]
    return {"keep": keep, "add": told}


def _tell_ink(digit: Digit) -> Line:
    pixels, prediction = digit.crop.pixels, digit.prediction
    return {
        "box": [digit.box.x0, digit.box.y0, digit.box.x1, digit.box.y1],
        "shape": list(pixels.shape),
        "pixels": base64.b64encode(zlib.compress(pixels.tobytes(), 1)).decode("ascii"),
        "labels": list(prediction.labels),
        "probabilities": base64.b64encode(prediction.probabilities.tobytes()).decode("ascii"),
    }


def _parse_ink(told: Mapping[str, Any]) -> tuple[Crop, Prediction]:
    import numpy as np

    from hdr.classify.classifier import Prediction
    from hdr.geometry import Box
    from hdr.vision.normalize import Crop

    height, width = (int(side) for side in told["shape"])
    if not 0 < height * width < _LARGEST_CROP:
        raise ValueError(f"a crop of {width} x {height}")
    raw = zlib.decompressobj().decompress(base64.b64decode(told["pixels"]), height * width + 1)
    pixels = np.frombuffer(raw, np.uint8).reshape(height, width)
    labels = tuple(str(label) for label in told["labels"])
    probabilities = np.frombuffer(base64.b64decode(told["probabilities"]), np.float32)
    if len(labels) != len(probabilities) or not labels:
        raise ValueError("labels without probabilities")
    return Crop(pixels, Box(*(int(side) for side in told["box"]))), Prediction(labels, probabilities)


def _parse_page(told: Mapping[str, Any]) -> Document:
    origin, path = str(told["origin"]), told["path"]
    if origin not in _ORIGINS:
        raise ValueError(f"a page from {origin}")
    return Document(name=str(told["name"]), origin=origin, path=Path(path) if path else None)


def _changed(page: Document, line: Mapping[str, Any], ink: list[tuple[Crop, Prediction]]) -> Document:
    changes: dict[str, Any] = {}
    if "size" in line:
        wide, high = line["size"]
        changes["size"] = (int(wide), int(high))
    if "strokes" in line:
        changes["strokes"] = (*page.strokes[: int(line["strokes"]["keep"])], *_parse_strokes(line["strokes"]["add"]))
    if "reading" in line:
        changes["reading"] = _parse_reading(line["reading"], ink) if line["reading"] is not None else None
    if "digits" in line and page.reading is not None:
        digits = list(page.reading.digits)
        for index, *entry in line["digits"]:
            digits[int(index)] = _parse_digit(entry, ink)
        changes["reading"] = dataclasses.replace(page.reading, digits=tuple(digits))
    if "flags" in line:
        changes |= {name: bool(line["flags"][name]) for name in ("stale", "edited")}
    return dataclasses.replace(page, **changes)


def _parse_strokes(told: Iterable[Any]) -> list[Any]:
    from hdr.vision.strokes import Stroke

    return [
        Stroke(tuple((float(x), float(y)) for x, y in points), float(width), bool(erases))
        for width, erases, points in told
    ]


def _parse_reading(told: Mapping[str, Any], ink: list[tuple[Crop, Prediction]]) -> Reading:
    from hdr.reading.results import Reading

    wide, high = told["size"]
    digits = tuple(_parse_digit(entry, ink) for entry in told["digits"])
    return Reading((int(wide), int(high)), digits, str(told["model"]))


def _parse_digit(entry: Any, ink: list[tuple[Crop, Prediction]]) -> Digit:
    from hdr.reading.results import Digit

    number, row, corrected = entry
    if not 0 <= number < len(ink):
        raise ValueError(f"a digit that was never told: {number}")
    crop, prediction = ink[number]
    return Digit(crop, prediction, int(row), None if corrected is None else str(corrected))
