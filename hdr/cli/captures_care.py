"""`hdr captures check`, `mistakes`, `duplicates`, `bin`, `restore`, `freeze`, `frozen`: a data set looked after."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdr.cli import exchange, output
from hdr.data.wording import counted

if TYPE_CHECKING:
    from hdr.data.captures import CaptureStore
    from hdr.data.checking import Problem
    from hdr.data.index import CaptureIndex, Rows
    from hdr.data.moving import Change

First = Annotated[int, typer.Option("--first", metavar="N", min=1, help="Tell only so many.")]


def check_captures(
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Set right what is safe; nothing is deleted.")] = False,
    labels: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="The labels there may be; without it, those of the model.")
    ] = None,
    as_json: exchange.AsJson = False,
    captures: exchange.Where = None,
) -> None:
    """Tell what is wrong in the captures folder, each with its cure. Exit code 1 where anything is left."""
    from hdr.data.checking import check
    from hdr.data.checking import repair as set_right

    store = exchange.open_store(captures)
    allowed = _labels(labels)
    problems = check(store, allowed)
    repaired = set_right(store, problems) if repair else []
    if repaired:
        problems = check(store, allowed)
    done = [one for one, error in repaired if error is None]
    for problem, mended in [*((one, True) for one in done), *((one, False) for one in problems)]:
        _tell_problem(problem, mended, as_json)
    if not problems and not done and not as_json:
        print(f"Everything is in order in {store.root}.")
    if any(one.safe for one in problems) and not repair:
        print("hdr: Some of this can be set right: hdr captures check --repair", file=sys.stderr)
    if problems:
        raise typer.Exit(1)


def _labels(told: str | None) -> list[str] | None:
    """Those that were told, else those of the model in use; None where its card does not tell."""
    from hdr.classify.names import NOT_A_DIGIT
    from hdr.classify.store import ModelStore, read_card
    from hdr.errors import ModelError

    if told is not None:
        return [*(label.strip() for label in told.split(",")), NOT_A_DIGIT]
    store = ModelStore()
    with contextlib.suppress(ModelError):
        return [*read_card(store.find(store.current()).path).labels, NOT_A_DIGIT]
    return None


def _tell_problem(problem: Problem, mended: bool, as_json: bool) -> None:
    if as_json:
        told = {"kind": problem.kind, "path": str(problem.path), "problem": problem.says, "cure": problem.cure}
        output.print_json({**told, "safe": problem.safe, "repaired": mended})
        return
    state = "repaired" if mended else problem.kind
    print(f"{state:14} {problem.path}\n{'':14} {problem.says} {problem.cure}")


def mistakes(*, first: First = 50, as_json: exchange.AsJson = False, captures: exchange.Where = None) -> None:
    """List the crops whose label is likeliest wrong, each with the label that it likely has."""
    from hdr.data.mistakes import find_capture_mistakes
    from hdr.data.scanning import load_index

    store = exchange.open_store(captures)
    store.tidy()
    index = load_index(store.root)
    found = find_capture_mistakes(index)
    if not as_json:
        likely = f"{found.wrong} of {len(found.rows)} labels are likely wrong."
        print(likely if len(found.rows) else "There are too few crops to tell which labels are wrong.")
    listed = zip(found.rows.tolist(), found.suggested.tolist(), found.doubt.tolist(), strict=True)
    for place, (row, suggested, doubt) in enumerate(listed):
        if place >= first or (not as_json and doubt <= 0):
            break
        one, likely = index.row(row), index.labels[suggested]
        if as_json:
            told = {"file": str(one.path), "label": one.label, "likely": likely, "doubt": round(doubt, 3)}
            output.print_json({**told, "wrong": place < found.wrong, "confirmed": one.confirmed, "source": one.source})
        else:
            print(f"{one.label:>6} likely {likely:6} {one.path}")


def duplicates(*, as_json: exchange.AsJson = False, captures: exchange.Where = None) -> None:
    """List crops that are there twice, exactly or as one camera view, and the pages of each such burst."""
    from hdr.data.duplicates import find_duplicates
    from hdr.data.scanning import load_index

    store = exchange.open_store(captures)
    store.tidy()
    index = load_index(store.root)
    found = find_duplicates(index)
    groups = [*(("exact", group) for group in found.exact), *(("near", group) for group in found.near)]
    if as_json:
        for kind, group in groups:
            output.print_json({"kind": kind, **_group(index, group)})
        for burst in found.bursts:
            output.print_json({"kind": "burst", "pages": list(burst)})
        return
    for kind, group in groups:
        told = _group(index, group)
        print(f"{kind:6} {' '.join(told['labels']):8} {' '.join(told['files'])}")
    for burst in found.bursts:
        print(f"burst  {len(burst)} pages  {' '.join(burst)}")
    if not groups and not found.bursts:
        print("Nothing is there twice.")


def _group(index: CaptureIndex, rows: Rows) -> dict[str, list[str]]:
    labels = sorted({index.labels[label] for label in index.label[rows].tolist()})
    return {"labels": labels, "files": [str(index.path(row)) for row in rows.tolist()]}


def recycle_bin(*, as_json: exchange.AsJson = False, captures: exchange.Where = None) -> None:
    """List the crops in the recycle bin. To have one back: hdr captures restore FILE."""
    from hdr.data.moving import binned

    store = exchange.open_store(captures)
    found = binned(store)
    for path in found:
        if as_json:
            output.print_json({"label": _label(path), "file": str(path)})
        else:
            print(path)
    if not found and not as_json:
        print("The recycle bin is empty.")


def _label(path: Path) -> str | None:
    from hdr.data.labels import label_of

    return label_of(path.parent.name)


def discard(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Crops in the captures folder.")],
    *,
    as_json: exchange.AsJson = False,
    captures: exchange.Where = None,
) -> None:
    """Move crops to the recycle bin."""
    from hdr.data.moving import discard as move

    store = exchange.open_store(captures)
    _tell_change(move(store, _inside(store, files)), as_json)


def restore(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Files in the recycle bin.", show_default=False)
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that is in the bin.")] = False,
    as_json: exchange.AsJson = False,
    captures: exchange.Where = None,
) -> None:
    """Bring crops back from the recycle bin, each to the label that it had."""
    from hdr.data.moving import binned
    from hdr.data.moving import restore as bring_back

    store = exchange.open_store(captures)
    wanted = binned(store) if everything else _inside(store, files or [])
    if not wanted and not everything:
        raise typer.BadParameter("name a file in the recycle bin, or give --all", param_hint="FILE")
    _tell_change(bring_back(store, wanted), as_json)


def _inside(store: CaptureStore, files: Iterable[Path]) -> list[Path]:
    """The files as paths below the captures folder, however they were told."""
    root = store.root.resolve()
    paths = [file.parent.resolve() / file.name for file in files]
    return [store.root / path.relative_to(root) if path.is_relative_to(root) else path for path in paths]


def _tell_change(change: Change, as_json: bool) -> None:
    if as_json:
        steps = [{"from": before.file, "to": after.file} for before, after in change.steps]
        output.print_json({"what": change.what, "crops": len(change), "steps": steps})
    else:
        print(f"{counted(len(change), 'crop')} {change.what}.")
    for _, error in change.failures:
        output.complain(error)
    if change.failures:
        raise typer.Exit(1)


def freeze(
    name: Annotated[str, typer.Argument(help="What to call it. Letters, digits, dots, dashes, underscores.")],
    *,
    as_json: exchange.AsJson = False,
    captures: exchange.Where = None,
) -> None:
    """List what the captures hold now, file by file with labels and hashes, so that a model can name it for good."""
    from hdr.data.freezing import freeze as write_down

    store = exchange.open_store(captures)
    frozen = write_down(store, name)
    if as_json:
        output.print_json({**frozen.card(), "counts": frozen.counts})
    else:
        print(f"Frozen as {name}: {counted(len(frozen.crops), 'crop')}, {frozen.digest[:16]}.")


def frozen(*, as_json: exchange.AsJson = False, captures: exchange.Where = None) -> None:
    """List the frozen versions, and what has changed since each."""
    from hdr.data.freezing import drift, frozen_names, load_frozen, snapshot

    store = exchange.open_store(captures)
    names = frozen_names(store.root)
    if not names:
        if not as_json:
            print("Nothing is frozen yet: hdr captures freeze NAME")
        return
    now = snapshot(store)
    for version in (load_frozen(store.root, name) for name in names):
        changed = drift(version, now)
        counts = {"gone": len(changed.gone), "added": len(changed.added), "relabelled": len(changed.relabelled)}
        if as_json:
            output.print_json({**version.card(), "since": counts})
        else:
            since = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing"
            print(f"{version.name:20} {version.made[:10]}  {len(version.crops):6} crops  changed since: {since}")


def register(app: typer.Typer) -> None:
    """Add these commands to `hdr captures`."""
    app.command("check")(check_captures)
    app.command("mistakes")(mistakes)
    app.command("duplicates")(duplicates)
    app.command("discard")(discard)
    app.command("bin")(recycle_bin)
    app.command("restore")(restore)
    app.command("freeze")(freeze)
    app.command("frozen")(frozen)
