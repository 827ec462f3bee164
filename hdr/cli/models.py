"""`hdr models`: which models there are, what their cards say, which one is in use, and the way back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdr.cli import output
from hdr.data.wording import counted

if TYPE_CHECKING:
    from hdr.classify.store import ModelEntry
    from hdr.train.registry import Architecture

app = typer.Typer(help="List, inspect and choose models.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Name = Annotated[str, typer.Argument(help="Name of a model, as `hdr models list` has it.")]


@app.command("list")
def list_models(json: Json = False) -> None:
    """List every model; a star marks the one in use."""
    from hdr.classify.store import ModelStore

    store = ModelStore()
    current, entries = store.current(), store.entries()
    if json:
        output.print_json([{**_as_dict(entry), "current": entry.name == current} for entry in entries])
        return
    if gone := store.gone():
        typer.echo(f"hdr: {output.gone_sentence(gone)}", err=True)
    for entry in entries:
        typer.echo(f"{'*' if entry.name == current else ' '} {entry.name:<24} {output.plain(_summary(entry))}")


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(help="Without it: the model in use.")] = None, json: Json = False
) -> None:
    """Show what a model's card says: labels, input, what it was trained on, scores with their intervals."""
    from hdr.classify.store import ModelStore

    store = ModelStore()
    entry = store.find(name or store.current())
    if json:
        output.print_json(_as_dict(entry))
        return
    typer.echo(f"{entry.name}: {entry.path}")
    for line in _lines(entry):
        typer.echo(f"  {output.plain(line)}")


@app.command()
def archs(json: Json = False) -> None:
    """List what `hdr train --arch` can train, and whose each one is."""
    from hdr.train.architectures import architectures

    if json:
        output.print_json([_architecture(one) for one in architectures()])
        return
    for one in architectures():
        size, figure = f"{one.size}x{one.size}x{one.channels}", one.source.mnist
        theirs = f"{one.source.name}, {figure:.2%} on MNIST" if figure else one.source.name
        typer.echo(f"{one.name:<14} {size:>10}  {one.summary} ({theirs})")


def _architecture(one: Architecture) -> dict[str, Any]:
    import dataclasses

    told = {"name": one.name, "summary": one.summary, "input_size": one.size, "channels": one.channels}
    source = {"source": one.source.name, "source_accuracy": one.source.mnist}
    recipes = {"recipe": dataclasses.asdict(one.recipe)}
    if one.writing:
        recipes["recipe_for_writing"] = dataclasses.asdict(one.writing)
    return {**told, **source, **recipes}


@app.command()
def use(name: Name) -> None:
    """Put a model in use; `hdr models rollback` takes it back."""
    from hdr.classify.store import ModelStore

    typer.echo(f"In use: {ModelStore().use(name).name}")


@app.command()
def rollback() -> None:
    """Go back to the model that was in use before."""
    from hdr.classify.store import ModelStore

    typer.echo(f"In use: {ModelStore().roll_back().name}")


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="A .tflite, .keras, .h5, .json or .onnx file.")],
    name: Annotated[str | None, typer.Option(help="Its name here. Without it: the file's.")] = None,
    labels: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="What its outputs stand for, where the file does not tell.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a model of that name.")] = False,
) -> None:
    """Take a model file in, from anywhere; then `hdr models use NAME` gives it to the window too."""
    from hdr.classify.adding import add_model
    from hdr.classify.store import ModelStore

    told = [label.strip() for label in labels.split(",")] if labels is not None else None
    card = add_model(file, ModelStore(), name or file.stem, told, replace=replace)
    typer.echo(f"{card.name}: {len(card.labels)} labels: {output.plain(' '.join(card.labels))}")


