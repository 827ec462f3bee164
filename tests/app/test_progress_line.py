from __future__ import annotations

import tkinter as tk
from collections.abc import Iterator

import pytest

from hdr.app.progress_line import ProgressLine
from hdr.app.theme import LIGHT

pytestmark = pytest.mark.gui


@pytest.fixture
def bar(display: str) -> Iterator[ProgressLine]:
    root = tk.Tk()
    root.geometry("200x40")
    line = ProgressLine(root)
    line.canvas.pack(fill="x")
    line.paint(LIGHT)
    root.update()
    yield line
    root.destroy()


def ends(bar: ProgressLine) -> tuple[float, float]:
    left, _, right, _ = bar.canvas.coords(bar._done)
    return left, right


def test_how_much_is_done_is_how_long_it_is(bar: ProgressLine) -> None:
    bar.show(0.25)
    assert ends(bar) == (0, 50)
    bar.canvas.winfo_toplevel().geometry("400x40")
    bar.canvas.update()
    assert ends(bar) == (0, 100)


def test_what_nobody_knows_is_a_piece_that_moves(bar: ProgressLine) -> None:
    bar.show(None)
    before = ends(bar)
    bar._move()
    after = ends(bar)
    assert after[0] > before[0]
    assert after[1] - after[0] == pytest.approx(30)
    bar.show(None)
    bar.show(1.0)
    assert (ends(bar), bar._due) == ((0, 200), None)
