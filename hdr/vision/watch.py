"""Frames of one scene to whether anything has changed since it was last looked at."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.vision.light import level_below

_ROWS_APART = 8
_GRAIN_TIMES = 8.5
"""Two frames differ by so many deviations of the grain (six of their difference) in hardly one pixel of a billion."""
_LEAST = 12
"""What differs by fewer gray levels is what a camera's compression does."""
_OF_CONTRAST = 1 / 3
"""Whatever the grain: what differs by this part of the contrast of ink and paper is a change."""


class Watch:
    """Compares frames with the one that was looked at last, so that what changes slowly adds up until it is seen."""

    def __init__(self) -> None:
        self._seen: NDArray[np.uint8] | None = None
        self._least = 0.0

    def measure(self, gray: NDArray[np.uint8], ink: NDArray[np.bool_]) -> None:
        """Learn from a frame, shape (height, width), and its ink how much grain and contrast there is in the scene."""
        mask = ink.view(np.uint8)
        paper, written = (cv2.mean(gray, mask=one)[0] for one in (1 - mask, mask))
        contrast = abs(paper - written) if mask.any() else 255.0
        self._least = max(_LEAST, min(_GRAIN_TIMES * measure_grain(gray), _OF_CONTRAST * contrast))

    def look(self, gray: NDArray[np.uint8]) -> None:
        """Remember a frame that is looked at."""
        self._seen = gray

    def forget(self) -> None:
        """Take the next frame for changed."""
        self._seen = None

    def has_changed(self, gray: NDArray[np.uint8]) -> bool:
        """Whether any pixel differs from the frame that was looked at last by more than grain does."""
        if self._seen is None or self._seen.shape != gray.shape:
            return True
        return bool(cv2.absdiff(gray, self._seen).max() > self._least)


def measure_grain(gray: NDArray[np.uint8]) -> float:
    """Return the standard deviation of a picture's grain, in gray levels, told by every eighth row.

    References
    ----------
    J. Immerkær, "Fast noise variance estimation", 1996, doi:10.1006/cviu.1996.0060 (differences of second order, in
    which slopes of light vanish; the median instead of the mean leaves strokes out).
    """
    rows = gray[::_ROWS_APART].astype(np.int16)
    if rows.shape[1] < 3:
        return 0.0
    second = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
    median = level_below(np.minimum(second, 255).astype(np.uint8), 0.5)
    return 1.4826 * median / 6**0.5
