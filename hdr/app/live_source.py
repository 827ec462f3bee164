"""A camera to what is read off it, frame by frame: looked for, opened, lost, given back. It imports no Tk.

Frames come from a thread of their own, by `LiveSource.poll`, which never waits: the newest one, or none.
"""

from __future__ import annotations

import dataclasses
import logging
from collections import deque
from typing import TYPE_CHECKING, Any

from hdr.app.live_look import PANELS, LiveLook
from hdr.app.live_recents import from_anywhere, known_as, with_recent
from hdr.errors import HdrError

if TYPE_CHECKING:
    from hdr.app.jobs import Jobs
    from hdr.app.live_watching import Sink, Watcher
    from hdr.app.services import Services
    from hdr.app.state import AppState
    from hdr.classify.classifier import Classifier
    from hdr.reading.camera import Camera
    from hdr.reading.live_worker import LiveWorker, Seen
    from hdr.reading.sources_list import CameraInfo
    from hdr.settings import Settings

log = logging.getLogger("hdr.app")
Source = int | str
_RATE_OVER_S = 2.0


class LiveSource:
    """One camera at a time, and what is read off it.

    Parameters
    ----------
    state
        Told what goes on, as its ``live``.
    services
        Opens cameras and loads models.
    jobs
        Does what takes time.
    """

    def __init__(self, state: AppState, services: Services, jobs: Jobs) -> None:
        self.state = state
        self.services = services
        self.jobs = jobs
        self.settings: Settings = state.settings
        """How frames are read: the pages' own settings at first, changed here for the live screen alone."""
        self.source: Source | None = None
        self.cameras: list[CameraInfo] = []
        self.error: HdrError | None = None
        """Why there is no picture."""
        self.seen: Seen | None = None
        self.selected: int | None = None
        """Id of the track that is selected."""
        self.watcher: Watcher | None = None
        self.other: Classifier | None = None
        """The model that it is compared with."""
        self.sinks: tuple[Sink, ...] = ()
        self._worker: LiveWorker | None = None
        self._gone: LiveWorker | None = None
        self._typed: dict[str, Source] = {}  # addresses with their passwords, which are remembered nowhere else
        self._times: deque[tuple[float, int]] = deque(maxlen=200)
        hidden = frozenset(state.settings.app.live_hidden.split()) & PANELS.keys()
        self._tell(hidden=hidden)

    # Telling ---------------------------------------------------------------------------------------------------------

    @property
    def look(self) -> LiveLook:
        """What is going on."""
        return self.state.live

    def _tell(self, **changes: Any) -> None:
        picture = self.seen is not None
        self.state.set_live(dataclasses.replace(self.state.live, picture=picture, **changes))

    def fail(self, error: BaseException) -> None:
        """Show in place of the picture why there is none; a bug is logged as well, as what it is."""
        if not isinstance(error, HdrError):
            log.error("unexpected: %s", error, exc_info=error)
            told = f"Reading live has stopped: {type(error).__name__}: {error}"
            error = HdrError(told, hint="Your pages are as they were. Please report this.")
        seen = self.seen
        self._let_go()
        self.seen, self.error = seen, error  # the last picture may be looked at as long as one likes
        self._tell(phase="ended", frozen=False)

    # Opening ---------------------------------------------------------------------------------------------------------

    def list_cameras(self) -> None:
        """Look for cameras; open the one used last, or the first, where nothing is open."""
        self.jobs.submit("cameras", lambda _: self.services.list_cameras(), self._found)

    def _found(self, cameras: list[CameraInfo]) -> None:
        self.cameras = cameras
        wanted = self.source if self.source is not None else _remembered(self.state.settings.live.source, cameras)
        self._tell()
        if self.look.is_on:
            return
        if wanted is not None:
            self.open(wanted)
        else:
            self.fail(_no_camera())

    def open(self, source: Source) -> None:
        """Show a camera by its index, or a video file, pictures or a stream by name or address."""
        source = self._with_password(from_anywhere(source))
        self.close_camera()
        if source != self.source:
            self.selected = None
        self.source, self.error = source, None
        live = self.state.settings.live
        recent = live.recent if isinstance(source, int) else with_recent(live.recent, source)
        self.state.set_settings(self.state.settings.replace("live", source=known_as(source), recent=recent))
        self._tell(phase="opening", frozen=False)
        before, model = self._worker_gone(), self.look.model

        def prepare(_: Any) -> Classifier:
            if before is not None:
                before.close()  # the device must be back before it is opened anew
            return self.services.model(model)

        self.jobs.submit("live", prepare, self._start, self.fail)

    def _with_password(self, source: Source) -> Source:
        """An address as it was typed, where only what may be remembered of it is given."""
        known = known_as(source)
        if str(source) != known:
            self._typed[known] = source
        return self._typed.get(known, source)

    def _start(self, classifier: Classifier) -> None:
        from hdr.app.live_watching import Watcher
        from hdr.reading.live_worker import LiveWorker

        assert self.source is not None
        if self.watcher is None:
            self.watcher = Watcher(classifier, self.settings)
        else:
            self.use(classifier)
            self.watcher.settings = self.settings
        self.watcher.compare_with(self.other)
        self.watcher.sinks = self.sinks
        camera = self.services.live_camera(self.source, self.state.settings.live)
        self._worker = LiveWorker(camera, self.watcher).start()

    def use(self, classifier: Classifier) -> None:
        """Read by a model from the next frame on; digits are followed anew."""
        if self.watcher is not None:
            self.watcher.use(classifier)

    def _worker_gone(self) -> LiveWorker | None:
        worker, self._gone = self._gone, None
        return worker

    def begin_with(self, source: Source | None, settings: Settings | None = None, model: str = "") -> None:
        """Take what is to be opened when the screen comes up, how it is read, and by which model."""
        self.source = source
        if settings is not None:
            self.settings = settings
            self.state.set_settings(self.state.settings.replace("live", **vars(settings.live)))
        self._tell(model=model)

    # Frames ----------------------------------------------------------------------------------------------------------

    def poll(self) -> bool:
        """Take the newest reading; whether there was one."""
        if self._worker is None:
            return False
        try:
            seen = self._worker.take()
        except Exception as error:  # noqa: BLE001  (of a thread: shown, and logged where it is a bug)
            self.fail(error)
            return False
        self._follow(self._worker.camera, ended=seen is None)
        if seen is None or self.look.frozen:
            return False
        self._show(seen)
        return True

    def _follow(self, camera: Camera, *, ended: bool) -> None:
        """Go by how the camera is; it is live once there is a picture, and a file has an end."""
        state = camera.state.value
        # An error is raised by `take`, which may hear of it a little later than the camera's state.
        if state == "ended" and ended and self.seen is not None and not camera.notice and not self.look.frozen:
            self.fail(HdrError("The video is at its end.", hint="F9 plays it again."))
        elif state in ("lost", "retrying") and self.look.phase != "lost":
            self._tell(phase="lost")

    @property
    def notice(self) -> str:
        """What a person should know of the camera, or of what stands still; empty while all is well."""
        if self.look.phase == "ended" and self.error is not None:
            return str(self.error)
        if self.look.frozen:
            return "Frozen. Space goes on."
        return self._worker.camera.notice if self._worker is not None else ""

    def _show(self, seen: Seen) -> None:
        self.seen = seen
        self._times.append((seen.captured_at, self.watcher.count if self.watcher is not None else 0))
        if self.look.phase != "live" or not self.look.picture:
            self._tell(phase="live")

    @property
    def rate(self) -> float:
        """Frames read a second, over the last two."""
        recent = [one for one in self._times if one[0] >= self._times[-1][0] - _RATE_OVER_S]
        if len(recent) < 2 or recent[-1][0] <= recent[0][0]:
            return 0.0
        return (recent[-1][1] - recent[0][1]) / (recent[-1][0] - recent[0][0])

    # Ending ----------------------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Give the camera back until the screen comes up again."""
        if self.look.phase not in ("idle", "ended"):
            self.close_camera()
            self._tell(phase="paused", frozen=False)

    def resume(self) -> None:
        """Go on where the screen was left."""
        self.list_cameras()

    def close_camera(self) -> None:
        """Let go of the camera without waiting for it."""
        self.jobs.cancel("live")
        self._let_go()

    def _let_go(self) -> None:
        worker, self._worker = self._worker, None
        self.seen = None
        self._times.clear()
        if worker is not None:
            self._gone = worker
            worker.close(timeout_s=0)

    def close(self) -> None:
        """End in order, waiting for the threads for a moment: the window goes."""
        worker = self._worker or self._worker_gone()
        self.close_camera()
        if worker is not None:
            worker.close()


def _remembered(text: str, cameras: list[CameraInfo]) -> Source | None:
    """The source used last, where it is a file or an address, or a camera that is there; else the first camera."""
    if text and not text.isdecimal():
        return text
    there = [camera.index for camera in cameras]
    return int(text) if text and int(text) in there else next(iter(there), None)


def _no_camera() -> HdrError:
    from hdr.errors import CameraError

    return CameraError(
        "No camera was found on this computer.",
        hint="Plug one in and look again (F9), open a video file (V), or type the address of a camera (Ctrl+L).",
    )
