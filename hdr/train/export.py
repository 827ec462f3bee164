"""A Keras model to a file of another format, proven to answer alike before it is put in its place, or to no file."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.classify.carried import carry_card
from hdr.classify.classifier import Classifier
from hdr.classify.keras_backend import KerasClassifier, load_keras_classifier, require_keras
from hdr.classify.loading import card_beside, load_classifier
from hdr.classify.quiet import first_line, quiet_stderr
from hdr.classify.staging import sweep, working
from hdr.classify.store import ModelStore
from hdr.errors import ModelError, ModelMismatchError, ModelNotFoundError, install_hint
from hdr.train.convert import Parity, Precision, compare, to_tflite
from hdr.train.samples import Samples
from hdr.vision.normalize import Crop

Files = Mapping[str, bytes]
"""What is written, by ending; the last one is the file that is given to `hdr read --model`."""
Write = Callable[[Any, NDArray[Any]], Files]
_WORK = "hdr-export"
_KERAS = (".keras", ".h5", ".hdf5", ".json")


@dataclass(frozen=True)
class Format:
    """A file format, and how far its answers may be from the original's.

    Parameters
    ----------
    name
        As `hdr models export --format` has it.
    suffix
        The ending of the file that is given to `hdr read --model`.
    write
        A Keras model and samples as it takes them, to files.
    largest
        Largest difference of any probability, 0 to 1.
    changed
        Largest share of labels that change, 0 to 1.
    """

    name: str
    suffix: str
    write: Write
    largest: float = 1e-4
    changed: float = 0.0


@dataclass(frozen=True)
class Export:
    """What was written and how it did.

    Parameters
    ----------
    path
        The file.
    size
        In bytes, the weights beside an architecture included.
    parity
        How its answers differ from the original's.
    ms, ms_before
        Milliseconds a crop, of the file and of the original.
    seconds
        What the conversion took, without the proof.
    """

    path: Path
    size: int
    parity: Parity
    ms: float
    ms_before: float
    seconds: float


def open_source(name_or_path: str, store: ModelStore) -> KerasClassifier:
    """Return the Keras model of a name in the store or of a file, with its card.

    Raises
    ------
    ModelNotFoundError
        Where there is none.
    ModelMismatchError
        Where there is a model, but none of Keras.
    UnreadableModelError, UnsafeModelError
        Where it cannot be used.
    """
    path = Path(name_or_path)
    if path.suffix.lower() not in _KERAS or not path.is_file():
        folder = path if path.is_dir() else _folder(name_or_path, store)
        path = next((folder / f"model{end}" for end in _KERAS if (folder / f"model{end}").is_file()), Path())
    if path.suffix.lower() not in _KERAS:
        raise ModelMismatchError(
            f"{name_or_path} has no Keras file to convert.", hint=f"Give a model with a {', '.join(_KERAS)} file."
        )
    return load_keras_classifier(path, card_beside(path))


def _folder(name: str, store: ModelStore) -> Path:
    if Path(name).is_file():
        return Path(name)  # a file of another kind, which holds nothing to convert
    if Path(name).suffix.lower() in _KERAS:
        raise ModelNotFoundError(f"There is no model file {name}.", hint="Look at its name, or see: hdr models list")
    return store.find(name).path


def export_model(
    source: KerasClassifier, form: Format, out: Path, samples: Samples, *, replace: bool = False
) -> Export:
    """Convert a model, prove that the file answers alike, and put it in its place.

    Parameters
    ----------
    source
        The model.
    form
        One of `FORMATS`, or one with other bounds.
    out
        The file, or a folder for one named after the model.
    samples
        What both are given; every other one scales the 8-bit numbers.
    replace
        Whether a file that is there already may go.

    Raises
    ------
    ModelError
        Where the file is there already, cannot be made or written, or answers too differently; nothing is written then.
    """
    target = _target(out, source.card.name, form, replace)
    with _said(target):
        sweep(_made(target.parent), _WORK)
    with _said(target), working(target.parent, _WORK) as (work, _):
        began = time.perf_counter()
        files = _with_card(form.write(source.model, source.fed(samples.crops[::2])), _card(source.card, form))
        seconds = time.perf_counter() - began
        stem = target.name.removesuffix(form.suffix)
        staged = [_write(work / f"{stem}{suffix}", data) for suffix, data in files.items()]
        before, ms_before = _answers(source, samples.crops)
        after, ms = _answers(load_classifier(staged[-1]), samples.crops)
        parity = compare(before, after)
        _prove(parity, form, source.card.name)
        _move(staged, target)
    return Export(target, sum(map(len, files.values())), parity, ms, ms_before, seconds)


def _target(out: Path, name: str, form: Format, replace: bool) -> Path:
    target = out / f"{name}{form.suffix}" if out.is_dir() else out
    if not target.name.endswith(form.suffix) or target.name == form.suffix:
        raise ModelError(f"{target} is no name for {form.name}.", hint=f"Give one that ends in {form.suffix}.")
    weights = target.with_name(f"{target.stem}.weights.h5") if form.suffix == ".json" else target
    taken = next((one for one in (target, weights) if one.exists()), None)
    if taken and not replace:
        raise ModelError(f"There is a file {taken} already.", hint="Give another name, or add --replace.")
    card = target.with_name(f"{target.name}.json")
    if card.exists():
        raise ModelError(f"{card} would be taken for the new file's card.", hint="Move it away, or give another name.")
    return target


def _card(card: ModelCard, form: Format) -> ModelCard:
    return dataclasses.replace(card, files={}, made={**card.made, "export": form.name})


def _with_card(files: Files, card: ModelCard) -> Files:
    """The files, the card in the first of them that has room: the weights of a pair."""
    suffix, data = next(iter(files.items()))
    return {**files, suffix: carry_card(data, Path(f"model{suffix}").suffix, card)}


def _answers(classifier: Classifier, crops: Sequence[Crop]) -> tuple[NDArray[np.float32], float]:
    classifier.classify(crops[:2])  # what is made at the first call is not counted
    began = time.perf_counter()
    told = classifier.classify(crops)
    ms = (time.perf_counter() - began) * 1000 / len(crops)
    return np.stack([one.probabilities for one in told]), ms


def _prove(parity: Parity, form: Format, name: str) -> None:
    if parity.largest <= form.largest and parity.share <= form.changed:
        return
    raise ModelMismatchError(
        f"{name} as {form.name} answers differently: {len(parity.changed)} of {parity.n} labels change "
        f"({parity.share:.2%}; {form.changed:.2%} may), and a probability by up to {parity.largest:.4f} "
        f"({form.largest:g} may). Nothing was written.",
        hint="Give data like that it will be used on with --data, take another format, or allow more with --bound.",
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(path: Path, data: bytes) -> Path:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path


def _move(staged: Sequence[Path], target: Path) -> None:
    """Put the files in their places, that which names the others last: at any moment it is whole or not there."""
    if len(staged) > 1:
        target.unlink(missing_ok=True)
    for path in staged:
        os.replace(path, target.parent / path.name)


@contextmanager
def _said(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"{target} cannot be written ({error.strerror or error}).", hint="Free some room or give another folder."
        ) from error


def _tflite(precision: Precision) -> Write:
    return lambda model, inputs: {".tflite": to_tflite(model, precision, inputs)}


def _keras(suffix: str) -> Write:
    return lambda model, _: {suffix: _saved(suffix, model.save)}


def _pair(model: Any, _: NDArray[Any]) -> Files:
    return {".weights.h5": _saved(".weights.h5", model.save_weights), ".json": model.to_json(indent=1).encode()}


def _onnx(model: Any, inputs: NDArray[Any]) -> Files:
    """By Keras's own exporter, which asks tf2onnx."""
    _require_tf2onnx()
    model(inputs[:1], training=False)  # it exports only what has been called
    try:
        return {".onnx": _saved(".onnx", lambda path: model.export(path, format="onnx", verbose=False))}
    except OSError:
        raise
    except Exception as error:  # the exporter raises its own errors and TensorFlow's
        raise ModelError(
            f"The model cannot be converted to ONNX ({first_line(error)}).", hint="Take another format."
        ) from error


