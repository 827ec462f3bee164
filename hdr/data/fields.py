"""A dataset to its pictures in a model's geometry: at once where they fit into memory, else a few when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from hdr.data.dataset import Dataset
from hdr.vision.normalize import PICTURE

Pixels = NDArray[np.uint8]
Change = Callable[[Pixels, int], Pixels]
"""Pictures and the number of their part to the pictures that take their place."""

MOST_BYTES = 128 << 20
"""More than this is not kept: 60,000 digits at 224 pixels would be 3 GB."""
_PART_BYTES = 16 << 20


class Fields:
    """The pictures of a dataset, all of one size.

    Parameters
    ----------
    data
        The crops; they are kept as they are.
    size_px
        Side of the model's input.
    change
        What is done to them, such as a warp that stays the same; None for nothing.
    """

    def __init__(self, data: Dataset, size_px: int, change: Change | None = None) -> None:
        self._data, self._size, self._change = data, size_px, change
        one = size_px * size_px * (3 if data.geometry == PICTURE else 1)
        self._at_once = max(1, _PART_BYTES // one)
        self._kept = self._made(np.arange(len(data)), 0) if len(data) * one <= MOST_BYTES else None

    def __len__(self) -> int:
        return len(self._data)

    @property
    def is_kept(self) -> bool:
        """Whether all are in memory at once."""
        return self._kept is not None

    def take(self, which: NDArray[np.int64]) -> Pixels:
        """Return some of them: ``uint8``, shape (indices, size, size), of pictures (..., 3)."""
        if self._kept is not None:
            return np.asarray(self._kept[which], np.uint8)
        assert self._change is None, "what is changed is changed part by part"
        return self._data.take(which).fields(self._size)

    def parts(self) -> Iterator[Pixels]:
        """Yield all of them in order, in parts that fit into memory: one where they are kept."""
        if self._kept is not None:
            yield self._kept
            return
        every = np.arange(len(self))
        for number, start in enumerate(range(0, len(self), self._at_once)):
            yield self._made(every[start : start + self._at_once], number)

    def _made(self, which: NDArray[np.int64], number: int) -> Pixels:
        fields = self._data.take(which).fields(self._size)
        return self._change(fields, number) if self._change else fields
