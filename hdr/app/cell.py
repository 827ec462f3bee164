"""One crop as the gallery shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cell:
    """One crop as the gallery shows it.

    Parameters
    ----------
    path
        Its file.
    label
        What its folder says.
    other
        What the model takes it for, or it is likelier to be, where that is something else; empty where not.
    confirmed
        Whether a person gave the label.
    """

    path: Path
    label: str
    other: str = ""
    confirmed: bool = False
