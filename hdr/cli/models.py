"""`hdr models`: which models there are, what their cards say, which one is in use, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdr.cli import output

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
        typer.echo(f"{'*' if entry.name == current else ' '} {entry.name:<24} {_summary(entry)}")


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
        typer.echo(f"  {line}")


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
    return {**told, **source, "recipe": dataclasses.asdict(one.recipe)}


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
        "on": str(card.made.get("date", "")),
    }
    return [f"{key:<13}{value}" for key, value in told.items() if value] + _scores(card.scores)


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
