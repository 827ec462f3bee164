"""Several models and the same labelled crops to one table: which is better, what it costs, and what may be chance."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hdr.classify.card import ModelCard
from hdr.classify.classifier import Classifier
from hdr.classify.counting import count_parameters
from hdr.classify.loading import SUFFIXES, load_classifier
from hdr.classify.store import CARD, ModelStore
from hdr.data.dataset import Dataset
from hdr.data.evaluate import Evaluation, Progress, evaluate
from hdr.data.metrics import Accuracy, Difference, mcnemar
from hdr.errors import DatasetError, ModelError, ModelMismatchError, ModelNotFoundError
from hdr.geometry import Box
from hdr.train import page
from hdr.train.plots import plot_intervals
from hdr.vision.normalize import Crop

_BATCH, _TIMES = 50, 7
DOUBT = 0.05
"""From this chance on, a difference may be noise."""
_COUNTED_IN = (".keras", ".h5", ".hdf5", ".json", ".onnx", ".tflite")
"""Which of a model's files tells how many parameters it has, where its card does not: the first that can be opened."""


@dataclass(frozen=True, eq=False)
class Compared:
    """One model of a comparison.

    Parameters
    ----------
    name
        As it was named.
    card
        Its card.
    result
        How well it reads.
    sizes
        Bytes of each of its files, by name.
    ms
        Milliseconds a digit, in batches of 50, by file and so by back end; None where that cannot be used here.
    parameters
        How many it has; None where nobody knows.
    """

    name: str
    card: ModelCard
    result: Evaluation
    sizes: Mapping[str, int]
    ms: Mapping[str, float | None]
    parameters: int | None = None

    @property
    def accuracy(self) -> Accuracy:
        """Over all crops."""
        return self.result.accuracy

    @property
    def seconds(self) -> float | None:
        """What its training took; None where its card does not tell."""
        told = self.card.made.get("seconds")
        return told if isinstance(told, int | float) else None

    def against(self, other: Compared) -> Difference:
        """Return McNemar's test of this model, the first, against another."""
        return mcnemar(self.result.answers.right, other.result.answers.right)


def folder_of(name_or_path: str) -> Path | None:
    """Return the folder of a model, where it has one: what the store has by that name, a folder, or a file's own."""
    try:
        return ModelStore().find(name_or_path).path
    except ModelNotFoundError:
        path = Path(name_or_path).expanduser()
    if path.is_dir():
        return path
    return path.parent if path.stem == "model" and (path.parent / CARD).is_file() else None


def compare_models(
    names: Sequence[str], data: Dataset, labels: Sequence[str] | None = None, progress: Progress | None = None
) -> list[Compared]:
    """Measure each on the same crops; the best comes first.

    Parameters
    ----------
    names
        Of the models, or their files.
    data
        What to measure on.
    labels
        What the outputs stand for of those without a card.
    progress
        Told how many of all answers are there.

    Raises
    ------
    ModelError
        Where a model cannot be used.
    DatasetError
        Where there is nothing to measure on, or a model does not know a label.
    """
    if not len(data):
        raise DatasetError("There is nothing to compare the models on.", hint="Give --data with labelled pictures.")
    rows = []
    for number, name in enumerate(names):
        rows.append(_measure(name, data, labels, _shifted(progress, number * len(data), len(names) * len(data))))
    return sorted(rows, key=lambda one: -one.accuracy.right)


def _shifted(progress: Progress | None, before: int, of: int) -> Progress | None:
    return None if progress is None else lambda done, _: progress(before + done, of)


def _measure(name: str, data: Dataset, labels: Sequence[str] | None, progress: Progress | None) -> Compared:
    classifier = load_named(name, labels)
    files = _files(name)
    crops = [_crop(np.asarray(pixels)) for pixels in data.crops[:_BATCH]]
    result = evaluate(classifier, data, progress)
    ms = {file.name: _time(file, crops, labels) for file in files}
    sizes = {file.name: file.stat().st_size for file in files}
    opened = [file for file in files if ms[file.name] is not None]
    return Compared(name, classifier.card, result, sizes, ms, _parameters(classifier.card, opened))


def load_named(name: str, labels: Sequence[str] | None) -> Classifier:
    """Return a model; the labels are for one whose own card or file does not tell them."""
    try:
        return load_classifier(name)
    except ModelMismatchError:
        if labels is None:
            raise
        return load_classifier(name, labels=labels)


def _parameters(card: ModelCard, files: Sequence[Path]) -> int | None:
    told = card.made.get("parameters")
    if isinstance(told, int):
        return told
    by_suffix = {file.suffix.lower(): file for file in files}
    counts = (count_parameters(by_suffix[suffix]) for suffix in _COUNTED_IN if suffix in by_suffix)
    return next((count for count in counts if count), None)


