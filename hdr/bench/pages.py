"""Pages with their truth to figures, ours beside the baselines': from a folder, or made page by page harder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.bench.baselines import BASELINES, read_with
from hdr.bench.generate import TROUBLES, TruePage, compose_page, degrade, style_of
from hdr.bench.hand import written_digits
from hdr.bench.scoring import PageAnswer, PageScore, score_page
from hdr.classify.classifier import Classifier
from hdr.classify.litert import run_tflite
from hdr.errors import DatasetError
from hdr.geometry import Box
from hdr.reading.pipeline import read_digits
from hdr.settings import Settings
from hdr.vision.media import load_image

OURS = "hdr"
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
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
    labels = classifier.card.labels

    def ours(image: NDArray[np.uint8]) -> PageAnswer:
        reading = read_digits(image, classifier, settings)
        return PageAnswer(reading.text, tuple((digit.box, digit.label) for digit in reading.digits))

    def baseline(name: str) -> Reader:
        return lambda image: read_with(BASELINES[name], lambda fields: run_tflite(model, fields), image, labels)

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


def bench_folder(folder: Path, by_name: dict[str, Reader]) -> dict[str, dict[str, PageScore]]:
    """Score a folder of pages: reader, then ``all`` and each kind of page, to a score."""
    scores: dict[str, dict[str, PageScore]] = {name: {} for name in by_name}
    for page in load_pages(folder):
        for name, reader in by_name.items():
            score = score_page(page, reader(page.image))
            for kind in ("all", page.kind):
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


def bench_generated(
    by_name: dict[str, Reader],
    pages: int = 3,
    seed: int = 1,
    digits: tuple[NDArray[np.uint8], Sequence[str]] | None = None,
    troubles: Sequence[str] = TROUBLES,
) -> Iterator[Curve]:
    """Write pages, make them worse, and score everybody on the same ones.

    Parameters
    ----------
    by_name
        Who reads.
    pages
        How many a trouble and strength.
    seed
        The same seed gives the same pages.
    digits
        Pictures of shape (digits, height, width), white on black, and a label each, to write with; None writes with
        strokes of our own.
    troubles
        Which.
    """
    written = digits or written_digits(1000, np.random.default_rng(seed))
    for trouble in troubles:
        sums = {name: [PageScore()] * len(STRENGTHS) for name in by_name}
        for step, strength in enumerate(STRENGTHS):
            for number in range(pages):
                page = _page(written, trouble, strength, seed * 1000 + number)
                for name, reader in by_name.items():
                    sums[name][step] += score_page(page, reader(page.image))
        yield from (Curve(trouble, name, tuple(scores)) for name, scores in sums.items())


def _page(digits: tuple[NDArray[np.uint8], Sequence[str]], trouble: str, strength: float, seed: int) -> TruePage:
    rng = np.random.default_rng(seed)
    return degrade(compose_page(*digits, rng, style_of(trouble, strength)), trouble, strength, rng)
