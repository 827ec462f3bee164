"""The name of a group to the part that its crops belong to, for good: adding others never moves one to another part.

A group (a page, a burst of a camera, a writer) is placed by a hash of its name and by nothing else. So the shares are
met on the mean only: of a few pages, one part may stay empty. Validation lies between the other two, so that when its
share is changed at the cost of training, what is tested on stays what it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from hdr.errors import DatasetError

PARTS = ("train", "val", "test")
Shares = tuple[float, float, float]


def parse_shares(text: str) -> Shares:
    """Return the shares of training, validation and test of a text such as ``80/10/10`` or ``80/20``.

    With two numbers nothing is for validation. The numbers may have any sum.

    Raises
    ------
    DatasetError
        Where it is no such text.
    """
    parts = text.split("/")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 2:
        numbers.insert(1, 0.0)
    total = sum(numbers)
    if len(numbers) != 3 or min(numbers) < 0 or not 0 < total < float("inf"):
        raise DatasetError(f"{text!r} says no shares.", hint="Write train/val/test, such as 80/10/10, or train/test.")
    return numbers[0] / total, numbers[1] / total, numbers[2] / total


def part_of(group: str, shares: Shares) -> str:
    """Return which of `PARTS` a group belongs to.

    Parameters
    ----------
    group
        Its name: a page's id, a writer.
    shares
        Of training, validation and test, as `parse_shares` gives them.
    """
    place = _place(group)
    if place < shares[0]:
        return PARTS[0]
    return PARTS[1] if place < 1 - shares[2] else PARTS[2]


def hold_out(groups: Iterable[str], share: float) -> set[str]:
    """Return the groups to test on: about a share of them, at least one where there are two.

    A group that was learned from is not held out later because others were added, so that a model which goes on from
    one that has learned can still be measured. (But for the one case in which all groups lay where tests are drawn.)

    Parameters
    ----------
    groups
        Their names.
    share
        0 to 1.
    """
    there = set(groups)
    held = {group for group in there if _place(group) >= 1 - share} or set(sorted(there, key=_place)[-1:])
    return held - {min(held, key=_place)} if held and held == there else held


def _place(group: str) -> float:
    """Where a group lies for good, 0 to 1."""
    return int.from_bytes(hashlib.sha256(group.encode("utf-8", "surrogatepass")).digest()[:8], "big") / 2**64


def used_parts(shares: Shares | None) -> Sequence[str]:
    """Return the parts that have a share; none where nothing is divided."""
    return [part for part, share in zip(PARTS, shares, strict=True) if share] if shares else []
