"""The app without a window, driven by its keys: the real table of actions, the real verbs, nothing on a screen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hdr.app.action import perform
from hdr.app.actions import PanelVerbs, ViewerVerbs, all_actions
from hdr.app.asking import ExportChoice
from hdr.app.controller import Controller
from hdr.app.jobs import Jobs
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.bench.effort import Misread, Seen
from hdr.settings import Settings
from hdr.workspace import Workspace

_LONGEST_S = 120.0


class Keyboard:
    """A `hdr.bench.effort.Desk`.

    Parameters
    ----------
    controller
        The app's verbs.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._table = all_actions(_NoViewer(), _NoPanels())

    def press(self, key: str) -> None:
        """Do what a key does, and wait for it; a key that can do nothing now does nothing."""
        action = self._table.by_key.get(key)
        if action is not None:
            perform(action, self._controller)
        self.settle()

    def settle(self) -> None:
        """Wait until no work is under way."""
        end = time.monotonic() + _LONGEST_S
        while not self._controller.jobs.is_idle and time.monotonic() < end:
            if not self._controller.jobs.pump():
                time.sleep(0.001)

    @property
    def digits(self) -> list[Seen]:
        """What is shown."""
        reading = self._controller.state.reading
        return [Seen(d.box, d.label, d.corrected is not None) for d in (reading.kept if reading else ())]

    @property
    def selected(self) -> Seen | None:
        """Where the next key goes."""
        reading, focus = self._controller.state.reading, self._controller.state.focus
        if reading is None or focus is None:
            return None
        digit = reading.digits[focus]
        return Seen(digit.box, digit.label, digit.corrected is not None)

    def saved(self) -> list[str]:
        """Return the labels that lie in the captures as a person's."""
        from hdr.data.captures import CaptureStore

        store = CaptureStore(self._controller.services.workspace.captures)
        return [crop.label for crop in store.crops() if crop.by_person]


@contextmanager
def open_keyboard(home: Path, pictures: Path, misread: Misread) -> Iterator[Keyboard]:
    """Open a folder of pictures in the app without a window, which misreads what it reads."""
    from hdr.reading.pipeline import read_digits

    services = Services(
        Workspace.at(home),
        read=lambda image, classifier, settings: misread(read_digits(image, classifier, settings)),
        grab_clipboard=lambda: None,  # nobody's clipboard is looked at
    )

    def failed(error: BaseException) -> None:
        raise error

    jobs = Jobs(failed)
    controller = Controller(AppState(Settings()), services, jobs, _NoDialogs())
    keyboard = Keyboard(controller)
    try:
        controller.start([pictures])
        keyboard.settle()
        yield keyboard
    finally:
        controller.autosaver.close()
        jobs.close()


class _NoViewer(ViewerVerbs):
    """Where nothing is shown nothing is zoomed."""

    def zoom(self, factor: float) -> None:
        del factor

    def fit(self) -> None: ...

    def actual_size(self) -> None: ...


class _NoPanels(PanelVerbs):
    def toggle_settings(self) -> None: ...

    def settings_shown(self) -> bool:
        return False


class _NoDialogs:
    """Whoever is asked changes their mind."""

    def open_pictures(self, _folder: str) -> list[Path]:
        return []

    def open_folder(self, _folder: str) -> None: ...

    def export(self, _count: int) -> ExportChoice | None:
        return None

    def save_before_closing(self, _pages: object) -> str:
        return "stay"

    def choose(self, _question: str, _more: str, *answers: tuple[str, str]) -> str:
        return answers[0][0]

    def choose_one(self, _title: str, _choices: object) -> str:
        return ""

    def open_file(self, _title: str, _kinds: object) -> None: ...

    def save_file(self, _title: str, _name: str, _ending: str) -> None: ...

    def snapshot(self, _take: object) -> None: ...

    def help(self) -> None: ...

    def ask_label(self, _present: str) -> str:
        return ""

    def copy(self, _text: str) -> None: ...

    def clipboard_text(self) -> str:
        return ""

    def close(self) -> None: ...
