"""A page with its boxes and labels to labelme's JSON and back, so that what is saved here opens in labelme too.

What labelme, or a person, wrote into the file and we do not know is kept when the page is saved again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hdr.errors import CaptureError
from hdr.geometry import Box
from hdr.vision.strokes import Stroke

LABELME_VERSION = "5.5.0"
_LARGEST_BYTES = 256_000_000


@dataclass(frozen=True)
class PageDigit:
    """One box of a page.

    Parameters
    ----------
    label
        What it is, `NOT_A_DIGIT` included.
    box
        Where, in the page's pixels.
    number
        The number of its crop; None for a box that was drawn in another program.
    row
        Index of its row, from the top.
    predicted
        What the model took it for.
    confidence
        The model's probability of that, 0 to 1.
    by_person
        Whether a person gave the label.
    recorded
        The label as it was when we saved; another one in ``label`` is a change that somebody made in the file.
    """

    label: str
    box: Box
    number: int | None = None
    row: int = 0
    predicted: str = ""
    confidence: float = 0.0
    by_person: bool = False
    recorded: str | None = None


@dataclass(frozen=True)
class Page:
    """An image with its boxes and labels: what a person annotates.

    Parameters
    ----------
    capture
        Its id: the image's content as 16 hexadecimal digits.
    size
        (width, height) in pixels.
    digits
        In reading order.
    source
        What it was: a file's name, "pad", "camera 0".
    model
        Name of the model that read it.
    saved
        When, ISO 8601 with the zone.
    strokes
        The pen's strokes, where it was drawn here.
    following
        The number of the next new crop: one that was removed never comes back as another.
    foreign
        Shapes that another program drew, as they are in the file.
    extra
        Keys of the file that are not ours.
    writer
        Whose hand it is, where that is known; "" where not.
    """

    capture: str
    size: tuple[int, int]
    digits: tuple[PageDigit, ...] = ()
    source: str = ""
    model: str = ""
    saved: str = ""
    strokes: tuple[Stroke, ...] = ()
    following: int = 0
    foreign: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    writer: str = ""

    @property
    def image_name(self) -> str:
        """File name of the page's image, beside the JSON."""
        return f"{self.capture}.png"

    def to_json(self) -> str:
        """As labelme's JSON: rectangles, with ours under the key ``hdr``."""
        told: dict[str, Any] = {
            **self.extra,
            "version": self.extra.get("version", LABELME_VERSION),
            "flags": self.extra.get("flags", {}),
            "shapes": [*(_shape(digit) for digit in self.digits), *(dict(shape) for shape in self.foreign)],
            "imagePath": self.image_name,
            "imageData": None,
            "imageHeight": self.size[1],
            "imageWidth": self.size[0],
            "hdr": {
                "capture": self.capture,
                "source": self.source,
                "model": self.model,
                "saved": self.saved,
                "following": self.following,
                "writer": self.writer,
                "strokes": [_stroke(stroke) for stroke in self.strokes],
            },
        }
        return json.dumps(told, indent=1, ensure_ascii=True) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = "the page") -> Page:
        """From labelme's JSON; a page that labelme made alone has no numbers.

        Raises
        ------
        CaptureError
            Where it is no such page.
        """
        try:
            told = json.loads(text)
            ours = told.get("hdr") or {}
            shapes = [(shape, _digit(shape)) for shape in told["shapes"]]
            return cls(
                capture=str(ours.get("capture") or Path(str(told["imagePath"])).stem),
                size=(int(told["imageWidth"]), int(told["imageHeight"])),
                digits=tuple(digit for _, digit in shapes if digit is not None),
                source=str(ours.get("source", "")),
                model=str(ours.get("model", "")),
                saved=str(ours.get("saved", "")),
                following=int(ours.get("following", 0)),
                writer=str(ours.get("writer", "")),
                strokes=tuple(_parse_stroke(stroke) for stroke in ours.get("strokes", ())),
                foreign=tuple(shape for shape, digit in shapes if digit is None),
                extra={key: value for key, value in told.items() if key not in _OURS},
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            raise CaptureError(
                f"{where} is not a page's labelme file ({type(error).__name__}: {error}).",
                hint="Remove it and save the page again.",
            ) from error


_OURS = frozenset({"shapes", "imagePath", "imageData", "imageHeight", "imageWidth", "hdr"})


def read_page(path: Path) -> Page:
    """Read a page's JSON.

    Raises
    ------
    CaptureError
        Where it cannot be read, or is no such page.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise CaptureError(f"{path} is larger than any page's file.", hint="Remove it and save the page again.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaptureError(f"{path} cannot be read ({error}).", hint="Remove it and save the page again.") from error
    return Page.from_json(text, str(path))


def _shape(digit: PageDigit) -> dict[str, Any]:
    box = digit.box
    return {
        "label": digit.label,
        "points": [[float(box.x0), float(box.y0)], [float(box.x1), float(box.y1)]],
        "group_id": digit.row,
        "description": "",
        "shape_type": "rectangle",
        "flags": {},
        "mask": None,
        "hdr": {
            "number": digit.number,
            "row": digit.row,
            "predicted": digit.predicted,
            "confidence": round(digit.confidence, 6),
            "by_person": digit.by_person,
            "recorded": digit.label,
        },
    }


def _digit(shape: Mapping[str, Any]) -> PageDigit | None:
    """One of ours; None for any other shape."""
    ours = shape.get("hdr")
    if shape.get("shape_type") != "rectangle" or not isinstance(ours, dict) or not isinstance(ours.get("number"), int):
        return None
    (ax, ay), (bx, by) = shape["points"]
    return PageDigit(
        label=str(shape["label"]),
        box=Box(round(min(ax, bx)), round(min(ay, by)), round(max(ax, bx)), round(max(ay, by))),
        number=ours["number"],
        row=int(ours.get("row", 0)),
        predicted=str(ours.get("predicted", "")),
        confidence=float(ours.get("confidence", 0)),
        by_person=bool(ours.get("by_person")) or ours.get("recorded") != shape["label"],
        recorded=ours.get("recorded"),
    )


def _stroke(stroke: Stroke) -> dict[str, Any]:
    return {"points": [list(point) for point in stroke.points], "width_px": stroke.width_px, "erases": stroke.erases}


def _parse_stroke(told: Mapping[str, Any]) -> Stroke:
    points: Sequence[Sequence[float]] = told["points"]
    return Stroke(tuple((float(x), float(y)) for x, y in points), float(told["width_px"]), bool(told["erases"]))
