"""Readings and the truth to the figures that pages are judged by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hdr.bench.generate import TruePage
from hdr.geometry import Box, iou


@dataclass(frozen=True)
class PageAnswer:
    """What a program makes of a page.

    Parameters
    ----------
    text
        The digits in reading order, a row a line.
    digits
        Box and label of each.
    confidences
        Of each label, 0 to 1.
    """

    text: str
    digits: tuple[tuple[Box, str], ...]
    confidences: tuple[float, ...] = ()


@dataclass(frozen=True)
class PageScore:
    """Counts over pages; they add up.

    Parameters
    ----------
    pages, exact
        How many there were, and how many were read without any mistake, rows included.
    there, found, hits
        Digits that are there, that were found, and that were found with the right label, place and order ignored.
    edits
        Edit distance of the text, rows included.
    box_there, box_found, box_hits
        The same for boxes that lie right (intersection over union of at least a half), where the truth has boxes.
    """

    pages: int = 0
    exact: int = 0
    there: int = 0
    found: int = 0
    hits: int = 0
    edits: int = 0
    box_there: int = 0
    box_found: int = 0
    box_hits: int = 0

    def __add__(self, other: PageScore) -> PageScore:
        return PageScore(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def found_f1(self) -> float:
        """Of digits with the right label, 0 to 1."""
        return f1(self.hits, self.found, self.there)

    @property
    def box_f1(self) -> float:
        """Of digits with the right label in the right place, 0 to 1."""
        return f1(self.box_hits, self.box_found, self.box_there)

    @property
    def character_error_rate(self) -> float:
        """Edits over digits; above 1 where more was invented than was there."""
        return self.edits / max(1, self.there)

    def figures(self) -> dict[str, Any]:
        """For a report."""
        return {
            "pages": self.pages,
            "digits": self.there,
            "found_f1": round(self.found_f1, 4),
            "box_f1": round(self.box_f1, 4),
            "character_error_rate": round(self.character_error_rate, 4),
            "exact": round(self.exact / max(1, self.pages), 4),
        }


def f1(hits: int, found: int, there: int) -> float:
    """Return the harmonic mean of precision and recall, 0 to 1; 1 where there was nothing and nothing was found."""
    return 2 * hits / (found + there) if found + there else 1.0


def score_page(page: TruePage, answer: PageAnswer) -> PageScore:
    """Count what a program got right on one page."""
    truth, told = "".join(page.rows), "".join(label for _, label in answer.digits)
    rows = [row for row in answer.text.split("\n") if row]
    hits = sum((Counter(truth) & Counter(told)).values())
    edits = edit_distance("\n".join(page.rows), "\n".join(rows))
    boxes = page.boxes or ()
    return PageScore(
        pages=1,
        exact=int(rows == list(page.rows)),
        there=len(truth),
        found=len(told),
        hits=hits,
        edits=edits,
        box_there=len(boxes),
        box_found=len(answer.digits) if boxes else 0,
        box_hits=box_hits(boxes, answer.digits),
    )


def box_hits(truth: Sequence[tuple[Box, str]], told: Sequence[tuple[Box, str]], least: float = 0.5) -> int:
    """Count the true boxes that are matched one to one, best overlap first, by a box with the same label."""
    return len(matched(truth, told, least))


def matched(truth: Sequence[tuple[Box, str]], told: Sequence[tuple[Box, str]], least: float = 0.5) -> set[int]:
    """Return the indices of what was told right, label and place: each true box counts once, best overlap first."""
    pairs = sorted(
        ((iou(a, b), i, j) for i, (a, x) in enumerate(truth) for j, (b, y) in enumerate(told) if x == y), reverse=True
    )
    used_truth: set[int] = set()
    used_told: set[int] = set()
    for overlap, i, j in pairs:
        if overlap >= least and i not in used_truth and j not in used_told:
            used_truth.add(i)
            used_told.add(j)
    return used_told


def edit_distance(truth: str, told: str) -> int:
    """Return the fewest insertions, deletions and substitutions that turn one text into the other.

    References
    ----------
    R. A. Wagner, M. J. Fischer, "The string-to-string correction problem", 1974, doi:10.1145/321796.321811.
    """
    row = list(range(len(told) + 1))
    for i, expected in enumerate(truth, 1):
        diagonal, row[0] = row[0], i
        for j, found in enumerate(told, 1):
            change = diagonal + (expected != found)
            diagonal, row[j] = row[j], min(change, row[j] + 1, row[j - 1] + 1)
    return row[-1]
