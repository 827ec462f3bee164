"""What `hdr evaluate` and `hdr compare` share: labels in words to a list, and how far it is to a bar or to JSON."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from hdr.cli import output

if TYPE_CHECKING:
    from hdr.data.fair import FairData

_LONG = 2000
"""From so many pictures on, somebody who watches is shown a bar."""

Labels = Annotated[
    str | None,
    typer.Option(
        metavar="A,B,...", help="What the outputs of a model's file stand for, where it does not tell.",
        show_default=False,
    ),
]  # fmt: skip
Everything = Annotated[
    bool,
    typer.Option("--all", help="Measure on pictures too that took part in the training, which flatters the model."),
]


def split_labels(told: str | None) -> list[str] | None:
    """Return the labels of ``A,B,...``; None where nothing was told."""
    return None if told is None else [label.strip() for label in told.split(",")]


def tell_what_is_measured(fair: FairData, left_out: list[str]) -> None:
    """Say beside the output what is not measured on, and what the models had seen."""
    output.tell_left_out(left_out)
    if fair.told:
        print(f"hdr: {fair.told}", file=sys.stderr, flush=True)


def tell_reading(done: int, of: int) -> None:
    """Tell a program how many pictures are read, before anything is measured on them."""
    output.print_json({"event": "progress", "what": "reading", "done": done, "of": of})


@contextlib.contextmanager
def watched(*, jsonl: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give what is to be told how far it is: lines of JSON on standard output, or a bar for whoever watches."""
    if jsonl:
        yield lambda done, of: output.print_json({"event": "progress", "done": done, "of": of})
        return
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task("measuring", total=None, visible=False)
        yield lambda done, of: bar.update(task, completed=done, total=of, visible=of >= _LONG)
