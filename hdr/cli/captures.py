"""`hdr captures`: what was saved, listed, counted and exported."""

from __future__ import annotations

import contextlib
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdr.cli import output

if TYPE_CHECKING:
    from hdr.data.captures import Capture, CaptureStore
    from hdr.data.pages import Page
    from hdr.errors import CaptureError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List, count and export the labelled crops that were saved."
)

AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]
Where = Annotated[
    Path | None, typer.Option("--captures", metavar="DIR", help="The captures folder. Without it: the workspace's.")
]


def _store(folder: Path | None) -> CaptureStore:
    from hdr.data.captures import CaptureStore
    from hdr.errors import CaptureError
    from hdr.workspace import find_workspace

    if folder is not None and not folder.is_dir():
        raise CaptureError(f"{folder} is no folder.", hint="Name the folder that holds a folder a label.")
    return CaptureStore(folder or find_workspace().captures)


@app.command("list")
def list_captures(*, as_json: AsJson = False, captures: Where = None) -> None:
    """List what was saved, a page a line: when, how many crops, their labels, and what the page was."""
    store = _store(captures)
    listed = store.list()
    if not listed and not as_json:
        print(f"hdr: Nothing is saved in {store.root} yet.", file=sys.stderr)
    for capture in listed:
        page = _page(capture)
        if as_json:
            output.print_json(_capture_object(capture, page))
            continue
        count = len(capture.crops)
        labels = textwrap.shorten(" ".join(label for label, _ in capture.crops), 60, placeholder=" ...")
        told = (
            f"{capture.id:16}  {page.saved[:16].replace('T', ' '):16}  {count:4d} {'crop' if count == 1 else 'crops':5}"
        )
        print(f"{told}  {labels}  {page.source}".rstrip())


def _page(capture: Capture) -> Page:
    """What its file tells; an empty page where there is none, or it is damaged."""
    from hdr.data.pages import Page, read_page
    from hdr.errors import CaptureError

    if capture.page is not None:
        with contextlib.suppress(CaptureError):
            return read_page(capture.page)
    return Page(capture.id, (0, 0))


def _capture_object(capture: Capture, page: Page) -> dict[str, object]:
    return {
        "capture": capture.id,
        "source": page.source,
        "saved": page.saved,
        "model": page.model,
        "page": str(capture.page) if capture.page else None,
        "crops": [{"label": label, "file": str(path)} for label, path in capture.crops],
    }


@app.command()
def stats(*, as_json: AsJson = False, captures: Where = None) -> None:
    """Count the crops by label, and those that a person labelled."""
    store = _store(captures)
    problems: list[CaptureError] = []
    persons: dict[str, int] = {}
    pages: set[str] = set()
    for crop in store.crops(problems):
        pages.add(crop.capture)
        persons[crop.label] = persons.get(crop.label, 0) + crop.by_person
    counts = store.counts()
    if as_json:
        told = {"folder": str(store.root), "total": sum(counts.values()), "pages": len(pages)}
        output.print_json({**told, "counts": counts, "by_person": persons, "unreadable": len(problems)})
    else:
        _print_counts(store, counts, persons, len(pages))
    _tell(problems)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The file or folder to make.")],
    *,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="folder|npz|csv|idx", help="Without it, what TARGET's ending says; else folder."
        ),
    ] = None,
    size: Annotated[int, typer.Option(metavar="PX", help="Side of the square that each crop is placed in.")] = 28,
    with_none: Annotated[bool, typer.Option("--with-none", help="Also what is no digit, as the last class.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    as_json: AsJson = False,
    captures: Where = None,
) -> None:
    """Write the crops for other tools: class folders, .npz, CSV, or MNIST's own IDX."""
    from hdr.data.formats import FORMATS
    from hdr.data.formats import export as export_crops

    ending = target.suffix.lower().removeprefix(".")
    name = form or (ending if ending in FORMATS else "folder")
    problems: list[CaptureError] = []
    report = export_crops(_store(captures).crops(problems), name, target, size, with_none=with_none, replace=force)
    if as_json:
        told = {"format": report.format, "path": str(report.path), "total": report.total}
        unread = len(problems)
        output.print_json(
            {
                **told,
                "labels": report.labels,
                "counts": report.counts,
                "left_out": report.left_out,
                "unreadable": unread,
            }
        )
    else:
        print(report)
    _tell(problems)


def _print_counts(store: CaptureStore, counts: dict[str, int], persons: dict[str, int], pages: int) -> None:
    print(f"{sum(counts.values())} crops of {pages} {'page' if pages == 1 else 'pages'} in {store.root}")
    widest = max(counts.values(), default=1)
    for label, count in counts.items():
        bar = "#" * max(1, round(30 * count / widest))
        print(f"{label:>6}  {count:6d}  {bar:30}  {persons.get(label, 0)} by a person")


def _tell(problems: list[CaptureError]) -> None:
    """Files that could not be read were left out of what was done, and that is an error at the end."""
    for problem in problems:
        output.complain(problem)
    if problems:
        sys.stdout.flush()
        raise typer.Exit(1)