def _files(name: str) -> list[Path]:
    """The files of a model that a back end can open."""
    folder = folder_of(name)
    if Path(name).is_file() or folder is None:
        return [Path(name)]
    return [file for file in sorted(folder.iterdir()) if file.stem == "model" and _opens(file)]


def _opens(file: Path) -> bool:
    """Whether it is a model's file; an architecture is, where its weights lie beside it."""
    if file.suffix == ".json":
        return file.with_name(f"{file.stem}.weights.h5").is_file()
    return file.suffix in SUFFIXES


def _time(file: Path, crops: Sequence[Crop], labels: Sequence[str] | None) -> float | None:
    """A digit's share of the quickest of several batches: other programs make some slower, none quicker."""
    try:
        classifier = load_named(str(file.absolute()), labels)
    except ModelError:
        return None
    return min(_once(classifier, crops) for _ in range(_TIMES)) / len(crops)


def _once(classifier: Classifier, crops: Sequence[Crop]) -> float:
    start = time.perf_counter()
    classifier.classify(crops)
    return (time.perf_counter() - start) * 1000


def _crop(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> Crop:
    return Crop(pixels, Box(0, 0, pixels.shape[1], pixels.shape[0]))


HEAD = (
    "model", "accuracy", "95 % interval", "against the best", "log loss", "parameters", "file", "ms a digit",
    "training",
)  # fmt: skip


def table_of(rows: Sequence[Compared]) -> list[tuple[str, ...]]:
    """Return the comparison as texts, a row a model, columns as `HEAD` names them."""
    return [_texts(one, rows[0]) for one in rows]


def _texts(one: Compared, best: Compared) -> tuple[str, ...]:
    low, high = one.accuracy.interval
    return (
        one.name,
        f"{one.accuracy.value:.2%}",
        f"{low:.2%} to {high:.2%}",
        "the best" if one is best else verdict(best.against(one)),
        f"{one.result.log_loss:.4f}",
        "?" if one.parameters is None else f"{one.parameters:,}",
        ", ".join(f"{name}: {size / 1000:,.0f} kB" for name, size in one.sizes.items()),
        ", ".join(f"{name}: {'?' if ms is None else f'{ms:.3f}'}" for name, ms in one.ms.items()),
        "?" if one.seconds is None else f"{one.seconds:,.0f} s",
    )


def verdict(told: Difference) -> str:
    """Say whether the first model is better than the second, in words."""
    if told.p > DOUBT:
        return f"may be chance (p = {told.p:.2g})"
    return f"worse (p = {told.p:.2g}; only it {told.only_second}, only the best {told.only_first})"


def as_dict(rows: Sequence[Compared]) -> list[dict[str, Any]]:
    """As JSON has it."""
    return [
        {
            "model": one.name,
            **one.accuracy.as_score(),
            "p_against_best": None if one is rows[0] else round(rows[0].against(one).p, 6),
            "verdict": "the best" if one is rows[0] else verdict(rows[0].against(one)),
            "p": {other.name: round(one.against(other).p, 6) for other in rows if other is not one},
            "calibration_error": round(one.result.calibration_error, 6),
            "log_loss": round(one.result.log_loss, 6),
            "brier": round(one.result.brier, 6),
            "parameters": one.parameters,
            "bytes": dict(one.sizes),
            "ms_a_digit": {name: ms and round(ms, 4) for name, ms in one.ms.items()},
            "training_seconds": one.seconds,
        }
        for one in rows
    ]


def comparison_report(rows: Sequence[Compared], told: str, fair: str = "") -> str:
    """Return the comparison as HTML.

    Parameters
    ----------
    rows
        The models, the best first.
    told
        What to call the data.
    fair
        A sentence on what of it the models had seen, if they had.

    Raises
    ------
    HdrError
        Where matplotlib is not installed.
    """
    return page.whole_page(f"{len(rows)} models on {told}", _parts(rows, fair))


def _parts(rows: Sequence[Compared], fair: str) -> Iterator[str]:
    if fair:
        yield page.paragraph(fair, "said")
    yield page.picture(
        plot_intervals([(one.name, one.accuracy) for one in rows]), "accuracy of each, with its interval"
    )
    yield page.table(HEAD, table_of(rows))
    yield page.paragraph(
        f"All of them on the same {rows[0].accuracy.n:,} samples. Whether a difference is noise is told by McNemar's "
        "exact test on the samples that only one of two got right. Times are of batches of 50, by each file and so by "
        "each back end.",
        "said",
    )
    if len(rows) > 2:
        yield page.heading("Each against each")
        yield page.table(("p", *(one.name for one in rows)), _pairs(rows))


def _pairs(rows: Sequence[Compared]) -> Iterator[tuple[str, ...]]:
    for one in rows:
        yield one.name, *("" if one is other else f"{one.against(other).p:.2g}" for other in rows)
