"""`hdr tune`: what was typed to a search, or to the list of all."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hdr.cli.telling import ProgressKind
from hdr.cli.train_job import Told
from hdr.cli.tune_run import Asked, Budget, Manner, run_search
from hdr.cli.tune_telling import list_searches


class MethodKind(StrEnum):
    """Ways of searching, as `hdr.train.search_oracle` has them; named here so that `--help` imports nothing heavy."""

    BAYESIAN = "bayesian"
    HYPERBAND = "hyperband"
    RANDOM = "random"


def tune(  # noqa: PLR0913, PLR0917  (one parameter an option)
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="As for `hdr train`: MNIST's .npz, or folders with a sub-folder a label.", show_default=False
        ),
    ] = None,
    arch: Annotated[
        list[str] | None,
        typer.Option(help="Only these architectures; without it, all that suit the data.", show_default=False),
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials at most. Without it, and no --minutes: 20.")] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Time for all trials; training the winner comes after it.")
    ] = None,
    method: Annotated[
        MethodKind, typer.Option(help="How the next trial is chosen: by what did well, by halving, or by chance.")
    ] = MethodKind.BAYESIAN,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--try",
            metavar="NAME=VALUE,...",
            help="What to choose among, such as rate=0.5,1,2, factors of each recipe's own, or optimizer=adam; one "
            "value leaves no choice. Of rate, batch, warp, optimizer, width, dropout; may be given several times.",
        ),
    ] = None,
    trial_epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the data in a trial. Without it: a quarter of the recipe's.")
    ] = None,
    sample: Annotated[
        int, typer.Option(min=20, help="Samples that a trial learns from and is measured on, at most.")
    ] = 10_000,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="Passes over all data by the winner. Without it: its recipe's."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same search.")] = 7,
    name: Annotated[str | None, typer.Option(help="Of the search and the new model. Without it: of the data.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of models to publish in. Without it: the workspace's.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Lets mobilenetv2 take part: a file of weights (.h5) to begin with, or imagenet.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=8, max=1024, help="Side of the input in pixels. Without it: each recipe's.")
    ] = None,
    printed: Annotated[bool, typer.Option(help="Add printed digits, rendered from this system's free fonts.")] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the trials made earlier under that name.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of a model of that name.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Search nothing: list all searches.")] = False,
    progress: Annotated[
        ProgressKind, typer.Option(help="A bar for people, lines of JSON for programs.")
    ] = ProgressKind.BAR,
    as_json: Annotated[bool, typer.Option("--json", help="The table of trials as JSON, an object a line.")] = False,
) -> None:
    """Search for the architecture and the settings that suit your data best, then train a model with them.

    Each trial is a short training run, judged by what is held out of what it learns from; test data has no part in it.
    Stopped or killed, the same command goes on: finished trials are kept.
    """
    from hdr.train.publish import store_at

    store = store_at(out)
    if listed:
        list_searches(store.root, as_json=as_json)
        return
    told = Told(data=tuple(data or ()), epochs=epochs, seed=seed, weights=weights, size=size, printed=printed)
    asked = Asked(told, tuple(arch or ()), tuple(vary or ()), method.value, trial_epochs, sample)
    limit = 20 if trials is None and minutes is None else trials
    run_search(asked, Budget(limit, minutes), store, Manner(name or asked.name(), fresh, replace, progress, as_json))
