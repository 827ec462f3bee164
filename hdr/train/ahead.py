"""Items that take time to make to the same items, made in a thread some ahead of their use."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

T = TypeVar("T")

_AHEAD = 8  # batches made ahead of the one in training


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Yield the items as they come; OpenCV and TensorFlow both let other threads run meanwhile.

    An error that is raised while one is made is raised here. Closing the generator ends the thread.
    """
    made: queue.Queue[T | BaseException | None] = queue.Queue(_AHEAD)
    stop = threading.Event()

    def put(item: T | BaseException | None) -> None:
        while not stop.is_set():
            try:
                made.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                put(item)
                if stop.is_set():
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001  (raised again below, in the thread that asked)
            put(error)

    worker = threading.Thread(target=work, daemon=True, name="hdr-batches")
    worker.start()
    try:
        while (item := made.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        worker.join()  # a thread that still runs while Python ends may abort the process
