"""How far something is to a bar on standard error where a person is watching and has to wait, or to a program."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from hdr.cli.inputs import Input

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

Far = Callable[[int, int], None]
"""Told how many of how many are done."""
_MANY = 300
"""From so many files on, somebody who watches is shown a bar."""
_EVERY_S = 0.2


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


@contextlib.contextmanager
def reading_pictures(program: Far | None = None, *, quiet: bool = False) -> Iterator[Far | None]:
    """Give what is to be told how many files of pictures are read.

    Parameters
    ----------
    program
        Is told now and then, in place of a person.
    quiet
        Whether a person is told nothing either.
    """
    if program:
        yield _now_and_then(program)
        return
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

    with _transient(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("", visible=False)

        def show(done: int, of: int) -> None:
            told = f"Reading pictures: {done:,} of {of:,}"
            bar.update(task, completed=done, total=of, description=told, visible=of >= _MANY)

        yield show


def _now_and_then(program: Far) -> Far:
    """The same, told of the last and else some times a second."""
    told = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal told
        if done == of or time.monotonic() - told > _EVERY_S:
            told = time.monotonic()
            program(done, of)

    return tell


def _rich_bar() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    name = TextColumn("{task.description}", markup=False)
    return _transient(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), name)


def _transient(*columns: ProgressColumn) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    # Results go to standard output as they are: rich must neither fold their lines nor move them to standard error.
    return Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    )
