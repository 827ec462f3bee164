"""Pieces of a report to one HTML file that needs no other: every text escaped, every picture inside, no script."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hdr
from hdr.errors import HdrError
from hdr.workspace import write_atomically

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b;
  background: #fff; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.2rem; }
table { border-collapse: collapse; } td, th { padding: .25rem .8rem; border-bottom: 1px solid #ddd; text-align: right; }
td:first-child, th:first-child { text-align: left; }
img { max-width: 100%; } .gallery { display: flex; flex-wrap: wrap; gap: .8rem; }
.gallery figure { margin: 0; width: 8.5rem; overflow-wrap: anywhere; font-size: .8rem; }
.gallery img { width: 100%; height: 6rem; object-fit: contain; background: #000; image-rendering: pixelated; }
.wide { overflow: auto; max-height: 95vh; } .wide img { max-width: none; }
.said { color: #555; } .big { font-size: 1.4rem; }
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def picture(png: bytes, says: str) -> str:
    """Return an image with its bytes inside and its text for those who cannot see it."""
    return f'<img src="data:image/png;base64,{base64.b64encode(png).decode("ascii")}" alt="{escape(says)}">'


def wide(part: str) -> str:
    """Return a part that may be larger than the page is: it is not made smaller, but scrolled."""
    return f'<div class="wide">{part}</div>'


def heading(text: str) -> str:
    """Return the heading of a section."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph; ``kind`` is "said" for small print and "big" for the main figure."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>'


def listing(sentences: Iterable[str]) -> str:
    """Return a list of sentences."""
    return "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in sentences) + "</ul>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts."""
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return wide(f"<table><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>{body}</table>")


def gallery(samples: Iterable[tuple[NDArray[np.uint8], Sequence[str]]]) -> str:
    """Return pictures with lines of text below each."""
    figures = (
        f"<figure>{picture(_png(pixels), lines[0])}<figcaption>{'<br>'.join(map(escape, lines))}</figcaption></figure>"
        for pixels, lines in samples
    )
    return f'<div class="gallery">{"".join(figures)}</div>'


def whole_page(title: str, parts: Iterable[str]) -> str:
    """Return the HTML of a page."""
    made = f"hdr {hdr.__version__}, {dt.datetime.now().astimezone():%Y-%m-%d %H:%M}"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>{paragraph(made, 'said')}\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def write_page(path: Path, html: str) -> None:
    """Write a page, whole or not at all.

    Raises
    ------
    HdrError
        Where it cannot be written.
    """
    try:
        write_atomically(path, html.encode("utf-8", "replace"))
    except OSError as error:
        raise HdrError(f"{path} cannot be written: {error.strerror}.", hint="Choose another folder.") from error


def _png(pixels: NDArray[np.uint8], largest: int = 160) -> bytes:
    """A picture no larger than it is shown."""
    import io

    from PIL import Image

    image, file = Image.fromarray(np.ascontiguousarray(pixels)), io.BytesIO()
    image.thumbnail((largest, largest))
    image.save(file, "PNG")
    return file.getvalue()
