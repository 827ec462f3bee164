"""Every change of the session to the journal, at once; and what a killed session left, back to pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from hdr.app.document import Document, listed
from hdr.app.journal import Journal, Leftover, leftovers
from hdr.app.record import Recorder, replay
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.data.wording import counted
from hdr.errors import HdrError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hdr.app.jobs import Jobs

log = logging.getLogger("hdr.app")
Restored = tuple[Document, Any]
_NO_FILE = ("clipboard", "camera")


class Autosaver:
    """Writes the journal, and offers what another session left of its own."""

    def __init__(self, state: AppState, services: Services, jobs: Jobs) -> None:
        self.state = state
        self.services = services
        self.jobs = jobs
        self.journal = Journal(services.workspace.captures)
        self._recorders: dict[int, Recorder] = {}
        self._seen: tuple[Document, ...] = ()
        self._failing = False
        state.listen(self._on_change)

    # Writing ---------------------------------------------------------------------------------------------------------

    def _on_change(self, changed: frozenset[str]) -> None:
        if changed & {"page", "pages", "saved"}:
            pages, seen = self.state.now.pages, set(map(id, self._seen))
            for page in pages:
                if id(page) not in seen or "saved" in changed:
                    self._write(page)
            self._seen = pages

    def _write(self, page: Document) -> None:
        """Tell the journal of a page; of one on which nobody has done anything there is nothing to tell."""
        recorder = self._recorders.get(page.key)
        if recorder is None:
            if not page.has_work:
                return
            recorder = self._recorders[page.key] = Recorder()
            self._keep_picture(page)
        line = recorder.line(page, saved=self.state.is_saved(page))
        if line is None:
            return
        try:
            self.journal.append(page.key, line)
        except OSError as error:
            del self._recorders[page.key]  # the next line tells all
            self._warn(error)
        else:
            self._failing = False
            self.jobs.submit("flush", lambda _: self.journal.flush())

    def _warn(self, error: OSError) -> None:
        log.warning("the journal could not be written: %s", error)
        if not self._failing:
            self._failing = True
            self.state.say(
                "warning",
                f"What you do cannot be kept against a crash: {self.journal.root} "
                f"cannot be written ({error.strerror or error}).",
                "Make room or allow writing there; until then save often.",
            )

    def _keep_picture(self, page: Document) -> None:
        """Keep what came from no file, in the worker: it is large."""
        image = self.state.images.get(page.key)
        if page.origin in _NO_FILE and image is not None:
            self.jobs.submit(f"picture {page.key}", lambda _: self._write_picture(page, image), failed=self._no_picture)

    def _write_picture(self, page: Document, image: Any) -> None:
        from hdr.vision.media import encode_image

        self.journal.keep_picture(page.key, encode_image(image))

    def _no_picture(self, error: BaseException) -> None:
        if not isinstance(error, OSError):
            raise error
        self._warn(error)

    # Restoring -------------------------------------------------------------------------------------------------------

    def restore(self, then: Callable[[], None]) -> None:
        """Bring back what sessions left that were killed, then go on."""

        def back(found: tuple[list[Restored], list[Leftover]]) -> None:
            pages, left = found
            if pages:
                self.state.restore_pages(pages)
                self._tell([page for page, _ in pages])
            # It is in this session's journal now, or will be once the pictures are written, which comes before this.
            self.jobs.submit("tidy", lambda _: self._tidy(left))
            then()

        def failed(error: BaseException) -> None:
            log.error("what was left could not be read", exc_info=error)
            then()

        self.jobs.submit("restore", lambda _: self._find(), back, failed)

    def _tidy(self, left: list[Leftover]) -> None:
        for one in left:
            if self._failing:
                one.release()
            else:
                one.remove()

    def _find(self) -> tuple[list[Restored], list[Leftover]]:
        left = leftovers(self.services.workspace.captures)
        return [page for one in left for page in self._pages_of(one)], left

    def _pages_of(self, leftover: Leftover) -> list[Restored]:
        found: list[Restored] = []
        for lines, picture in leftover.pages():
            told = replay(lines)
            if told is None or told[1] or not told[0].has_work:
                continue  # no page, one that was saved as it was, or one on which all was undone
            found.append((told[0], self._picture(told[0], picture)))
        return found

    def _picture(self, page: Document, picture: Any) -> Any:
        if page.origin not in _NO_FILE:
            return None
        try:
            return self.services.load_image(picture, self.state.settings)
        except HdrError as error:
            log.warning("a page's picture was not kept: %s", error)
            return None

    def _tell(self, pages: list[Document]) -> None:
        what = counted(len(pages), "page is back as you left it", "pages are back as you left them")
        names = listed([page.name for page in pages])
        self.state.say(
            "info",
            f"hdr was cut off the last time: {what} ({names}).",
            "Save what you want to keep, or close the page (Ctrl+W).",
        )

    def close(self, *, keep: bool = False) -> None:
        """End the session in peace; ``keep`` has it offered again."""
        self.journal.close(keep=keep)
