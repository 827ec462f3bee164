"""A captures folder to what is in it twice: the same picture exactly, and one camera view caught several times.

One handwritten 1 looks so much like the next that a perceptual hash of single crops tells nothing: on MNIST the nearest
other digit is nearer than a second photograph of the same one. What tells is the page: what its ink looks like, and
where. So pages are hashed. Where two hashes are near, the crops at the same places are held against each other; where
most are alike, the pages are of one view, a burst, and crops at one place of it are near duplicates.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.data.freezing import picture_hash
from hdr.data.index import CaptureIndex, Rows
from hdr.data.pages import read_page
from hdr.errors import CaptureError
from hdr.vision.normalize import normalize_digit

Progress = Callable[[int, int], None]
"""Told how many of how many crops have been looked at. May raise, to stop."""

_MAP_PX = 96
_LOW, _CROP_LOW = 16, 8
_ALIKE = 0.88
_CROPS_ALIKE = 0.92
_SAME_PLACES = 0.6
_TRIES = 24
"""A thousand sheets of one form have hashes alike; each is held against so many others, the likest of a step first."""
_TABLES, _BITS = 32, 14
_WINDOW = 64
_SAME_PLACE_IOU = 0.5
_TELLING = 3
"""With fewer digits than these, any two pages may look alike: then only what one camera took at once is a burst."""
_AT_ONCE_S = 30


@dataclass(frozen=True, eq=False)
class Duplicates:
    """What is there more than once.

    Parameters
    ----------
    exact
        Crops whose pictures are the same to the last pixel, each group's first saved first.
    near
        Crops at the same place of one burst, likewise; those that are exactly the same are not told again.
    bursts
        Pages of one view, by their ids, each group's first saved first.
    """

    exact: tuple[Rows, ...] = ()
    near: tuple[Rows, ...] = ()
    bursts: tuple[tuple[str, ...], ...] = ()

    @property
    def burst_of(self) -> dict[str, str]:
        """By the id of each page of a burst, the id of its first: the name of the group that is never divided."""
        return {capture: burst[0] for burst in self.bursts for capture in burst}


def find_duplicates(index: CaptureIndex, progress: Progress | None = None) -> Duplicates:
    """Look for what is there more than once. Every crop is read; the work grows with their number, not its square.

    Parameters
    ----------
    index
        The captures. Crops that cannot be read are left out.
    progress
        Told how far it is.
    """
    digests: dict[str, list[int]] = {}
    pages = _Pages(index)
    order = _page_by_page(index)
    for done, row in enumerate(order.tolist()):
        with contextlib.suppress(CaptureError):
            pixels = index.crop(row).pixels
            digests.setdefault(picture_hash(pixels), []).append(row)
            pages.add(row, pixels)
        if progress and done % 256 == 255:
            progress(done + 1, len(order))
    exact = tuple(np.array(rows, np.int64) for rows in digests.values() if len(rows) > 1)
    bursts = pages.bursts()
    near = [group for burst in bursts for group in pages.same_places(burst)]
    told = {tuple(sorted(group.tolist())) for group in exact}
    return Duplicates(exact, tuple(group for group in near if tuple(sorted(group.tolist())) not in told), bursts)


def _page_by_page(index: CaptureIndex) -> Rows:
    """All rows, those of a page together, the page that was saved first at the head."""
    rows = index.rows
    captures, page = np.unique(rows["capture"], return_inverse=True)
    saved = np.full(len(captures), np.iinfo(np.int64).max)
    np.minimum.at(saved, page, rows["saved"])
    return np.asarray(np.lexsort([rows["number"], page, saved[page]]), np.int64)


@dataclass
class _Look:
    """What the ink of one page looks like so far, its size in pixels, and its crops."""

    size: tuple[int, int]
    ink: NDArray[np.float32] = field(default_factory=lambda: np.zeros((_MAP_PX, _MAP_PX), np.float32))
    rows: list[int] = field(default_factory=list)
    crops: list[NDArray[np.float16]] = field(default_factory=list)


class _Pages:
    """Pages as their ink, put together from the crops at their boxes, so that no page's picture need be opened.

    Crops come page by page, and only the hash of a finished page is kept.
    """

    def __init__(self, index: CaptureIndex) -> None:
        self._index = index
        self._open: tuple[str, _Look] | None = None
        self._looks: dict[str, _Look] = {}
        self._hashes: dict[str, NDArray[np.float32]] = {}
        self._tries: Counter[int] = Counter()
        self._told: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None
        self._reached: tuple[NDArray[Any], NDArray[np.int64]] | None = None

    def add(self, row: int, pixels: NDArray[np.uint8]) -> None:
        box = self._index.rows["box"][row]
        if self._index.rows["name"][row] >= 0 or not box.any():
            return
        look = self._look(row)
        scale = np.array([_MAP_PX / look.size[0], _MAP_PX / look.size[1]] * 2)
        x0, y0, x1, y1 = np.clip(np.rint(box * scale), 0, _MAP_PX).astype(int).tolist()
        look.rows.append(row)
        look.crops.append(_low(np.asarray(normalize_digit(pixels), np.float32), _CROP_LOW).astype(np.float16))
        if x1 > x0 and y1 > y0:
            ink = cv2.resize(pixels, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
            look.ink[y0:y1, x0:x1] = np.maximum(look.ink[y0:y1, x0:x1], np.asarray(ink, np.float32))

    def _look(self, row: int) -> _Look:
        capture = self._index.capture(row)
        if self._open is None or self._open[0] != capture:
            self._close()
            self._open = capture, _Look(self._size(capture) or self._reach(row))
        return self._open[1]

    def _size(self, capture: str) -> tuple[int, int] | None:
        try:
            size = read_page(self._index.root / "_pages" / f"{capture}.json").size
        except CaptureError:
            return None
        return size if min(size) > 0 else None

    def _reach(self, row: int) -> tuple[int, int]:
        """How far the crops of a page go, in place of its size: a burst of a camera has no page of its own."""
        rows = self._index.rows
        if self._reached is None:
            captures, page = np.unique(rows["capture"], return_inverse=True)
            far = np.zeros((len(captures), 2), np.int64)
            np.maximum.at(far, page, rows["box"][:, 2:])
            self._reached = captures, far
        captures, far = self._reached
        width, height = far[np.searchsorted(captures, rows["capture"][row])].tolist()
        return width, height

    def _close(self) -> None:
        if self._open is not None:
            capture, look = self._open
            self._hashes[capture] = _low(look.ink, _LOW)
            self._looks[capture] = look
            look.ink = np.zeros((0, 0), np.float32)
            self._open = None

    def bursts(self) -> tuple[tuple[str, ...], ...]:
        """Pages of one view, the first added first."""
        self._close()
        captures = list(self._hashes)
        if not captures:
            return ()
        hashes = np.stack(list(self._hashes.values()))
        shape = np.log([width / height for width, height in (self._looks[one].size for one in captures)])
        together = _Union(len(captures))
        for some, others in _candidates(hashes):
            a, b = together.apart(some, others)
            nearness = (hashes[a] * hashes[b]).sum(axis=1)
            near = (nearness >= _ALIKE) & (np.abs(shape[a] - shape[b]) < 0.05) & self._comparable(a, b)
            best = np.argsort(-nearness[near], kind="stable")
            self._hold_together(a[near][best], b[near][best], together)
        return tuple(tuple(captures[one] for one in group) for group in together.groups())

    def _hold_together(self, some: NDArray[np.int64], others: NDArray[np.int64], together: _Union) -> None:
        """Look closely at pairs whose hashes are near, and join those of one view."""
        looks = list(self._looks.values())
        for a, b in zip(some.tolist(), others.tolist(), strict=True):
            if min(self._tries[a], self._tries[b]) < _TRIES and len(together.apart(np.array([a]), np.array([b]))[0]):
                self._tries[a] += 1
                self._tries[b] += 1
                if self._one_view(looks[a], looks[b]):
                    together.join(np.array([a]), np.array([b]))

    def _one_view(self, one: _Look, other: _Look) -> bool:
        """Whether most crops of the one are at the place of a crop of the other that looks the same."""
        overlap = _overlaps(self._places(one), self._places(other))
        best = overlap.argmax(axis=1)
        there = overlap[np.arange(len(best)), best] >= _SAME_PLACE_IOU
        if np.count_nonzero(there) < _SAME_PLACES * max(overlap.shape):
            return False
        mine, theirs = np.stack(one.crops).astype(np.float32), np.stack(other.crops).astype(np.float32)
        return bool(np.median((mine[there] * theirs[best[there]]).sum(axis=1)) >= _CROPS_ALIKE)

    def _places(self, look: _Look) -> NDArray[np.float64]:
        """The boxes of a page's crops, shape (crops, 4), as shares of the page."""
        return np.asarray(self._index.rows["box"][look.rows] / np.array([*look.size, *look.size]), np.float64)

    def _comparable(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether both pages have digits enough to be known by them, or one camera took both at once."""
        count, source, saved = self._facts()
        at_once = (source[a] == source[b]) & (source[a] >= 0) & (np.abs(saved[a] - saved[b]) <= _AT_ONCE_S)
        return np.asarray((np.minimum(count[a], count[b]) >= _TELLING) | at_once)

    def _facts(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Of each page the number of crops, the source, -1 for the pad and for none, and the time."""
        if self._told is None:
            first = np.array([look.rows[0] for look in self._looks.values()], np.int64)
            count = np.array([len(look.rows) for look in self._looks.values()], np.int64)
            rows, texts = self._index.rows, self._index.texts
            nameless = np.array([text in ("", "pad") for text in texts])[rows["source"][first]]
            source = np.where(nameless, -1, rows["source"][first])
            self._told = count, source.astype(np.int64), rows["saved"][first].astype(np.int64)
        return self._told

    def same_places(self, burst: Iterable[str]) -> list[Rows]:
        """Crops at one place of one burst, by their boxes as shares of the page."""
        groups: list[list[int]] = []
        places: list[NDArray[np.float64]] = []
        for capture in burst:
            look = self._looks[capture]
            taken: set[int] = set()
            for row, box in zip(look.rows, self._places(look), strict=True):
                best = _best_overlap(box, places, taken)
                if best is None:
                    best = len(places)
                    places.append(box)
                    groups.append([])
                taken.add(best)
                groups[best].append(row)
        return [np.array(group, np.int64) for group in groups if len(group) > 1]


def _best_overlap(box: NDArray[np.float64], places: list[NDArray[np.float64]], taken: set[int]) -> int | None:
    if not places:
        return None
    overlap = _overlaps(box[None], np.stack(places))[0]
    overlap[list(taken)] = 0
    best = int(overlap.argmax())
    return best if overlap[best] >= _SAME_PLACE_IOU else None


def _overlaps(some: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of each of some boxes with each of the others."""
    a, b = some[:, None], others[None]
    both = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None).prod(axis=2)
    area = (a[..., 2:] - a[..., :2]).prod(axis=2) + (b[..., 2:] - b[..., :2]).prod(axis=2)
    return np.asarray(both / np.maximum(area - both, 1e-12), np.float64)


def _low(picture: NDArray[np.float32], frequencies: int) -> NDArray[np.float32]:
    """The lowest frequencies of ink, of length 1, so that a product of two tells how alike they are.

    References
    ----------
    C. Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010 (the hash by the DCT; its
    numbers are kept instead of their signs).
    """
    low = np.asarray(cv2.dct(cv2.GaussianBlur(picture, (0, 0), 1.0)), np.float32)[:frequencies, :frequencies].ravel()[
        1:
    ]
    return np.asarray(low / max(float(np.linalg.norm(low)), 1e-9), np.float32)


def _candidates(hashes: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs that are worth a closer look: those that fall on the same side of each of a few planes, many times over.

    In one such set each is compared with the `_WINDOW` that follow it, so that a thousand equal pages are a thousand
    small steps; that they are one burst comes out all the same.

    References
    ----------
    M. S. Charikar, "Similarity estimation techniques from rounding algorithms", 2002, doi:10.1145/509907.509965.
    """
    planes = np.random.default_rng(0).normal(size=(_TABLES, hashes.shape[1], _BITS)).astype(np.float32)
    for table in planes:
        keys = (hashes @ table > 0) @ (1 << np.arange(_BITS))
        order = np.argsort(keys, kind="stable")
        for step in range(1, min(_WINDOW, len(order) - 1) + 1):
            same = keys[order[step:]] == keys[order[:-step]]
            if not same.any():
                break
            yield order[:-step][same], order[step:][same]


class _Union:
    """Sets that grow together, many pairs at a step: each set is known by its first member."""

    def __init__(self, count: int) -> None:
        self._first = np.arange(count)

    def apart(self, some: NDArray[np.int64], others: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the pairs that are not in one set yet."""
        differ = self._first[some] != self._first[others]
        return some[differ], others[differ]

    def join(self, some: NDArray[np.int64], others: NDArray[np.int64]) -> None:
        """Join the sets of each pair."""
        while len(some):
            a, b = self._first[some], self._first[others]
            np.minimum.at(self._first, np.maximum(a, b), np.minimum(a, b))
            while not np.array_equal(shorter := self._first[self._first], self._first):
                self._first = shorter
            some, others = self.apart(some, others)

    def groups(self) -> list[list[int]]:
        """Return the sets of two and more."""
        found: dict[int, list[int]] = {}
        for one, first in enumerate(self._first.tolist()):
            found.setdefault(first, []).append(one)
        return [group for group in found.values() if len(group) > 1]
