"""A source to lines, recordings and crops without a window, until it ends, is told to, or has done what was asked."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hdr.cli import output
from hdr.cli.live_output import Printer
from hdr.cli.live_sinks import BurstSink, Snapshots
from hdr.cli.stopping import Stop
from hdr.errors import HdrError, RecordingError
from hdr.settings import Settings

if TYPE_CHECKING:
    from hdr.cli.live_sinks import Sink
    from hdr.reading.feed import Fed
    from hdr.reading.live import LiveReading
    from hdr.reading.recorder import Recorder


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was typed, but for how to read.

    Parameters
    ----------
    source
        Of frames.
    model
        Its name or path; None for the one in use.
    as_json, changes
        As `Printer` has them.
    frames, seconds
        After how many of them to end; None for never.
    record, readings, snapshots
        Where those go; None for nowhere.
    burst
        Whether newly seen digits are saved.
    loop, pace
        Of files, as `SourceOptions` has them.
    wait
        Of cameras, as `Camera` has it.
    """

    source: int | str
    model: str | None = None
    as_json: bool = False
    changes: bool = False
    frames: int | None = None
    seconds: float | None = None
    record: Path | None = None
    readings: Path | None = None
    snapshots: Path | None = None
    burst: bool = False
    loop: bool = False
    pace: bool = False
    wait: bool = False


def run_headless(asked: Asked, settings: Settings) -> int:
    """Read a source until there is a reason to end.

    Returns
    -------
    The exit code: 0 at the end of a file, after what was asked, and on SIGTERM; 130 on an interrupt; 1 where something
    that was asked for beside the reading, such as a recording, could not be done to the end.

    Raises
    ------
    HdrError
        Where the source cannot be opened, or nothing can be read.
    """
    with Stop() as stop, contextlib.ExitStack() as open_things:
        feed = open_things.enter_context(_feed(asked, settings))  # a camera opens while the model is loaded
        from hdr.classify.loading import load_classifier
        from hdr.reading.live import LiveReader

        reader = LiveReader(load_classifier(asked.model), settings)
        sinks = _Sinks(asked, open_things)
        for fed in _until(feed, stop, asked):
            if fed is not None:
                sinks.take(fed, reader.read(fed.frame, fed.time_s))
        if stop.code is None:
            sinks.end()
    return stop.code or int(sinks.failed)


@contextlib.contextmanager
def _feed(asked: Asked, settings: Settings) -> Iterator[Iterator[Fed | None]]:
    from hdr.reading.camera import Camera
    from hdr.reading.feed import every_frame, newest_frames
    from hdr.reading.sources import SourceOptions, has_end

    options = SourceOptions.of(settings.live, loop=asked.loop, paced=asked.pace)
    if has_end(asked.source) and not asked.pace:
        with contextlib.closing(every_frame(str(asked.source), options, _tell)) as feed:
            yield feed
        return
    camera = Camera(asked.source, options=options, retry=True, wait=asked.wait).start()
    try:
        yield newest_frames(camera, _tell)
    finally:
        camera.close()


def _until(feed: Iterator[Fed | None], stop: Stop, asked: Asked) -> Iterator[Fed | None]:
    """The frames, until a signal, the number or the time that was asked for."""
    left, end = asked.frames or -1, math.inf if asked.seconds is None else asked.seconds
    began = time.monotonic()
    for fed in feed:
        if stop.code is not None or (fed.time_s if fed else time.monotonic() - began) > end:
            return
        yield fed
        left -= fed is not None
        if not left:
            return


class _Sinks:
    """All that is done with a frame that was read. What fails is told, and left out from then on."""

    def __init__(self, asked: Asked, open_things: contextlib.ExitStack) -> None:
        from hdr.reading.feed import source_name
        from hdr.reading.recorder import Recorder

        name = source_name(asked.source)
        self.failed = False
        self._printer = Printer(name, as_json=asked.as_json, changes=asked.changes)
        self._every: list[Sink] = []
        self._printed: list[Sink] = []
        self._last: tuple[Fed, LiveReading] | None = None
        if asked.record:
            recorder = Recorder(name, video=asked.record)
            open_things.callback(self._finish, recorder)
            self._every.append(recorder.add)
        if asked.burst:
            self._every.append(BurstSink(name).add)
        if asked.readings:
            recorder = Recorder(name, readings=asked.readings)
            open_things.callback(self._finish, recorder)
            self._printed.append(recorder.add)
        if asked.snapshots:
            self._every.append(Snapshots(asked.snapshots).add)

    def _finish(self, recorder: Recorder) -> None:
        for path in recorder.close():
            told = f"{path} is not whole: not all of it could be written."
            output.complain(RecordingError(told, hint="Free some space, and record anew."))
            self.failed = True
        for path in recorder.unfinished:
            _tell(f"No MP4 could be made of {path}; it can be played as it is.")

    def take(self, fed: Fed, live: LiveReading) -> None:
        """Do it."""
        self._last = fed, live
        self._give(self._every, fed, live)
        self._print(fed, self._printer.take(live))

    def end(self) -> None:
        """Tell what was read last, where nothing was told."""
        if self._last is not None:
            fed, live = self._last
            self._print(fed, self._printer.end(live))

    def _print(self, fed: Fed, printed: LiveReading | None) -> None:
        if printed is not None:
            self._give(self._printed, fed, printed)

    def _give(self, sinks: list[Sink], fed: Fed, live: LiveReading) -> None:
        for sink in list(sinks):
            try:
                sink(fed.frame, live)
            except HdrError as error:
                output.complain(error)
                sinks.remove(sink)
                self.failed = True


def _tell(sentence: str) -> None:
    print(f"hdr: {sentence}", file=sys.stderr, flush=True)
