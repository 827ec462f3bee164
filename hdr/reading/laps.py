"""A stopwatch: how long each stage of a frame took."""

from __future__ import annotations

import time


class Laps:
    """Times stages, in the order in which they come."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, name: str) -> None:
        """End a stage; one that comes again is added up."""
        now = time.perf_counter()
        self.ms[name] = self.ms.get(name, 0.0) + 1e3 * (now - self._at)
        self._at = now
