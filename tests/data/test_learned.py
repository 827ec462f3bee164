"""What a model learned from, told again by the pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.data.dataset import Dataset, from_arrays
from hdr.data.learned import LEARNED, keys_of, list_learned, read_learned, write_learned
from hdr.errors import DatasetError


def flat(*levels: int) -> Dataset:
    """A crop of each level of gray."""
    crops = np.array([np.full((4, 3), level) for level in levels], np.uint8).reshape(-1, 4, 3)
    return from_arrays(crops, np.zeros(len(levels), np.int64))


def test_a_picture_is_known_again_whatever_it_is_called(tmp_path: Path) -> None:
    write_learned(tmp_path, list_learned([flat(1, 2), flat(3)], [flat(3, 4)]))
    told = read_learned(tmp_path)
    assert told is not None
    learned, chosen = told.knows(flat(5, 4, 3, 2))
    assert learned.tolist() == [False, False, True, True]
    assert chosen.tolist() == [False, True, False, False]  # what is in both was learned


def test_what_the_parent_had_learned_is_learned_by_the_child() -> None:
    child = list_learned([flat(1)], [flat(2, 3)]).with_older(list_learned([flat(2)], [flat(1, 4)]))
    assert [mask.tolist() for mask in child.knows(flat(1, 2, 3, 4))] == [
        [True, True, False, False],
        [False, False, True, True],
    ]
    assert child.with_older(None) is child


@given(st.lists(st.integers(0, 255)), st.lists(st.integers(0, 255)))
def test_nothing_is_in_both_lists_and_nothing_is_lost(learned: list[int], chosen: list[int]) -> None:
    told = list_learned([flat(*learned)], [flat(*chosen)])
    assert not np.intersect1d(told.learned, told.chosen).size
    assert set(told.learned) | set(told.chosen) == set(keys_of(flat(*learned, *chosen).crops))


def test_a_model_without_a_list_has_none(tmp_path: Path) -> None:
    assert read_learned(tmp_path) is None
    assert read_learned(None) is None
    assert list_learned([]).knows(flat(1))[0].tolist() == [False]


@pytest.mark.parametrize("arrays", [{"x": np.zeros(2)}, {"learned": np.zeros((2, 2), np.uint64)}])
def test_what_is_no_such_list_is_a_sentence(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez(tmp_path / LEARNED, **arrays)
    with pytest.raises(DatasetError, match="does not tell what the model learned from"):
        read_learned(tmp_path)
    (tmp_path / LEARNED).write_bytes(b"no zip")
    with pytest.raises(DatasetError, match="cannot be read"):
        read_learned(tmp_path)
