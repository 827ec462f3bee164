"""Corrected readings out of the session: to the captures, and from there to the files of other tools."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hdr.app.asking import Dialogs
from hdr.app.document import Document
from hdr.app.services import Services
from hdr.app.snapshot import Save
from hdr.app.state import AppState
from hdr.data.wording import counted

if TYPE_CHECKING:
    from hdr.app.jobs import Job, Jobs
    from hdr.data.moving import Change


class Keeper:
    """Saves pages, counts and exports what was saved, and sees to it that closing loses nothing.

    Parameters
    ----------
    state, services, jobs, dialogs
        As the controller's.
    picture_of
        Returns what makes a page's image, to be run in the worker.
    """

    def __init__(
        self,
        state: AppState,
        services: Services,
        jobs: Jobs,
        dialogs: Dialogs,
        picture_of: Callable[[Document], Callable[[], Any]],
    ) -> None:
        self.state = state
        self.services = services
        self.jobs = jobs
        self.dialogs = dialogs
        self._picture_of = picture_of
        self.guards: list[Callable[[], bool]] = []
        """Asked before the window is closed; one that says no keeps it open."""
        self._turned: dict[Save, Change] = {}

    def save_read(self, then: Callable[[], None] | None = None) -> None:
        """Keep this page as it was read."""
        page = self.state.document
        if page.reading is None or not page.reading.kept:
            return
        self._save_pages([page], then)

    def _save_pages(self, pages: Sequence[Document], then: Callable[[], None] | None = None) -> None:
        work = [(page, self._picture_of(page)) for page in pages]

        def save(job: Job) -> list[tuple[Document, Change]]:
            saved: list[tuple[Document, Change]] = []
            for page, picture in work:
                if job.cancelled.is_set():
                    break
                assert page.reading is not None
                change = self.services.save_page(picture(), page.reading, _source(page), page.strokes or None)
                saved.append((page, change))
                job.report(len(saved) / len(work))
            return saved

        def done(saved: list[tuple[Document, Change]]) -> None:
            self.state.record_saves([Save(page.key, page.fingerprint, change) for page, change in saved])
            self.count()
            told = _saved_sentence([page for page, _ in saved])
            self.state.say("done", told, f"They are in {self.services.workspace.captures}.")
            if then is not None:
                then()

        self.jobs.submit("save", save, done, title="Saving")

    def follow(self, before: Sequence[Save], after: Sequence[Save]) -> None:
        """Bring the captures along with undo and redo: take saves back, or do them again."""
        for save in reversed([one for one in before if not any(one is other for other in after)]):
            self._turn(save, "taken back: what was new is in the recycle bin")
        for save in (one for one in after if not any(one is other for other in before)):
            self._turn(save, "done again")

    def _turn(self, save: Save, told: str) -> None:
        change = self._turned.get(save, save.change)
        if not len(change):
            return

        def turn(_: Job) -> Change:
            from hdr.data.moving import undo

            # What is waiting behind this reads what it leaves, so it is noted here and not when the window hears of it.
            self._turned[save] = undo(self.services.store(), self._turned.get(save, save.change))
            return self._turned[save]

        def done(change: Change) -> None:
            self.count()
            self.state.say("done", f"The save was {told}.", f"{counted(len(change), 'digit')}.")

        # Without a title, since it must not be stopped half way.
        self.jobs.submit(f"turn save {id(save)} {told}", turn, done)

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
        if not all(guard() for guard in self.guards):
            return
        pages = self.state.unsaved_pages
        answer = self.dialogs.save_before_closing(pages) if pages else "discard"
        if answer == "save":
            self._save_pages(pages, self.dialogs.close)
        elif answer == "discard":
            self.dialogs.close()


def _source(page: Document) -> str:
    kept_there = page.path is not None and page.path.parent.name == "_pages"
    if kept_there:
        return page.name  # opened from the captures: it came from where it came from first
    return str(page.path) if page.path is not None else page.origin


def _saved_sentence(pages: Sequence[Document]) -> str:
    digits = counted(sum(len(page.reading.kept) for page in pages if page.reading), "digit")
    return f"Saved {digits}." if len(pages) == 1 else f"Saved {digits} of {len(pages)} pages."
