"""What was measured of a model to a report that a person can read, keep and send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hdr.data.confidence import reliability
from hdr.data.evaluate import Evaluation
from hdr.data.fair import FairData
from hdr.data.metrics import most_confused
from hdr.train import page
from hdr.train.history import History
from hdr.train.plots import plot_calibration, plot_confusion, plot_history

_GALLERY, _OFTEN = 60, 10


def evaluation_report(result: Evaluation, fair: FairData, told: str, history: History | None = None) -> str:
    """Return the report of one model as HTML.

    Parameters
    ----------
    result
        What was measured.
    fair
        What on; in the order in which it was measured.
    told
        What to call the data.
    history
        Of its training, if that was kept.

    Raises
    ------
    HdrError
        Where matplotlib is not installed.
    """
    return page.whole_page(f"{result.model} on {told}", _parts(result, fair, history))


def _parts(result: Evaluation, fair: FairData, history: History | None) -> Iterator[str]:
    yield page.paragraph(f"Accuracy {result.accuracy}", "big")
    if fair.told:
        yield page.paragraph(fair.told, "said")
    if result.trained_on:
        yield page.paragraph(f"It learned from: {result.trained_on}", "said")
    yield from _curves(history)
    yield page.heading("What is taken for what")
    used = _used(result)
    names = [result.names[index] for index in used]
    yield page.wide(page.picture(plot_confusion(result.matrix[np.ix_(used, used)], names), "confusion matrix"))
    yield from _often(result)
    yield page.heading("By label")
    yield page.table(("label", "precision", "recall", "F1", "n"), _classes(result))
    yield page.heading("Is it as sure as it is right?")
    bins = reliability(result.answers.confidence, result.answers.right)
    yield page.picture(plot_calibration(bins), "calibration plot")
    yield page.paragraph(
        f"Expected calibration error {result.calibration_error:.4f}, log loss {result.log_loss:.4f}, Brier score "
        f"{result.brier:.4f}: of each, 0 is best.",
        "said",
    )
    yield from _wrong(result, fair)


def _often(result: Evaluation) -> Iterator[str]:
    """The likeliest mistakes, in words: of many labels the matrix alone is hard to read."""
    often = [
        f"{result.names[true]}, taken for {result.names[told]}: {count:,}"
        for true, told, count in most_confused(result.matrix, _OFTEN)
    ]
    if often:
        yield page.listing(often)


def _used(result: Evaluation) -> list[int]:
    """Labels that are there or were told; all of them where nothing was measured."""
    seen = np.flatnonzero(result.matrix.sum(axis=0) + result.matrix.sum(axis=1)).tolist()
    return seen or list(range(len(result.names)))


def _curves(history: History | None) -> Iterator[str]:
    drawn = plot_history(history) if history else None
    if drawn:
        yield page.heading("How it learned")
        yield page.picture(drawn, "loss and accuracy over the run")


def _classes(result: Evaluation) -> Iterator[tuple[str, ...]]:
    for name, one in zip(result.names, result.classes, strict=True):
        yield name, f"{one.precision:.2%}", f"{one.recall:.2%}", f"{one.f1:.2%}", f"{one.support:,}"


def _wrong(result: Evaluation, fair: FairData) -> Iterator[str]:
    wrong = result.answers.mistakes()
    yield page.heading("What it got wrong")
    if not len(wrong):
        count = len(fair.data)
        yield page.paragraph(f"Nothing: all {count:,} right." if count else "Nothing was measured.")
        return
    shown = f", these {_GALLERY} among them" if len(wrong) > _GALLERY else ""
    yield page.paragraph(f"{len(wrong):,} of {len(fair.data):,}{shown}, those first that it was surest of.")
    yield page.gallery((np.asarray(fair.data.crops[i]), _caption(result, fair, int(i))) for i in wrong[:_GALLERY])


def _caption(result: Evaluation, fair: FairData, index: int) -> tuple[str, ...]:
    answers, place = result.answers, fair.places[index]
    true, told = result.names[answers.truth[index]], result.names[answers.predicted[index]]
    where = Path(place.file).name if place.index is None else f"{Path(place.file).name} [{place.index}]"
    return f"{true}, taken for {told}", f"{answers.confidence[index]:.1%} sure", where
