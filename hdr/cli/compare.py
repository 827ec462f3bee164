"""`hdr compare`: several models and the same labelled data to one table, and to one page with a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hdr.cli import output
from hdr.cli.measuring import Everything, Labels, split_labels, tell_reading, tell_what_is_measured, watched
from hdr.cli.progress import reading_pictures
from hdr.cli.telling import ProgressKind


def compare(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...", help="Two or more, as for `hdr evaluate`.")],
    data: Annotated[
        list[Path],
        typer.Option(
            help="What to measure them on, as for `hdr evaluate`; pictures that one of them learned from are left out."
        ),
    ],
    labels: Labels = None,
    everything: Everything = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write it as one page with a picture.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    progress: Annotated[
        ProgressKind, typer.Option(help="A bar for people, lines of JSON for programs.")
    ] = ProgressKind.BAR,
) -> None:
    """Tell which of several models is better on the same data, whether that may be chance, and what each costs."""
    from hdr.data.fair import load_fair
    from hdr.data.learned import read_learned
    from hdr.train.comparing import HEAD, as_dict, compare_models, comparison_report, folder_of, load_named, table_of

    left_out, known = list[str](), split_labels(labels)
    seen = [read_learned(folder_of(name)) for name in models]
    card, jsonl = load_named(models[0], known).card, progress is ProgressKind.JSONL
    with reading_pictures(tell_reading if jsonl else None, quiet=json) as tell:
        fair = load_fair(card, data, seen, left_out, everything=everything, progress=tell)
    tell_what_is_measured(fair, left_out)
    with watched(jsonl=jsonl) as tell:
        rows = compare_models(models, fair.data, known, tell)
    if report:
        from hdr.train.page import write_page

        told = ", ".join(path.name or str(path) for path in data)
        write_page(report, comparison_report(rows, told, fair.told))
        typer.echo(f"hdr: the report is in {report}", err=True)
    if json:
        told_data = [str(path) for path in data]
        output.print_json({"data": told_data, "seen": fair.as_dict(), "told": fair.told, "models": as_dict(rows)})
    else:
        _print([HEAD, *table_of(rows)])


def _print(rows: list[tuple[str, ...]]) -> None:
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, wide, strict=True)).rstrip())
