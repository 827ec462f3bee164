"""What is read off a camera to what a person looks at: a digit that is picked, a frame that stands, other settings."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from hdr.app.live_source import LiveSource

if TYPE_CHECKING:
    from hdr.reading.results import Digit


class LiveSession(LiveSource):
    """A source, and the way it is looked at."""

    # Picking ---------------------------------------------------------------------------------------------------------

    @property
    def index(self) -> int | None:
        """Which digit of the reading is selected, wherever it is by now; None where it is not in sight."""
        tracks = self.seen.live.tracks if self.seen is not None else ()
        return next((index for index, track in enumerate(tracks) if track.id == self.selected), None)

    @property
    def digit(self) -> Digit | None:
        """The digit that is selected; the least sure one where none is."""
        if self.seen is None:
            return None
        digits = self.seen.live.reading.digits
        if self.index is not None:
            return digits[self.index]
        kept = [digit for digit in digits if digit.is_digit]
        return min(kept, key=lambda digit: digit.confidence, default=None)

    def select(self, index: int | None) -> None:
        """Select a digit of the reading; it stays so while it is in sight."""
        tracks = self.seen.live.tracks if self.seen is not None else ()
        self.selected = tracks[index].id if index is not None and index < len(tracks) else None
        self._tell()

    def step(self, by: int) -> None:
        """Select the next digit in reading order, or the one before."""
        digits = self.seen.live.reading.digits if self.seen is not None else ()
        kept = [index for index, digit in enumerate(digits) if digit.is_digit]
        if kept:
            at = kept.index(self.index) + by if self.index in kept else (0 if by > 0 else -1)
            self.select(kept[at % len(kept)])

    # Looking in another way ------------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """Let the picture stand, or go on."""
        if self._worker is not None and self.seen is not None:
            self._worker.freeze(not self.look.frozen)
            self._tell(frozen=not self.look.frozen)

    def change(self, sections: dict[str, dict[str, Any]]) -> None:
        """Read in another way from the next frame on; a frozen frame is read again."""
        settings = self.settings
        for section, values in sections.items():
            settings = settings.replace(section, **values)
        if settings == self.settings:
            return
        self.settings = settings
        if self.watcher is not None:
            self.watcher.settings = settings
        self.look_again()
        self._tell()

    def look_again(self) -> None:
        """Read a frame that stands still as the settings are now."""
        seen, watcher = self.seen, self.watcher
        if not self.look.frozen or seen is None or watcher is None:
            return

        def done(live: Any) -> None:
            if self.look.frozen and self.seen is not None and self.seen.frame is seen.frame:
                self.seen = dataclasses.replace(seen, live=live)
                self._tell()

        self.jobs.submit("live again", lambda _: watcher.look(seen.frame, seen.live.time_s), done, self.fail)

    def change_camera(self, **values: Any) -> None:
        """Ask the camera for something else: it is opened anew, but for being mirrored and turned."""
        settings = self.state.settings.replace("live", **values)
        if settings == self.state.settings:
            return
        self.state.set_settings(settings)
        if self._worker is not None and not values.keys() - {"mirror", "rotate"}:
            camera = self._worker.camera
            camera.options = dataclasses.replace(camera.options, **values)
        elif self.source is not None and self.look.is_on:
            self.open(self.source)

    def switch(self, what: str) -> None:
        """Turn ``ink``, ``grown`` or ``region`` on or off."""
        self._tell(**{what: not getattr(self.look, what)})

    def toggle_panel(self, name: str) -> None:
        """Hide a panel, or show it again; it is remembered."""
        hidden = self.look.hidden ^ {name}
        self.state.set_settings(self.state.settings.replace("app", live_hidden=" ".join(sorted(hidden))))
        self._tell(hidden=hidden)
