"""`hdr read`: pictures to the digits in them."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdr.cli import output
from hdr.cli.inputs import Input, expand
from hdr.cli.progress import Bar
from hdr.cli.saving import Places, save_annotated, save_steps
from hdr.errors import HdrError, ImageTooLargeError, SettingsError
from hdr.settings import POLARITIES, Settings, load_settings, parse_roi, parse_threshold, parse_turn
from hdr.workspace import find_workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hdr.classify.card import ModelCard
    from hdr.classify.classifier import Classifier
    from hdr.reading.results import Reading


def _threshold(told: str | None) -> str | None:
    try:
        if told is not None:
            parse_threshold(told)
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
    return told


def _turn(told: str | None) -> str | None:
    try:
        if told is not None:
            parse_turn(told)
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
    return told


def _roi(told: str | None) -> str | None:
    try:
        if told is not None:
            parse_roi(told)
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
    return told


def _polarity(told: str | None) -> str | None:
    if told is not None and told not in POLARITIES:
        raise typer.BadParameter(f"{told!r} is none of {', '.join(POLARITIES)}.")
    return told


def read(  # noqa: PLR0913  (one parameter an option)
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders or patterns; - for standard input.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a picture, each on a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A table with one row a digit.")] = False,
    as_text: Annotated[bool, typer.Option("--text", help="The digits by row. This is the default.")] = False,
    annotate: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each picture there with boxes and labels.")
    ] = None,
    steps: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write each stage there: gray, ink, what became of it, boxes, model input."),
    ] = None,
    threshold: Annotated[
        str | None,
        typer.Option(metavar="auto|otsu|sauvola|0-255", help="How ink is told from paper.", callback=_threshold),
    ] = None,
    polarity: Annotated[
        str | None,
        typer.Option(metavar="|".join(POLARITIES), help="Whether the ink is dark or light.", callback=_polarity),
    ] = None,
    smallest: Annotated[
        int | None, typer.Option(metavar="PX", min=1, max=10_000, help="Ink lower and narrower than this is a speck.")
    ] = None,
    largest: Annotated[
        int | None,
        typer.Option(metavar="PX", min=0, max=100_000, help="Leave out digits higher or wider; 0: none."),
    ] = None,
    tall: Annotated[
        bool | None,
        typer.Option("--tall/--no-tall", help="Only what is at least as high as it is wide.", show_default=False),
    ] = None,
    only_largest: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=10_000, help="Only the N largest digits; 0: all.")
    ] = None,
    border: Annotated[
        int | None,
        typer.Option(metavar="PX", min=0, max=10_000, help="Leave out what is nearer to the edge."),
    ] = None,
    roi: Annotated[
        str | None,
        typer.Option(
            metavar="X,Y,W,H",
            help="Only this part of the picture: pixels, or parts of it.",
            callback=_roi,
        ),
    ] = None,
    join: Annotated[
        bool | None, typer.Option("--join/--no-join", help="Join the broken strokes of one digit.", show_default=False)
    ] = None,
    split: Annotated[
        bool | None, typer.Option("--split/--no-split", help="Divide digits that touch.", show_default=False)
    ] = None,
    turn: Annotated[
        str | None,
        typer.Option(metavar="auto|off|DEG", help="Turn the page clockwise before reading.", callback=_turn),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME|PATH", help="A model by name, or a .tflite, .keras, .h5, .json or .onnx file."),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="What the outputs of a model's file stand for, where it does not tell."),
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(metavar="P", min=0.0, max=1.0, help="Leave out digits less sure than this.")
    ] = None,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Look into folders in folders.")] = False,
) -> None:
    """Read the digits of pictures.

    A picture that cannot be read is told, the others are still read, and the exit code is 1.
    """
    if as_json + as_csv + as_text > 1:
        raise typer.BadParameter("Choose one of --json, --csv and --text.")
    typed: dict[str, dict[str, Any]] = {
        "ink": {"threshold": None if threshold is None else parse_threshold(threshold), "polarity": polarity},
        "segment": {
            "smallest_px": smallest,
            "largest_px": largest,
            "tall": tall,
            "only_largest": only_largest,
            "border_px": border,
            "roi": roi,
            "join": join,
            "split": split,
        },
        "read": {"min_confidence": min_confidence, "turn": None if turn is None else parse_turn(turn)},
    }
    settings = _settings(typed)
    from hdr.classify.loading import load_classifier
    from hdr.vision.media import SUFFIXES

    inputs = expand(paths, SUFFIXES, recursive=recursive)
    extras = _Extras(inputs, annotate, steps)
    if model is None:
        _tell_gone()
    classifier, bar = load_classifier(model, labels=_labels(labels)), Bar()
    reader = _Reader(
        classifier, settings, _writer(as_json=as_json, as_csv=as_csv, headings=len(inputs) > 1), extras, bar
    )
    with contextlib.closing(bar.each(inputs)) as every:  # an interrupt takes the bar away too
        failures = sum(not reader.read(one) for one in every)
    if failures:
        raise typer.Exit(1)


def _labels(told: str | None) -> list[str] | None:
    return None if told is None else [label.strip() for label in told.split(",")]


def _tell_gone() -> None:
    from hdr.classify.store import ModelStore

    if gone := ModelStore().gone():
        print(f"hdr: {output.gone_sentence(gone)}", file=sys.stderr)


def _settings(typed: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Return the user's settings with what was typed over them."""
    settings, wrong = load_settings(find_workspace().settings)
    if wrong:
        print(f"hdr: {wrong}", file=sys.stderr)
    for section, values in typed.items():
        settings = settings.replace(section, **{name: told for name, told in values.items() if told is not None})
    return settings


def _writer(*, as_json: bool, as_csv: bool, headings: bool) -> output.Writer:
    if as_json:
        return output.JsonWriter()
    return output.CsvWriter() if as_csv else output.TextWriter(headings=headings)


class _Extras:
    """What is written beside the reading, if anything."""

    def __init__(self, inputs: Sequence[Input], annotate: Path | None, steps: Path | None) -> None:
        self._annotate = Places(annotate, inputs) if annotate else None
        self._steps = Places(steps, inputs) if steps else None

    def save(self, one: Input, image: NDArray[np.uint8], reading: Reading, card: ModelCard) -> None:
        if self._annotate:
            save_annotated(self._annotate, one, image, reading)
        if self._steps:
            save_steps(self._steps, one, image, reading, card)


@dataclass(frozen=True)
class _Reader:
    """Reads one picture after the other and tells each at once."""

    classifier: Classifier
    settings: Settings
    writer: output.Writer
    extras: _Extras
    bar: Bar

    def read(self, one: Input) -> bool:
        """Whether all went well; if not, it has been told."""
        from hdr.reading.pipeline import read_digits
        from hdr.vision.media import load_image

        try:
            began = time.perf_counter()
            image = load_image(one.source(), self.settings.input)
            reading = read_digits(image, self.classifier, self.settings)
            ms = (time.perf_counter() - began) * 1000
            with self.bar.aside():
                self.writer.reading(one.name, reading, ms)
            self.extras.save(one, image, reading, self.classifier.card)
        except HdrError as error:
            return self._tell(one, error)
        except MemoryError:
            told = f"{one.name} needs more memory than there is."
            return self._tell(one, ImageTooLargeError(told, hint="Scale it down, or close other programs."))
        return True

    def _tell(self, one: Input, error: HdrError) -> bool:
        with self.bar.aside():
            self.writer.error(one.name, error)
        return False
