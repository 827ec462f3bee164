"""Pages to readings, in the worker; and what there is to tell of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hdr.app.document import Document
from hdr.app.opening import Opener
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.data.wording import counted

if TYPE_CHECKING:
    from hdr.app.jobs import Job, Jobs
    from hdr.reading.results import PageProblem, Reading


class Reader:
    """Reads pages.

    Parameters
    ----------
    state, services, jobs
        As the controller's.
    opener
        Has the pages' pictures.
    """

    def __init__(self, state: AppState, services: Services, jobs: Jobs, opener: Opener) -> None:
        self.state = state
        self.services = services
        self.jobs = jobs
        self._opener = opener
        self._told: dict[int, tuple[PageProblem, ...]] = {}

    def recognize(self, *, then: Callable[[], None] | None = None) -> None:
        """Read the page."""
        page = self.state.document
        if page.is_drawing and not page.strokes:
            self.state.say("info", "There is nothing to read yet.", "Draw some digits, or open a picture.")
            return
        self.state.hush()
        self.read(page, "recognize", then=then, title="Recognizing")

    def read(
        self,
        page: Document,
        name: str | None,
        *,
        merge: bool = False,
        then: Callable[[], None] | None = None,
        title: str = "",
    ) -> None:
        """Read a page in the worker.

        Parameters
        ----------
        page
            Which.
        name
            What undo calls it; None where it cannot be undone by itself.
        merge
            Whether it is one of a run of trials.
        then
            Called once it is read, where no label was lost.
        title
            What the status bar says meanwhile.
        """
        picture, settings, is_first = self._opener.picture_of(page), self.state.settings, page.reading is None

        edited = page.edited

        def read(_: Job) -> tuple[Reading, bool]:
            image = picture()
            reading = self.services.read(image, self.services.classifier(), settings)
            return self.services.recall(image, reading, settings) if is_first else (reading, False)

        def done(found: tuple[Reading, bool]) -> None:
            reading, is_saved = found
            lost = self.state.set_reading(page.key, reading, name, of=page.strokes, merge=merge)
            if is_saved:
                self._mark_saved(page)
            if page.key in self._opener.wanted:
                self.state.select_at(self._opener.wanted.pop(page.key))
            if lost:
                self._say_lost(lost)
            elif edited:
                self.state.say("info", "Your boxes were found anew.", "Undo brings back those that you had changed.")
            elif then is not None:
                then()
            elif name is not None and not reading.kept:
                self.say_none_found()
            elif self._has_news(page, reading):
                self._say_problems(reading)
            elif merge:
                self.state.hush()  # what an earlier trial gave reason to say

        self.jobs.submit("read", read, done, title=title)

    def _mark_saved(self, page: Document) -> None:
        now = next((one for one in self.state.now.pages if one.key == page.key), None)
        if now is not None:
            self.state.mark_saved(now)

    def find_steps(self, page: Document) -> None:
        """Read a page once more for how it was read, which is not kept of all pages."""
        if page.path is not None and page.key not in self.state.images:
            return  # its picture is on the way, and this is asked again when it is there
        reading, picture, settings = page.reading, self._opener.picture_of(page), self.state.settings
        assert reading is not None
        self.jobs.submit(
            "steps",
            lambda _: self.services.read(picture(), self.services.classifier(), settings).steps,
            lambda steps: self.state.keep_steps(reading, steps),
            title="Looking at the steps",
        )

    def say_none_found(self) -> None:
        """Say that there is no digit, and what may help."""
        from hdr.reading.problems import UNLIKE_DIGITS

        reading, steps = self.state.reading, self.state.steps
        causes = [one for one in steps.problems if one != UNLIKE_DIGITS] if steps is not None else []
        if causes:
            cure = f"{causes[0].what} {causes[0].cure}"
        elif reading is not None and reading.rejected:
            cure = "The ink was taken for no digit: press L to see it, and give what is one its digit."
        else:
            cure = "Look at the view of the ink: another threshold, polarity or smallest size may bring them out."
        self.state.say("warning", "No digit was found on this page.", cure)

    def _has_news(self, page: Document, reading: Reading) -> bool:
        """Whether there is something about a picture that was not told when it was read before."""
        problems = reading.steps.problems if reading.steps and not page.is_drawing else ()
        told, self._told[page.key] = self._told.get(page.key, ()), problems
        return bool(problems) and problems != told

    def _say_problems(self, reading: Reading) -> None:
        assert reading.steps is not None
        problems = reading.steps.problems
        what, cures = " ".join(one.what for one in problems), " ".join(one.cure for one in problems)
        self.state.say("warning", f"This page is hard to read. {what}", cures)

    def _say_lost(self, count: int) -> None:
        """Also in place of saving, so that a label is never left out unseen."""
        self.state.say(
            "warning",
            f"{counted(count, 'label')} that you gave found no digit any more.",
            "Undo brings back what was there before.",
        )
