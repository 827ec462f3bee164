"""`hdr bench splits`: which architecture learns a folder of labelled pictures better, and how sure that is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdr.cli import output
from hdr.cli.bench_options import AsJson

if TYPE_CHECKING:
    from hdr.bench.figures import Figure
    from hdr.bench.splits import Asked, Outcome, Spread
    from hdr.classify.store import ModelStore


def splits(  # noqa: PLR0913  (its options)
    *,
    data: Annotated[
        list[Path],
        typer.Option(
            help="A folder with a sub-folder a label, such as balls/football/a.jpg. Give it again for several as one.",
            show_default=False,
        ),
    ],
    arch: Annotated[
        list[str],
        typer.Option(
            help="An architecture (`hdr models archs`); give it again for others, each compared with the first.",
            show_default=False,
        ),
    ],
    count: Annotated[int, typer.Option("--splits", min=1, help="How often the data is divided anew.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Of the first division; the others follow.")] = 1,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data. Without it: each recipe's.")] = None,
    weights: Annotated[
        str | None, typer.Option(help="What mobilenetv2 begins with: a file of weights (.h5), or imagenet.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to keep the models in; what stands there is not trained again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Architectures trained on the same part of the same pictures, several times: accuracy, and the paired difference.

    A fifth of the pictures is held out each time, and has no part in any choice. What is after "splits" is the 95 %
    interval over divisions (corrected resampled t), what is after "pictures" the one over pictures (bootstrap).
    """
    from hdr.bench.splits import Asked, spreads
    from hdr.classify.keras_backend import require_keras
    from hdr.train.publish import store_at

    require_keras()
    names = tuple(dict.fromkeys(arch))
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(tuple(data), names, count, seed, epochs, weights)
        outcomes = _outcomes(asked, store_at(out or Path(folder)))
    for number, one in enumerate(spreads(outcomes, names)):
        _tell(one, seed, as_json, first=not number)


def _outcomes(asked: Asked, store: ModelStore) -> list[Outcome]:
    from hdr.bench.splits import outcome, split_jobs
    from hdr.bench.zoo import is_done
    from hdr.cli.telling import show_training

    found = []
    for one in split_jobs(asked):
        if not is_done(one.job, store):
            typer.echo(f"hdr: {one.architecture}, split {one.seed}", err=True)
            show_training(one.job, store)
        found.append(outcome(one, store))
    return found


def _tell(one: Spread, seed: int, as_json: bool, *, first: bool) -> None:
    if as_json:
        output.print_json(one.as_dict())
        return
    if first:
        seeds = "".join(f"{f'split {number}':>10}" for number in range(seed, seed + len(one.each)))
        print(f"{'architecture':26}{seeds}{'mean':>10}  {'95 %, splits':20}{'95 %, pictures':20}seconds")
    name = f"{one.name} - {one.than}" if one.than else one.name
    mean = sum(one.each) / len(one.each)
    each = "".join(f"{_percent(value, one):>10}" for value in (*one.each, mean))
    seconds = "" if one.than else f"{one.seconds:7.0f}"
    print(f"{name:26}{each}  {_reach(one.splits, one):20}{_reach(one.pictures, one):20}{seconds}".rstrip(), flush=True)


def _percent(value: float, one: Spread) -> str:
    return f"{100 * value:+.1f}" if one.than else f"{value:.1%}"


def _reach(figure: Figure | None, one: Spread) -> str:
    return f"{_percent(figure.low, one)} to {_percent(figure.high, one)}" if figure else "-"
