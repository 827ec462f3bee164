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
from hdr.classify.loading import load_classifier
from hdr.classify.store import CARD, ModelStore
from hdr.data.dataset import Dataset
from hdr.data.evaluate import Answers, predict
from hdr.data.metrics import Accuracy, Difference, accuracy, mcnemar
from hdr.errors import DatasetError, ModelError, ModelNotFoundError
from hdr.geometry import Box
from hdr.train import page
from hdr.train.plots import plot_intervals
from hdr.vision.normalize import Crop

_BATCH, _TIMES = 50, 7
DOUBT = 0.05
"""From this chance on, a difference may be noise."""


@dataclass(frozen=True, eq=False)
class Compared:
    """One model of a comparison.

    Parameters
    ----------
    name
        As it was named.
    card
        Its card.
    answers
        What it says of each crop.
    sizes
        Bytes of each of its files, by name.
    ms
        Milliseconds a digit, in batches of 50, by file and so by back end; None where that cannot be used here.
    """

    name: str
    card: ModelCard
    answers: Answers
    sizes: Mapping[str, int]
    ms: Mapping[str, float | None]

    @property
    def accuracy(self) -> Accuracy:
        """Over all crops."""
        return accuracy(self.answers.truth, self.answers.predicted)

    def against(self, other: Compared) -> Difference:
        """Return McNemar's test of this model, the first, against another."""
        return mcnemar(self.answers.right, other.answers.right)


def folder_of(name_or_path: str) -> Path | None:
    """Return the folder of a model, where it has one: what the store has by that name, a folder, or a file's own."""
    try:
        return ModelStore().find(name_or_path).path
    except ModelNotFoundError:
        path = Path(name_or_path).expanduser()
    if path.is_dir():
        return path
    return path.parent if path.stem == "model" and (path.parent / CARD).is_file() else None


def compare_models(names: Sequence[str], data: Dataset) -> list[Compared]:
    """Measure each on the same crops; the best comes first.

    Raises
    ------
    ModelError
        Where a model cannot be used.
    DatasetError
        Where there is nothing to measure on, or a model does not know a label.
    """
    if not len(data):
        raise DatasetError("There is nothing to compare the models on.", hint="Give --data with labelled pictures.")
    rows = [_measure(name, data) for name in names]
    return sorted(rows, key=lambda one: -one.accuracy.right)


def _measure(name: str, data: Dataset) -> Compared:
    classifier = load_classifier(name)
    files = _files(name)
    crops = [_crop(np.asarray(pixels)) for pixels in data.crops[:_BATCH]]
    ms = {file.name: _time(file, crops) for file in files}
    sizes = {file.name: file.stat().st_size for file in files}
    return Compared(name, classifier.card, predict(classifier, data), sizes, ms)


def _files(name: str) -> list[Path]:
    """The files of a model that a back end can open."""
    folder = folder_of(name)
    if Path(name).is_file() or folder is None:
        return [Path(name)]
    return [file for file in sorted(folder.iterdir()) if file.stem == "model" and file.suffix != ".json"]


def _time(file: Path, crops: Sequence[Crop]) -> float | None:
    """A digit's share of the quickest of several batches: other programs make some slower, none quicker."""
    try:
        classifier = load_classifier(file)
    except ModelError:
        return None
    return min(_once(classifier, crops) for _ in range(_TIMES)) / len(crops)


def _once(classifier: Classifier, crops: Sequence[Crop]) -> float:
    start = time.perf_counter()
    classifier.classify(crops)
    return (time.perf_counter() - start) * 1000


def _crop(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> Crop:
    return Crop(pixels, Box(0, 0, pixels.shape[1], pixels.shape[0]))


HEAD = ("model", "accuracy", "95 % interval", "against the best", "parameters", "file", "ms a digit", "training")


def table_of(rows: Sequence[Compared]) -> list[tuple[str, ...]]:
    """Return the comparison as texts, a row a model, columns as `HEAD` names them."""
    return [_texts(one, rows[0]) for one in rows]


def _texts(one: Compared, best: Compared) -> tuple[str, ...]:
    low, high = one.accuracy.interval
    made = one.card.made
    parameters, seconds = made.get("parameters"), made.get("seconds")
    return (
        one.name,
        f"{one.accuracy.value:.2%}",
        f"{low:.2%} to {high:.2%}",
        "the best" if one is best else verdict(best.against(one)),
        f"{parameters:,}" if isinstance(parameters, int) else "?",
        ", ".join(f"{name}: {size / 1000:,.0f} kB" for name, size in one.sizes.items()),
        ", ".join(f"{name}: {'?' if ms is None else f'{ms:.3f}'}" for name, ms in one.ms.items()),
        f"{seconds:,.0f} s" if isinstance(seconds, int | float) else "?",
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
            "parameters": one.card.made.get("parameters"),
            "bytes": dict(one.sizes),
            "ms_a_digit": {name: ms and round(ms, 4) for name, ms in one.ms.items()},
            "training_seconds": one.card.made.get("seconds"),
        }
        for one in rows
    ]


def comparison_report(rows: Sequence[Compared], told: str) -> str:
    """Return the comparison as HTML.

    Raises
    ------
    HdrError
        Where matplotlib is not installed.
    """
    return page.whole_page(f"{len(rows)} models on {told}", _parts(rows))


def _parts(rows: Sequence[Compared]) -> Iterator[str]:
    yield page.picture(
        plot_intervals([(one.name, one.accuracy) for one in rows]), "accuracy of each, with its interval"
    )
    yield page.table(HEAD, table_of(rows))
    yield page.paragraph(
        f"All of them on the same {len(rows[0].answers.truth):,} samples. Whether a difference is noise is told by "
        "McNemar's exact test on the samples that only one of two got right. Times are of batches of 50.",
        "said",
    )
    if len(rows) > 2:
        yield page.heading("Each against each")
        yield page.table(("p", *(one.name for one in rows)), _pairs(rows))


def _pairs(rows: Sequence[Compared]) -> Iterator[tuple[str, ...]]:
    for one in rows:
        yield one.name, *("" if one is other else f"{one.against(other).p:.2g}" for other in rows)