def _require_tf2onnx() -> None:
    from hdr.classify.onnx_check import require_onnx

    require_onnx()
    try:
        import tf2onnx  # type: ignore[import, unused-ignore]  # noqa: F401  (an extra, without types; is it there?)
    except ImportError as error:
        raise ModelError(
            f"Converting to ONNX needs tf2onnx, which is not installed ({error}).",
            hint=install_hint("onnx"),
        ) from error


def _saved(suffix: str, save: Callable[[str], None]) -> bytes:
    """What Keras writes to a file, without what it and its helpers have to say about that."""
    require_keras()
    with tempfile.TemporaryDirectory(prefix="hdr-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / f"model{suffix}"
        with quiet_stderr(), contextlib.redirect_stdout(io.StringIO()):
            save(str(path))
        return path.read_bytes()


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("keras", ".keras", _keras(".keras")),
        Format("h5", ".h5", _keras(".h5")),
        Format("json", ".json", _pair),
        Format("tflite-float32", ".tflite", _tflite("float32")),
        Format("tflite-float16", ".tflite", _tflite("float16"), largest=0.02, changed=0.002),
        Format("tflite-dynamic", ".tflite", _tflite("dynamic"), largest=0.25, changed=0.005),
        Format("tflite-int8", ".tflite", _tflite("int8"), largest=0.5, changed=0.01),
        Format("onnx", ".onnx", _onnx),
    )
}
"""Every format by name, with its bounds: an exact one changes no label; fewer bits may tip what was close to even."""
