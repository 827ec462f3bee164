"""Groups to parts, for good."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hdr.data.splitting import PARTS, hold_out, parse_shares, part_of, used_parts
from hdr.errors import DatasetError


@pytest.mark.parametrize(
    ("text", "shares"),
    [("80/10/10", (0.8, 0.1, 0.1)), ("4/0/1", (0.8, 0, 0.2)), ("3/1", (0.75, 0, 0.25)), ("1/0/0", (1, 0, 0))],
)
def test_shares_are_said_in_any_numbers(text, shares):
    assert parse_shares(text) == pytest.approx(shares)


@pytest.mark.parametrize("text", ["", "80", "80/x", "1/2/3/4", "0/0", "-1/2", "nan/1", "inf/1"])
def test_what_says_no_shares_is_refused(text):
    with pytest.raises(DatasetError, match="says no shares"):
        parse_shares(text)


@given(st.text())
def test_each_group_has_its_part_and_none_without_a_share(group):
    assert part_of(group, (0.8, 0.1, 0.1)) in PARTS
    assert part_of(group, (1.0, 0.0, 0.0)) == "train"
    assert part_of(group, (0.0, 0.0, 1.0)) == "test"
    assert part_of(group, (0.0, 1.0, 0.0)) == "val"


@given(st.text())
def test_what_is_tested_on_stays_when_validation_grows(group):
    tested = part_of(group, (0.8, 0.1, 0.1)) == "test"
    assert tested == (part_of(group, (0.6, 0.3, 0.1)) == "test")


def test_the_place_is_fixed_for_good_and_the_shares_are_met_on_the_mean():
    shares = (0.8, 0.1, 0.1)
    found = [part_of(f"page {number}", shares) for number in range(4000)]
    assert found[:4] == ["train", "train", "val", "train"]
    assert [found.count(part) / 4000 for part in PARTS] == pytest.approx(shares, abs=0.015)
    assert used_parts((0.8, 0.0, 0.2)) == ["train", "test"]
    assert used_parts(None) == []


@given(st.sets(st.text(max_size=5), max_size=12), st.text(max_size=5))
def test_what_was_learned_from_is_never_held_out_later(groups: set[str], added: str) -> None:
    held = hold_out(groups, 0.2)
    assert held < groups or not groups
    assert bool(held) == (len(groups) > 1)
    if len(groups) > 1:
        assume(any(part_of(one, (0.8, 0, 0.2)) == "train" for one in groups))
        assert not hold_out({*groups, added}, 0.2) & (groups - held)
