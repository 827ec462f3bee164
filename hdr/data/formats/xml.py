"""Text for XML, which has no place for some characters, and XML from outside, which may be made to hurt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hdr.data.formats.taking import read_text
from hdr.errors import CaptureError

if TYPE_CHECKING:
    from hdr.data.formats.album import Album

_LARGEST = 512_000_000
_NOWHERE = re.compile("[^\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|^\\s|\\s$|\\s\\s")


def check_labels(album: Album, format_name: str) -> None:
    """Refuse labels that XML cannot hold, or that its readers would change.

    Raises
    ------
    CaptureError
        For the first such label.
    """
    for label in album.labels:
        if _NOWHERE.search(label):
            raise CaptureError(
                f"The label {label!r} cannot stand in {format_name}'s XML.", hint="Export as coco, or rename the label."
            )


def add(parent: Element, name: str, text: object = None, /, **attributes: object) -> Element:
    """Add an element with a text, and return it."""
    element = SubElement(parent, name, {key: str(value) for key, value in attributes.items()})
    if text is not None:
        element.text = "".join(one for one in str(text) if not _NOWHERE.match(one) or one == " ")
    return element


def to_bytes(root: Element, *, declared: bool = True) -> bytes:
    """Return an XML file, indented; undeclared it is for programs that read it as text."""
    indent(root, " ")
    return bytes(tostring(root, encoding="utf-8", xml_declaration=declared)) + b"\n"


def read_xml(path: Path) -> Element:
    """Return the root of an XML file; one with entities of its own, which can be bombs, is refused.

    Raises
    ------
    CaptureError
        Where it is no XML, or defines entities.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    text = read_text(path, _LARGEST)
    try:
        return fromstring(text.encode("utf-8"))
    except DefusedXmlException as error:
        raise CaptureError(f"{path} defines entities, as no file of labels does.", hint="Export it again.") from error
    except (ParseError, ValueError, RecursionError) as error:
        raise CaptureError(f"{path} is no XML, or cut off ({error}).", hint="Copy or download it again.") from error
