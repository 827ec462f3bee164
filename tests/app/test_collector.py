"""Garbage is collected in the window's thread, and the program itself is never looked through."""

from __future__ import annotations

import gc
from typing import Any

from hdr.app.collector import MainThreadCollector


class Root:
    """A loop that is turned by hand."""

    def __init__(self) -> None:
        self.next: Any = None

    def after(self, _: int, call: Any) -> str:
        self.next = call
        return "1"


def test_the_program_itself_is_never_looked_through() -> None:
    root: Any = Root()
    collector = MainThreadCollector(root)
    collector.start()
    assert not gc.isenabled()
    looked: list[str] = []
    gc.callbacks.append(lambda phase, _: looked.append(phase))
    for _ in range(4):
        root.next()
    assert not looked
    frozen = gc.get_freeze_count()
    assert frozen > 0
    rubbish: list[Any] = [[] for _ in range(5000)]
    for one in rubbish:
        one.append(one)
    del rubbish, one
    root.next()
    gc.callbacks.pop()
    assert looked, "what comes and goes later is collected"
    assert gc.get_freeze_count() <= frozen
    collector.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
