"""Texts of any length to what fits into a width: without their end, their middle or their beginning."""

from __future__ import annotations

from tkinter import font as tkfont


def clipped(font: tkfont.Font, text: str, wide: int, *, middle: bool = False) -> str:
    """Return a text that is no wider than this: where it is too long without its end, or without its middle."""
    text = "".join(one if one.isprintable() else "?" for one in text)
    if font.measure(text) <= wide:
        return text
    low, high = 0, len(text)
    while low < high:
        kept = (low + high + 1) // 2
        low, high = (kept, high) if font.measure(_cut(text, kept, middle=middle)) <= wide else (low, kept - 1)
    return _cut(text, low, middle=middle)


def _cut(text: str, kept: int, *, middle: bool) -> str:
    tail = kept // 2 if middle else 0
    return f"{text[: kept - tail]}…{text[len(text) - tail :]}"


def clipped_front(font: tkfont.Font, text: str, wide: int) -> str:
    """Return a text that is no wider than this: of a place the end says most."""
    if font.measure(text) <= wide:
        return text
    return f"…{clipped(font, text[::-1], wide)[::-1].removeprefix('…')}"
