"""`hdr read`: pictures to the digits in them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdr.cli import output
from hdr.cli.inputs import Input, expand
from hdr.cli.progress import Bar
from hdr.cli.reading_options import (
    Border,
    Join,
    Largest,
    MinConfidence,
    Model,
    OnlyLargest,
    Polarity,
    Region,
    Smallest,
    Split,
    Tall,
    Threshold,
    Turn,
    settings_with,
    tell_gone,
)
from hdr.cli.saving import Places, save_annotated, save_steps
from hdr.errors import HdrError, ImageTooLargeError
from hdr.settings import Settings, parse_threshold, parse_turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hdr.classify.card import ModelCard
    from hdr.classify.classifier import Classifier
    from hdr.reading.results import Reading


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
    threshold: Threshold = None,
    polarity: Polarity = None,
    smallest: Smallest = None,
    largest: Largest = None,
    tall: Tall = None,
    only_largest: OnlyLargest = None,
    border: Border = None,
    roi: Region = None,
    join: Join = None,
    split: Split = None,
    turn: Turn = None,
    model: Model = None,
    labels: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="What the outputs of a model's file stand for, where it does not tell."),
    ] = None,
    min_confidence: MinConfidence = None,
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
    settings = settings_with(typed)
    from hdr.classify.loading import load_classifier
    from hdr.vision.media import SUFFIXES

    inputs = expand(paths, SUFFIXES, recursive=recursive)
    extras = _Extras(inputs, annotate, steps)
    if model is None:
        tell_gone()
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
