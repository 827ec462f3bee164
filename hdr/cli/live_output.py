"""What is read off frames to what is printed: a line a frame, or a line whenever the text changes."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from hdr.cli import output
from hdr.reading.plain import live_object

if TYPE_CHECKING:
    from hdr.reading.live import LiveReading

NOTHING = "(no digit)"


def steady(live: LiveReading) -> LiveReading:
    """Return the reading without the digits that there is not enough evidence for yet."""
    kept = [(one, track) for one, track in zip(live.reading.digits, live.tracks, strict=True) if track.settled]
    reading = dataclasses.replace(live.reading, digits=tuple(one for one, _ in kept))
    return dataclasses.replace(live, reading=reading, tracks=tuple(track for _, track in kept))


class Printer:
    """Prints readings, one a line.

    Parameters
    ----------
    source
        Its name, as it may be told.
    as_json
        Whether as an object; else as its text, rows one after the other.
    changes
        Whether only where the text differs from the one before, by settled digits alone.
    """

    def __init__(self, source: str, *, as_json: bool, changes: bool) -> None:
        self._source, self._as_json, self._changes = source, as_json, changes
        self._text = ""
        self._has_told = False

    def take(self, live: LiveReading) -> LiveReading | None:
        """Print a reading, if it is to be; return what was printed."""
        if self._changes:
            live = steady(live)
            if live.reading.text == self._text:
                return None
            self._text = live.reading.text
        return self._tell(live)

    def end(self, last: LiveReading) -> LiveReading | None:
        """Print what was read last where nothing was printed at all, settled or not: a picture has but one frame."""
        return None if self._has_told else self._tell(last)

    def _tell(self, live: LiveReading) -> LiveReading:
        self._has_told = True
        output.print_line(self._line(live))
        return live

    def _line(self, live: LiveReading) -> str:
        if self._as_json:
            return json.dumps(live_object(self._source, live), ensure_ascii=False)
        return output.plain(live.reading.text.replace("\n", " ")) or NOTHING
