"""A model file to its bytes, or to a sentence on why it cannot be read."""

from __future__ import annotations

from pathlib import Path

from hdr.errors import UnreadableModelError

LARGEST_BYTES = 512 << 20
"""A larger model file, or one that unpacks to more, is refused."""


def read_model_file(path: Path) -> bytes:
    """Return what a model file holds.

    Raises
    ------
    UnreadableModelError
        Where it cannot be read, or has more than `LARGEST_BYTES`.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise UnreadableModelError(f"{path} has {size:,} bytes.", hint=f"The limit is {LARGEST_BYTES:,}.")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableModelError(
            f"{path} cannot be read ({error.strerror}).", hint="Look at who may read it, or give another file."
        ) from error
