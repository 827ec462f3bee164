"""Long work off the main thread: one worker, one queue of results that the window empties; it never touches Tk."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger("hdr.app")


@dataclass(eq=False)
class Job:
    """One piece of work.

    Parameters
    ----------
    key
        What it is about. A newer job of the same key takes an older one's place.
    title
        What the status bar says while it runs; empty for work that nobody waits for.
    work
        Runs in the worker; is given this job, to report progress and to see whether it was cancelled.
    done, failed
        Run where `Jobs.pump` is called, with the result or the exception. Neither runs for a cancelled job.
    """

    key: str
    title: str
    work: Callable[[Job], Any]
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None]
    fraction: float | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    def report(self, fraction: float) -> None:
        """Say how much is done, 0 to 1."""
        self.fraction = fraction


class Jobs:
    """The worker and its queues.

    Parameters
    ----------
    failed
        What to do with the exception of a job that brings no handler of its own.
    wake
        Called on submitting, in the submitter's thread: a hint that `pump` will be wanted soon.
    """

    def __init__(self, failed: Callable[[BaseException], None], wake: Callable[[], None] = lambda: None) -> None:
        self._failed = failed
        self._wake = wake
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[Job, Any, BaseException | None]] = queue.SimpleQueue()
        self._open: list[Job] = []
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="hdr-worker", daemon=True)
        self._thread.start()

    @property
    def current(self) -> Job | None:
        """The oldest job that somebody waits for."""
        return next((job for job in self._open if job.title and not job.cancelled.is_set()), None)

    @property
    def is_idle(self) -> bool:
        """Whether no result is outstanding."""
        return not self._open

    def submit(
        self,
        key: str,
        work: Callable[[Job], Any],
        done: Callable[[Any], None] = lambda _: None,
        failed: Callable[[BaseException], None] | None = None,
        title: str = "",
    ) -> Job:
        """Have work done; an older job of the same key is cancelled.

        Parameters
        ----------
        key, work, done, title
            As `Job` has them.
        failed
            Likewise; None leaves it to the handler of all.
        """
        self.cancel(key)
        job = Job(key, title, work, done, failed or self._failed)
        if not self._closed:
            self._open.append(job)
            self._waiting.put(job)
            self._wake()
        return job

    def cancel(self, key: str | None = None) -> bool:
        """Drop the jobs of a key, or all that have a title; whether there was one.

        One that is running goes on to its next look at `Job.cancelled`; its result is dropped.
        """
        found = [job for job in self._open if (job.key == key if key is not None else bool(job.title))]
        for job in found:
            job.cancelled.set()
            self._open.remove(job)
        return bool(found)

    def pump(self, most: int = 8) -> bool:
        """Hand out results; call it often from the main thread. Whether any came."""
        for count in range(most):
            try:
                job, result, error = self._results.get_nowait()
            except queue.Empty:
                return count > 0
            if job.cancelled.is_set():
                continue
            self._open.remove(job)
            if error is None:
                job.done(result)
            else:
                job.failed(error)
        return True

    def close(self, timeout_s: float = 2.0) -> None:
        """Take no more work, drop what waits, and let what runs come to its end for a while."""
        self._closed = True
        for job in list(self._open):
            job.cancelled.set()
        self._open.clear()
        self._waiting.put(None)
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            log.info("a job did not end in %.1f s; it is left behind", timeout_s)

    def _run(self) -> None:
        while (job := self._waiting.get()) is not None:
            if job.cancelled.is_set():
                continue
            try:
                result = job.work(job)
            except BaseException as error:  # noqa: BLE001  (handed to the main thread, which shows or logs it)
                self._results.put((job, None, error))
            else:
                self._results.put((job, result, None))
