"""`hdr evaluate`: a model and labelled data to a table for people, or JSON for programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdr.cli import output

if TYPE_CHECKING:
    from hdr.data.dataset import Dataset
    from hdr.data.evaluate import Evaluation


def evaluate(
    model: Annotated[str, typer.Argument(help="Name of a model, a .tflite, .keras or .h5 file, or a model's folder.")],
    data: Annotated[
        Path,
        typer.Option(
            help="An .npz (x_test, y_test or x, y), or a folder with a sub-folder a label, such as captures/."
        ),
    ],
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html", help="Write it as one page with plots and what went wrong.", show_default=False
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure a model on labelled digits: accuracy with its 95 % interval, by label, and what is taken for what."""
    from hdr.classify.loading import load_classifier
    from hdr.data.class_folders import load_for
    from hdr.data.evaluate import evaluate as measure

    classifier = load_classifier(model)
    left_out: list[str] = []
    told = load_for(classifier.card, data, left_out)
    output.tell_left_out(left_out)
    result = measure(classifier, told)
    if report:
        _write(report, result, told, data.name, model)
    if json:
        output.print_json({"data": str(data), **result.as_dict()})
    else:
        _show(result, str(data))


def _write(path: Path, result: Evaluation, data: Dataset, told: str, model: str) -> None:
    from hdr.train.comparing import folder_of
    from hdr.train.history import read_history
    from hdr.train.page import write_page
    from hdr.train.report import evaluation_report

    folder = folder_of(model)
    write_page(path, evaluation_report(result, data, told, read_history(folder) if folder else None))
    typer.echo(f"hdr: the report is in {path}", err=True)


def _show(result: Evaluation, data: str) -> None:
    typer.echo(f"{result.model} on {data}: {result.accuracy}")
    typer.echo(f"calibration error {result.calibration_error:.4f}")
    typer.echo()
    typer.echo(_table(result))


def _table(result: Evaluation) -> str:
    """Figures by label, and beside them the confusion matrix: rows the true label, columns the predicted one."""
    wide = max(5, *(len(name) + 1 for name in result.names), len(str(result.matrix.max())) + 1)
    label = max(len("label"), *map(len, result.names))
    head = f"{'label':<{label}} {'precision':>10}{'recall':>9}{'f1':>9}{'n':>8}  |"
    lines = [head + "".join(f"{name:>{wide}}" for name in result.names) + "  taken for"]
    for name, figures, row in zip(result.names, result.classes, result.matrix, strict=True):
        told = f"{figures.precision:>10.2%}{figures.recall:>9.2%}{figures.f1:>9.2%}{figures.support:>8,}  |"
        lines.append(f"{name:<{label}} {told}" + "".join(f"{int(n) or '.':>{wide}}" for n in row))
    return "\n".join(lines)
