"""A model file from anywhere to a model of the store, which the window and every command know by its name."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

from hdr.classify.card import ModelCard
from hdr.classify.files import read_model_file
from hdr.classify.loading import SUFFIXES, card_beside, load_classifier
from hdr.classify.store import CARD, ModelStore
from hdr.errors import ModelNotFoundError, UnreadableModelError


def add_model(
    path: Path, store: ModelStore, name: str, labels: Sequence[str] | None = None, *, replace: bool = False
) -> ModelCard:
    """Copy a model file into the store, with a card; what cannot be opened and run is not taken.

    Parameters
    ----------
    path
        A `.tflite`, `.keras`, `.h5` or `.onnx` file, or a `.json` with its `.weights.h5` beside it.
    store
        Where to.
    name
        Its name there.
    labels
        What its outputs stand for, where no card tells.
    replace
        Whether a model of that name may go.

    Raises
    ------
    ModelNotFoundError
        Where there is no such file.
    ModelError
        For a name that is taken or cannot be, or a model that cannot be used.
    """
    files = _files(path)
    told = card_beside(path)
    with store.publishing(name, replace=replace) as work:
        for target, source in files.items():
            (work / target).write_bytes(read_model_file(source))
        if told is not None:
            (work / CARD).write_text(told.to_json(), encoding="utf-8")
        # The copy is what is opened: what was looked at is what stays.
        card = load_classifier(work / next(iter(files)), labels=labels).card
        digests = {target: hashlib.sha256((work / target).read_bytes()).hexdigest() for target in files}
        card = dataclasses.replace(card, name=name, files=digests)
        (work / CARD).write_text(card.to_json(), encoding="utf-8")
    return card


def _files(path: Path) -> dict[str, Path]:
    """What is copied, by its name in the store; that which is opened first."""
    if not path.is_file():
        raise ModelNotFoundError(f"There is no model file {path}.", hint="Look at its name.")
    suffix = {".hdf5": ".h5"}.get(path.suffix.lower(), path.suffix.lower())
    if suffix not in SUFFIXES:
        raise UnreadableModelError(f"{path} is no model file.", hint=f"Give a file that ends in {', '.join(SUFFIXES)}.")
    beside = path.with_name(f"{path.stem}.weights.h5")
    pair = {"model.weights.h5": beside} if suffix == ".json" and beside.is_file() else {}
    return {f"model{suffix}": path, **pair}
