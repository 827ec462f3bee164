"""Files, folders and patterns to pictures."""

from __future__ import annotations

import os
import sys

import pytest

from hdr.cli.inputs import Input, expand
from hdr.cli.saving import Places

SUFFIXES = frozenset({".png", ".jpg"})


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("page10.png", "page2.PNG", "notes.txt", ".hidden.png", "sub/deep.jpg", "sub/.git/x.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def under(folder, name):
    """As the system writes it; a Path would drop the dot."""
    return f"{folder}{os.sep}{name.replace('/', os.sep)}"


def names(*given, recursive=False):
    return [one.name for one in expand(given, SUFFIXES, recursive=recursive)]


def test_files_are_taken_as_named_whatever_their_ending(here):
    assert names("notes.txt", "page10.png", "not-there.xyz", "-") == ["notes.txt", "page10.png", "not-there.xyz", "-"]


def test_a_folder_is_its_pictures_with_numbers_in_order(here):
    assert names(".") == [under(".", "page2.PNG"), under(".", "page10.png")]


def test_folders_in_folders_are_searched_when_asked_for(here):
    assert names(".", recursive=True) == [under(".", name) for name in ("page2.PNG", "page10.png", "sub/deep.jpg")]


def test_a_pattern_that_the_shell_did_not_expand(here):
    assert names("page*") == ["page2.PNG", "page10.png"]
    assert names("**/*.jpg") == [under("sub", "deep.jpg")]
    assert names("s*b") == [under("sub", "deep.jpg")]
    assert names(str(here / "page?.PNG")) == [str(here / "page2.PNG")]


def test_a_file_whose_name_looks_like_a_pattern(here):
    (here / "scan[1].png").touch()
    assert names("scan[1].png") == ["scan[1].png"]


def test_what_gives_no_picture_is_an_error_of_its_own(here):
    (here / "empty").mkdir()
    empty, pattern = expand(["empty", "*.gif"], SUFFIXES, recursive=False)
    assert "holds no picture" in empty.error.message
    assert "--recursive" not in empty.error.hint
    assert "No file matches" in pattern.error.message
    (deep,) = expand(["empty"], SUFFIXES, recursive=True)
    assert "--recursive" not in deep.error.hint
    with pytest.raises(type(empty.error)):
        empty.source()


def test_looking_deeper_is_advised_only_where_it_helps(here):
    (here / "outer" / "inner").mkdir(parents=True)
    (here / "outer" / "inner" / "deep.png").touch()
    (one,) = expand(["outer"], SUFFIXES, recursive=False)
    assert "--recursive" in one.error.hint
    (here / "outer" / "inner" / "deep.png").rename(here / "outer" / "inner" / "deep.txt")
    (one,) = expand(["outer"], SUFFIXES, recursive=False)
    assert "--recursive" not in one.error.hint


def test_a_folder_below_that_cannot_be_looked_into_is_no_reason_to_look_deeper(here, monkeypatch):
    (here / "outer" / "locked").mkdir(parents=True)
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: real(path) if "locked" not in path else real(here / "nowhere"))
    (one,) = expand(["outer"], SUFFIXES, recursive=False)
    assert "holds no picture" in one.error.message
    assert "--recursive" not in one.error.hint


def test_a_folder_that_cannot_be_looked_into(here, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    (one,) = expand(["sub"], SUFFIXES, recursive=False)
    assert "cannot be looked into" in one.error.message


def test_an_empty_name_is_a_file_that_is_not_there(here):
    assert names("") == [""]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as a name")
def test_names_of_any_bytes(here):
    name = os.fsdecode(b"p\xff.png")
    (here / name).touch()
    assert under(".", name) in names(".")


def test_places_never_climb_out(tmp_path):
    places = Places(tmp_path / "out", [])
    for name in ("../../etc/passwd", "a/../b.png", "..png", "/abs/x.png"):
        assert places.take(Input(name).stem, ".png").resolve().parent == (tmp_path / "out").resolve()
