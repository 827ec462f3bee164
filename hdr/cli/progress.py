"""A list to the same list with a bar on standard error, where a person is watching and has to wait."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from hdr.cli.inputs import Input

if TYPE_CHECKING:
    from rich.progress import Progress


class Bar:
    """A progress bar, or nothing where standard error is no terminal or there is but one input."""

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def each(self, inputs: Sequence[Input]) -> Generator[Input]:
        """Yield every input, the bar moving on with each."""
        if len(inputs) < 2 or not sys.stderr.isatty():
            yield from inputs
            return
        with _rich_bar() as self._bar:
            task = self._bar.add_task("", total=len(inputs))
            for one in inputs:
                self._bar.update(task, description=one.name)
                yield one
                self._bar.advance(task)
        self._bar = None

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while a result is printed."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        yield
        self._bar.start()


def _rich_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    name = TextColumn("{task.description}", markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), name)
    # Results go to standard output as they are: rich must neither fold their lines nor move them to standard error.
    return Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    )
