"""A frozen version stays what it was, and tells what has changed since."""

from __future__ import annotations

import errno
import json
import os

import pytest
from capture_pages import make_image, make_reading

from hdr.data import freezing
from hdr.data.captures import CaptureStore
from hdr.data.freezing import Drift, drift, freeze, frozen_names, frozen_now, load_frozen, snapshot
from hdr.data.moving import confirm, discard, relabel
from hdr.errors import CaptureError


@pytest.fixture
def store(tmp_path):
    store = CaptureStore(tmp_path / "captures")
    store.save(make_image(), make_reading("012"), "page.jpg")
    return store


def crop(store, label):
    return next((store.root / label).glob("*.png"))


def test_what_is_frozen_is_read_again(store):
    frozen = freeze(store, "first")
    assert load_frozen(store.root, "first") == frozen
    assert frozen.counts == {"0": 1, "1": 1, "2": 1}
    assert [one.file.split("/")[0] for one in frozen.crops] == ["0", "1", "2"]
    assert {one.group for one in frozen.crops} == {store.list()[0].id}
    assert frozen_names(store.root) == ["first"]
    assert frozen.card() == {"frozen": "first", "made": frozen.made, "digest": frozen.digest, "crops": 3}


def test_a_version_is_never_written_over(store):
    frozen = freeze(store, "first")
    assert freeze(store, "first") == frozen
    relabel(store, [crop(store, "1")], "7")
    with pytest.raises(CaptureError, match="frozen already"):
        freeze(store, "first")
    assert load_frozen(store.root, "first") == frozen


def test_what_has_changed_since(store):
    frozen = freeze(store, "first")
    confirm(store, [crop(store, "0")])
    assert not drift(frozen, snapshot(store))
    assert frozen_now(store) == frozen
    relabel(store, [crop(store, "1")], "7")
    discard(store, [crop(store, "2")])
    told = drift(frozen, snapshot(store))
    assert (len(told.gone), len(told.added), len(told.relabelled)) == (1, 0, 1)
    store.save(make_image(1), make_reading("0728"), "other.jpg")  # the same pictures, and one more
    told = drift(frozen, snapshot(store))
    assert (len(told.gone), len(told.added), len(told.relabelled)) == (0, 1, 2)
    assert told
    assert Drift() == Drift((), (), ())
    assert frozen_now(store) is None


def test_nothing_frozen(store, tmp_path):
    assert frozen_now(store) is None
    with pytest.raises(CaptureError, match="Nothing is frozen as x"):
        load_frozen(store.root, "x")
    with pytest.raises(CaptureError, match="nothing to freeze"):
        freeze(CaptureStore(tmp_path / "none"), "x")


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 65, "a b"])
def test_a_name_that_is_no_name(store, name):
    with pytest.raises(CaptureError, match="cannot be the name"):
        freeze(store, name)


def test_a_name_of_any_script(store):
    assert freeze(store, "第一版").name == "第一版"


def test_a_file_that_was_changed_or_is_none(store, monkeypatch):
    freeze(store, "first")
    path = store.root / "_frozen" / "first.json"
    told = json.loads(path.read_text())
    told["crops"][0]["label"] = "9"
    path.write_text(json.dumps(told))
    with pytest.raises(CaptureError, match="changed after it was frozen"):
        load_frozen(store.root, "first")
    path.write_text("[]")
    with pytest.raises(CaptureError, match="is no frozen version"):
        load_frozen(store.root, "first")
    path.write_bytes(b"\xff\xff")
    with pytest.raises(CaptureError, match="cannot be read"):
        load_frozen(store.root, "first")
    monkeypatch.setattr(freezing, "_LARGEST_BYTES", 1)
    with pytest.raises(CaptureError, match="larger than any"):
        load_frozen(store.root, "first")


def test_a_full_disk(store, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(CaptureError, match="the disk is full"):
        freeze(store, "first")
    assert frozen_names(store.root) == []
