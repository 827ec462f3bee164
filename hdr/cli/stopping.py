"""What a person or a system sends to end a program, to a word that a loop looks at between two steps."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any, Self


class Stop:
    """Within it SIGINT and SIGTERM end nothing by themselves; a second one interrupts, as ever.

    Its ``code`` is None until one came: then 130 for an interrupt, and 0 for SIGTERM, by which services are ended.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _asked(self, number: int, _: FrameType | None) -> None:
        if self.code is not None:
            raise KeyboardInterrupt
        self.code = 130 if number == signal.SIGINT else 0
