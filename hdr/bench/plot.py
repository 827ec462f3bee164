"""Curves of accuracy against what is wrong with a page, to a picture."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hdr.bench.pages import Curve
from hdr.bench.troubles import STRENGTHS
from hdr.errors import HdrError
from hdr.train.plots import BLUE, GREEN, ORANGE, new_figure
from hdr.workspace import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", ":"))


def plot_curves(curves: Sequence[Curve], path: Path) -> None:
    """Draw one small plot a trouble, a line a reader.

    Raises
    ------
    HdrError
        Where matplotlib is not installed, or the picture cannot be written.
    """
    troubles = list(dict.fromkeys(curve.trouble for curve in curves))
    columns = min(6, len(troubles))
    rows = -(-len(troubles) // columns)
    figure = new_figure(2.1 * columns + 0.4, 1.6 * rows + 0.8)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for place, trouble in zip(axes.flat, troubles, strict=False):
        _draw(place, [curve for curve in curves if curve.trouble == trouble])
    for place in axes.flat[len(troubles) :]:
        place.set_axis_off()
    for place in axes.flat[max(0, len(troubles) - columns) : len(troubles)]:
        place.tick_params(labelbottom=True)
    lines, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center", ncols=len(names), frameon=False)
    figure.supxlabel("strength: from a good page to one that is hard for a person")
    figure.supylabel("digits found with the right label (F1)")
    picture = io.BytesIO()
    figure.savefig(picture, format=path.suffix.lstrip(".") or "png", dpi=110)
    try:
        write_atomically(path, picture.getvalue())
    except OSError as error:
        raise HdrError(f"{path} cannot be written: {error.strerror}.", hint="Choose another folder.") from error


def _draw(place: Axes, curves: Sequence[Curve]) -> None:
    """One trouble; who reads is told by colour, by marker and by the kind of line."""
    for curve, (colour, marker, line) in zip(curves, itertools.cycle(_LOOKS)):
        scores = [score.found_f1 for score in curve.scores]
        place.plot(STRENGTHS, scores, color=colour, marker=marker, linestyle=line, markersize=4, label=curve.reader)
    place.set_title(curves[0].trouble, fontsize=10)
    place.set(ylim=(-0.04, 1.04), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    place.grid(alpha=0.3)
