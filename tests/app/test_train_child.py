"""A real process, followed and ended."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from hdr.app.train_child import Child, Line

STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('here', flush=True)\ntime.sleep(60)"
)


def run(code: str) -> Child:
    return Child((), program=(sys.executable, "-c", code))


def collect(child: Child, until: Callable[[list[Line]], bool], timeout_s: float = 60) -> list[Line]:
    said: list[Line] = []
    end = time.monotonic() + timeout_s
    while not until(said):
        assert time.monotonic() < end, said
        said += child.lines()
        time.sleep(0.005)
    return said


def ended(said: list[Line]) -> bool:
    return bool(said) and said[-1].kind == "end"


def test_its_lines_come_in_order_and_its_end_last() -> None:
    child = run("import sys\nprint('a')\nprint('b')\nprint('c', file=sys.stderr)\nsys.exit(3)")
    said = collect(child, ended)
    assert [line.text for line in said if line.kind == "out"] == ["a", "b"]
    assert [line.text for line in said if line.kind == "err"] == ["c"]
    assert said[-1] == Line("end", code=3)
    assert child.lines() == []
    assert not child.is_alive
    child.stop()


def test_many_lines_are_taken_some_at_a_time() -> None:
    child = run("print('x\\n' * 1999 + 'x')")
    said: list[Line] = []
    while not ended(said):
        more = child.lines()
        assert len(more) <= 500
        said += more
        time.sleep(0.001)
    assert len(said) == 2001


def test_bytes_that_are_no_text_do_no_harm() -> None:
    said = collect(run("import sys\nsys.stdout.buffer.write(b'\\xff!\\n')"), ended)
    assert said[0].text == "\\xff!"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no polite request")
def test_it_is_asked_politely_and_ended_where_it_does_not_listen() -> None:
    polite = run("import time\nprint('here', flush=True)\ntime.sleep(60)")
    collect(polite, bool)
    polite.stop()
    assert collect(polite, ended)[-1].code == -15
    stubborn = run(STUBBORN)
    collect(stubborn, bool)
    stubborn.stop(grace_s=0.05)
    assert collect(stubborn, ended)[-1].code == -9


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no polite request")
def test_at_the_windows_end_nothing_is_left_running() -> None:
    stubborn = run(STUBBORN)
    collect(stubborn, bool)
    stubborn.close(grace_s=0.05)
    assert not stubborn.is_alive


@pytest.mark.skipif(not hasattr(__import__("os"), "getpriority"), reason="this system has other priorities")
def test_it_comes_after_the_window() -> None:
    import os

    child = run("import os, time\ntime.sleep(0.3)\nprint(os.getpriority(os.PRIO_PROCESS, 0))")
    said = collect(child, ended)
    assert int(said[0].text) >= max(10, os.getpriority(os.PRIO_PROCESS, 0))


def test_what_cannot_be_started_is_an_error() -> None:
    with pytest.raises(OSError, match="nothing-like-that"):
        Child((), program=("/nothing-like-that",))
