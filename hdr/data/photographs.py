"""Files of pictures of anything to small pictures: several are decoded at a time, and come in their order."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hdr.data.freezing import picture_hash
from hdr.errors import HdrError, ImageTooLargeError
from hdr.settings import InputSettings
from hdr.vision.media import load_image

Pixels = NDArray[np.uint8]
Read = tuple[Pixels, str] | HdrError
"""A small picture and its hash, as `picture_hash` gives it; or why there is none."""
T = TypeVar("T")
R = TypeVar("R")

LARGEST_PX = 320
"""As large as any model asks for; thousands of photographs do not fit into memory as they are."""
_DECODED_PX = 2 * LARGEST_PX
"""Of a JPEG at least so much is decoded: what comes out by halves is not sharp to its last pixel."""
_MOST_THREADS = 8
_USUAL = InputSettings(largest_pixels=32_000_000)
_one_at_a_time = threading.Lock()
"""For what is larger, whose pixels take hundreds of megabytes until they are few."""


def read_photographs(files: Iterable[Path]) -> Generator[Read, None, None]:
    """Yield what each file shows, ``uint8`` RGB, scaled down where its long side has more than `LARGEST_PX`.

    Closing the generator ends the threads, after the pictures that are in work.
    """
    return in_order(_read, files, threads())


def threads() -> int:
    """Return how many are decoded at a time: Pillow, OpenCV and the hash all let other threads run meanwhile."""
    return min(_MOST_THREADS, os.cpu_count() or 1)


def in_order(work: Callable[[T], R], items: Iterable[T], at_once: int) -> Generator[R, None, None]:
    """Yield what becomes of each item, in their order; never more than a few are in work or wait to be taken."""
    pool = ThreadPoolExecutor(at_once, "hdr-pictures")
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _read(path: Path) -> Read:
    try:
        small = _small(_load(path))
    except HdrError as error:
        return error
    return small, picture_hash(small)


def _load(path: Path) -> Pixels:
    try:
        return load_image(path, _USUAL, least_px=_DECODED_PX)
    except ImageTooLargeError:
        with _one_at_a_time:
            return load_image(path, least_px=_DECODED_PX)


def _small(picture: Pixels) -> Pixels:
    import cv2

    scale = LARGEST_PX / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
