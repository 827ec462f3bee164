"""A child process that is none: it says at once what it was told to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hdr.app.train_child import Line
from hdr.data.answers import Told, write_answers


class FakeChild:
    """Looks like `hdr.app.train_child.Child`."""

    def __init__(self, said: Sequence[Line]) -> None:
        self.said = list(said)
        self.stopped = self.closed = False

    def lines(self) -> list[Line]:
        said, self.said = self.said, []
        return said

    def stop(self, grace_s: float = 1) -> None:
        self.stopped = True
        self.said = [Line("end", code=-15)]

    def close(self, grace_s: float = 1) -> None:
        self.closed = True


class FakeHdr:
    """Starts commands of hdr that answer what was prepared."""

    def __init__(self, told: Told | None = None, answer: dict[str, Any] | None = None) -> None:
        self.told = told
        self.answer: dict[str, Any] = answer or {}
        self.errors: list[str] = []
        self.code = 0
        self.hangs = False
        self.typed: list[list[str]] = []
        self.environment: dict[str, str] = {}
        self.children: list[FakeChild] = []

    def __call__(self, typed: Sequence[str], environment: dict[str, str]) -> FakeChild:
        self.typed.append(list(typed))
        self.environment = environment
        if self.told is not None and "--answers" in typed:
            write_answers(Path(typed[typed.index("--answers") + 1]), self.told)
        said = [Line("out", json.dumps({"event": "progress", "done": 3, "of": 4})), Line("out", "no JSON")]
        if not self.hangs:
            said += [Line("err", f"hdr: {one}") for one in self.errors]
            said += [Line("out", json.dumps(self.answer)), Line("end", code=self.code)]
        self.children.append(FakeChild(said))
        return self.children[-1]
