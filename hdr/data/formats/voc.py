"""Pages to Pascal VOC, `JPEGImages/`, `Annotations/*.xml` and `ImageSets/Main/*.txt`; and back.

Its pixels count from 1, and the last one is inside. What is known of a page or a digit beside its box stands in an
element ``hdr``, which readers of VOC leave alone. VOC has no list of classes; `classes.txt` has them in order.

References
----------
M. Everingham et al., "The Pascal visual object classes (VOC) challenge", 2010, doi:10.1007/s11263-009-0275-4.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from hdr.data.formats.album import Album, AlbumPage
from hdr.data.formats.found import (
    Found,
    FoundPage,
    Problems,
    corners,
    digit_of,
    facts_of,
    page_facts_of,
    page_of,
    picture_loader,
)
from hdr.data.formats.taking import Pictures, walk
from hdr.data.formats.writing import new_folder, write_classes
from hdr.data.formats.xml import add, check_labels, read_xml, to_bytes
from hdr.data.pages import PageDigit
from hdr.errors import CaptureError

_SETS = {"": "default", "train": "train", "val": "val", "test": "test"}


def write(album: Album, target: Path, *, replace: bool) -> None:
    """Write the pages as Pascal VOC has them.

    Raises
    ------
    CaptureError
        For a label that XML cannot hold, where something is there already that may not be replaced, or where it
        cannot be written.
    """
    check_labels(album, "VOC")
    with new_folder(target, "voc", album.labels, album.told(), replace=replace) as work:
        for folder in ("JPEGImages", "Annotations", "ImageSets/Main"):
            (work / folder).mkdir(parents=True)
        for name, pages in album.parts():
            for one in pages:
                picture = one.copy_to(work / "JPEGImages")
                (work / "Annotations" / picture).with_suffix(".xml").write_bytes(to_bytes(_annotation(one)))
            lines = "".join(f"{one.page.capture}\n" for one in pages)
            (work / "ImageSets" / "Main" / f"{_SETS[name]}.txt").write_text(lines, encoding="ascii")
        write_classes(work, album.labels)


def _annotation(one: AlbumPage) -> Element:
    root = Element("annotation")
    add(root, "folder", "JPEGImages")
    add(root, "filename", one.page.image_name)
    add(add(root, "source"), "database", "hdr")
    size = add(root, "size")
    for name, value in zip(("width", "height", "depth"), (*one.page.size, 3), strict=True):
        add(size, name, value)
    add(root, "segmented", 0)
    add(root, "hdr", json.dumps(page_facts_of(one.page)))
    for digit in one.page.digits:
        _add_object(root, digit)
    return root


def _add_object(root: Element, digit: PageDigit) -> None:
    part, box = add(root, "object"), digit.box
    add(part, "name", digit.label)
    for name, value in (("pose", "Unspecified"), ("truncated", 0), ("difficult", 0)):
        add(part, name, value)
    sides = add(part, "bndbox")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), (box.x0 + 1, box.y0 + 1, box.x1, box.y1), strict=True):
        add(sides, name, value)
    add(part, "hdr", json.dumps(facts_of(digit)))


def is_voc(path: Path) -> bool:
    """Whether an XML file is one of Pascal VOC's, by its first element."""
    with path.open("rb") as file:
        return b"<annotation>" in file.read(400)


def read(root: Path, problems: Problems) -> Found:
    """Yield the pages of Pascal VOC's files below a folder, or of the one that is named.

    Raises
    ------
    CaptureError
        Where there is none.
    """
    files = [root] if root.is_file() else [path for path in walk(root) if path.suffix.lower() == ".xml"]
    pictures = Pictures(_top(root) if root.is_file() else root)
    found = [path for path in files if is_voc(path)]
    if not found:
        raise CaptureError(f"{root} holds no file of Pascal VOC's.", hint="It needs .xml files with <annotation>.")
    for path in found:
        try:
            yield _page(read_xml(path), path, pictures)
        except CaptureError as error:
            problems.append(error)


def _page(root: Element, path: Path, pictures: Pictures) -> FoundPage:
    name = (root.findtext("filename") or "").strip()
    try:
        picture = pictures.find(name, path.parent)
    except CaptureError:
        picture = pictures.find(path.stem, path.parent, stem=True)  # LabelImg's name is that of before a move
    size = _number(root.findtext("size/width")), _number(root.findtext("size/height"))
    digits = [_digit(one, path) for one in root.iter("object")]
    page = page_of(_facts(root), name or picture.name, (int(size[0]), int(size[1])), digits)
    ordered = bool(digits) and all(digit.number is not None for digit in digits)
    return FoundPage(page, picture_loader(picture), ordered)


def _digit(one: Element, path: Path) -> PageDigit:
    label = one.findtext("name")
    sides = [_number(one.findtext(f"bndbox/{name}"), -1.0) for name in ("xmin", "ymin", "xmax", "ymax")]
    box = corners(sides[0] - 1, sides[1] - 1, sides[2], sides[3])
    if label is None or box is None or min(sides) < 0:
        raise CaptureError(f"{path} has an object without a name or a box.", hint="Export it again.")
    return digit_of(label.strip(), box, _facts(one))


def _number(text: str | None, otherwise: float = 0.0) -> float:
    try:
        number = float(text or "")
    except ValueError:
        return otherwise
    return number if abs(number) < 1 << 24 else otherwise


def _facts(element: Element) -> Any:
    try:
        return json.loads(element.findtext("hdr") or "{}")
    except (ValueError, RecursionError):
        return {}


def _top(path: Path) -> Path:
    return path.parent.parent if path.parent.name == "Annotations" else path.parent
