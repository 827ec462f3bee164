"""Frames and what was read off them to crops for the captures, and to pictures of what was seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hdr.cli.live_output import steady
from hdr.workspace import find_workspace, free_path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hdr.reading.live import LiveReading

    Sink = Callable[[NDArray[np.uint8], LiveReading], None]
    """Given a frame and what was read off it; it raises `HdrError` where it cannot go on."""


class BurstSink:
    """Saves every newly settled digit, all as one group.

    Parameters
    ----------
    source
        The source's name, as it may be told.
    """

    def __init__(self, source: str) -> None:
        from hdr.data.burst import Burst
        from hdr.data.captures import CaptureStore

        self._burst, self._store = Burst(source, set()), CaptureStore(find_workspace().captures)

    def add(self, frame: NDArray[np.uint8], live: LiveReading) -> None:
        """Save what is new in a frame.

        Raises
        ------
        CaptureError
            Where it cannot be written.
        """
        self._burst.collect(frame, live)
        if self._burst.is_waiting:
            self._burst.write(self._store)


class Snapshots:
    """Saves the frames in which the text of settled digits has changed, with boxes and labels, by their time.

    Parameters
    ----------
    folder
        Where; made where it is not there.
    now
        Tells the time; tests have another.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = datetime.now) -> None:
        self._folder, self._now, self._text = folder, now, ""

    def add(self, frame: NDArray[np.uint8], live: LiveReading) -> None:
        """Save a frame, if its text is another than the one before.

        Raises
        ------
        ImageError
            Where it cannot be written.
        """
        from hdr.vision.media import save_image
        from hdr.vision.overlay import draw_reading

        settled = steady(live).reading
        if settled.text == self._text:
            return
        self._text = settled.text
        name = f"{self._now():%Y%m%d-%H%M%S}-{live.number:06d}.jpg"
        save_image(free_path(self._folder / name), draw_reading(frame, settled))
