"""Pages with their truth to figures, ours beside the baselines': from a folder, or made page by page harder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.bench.baselines import BASELINES, only_digits, read_with
from hdr.bench.changes import CHANGES
from hdr.bench.generate import Digits, TruePage
from hdr.bench.hand import written_digits
from hdr.bench.scoring import PageAnswer, PageScore, score_page
from hdr.bench.troubles import STRENGTHS, TROUBLES, troubled_page
from hdr.classify.classifier import Classifier
from hdr.classify.litert import TFLiteModel
from hdr.errors import DatasetError, HdrError
from hdr.geometry import Box
from hdr.reading.pipeline import read_digits
from hdr.settings import Settings
from hdr.vision.media import load_image, save_image
from hdr.workspace import write_atomically

OURS = "hdr"
Reader = Callable[[NDArray[np.uint8]], PageAnswer]


def readers(classifier: Classifier, model: bytes, settings: Settings | None = None) -> dict[str, Reader]:
    """Return ours and the baselines by name.

    Parameters
    ----------
    classifier
        For ours.
    model
        The same model as the bytes of a `.tflite` file, for the baselines, which frame digits in their own way.
    settings
        For ours.
    """
    predict = only_digits(TFLiteModel(model), classifier.card)

    def ours(image: NDArray[np.uint8]) -> PageAnswer:
        reading = read_digits(image, classifier, settings)
        digits = [digit for digit in reading.digits if digit.is_digit]
        boxes = tuple((digit.box, digit.label) for digit in digits)
        return PageAnswer(reading.text, boxes, tuple(digit.confidence for digit in digits))

    def baseline(name: str) -> Reader:
        return lambda image: read_with(BASELINES[name], predict, image)

    return {OURS: ours, **{name: baseline(name) for name in BASELINES}}


def load_pages(folder: Path) -> Iterator[TruePage]:
    """Read pages whose truth stands in `truth.json` beside them.

    It maps a file's name to ``{"rows": ["012"], "boxes": [[x, y, width, height, "0"], ...] or null, "kind": "photo"}``.

    Raises
    ------
    DatasetError
        Where there is no such file, or it is none.
    """
    try:
        told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        entries = [(name, _truth(entry)) for name, entry in told.items()]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DatasetError(
            f"{folder} has no pages with their truth ({error}).",
            hint='It needs a truth.json: {"page.jpg": {"rows": ["012"], "boxes": null}}.',
        ) from error
    for name, (rows, boxes, kind) in entries:
        yield TruePage(load_image(folder / Path(name).name), rows, boxes, name, kind)


def _truth(entry: dict[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[Box, str], ...] | None, str]:
    boxes = entry.get("boxes")
    true = tuple((Box.from_xywh(*map(round, box[:4])), str(box[4])) for box in boxes) if boxes else None
    rows = tuple(str(row).replace(" ", "") for row in entry["rows"])
    return rows, true, str(entry.get("kind", ""))


def save_pages(pages: Iterable[TruePage], folder: Path) -> int:
    """Write pages as PNG under their names, with a `truth.json` that `load_pages` reads; return how many.

    Raises
    ------
    HdrError
        Where the folder holds something already, or cannot be written.
    """
    told = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise HdrError(f"{folder} is not empty.", hint="Choose a new folder: the pages bring a truth.json.")
        for page in pages:
            save_image(folder / page.name, page.image)
            boxes = [[*box.xywh, label] for box, label in page.boxes or ()]
            size = [page.image.shape[1], page.image.shape[0]]
            told[page.name] = {"kind": page.kind, "size": size, "rows": list(page.rows), "boxes": boxes}
        write_atomically(folder / "truth.json", json.dumps(told, indent=1).encode("utf-8"))
    except OSError as error:
        raise HdrError(f"{folder} cannot be written: {error.strerror}.", hint="Choose another folder.") from error
    return len(told)


def bench_folder(folder: Path, by_name: dict[str, Reader]) -> dict[str, dict[str, PageScore]]:
    """Score a folder of pages: reader, then ``all`` and each kind of page, to a score."""
    return _score_kinds(((page, page.kind) for page in load_pages(folder)), by_name)


def bench_degraded(folder: Path, by_name: dict[str, Reader]) -> dict[str, dict[str, PageScore]]:
    """Score a folder of pages as they are and made worse: reader, then ``all`` and each of `CHANGES`, to a score."""
    changed = ((change(page), name) for page in load_pages(folder) for name, change in CHANGES.items())
    return _score_kinds(changed, by_name)


def _score_kinds(pages: Iterable[tuple[TruePage, str]], by_name: dict[str, Reader]) -> dict[str, dict[str, PageScore]]:
    scores: dict[str, dict[str, PageScore]] = {name: {"all": PageScore()} for name in by_name}
    for page, group in pages:
        for name, reader in by_name.items():
            score = score_page(page, reader(page.image))
            for kind in {"all", group}:
                scores[name][kind] = scores[name].get(kind, PageScore()) + score
    return scores


@dataclass(frozen=True)
class Curve:
    """How reading gets worse as a page does.

    Parameters
    ----------
    trouble
        What is wrong with the page, one of `TROUBLES`.
    reader
        Who read.
    scores
        One a strength, in the order of `STRENGTHS`.
    """

    trouble: str
    reader: str
    scores: tuple[PageScore, ...]


def generated_pages(
    digits: Digits | None = None,
    pages: int = 3,
    seed: int = 1,
    troubles: Sequence[str] = TROUBLES,
    strengths: Sequence[float] = STRENGTHS,
) -> Iterator[TruePage]:
    """Write pages, each trouble at each strength.

    Parameters
    ----------
    digits
        Pictures of shape (digits, height, width), white on black, and a label each, to write with; None writes with
        strokes of our own.
    pages
        How many a trouble and strength.
    seed
        The same seed gives the same pages.
    troubles
        Which.
    strengths
        From 0, a good page, to 1, one that is hard for a person.
    """
    written = digits or written_digits(1000, np.random.default_rng(seed))
    for trouble in troubles:
        for strength in strengths:
            for number in range(pages):
                yield troubled_page(written, trouble, strength, seed * 1000 + number)


def bench_generated(
    by_name: dict[str, Reader],
    pages: int = 3,
    seed: int = 1,
    digits: Digits | None = None,
    troubles: Sequence[str] = TROUBLES,
) -> Iterator[Curve]:
    """Score everybody on the same `generated_pages`, a curve a trouble and reader.

    Parameters
    ----------
    by_name
        Who reads.
    pages, seed, troubles
        As `generated_pages` has them.
    digits
        To write with; None for our own strokes.
    """
    written = digits or written_digits(1000, np.random.default_rng(seed))
    for trouble in troubles:
        sums = {name: [PageScore()] * len(STRENGTHS) for name in by_name}
        for index, page in enumerate(generated_pages(written, pages, seed, [trouble])):
            for name, reader in by_name.items():
                sums[name][index // pages] += score_page(page, reader(page.image))
        yield from (Curve(trouble, name, tuple(scores)) for name, scores in sums.items())
