"""What the user can do, as methods: each takes the state, the services and the worker, and leaves the state changed.

It imports no Tk. What needs a window of its own, such as asking for a file, it asks of a `Dialogs`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from hdr.app.document import Document
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.errors import HdrError

if TYPE_CHECKING:
    from hdr.app.jobs import Job, Jobs
    from hdr.reading.results import Reading
    from hdr.vision.strokes import Stroke

log = logging.getLogger("hdr.app")


@dataclass(frozen=True)
class ExportChoice:
    """What to export and where to.

    Parameters
    ----------
    form
        One of `hdr.app.services.EXPORT_FORMATS`.
    target
        The file or folder to make.
    size_px
        Side of the exported fields.
    """

    form: str
    target: Path
    size_px: int = 28


class Dialogs(Protocol):
    """What is asked in a window of its own."""

    def open_pictures(self, folder: str) -> list[Path]:
        """Ask for picture files; none where the user changed their mind."""
        ...

    def export(self, count: int) -> ExportChoice | None:
        """Ask what to export."""
        ...

    def save_before_closing(self, pages: Sequence[Document]) -> str:
        """Ask what to do with corrections that are not saved: ``save``, ``discard`` or ``stay``."""
        ...

    def snapshot(self, take: Callable[[Any, str], None]) -> None:
        """Show the cameras; call back with a picture taken and the camera's name."""
        ...

    def help(self) -> None:
        """Show the help sheet."""
        ...

    def copy(self, text: str) -> None:
        """Put text on the clipboard."""
        ...

    def clipboard_text(self) -> str:
        """Return the text on the clipboard; empty for none."""
        ...

    def close(self) -> None:
        """Close the window."""
        ...


