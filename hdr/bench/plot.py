"""Curves of accuracy against what is wrong with a page, to a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from hdr.bench.pages import STRENGTHS, Curve
from hdr.errors import HdrError
from hdr.workspace import write_atomically


def plot_curves(curves: Sequence[Curve], path: Path) -> None:
    """Draw one small plot a trouble, a line a reader.

    Raises
    ------
    HdrError
        Where matplotlib is not installed, or the picture cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise HdrError("Plots need matplotlib.", hint='Install it: pip install "hdr[train]"') from error
    troubles = list(dict.fromkeys(curve.trouble for curve in curves))
    columns = min(4, len(troubles))
    rows = -(-len(troubles) // columns)
    figure = Figure(figsize=(3 * columns, 2.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for place, trouble in zip(axes.flat, troubles, strict=False):
        for curve in curves:
            if curve.trouble == trouble:
                place.plot(STRENGTHS, [score.found_f1 for score in curve.scores], marker="o", label=curve.reader)
        place.set(title=trouble, ylim=(-0.03, 1.03))
    for place in axes.flat[len(troubles) :]:
        place.set_axis_off()
    axes[0, 0].legend(fontsize="small")
    figure.supxlabel("strength")
    figure.supylabel("digits found with the right label (F1)")
    picture = io.BytesIO()
    figure.savefig(picture, format=path.suffix.lstrip(".") or "png", dpi=110)
    try:
        write_atomically(path, picture.getvalue())
    except OSError as error:
        raise HdrError(f"{path} cannot be written: {error.strerror}.", hint="Choose another folder.") from error
