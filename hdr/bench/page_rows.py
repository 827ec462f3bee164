"""Pages and what was read on them to rows of the table: found, in place, in order, without a mistake, how honest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdr.bench.figures import Figure, Numbers, Row, resampled, share
from hdr.bench.generate import TruePage
from hdr.bench.pages import OURS, Reader
from hdr.bench.scoring import PageAnswer, PageScore, matched, score_page
from hdr.data.confidence import CALIBRATION_BINS, calibration_gaps

_FIELDS = tuple(PageScore.__dataclass_fields__)


def _column(name: str) -> int:
    return _FIELDS.index(name)


def _f1(hits: str, found: str, there: str) -> Callable[[Numbers], Numbers]:
    columns = _column(hits), _column(found), _column(there)

    def measure(sums: Numbers) -> Numbers:
        right, told, true = (sums[:, column] for column in columns)
        return np.asarray(2 * right / np.maximum(told + true, 1), np.float64)

    return measure


def _per(edits: str, there: str) -> Callable[[Numbers], Numbers]:
    return lambda sums: np.asarray(sums[:, _column(edits)] / np.maximum(sums[:, _column(there)], 1), np.float64)


MEASURES: dict[str, tuple[str, str, Callable[[Numbers], Numbers]]] = {
    "found_f1": ("found with the right label, F1", "score", _f1("hits", "found", "there")),
    "box_f1": ("in the right place too, F1", "score", _f1("box_hits", "box_found", "box_there")),
    "cer": ("character error rate", "score", _per("edits", "there")),
    "exact": ("pages without a mistake", "%", _per("exact", "pages")),
}


@dataclass(frozen=True, eq=False)
class Answers:
    """What one reader made of pages.

    Parameters
    ----------
    counts
        Shape (pages, quantities): the fields of `PageScore`.
    honesty
        Shape (pages, bins + 1): how much confidence was too much, and last the digits told; for `calibration`.
    """

    counts: Numbers
    honesty: Numbers


def page_rows(what: str, answers: dict[str, Answers], measures: Iterable[str] = MEASURES) -> Iterator[Row]:
    """Return a row a measure.

    Parameters
    ----------
    what
        The pages, in words.
    answers
        By who read them.
    measures
        Of `MEASURES`.
    """
    ours = answers[OURS].counts
    on = f"{len(ours):,} pages, {round(ours[:, _column('there')].sum()):,} digits"
    for name in measures:
        words, unit, measure = MEASURES[name]
        figures = {who: _page_figure(one.counts, name, measure) for who, one in answers.items()}
        yield Row(f"{what}: {words}", on, unit, dict(figures))


def _page_figure(counts: Numbers, name: str, measure: Callable[[Numbers], Numbers]) -> Figure:
    if name == "exact":
        return share(round(counts[:, _column("exact")].sum()), len(counts))
    return resampled(counts, measure)


def read_all(pages: Iterable[TruePage], read: dict[str, Reader]) -> dict[str, Answers]:
    """Have everybody read the same pages; nothing at all where there are none."""
    counts: dict[str, list[list[int]]] = {who: [] for who in read}
    gaps: dict[str, list[Numbers]] = {who: [] for who in read}
    for page in pages:
        for who, reader in read.items():
            answer = reader(page.image)
            score = score_page(page, answer)
            counts[who].append([getattr(score, name) for name in _FIELDS])
            gaps[who].append(_honesty(page, answer))
    return {who: Answers(np.array(counts[who], float), np.array(gaps[who])) for who in read if counts[who]}


def _honesty(page: TruePage, answer: PageAnswer) -> Numbers:
    """By bin of confidence, how much of it was too much; in the last place how many digits: zeros without boxes."""
    if page.boxes is None:
        return np.zeros(CALIBRATION_BINS + 1)
    right = np.zeros(len(answer.digits), np.bool_)
    right[list(matched(page.boxes, answer.digits))] = True
    return np.append(calibration_gaps(np.array(answer.confidences), right), len(right))


def calibration(honesty: Numbers) -> Figure:
    """Return the expected calibration error of what `honesty` holds, pages drawn anew for its interval."""

    def error(sums: Numbers) -> Numbers:
        return np.asarray(np.abs(sums[:, :-1]).sum(axis=1) / np.maximum(sums[:, -1], 1), np.float64)

    return resampled(honesty, error)


def crop_honesty(confidence: Numbers, right: NDArray[np.bool_]) -> Numbers:
    """Return the same of crops, each on a page of its own."""
    return np.stack([np.append(calibration_gaps(c[None], r[None]), 1) for c, r in zip(confidence, right, strict=True)])
