"""`hdr compare`: several models and the same labelled data to one table, and to one page with a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hdr.cli import output


def compare(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...", help="Two or more, as for `hdr evaluate`.")],
    data: Annotated[Path, typer.Option(help="What to measure them on, as for `hdr evaluate`.")],
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write it as one page with a picture.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell which of several models is better on the same data, whether that may be chance, and what each costs."""
    from hdr.classify.loading import load_classifier
    from hdr.data.class_folders import load_for
    from hdr.train.comparing import HEAD, as_dict, compare_models, comparison_report, table_of

    left_out: list[str] = []
    rows = compare_models(models, load_for(load_classifier(models[0]).card, data, left_out))
    output.tell_left_out(left_out)
    if report:
        from hdr.train.page import write_page

        write_page(report, comparison_report(rows, data.name))
        typer.echo(f"hdr: the report is in {report}", err=True)
    if json:
        output.print_json({"data": str(data), "models": as_dict(rows)})
    else:
        _print([HEAD, *table_of(rows)])


def _print(rows: list[tuple[str, ...]]) -> None:
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, wide, strict=True)).rstrip())
