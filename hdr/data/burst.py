"""Every newly settled digit of a camera's frames to an unconfirmed crop on disk, all of one burst in one group."""

from __future__ import annotations

import queue
import secrets
from typing import TYPE_CHECKING, Any

from hdr.data.crops import Origin, crop_file_name, encode_crop
from hdr.data.labels import folder_name
from hdr.workspace import write_atomically

if TYPE_CHECKING:
    from hdr.data.captures import CaptureStore
    from hdr.reading.live import LiveReading
    from hdr.reading.results import Digit


class Burst:
    """Collects in the reading thread, writes in the worker; what is collected stays until it is written.

    Parameters
    ----------
    source
        What the frames come from, as a crop's origin tells it.
    seen
        Ids of tracks that were collected before, by an earlier burst of the same frames; it is added to.
    """

    def __init__(self, source: str, seen: set[int]) -> None:
        self.capture = secrets.token_hex(8)
        self.source = source
        self.saved = 0
        self._seen = seen
        self._waiting: queue.SimpleQueue[tuple[Digit, str]] = queue.SimpleQueue()
        self._next: tuple[Digit, str] | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether there is anything to write."""
        return self._next is not None or not self._waiting.empty()

    def collect(self, frame: Any, live: LiveReading) -> None:
        """Take every digit that has settled and was not taken before."""
        del frame
        for digit, track in zip(live.reading.digits, live.tracks, strict=True):
            if track.settled and digit.is_digit and track.id not in self._seen:
                self._seen.add(track.id)
                self._waiting.put((digit, live.reading.model))

    def write(self, store: CaptureStore) -> int:
        """Save what was collected; return how many crops this burst has saved by now.

        Raises
        ------
        CaptureError
            Where one cannot be written. It and those after it are kept for another try; none is half written.
        """
        with store.writing():
            while (item := self._take()) is not None:
                self._save(store, *item)
                self._next = None
                self.saved += 1
        return self.saved

    def _take(self) -> tuple[Digit, str] | None:
        if self._next is None and not self._waiting.empty():
            self._next = self._waiting.get()
        return self._next

    def _save(self, store: CaptureStore, digit: Digit, model: str) -> None:
        from hdr.data.adding import now

        origin = Origin(
            self.capture, self.saved, digit.box, self.source, digit.label, digit.confidence, model=model, saved=now()
        )
        path = store.root / folder_name(digit.label) / crop_file_name(self.capture, self.saved)
        write_atomically(path, encode_crop(digit.crop.pixels, origin))
