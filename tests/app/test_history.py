from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from hdr.app.history import History


@given(st.lists(st.integers(), min_size=1), st.data())
def test_undo_and_redo_walk_the_same_states_both_ways(states: list[int], data: st.DataObject) -> None:
    history: History[int] = History()
    line = [0, *states]
    for before, after in itertools.pairwise(line):
        history.record("step", before, after)
    at = len(line) - 1
    for back in data.draw(st.lists(st.booleans(), max_size=30)):
        state = history.undo() if back else history.redo()
        wanted = at - 1 if back else at + 1
        if 0 <= wanted < len(line):
            at = wanted
            assert state == line[at]
        else:
            assert state is None


def test_a_new_change_forgets_what_was_undone() -> None:
    history: History[str] = History()
    history.record("one", "a", "b")
    history.undo()
    assert history.redo_name == "one"
    history.record("two", "a", "c")
    assert (history.undo_name, history.redo_name) == ("two", None)


def test_changes_that_merge_are_one_step() -> None:
    history: History[str] = History()
    history.record("slide", "a", "b", merge=True)
    history.record("slide", "b", "c", merge=True)
    assert history.undo() == "a"
    assert history.undo() is None
    assert history.redo() == "c"


def test_a_merge_never_joins_another_step_or_one_that_was_undone() -> None:
    history: History[str] = History()
    history.record("slide", "a", "b")
    history.record("label", "b", "c")
    history.record("slide", "c", "d", merge=True)
    assert history.undo() == "c"
    assert history.merge_base("label") is None, "something can be redone"


def test_the_oldest_steps_go_when_the_past_grows_too_large() -> None:
    history: History[int] = History(cost=lambda before, after: 10 * (after - before), limit_bytes=35)
    for state in range(10):
        history.record("step", state, state + 1)
    undone = []
    while (state := history.undo()) is not None:
        undone.append(state)
    assert undone == [9, 8, 7]


def test_the_last_step_stays_however_large_it_is() -> None:
    history: History[int] = History(cost=lambda _before, _after: 10**9, limit_bytes=1)
    history.record("step", 0, 1)
    assert history.undo() == 0
