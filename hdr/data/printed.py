"""The system's own fonts to printed digits, rendered where they are needed; no font and no picture is kept."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hdr.data.dataset import Dataset
from hdr.vision.normalize import normalize_digit

if TYPE_CHECKING:
    from PIL import ImageFont


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILIES = _words("""
    AccanthisADF Aerial Andika Anonymous Arimo AveriaSans B612 BebasNeue BecauseWe Beteckna Breip Cabin Carlito
    CharisSIL Chilanka ClearSans Century ComicNeue Courier Cousine DancingScript DejaVuSans Dosis Dustismo
    FantasqueSansMono FreeMono FreeSans FreeSerif GNUTypewriter GWMonospace GenBas Garuda GilliusADF Go- Go. Hack Humor
    Inconsolata Inter JetBrainsMono Jura Karla- KaushanScript Kinnari Kristi Lato LeagueSpartan LeckerliOne Liberation
    LibrisADF LinLibertine MekanusADF Mplus NationalPark Nimbus Noto NotoSansMono OCRA OpenDyslexic P052 PTF PTM PTN
    PTS Play Purisa Quicksand RG2014 Roboto Sawasdee Sora SteveHand SwitzeraADF Tinos Tlwg TribunADF Tuffy URWBookman
    URWGothic Umpush UniversalisADF Verana Veranda Waree Z003 allerta breip cmunb cmunr cmuns cmunt cmunv dkg eurof
    lobster monof routed tuffy
""")
"""Free families to learn from, each of plain digits. What a system has of them is used."""

HELD_FAMILIES = _words("""
    Caladea Cantarell Caslon Comfortaa DejaVuSerif FiraCode Junction LinBiolinum Manrope OCRB. OpenSans
    Oxygen Quattrocento Rufscript Tymes Vollkorn YanoneKaffeesatz osifont tiresias
""")
"""Free families that are never learned from: to measure on."""

_NO_DIGITS = ("LinBiolinum_K",)
"""Of these the digits are something else, such as key caps."""

_SIZE_PX = 64


def find_fonts(families: Sequence[str] = FAMILIES, folders: Iterable[Path] | None = None) -> list[Path]:
    """Return the files of some families that this system has, in an order that does not depend on it.

    Parameters
    ----------
    families
        What their names begin with: `FAMILIES` or `HELD_FAMILIES`.
    folders
        Where to look; the system's own folders of fonts unless told.
    """
    found = {
        file.name: file
        for folder in (_font_folders() if folders is None else folders)
        for file in folder.rglob("*.[to]tf")
        if file.name.startswith(tuple(families)) and not file.name.startswith(_NO_DIGITS)
    }
    return [found[name] for name in sorted(found)]


def render_digits(fonts: Sequence[Path]) -> Dataset:
    """Return each digit of each font in MNIST's geometry, the group being the font's name; empty for no fonts."""
    fields = [normalize_digit(render_text(path, str(digit))) for path in fonts for digit in range(10)]
    labels = np.tile(np.arange(10, dtype=np.int64), len(fonts))
    groups = np.repeat(np.array([path.stem for path in fonts], np.str_), 10)
    return Dataset(np.array(fields, np.uint8).reshape(-1, 28, 28), labels, groups)


def render_text(path: Path, text: str, tighten_px: float = 0.0) -> NDArray[np.uint8]:
    """Return a line of text, white on black, of shape (height, width); all black where the font has no such letter.

    Parameters
    ----------
    path
        The font's file.
    text
        Of a few letters.
    tighten_px
        By how much the letters are closer than the font has them, at 64 px.
    """
    from PIL import Image, ImageDraw

    font = _font(path)
    picture = Image.new("L", ((2 + len(text)) * _SIZE_PX, 2 * _SIZE_PX), 0)
    draw, left = ImageDraw.Draw(picture), _SIZE_PX / 2
    if any(bytes(font.getmask(letter)) == _missing(path) for letter in text):
        return np.zeros((2, 2), np.uint8)
    for letter in text:
        draw.text((left, _SIZE_PX // 4), letter, fill=255, font=font)
        left += font.getlength(letter) - tighten_px
    return np.asarray(picture, np.uint8)


@functools.lru_cache(maxsize=1024)
def _font(path: Path) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(path), _SIZE_PX)


@functools.lru_cache(maxsize=1024)
def _missing(path: Path) -> bytes:
    """What the font draws for a letter that it does not have."""
    return bytes(_font(path).getmask("\U0010fffe"))


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
