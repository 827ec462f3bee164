"""A measuring command of hdr in a process of its own: how far it is, and in the end its answer or what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from hdr.app.train_child import Child

Start = Callable[[Sequence[str], dict[str, str]], Child]
Answered = Callable[[dict[str, Any], list[str]], None]
Failed = Callable[[str, str], None]
_GRACE_S = 3.0


class Work:
    """One child at a time. Whoever has a clock calls `pump` some times a second; nothing here ever waits.

    Parameters
    ----------
    start
        Starts a command of hdr in an environment; tests give another.
    environment
        What is to be other than in this process.
    """

    def __init__(self, start: Start, environment: Callable[[], dict[str, str]]) -> None:
        self.title = ""
        self.step = ""
        """What it is about just now, where that takes long; else empty."""
        self.fraction: float | None = None
        self._start = start
        self._environment = environment
        self._child: Child | None = None
        self._answer: dict[str, Any] = {}
        self._said: list[str] = []
        self._leaving: list[Child] = []
        self._answered: Answered = lambda _answer, _said: None
        self._failed: Failed = lambda _message, _hint: None

    @property
    def is_live(self) -> bool:
        """Whether a child runs."""
        return self._child is not None

    def begin(self, title: str, arguments: Sequence[str], answered: Answered, failed: Failed) -> None:
        """Start a command; one that runs is stopped, and nothing more is heard of it.

        Parameters
        ----------
        title
            What a person is told that is going on.
        arguments
            After ``hdr``.
        answered
            Called with the JSON object that it ended with, and with what it said beside that.
        failed
            Called with a sentence and its cure.
        """
        self.stop()
        self.title, self.step, self.fraction = title, "", None
        self._answer, self._said, self._answered, self._failed = {}, [], answered, failed
        try:
            self._child = self._start(arguments, self._environment())
        except OSError as error:
            failed(f"It could not be started ({error.strerror or error}).", "Free some memory, and try again.")

    def stop(self) -> bool:
        """End what runs, and hear nothing more of it; whether there was something."""
        child, self._child = self._child, None
        if child is not None:
            child.stop(_GRACE_S)
            self._leaving.append(child)
        return child is not None

    def close(self) -> None:
        """End all, and wait for that; for the end of the window."""
        self.stop()
        for child in self._leaving:
            child.close()

    def pump(self) -> bool:
        """Take what the child said; whether there was anything."""
        self._leaving = [child for child in self._leaving if not any(line.kind == "end" for line in child.lines())]
        child = self._child
        lines = child.lines() if child is not None else []
        for line in lines:
            if line.kind == "out":
                self._hear(line.text)
            elif line.kind == "err":
                self._said.append(line.text.removeprefix("hdr: "))
            else:
                self._child = None
                self._end(line.code)
        return bool(lines)

    @property
    def wants_pumping(self) -> bool:
        """Whether there is a child, if only one on its way out."""
        return self.is_live or bool(self._leaving)

    def _hear(self, text: str) -> None:
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(told, dict) and told.get("event") == "progress":
            self.fraction = told["done"] / max(1, told["of"])
            reads = told.get("what") == "reading" and told["done"] < told["of"]
            self.step = f"Reading pictures: {told['done']:,} of {told['of']:,}" if reads else ""
        elif isinstance(told, dict):
            self._answer = told

    def _end(self, code: int) -> None:
        if code == 0:
            self._answered(self._answer, self._said)
        elif "error" in self._answer:
            self._failed(str(self._answer["error"]), str(self._answer.get("hint", "")))
        else:
            self._failed(self._said[-1] if self._said else f"It ended with status {code}.", "")
