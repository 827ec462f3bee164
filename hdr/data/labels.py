"""A label to the name of its folder and back: any text, on any file system.

A digit is its own folder, so that a person can sort crops in a file manager. What a file system could refuse, or could
confuse with something else, is escaped: ``A`` is ``^a`` (some file systems do not tell ``A`` from ``a``), ``a/b`` is
``a%2Fb``, ``con`` is ``%63on`` (Windows keeps that name for itself), ``_x`` is ``%5Fx`` (our own folders begin so).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote

from hdr.classify.names import CANNOT_TELL, NOT_A_DIGIT
from hdr.errors import CaptureError

NONE_FOLDER = "_none"
NO_TRUTH = (NOT_A_DIGIT, CANNOT_TELL)
"""Labels of ink that is no example of any digit."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)")
_EMPTY = "%"
_LONGEST = 120  # bytes of a folder's name; the common limit is 255, encrypted folders have 143


def folder_name(label: str) -> str:
    """Return the name of the folder that holds the crops of a label.

    Raises
    ------
    CaptureError
        For a label so long that no file system takes it as a name.
    """
    if label == NOT_A_DIGIT:
        return NONE_FOLDER
    name = _escape(label)
    if len(name.encode()) > _LONGEST:
        raise CaptureError(f"The label {label[:30]!r}... is too long for a folder's name.", hint="Use a shorter one.")
    return name


def label_of(folder: str) -> str | None:
    """Return the label whose crops a folder holds, or None for one of our own (``_pages``) or a hidden one."""
    if folder == NONE_FOLDER:
        return NOT_A_DIGIT
    if folder.startswith(("_", ".")):
        return None
    if folder == _EMPTY:
        return ""
    # Some file systems hand names back decomposed (e + accent); a label that is itself decomposed was escaped.
    plain = unicodedata.normalize("NFC", folder)
    return unquote(re.sub(r"\^(.)", lambda found: found[1].upper(), plain), errors="surrogateescape")


def sort_key(label: str) -> tuple[bool, int, str]:
    """Order labels as a person would: 0, 1, ..., 10, then texts, and last what is no digit."""
    number = int(label) if label.isascii() and label.isdigit() else 1 << 62
    return label == NOT_A_DIGIT, number, label


def is_writing(names: Sequence[str]) -> bool:
    """Whether labels name digits or letters, one character each: then crops are ink, else they are pictures."""
    return all(len(name) == 1 for name in names if name != NOT_A_DIGIT)


def _escape(label: str) -> str:
    name = "".join(_escape_character(one) for one in label)
    if unicodedata.normalize("NFC", name) != name:
        name = "".join(one if one.isascii() else _percent(one) for one in name)
    if _RESERVED.match(name) or name.startswith((".", "_")):
        name = _percent(name[0]) + name[1:]
    if name.endswith((".", " ")):  # Windows drops these
        name = name[:-1] + _percent(name[-1])
    return name or _EMPTY


def _escape_character(one: str) -> str:
    lower = one.lower()
    if one.isascii():
        if one.isupper():
            return "^" + lower
        return one if one.isalnum() or one in "-_.+=,@ " else _percent(one)
    stays = one.isalnum() and one.casefold() == one and unicodedata.normalize("NFC", one) == one
    return one if stays else _percent(one)


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape"))
