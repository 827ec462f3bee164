"""Pictures for the tests of the command line."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np


def draw_page(rows: int = 2, columns: int = 3) -> np.ndarray:
    """Sevens in black on white, in rows: shape (120 * rows, 320, 3)."""
    page = np.full((120 * rows, 320, 3), 255, np.uint8)
    for row in range(rows):
        for column in range(columns):
            x, y = 50 + 100 * column, 35 + 120 * row
            cv2.line(page, (x, y), (x + 30, y), (0, 0, 0), 7)
            cv2.line(page, (x + 30, y), (x + 12, y + 50), (0, 0, 0), 7)
    return page


def write_bomb(path: Path, width: int, height: int) -> None:
    """A PNG of a few bytes that says it has that many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b""))
