"""The bytes of a `.tflite` file to a yes, or to a sentence on what is wrong with them, before LiteRT sees them."""

from __future__ import annotations

from hdr.errors import UnreadableModelError

LARGEST_BYTES = 512 << 20


def check_tflite(model: bytes, where: str) -> None:
    """Look a model's bytes through.

    Raises
    ------
    UnreadableModelError
        Where they are no whole LiteRT model.
    """
    if model[4:8] != b"TFL3":
        raise UnreadableModelError(f"{where} is not a LiteRT model.", hint="Give a .tflite file.")