class Form(StrEnum):
    """File formats, as `hdr.train.export.FORMATS` has them; named here so that `--help` imports nothing heavy."""

    KERAS = "keras"
    H5 = "h5"
    JSON = "json"
    TFLITE_FLOAT32 = "tflite-float32"
    TFLITE_FLOAT16 = "tflite-float16"
    TFLITE_DYNAMIC = "tflite-dynamic"
    TFLITE_INT8 = "tflite-int8"
    ONNX = "onnx"


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="Name of a model, or a .keras, .h5 or .json file.")],
    *,
    form: Annotated[Form, typer.Option("--format", help="The format to write.")],
    out: Annotated[Path, typer.Option(metavar="PATH", help="The file, or a folder for one of the model's name.")],
    data: Annotated[
        list[Path] | None, typer.Option(metavar="PATH", help="More to try it with: an .npz, or a folder a label.")
    ] = None,
    bound: Annotated[
        float | None, typer.Option(metavar="P", min=0.0, max=1.0, help="Largest share of labels that may change.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Convert a model to another format, and prove that it answers alike.

    Both are given the same digits: drawn ones, your captures, and --data. A file that answers differently is not
    written. Labels, size and geometry travel in the file: `hdr read --model FILE` needs nothing else.
    """
    import dataclasses

    from hdr.classify.store import ModelStore
    from hdr.train.export import FORMATS, export_model, open_source
    from hdr.train.samples import find_samples
    from hdr.workspace import find_workspace

    chosen = FORMATS[form.value]
    if bound is not None:
        chosen = dataclasses.replace(chosen, changed=bound, largest=1.0)
    source = open_source(name, ModelStore())
    samples = find_samples(source.card, data or [], find_workspace().captures)
    done = export_model(source, chosen, out, samples, replace=replace)
    if json:
        told = {**dataclasses.asdict(done), "path": str(done.path), "format": chosen.name, "samples": samples.told}
        output.print_json({**told, "parity": done.parity.as_score()})
        return
    changed = len(done.parity.changed)
    typer.echo(f"{done.path}: {chosen.name}, {done.size:,} bytes, made in {done.seconds:.1f} s")
    typer.echo(
        f"  {done.parity.n} samples ({samples.told}): {counted(changed, 'label')} changed, "
        f"largest difference of a probability {done.parity.largest:.2g}"
    )
    typer.echo(f"  {done.ms:.2f} ms a digit, the original {done.ms_before:.2f}")


def _as_dict(entry: ModelEntry) -> dict[str, Any]:
    import dataclasses

    card = dataclasses.asdict(entry.card) if entry.card else None
    told = {"name": entry.name, "path": str(entry.path), "shipped": entry.shipped, "card": card}
    return {**told, "error": entry.fault} if entry.fault else told


def _summary(entry: ModelEntry) -> str:
    if entry.card is None:
        return f"cannot be used: {entry.fault}"
    score = _scores(entry.card.scores)
    return f"{len(entry.card.labels)} labels, {score[0] if score else 'not measured'}"


def _lines(entry: ModelEntry) -> list[str]:
    card = entry.card
    if card is None:
        return [entry.fault]
    size = f"{card.input_size}x{card.input_size}x{card.channels}"
    told = {
        "labels": " ".join(card.labels),
        "input": f"{size}, {card.geometry}",
        "architecture": card.architecture,
        "trained on": card.trained_on,
        "parent": card.parent or "",
        "made by": str(card.made.get("command", "")),
        "found by": _search(card.made.get("search")),
        "on": str(card.made.get("date", "")),
    }
    return [f"{key:<13}{value}" for key, value in told.items() if value] + _scores(card.scores)


def _search(told: Any) -> str:
    """How a search found the recipe, in words; a card may say anything."""
    try:
        best = told["best"]
        return f"a search of {told['trials']} trials ({told['method']}), of which {best['number']} was the best"
    except (KeyError, TypeError):
        return ""


def _scores(scores: dict[str, Any]) -> list[str]:
    """Each score in words, those on test data first; a card may say anything, so nothing is taken for granted."""
    told = []
    for name in sorted(scores, key=lambda name: ("validation" in name, name)):
        score = scores[name]
        try:
            low, high = score["interval"]
            words = f"{score['accuracy']:.2%} (95 % interval {low:.2%} to {high:.2%}, n = {score['n']:,})"
        except (KeyError, TypeError, ValueError):
            continue
        told.append(f"{name} {words}")
    return told
