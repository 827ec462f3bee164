"""Pages to what CVAT imports as "CVAT for images 1.1": `annotations.xml` beside `images/`.

The labels in order stand in its `meta`, with an attribute each for whether a person confirmed a digit and for the
model's confidence. A part of a division is a subset.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from hdr.data.formats.album import Album, AlbumPage
from hdr.data.formats.writing import new_folder, write_classes
from hdr.data.formats.xml import add, check_labels, to_bytes
from hdr.data.pages import PageDigit

_ATTRIBUTES = (("confirmed", "checkbox", "false", "false"), ("confidence", "text", "0", ""))


def write(album: Album, target: Path, *, replace: bool) -> None:
    """Write the pages as CVAT imports them.

    Raises
    ------
    CaptureError
        For a label that XML cannot hold, where something is there already that may not be replaced, or where it
        cannot be written.
    """
    check_labels(album, "CVAT")
    with new_folder(target, "cvat", album.labels, album.told(), replace=replace) as work:
        root = Element("annotations")
        add(root, "version", "1.1")
        _add_meta(root, album)
        number = 0
        for name, pages in album.parts():
            for one in pages:
                one.copy_to(work / "images" / name)
                _add_image(root, one, number, name)
                number += 1
        (work / "annotations.xml").write_bytes(to_bytes(root))
        write_classes(work, album.labels)


def _add_meta(root: Element, album: Album) -> None:
    task = add(add(root, "meta"), "task")
    for name, value in (("name", "hdr"), ("size", len(album.pages)), ("mode", "annotation"), ("overlap", 0)):
        add(task, name, value)
    labels = add(task, "labels")
    for label in album.labels:
        one = add(labels, "label")
        add(one, "name", label)
        add(one, "type", "rectangle")
        attributes = add(one, "attributes")
        for name, kind, default, values in _ATTRIBUTES:
            told = add(attributes, "attribute")
            rows = (("name", name), ("mutable", "False"), ("input_type", kind), ("default_value", default))
            for key, value in (*rows, ("values", values)):
                add(told, key, value)


def _add_image(root: Element, one: AlbumPage, number: int, part: str) -> None:
    width, height = one.page.size
    name = "/".join(filter(None, (part, one.page.image_name)))
    subset = {"subset": part} if part else {}
    image = add(root, "image", id=number, name=name, width=width, height=height, **subset)
    for digit in one.page.digits:
        _add_box(image, digit)


def _add_box(image: Element, digit: PageDigit) -> None:
    sides = {"xtl": digit.box.x0, "ytl": digit.box.y0, "xbr": digit.box.x1, "ybr": digit.box.y1}
    told = {name: f"{side:.2f}" for name, side in sides.items()}
    source = "manual" if digit.by_person else "auto"
    box = add(image, "box", label=digit.label, source=source, occluded=0, z_order=0, group_id=0, **told)
    add(box, "attribute", "true" if digit.by_person else "false", name="confirmed")
    add(box, "attribute", f"{digit.confidence:.6f}", name="confidence")
