"""What was measured to figures with their 95 % interval, and figures to a table for people, a README or a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.data.confidence import auroc, auroc_interval
from hdr.data.metrics import wilson

Numbers = NDArray[np.float64]
_DRAWS = 1000


@dataclass(frozen=True)
class Figure:
    """A figure and its 95 % interval.

    Parameters
    ----------
    value
        The figure.
    low, high
        The interval; the figure itself where it is certain.
    """

    value: float
    low: float
    high: float


def certain(value: float) -> Figure:
    """Return a figure that was counted, not estimated."""
    return Figure(value, value, value)


def share(right: int, n: int) -> Figure:
    """Return a share with Wilson's interval."""
    return Figure(right / n if n else 0.0, *wilson(right, n))


def area(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> Figure:
    """Return the area under the ROC curve of scores, with Hanley's and McNeil's interval."""
    value = auroc(positive, negative)
    return Figure(value, *auroc_interval(value, len(positive), len(negative)))


def resampled(counts: Numbers, measure: Callable[[Numbers], Numbers]) -> Figure:
    """Return a figure of sums over pages, with the interval that drawing pages anew gives.

    Parameters
    ----------
    counts
        Shape (pages, quantities): what was counted on each page. Digits of one page are not independent, so that
        whole pages are drawn.
    measure
        Sums of shape (draws, quantities) to a figure each.

    References
    ----------
    B. Efron, "Bootstrap methods: another look at the jackknife", 1979, doi:10.1214/aos/1176344552 (percentiles).
    """
    pages = len(counts)
    drawn = np.random.default_rng(0).multinomial(pages, np.full(pages, 1 / pages), _DRAWS)
    value = float(measure(counts.sum(axis=0, keepdims=True))[0])
    low, high = np.quantile(measure(drawn @ counts), (0.025, 0.975))
    return Figure(value, min(value, float(low)), max(value, float(high)))


def median(numbers: Sequence[float]) -> Figure:
    """Return the median of repeated measurements, with the interval that drawing them anew gives."""
    told = np.array(numbers)
    draws = np.random.default_rng(0).choice(told, (_DRAWS, len(told)))
    low, high = np.quantile(np.median(draws, axis=1), (0.025, 0.975))
    return Figure(float(np.median(told)), float(low), float(high))


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    what
        What was measured, in words.
    on
        On how much: ``61 pages, 381 digits``.
    unit
        ``%`` (a share, 0 to 1), ``score`` (0 to 1 or more), ``bytes`` or ``ms``.
    figures
        By who reads; None for what is not defined.
    parts
        The first reader's figure of each kind of what was measured, where there are kinds.
    absent
        Why nothing was measured, if nothing was.
    """

    what: str
    on: str
    unit: str
    figures: dict[str, Figure | None]
    parts: dict[str, Figure] = field(default_factory=dict)
    absent: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it; shares are 0 to 1."""
        told = {name: _as_dict(one) if one else None for name, one in self.figures.items()}
        parts = {name: _as_dict(one) for name, one in self.parts.items()}
        about = {"what": self.what, "on": self.on, "unit": "share" if self.unit == "%" else self.unit}
        return {**about, **({"absent": self.absent} if self.absent else {"figures": told, "parts": parts})}


def _as_dict(figure: Figure) -> dict[str, float]:
    return {"value": round(figure.value, 6), "low": round(figure.low, 6), "high": round(figure.high, 6)}


def tell(figure: Figure | None, unit: str) -> str:
    """Return a figure as people read it: ``98.7 % (98.3 to 99.1)``."""
    if figure is None:
        return "-"
    digits, times, mark = {"%": (2, 100, " %"), "score": (3, 1, ""), "bytes": (0, 1, ""), "ms": (1, 1, " ms")}[unit]
    value, low, high = (f"{times * one:,.{digits}f}" for one in (figure.value, figure.low, figure.high))
    return f"{value}{mark}" if figure.low == figure.high else f"{value}{mark} ({low} to {high})"


_WIDTHS = 62, 26


def text_head(readers: Iterable[str]) -> str:
    """Return the heading of the table for a terminal."""
    what, figure = _WIDTHS
    return (f"{'with 95 % intervals':{what}}" + "".join(f"{name:{figure}}" for name in readers)).rstrip()


def text_line(row: Row) -> str:
    """Return one line of the table for a terminal, and one below it for each kind."""
    what, figure = _WIDTHS
    if row.absent:
        return f"{row.what:{what}}{row.absent}"
    told = "".join(f"{tell(one, row.unit):{figure}}" for one in row.figures.values())
    parts = [f"{f'  {name}':{what}}{tell(one, row.unit)}" for name, one in row.parts.items()]
    return "\n".join(line.rstrip() for line in (f"{row.what:{what}}{told} {row.on}", *parts))


def markdown_head(readers: Iterable[str]) -> str:
    """Return the heading of the table for a README."""
    names = list(readers)
    return f"| what, with 95 % intervals | {' | '.join(names)} | on |\n|---|{'---|' * (len(names) + 1)}"


def markdown_line(row: Row, readers: int) -> str:
    """Return one line of the table for a README."""
    if row.absent:
        return f"| {row.what} |{' |' * readers} {row.absent} |"
    told = " | ".join(tell(one, row.unit) for one in row.figures.values())
    parts = ", ".join(f"{name} {tell(certain(one.value), row.unit)}" for name, one in row.parts.items())
    return f"| {row.what} | {told} | {row.on}{f' ({parts})' if parts else ''} |"
