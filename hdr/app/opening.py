"""Pictures into the session: from files, the clipboard and cameras."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from hdr.app.asking import Dialogs
from hdr.app.document import Document, listed
from hdr.app.folder_job import FolderJob
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.errors import HdrError

if TYPE_CHECKING:
    from hdr.app.jobs import Jobs
    from hdr.geometry import Box

log = logging.getLogger("hdr.app")


class Opener:
    """Opens pictures as pages.

    Parameters
    ----------
    state, services, jobs, dialogs
        As the controller's.
    loaded
        Called once a picture that was waited for is there.
    failed
        Told why a picture could not be opened.
    """

    def __init__(
        self,
        state: AppState,
        services: Services,
        jobs: Jobs,
        dialogs: Dialogs,
        loaded: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self.state = state
        self.services = services
        self.jobs = jobs
        self.dialogs = dialogs
        self._loaded = loaded
        self._failed = failed
        self._unreadable: list[str] = []
        self.jobs_of: dict[int, FolderJob] = {}
        self.wanted: dict[int, Box] = {}
        """By page, the box that is to be selected once it is read."""

    def open(self) -> None:
        """Ask for pictures and open them."""
        paths = self.dialogs.open_pictures(self.state.settings.app.last_folder)
        if paths:
            folder = str(paths[0].resolve().parent)
            self.state.set_settings(self.state.settings.replace("app", last_folder=folder))
            self.open_paths(paths)

    def open_folder(self) -> None:
        """Ask for a folder of pictures and open it as a job."""
        folder = self.dialogs.open_folder(self.state.settings.app.last_folder)
        if folder is not None:
            self.state.set_settings(self.state.settings.replace("app", last_folder=str(folder.resolve())))
            self.open_job(folder)

    def open_job(self, folder: Path) -> None:
        """Open every picture of a folder, and show the first that is not done."""
        job = FolderJob.of(self.services.workspace.captures, folder)
        try:
            pictures = job.pictures()
        except OSError as error:
            self.state.say("error", f"{folder} cannot be opened ({error.strerror or error}).", "Choose another folder.")
            return
        if not pictures:
            self.state.say("info", f"There are no pictures in {folder}.", "Choose another folder.")
            return
        done = job.done()
        there = {page.path.resolve(): page for page in self.state.now.pages if page.path is not None}
        pages = [there.get(path) or Document(name=path.name, origin="file", path=path) for path in pictures]
        new = [page for page, path in zip(pages, pictures, strict=True) if path not in there]
        self.jobs_of.update({page.key: job for page in pages})
        if new:
            self.state.open_pages(new, f"open {len(new)} pictures" if len(new) > 1 else "open")
        self.state.set_job((page.key for page in pages), (page.key for page in pages if page.path in done))
        if self.state.is_done(self.state.document):
            self.go_on()

    def go_on(self) -> bool:
        """Show the next page with work left; whether there is one."""
        index = self.state.next_unfinished()
        if index is not None and index != self.state.now.index:
            self.state.show(index)
        return index is not None

    def finish(self, page: Document) -> None:
        """Remember, for good where it belongs to a job, that a page is done."""
        self.state.mark_done(page)
        job = self.jobs_of.get(page.key)
        if job is not None and page.path is not None:
            try:
                job.finish(page.path)
            except OSError as error:
                log.warning("what is done of a job could not be written: %s", error)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open picture files, each as a page of its own, and show the first; a folder as a job."""
        for folder in (path for path in paths if path.is_dir()):
            self.open_job(folder)
        pages = [Document(name=path.name, origin="file", path=path) for path in paths if not path.is_dir()]
        if pages:
            self._unreadable.clear()
            self.state.hush()
            self.state.open_pages(pages, "open" if len(pages) == 1 else f"open {len(pages)} pictures")

    def open_at(self, path: Path, name: str, box: Box) -> None:
        """Show a page that was saved, read, with the digit selected that a box is of."""
        pages = self.state.now.pages
        index = next((i for i, page in enumerate(pages) if page.path == path), None)
        if index is None:
            page = Document(name=name, origin="file", path=path)
            self.wanted[page.key] = box
            self.state.open_pages([page], "open")
        else:
            self.wanted[pages[index].key] = box
            self.state.show(index)
            self._loaded()

    def load(self, page: Document) -> None:
        """Get a page's picture from its file. One that cannot be had takes its page with it, but never a reading."""
        path, settings = page.path, self.state.settings
        assert path is not None

        def failed(error: BaseException) -> None:
            self._fail(page, error)

        self.jobs.submit(
            "open",
            lambda _: self.services.load_image(path, settings),
            lambda image: self._take_picture(page, image),
            failed,
            title=f"Opening {page.name}",
        )

    def _fail(self, page: Document, error: BaseException) -> None:
        self._let_go(page)
        if not isinstance(error, HdrError) or page.reading is not None:
            self._failed(error)
            return
        self._unreadable.append(page.name)
        if len(self._unreadable) == 1:
            self._failed(error)
        else:
            names = listed(self._unreadable)
            self.state.say(
                "error",
                f"{len(self._unreadable)} pictures could not be opened: {names}.",
                f"The last: {error.message}",
            )

    def _let_go(self, page: Document) -> None:
        """Do without a page's picture: a reading stays, a page without one goes."""
        if page.reading is None:
            self.state.forget_page(page.key)
        else:
            self.state.miss_image(page.key)

    def give_up(self) -> None:
        """Wait no longer for the picture of the page shown."""
        page = self.state.document
        if page.path is not None and page.key not in self.state.images:
            self._let_go(page)

    def _take_picture(self, page: Document, image: Any) -> None:
        self.state.set_image(page.key, image)
        self._loaded()

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

    def picture_of(self, page: Document) -> Callable[[], Any]:
        """Return what makes the page's image, to be run in the worker: loaded, drawn, or at hand."""
        image, services, settings, path = self.state.images.get(page.key), self.services, self.state.settings, page.path
        if page.is_drawing:
            return lambda: services.rasterize(page.strokes, page.size)
        if image is not None or path is None:
            return lambda: image
        return lambda: services.load_image(path, settings)


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
