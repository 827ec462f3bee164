"""A command of hdr to a process of its own: its lines out, a polite end in, and never a moment of waiting for it."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

GRACE_S = 20.0
"""How long a child that was asked to end may take before it is ended."""
_NICE = 10
_AT_ONCE = 500


@dataclass(frozen=True)
class Line:
    """Something that a child said, or its end.

    Parameters
    ----------
    kind
        ``out``, ``err``, or ``end``, which is always the last.
    text
        What it said.
    code
        Its exit status; below 0 a signal ended it.
    """

    kind: str
    text: str = ""
    code: int = 0


class Child:
    """A running ``python -m hdr``, at a lower priority than the window.

    Parameters
    ----------
    arguments
        After ``hdr``.
    environment
        What is to be other than in this process.
    program
        What is started; tests give another.

    Raises
    ------
    OSError
        Where it cannot be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: dict[str, str] | None = None,
        program: Sequence[str] = (sys.executable, "-m", "hdr"),
    ) -> None:
        self._lines: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._kill_at: float | None = None
        self.process = subprocess.Popen(
            [*program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        self._be_modest()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        said = threading.Thread(target=self._follow, args=("err", self.process.stderr), daemon=True)
        said.start()
        threading.Thread(target=self._follow_to_the_end, args=(self.process.stdout, said), daemon=True).start()

    def _be_modest(self) -> None:
        """Have the window's thread come first. Its threads, which come later, are as modest as the first."""
        if hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):  # it has ended already, or this system lets nobody
                os.setpriority(os.PRIO_PROCESS, self.process.pid, _NICE)

    def _follow(self, kind: str, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._lines.put(Line(kind, line.rstrip("\n")))

    def _follow_to_the_end(self, stream: IO[str], other: threading.Thread) -> None:
        self._follow("out", stream)
        other.join()
        self._lines.put(Line("end", code=self.process.wait()))

    def lines(self) -> list[Line]:
        """Return what was said since the last time; and end one that was asked to and did not."""
        if self._kill_at is not None and time.monotonic() > self._kill_at:
            self._kill_at = None
            self.process.kill()
        said: list[Line] = []
        with contextlib.suppress(queue.Empty):
            while len(said) < _AT_ONCE:
                said.append(self._lines.get_nowait())
        return said

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def stop(self, grace_s: float = GRACE_S) -> None:
        """Ask it to end; it is ended where it has not after a while. On Windows it is ended at once."""
        if self.is_alive and self._kill_at is None:
            self.process.terminate()
            self._kill_at = time.monotonic() + grace_s

    def close(self, grace_s: float = 3.0) -> None:
        """End it, and wait for that; for the end of the window."""
        self.stop()
        try:
            self.process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
