"""A label is a folder's name on every file system, and comes back as it was."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.data.labels import folder_name, label_of, sort_key
from hdr.errors import CaptureError

LABELS = st.text(max_size=12)


@given(LABELS)
def test_every_label_comes_back(label):
    assert label_of(folder_name(label)) == label


@given(LABELS, LABELS)
def test_two_labels_never_share_a_folder_even_where_case_does_not_count(one, other):
    if one != other:
        assert folder_name(one).casefold() != folder_name(other).casefold()


@given(LABELS)
def test_a_folder_name_is_taken_by_every_file_system(label):
    name = folder_name(label)
    assert name
    assert not re.search(r'[\x00-\x1f<>:"/\\|?*]', name)
    assert name not in (".", "..")
    assert not name.startswith(".")
    assert not name.endswith((".", " "))
    assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)", name)


@pytest.mark.parametrize("digit", "0123456789")
def test_a_digit_is_its_own_folder(digit):
    assert folder_name(digit) == digit


@pytest.mark.parametrize(
    ("label", "folder"),
    [
        ("none", "_none"),
        ("_none", "%5Fnone"),
        ("..", "%2E%2E"),
        ("a/b", "a%2Fb"),
        ("A", "^a"),
        ("CON", "^c^o^n"),
        ("con", "%63on"),
    ],
)
def test_awkward_labels(label, folder):
    assert folder_name(label) == folder
    assert label_of(folder) == label


def test_our_own_and_hidden_folders_have_no_label():
    assert [label_of(name) for name in ("_pages", "_bin", ".git", ".hdr-x")] == [None] * 4


def test_a_folder_that_a_person_made_is_taken_at_its_word():
    assert label_of("Cat") == "Cat"


def test_a_name_that_the_file_system_decomposed_is_the_same_label():
    assert label_of("e\u0301") == "\u00e9"


def test_a_label_that_is_too_long_is_refused():
    with pytest.raises(CaptureError, match="too long"):
        folder_name("x" * 121)


def test_labels_are_ordered_as_a_person_counts():
    assert sorted(["none", "10", "b", "2", "a", "0"], key=sort_key) == ["0", "2", "10", "a", "b", "none"]
