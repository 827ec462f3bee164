"""Sources that were used before, as the settings remember them: a line each, the last one first, without passwords."""

from __future__ import annotations

from pathlib import Path

from hdr.reading.sources import is_file, is_folder, shown

_MOST = 8


def known_as(source: int | str) -> str:
    """Return a source as it may be written down: an address without its password, a camera by its index."""
    return shown(source) if "://" in str(source) else str(source)


def from_anywhere(source: int | str) -> int | str:
    """Return a file or a folder by a name that holds wherever the program is started next; all else as it is."""
    if isinstance(source, str) and (is_file(source) or is_folder(source)):
        return str(Path(source).absolute())
    return source


def recents(text: str) -> list[str]:
    """Return the sources that a setting remembers."""
    return [line for line in text.splitlines() if line.strip()][:_MOST]


def with_recent(text: str, source: str) -> str:
    """Return the setting with a source first."""
    told = known_as(source)
    return "\n".join([told, *(one for one in recents(text) if one != told)][:_MOST])


def typed_source(text: str) -> int | str | None:
    """Return what a person means: a camera by its index, a file or an address; None for nothing."""
    text = text.strip().strip('"')
    return int(text) if text.isdecimal() and len(text) < 4 else text or None
