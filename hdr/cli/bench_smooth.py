"""`hdr bench window`: how smooth the window stays while a model is trained, beside a training thread."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from hdr.cli import output
from hdr.cli.bench_options import AsJson


def window(
    *,
    arch: Annotated[str, typer.Option(help="What is trained.")] = "cnn-93k",
    digits: Annotated[int, typer.Option(min=100, help="Digits to learn from, drawn by rule.")] = 6000,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over them.")] = 3,
    batch: Annotated[int, typer.Option(min=1, help="Pictures learned from at once.")] = 64,
    as_json: AsJson = False,
) -> None:
    """Delays of a 5 ms ticker in the window's loop: at rest, while it trains, and with a training thread instead.

    It opens the window on the screen there is, for some minutes. Run it alone: what else runs delays it too.
    """
    from hdr.app.train_drive import watch_window
    from hdr.app.train_plan import MNIST, Plan
    from hdr.bench.smooth import InThread, write_digits

    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        data = write_digits(home / "digits.npz", digits)
        plan = Plan(MNIST, mnist=data, arch=arch, epochs=str(epochs), batch=str(batch), name="smooth")
        for told in watch_window(home, plan, InThread(data, arch, epochs, batch)):
            if as_json:
                output.print_json(dataclasses.asdict(told))
            else:
                typer.echo(str(told))
