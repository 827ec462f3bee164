"""Garbage is collected in the window's thread, and the program itself is looked through but once."""

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


def test_the_program_itself_is_looked_through_no_more() -> None:
    root: Any = Root()
    collector = MainThreadCollector(root)
    collector.start()
    assert not gc.isenabled()
    for _ in range(3):
        root.next()
        assert gc.get_freeze_count() == 0
    root.next()
    frozen = gc.get_freeze_count()
    assert frozen > 0
    root.next()
    assert gc.get_freeze_count() <= frozen, "but once: what comes and goes later is collected"
    collector.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
