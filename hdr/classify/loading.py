"""A name or a path to a classifier, safely."""

from __future__ import annotations

from pathlib import Path

from hdr.classify.card import ModelCard
from hdr.classify.classifier import Classifier
from hdr.classify.files import read_model_file
from hdr.classify.store import CARD, DEFAULT, ModelStore, read_card
from hdr.errors import ModelError, ModelMismatchError, ModelNotFoundError, UnreadableModelError
from hdr.workspace import Workspace

SUFFIXES = (".tflite", ".keras", ".h5", ".hdf5")
_FILES = ("model.tflite", "model.keras", "model.h5")  # the first that is there is taken


def load_classifier(name_or_path: str | Path | None = None, workspace: Workspace | None = None) -> Classifier:
    """Return a classifier.

    Parameters
    ----------
    name_or_path
        The name of a model, a `.tflite`, `.keras` or `.h5` file, or a model's folder. None takes the model in use.
        A text is a name where the store has it, and a path where it has a separator or an ending of a model file, or
        where a model's folder of that name is there.
    workspace
        Where models are; None finds the one in use.

    Raises
    ------
    ModelNotFoundError
        Where there is no such model.
    UnreadableModelError, UnsafeModelError, ModelMismatchError
        Where there is one that cannot be used.
    """
    store = ModelStore(workspace)
    if name_or_path is None:
        return _in_use(store)
    if not _is_path(name_or_path):
        try:
            return _from_folder(store.find(str(name_or_path)).path)
        except ModelNotFoundError:
            if not Path(name_or_path).is_file() and not _holds_model(Path(name_or_path)):
                raise  # else it is a path after all: a folder to load, or a file to be told what is wrong with it
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        return _from_folder(path)
    if not path.is_file():
        raise ModelNotFoundError(f"There is no model file {path}.", hint="Look at its name, or see: hdr models list")
    return _from_file(path, _card_beside(path))


def _in_use(store: ModelStore) -> Classifier:
    name = store.current()
    try:
        return _from_folder(store.find(name).path)
    except ModelError as error:
        if name == DEFAULT:
            raise
        back = "To read with the model that came with hdr: hdr models use default"
        raise type(error)(error.message, hint=f"{error.hint} {back}".strip()) from error


def _is_path(told: str | Path) -> bool:
    return isinstance(told, Path) or "/" in told or "\\" in told or told.lower().endswith(SUFFIXES)


def _holds_model(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _FILES)


def _from_folder(folder: Path) -> Classifier:
    for name in _FILES:
        if (folder / name).is_file():
            card = read_card(folder) if (folder / CARD).is_file() else None
            return _from_file(folder / name, card)
    raise UnreadableModelError(
        f"{folder} holds no model.", hint=f"A model's folder holds one of {', '.join(_FILES)}, and a {CARD}."
    )


def _card_beside(path: Path) -> ModelCard | None:
    """The card of a model file that lies in a model's folder under the usual name, or as `<file>.json` beside it."""
    if path.name in _FILES and (path.parent / CARD).is_file():
        return read_card(path.parent)
    return None


def _from_file(path: Path, card: ModelCard | None) -> Classifier:
    suffix = path.suffix.lower()
    if suffix == ".tflite":
        from hdr.classify.litert import LiteRTClassifier, TFLiteModel
        from hdr.classify.tflite_check import check_tflite

        model = read_model_file(path)
        check_tflite(model, str(path))
        if not _as_published(model, path, card):
            from hdr.classify.trial import try_tflite

            try_tflite(model, str(path))
        return LiteRTClassifier(TFLiteModel(model, str(path)), card, str(path))
    if suffix in SUFFIXES:
        from hdr.classify.keras_backend import load_keras_classifier

        return load_keras_classifier(path, card)
    raise UnreadableModelError(f"{path} is no model file.", hint=f"Give a file that ends in {', '.join(SUFFIXES)}.")


def _as_published(model: bytes, path: Path, card: ModelCard | None) -> bool:
    """Whether a file is, to the last bit, the one that its card was written for; False where no card tells."""
    digest = card.files.get(path.name) if card else None
    if digest is None:
        return False
    import hashlib

    if hashlib.sha256(model).hexdigest() != digest:
        raise ModelMismatchError(
            f"{path} is not the file that its card was written for.",
            hint="It was damaged or exchanged. Publish the model again, or use the file without the card beside it.",
        )
    return True
