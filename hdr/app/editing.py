"""What a person does to boxes and rows: each change reads just the digits concerned anew, at once.

It imports no Tk. A page's ink is looked for once, in the worker; what is done meanwhile waits for it in order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hdr.app import boxes
from hdr.app.document import Document
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.geometry import Box

if TYPE_CHECKING:
    from hdr.app.boxes import Edges
    from hdr.app.jobs import Jobs
    from hdr.app.rereading import PageInk, Point
    from hdr.reading.results import Digit, Reading

Edit = Callable[["PageInk"], None]


class Editor:
    """Changes the boxes and rows of the page shown.

    Parameters
    ----------
    state, services, jobs
        As the controller's.
    picture_of
        Returns what makes a page's image, to be run in the worker.
    failed
        Told why a page's ink could not be found.
    """

    def __init__(
        self,
        state: AppState,
        services: Services,
        jobs: Jobs,
        picture_of: Callable[[Document], Callable[[], Any]],
        failed: Callable[[BaseException], None],
    ) -> None:
        self.state = state
        self.services = services
        self.jobs = jobs
        self._picture_of = picture_of
        self._tell = failed
        self._known: tuple[Any, PageInk] | None = None
        self._wanted: Any = None
        self._waiting: list[Edit] = []

    # The ink ---------------------------------------------------------------------------------------------------------

    def _with_ink(self, edit: Edit) -> None:
        """Do it now where the page's ink is known, else as soon as it is."""
        page, settings = self.state.document, self.state.settings
        told = (page.key, page.strokes, settings.ink, settings.segment, settings.read)
        if self._known is not None and self._known[0] == told:
            edit(self._known[1])
            return
        if self._waiting and self._wanted == told:
            self._waiting.append(edit)
            return
        self._waiting, self._wanted = [edit], told
        picture, reading, steps = self._picture_of(page), page.reading, self.state.steps

        def find(_: Any) -> PageInk:
            from hdr.app.rereading import look

            image, classifier = picture(), self.services.classifier()
            turned = steps.turned_deg if steps is not None else 0.0
            if steps is None and reading is not None and reading.digits and not page.is_drawing:
                again = self.services.read(image, classifier, settings)
                turned = again.steps.turned_deg if again.steps is not None else 0.0
            return look(image, settings, turned)

        self.jobs.submit("ink", find, lambda ink: self._found(told, ink), self._failed, title="Looking at the ink")

    def _found(self, told: Any, ink: PageInk) -> None:
        self._known = told, ink
        waiting, self._waiting = self._waiting, []
        if self.state.document.key == told[0]:
            for edit in waiting:
                edit(ink)

    def _failed(self, error: BaseException) -> None:
        self._waiting.clear()
        self._tell(error)

    def give_up(self) -> None:
        """Wait for no ink any more."""
        self._waiting.clear()

    @property
    def _reading(self) -> Reading:
        """What there is on the page; a page that was never read has nothing."""
        from hdr.reading.results import Reading

        classifier = self.services.loaded
        return self.state.reading or Reading(self.state.document.size, (), classifier.card.name if classifier else "")

    @property
    def _chosen(self) -> list[Digit]:
        digits = self._reading.digits
        return [digits[index] for index in self.state.selected if index < len(digits)]

    def _done(self, reading: Reading, chosen: Sequence[Digit], name: str, *, merge: bool = False) -> None:
        self.state.edit(reading, boxes.indices_of(reading, chosen), name, merge=merge)

    # Boxes -----------------------------------------------------------------------------------------------------------

    def draw(self, box: Box) -> None:
        """Add a box, and read it."""

        def edit(ink: PageInk) -> None:
            from hdr.app.rereading import read_boxes

            new = read_boxes(ink, [box], self.services.classifier())
            self._done(boxes.replaced(self._reading, [], new), new, "draw box")

        self._with_ink(edit)

    def move(self, dx: int, dy: int) -> None:
        """Move the selected boxes by whole pixels."""
        size = self.state.document.size
        self._reshape(lambda box: boxes.moved(box, dx, dy, size), "move box")

    def resize(self, edges: Edges, dx: int, dy: int) -> None:
        """Move some edges of the selected boxes."""
        size = self.state.document.size
        self._reshape(lambda box: boxes.resized(box, edges, dx, dy, size), "resize box")

    def _reshape(self, change: Callable[[Box], Box], name: str) -> None:
        """Change the selected boxes; what a person said of them still stands."""

        def edit(ink: PageInk) -> None:
            from hdr.app.rereading import read_boxes

            old = [digit for digit in self._chosen if change(digit.box) != digit.box]
            read = read_boxes(ink, [change(digit.box) for digit in old], self.services.classifier())
            new = [dataclasses.replace(n, row=o.row, corrected=o.corrected) for o, n in zip(old, read, strict=True)]
            if new:
                reading = boxes.reshaped(self._reading, old, new)
                instead = {id(o): n for o, n in zip(old, new, strict=True)}
                self._done(reading, [instead.get(id(d), d) for d in self._chosen], name, merge=True)

        self._with_ink(edit)

    def delete(self) -> None:
        """Take the selected boxes away; the nearest one left is selected."""
        old = self._chosen
        if not old:
            return
        at = min(self.state.selected)
        reading = boxes.replaced(self._reading, old, [])
        left = [i for i in range(len(reading.digits)) if not reading.digits[i].is_rejected]
        near = next((i for i in left if i >= at), left[-1] if left else None)
        self.state.edit(reading, () if near is None else (near,), _named("delete", old))

    def duplicate(self) -> None:
        """Add a copy of each selected box beside it, and read what is there; with none selected, one in the middle."""

        def edit(ink: PageInk) -> None:
            from hdr.app.rereading import read_boxes

            size = self.state.document.size
            beside = [_beside(digit.box, size) for digit in self._chosen] or [_middle(size, self._reading)]
            new = read_boxes(ink, beside, self.services.classifier())
            self._done(boxes.replaced(self._reading, [], new), new, "duplicate box" if self._chosen else "draw box")

        self._with_ink(edit)

    def merge(self) -> None:
        """Make the selected boxes one."""

        def edit(ink: PageInk) -> None:
            from hdr.app.rereading import merge_boxes

            old = self._chosen
            if len(old) > 1:
                new = merge_boxes(ink, [digit.box for digit in old], self.services.classifier())
                self._done(boxes.replaced(self._reading, old, new), new, "merge boxes")

        self._with_ink(edit)

    def halve(self) -> None:
        """Divide each selected box in two where that is likeliest to be right."""

        def edit(ink: PageInk) -> None:
            from hdr.app.rereading import halve_box

            self._split([(digit, halve_box(ink, digit.box, self.services.classifier())) for digit in self._chosen])

        self._with_ink(edit)

    def cut(self, start: Point, end: Point) -> None:
        """Divide the boxes that a line goes through: of the selected ones, or else of all."""

        def edit(ink: PageInk) -> None:
            from hdr.app.rereading import cut_box

            digits = [digit for digit in self._reading.digits if not digit.is_rejected]
            hit = [digit for digit in digits if boxes.crossed(digit.box, start, end)]
            chosen = [digit for digit in hit if any(digit is one for one in self._chosen)] or hit
            self._split([(d, cut_box(ink, d.box, start, end, self.services.classifier())) for d in chosen])

        self._with_ink(edit)

    def _split(self, found: Sequence[tuple[Digit, Sequence[Digit]]]) -> None:
        old = [digit for digit, pieces in found if pieces]
        new = [piece for _, pieces in found for piece in pieces]
        if new:
            self._done(boxes.replaced(self._reading, old, new), new, "divide box" if len(old) == 1 else "divide boxes")
        else:
            self.state.say("info", "There is no ink on both sides to divide.", "Draw the line through the box itself.")

    # Rows and their order --------------------------------------------------------------------------------------------

    def to_row(self, step: int) -> None:
        """Put the selected digits into the row above (-1) or below (1)."""
        chosen = self._chosen
        if chosen:
            self._reorder(boxes.to_row(self._reading, chosen, step), "change row")

    def in_row(self, step: int) -> None:
        """Put the selected digit one place earlier (-1) or later (1) in its row."""
        chosen = self._chosen
        if chosen:
            self._reorder(boxes.in_row(self._reading, chosen[-1], step), "change order")

    def break_row(self) -> None:
        """Begin a row with the selected digit, or join the row that it begins to the one above."""
        chosen = self._chosen
        if chosen:
            self._reorder(boxes.broken(self._reading, chosen[-1]), "break row")

    def _reorder(self, reading: Reading, name: str) -> None:
        if [(id(d.crop), d.row) for d in reading.digits] != [(id(d.crop), d.row) for d in self._reading.digits]:
            self._done(reading, self._chosen, name)


def _beside(box: Box, size: tuple[int, int]) -> Box:
    """The place to the right of a box, or to its left where the page ends there."""
    step = box.width + max(2, box.width // 4)
    return boxes.moved(box, step if box.x1 + step <= size[0] else -step, 0, size)


def _middle(size: tuple[int, int], reading: Reading) -> Box:
    """A box in the middle of a page of (width, height), of the size of the page's digits if there are some."""
    heights = sorted(digit.box.height for digit in reading.kept)
    high = heights[len(heights) // 2] if heights else max(boxes.LEAST_PX, size[1] // 8)
    wide = min(max(boxes.LEAST_PX, round(high * 0.6)), size[0])
    return Box.from_xywh((size[0] - wide) // 2, (size[1] - high) // 2, wide, high)


def _named(what: str, digits: Sequence[Digit]) -> str:
    return f"{what} box" if len(digits) == 1 else f"{what} {len(digits)} boxes"
