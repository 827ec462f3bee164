"""What is made of a camera's frames: pages, crops, a comparison, a recording; and the region that is looked at."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.app.document import Document
from hdr.app.live_session import LiveSession
from hdr.data.wording import counted
from hdr.errors import HdrError
from hdr.settings import parse_roi

if TYPE_CHECKING:
    from hdr.app.jobs import Jobs
    from hdr.app.live_recording import Recording
    from hdr.app.services import Services
    from hdr.app.state import AppState
    from hdr.classify.classifier import Classifier
    from hdr.data.burst import Burst
    from hdr.settings import Roi

log = logging.getLogger("hdr.app")
_DENSE = "It knows each pixel by its place: what is written a little aside, larger or slanted is new to it."
_LEAST_REGION, _NUDGE = 0.05, 0.02
_FIRST_REGION = 0.25, 0.25, 0.5, 0.5


class Live(LiveSession):
    """The verbs of the live screen."""

    def __init__(self, state: AppState, services: Services, jobs: Jobs) -> None:
        super().__init__(state, services, jobs)
        self.models: list[str] = []
        self._burst: Burst | None = None
        self._writing = self._burst_failed = False
        self._taken: set[int] = set()
        self._saved_before = 0
        self._snapshots = 0
        self.on_ask_source: Callable[[], None] = lambda: None
        """Has a source typed; the screen's."""
        self.recording: Recording | None = None
        self._cut_off: set[Path] = set()

    @property
    def source_name(self) -> str:
        """What the source is called, without its folder or its password."""
        from hdr.reading.sources import device_index, shown

        source = self.source if self.source is not None else 0
        index = device_index(source)
        if index is not None:
            return next((camera.name for camera in self.cameras if camera.index == index), f"Camera {index}")
        return shown(source) if "://" in str(source) else Path(str(source)).name

    def use(self, classifier: Classifier) -> None:
        """Read by a model from the next frame on; digits are followed anew, and are numbered anew."""
        super().use(classifier)
        self._taken.clear()

    def poll(self) -> bool:
        """Take the newest reading, and save what a burst has collected; whether there was a reading."""
        came = super().poll()
        self._write_burst()
        if self.recording is not None and self.recording.error is not None:
            self._end_recording()
        return came

    def toggle_mirror(self) -> None:
        """Show the picture as in a mirror, or as it is."""
        mirrored = not self.state.settings.live.mirror
        self.change_camera(mirror=mirrored)
        if mirrored:
            self.state.say("info", "The picture is mirrored.", "A mirrored 2 is no 2: M shows it as it is.")

    def rotate(self) -> None:
        """Turn the picture by a quarter, clockwise."""
        self.change_camera(rotate=(self.state.settings.live.rotate + 90) % 360)

    def begin_anew(self) -> None:
        """Look for cameras again; play a video from its beginning."""
        self.close_camera()
        self._tell(phase="idle", frozen=False)
        self.list_cameras()

    def leave(self) -> None:
        """Let go of the region; else put the notice away; else go back to the pages."""
        if self.look.region:
            self.switch("region")
        elif self.state.notice is not None:
            self.state.hush()
        else:
            self.state.use_screen("pages")

    # A page of it ----------------------------------------------------------------------------------------------------

    def snapshot(self) -> None:
        """Make a page of the frame that is shown, with its reading."""
        if self.seen is None:
            return
        self._snapshots += 1
        reading = dataclasses.replace(self.seen.live.reading, steps=None)
        name = f"Snapshot {self._snapshots}, {self.source_name}"
        page = Document(name=name, origin="camera", size=reading.size, reading=reading)
        self.state.images[page.key] = self.seen.frame
        self.state.open_pages([page], "snapshot")
        digits = counted(sum(digit.is_digit for digit in reading.digits), "digit")
        self.state.say("done", f"{name}: a page with {digits}.", "F2 goes to the pages; F8 comes back.")

    # Crops of it -----------------------------------------------------------------------------------------------------

    def toggle_burst(self) -> None:
        """Save every digit that settles from now on, or no more."""
        if self.look.bursting:
            self._end_burst()
            return
        from hdr.data.burst import Burst

        if self._burst is None or not self._burst.is_waiting:
            self._saved_before = self.look.saved
            self._burst = Burst(self.source_name, self._taken)
        self._burst_failed = False
        self._add_sink(self._burst.collect)
        self._tell(bursting=True)

    def _end_burst(self) -> None:
        if self._burst is not None:
            self._remove_sink(self._burst.collect)
        self._tell(bursting=False)

    def _add_sink(self, sink: Any) -> None:
        self.sinks = (*self.sinks, sink)
        if self.watcher is not None:
            self.watcher.sinks = self.sinks

    def _remove_sink(self, sink: Any) -> None:
        self.sinks = tuple(one for one in self.sinks if one != sink)
        if self.watcher is not None:
            self.watcher.sinks = self.sinks

    def _write_burst(self) -> None:
        burst, store = self._burst, self.services.store
        if burst is None or self._writing or self._burst_failed or not burst.is_waiting:
            return
        self._writing = True
        self.jobs.submit("burst", lambda _: burst.write(store()), self._saved, self._not_saved)

    def _saved(self, count: int) -> None:
        self._writing = False
        self._tell(saved=self._saved_before + count)
        self.jobs.submit("count", lambda _: self.services.store().counts(), self.state.set_counts)

    def _not_saved(self, error: BaseException) -> None:
        self._writing, self._burst_failed = False, True
        self._end_burst()
        if not isinstance(error, HdrError):
            raise error
        self.state.say("error", f"The burst has stopped: {error.message}", error.hint)

    # A recording -----------------------------------------------------------------------------------------------------

    def toggle_recording(self) -> None:
        """Write a video with the boxes, and the readings as tables; or end that."""
        if self.recording is not None:
            self._end_recording()
            return
        from hdr.app.live_recording import Recording

        folder = self.services.workspace.captures.parent / "recordings"
        try:
            self.recording = Recording(folder, self.source_name, min(60.0, max(5.0, self.rate)))
        except HdrError as error:
            self.state.say("error", error.message, error.hint)
            return
        self._add_sink(self.recording.add)
        self._tell(recording=True)
        self._tell_of_cut_off(folder)

    def _tell_of_cut_off(self, folder: Path) -> None:
        """Tell once of recordings that a kill or a power cut has ended."""
        from hdr.reading.recorder_video import cut_off

        found = [path.name for path in cut_off(folder) if path not in self._cut_off]
        self._cut_off |= {folder / name for name in found}
        if found:
            told = f"An earlier recording was cut off: {', '.join(found)}, in {folder}."
            self.state.say("info", told, "It can be played as it is.")

    def _end_recording(self) -> None:
        recording, self.recording = self.recording, None
        if recording is None:
            return
        self._remove_sink(recording.add)
        self._tell(recording=False)
        key = f"recording {id(recording)}"  # of its own: the next one that ends must not cancel it
        self.jobs.submit(key, lambda _: recording.close(), lambda _: self._say_recorded(recording))

    def _say_recorded(self, recording: Recording) -> None:
        names, error = ", ".join(path.name for path in recording.paths), recording.error
        if error is not None:
            self.state.say("error", f"The recording has ended: {error.message}", f"{error.hint} There is: {names}.")
        else:
            self.state.say("done", f"Recorded {recording.lasted} min.", f"{names}, in {recording.folder}.")

    def pause(self) -> None:
        """Give the camera back until the screen comes up again; a burst and a recording end."""
        self._end_burst()
        self._end_recording()
        super().pause()
        self._write_burst()

    def close(self) -> None:
        """End in order: no frames any more, then what was made of them is finished."""
        super().close()
        if self.recording is not None:
            self.recording.close()
        self._end_burst()
        if self._burst is not None and self._burst.is_waiting and not self._writing:
            try:
                self._burst.write(self.services.store())
            except HdrError as error:
                log.warning("the last digits of a burst could not be saved: %s", error)

    # Another model ---------------------------------------------------------------------------------------------------

    def list_models(self) -> None:
        """Look which models there are."""

        def found(models: list[str]) -> None:
            self.models = models
            self._tell()

        self.jobs.submit("models", lambda _: self.services.list_models(self.services.workspace), found)

    def use_model(self, name: str) -> None:
        """Read by another model; an empty name is the one in use."""

        def loaded(classifier: Classifier) -> None:
            self.use(classifier)
            self._tell(model=name)
            self.look_again()

        self.jobs.submit("live model", lambda _: self.services.model(name), loaded)

    def compare(self, name: str) -> None:
        """Read the same frames by a second model as well; an empty name is none."""
        if not name:
            self._take_other("", None)
            return
        self.jobs.submit("live other", lambda _: self.services.model(name), lambda other: self._take_other(name, other))

    def _take_other(self, name: str, other: Classifier | None) -> None:
        self.other = other
        if self.watcher is not None:
            self.watcher.compare_with(other)
        self._tell(other=name)
        self.look_again()
        if other is not None and other.card.architecture == "dense":
            self.state.say("info", f"{name} is a dense network.", _DENSE)

    def toggle_compare(self) -> None:
        """Compare with another model, the first that there is, or with none."""
        reads = self.look.model or self.state.model
        others = [name for name in self.models if name != reads]
        if self.look.other:
            self.compare("")
        elif others:
            self.compare(others[0])
        else:
            self.state.say(
                "info", "There is no second model to compare with.", "To train one: hdr train --arch dense --name dense"
            )

    # The region of interest ------------------------------------------------------------------------------------------

    @property
    def region(self) -> Roi | None:
        """The part of the frame that is looked at: x, y, width and height as parts of it; None for all."""
        roi = parse_roi(self.settings.segment.roi)
        if roi is None or max(roi) <= 1:
            return roi
        width, height = self.seen.live.reading.size if self.seen is not None else (1, 1)
        return roi[0] / width, roi[1] / height, min(1, roi[2] / width), min(1, roi[3] / height)

    def set_region(self, roi: Roi | None) -> None:
        """Look at a part of the frame only; None for all of it."""
        text = "" if roi is None else ",".join(f"{part:.4f}" for part in _inside(roi))
        self.change({"segment": {"roi": text}})

    def edit_region(self) -> None:
        """Have the arrow keys move the region, or digits be walked again; where there is none, begin in the middle."""
        self.switch("region")
        if self.look.region and self.region is None:
            self.set_region(_FIRST_REGION)

    def move_region(self, dx: int, dy: int, wider: int = 0, higher: int = 0) -> None:
        """Move the region and make it larger, by small steps."""
        x, y, width, height = self.region or _FIRST_REGION
        dx_, dy_, wider_, higher_ = (_NUDGE * step for step in (dx, dy, wider, higher))
        self.set_region((x + dx_, y + dy_, width + wider_, height + higher_))

    def clear_region(self) -> None:
        """Look at all of the frame."""
        self.set_region(None)
        if self.look.region:
            self.switch("region")

    def arrow(self, dx: int, dy: int) -> None:
        """Go to the digit at that side, or move the region."""
        if self.look.region:
            self.move_region(dx, dy)
        elif dx:
            self.step(dx)


def _inside(roi: Roi) -> Roi:
    """The region, moved into the frame and no smaller than can be seen."""
    x, y, width, height = roi
    width, height = (min(1.0, max(_LEAST_REGION, side)) for side in (width, height))
    return min(max(0.0, x), 1 - width), min(max(0.0, y), 1 - height), width, height
