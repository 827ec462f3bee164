"""The options of how to read that several commands have, and what was typed for them to settings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from hdr.cli import output
from hdr.errors import SettingsError
from hdr.settings import POLARITIES, Settings, load_settings, parse_roi, parse_threshold, parse_turn
from hdr.workspace import find_workspace


def _understood(parse: Callable[[str], Any]) -> Callable[[str | None], str | None]:
    """What refuses a text as a usage error where its parser does."""

    def check(told: str | None) -> str | None:
        try:
            if told is not None:
                parse(told)
        except SettingsError as error:
            raise typer.BadParameter(str(error)) from error
        return told

    return check


def _polarity(told: str | None) -> str | None:
    if told is not None and told not in POLARITIES:
        raise typer.BadParameter(f"{told!r} is none of {', '.join(POLARITIES)}.")
    return told


Threshold = Annotated[
    str | None,
    typer.Option(
        metavar="auto|otsu|sauvola|0-255", help="How ink is told from paper.", callback=_understood(parse_threshold)
    ),
]
Polarity = Annotated[
    str | None,
    typer.Option(metavar="|".join(POLARITIES), help="Whether the ink is dark or light.", callback=_polarity),
]
Smallest = Annotated[
    int | None, typer.Option(metavar="PX", min=1, max=10_000, help="Ink lower and narrower than this is a speck.")
]
Largest = Annotated[
    int | None, typer.Option(metavar="PX", min=0, max=100_000, help="Leave out digits higher or wider; 0: none.")
]
Tall = Annotated[
    bool | None,
    typer.Option("--tall/--no-tall", help="Only what is at least as high as it is wide.", show_default=False),
]
OnlyLargest = Annotated[
    int | None, typer.Option(metavar="N", min=0, max=10_000, help="Only the N largest digits; 0: all.")
]
Border = Annotated[
    int | None, typer.Option(metavar="PX", min=0, max=10_000, help="Leave out what is nearer to the edge.")
]
Region = Annotated[
    str | None,
    typer.Option(
        metavar="X,Y,W,H",
        help="Only this part of the picture: pixels, or parts of it.",
        callback=_understood(parse_roi),
    ),
]
Join = Annotated[
    bool | None, typer.Option("--join/--no-join", help="Join the broken strokes of one digit.", show_default=False)
]
Split = Annotated[bool | None, typer.Option("--split/--no-split", help="Divide digits that touch.", show_default=False)]
Turn = Annotated[
    str | None,
    typer.Option(
        metavar="auto|off|DEG", help="Turn the page clockwise before reading.", callback=_understood(parse_turn)
    ),
]
Model = Annotated[
    str | None,
    typer.Option(metavar="NAME|PATH", help="A model by name, or a .tflite, .keras, .h5, .json or .onnx file."),
]
MinConfidence = Annotated[
    float | None, typer.Option(metavar="P", min=0.0, max=1.0, help="Leave out digits less sure than this.")
]


def settings_with(typed: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Return the user's settings with what was typed over them; what was not typed is None.

    Parameters
    ----------
    typed
        By section and name.
    """
    settings, wrong = load_settings(find_workspace().settings)
    if wrong:
        print(f"hdr: {wrong}", file=sys.stderr)
    for section, values in typed.items():
        settings = settings.replace(section, **{name: told for name, told in values.items() if told is not None})
    return settings


def tell_gone() -> None:
    """Tell where the model in use is not there any more."""
    from hdr.classify.store import ModelStore

    if gone := ModelStore().gone():
        print(f"hdr: {output.gone_sentence(gone)}", file=sys.stderr)
