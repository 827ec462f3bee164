"""A name or a path to a classifier, safely."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hdr.classify.card import ModelCard
from hdr.classify.classifier import Classifier
from hdr.classify.files import read_model_file
from hdr.classify.store import CARD, DEFAULT, ModelStore, read_card, read_card_file
from hdr.errors import ModelError, ModelMismatchError, ModelNotFoundError, UnreadableModelError
from hdr.workspace import Workspace

SUFFIXES = (".tflite", ".keras", ".h5", ".hdf5", ".json", ".onnx")
_FILES = ("model.tflite", "model.onnx", "model.keras", "model.h5", "model.json")  # the first that is there is taken


def load_classifier(
    name_or_path: str | Path | None = None,
    workspace: Workspace | None = None,
    labels: Sequence[str] | None = None,
) -> Classifier:
    """Return a classifier.

    Parameters
    ----------
    name_or_path
        The name of a model, a `.tflite`, `.keras`, `.h5` or `.onnx` file, a `.json` with its `.weights.h5` beside it,
        or a model's folder. None takes the model in use.
        A text is a name where the store has it, and a path where it has a separator or an ending of a model file, or
        where a model's folder of that name is there.
    workspace
        Where models are; None finds the one in use.
    labels
        What the outputs stand for, in their order; asked for only where no card tells.

    Raises
    ------
    ModelNotFoundError
        Where there is no such model.
    UnreadableModelError, UnsafeModelError, ModelMismatchError
        Where there is one that cannot be used, or its card names other labels.
    """
    classifier = _load(name_or_path, ModelStore(workspace), tuple(labels) if labels is not None else None)
    if labels is not None and classifier.card.labels != tuple(labels):
        raise ModelMismatchError(
            f"The labels given are {', '.join(labels)}; those of {classifier.card.name} are "
            f"{', '.join(classifier.card.labels)}.",
            hint="Leave the labels out: the model brings its own.",
        )
    return classifier


def _load(name_or_path: str | Path | None, store: ModelStore, labels: tuple[str, ...] | None) -> Classifier:
    if name_or_path is None:
        return _in_use(store)
    if not _is_path(name_or_path):
        try:
            return _from_folder(store.find(str(name_or_path)).path, store, labels)
        except ModelNotFoundError:
            if not Path(name_or_path).is_file() and not _holds_model(Path(name_or_path)):
                raise  # else it is a path after all: a folder to load, or a file to be told what is wrong with it
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        return _from_folder(path, store, labels)
    if not path.is_file():
        raise ModelNotFoundError(f"There is no model file {path}.", hint="Look at its name, or see: hdr models list")
    return _from_file(path, store, labels)


def _in_use(store: ModelStore) -> Classifier:
    name = store.current()
    try:
        return _from_folder(store.find(name).path, store)
    except ModelError as error:
        if name == DEFAULT:
            raise
        back = "To read with the model that came with hdr: hdr models use default"
        raise type(error)(error.message, hint=f"{error.hint} {back}".strip()) from error


def _is_path(told: str | Path) -> bool:
    return isinstance(told, Path) or "/" in told or "\\" in told or told.lower().endswith(SUFFIXES)


def _holds_model(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _FILES)


def _from_folder(folder: Path, store: ModelStore, labels: tuple[str, ...] | None = None) -> Classifier:
    for name in _FILES:
        if (folder / name).is_file():
            return _from_file(folder / name, store, labels)
    raise UnreadableModelError(
        f"{folder} holds no model.", hint=f"A model's folder holds one of {', '.join(_FILES)}, and a {CARD}."
    )


def card_beside(path: Path) -> ModelCard | None:
    """Return the card of a model file: of the folder of a model, or ``<file>.json`` beside it; None for neither.

    Raises
    ------
    UnreadableModelError, ModelMismatchError
        Where there is one that cannot be used.
    """
    if path.name in _FILES and (path.parent / CARD).is_file():
        return read_card(path.parent)
    beside = path.with_name(f"{path.name}.json")
    return read_card_file(beside) if beside.is_file() else None


def _from_file(path: Path, store: ModelStore, labels: tuple[str, ...] | None) -> Classifier:
    suffix, card = path.suffix.lower(), card_beside(path)
    if suffix == ".tflite":
        return _litert(path, store, card, labels)
    if suffix == ".onnx":
        return _onnx(path, store, card, labels)
    if suffix in SUFFIXES:
        from hdr.classify.keras_backend import load_keras_classifier

        return load_keras_classifier(path, card, labels)
    raise UnreadableModelError(f"{path} is no model file.", hint=f"Give a file that ends in {', '.join(SUFFIXES)}.")


def _litert(path: Path, store: ModelStore, card: ModelCard | None, labels: tuple[str, ...] | None) -> Classifier:
    from hdr.classify.carried import carried_card, carried_labels
    from hdr.classify.litert import LiteRTClassifier, TFLiteModel
    from hdr.classify.tflite_check import check_tflite

    model = read_model_file(path)
    check_tflite(model, str(path))
    most = None
    if not _is_published(model, path, store, card):
        from hdr.classify.trial import try_tflite

        most = try_tflite(model, str(path))
    card, light = card or carried_card(model, ".tflite", str(path)), TFLiteModel(model, str(path), most=most)
    if card is None and labels is None:
        labels = carried_labels(model, light.classes)
    return LiteRTClassifier(light, card, str(path), labels)


def _onnx(path: Path, store: ModelStore, card: ModelCard | None, labels: tuple[str, ...] | None) -> Classifier:
    from hdr.classify.carried import carried_card
    from hdr.classify.onnx_backend import ONNXClassifier, ONNXModel
    from hdr.classify.onnx_check import check_onnx

    model = read_model_file(path)
    check_onnx(model, str(path))
    most = None
    if not _is_published(model, path, store, card):
        from hdr.classify.trial import try_onnx

        most = try_onnx(model, str(path))
    card = card or carried_card(model, ".onnx", str(path))
    return ONNXClassifier(ONNXModel(model, str(path), most=most), card, str(path), labels)


def _is_published(model: bytes, path: Path, store: ModelStore, card: ModelCard | None) -> bool:
    """Whether a file of the store is, to the last bit, what was published there; elsewhere anybody may write a card."""
    digest = card.files.get(path.name) if card else None
    if digest is None:
        return False
    import hashlib

    if hashlib.sha256(model).hexdigest() != digest:
        raise ModelMismatchError(
            f"{path} is not the file that its card was written for.",
            hint="It was damaged or exchanged. Publish the model again, or use the file without the card beside it.",
        )
    return store.keeps(path.parent)
