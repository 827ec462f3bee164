"""A PNG's file to the text chunks before its picture, without decoding it: what an index of 100,000 crops is made from.

Only plain chunks are understood, as we write them (PNG specification, third edition, 2025, section 11.3.3); for any
other file the answer is None, and whoever asked opens it with Pillow.
"""

from __future__ import annotations

import zlib
from pathlib import Path

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BYTES = 16_384


def read_texts(path: Path) -> dict[str, str] | None:
    """Return the text chunks before the picture by keyword; None where the file is not as plain as ours.

    Raises
    ------
    OSError
        Where it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        data = file.read(_BYTES)
    if not data.startswith(_SIGNATURE):
        return None
    texts: dict[str, str] = {}
    at = len(_SIGNATURE)
    while len(data) >= at + 8:
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind == b"IDAT":
            return texts
        body, end = data[at + 8 : at + 8 + length], at + 12 + length
        if len(data) < end or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return None
        try:
            _take(kind, body, texts)
        except ValueError:
            return None
        at = end
    return None


def _take(kind: bytes, body: bytes, texts: dict[str, str]) -> None:
    """Note one chunk; ValueError for a compressed text, or none that was written rightly."""
    if kind == b"tEXt":
        key, text = body.split(b"\0", 1)
        texts[key.decode("latin-1")] = text.decode("latin-1")
    elif kind == b"iTXt":
        key, rest = body.split(b"\0", 1)
        if rest[:1] != b"\0":
            raise ValueError("compressed")
        _, _, text = rest[2:].split(b"\0", 2)
        texts[key.decode("latin-1")] = text.decode("utf-8")
    elif kind == b"zTXt":
        raise ValueError("compressed")
