"""`hdr captures import` and `hdr captures export`: the captures from and to the files of other tools."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdr.cli import output

if TYPE_CHECKING:
    from hdr.data.captures import CaptureStore
    from hdr.data.formats import ExportReport
    from hdr.data.importing import ImportReport
    from hdr.errors import CaptureError

FORMAT_NAMES = "folder|npz|csv|idx|huggingface|labelme|coco|yolo|voc|labelstudio|cvat"
_AS_CUT = 0

AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]
Where = Annotated[
    Path | None, typer.Option("--captures", metavar="DIR", help="The captures folder. Without it: the workspace's.")
]


def open_store(folder: Path | None, *, make: bool = False) -> CaptureStore:
    """Return the captures that are told, or the workspace's.

    Raises
    ------
    CaptureError
        Where the told folder is none, unless it may be made.
    """
    from hdr.data.captures import CaptureStore
    from hdr.errors import CaptureError
    from hdr.workspace import find_workspace

    if folder is not None and not folder.is_dir() and not (make and not folder.exists()):
        raise CaptureError(f"{folder} is no folder.", hint="Name the folder that holds a folder a label.")
    return CaptureStore(folder or find_workspace().captures)


def export_captures(  # noqa: PLR0913  (each is an option of the command)
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The file or folder to make.")],
    *,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar=FORMAT_NAMES, help="Without it, what TARGET's ending says; else folder."),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="80/10/10",
            help="Divide into train, val and test by page or writer, for good: adding crops moves none.",
        ),
    ] = None,
    size: Annotated[
        int, typer.Option(metavar="PX", help="Side of the square that each crop is placed in; 0 leaves each as cut.")
    ] = 28,
    with_none: Annotated[
        bool, typer.Option("--with-none", help="Also what is no digit, as the last class, and what nobody can tell.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    as_json: AsJson = False,
    captures: Where = None,
) -> None:
    """Write the captures for other tools: their crops, or whole pages with boxes."""
    from hdr.data.formats import FORMATS, ExportOptions, export_store
    from hdr.data.splitting import parse_shares

    ending = target.suffix.lower().removeprefix(".")
    name = form or (ending if ending in FORMATS else "folder")
    shares = parse_shares(split) if split is not None else None
    options = ExportOptions(None if size == _AS_CUT else size, with_none, force, shares)
    problems: list[CaptureError] = []
    report = export_store(open_store(captures), name, target, options, problems)
    if as_json:
        output.print_json(_export_object(report, len(problems)))
    else:
        print(report)
    tell(problems)


def import_captures(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, a folder, or an archive (.zip, .tar.gz).")],
    *,
    writer: Annotated[
        str, typer.Option(metavar="NAME", help="Whose hand it is; what one writer wrote is never divided.")
    ] = "",
    as_json: AsJson = False,
    captures: Where = None,
) -> None:
    """Add crops or pages of another tool to the captures; what is there already is kept."""
    from hdr.data.importing import import_path

    report = import_path(open_store(captures, make=True), path, writer, told=_show)
    _show(None)
    if as_json:
        output.print_json(_import_object(report))
    else:
        print(report)
    tell(report.problems)


def tell(problems: list[CaptureError]) -> None:
    """Say what could not be read and was left out of what was done: that is an error at the end."""
    for problem in problems:
        output.complain(problem)
    if problems:
        sys.stdout.flush()
        raise typer.Exit(1)


def _show(report: ImportReport | None) -> None:
    """Tell a person who is watching how far an import is; None takes that away."""
    if sys.stderr.isatty():
        far = f"{report.total} crops, {report.pages} pages" if report else ""
        print(f"\r\033[K{far}", end="", file=sys.stderr, flush=True)


def _export_object(report: ExportReport, unreadable: int) -> dict[str, Any]:
    told = {
        "format": report.format,
        "path": str(report.path),
        "total": report.total,
        "labels": report.labels,
        "counts": report.counts,
        "left_out": report.left_out,
        "unreadable": unreadable,
    }
    if report.pages is not None:
        told |= {"pages": report.pages, "without_page": report.without_page}
    return told | ({"parts": report.parts} if report.parts else {})


def _import_object(report: ImportReport) -> dict[str, Any]:
    return {
        "format": report.format,
        "folder": str(report.folder),
        "pages": report.pages,
        "total": report.total,
        "added": report.added,
        "relabelled": report.relabelled,
        "unchanged": report.unchanged,
        "kept": report.kept,
        "problems": [output.error_object(problem) for problem in report.problems],
    }
