"""Recorded figures to plots, each the bytes of a PNG."""

from __future__ import annotations

import functools
import io
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hdr.data.confidence import Reliability
from hdr.data.metrics import Accuracy
from hdr.errors import HdrError, install_hint
from hdr.train.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Wong's colours, told apart by everybody (B. Wong, 2011, doi:10.1038/nmeth.1618).
BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#D55E00", "#009E73", "#777777"
_LOOKS = ((BLUE, "-"), (ORANGE, "--"), (GREEN, ":"))
_LOSSES = {"loss": "training", "validation_loss": "validation"}
_ACCURACIES = {"accuracy": "training", "validation_accuracy": "validation", "warped_accuracy": "validation, warped"}
_WRITTEN = 30
"""Up to so many labels, every number stands in the matrix."""
_OTHER_SCRIPTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans", "WenQuanYi Zen Hei", "PingFang SC", "Hiragino Sans",
    "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Arial Unicode MS", "Segoe UI Symbol",
)  # fmt: skip
_SMALLEST = 5.0
"""Points of a letter that can still be read."""


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, sizes in inches.

    Raises
    ------
    HdrError
        Where matplotlib is not installed.
    """
    try:
        from matplotlib import rcParams
        from matplotlib.figure import Figure
    except ImportError as error:
        raise HdrError("Plots need matplotlib.", hint=install_hint("train")) from error
    rcParams["font.family"] = _families()
    return Figure(figsize=(width, height), layout="constrained")


@functools.cache
def _families() -> list[str]:
    """Its own letters, and for labels in other scripts those of this system."""
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in _OTHER_SCRIPTS if name in there)]


def plain(text: str) -> str:
    """Return a text that matplotlib writes as it is: a dollar sign begins no formula, a line break no line."""
    shown = "".join(one if one.isprintable() else "?" for one in text)
    return (shown if len(shown) <= 40 else f"{shown[:39]}…").replace("$", r"\$")


def plot_confusion(matrix: NDArray[np.int64], names: Sequence[str]) -> bytes:
    """Draw a confusion matrix: rows the true label, columns the predicted one, shades the share of the row.

    Up to 30 labels each number stands in its cell. With more, only mistakes have a colour of their own, so that one in
    a thousand is still seen; and the letters shrink until every label fits, down to where only every n-th is written.
    """
    many = len(names) > _WRITTEN
    side = min(18.0 if many else 14.0, 2.2 + 0.45 * len(names)) + _room(names)
    figure = new_figure(side, side)
    axes = figure.subplots()
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    if many:
        mistakes = np.ma.masked_where((matrix == 0) | np.eye(len(matrix), dtype=bool), share)
        axes.imshow(mistakes, cmap="autumn_r", vmin=0, vmax=max(float(mistakes.max() or 0), 0.05))
    _label_axes(axes, names, side)
    if not many:
        _write_counts(axes, matrix, share)
    return _png(figure)


def _label_axes(axes: Axes, names: Sequence[str], side: float) -> None:
    points = 72 * (side - _room(names)) / max(1, len(names))  # of a row
    every = max(1, math.ceil(_SMALLEST / (0.8 * points)))
    ticks, told = list(range(0, len(names), every)), [plain(name) for name in names[::every]]
    size = min(10.0, max(_SMALLEST, 0.8 * points))
    axes.set_xticks(ticks, told, rotation=90 if len(names) > _WRITTEN else 60 if _long(names) else 0, fontsize=size)
    axes.set_yticks(ticks, told, fontsize=size)
    axes.set(xlabel="taken for", ylabel="true label")


def _write_counts(axes: Axes, matrix: NDArray[np.int64], share: NDArray[np.float64]) -> None:
    for row, column in zip(*np.nonzero(matrix), strict=True):
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(column, row, f"{matrix[row, column]}", ha="center", va="center", color=colour, fontsize=8)


def plot_calibration(bins: Reliability) -> bytes:
    """Draw how often a model was right against how sure it was, with 95 % intervals, and how many crops there were."""
    figure = new_figure(5, 4.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    full = bins.counts > 0
    sure, right = bins.confidence[full], bins.accuracy[full]
    above.plot((0, 1), (0, 1), color=GRAY, linestyle="--", label="honest")
    spread = np.abs(np.array([one.interval for one in bins.shares() if one.n]).T - right)
    above.errorbar(sure, right, spread, color=BLUE, marker="o", capsize=3, label="this model")
    above.set(ylabel="share that was right", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    above.legend(loc="upper left", frameon=False)
    width = 1 / len(bins.counts)
    below.bar((np.arange(len(bins.counts)) + 0.5) * width, bins.counts, width * 0.9, color=BLUE)
    below.set(xlabel="confidence", ylabel="crops", yscale="symlog")
    return _png(figure)


def plot_history(history: History) -> bytes | None:
    """Draw loss and accuracy over a run; None where nothing was recorded."""
    panels = [
        (what, {label: history.epochs[key] for key, label in keys.items() if key in history.epochs}, "epoch")
        for what, keys in (("loss", _LOSSES), ("accuracy", _ACCURACIES))
    ]
    if history.steps:
        panels[0] = ("loss", {"training": history.steps}, "step")
    panels = [panel for panel in panels if panel[1]]
    if not panels:
        return None
    figure = new_figure(4.6 * len(panels), 3.4)
    for axes, (what, lines, along) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        _curves(axes, lines)
        axes.set(xlabel=along, ylabel=what)
    return _png(figure)


def _curves(axes: Axes, lines: Mapping[str, Sequence[float]]) -> None:
    for (label, values), (colour, line) in zip(lines.items(), _LOOKS, strict=False):
        axes.plot(range(1, len(values) + 1), values, color=colour, linestyle=line, label=label)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)


def plot_intervals(rows: Sequence[tuple[str, Accuracy]]) -> bytes:
    """Draw the accuracy of several models with its 95 % interval, the first at the top."""
    figure = new_figure(5.5 + _room(name for name, _ in rows), 1.2 + 0.45 * len(rows))
    axes = figure.subplots()
    for place, (_, one) in enumerate(rows):
        low, high = one.interval
        axes.plot((low, high), (place, place), color=BLUE, linewidth=2, solid_capstyle="butt")
        axes.plot(one.value, place, color=BLUE, marker="o")
    axes.set_yticks(range(len(rows)), [plain(name) for name, _ in rows])
    axes.set(xlabel="accuracy, with its 95 % interval", ylim=(len(rows) - 0.5, -0.5))
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.1%}")
    axes.locator_params(axis="x", nbins=6)
    axes.grid(alpha=0.3, axis="x")
    return _png(figure)


def plot_counts(counts: Mapping[str, int]) -> bytes:
    """Draw how many samples each label has."""
    figure = new_figure(min(14.0, 2 + 0.4 * len(counts)) + _room(counts) / 2, 3 + _room(counts))
    axes = figure.subplots()
    bars = axes.bar(range(len(counts)), list(counts.values()), color=BLUE)
    axes.set_xticks(range(len(counts)), [plain(name) for name in counts], rotation=60 if _long(counts) else 0)
    axes.bar_label(bars, fontsize=8)
    axes.set(ylabel="samples")
    return _png(figure)


def _room(names: Iterable[str]) -> float:
    """Inches that the longest name takes."""
    return 0.08 * max((len(plain(name)) for name in names), default=0)


def _long(names: Iterable[str]) -> bool:
    return max(map(len, names), default=0) > 4


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a letter that no font here has is drawn as a box
        figure.savefig(file, format="png", dpi=110)
    return file.getvalue()
