"""`hdr train --data FOLDER`: class folders to the data of a training run, looked at first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hdr.cli import output

if TYPE_CHECKING:
    from hdr.cli.progress import Far
    from hdr.data.class_folders import Divided
    from hdr.train.recipe import Recipe


def is_mnist(data: Sequence[Path]) -> bool:
    """Whether what was typed is nothing, or one file, as MNIST is: any other is class folders, alone or together."""
    return not data or (len(data) == 1 and not data[0].is_dir())


def load_data(data: Sequence[Path], seed: int, program: Far | None = None) -> Divided:
    """Return class folders, and say what will hurt; a program, else whoever watches, is told how far it is."""
    from hdr.cli.progress import reading_pictures
    from hdr.data.class_folders import load_class_folders
    from hdr.data.looking import warnings_of

    with reading_pictures(program) as tell:
        divided = load_class_folders(data, seed, progress=tell)
    output.tell_left_out(divided.left_out)
    for sentence in warnings_of(divided):
        typer.echo(f"hdr: {sentence}", err=True)
    return divided


_SKEW = 3
"""From so many times as many samples of one label as of another on, the rare one counts more."""


def warn_of_skew(divided: Divided) -> bool:
    """Whether some labels are so rare that they should count more; it is said then."""
    counts = {name: n for name, n in divided.learn.count().items() if n}
    most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    if counts[most] < _SKEW * counts[least]:
        return False
    typer.echo(
        f"hdr: a sample of {least!r} ({counts[least]:,}) counts more than one of {most!r} ({counts[most]:,}), so that "
        "it is not taken for it; --class-weights none has all count alike.",
        err=True,
    )
    return True


def look(data: Sequence[Path], seed: int, report: Path) -> None:
    """Write what would be learned from as a page, and tell the counts."""
    from hdr.data.looking import counts_of
    from hdr.train.look import data_report
    from hdr.train.page import write_page

    divided = load_data(data, seed)
    write_page(report, data_report(divided, ", ".join(path.name for path in data), seed))
    for name, (learn, test) in counts_of(divided).items():
        typer.echo(f"{name}: {learn:,} to learn from, {test:,} to test on")
    typer.echo(f"hdr: the page is in {report}", err=True)


def in_words(data: Sequence[Path], divided: Divided, recipe: Recipe) -> str:
    """Say what is learned from, for the card."""
    held = round(recipe.validation * len(divided.learn))
    how = "as the data was divided" if divided.own else "drawn by group"
    return (
        f"{len(divided.learn) - held:,} samples of {', '.join(path.name for path in data)} ({held:,} more held out for "
        f"every choice, {len(divided.test):,} to test on, {how})"
    )
