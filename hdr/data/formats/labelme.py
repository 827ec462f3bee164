"""Pages to labelme's JSON files, each beside its picture, as the captures keep them; and back.

`labels.txt` has the order of the classes, as labelme's ``--labels`` takes it. Coming back, any shape with an area
counts as a box, X-AnyLabeling's rectangles of four points too; a picture inside the JSON is taken where none lies
beside it.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.data.formats.album import Album
from hdr.data.formats.found import Found, FoundPage, Problems, corners, digit_of, page_of, picture_loader, share, whole
from hdr.data.formats.taking import Pictures, read_json, walk
from hdr.data.formats.writing import new_folder
from hdr.data.pages import Page, PageDigit
from hdr.errors import CaptureError

LABELS = "labels.txt"


def write(album: Album, target: Path, *, replace: bool) -> None:
    """Write the pages as labelme has them.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    with new_folder(target, "labelme", album.labels, album.told(), replace=replace) as work:
        for name, pages in album.parts():
            (work / name).mkdir(exist_ok=True)
            for one in pages:
                picture = one.copy_to(work / name)
                (work / name / picture).with_suffix(".json").write_text(one.page.to_json(), encoding="ascii")
        (work / LABELS).write_text("".join(f"{label}\n" for label in album.labels), encoding="utf-8")


def looks_like(told: Any) -> bool:
    """Whether a JSON file is one of labelme's."""
    return isinstance(told, dict) and isinstance(told.get("shapes"), list)


def read(root: Path, problems: Problems) -> Found:
    """Yield the pages of labelme's files below a folder, or of the one that is named.

    Raises
    ------
    CaptureError
        Where there is none.
    """
    files = [root] if root.is_file() else [path for path in walk(root) if path.suffix.lower() == ".json"]
    pictures = Pictures(root.parent if root.is_file() else root)
    found = 0
    for path in files:
        try:
            told = read_json(path)
            if not looks_like(told):
                continue
            found += 1
            yield _page(told, path, pictures)
        except CaptureError as error:
            found += 1
            problems.append(error)
    if not found:
        raise CaptureError(f"{root} holds no file of labelme's.", hint="It needs .json files with shapes.")


def _page(told: Mapping[str, Any], path: Path, pictures: Pictures) -> FoundPage:
    load = _picture(told, path, pictures)
    if isinstance(told.get("hdr"), dict):
        return _ours(told, path, load)
    size = told.get("imageWidth"), told.get("imageHeight")
    width, height = (one if isinstance(one, int) else 0 for one in size)
    digits = list(_digits(told["shapes"], path))
    return FoundPage(page_of({}, str(told.get("imagePath") or path.name), (width, height), digits), load)


def _ours(told: Mapping[str, Any], path: Path, load: Callable[[], NDArray[np.uint8]]) -> FoundPage:
    """A page that we wrote, strokes and all, with the boxes that somebody drew on it since."""
    page = Page.from_json(json.dumps(told), str(path))
    drawn = list(_digits(page.foreign, path))
    digits = (*(_checked(digit) for digit in page.digits), *drawn)
    strokes = tuple(stroke for stroke in page.strokes if np.isfinite([*stroke.points, (stroke.width_px, 0)]).all())
    other = tuple(shape for shape in page.foreign if _outline(shape) is None)
    page = dataclasses.replace(page, digits=digits, strokes=strokes, foreign=other)
    return FoundPage(page, load, ordered=not drawn)


def _checked(digit: PageDigit) -> PageDigit:
    """What a file claims of a digit, without what cannot be."""
    number, row = whole(digit.number), whole(digit.row) or 0
    return dataclasses.replace(digit, number=number, row=row, confidence=share(digit.confidence))


def _digits(shapes: Iterable[Any], path: Path) -> Iterator[PageDigit]:
    for shape in shapes:
        if not isinstance(shape, dict) or not isinstance(shape.get("label"), str):
            raise CaptureError(f"{path} has a shape without a label.", hint="Open it in labelme and save it again.")
        if outline := _outline(shape):
            box = corners(*outline)
            if box is None:
                raise CaptureError(f"{path} has a shape with the points {str(shape.get('points'))[:60]}.")
            yield digit_of(shape["label"], box)


def _outline(shape: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """The corners of a shape; None for one without an area, such as a point or a line."""
    kind, points = shape.get("shape_type", "polygon"), shape.get("points")
    if kind not in ("rectangle", "polygon", "circle", "rotation", "oriented_rectangle", "mask"):
        return None
    try:
        xs, ys = [float(x) for x, _ in points], [float(y) for _, y in points]  # type: ignore[union-attr]  # that is what is tried
        if kind == "circle":
            radius = float(np.hypot(xs[1] - xs[0], ys[1] - ys[0]))
            return xs[0] - radius, ys[0] - radius, xs[0] + radius, ys[0] + radius
        return min(xs), min(ys), max(xs), max(ys)
    except (TypeError, ValueError, IndexError):
        return (0, 0, 0, 0)


def _picture(told: Mapping[str, Any], path: Path, pictures: Pictures) -> Callable[[], NDArray[np.uint8]]:
    name, inside = told.get("imagePath"), told.get("imageData")
    try:
        return picture_loader(pictures.find(str(name), path.parent))
    except CaptureError:
        if not isinstance(inside, str):
            raise
    return lambda: _decoded(inside, path)


def _decoded(inside: str, path: Path) -> NDArray[np.uint8]:
    from hdr.vision.media import load_image

    try:
        return load_image(base64.b64decode(inside, validate=True))
    except binascii.Error as error:
        raise CaptureError(f"The picture inside {path} is damaged ({error}).", hint="Copy the file again.") from error
