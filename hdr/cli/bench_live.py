"""`hdr bench live`: how fast, how steadily and at what cost frames are read, as a table or as JSON."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdr.cli import output
from hdr.cli.bench_options import AsJson, Mnist, digits_told, model_file

if TYPE_CHECKING:
    from hdr.bench.generate import Digits
    from hdr.bench.live import Row

PARTS = ("speed", "reuse", "steady", "latency", "start", "throttled", "memory")


def live(
    *,
    part: Annotated[
        list[str] | None, typer.Option(help=f"Only this part ({', '.join(PARTS)}); may be given several times.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1001, help="Frames after which the memory is weighed again.")] = 5000,
    runs: Annotated[int, typer.Option(min=1, help="How often each is timed; medians are told.")] = 5,
    mnist: Mnist = None,
    as_json: AsJson = False,
) -> None:
    """Frames a second, flips, memory and delay of live reading, beside the live-detection project's loop."""
    unknown = sorted(set(part or ()) - set(PARTS))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: there is {', '.join(PARTS)}", param_hint="--part")
    for row in _rows(part or PARTS, frames, runs, mnist):
        if as_json:
            output.print_json(row.figures())
        else:
            tell(row)


def _rows(parts: list[str] | tuple[str, ...], frames: int, runs: int, mnist: Path | None) -> Iterator[Row]:
    from hdr.bench import live, live_cost, live_steady, live_throttled
    from hdr.bench.live_scenes import our_digits
    from hdr.classify.loading import load_classifier

    digits: Digits = digits_told(mnist) or our_digits()
    classifier, file = load_classifier(), model_file("model.tflite")
    model = file.read_bytes()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        benches = {
            "speed": lambda: live.bench_speed(classifier, model, digits, runs),
            "reuse": lambda: live.bench_reuse(classifier, digits, runs),
            "steady": lambda: live_steady.bench_steady(classifier, digits),
            "latency": lambda: live_cost.bench_latency(classifier, digits),
            "start": lambda: live_cost.bench_first(digits, file, folder, runs),
            "throttled": lambda: live_throttled.bench_throttled(digits, file, folder, runs),
            "memory": lambda: live_cost.bench_memory(classifier, digits, frames),
        }
        for part in PARTS:
            if part in parts:
                yield from benches[part]()


def tell(row: Row, where: str = "") -> None:
    """Print a figure, with where it was measured."""
    print(f"{where}: {row.what}" if where else row.what)
    told = f"  {_figure(row.ours, row.unit)}"
    if row.goal:
        told += f" (goal: {row.goal})"
    if row.baseline is not None:
        told += f"; {row.beside}: {_figure(row.baseline, row.unit)}"
    if row.ratio is not None:
        told += f"; ratio {row.ratio:.3g}"
    print(told, flush=True)


def _figure(value: float, unit: str) -> str:
    return f"{value:.3%}" if unit == "of frames" else f"{value:.4g} {unit}".strip()
