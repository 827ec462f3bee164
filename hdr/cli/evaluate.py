"""`hdr evaluate`: a model and labelled data to a table for people, or JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdr.cli import output
from hdr.cli.measuring import Everything, Labels, split_labels, tell_reading, tell_what_is_measured, watched
from hdr.cli.progress import reading_pictures
from hdr.cli.telling import ProgressKind

if TYPE_CHECKING:
    from hdr.data.evaluate import Evaluation
    from hdr.data.fair import FairData

_MATRIX, _SHOWN = 24, 10
"""Up to so many labels the matrix is printed; with more, so many of the likeliest mistakes."""


def evaluate(  # noqa: PLR0913, PLR0917  (one parameter an option)
    model: Annotated[
        str,
        typer.Argument(help="Name of a model; a .tflite, .keras, .h5, .json or .onnx file; or a model's folder."),
    ],
    data: Annotated[
        list[Path],
        typer.Option(
            help="An .npz (x_test, y_test or x, y), or a folder with a sub-folder a label, such as captures/. Give it "
            "again for several. Pictures that the model learned from are left out."
        ),
    ],
    labels: Labels = None,
    everything: Everything = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html", help="Write it as one page with plots and what went wrong.", show_default=False
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.npz", help="Write what it says of every picture: truth, probabilities, file.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    progress: Annotated[
        ProgressKind, typer.Option(help="A bar for people, lines of JSON for programs.")
    ] = ProgressKind.BAR,
) -> None:  # fmt: skip
    """Measure a model on labelled pictures: accuracy with its 95 % interval, by label, and what is taken for what."""
    from hdr.classify.loading import load_classifier
    from hdr.data.evaluate import evaluate as measure
    from hdr.data.fair import load_fair
    from hdr.data.learned import read_learned
    from hdr.train.comparing import folder_of

    classifier = load_classifier(model, labels=split_labels(labels))
    folder, left_out = folder_of(model), list[str]()
    jsonl = progress is ProgressKind.JSONL
    with reading_pictures(tell_reading if jsonl else None, quiet=json) as tell:
        seen = [read_learned(folder)]
        fair = load_fair(classifier.card, data, seen, left_out, everything=everything, progress=tell)
    tell_what_is_measured(fair, left_out)
    with watched(jsonl=jsonl) as tell:
        result = measure(classifier, fair.data, tell)
    if answers:
        _write_answers(answers, result, fair)
    told = ", ".join(path.name or str(path) for path in data)
    if report:
        _write(report, result, fair, told, folder)
    if json:
        output.print_json({"data": [str(path) for path in data], **as_dict(result, fair)})
    else:
        _show(result, told)


def as_dict(result: Evaluation, fair: FairData) -> dict[str, Any]:
    """As JSON has it, with every picture that was taken for another, those first that the model was surest of."""
    answers, names = result.answers, result.names
    wrong = [
        {
            **fair.places[index].as_dict(),
            "true": names[answers.truth[index]],
            "predicted": names[answers.predicted[index]],
            "confidence": round(float(answers.confidence[index]), 4),
        }
        for index in answers.mistakes().tolist()
    ]
    return {**result.as_dict(), "seen": fair.as_dict(), "told": fair.told, "wrong": wrong}


def _write_answers(path: Path, result: Evaluation, fair: FairData) -> None:
    from hdr.data.answers import Told, write_answers

    write_answers(path, Told(result, fair.places))


def _write(path: Path, result: Evaluation, fair: FairData, told: str, folder: Path | None) -> None:
    from hdr.train.history import read_history
    from hdr.train.page import write_page
    from hdr.train.report import evaluation_report

    write_page(path, evaluation_report(result, fair, told, read_history(folder) if folder else None))
    typer.echo(f"hdr: the report is in {path}", err=True)


def _show(result: Evaluation, data: str) -> None:
    typer.echo(f"{result.model} on {data}: {result.accuracy}")
    typer.echo(
        f"calibration error {result.calibration_error:.4f}, log loss {result.log_loss:.4f}, "
        f"Brier score {result.brier:.4f} (0 is best)"
    )
    typer.echo()
    typer.echo("\n".join(_table(result)))
    if len(result.names) > _MATRIX:
        typer.echo("\n".join(_often(result)))


def _table(result: Evaluation) -> Iterator[str]:
    """Figures by label, and beside them the confusion matrix: rows the true label, columns the predicted one."""
    drawn = result.names if len(result.names) <= _MATRIX else ()
    wide = max(5, *(len(name) + 1 for name in result.names), len(str(result.matrix.max(initial=0))) + 1)
    label = max(len("label"), *map(len, result.names))
    head = f"{'label':<{label}} {'precision':>10}{'recall':>9}{'f1':>9}{'n':>8}"
    yield head + ("  |" + "".join(f"{name:>{wide}}" for name in drawn) + "  taken for" if drawn else "")
    for name, figures, row in zip(result.names, result.classes, result.matrix, strict=True):
        told = f"{figures.precision:>10.2%}{figures.recall:>9.2%}{figures.f1:>9.2%}{figures.support:>8,}"
        cells = "  |" + "".join(f"{int(n) or '.':>{wide}}" for n in row) if drawn else ""
        yield f"{name:<{label}} {told}{cells}"


def _often(result: Evaluation) -> Iterator[str]:
    from hdr.data.metrics import most_confused

    yield "\nmost often taken for another:"
    for true, told, count in most_confused(result.matrix, _SHOWN):
        yield f"  {result.names[true]} for {result.names[told]}: {count:,}"
