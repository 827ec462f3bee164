"""What the user can do, as methods: each takes the state, the services and the worker, and leaves the state changed.

It imports no Tk. What needs a window of its own, such as asking for a file, it asks of a `Dialogs`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.app.asking import Dialogs
from hdr.app.autosave import Autosaver
from hdr.app.document import Document, shortened
from hdr.app.editing import Editor
from hdr.app.keeping import Keeper
from hdr.app.opening import Opener
from hdr.app.reader import Reader
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.errors import HdrError

if TYPE_CHECKING:
    from hdr.app.captures import Captures
    from hdr.app.jobs import Jobs
    from hdr.app.live_verbs import Live
    from hdr.app.train_control import Trainer
    from hdr.vision.strokes import Stroke

log = logging.getLogger("hdr.app")
VIDEOS = "*.mp4 *.mov *.avi *.mkv *.webm *.m4v *.mpg *.gif"
SURE = 0.99
"""From here on digits are confirmed together."""


class Controller:
    """The verbs of the app."""

    state: AppState
    dialogs: Dialogs
    opener: Opener
    keeper: Keeper
    editor: Editor
    reader: Reader

    def __init__(self, state: AppState, services: Services, jobs: Jobs, dialogs: Dialogs) -> None:
        self.state = state
        self.services = services
        self.jobs = jobs
        self.dialogs = dialogs
        self.opener = Opener(state, services, jobs, dialogs, self._auto_read, self.show_error)
        self.keeper = Keeper(state, services, jobs, dialogs, self.opener.picture_of)
        self.autosaver = Autosaver(state, services, jobs)
        self.editor = Editor(state, services, jobs, self.opener.picture_of, self.show_error)
        self.reader = Reader(state, services, jobs, self.opener)
        state.listen(self._on_change)

    # Starting and failing --------------------------------------------------------------------------------------------

    @cached_property
    def captures(self) -> Captures:
        """The saved crops, once they are looked at."""
        from hdr.app.captures import Captures

        return Captures(self.state, self.services, self.jobs, self.opener)

    @cached_property
    def trainer(self) -> Trainer:
        """Training, once its screen comes up."""
        from hdr.app.train_control import Trainer

        return Trainer(self.state, self.services, self.jobs, self.dialogs)

    @cached_property
    def live(self) -> Live:
        """What a camera sees, once its screen comes up."""
        from hdr.app.live_verbs import Live

        return Live(self.state, self.services, self.jobs)

    def live_open(self) -> None:
        """Ask for a video file, and read it."""
        path = self.dialogs.open_file("Open a video", [("Videos", f"{VIDEOS} {VIDEOS.upper()}")])
        if path is not None:
            self.live.open(str(path))

    def start(self, pictures: Sequence[Path] = ()) -> None:
        """Once the window is painted: load the model, bring back what was left, open what was asked for."""
        self.jobs.submit("warm", lambda _: self._warm(), self._warmed)
        self.keeper.count()
        self.autosaver.restore(lambda: self.opener.open_paths(self._not_restored(pictures)))

    def _not_restored(self, pictures: Sequence[Path]) -> list[Path]:
        there = {page.path.resolve() for page in self.state.now.pages if page.path is not None}
        return [path for path in pictures if path.resolve() not in there]

    def _warm(self) -> tuple[str, str]:
        """In the worker: the model's name, and the one that should have been it."""
        return self.services.classifier().card.name, self.services.missing_model(self.services.workspace)

    def _warmed(self, names: tuple[str, str]) -> None:
        name, missing = names
        self.state.set_model(name)
        if missing:
            told = f"The model in use, {missing!r}, is not there any more; {name} reads in its place."
            self.state.say("warning", told, f"To settle it: hdr models use {name}")

    def show_error(self, error: BaseException) -> None:
        """Say what went wrong: an `HdrError` as it is, anything else logged and shown as the bug it is."""
        if isinstance(error, HdrError):
            self.state.say("error", error.message, error.hint)
            return
        log.error("unexpected: %s", error, exc_info=error)
        self.state.say(
            "error",
            f"Something went wrong that should not: {type(error).__name__}: {error}",
            "Your work is still here. The details stand in the terminal; please report them.",
        )

    def _on_change(self, changed: frozenset[str]) -> None:
        page = self.state.document
        if "page" in changed and page.path is not None and page.key not in self.state.images:
            self.opener.load(page)
        wants_steps = self.state.view != "page" and page.reading is not None and self.state.steps is None
        if wants_steps and not page.stale and changed & {"page", "view"}:
            self.reader.find_steps(page)

    # Reading ---------------------------------------------------------------------------------------------------------

    def recognize(self, *, then: Callable[[], None] | None = None) -> None:
        """Read the page."""
        self.reader.recognize(then=then)

    def pen_up(self, stroke: Stroke) -> None:
        """Take a stroke; read the page if that goes by itself."""
        self.state.add_stroke(stroke)
        self._auto_read()

    def _auto_read(self) -> None:
        page = self.state.document
        if page.key in self.opener.wanted and page.reading is not None:
            self.state.select_at(self.opener.wanted.pop(page.key))
            return
        wanted = self.state.settings.app.auto_recognize or self.state.is_of_job(page) or page.key in self.opener.wanted
        if wanted and (page.strokes or (not page.is_drawing and not page.reading)):
            self.reader.read(page, None)

    def adjust(self, sections: dict[str, dict[str, Any]]) -> None:
        """Change how pages are read, given as values by section, and try it on this one at once."""
        settings = self.state.settings
        for section, values in sections.items():
            settings = settings.replace(section, **values)
        if settings == self.state.settings:
            return
        self.state.set_settings(settings)
        page = self.state.document
        if page.reading is not None or page.strokes or page.key in self.state.images:
            self.reader.read(page, "adjusted reading", merge=True)

    def set_app(self, **values: Any) -> None:
        """Change how the window behaves."""
        self.state.set_settings(self.state.settings.replace("app", **values))

    def toggle_auto(self) -> None:
        """Recognize after each stroke, or only when asked."""
        self.set_app(auto_recognize=not self.state.settings.app.auto_recognize)
        self._auto_read()

    def change_pen(self, by_px: int) -> None:
        """Make the pen wider or thinner."""
        width = min(80, max(2, self.state.settings.app.pen_width_px + by_px))
        self.set_app(pen_width_px=width)

    def toggle_theme(self) -> None:
        """Go from light to dark or back."""
        self.set_app(theme="light" if self.state.settings.app.theme == "dark" else "dark")

    # Correcting ------------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last change back."""
        self._travel(self.state.undo)

    def redo(self) -> None:
        """Do again what was undone."""
        self._travel(self.state.redo)

    def _travel(self, go: Callable[[], None]) -> None:
        self.jobs.cancel("read")
        before = self.state.now.saves
        go()
        self.keeper.follow(before, self.state.now.saves)
        page = self.state.document
        if page.is_drawing and (page.stale or page.reading is None):
            self._auto_read()

    def confirm(self) -> None:
        """Confirm the selected digits; read a page that was not read as it is now; select a digit where none is."""
        page = self.state.document
        if page.reading is None or page.stale:
            self.recognize()
        elif not self.state.selected:
            self.state.select_unsure()
        elif any(page.reading.digits[index].corrected is None for index in self.state.selected):
            self.state.confirm()
        elif page.left:
            self.state.select_next()
        if page.reading is not None and not page.stale and not self.state.document.left:
            self.state.say("done", "Every digit of this page is confirmed.", "Ctrl+Return saves it and goes on.")

    def confirm_sure(self) -> None:
        """Confirm all that is read with 99 % or more."""
        count = self.state.confirm_above(SURE)
        left = self.state.document.left
        rest = f"{left} left to look at." if left else "Every digit of this page is confirmed."
        self.state.say("done", f"Confirmed {count} above {SURE:.0%}. {rest}")

    def ask_label(self) -> None:
        """Ask what the selected digits are, for what has no key."""
        if self.state.reading is None or self.state.focus is None:
            return
        label = self.dialogs.ask_label(self.state.reading.digits[self.state.focus].label)
        if label:
            self.state.relabel(label)

    def toggle_order(self) -> None:
        """Go on to the least certain digit after a label, or to the next in reading order."""
        self.set_app(next_by="reading" if self.state.settings.app.next_by == "doubt" else "doubt")

    def toggle_screen(self, name: str) -> None:
        """Show a screen, or the pages again."""
        self.state.use_screen("pages" if self.state.screen == name else name)

    def copy_text(self) -> None:
        """Put the numbers on the clipboard, a row a line."""
        if self.state.reading is not None:
            self.dialogs.copy(self.state.reading.text)
            self.state.say("done", "The numbers are on the clipboard.")

    def save(self) -> None:
        """Keep this page and its crops; a page that was not read as it is now is read first."""
        page = self.state.document
        if page.reading is None or page.stale:
            self.recognize(then=self._save_read)
        else:
            self._save_read()

    def _save_read(self) -> None:
        if self.state.digit_count:
            self.keeper.save_read()
        else:
            self.reader.say_none_found()

    def finish_page(self) -> None:
        """Vouch for all that is left on the page, save it, and go on to the next that is not done."""
        page = self.state.document
        if page.reading is None or page.stale:
            self.recognize()
            return
        self.state.confirm_above(0.0)
        page = self.state.document
        if self.state.digit_count:
            self.keeper.save_read(lambda: self._finished(page))
        else:
            self._finished(page)

    def _finished(self, page: Document) -> None:
        self.opener.finish(page)
        if not self.opener.go_on():
            pages = len(self.state.now.pages)
            self.state.say("done", "This page is done." if pages == 1 else f"All {pages} pages are done.")

    def next_unfinished(self) -> None:
        """Show the next page with work left."""
        if not self.opener.go_on():
            self.state.say("done", "Every page is done.")

    def close_page(self) -> None:
        """Take this page out of the session. It can be undone."""
        page = self.state.document
        unsaved = self.state.is_unsaved(page)
        self.state.close_page()
        if unsaved:
            self.state.say(
                "warning", f"{shortened(page.name)} was closed with labels that are not saved.", "Undo brings it back."
            )

    def stop(self) -> None:
        """Stop what is running; with nothing running, put the notice away, then the selection."""
        if self.jobs.cancel():
            self.opener.give_up()
            self.editor.give_up()
            self.state.say("info", "Stopped. Nothing was changed.")
        elif self.state.notice is not None:
            self.state.hush()
        else:
            self.state.select(None)
