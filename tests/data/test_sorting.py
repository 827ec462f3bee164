"""Files of class folders moved about: none lost, none written over, and every change taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdr.data import sorting
from hdr.data.sorting import current_label, discard, relabel, undo
from hdr.errors import CaptureError, DatasetError


def pictures(root: Path) -> list[Path]:
    for name in ("Cats/a.png", "Cats/b.png", "dog/a.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return [root / "Cats/a.png", root / "Cats/b.png", root / "dog/a.png"]


def content(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_label_is_the_folder_that_is_there_and_no_name_clashes(tmp_path: Path) -> None:
    cat, _, dog = pictures(tmp_path)
    before = content(tmp_path)
    moved = relabel([dog], "Cats")
    assert len(moved.steps) == 1
    there = moved.steps[0][1]
    assert there.parent == cat.parent  # and not a folder ^cats beside it
    assert there.name != "a.png"
    assert there.read_bytes() == b"dog/a.png"
    assert current_label(there) == "Cats"
    again = undo(moved)
    assert content(tmp_path) == before
    undo(again)
    assert there.is_file()


def test_a_label_that_is_new_gets_a_folder(tmp_path: Path) -> None:
    pictures(tmp_path)
    there = relabel([tmp_path / "dog/a.png"], "A/b").steps[0][1]
    assert there.parent.name == "^a%2Fb"
    assert current_label(there) == "A/b"


def test_what_is_thrown_away_lies_in_the_bin_of_the_data(tmp_path: Path) -> None:
    first, second, _ = pictures(tmp_path)
    moved = discard([first, second])
    assert [after for _, after in moved.steps] == [tmp_path / "_bin/Cats/a.png", tmp_path / "_bin/Cats/b.png"]
    assert current_label(moved.steps[0][1]) is None
    pictures(tmp_path)
    second_of_that_name = discard([first]).steps[0][1]
    assert second_of_that_name.name != "a.png"
    undo(moved)
    assert second_of_that_name.is_file()


def test_the_label_that_it_has_moves_nothing(tmp_path: Path) -> None:
    first, *_ = pictures(tmp_path)
    assert relabel([first], "Cats").steps == ((first, first),)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["Cats", "dog", "_bin", "new"])), max_size=8))
def test_whatever_is_done_no_file_is_lost_and_all_can_be_taken_back(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[int, str]]
) -> None:
    root = tmp_path_factory.mktemp("data")
    places = pictures(root)
    before, done = content(root), []
    for which, label in acts:
        if current_label(places[which]) is None:
            continue
        done.append(discard([places[which]]) if label == "_bin" else relabel([places[which]], label))
        places[which] = done[-1].steps[0][1]
        assert sorted(content(root).values()) == sorted(before.values())
    for moved in reversed(done):
        undo(moved)
    assert content(root) == before


def test_what_cannot_be_moved_is_told_and_the_rest_is_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, dog = pictures(tmp_path)
    first.unlink()
    moved = relabel([first, second], "dog")
    assert [before for before, _ in moved.steps] == [second]
    assert "not there any more" in moved.failures[0][1].message
    with pytest.raises(DatasetError, match="not there any more"):
        discard([first])
    with pytest.raises(CaptureError, match="too long"):
        relabel([dog], "x" * 200)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sorting.os, "replace", refuse)
    with pytest.raises(DatasetError, match=r"cannot be moved \(Permission denied"):
        discard([dog])
    assert dog.is_file()
