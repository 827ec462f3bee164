"""A model's card into the model file itself, and out of it again: a file that is copied alone keeps its labels.

====================  ==============================================================================================
`.tflite`             a zip behind the model, as TFLite Metadata has it: `card.json`, and `labels.txt` for other tools
`.keras`              a key of its `metadata.json`
`.h5` `.weights.h5`   an attribute
`.onnx`               an entry of its `metadata_props`
====================  ==============================================================================================
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from hdr.classify.card import ModelCard
from hdr.classify.zipped import read_member
from hdr.errors import UnreadableModelError

_KEY = "hdr_card"
_LARGEST = 1 << 20
_CARD, _LABELS, _METADATA = "card.json", "labels.txt", "metadata.json"
_BROKEN = (
    OSError,
    RuntimeError,
    KeyError,
    ValueError,
    EOFError,
    RecursionError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What a file raises that is damaged, or no such file at all."""


def carry_card(data: bytes, suffix: str, card: ModelCard) -> bytes:
    """Return a model file's bytes with a card in them.

    Parameters
    ----------
    data
        A file of ours, as a converter has just made it.
    suffix
        Its ending: `.tflite`, `.keras`, `.h5` or `.onnx`.
    """
    return bytes(_WRITE[suffix](data, card))


def carried_card(data: bytes, suffix: str, where: str) -> ModelCard | None:
    """Return the card that a model file carries; None where it carries none that can be believed.

    Parameters
    ----------
    data
        A file of anybody's. Nothing in it is believed to have a sensible size.
    suffix
        Its ending, in lower case.
    where
        Its name, for messages.

    Raises
    ------
    UnreadableModelError
        Where what it carries is not a card.
    ModelMismatchError
        Where the card asks for what this version does not do.
    """
    try:
        text = _READ[".h5" if suffix == ".hdf5" else suffix](data)
    except _BROKEN:
        return None  # whoever opens the model itself says what is wrong with the file
    if text is None:
        return None
    if len(text) > _LARGEST:
        raise UnreadableModelError(f"The card in {where} is larger than one ever is.", hint="Export the model again.")
    return ModelCard.from_json(text, f"The card in {where}")


def carried_labels(data: bytes, count: int) -> tuple[str, ...] | None:
    """Return so many labels of a foreign `.tflite` with TFLite Metadata, one a line of its text file; None for none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = [one.filename for one in archive.infolist() if one.filename.endswith(".txt")]
            lines = _member(archive, texts[0]).splitlines() if len(texts) == 1 else []
    except _BROKEN:
        return None
    labels = tuple(line.strip() for line in lines if line.strip())
    return labels if len(set(labels)) == len(labels) == count else None


def _member(archive: zipfile.ZipFile, name: str) -> str:
    return read_member(archive, name, _LARGEST).decode("utf-8")


def _read_tflite(data: bytes) -> str | None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _member(archive, _CARD) if _CARD in archive.namelist() else None


def _write_tflite(data: bytes, card: ModelCard) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:  # stored as they are: other tools read them without unpacking
        archive.writestr(_LABELS, "".join(f"{label}\n" for label in card.labels))
        archive.writestr(_CARD, card.to_json())
    return file.getvalue()


def _read_keras(data: bytes) -> str | None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        told = json.loads(_member(archive, _METADATA))
    card = told.get(_KEY) if isinstance(told, dict) else None
    return None if card is None else json.dumps(card)


def _write_keras(data: bytes, card: ModelCard) -> bytes:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for one in old.infolist():
            content = old.read(one)
            if one.filename == _METADATA:
                content = json.dumps({**json.loads(content), _KEY: json.loads(card.to_json())}).encode()
            new.writestr(one, content)
    return changed.getvalue()


def _read_h5(data: bytes) -> str | None:
    import h5py

    with h5py.File(io.BytesIO(data), "r") as file:
        told = file.attrs.get(_KEY)
    return told if told is None or isinstance(told, str) else str(told)


def _write_h5(data: bytes, card: ModelCard) -> bytes:
    import h5py

    file = io.BytesIO(data)
    with h5py.File(file, "r+") as model:
        model.attrs[_KEY] = card.to_json()
    return file.getvalue()


def _read_onnx(data: bytes) -> str | None:
    from hdr.classify.onnx_check import parse_onnx

    model = parse_onnx(data, "model.onnx")
    return next((str(one.value) for one in model.metadata_props if one.key == _KEY), None)


def _write_onnx(data: bytes, card: ModelCard) -> bytes:
    from hdr.classify.onnx_check import parse_onnx

    model = parse_onnx(data, "model.onnx")
    model.metadata_props.add(key=_KEY, value=card.to_json())
    return bytes(model.SerializeToString())


_READ: dict[str, Callable[[bytes], str | None]] = {
    ".tflite": _read_tflite,
    ".keras": _read_keras,
    ".h5": _read_h5,
    ".onnx": _read_onnx,
}
_WRITE: dict[str, Callable[[bytes, ModelCard], Any]] = {
    ".tflite": _write_tflite,
    ".keras": _write_keras,
    ".h5": _write_h5,
    ".onnx": _write_onnx,
}
