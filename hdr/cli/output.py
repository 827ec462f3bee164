"""Readings and errors to what is printed: text for people, JSON a line a picture, CSV a row a digit."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from hdr.errors import HdrError
from hdr.reading.plain import by_row, reading_object

if TYPE_CHECKING:
    from hdr.bench.process import Comparison
    from hdr.reading.results import Reading

CSV_COLUMNS = ("file", "row", "label", "confidence", "x", "y", "width", "height", "model", "error")


def prepare_streams() -> None:
    """Make standard output UTF-8 where it goes to a file or a program, and able to print any file's name.

    Where it is closed, as a service's may be, what is printed goes nowhere.
    """
    sys.stdout = sys.stdout or nowhere()
    sys.stderr = sys.stderr or nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def nowhere() -> TextIO:
    """Return a stream of which nothing is kept."""
    return open(os.devnull, "w", encoding="utf-8")


def hush() -> None:
    """Send what is still to be printed nowhere, since nobody reads it."""
    with nowhere() as other:
        os.dup2(other.fileno(), sys.stdout.fileno())


def plain(text: str) -> str:
    """Return somebody else's text without what would steer a terminal; lines stay lines."""
    return "".join("?" if (one < " " and one != "\n") or "\x7f" <= one < "\xa0" else one for one in text)


def print_json(told: Any) -> None:
    """Print one object on a line, at once."""
    print_line(json.dumps(told, ensure_ascii=False))


def print_line(text: str) -> None:
    """Print a line in one piece, however long it is: whoever reads it, or ends us, never finds a part of one."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_comparison(one: Comparison, *, as_json: bool) -> None:
    """Print what a bench measured of ours and of a baseline."""
    if as_json:
        print_json(one.figures())
        return
    figures = f"ours {one.ours:.4g} {one.unit}, baseline {one.baseline:.4g} {one.unit}"
    print(f"{one.what}\n  {figures}: {one.ratio:.3g} times", flush=True)


def complain(error: HdrError, about: str = "") -> None:
    """Print an error as a sentence and its cure."""
    named = os.path.basename(about) if about != "-" else "standard input"  # noqa: PTH119  ("" stays "")
    start = "" if named.lower() in error.message.lower() else f"{about if about != '-' else named}: "
    print(plain(f"hdr: {start}{error}"), file=sys.stderr, flush=True)


def fatal(error: HdrError, *, as_json: bool) -> None:
    """Print the error that ended the command: as an object where the command prints such, and as a sentence."""
    if as_json:
        print_json(error_object(error))
    complain(error)


def bug(error: Exception, *, debug: bool, as_json: bool) -> None:
    """Report an error of ours, not the user's."""
    told = HdrError(
        f"This is an error in hdr itself: {type(error).__name__}: {error}.",
        hint="Please report it with what `--debug` adds to this command.",
    )
    if debug:
        traceback()
    fatal(told, as_json=as_json)


def no_room(error: OSError) -> None:
    """Tell that the results cannot be written to where standard output goes, and give up on the rest of them."""
    hush()
    complain(
        HdrError(
            f"The output cannot be written ({error.strerror or error}).",
            hint="Free some space, or send it somewhere else.",
        )
    )


def tell_left_out(sentences: Iterable[str]) -> None:
    """Tell, beside the output, of each file that had no part in it."""
    for one in sentences:
        print(f"hdr: left out: {one}", file=sys.stderr, flush=True)


def traceback() -> None:
    """Print where the error that is being handled came from."""
    import traceback as told

    told.print_exc(file=sys.stderr)


def gone_sentence(name: str) -> str:
    """Say that the model in use is not there, and what is used in its place."""
    return f"The model in use, {name!r}, is not there any more; default is used. To settle it: hdr models use default"


def error_object(error: HdrError, file: str | None = None) -> dict[str, Any]:
    """Return an error as it stands in the JSON."""
    told = {} if file is None else {"file": file}
    return {**told, "error": error.message, "hint": error.hint}


def _warn(file: str, reading: Reading) -> None:
    """Tell why a page may be read badly, beside the output."""
    for problem in reading.steps.problems if reading.steps else ():
        print(f"hdr: {file}: {problem.what} {problem.cure}", file=sys.stderr, flush=True)


class Writer(Protocol):
    """Prints readings one after the other."""

    def reading(self, file: str, reading: Reading, ms: float) -> None:
        """Print what was read in a picture."""
        ...

    def error(self, file: str, error: HdrError) -> None:
        """Print why a picture could not be read."""
        ...


class JsonWriter:
    """One object a line, errors too."""

    def reading(self, file: str, reading: Reading, ms: float) -> None:
        """Print what was read in a picture."""
        print_json(reading_object(file, reading, ms))

    def error(self, file: str, error: HdrError) -> None:
        """Print why a picture could not be read."""
        print_json(error_object(error, file))


class CsvWriter:
    """A header, then one row a digit; an error is a row with nothing but the file and the sentence."""

    def __init__(self) -> None:
        self._table = csv.writer(sys.stdout, lineterminator="\n")
        self._table.writerow(CSV_COLUMNS)

    def reading(self, file: str, reading: Reading, ms: float) -> None:  # noqa: ARG002  (no column has the time)
        """Print what was read in a picture."""
        for row, digit in by_row(reading):
            confidence = f"{digit.confidence:.4f}"
            self._table.writerow((file, row, digit.label, confidence, *digit.box.xywh, reading.model, ""))
        sys.stdout.flush()
        _warn(file, reading)

    def error(self, file: str, error: HdrError) -> None:
        """Print why a picture could not be read."""
        self._table.writerow((file, *[""] * (len(CSV_COLUMNS) - 2), str(error)))
        sys.stdout.flush()
        complain(error, file)


class TextWriter:
    """The digits by row, under the file's name where there are several."""

    def __init__(self, *, headings: bool) -> None:
        self._headings = headings
        self._bold = ("\033[1m", "\033[0m") if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else ("", "")
        self._started = False

    def reading(self, file: str, reading: Reading, ms: float) -> None:  # noqa: ARG002  (the digits are what is asked)
        """Print what was read in a picture."""
        if self._headings:
            self._head(file)
            print(plain(reading.text) or "(no digit found)", flush=True)
        elif reading.text:
            print(plain(reading.text), flush=True)  # a model's labels may be anybody's
        else:
            print(f"hdr: No digit was found in {file}.", file=sys.stderr)
        _warn(file, reading)

    def error(self, file: str, error: HdrError) -> None:
        """Print why a picture could not be read."""
        complain(error, file)

    def _head(self, file: str) -> None:
        if self._started:
            print()
        self._started = True
        named = plain(file) if sys.stdout.isatty() else file  # a program is told the name as it is
        print(f"{self._bold[0]}{named}{self._bold[1]}")
