"""What is selected of what a gallery shows."""

from __future__ import annotations

import pytest

from hdr.app.picking import Picking


class Told(Picking):
    def __init__(self, count: int) -> None:
        super().__init__()
        self._count, self.told = count, 0

    @property
    def count(self) -> int:
        return self._count

    def _picked(self) -> None:
        self.told += 1


@pytest.fixture
def picking() -> Told:
    return Told(5)


def test_several_are_selected_on_the_way_and_no_further_than_there_are_some(picking: Told) -> None:
    picking.pick(1)
    picking.step(1, reach=True)
    assert picking.chosen == {1, 2}
    picking.step(99, reach=True)
    assert picking.chosen == {1, 2, 3, 4}
    picking.step(-99, reach=True)
    assert (picking.chosen, picking.cursor) == ({0, 1}, 0)
    picking.step(1)
    assert picking.chosen == {1}


def test_one_is_added_and_taken_out_and_a_reach_begins_there(picking: Told) -> None:
    picking.pick(0)
    picking.pick(3, add=True)
    assert picking.chosen == {0, 3}
    picking.pick(0, add=True)
    assert picking.chosen == {3}
    picking.pick(2, reach=True)
    assert picking.chosen == {0, 1, 2}
    picking.pick_all()
    assert picking.chosen == set(range(5))


def test_what_is_not_there_is_not_selected(picking: Told) -> None:
    picking.pick(5)
    picking.pick(-1)
    nothing = Told(0)
    nothing.step(1)
    nothing._pick_anew(0)
    assert (picking.chosen, picking.told, nothing.chosen) == (set(), 0, set())