class Controller:
    """The verbs of the app."""

    def __init__(self, state: AppState, services: Services, jobs: Jobs, dialogs: Dialogs) -> None:
        self.state = state
        self.services = services
        self.jobs = jobs
        self.dialogs = dialogs
        state.listen(self._on_change)

    # Starting and failing --------------------------------------------------------------------------------------------

    def start(self, pictures: Sequence[Path] = ()) -> None:
        """Once the window is painted: load the model, count the captures, open what was asked for."""
        self.jobs.submit("warm", lambda _: self.services.classifier().card.name, self.state.set_model)
        self.count()
        if pictures:
            self.open_paths(pictures)

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
            self._load_picture(page)
        wants_steps = self.state.view != "page" and page.reading is not None and self.state.steps is None
        if wants_steps and not page.stale and changed & {"page", "view"}:
            self._find_steps(page)

    # Opening ---------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Ask for pictures and open them."""
        paths = self.dialogs.open_pictures(self.state.settings.app.last_folder)
        if paths:
            folder = str(paths[0].resolve().parent)
            self.state.set_settings(self.state.settings.replace("app", last_folder=folder))
            self.open_paths(paths)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open picture files, each as a page of its own, and show the first."""
        pages = [Document(name=path.name, origin="file", path=path) for path in paths]
        if pages:
            self.state.hush()
            self.state.open_pages(pages, "open" if len(pages) == 1 else f"open {len(pages)} pictures")

    def _load_picture(self, page: Document) -> None:
        path, settings = page.path, self.state.settings
        assert path is not None

        def failed(error: BaseException) -> None:
            self.state.forget_page(page.key)
            self.show_error(error)

        self.jobs.submit(
            "open",
            lambda _: self.services.load_image(path, settings),
            lambda image: self._take_picture(page, image),
            failed,
            title=f"Opening {page.name}",
        )

    def _take_picture(self, page: Document, image: Any) -> None:
        self.state.set_image(page.key, image)
        self._auto_read()

    def paste(self) -> None:
        """Open what is on the clipboard: a picture, copied files, or a path."""
        text = self.dialogs.clipboard_text()
        self.jobs.submit("paste", lambda _: self._pasted(text), self._open_pasted, title="Pasting")

    def _pasted(self, text: str) -> Any:
        """In the worker: paths, or a picture as an array; None for neither."""
        paths = _paths_in(text)
        found = paths or self.services.grab_clipboard()
        if isinstance(found, bytes):
            return self.services.load_image(found, self.state.settings)
        return found

    def _open_pasted(self, found: Any) -> None:
        if found is None:
            self.state.say(
                "info", "There is no picture on the clipboard.", "Copy a picture, or a file, and paste again."
            )
        elif isinstance(found, list):
            self.open_paths(found)
        else:
            self.add_picture(found, "Pasted picture", "clipboard")

    def add_picture(self, image: Any, name: str, origin: str) -> None:
        """Open a picture that is no file, as a page of its own."""
        height, width = image.shape[:2]
        page = Document(name=name, origin=origin, size=(width, height))
        self.state.images[page.key] = image
        self.state.hush()
        self.state.open_pages([page], {"clipboard": "paste"}.get(origin, "snapshot"))

    def snapshot(self) -> None:
        """Take a picture with a camera."""
        self.dialogs.snapshot(lambda image, name: self.add_picture(image, name, "camera"))

    # Reading ---------------------------------------------------------------------------------------------------------

    def picture_of(self, page: Document) -> Callable[[], Any]:
        """Return what makes the page's image, to be run in the worker: loaded, drawn, or at hand."""
        image, services, settings, path = self.state.images.get(page.key), self.services, self.state.settings, page.path
        if page.is_drawing:
            return lambda: services.rasterize(page.strokes, page.size)
        if image is not None or path is None:
            return lambda: image
        return lambda: services.load_image(path, settings)

    def recognize(self, *, then: Callable[[], None] | None = None) -> None:
        """Read the page."""
        page = self.state.document
        if page.is_drawing and not page.strokes:
            self.state.say("info", "There is nothing to read yet.", "Draw some digits, or open a picture.")
            return
        self.state.hush()
        self._read(page, "recognize", then=then, title="Recognizing")

    def _read(
        self,
        page: Document,
        name: str | None,
        *,
        merge: bool = False,
        then: Callable[[], None] | None = None,
        title: str = "",
    ) -> None:
        picture, settings = self.picture_of(page), self.state.settings

        def done(reading: Reading) -> None:
            self.state.set_reading(page.key, reading, name, merge=merge)
            if then is not None:
                then()
            elif name is not None and not reading.digits:
                self._say_none_found()

        self.jobs.submit(
            "read", lambda _: self.services.read(picture(), self.services.classifier(), settings), done, title=title
        )

    def _find_steps(self, page: Document) -> None:
        """Read a page once more for how it was read, which is not kept of all pages."""
        if page.path is not None and page.key not in self.state.images:
            return  # its picture is on the way, and this is asked again when it is there
        reading, picture, settings = page.reading, self.picture_of(page), self.state.settings
        assert reading is not None
        self.jobs.submit(
            "steps",
            lambda _: self.services.read(picture(), self.services.classifier(), settings).steps,
            lambda steps: self.state.keep_steps(reading, steps),
            title="Looking at the steps",
        )

    def _say_none_found(self) -> None:
        self.state.say(
            "warning",
            "No digit was found on this page.",
            "Look at the view of the ink: another threshold, polarity or smallest size may bring them out.",
        )

    def pen_up(self, stroke: Stroke) -> None:
        """Take a stroke; read the page if that goes by itself."""
        self.state.add_stroke(stroke)
        self._auto_read()

    def _auto_read(self) -> None:
        page = self.state.document
        if self.state.settings.app.auto_recognize and (page.strokes or (not page.is_drawing and not page.reading)):
            self._read(page, None)

    def adjust(self, sections: dict[str, dict[str, Any]]) -> None:
        """Change how pages are read, given as values by section, and read this one again at once if it had been."""
        settings = self.state.settings
        for section, values in sections.items():
            settings = settings.replace(section, **values)
        if settings == self.state.settings:
            return
        self.state.set_settings(settings)
        if self.state.reading is not None:
            self._read(self.state.document, "adjusted reading", merge=True)

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
        self.jobs.cancel("read")
        self.state.undo()
        self._after_travel()

    def redo(self) -> None:
        """Do again what was undone."""
        self.jobs.cancel("read")
        self.state.redo()
        self._after_travel()

    def _after_travel(self) -> None:
        page = self.state.document
        if page.is_drawing and (page.stale or page.reading is None):
            self._auto_read()

    def copy_text(self) -> None:
        """Put the numbers on the clipboard, a row a line."""
        if self.state.reading is not None:
            self.dialogs.copy(self.state.reading.text)
            self.state.say("done", "The numbers are on the clipboard.")

    # Keeping ---------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep this page and its crops; a page that was not read as it is now is read first."""
        page = self.state.document
        if page.reading is None or page.stale:
            self.recognize(then=self.save_read)
        else:
            self.save_read()

    def save_read(self, then: Callable[[], None] | None = None) -> None:
        """Keep this page as it was read."""
        page = self.state.document
        if page.reading is None or not page.reading.digits:
            self._say_none_found()
            return
        self._save_pages([page], then)

    def _save_pages(self, pages: Sequence[Document], then: Callable[[], None] | None = None) -> None:
        work = [(page, self.picture_of(page)) for page in pages]

        def save(job: Job) -> list[Document]:
            saved: list[Document] = []
            for page, picture in work:
                if job.cancelled.is_set():
                    break
                assert page.reading is not None
                self.services.save_page(picture(), page.reading, _source(page), page.strokes or None)
                saved.append(page)
                job.report(len(saved) / len(work))
            return saved

        def done(saved: list[Document]) -> None:
            for page in saved:
                self.state.mark_saved(page)
            self.count()
            self.state.say("done", _saved_sentence(saved), f"They are in {self.services.workspace.captures}.")
            if then is not None:
                then()

        self.jobs.submit("save", save, done, title="Saving")

    def count(self) -> None:
        """Count the captures by label."""
        self.jobs.submit("count", lambda _: self.services.store().counts(), self.state.set_counts)

    def export(self) -> None:
        """Ask what to export, and export it."""
        choice = self.dialogs.export(sum(self.state.counts.values()))
        if choice is None:
            return
        services = self.services
        self.jobs.submit(
            "export",
            lambda _: services.export(services.store(), choice.form, choice.target, choice.size_px),
            lambda report: self.state.say("done", str(report)),
            title="Exporting",
        )

    def quit(self) -> None:
        """Close the window; ask first where a person's corrections would be lost."""
        pages = self.state.unsaved_pages
        answer = self.dialogs.save_before_closing(pages) if pages else "discard"
        if answer == "save":
            self._save_pages(pages, self.dialogs.close)
        elif answer == "discard":
            self.dialogs.close()

    def close_page(self) -> None:
        """Take this page out of the session. It can be undone."""
        self.state.close_page()

    def stop(self) -> None:
        """Stop what is running; with nothing running, put the notice away, then the selection."""
        if self.jobs.cancel():
            self.state.say("info", "Stopped. Nothing was changed.")
        elif self.state.notice is not None:
            self.state.hush()
        else:
            self.state.select(None)


def _paths_in(text: str) -> list[Path]:
    """The files that copied text names, as paths or file addresses; none where it is any other text."""
    paths = []
    for line in text.strip().splitlines():
        entry = line.strip().strip('"')
        path = Path(unquote(urlsplit(entry).path)) if entry.startswith("file:") else Path(entry)
        try:
            if not entry or len(entry) > 4096 or not path.is_file():
                return []
        except (OSError, ValueError):
            return []
        paths.append(path)
    return paths


def _source(page: Document) -> str:
    return str(page.path) if page.path is not None else page.origin


def _crops(count: int) -> str:
    return "1 digit" if count == 1 else f"{count} digits"


def _saved_sentence(pages: Sequence[Document]) -> str:
    digits = _crops(sum(len(page.reading.digits) for page in pages if page.reading))
    return f"Saved {digits}." if len(pages) == 1 else f"Saved {digits} of {len(pages)} pages."
