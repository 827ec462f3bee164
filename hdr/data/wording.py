"""A number and what it counts to words: ``1 crop``, ``2,345 crops``."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with what it counts.

    Parameters
    ----------
    count
        How many.
    one
        What one is called, with whatever agrees with it: ``crop``, ``box lies``.
    many
        What others are called; empty for that with an s.
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
