"""Reads handwritten digits, and learns its user's hand.

Public names are resolved on first use: importing `hdr` imports nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hdr.classify.classifier import Classifier as Classifier
    from hdr.classify.loading import load_classifier as load_classifier
    from hdr.errors import HdrError as HdrError
    from hdr.geometry import Box as Box
    from hdr.reading.pipeline import read_digits as read_digits
    from hdr.reading.results import Digit as Digit
    from hdr.reading.results import Reading as Reading
    from hdr.settings import Settings as Settings
    from hdr.vision.media import load_image as load_image

__version__ = "0.1.0"

_HOMES = {
    "Box": "hdr.geometry",
    "Classifier": "hdr.classify.classifier",
    "Digit": "hdr.reading.results",
    "HdrError": "hdr.errors",
    "Reading": "hdr.reading.results",
    "Settings": "hdr.settings",
    "load_classifier": "hdr.classify.loading",
    "load_image": "hdr.vision.media",
    "read_digits": "hdr.reading.pipeline",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605  (the one list of public names)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hdr' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
