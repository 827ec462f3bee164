"""An index to the same index with what another model takes each crop for: where it disagrees, where it is unsure.

What a model said is kept beside the captures, in `.judged.npz`, so that only new crops are asked about again. The file
may be thrown away at any time.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.classifier import Classifier
from hdr.data.index import CaptureIndex, Opinion
from hdr.data.load import read_npz
from hdr.errors import CaptureError, DatasetError
from hdr.vision.normalize import Crop
from hdr.workspace import write_atomically

CACHE = ".judged.npz"
_VERSION = 1
_LARGEST_BYTES = 1 << 28
_AT_ONCE = 512

Progress = Callable[[int, int], None]
"""Told how many of how many crops were asked about. May raise, to stop: what was asked is kept."""

_KEY = np.dtype([("file", "<u8"), ("changed", "<i8"), ("size", "<i8")])
_TOLD = np.dtype([("key", _KEY), ("told", "<i4"), ("confidence", "<f4")])


def judge(index: CaptureIndex, classifier: Classifier, progress: Progress | None = None) -> CaptureIndex:
    """Ask a model about every crop; `predicted`, `confidence` and `disagrees` are its own then.

    Parameters
    ----------
    index
        The captures.
    classifier
        The model.
    progress
        Told how far it is.

    Returns
    -------
    A new index. A crop that cannot be read counts as the first label with confidence 0.
    """
    keys = _keys(index)
    model = _identity(classifier.card)
    answers = _read(index.root, model, len(classifier.card.labels))
    new = np.array([row for row, key in enumerate(keys.tolist()) if key not in answers], np.int64)
    try:
        for start in range(0, len(new), _AT_ONCE):
            _ask(index, classifier, new[start : start + _AT_ONCE], keys, answers)
            if progress:
                progress(min(start + _AT_ONCE, len(new)), len(new))
    finally:
        if len(new):
            _write(index.root, model, keys, answers)
    return _with(index, classifier.card, [answers[key] for key in keys.tolist()])


_Key = tuple[int, int, int]
_Answer = tuple[int, float]


def _ask(
    index: CaptureIndex,
    classifier: Classifier,
    rows: NDArray[np.int64],
    keys: NDArray[np.void],
    answers: dict[_Key, _Answer],
) -> None:
    crops: dict[int, Crop] = {}
    for row in rows.tolist():
        answers[keys[row].item()] = (0, 0.0)
        with contextlib.suppress(CaptureError):
            crops[row] = index.crop(row).crop
    for row, one in zip(crops, classifier.classify(list(crops.values())), strict=True):
        answers[keys[row].item()] = (int(one.probabilities.argmax()), one.confidence)


def _with(index: CaptureIndex, card: ModelCard, answers: list[_Answer]) -> CaptureIndex:
    told = np.array([answer[0] for answer in answers], np.int32)
    confidence = np.array([answer[1] for answer in answers], np.float32)
    of_label = [index.labels.index(label) if label in index.labels else -1 for label in card.labels]
    predicted = np.array(of_label, np.int32)[told]
    return dataclasses.replace(index, opinion=Opinion(card.name, card.labels, told, predicted, confidence))


def _keys(index: CaptureIndex) -> NDArray[np.void]:
    """What tells one crop's file from any other and from what it was before: its name, time and size."""
    keys = np.zeros(len(index), _KEY)
    rows = index.rows
    keys["changed"], keys["size"] = rows["changed"], rows["size"]
    keys["file"] = rows["capture"] * np.uint64(1_000_003) + rows["number"].astype(np.uint64)
    for row in np.flatnonzero(rows["name"] >= 0).tolist():
        name = hashlib.sha256(index.name(row).encode("utf-8", "surrogatepass")).digest()
        keys["file"][row] = int.from_bytes(name[:8], "little")
    return keys


def _identity(card: ModelCard) -> str:
    """The same for the same model: its card's hash, which holds those of its files."""
    return hashlib.sha256(card.to_json().encode("utf-8", "surrogatepass")).hexdigest()


def _write(root: Path, model: str, keys: NDArray[np.void], answers: dict[_Key, _Answer]) -> None:
    kept = [(key, *answers[key]) for key in dict.fromkeys(keys.tolist()) if key in answers]
    text = json.dumps({"version": _VERSION, "model": model}).encode("ascii")
    file = io.BytesIO()
    np.savez(file, answers=np.array(kept, _TOLD).view(np.uint8), told=np.frombuffer(text, np.uint8))
    with contextlib.suppress(OSError):  # without it the model is asked again, and that is all
        write_atomically(root / CACHE, file.getvalue())


def _read(root: Path, model: str, labels: int) -> dict[_Key, _Answer]:
    path = root / CACHE
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return {}
        kept = read_npz(path)
        told = json.loads(bytes(kept["told"]))
        if told != {"version": _VERSION, "model": model}:
            return {}
        answers = np.frombuffer(kept["answers"].tobytes(), _TOLD)
        if ((answers["told"] < 0) | (answers["told"] >= labels) | ~(np.abs(answers["confidence"]) <= 1)).any():
            return {}
        return {key: (number, sure) for key, number, sure in answers.tolist()}
    except (OSError, DatasetError, ValueError, TypeError, KeyError, RecursionError):
        return {}
