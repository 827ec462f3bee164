"""A reading to plain values, as they stand in JSON and CSV wherever a reading is printed or recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hdr.reading.live import LiveReading
    from hdr.reading.results import Digit, Reading

_ALTERNATIVES = 3


def reading_object(file: str, reading: Reading, ms: float) -> dict[str, Any]:
    """Return a reading as it stands in the JSON.

    Parameters
    ----------
    file
        The picture's name as the user gave it.
    reading
        What was read.
    ms
        From opening the file to the labels, in milliseconds.
    """
    problems = reading.steps.problems if reading.steps else ()
    return {
        "file": file,
        "width": reading.size[0],
        "height": reading.size[1],
        "text": reading.text,
        "digits": [_digit_object(digit, row) for row, digit in by_row(reading)],
        "rejected": [_rejected_object(digit) for digit in reading.rejected],
        "problems": [{"what": problem.what, "cure": problem.cure} for problem in problems],
        "model": reading.model,
        "ms": round(ms, 1),
    }


def live_object(source: str, live: LiveReading) -> dict[str, Any]:
    """Return what was read off a frame, as `reading_object` has it, with the frame, its time and its digits' tracks.

    Parameters
    ----------
    source
        The source's name, as it may be told.
    live
        What was read.
    """
    told = reading_object(source, live.reading, sum(live.timings_ms.values()))
    for one, (_, digit) in zip(told["digits"], by_row(live.reading), strict=True):
        track = live.tracks[live.reading.digits.index(digit)]
        one |= {"track": track.id, "settled": track.settled}
    return {**told, "frame": live.number, "time_s": round(live.time_s, 3)}


def by_row(reading: Reading) -> Iterator[tuple[int, Digit]]:
    """Yield what counts as a digit, with the index of its row; rows of nothing but print are not counted."""
    return ((index, digit) for index, row in enumerate(reading.rows) for digit in row)


def _rejected_object(digit: Digit) -> dict[str, Any]:
    return {"box": list(digit.box.xywh), "confidence": round(digit.confidence, 4)}


def _digit_object(digit: Digit, row: int) -> dict[str, Any]:
    others = digit.prediction.top(_ALTERNATIVES + 1)[1:]
    return {
        "label": digit.label,
        "confidence": round(digit.confidence, 4),
        "box": list(digit.box.xywh),
        "row": row,
        "alternatives": [[label, round(probability, 4)] for label, probability in others],
    }
