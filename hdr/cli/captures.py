"""`hdr captures`: what was saved, listed and counted; the rest is in `exchange` and `captures_care`."""

from __future__ import annotations

import contextlib
import sys
import textwrap
from typing import TYPE_CHECKING

import typer

from hdr.cli import captures_care, exchange, output
from hdr.data.wording import counted

if TYPE_CHECKING:
    from hdr.data.captures import Capture, CaptureStore
    from hdr.data.pages import Page
    from hdr.errors import CaptureError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="List, check, mend, freeze, import and export the labelled crops that were saved.",
)


@app.command("list")
def list_captures(*, as_json: exchange.AsJson = False, captures: exchange.Where = None) -> None:
    """List what was saved, a page a line: when, how many crops, their labels, and what the page was."""
    store = exchange.open_store(captures)
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
def stats(*, as_json: exchange.AsJson = False, captures: exchange.Where = None) -> None:
    """Count the crops by label, and those that a person labelled."""
    store = exchange.open_store(captures)
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
    exchange.tell(problems)


app.command("import")(exchange.import_captures)
app.command("export")(exchange.export_captures)
captures_care.register(app)


def _print_counts(store: CaptureStore, counts: dict[str, int], persons: dict[str, int], pages: int) -> None:
    print(f"{counted(sum(counts.values()), 'crop')} of {counted(pages, 'page')} in {store.root}")
    widest = max(counts.values(), default=1)
    for label, count in counts.items():
        bar = "#" * max(1, round(30 * count / widest))
        print(f"{label:>6}  {count:6d}  {bar:30}  {persons.get(label, 0)} by a person")
