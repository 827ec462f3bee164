"""A labelled crop to the bytes of a PNG with its origin inside, and back."""

from __future__ import annotations

import io
import json
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hdr
from hdr.data.png_text import read_texts
from hdr.errors import CaptureError
from hdr.geometry import Box
from hdr.settings import Settings
from hdr.vision.normalize import GEOMETRY, Crop

_NAME = re.compile(r"([0-9a-f]{16})_(\d{2,9})\.png")


@dataclass(frozen=True)
class Origin:
    """Where a crop came from. It rides inside its PNG as text chunks.

    Parameters
    ----------
    capture
        Id of the page that it was cut from; crops of one page are never divided between train and test.
    number
        Its number on that page, for good.
    box
        Where it was on the page, in pixels; None where nobody knows.
    source
        What the page was: a file's name, "pad", "camera 0".
    predicted
        What the model took it for.
    confidence
        The model's probability of that, 0 to 1.
    by_person
        Whether a person gave the label it was saved with.
    model
        Name of the model.
    saved
        When, ISO 8601 with the zone.
    writer
        Whose hand it is, where that is known; "" where not.
    """

    capture: str
    number: int = 0
    box: Box | None = None
    source: str = ""
    predicted: str = ""
    confidence: float = 0.0
    by_person: bool = False
    model: str = ""
    saved: str = ""
    writer: str = ""


@dataclass(frozen=True, eq=False)
class LabelledCrop:
    """A crop, its true label and where it came from.

    Parameters
    ----------
    pixels
        Shape (height, width), ``uint8``, white ink on black at the page's own resolution.
    label
        The folder it lies in.
    origin
        Where it came from. A file that somebody put there by hand is its own capture.
    path
        Its file; None for a crop that is not saved.
    """

    pixels: NDArray[np.uint8]
    label: str
    origin: Origin
    path: Path | None = field(default=None, compare=False)

    @property
    def capture(self) -> str:
        """The page that it was cut from."""
        return self.origin.capture

    @property
    def group(self) -> str:
        """What is never divided between train and test: all that one writer wrote, else one page."""
        return self.origin.writer or self.origin.capture

    @property
    def by_person(self) -> bool:
        """Whether a person gave the label: in the program, or by moving the file to another folder."""
        return self.origin.by_person or self.label != self.origin.predicted

    @property
    def crop(self) -> Crop:
        """As the pipeline has it."""
        height, width = self.pixels.shape
        return Crop(self.pixels, self.origin.box or Box(0, 0, width, height))


def crop_file_name(capture: str, number: int) -> str:
    """Return the file name of a crop: ``<capture>_<nn>.png``."""
    return f"{capture}_{number:02d}.png"


def parse_crop_file_name(name: str) -> tuple[str, int] | None:
    """Return the capture and the number that a file name of ours tells, or None for any other name."""
    found = _NAME.fullmatch(name)
    return (found[1], int(found[2])) if found else None


def encode_crop(pixels: NDArray[np.uint8], origin: Origin) -> bytes:
    """Return the bytes of a crop's PNG.

    Parameters
    ----------
    pixels
        Shape (height, width), ``uint8``, white ink on black.
    origin
        What is written into its text chunks.
    """
    from PIL import Image, PngImagePlugin

    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Software", f"hdr {hdr.__version__}")
    for key, value in _origin_chunks(origin).items():
        chunks.add_text(f"hdr:{key}", value.encode("utf-8", "replace").decode("utf-8"))
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", pnginfo=chunks)
    return file.getvalue()


def read_crop(path: Path, label: str) -> LabelledCrop:
    """Read one crop; its origin as far as the file tells it.

    Raises
    ------
    CaptureError
        For a file that is no picture, is cut off, or is too large.
    """
    try:
        pixels, chunks = _decode(path)
    except CaptureError:
        raise
    except Exception as error:  # decoders of hostile files raise anything: struct.error, SyntaxError, ...
        raise _unreadable(path, error) from error
    return LabelledCrop(pixels, label, _parse_origin(chunks, path), path)


def read_origin(path: Path) -> Origin:
    """Read where one crop came from, without unpacking its picture.

    Raises
    ------
    CaptureError
        For a file that is no picture; one that is cut off passes.
    """
    try:
        chunks = read_texts(path)
        return _parse_origin(_opened_texts(path) if chunks is None else chunks, path)
    except Exception as error:  # as above
        raise _unreadable(path, error) from error


def _opened_texts(path: Path) -> dict[str, str]:
    from PIL import Image

    from hdr.vision.media import FORMATS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nothing is unpacked, however large it says it is
        with Image.open(path, formats=FORMATS) as picture:
            return {str(key): str(told) for key, told in picture.info.items()}


def _unreadable(path: Path, error: Exception) -> CaptureError:
    return CaptureError(
        f"{path} cannot be read as a crop ({_why(error)}).", hint="Remove it, or put the picture there again."
    )


def _why(error: Exception) -> str:
    """What a decoder says, without the path that it may name as well."""
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "it is no picture"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _decode(path: Path) -> tuple[NDArray[np.uint8], dict[str, str]]:
    from PIL import Image

    from hdr.vision.media import FORMATS

    largest = Settings().input.largest_pixels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit decides
        with Image.open(path, formats=FORMATS) as picture:
            if picture.width * picture.height > largest:
                raise CaptureError(
                    f"{path} has {picture.width} x {picture.height} pixels: that is no crop of a digit.",
                    hint="Remove it from the captures folder.",
                )
            return np.asarray(picture.convert("L"), np.uint8), {
                str(key): str(told) for key, told in picture.info.items()
            }


def _origin_chunks(origin: Origin) -> dict[str, str]:
    return {
        "capture": origin.capture,
        "number": str(origin.number),
        "box": json.dumps(origin.box.xywh) if origin.box else "",
        "page": f"_pages/{origin.capture}.png",
        "source": origin.source,
        "predicted": origin.predicted,
        "confidence": f"{origin.confidence:.6f}",
        "by_person": "yes" if origin.by_person else "no",
        "model": origin.model,
        "saved": origin.saved,
        "writer": origin.writer,
        "geometry": GEOMETRY,
    }


def _parse_origin(chunks: dict[str, str], path: Path) -> Origin:
    """What the chunks tell; a file that tells nothing, or nonsense, is its own capture."""
    named = parse_crop_file_name(path.name)
    alone = Origin(named[0], named[1]) if named else Origin(path.stem)
    try:
        box = Box.from_xywh(*json.loads(chunks["hdr:box"])) if chunks.get("hdr:box") else None
        return Origin(
            capture=named[0] if named else chunks["hdr:capture"],
            number=named[1] if named else int(chunks["hdr:number"]),
            box=box,
            source=chunks.get("hdr:source", ""),
            predicted=chunks.get("hdr:predicted", ""),
            confidence=float(chunks.get("hdr:confidence", 0)),
            by_person=chunks.get("hdr:by_person") == "yes",
            model=chunks.get("hdr:model", ""),
            saved=chunks.get("hdr:saved", ""),
            writer=chunks.get("hdr:writer", ""),
        )
    except (KeyError, ValueError, TypeError):
        return alone
