"""The system's own fonts to printed digits, rendered where they are needed; no font and no picture is kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.data.dataset import Dataset
from hdr.vision.normalize import normalize_digit

FAMILIES = (
    "DejaVuSans",
    "DejaVuSerif",
    "LiberationSans",
    "LiberationSerif",
    "LiberationMono",
    "FreeSans",
    "FreeSerif",
    "FreeMono",
)
"""Free families that every common system has or can have, each of plain digits."""

_SIZE_PX = 64


def find_fonts(folders: Iterable[Path] | None = None) -> list[Path]:
    """Return the files of the families above, in an order that does not depend on the system's."""
    found = {
        file.name: file
        for folder in (_font_folders() if folders is None else folders)
        for file in folder.rglob("*.[to]tf")
        if file.name.startswith(FAMILIES)
    }
    return [found[name] for name in sorted(found)]


def render_digits(fonts: Sequence[Path]) -> Dataset:
    """Return each digit of each font in MNIST's geometry, the group being the font's name; empty for no fonts."""
    from PIL import ImageFont

    fields: list[NDArray[np.uint8]] = []
    for path in fonts:
        font = ImageFont.truetype(str(path), _SIZE_PX)
        fields += [normalize_digit(_render(font, str(digit))) for digit in range(10)]
    labels = np.tile(np.arange(10, dtype=np.int64), len(fonts))
    groups = np.repeat(np.array([path.stem for path in fonts], np.str_), 10)
    return Dataset(np.array(fields, np.uint8).reshape(-1, 28, 28), labels, groups)


def _render(font: object, digit: str) -> NDArray[np.uint8]:
    from PIL import Image, ImageDraw

    picture = Image.new("L", (2 * _SIZE_PX, 2 * _SIZE_PX), 0)
    ImageDraw.Draw(picture).text((_SIZE_PX // 2, _SIZE_PX // 4), digit, fill=255, font=font)  # type: ignore[arg-type]  # any PIL font
    return np.asarray(picture, np.uint8)


def _font_folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        folders = [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    elif sys.platform == "darwin":
        folders = [Path("/Library/Fonts"), Path("/System/Library/Fonts"), home / "Library/Fonts"]
    else:
        folders = [
            Path("/usr/share/fonts"),
            Path("/usr/local/share/fonts"),
            home / ".local/share/fonts",
            home / ".fonts",
        ]
    return [folder for folder in folders if folder.is_dir()]
