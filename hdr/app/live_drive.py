"""A film shown to the window's live screen, each frame stamped with its number, to how late and how dear it comes out.

The number rides in the lowest bits of the first pixels, which changes no reading; it is taken from the frame that the
window has just put on the screen, so that nothing between the camera and the glass is left out.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.app.services import Services
from hdr.app.window import Window
from hdr.bench.live import Row
from hdr.bench.live_cost import FilmCapture
from hdr.bench.live_scenes import FPS
from hdr.reading.camera import Camera
from hdr.workspace import Workspace

_BITS = 32
_WARM_S = 3.0


class StampedFilm:
    """A camera that shows a film at its pace and remembers when it gave each frame.

    Parameters
    ----------
    frames
        Shape (height, width, 3) BGR, ``uint8``, at least 32 pixels wide.
    """

    def __init__(self, frames: Sequence[NDArray[np.uint8]]) -> None:
        self._film = FilmCapture(frames)
        self.given_at: list[float] = []

    def read(self) -> tuple[bool, Any]:
        """Wait until the next frame is due, and stamp it."""
        there, frame = self._film.read()
        stamped = frame.copy()
        number = len(self.given_at)
        bits = np.array([number >> bit & 1 for bit in range(_BITS)], np.uint8)
        stamped[0, :_BITS] = stamped[0, :_BITS] & 0xFE | bits[:, None]
        self.given_at.append(time.monotonic())
        return there, stamped

    def release(self) -> None:
        """Nothing is held."""


def stamp_of(frame: NDArray[np.uint8]) -> int:
    """Return the number that a frame was stamped with."""
    return sum(int(bit) << place for place, bit in enumerate(frame[0, :_BITS, 0] & 1))


def watch_live(home: Path, frames: Sequence[NDArray[np.uint8]], seconds: float) -> Iterator[Row]:
    """Open the window on a film, and measure for so many seconds.

    Parameters
    ----------
    home
        A folder for its settings and captures.
    frames
        Of the film, BGR.
    seconds
        How long.
    """
    film = StampedFilm(frames)
    services = Services(
        Workspace.at(home), list_cameras=list, live_camera=lambda source, _: Camera(source, lambda _: film)
    )
    window = Window(services)
    try:
        yield from _watch(window, film, seconds)
    finally:
        window.close()


def _watch(window: Window, film: StampedFilm, seconds: float) -> Iterator[Row]:
    root, live = window.root, window.controller.live
    live.begin_with(0)
    window.state.use_screen("live")
    tab: Any = window.screens.tabs["live"]
    late_ms: list[float] = []

    def shown() -> None:
        assert live.seen is not None
        root.winfo_pointerx()  # an answer of the screen: by then it has drawn what was sent before
        late_ms.append(1e3 * (time.monotonic() - film.given_at[stamp_of(live.seen.frame)]))

    _run(root, _WARM_S)
    tab.on_shown = shown
    begun, used, given = time.monotonic(), time.process_time(), len(film.given_at)
    _run(root, seconds)
    lasted = time.monotonic() - begun
    cores, came = (time.process_time() - used) / lasted, len(film.given_at) - given
    yield from _told(sorted(late_ms) or [float("nan")], lasted, cores, came)


def _run(root: Any, seconds: float) -> None:
    root.after(round(1e3 * seconds), root.quit)
    root.mainloop()


def _told(late_ms: list[float], lasted: float, cores: float, came: int) -> Iterator[Row]:
    what = f"the window, {FPS} frames/s: from the camera to the screen"
    yield Row(f"{what}, median", "ms", statistics.median(late_ms), "under 80")
    yield Row(f"{what}, 95 of 100", "ms", late_ms[int(0.95 * (len(late_ms) - 1))], "under 80")
    yield Row("frames shown a second", "frames/s", len(late_ms) / lasted)
    yield Row("frames dropped, of all", "of frames", max(0.0, 1 - len(late_ms) / max(1, came)))
    yield Row("processor, of one core, with reading and drawing", "cores", cores, "well under 1")
