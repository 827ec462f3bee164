"""Relabelled, confirmed, moved to the recycle bin, restored, undone: the folders, the files and the page agree."""

from __future__ import annotations

import errno
import json
import os
import shutil

import pytest
from capture_pages import files_of, labels_of, make_image, make_reading

from hdr.classify.names import NOT_A_DIGIT
from hdr.data import moving
from hdr.data.captures import CaptureStore, capture_id
from hdr.data.crops import read_crop
from hdr.data.moving import binned, confirm, discard, relabel, restore, undo
from hdr.errors import CaptureError

IMAGE = make_image()
ID = capture_id(IMAGE)


@pytest.fixture
def store(tmp_path):
    store = CaptureStore(tmp_path / "captures")
    store.save(IMAGE, make_reading("012345", {5: "5"}), "page.jpg")
    return store


def crop(store, number):
    return next(path for path in store.root.glob(f"*/{ID}_{number:02d}.png"))


def state(store):
    """Folders, files and the page, as one value to compare."""
    crops = [(one.label, one.origin.by_person, one.origin.number) for one in store.read(ID)]
    return files_of(store.root), crops, store.saved_page(ID)


def test_a_label_is_given_and_taken_back_and_given_again(store):
    before = state(store)
    change = relabel(store, [crop(store, 1), crop(store, 2)], "7")
    assert (len(change), change.what, change.failures) == (2, "relabelled", ())
    assert change.paths(store) == [crop(store, 1), crop(store, 2)]
    assert labels_of(store.root, IMAGE) == "077345"
    after = state(store)
    page = store.page(ID)
    assert [(one.label, one.by_person) for one in page.digits][:3] == [("0", False), ("7", True), ("7", True)]
    undone = undo(store, change)
    assert state(store) == before
    undo(store, undone)
    assert state(store) == after


def test_a_label_of_any_script_and_no_digit(store):
    relabel(store, [crop(store, 1)], "७")
    relabel(store, [crop(store, 2)], NOT_A_DIGIT)
    assert [one.label for one in store.page(ID).digits] == ["0", "७", "none", "3", "4", "5"]


def test_the_models_own_label_is_confirmed_by_giving_it(store):
    before = state(store)
    for change in (relabel(store, [crop(store, 1)], "1"), confirm(store, [crop(store, 2)])):
        assert len(change) == 1
    assert [one.by_person for one in store.read(ID)] == [False, True, True, False, False, True]
    assert [one.by_person for one in store.page(ID).digits] == [False, True, True, False, False, True]
    undo(store, confirm(store, [crop(store, 3)]))
    assert [one.by_person for one in store.read(ID)] == [False, True, True, False, False, True]
    assert files_of(store.root) == before[0]


def test_a_relabelled_crop_keeps_its_label_when_its_page_is_read_again(store):
    relabel(store, [crop(store, 1)], "7")
    store.save(IMAGE, make_reading("012345"), "page.jpg")
    assert labels_of(store.root, IMAGE) == "072345"


def test_what_was_changed_in_labelme_is_carried_out_with_it(store):
    path = store.root / "_pages" / f"{ID}.json"
    told = json.loads(path.read_text())
    told["shapes"][3]["label"] = "8"
    path.write_text(json.dumps(told))
    relabel(store, [crop(store, 1)], "7")
    assert labels_of(store.root, IMAGE) == "072845"
    assert [one.label for one in store.page(ID).digits] == list("072845")
    told = json.loads(path.read_text())
    told["shapes"][3]["label"] = "x" * 200
    path.write_text(json.dumps(told))
    change = relabel(store, [crop(store, 1)], "6")
    assert "too long" in change.failures[0][1].message
    assert [one.label for one in store.page(ID).digits][1] == "6"


def test_into_the_bin_and_back(store):
    before = state(store)
    change = discard(store, [crop(store, 1), crop(store, 5)])
    assert sorted(path.parent.name for path in binned(store)) == ["1", "5"]
    assert [one.number for one in store.page(ID).digits] == [0, 2, 3, 4]
    assert store.counts() == {"0": 1, "2": 1, "3": 1, "4": 1}
    again = undo(store, change)
    assert state(store) == before
    undo(store, again)
    assert len(restore(store, binned(store))) == 2
    assert state(store) == before
    assert binned(store) == []


def test_what_comes_back_to_an_empty_page_starts_a_row(store):
    discard(store, [crop(store, number) for number in range(6)])
    assert store.page(ID).digits == ()
    restore(store, binned(store))
    assert [one.number for one in store.page(ID).digits] == [0, 1, 2, 3, 4, 5]


def test_two_crops_of_one_name_in_the_bin(store):
    copy = crop(store, 1).read_bytes()
    discard(store, [crop(store, 1)])
    (store.root / "1" / f"{ID}_01.png").write_bytes(copy)
    discard(store, [crop(store, 1)])
    assert [path.name for path in binned(store)] == [f"{ID}_01-2.png", f"{ID}_01.png"]
    restore(store, [binned(store)[0]])
    assert crop(store, 1).name == f"{ID}_01.png"


def test_a_copy_in_the_folder_that_a_crop_comes_to_goes_to_the_bin(store):
    (store.root / "7").mkdir()
    shutil.copy(crop(store, 1), store.root / "7")
    change = relabel(store, [store.root / "1" / f"{ID}_01.png"], "7")
    assert len(change) == 1
    assert files_of(store.root)[f"{ID}_01.png"] == "7"
    assert [path.parent.name for path in binned(store)] == ["7"]


def test_files_of_somebody_else_keep_every_byte_and_get_out_of_each_others_way(store):
    for label in "34":
        (store.root / label / "mine.png").write_bytes(crop(store, int(label)).read_bytes())
    bytes_before = (store.root / "3" / "mine.png").read_bytes()
    change = relabel(store, [store.root / "3" / "mine.png"], "4")
    assert change.paths(store) == [store.root / "4" / "mine-2.png"]
    assert (store.root / "4" / "mine-2.png").read_bytes() == bytes_before
    undo(store, change)
    assert (store.root / "3" / "mine.png").read_bytes() == bytes_before


def test_a_damaged_crop_can_still_be_moved(store):
    path = crop(store, 1)
    path.write_bytes(b"broken")
    relabel(store, [path], "7")
    discard(store, [crop(store, 1)])
    assert binned(store)[0].read_bytes() == b"broken"
    restore(store, binned(store))
    assert [one.number for one in store.page(ID).digits] == [0, 2, 3, 4, 5]


def test_a_crop_without_its_page(store):
    shutil.rmtree(store.root / "_pages")
    relabel(store, [crop(store, 1)], "7")
    assert read_crop(crop(store, 1), "7").origin.by_person
    assert len(store.list()) == 1


def test_one_file_that_is_gone_holds_up_no_other(store):
    gone = crop(store, 1)
    gone.unlink()
    change = relabel(store, [gone, crop(store, 2)], "7")
    assert len(change) == 1
    assert [path for path, _ in change.failures] == [gone]
    assert "is not there any more" in change.failures[0][1].message
    with pytest.raises(CaptureError, match="is not there any more"):
        relabel(store, [gone], "7")


def test_stopped_on_the_way_what_was_done_can_be_undone(store):
    before = state(store)
    told = []

    def stop(done, total):
        told.append((done, total))
        return done < 2

    change = relabel(store, [crop(store, number) for number in range(4)], "9", stop)
    assert told == [(1, 4), (2, 4)]
    assert labels_of(store.root, IMAGE) == "992345"
    undo(store, change)
    assert state(store) == before


def test_a_folder_that_was_renamed_meanwhile(store):
    path = crop(store, 1)
    store.root.rename(store.root.with_name("elsewhere"))
    with pytest.raises(CaptureError, match="is not there any more"):
        relabel(store, [path], "7")
    assert not store.root.exists()


def what_is_said(store, paths):
    """Of a change that failed as a whole, or in part."""
    try:
        return relabel(store, paths, "8").failures[0][1].message
    except CaptureError as error:
        return error.message


@pytest.mark.parametrize(
    ("number", "says"), [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "may not be written"), (errno.EIO, "could")]
)
@pytest.mark.parametrize("call", ["replace", "fsync", "mkdir"])
def test_whatever_the_disk_refuses_is_said_and_nothing_is_lost(store, monkeypatch, number, says, call):
    paths = [crop(store, 1), crop(store, 2)]
    with monkeypatch.context() as patch:
        patch.setattr(os, call, lambda *_, **__: (_ for _ in ()).throw(OSError(number, os.strerror(number))))
        assert says in what_is_said(store, paths)
    assert len(files_of(store.root)) == 6
    assert [one.label for one in store.page(ID).digits] == [one.label for one in store.read(ID)]
    assert not list(store.root.rglob("*.tmp"))
    relabel(store, [crop(store, 1), crop(store, 2)], "8")
    assert labels_of(store.root, IMAGE) == "088345"


def test_a_page_that_cannot_be_written_is_told_and_the_folders_still_decide(store, monkeypatch):
    real = moving.write_atomically

    def refuse(path, data):
        if path.suffix == ".json":
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, data)

    monkeypatch.setattr(moving, "write_atomically", refuse)
    change = relabel(store, [crop(store, 1)], "7")
    assert (len(change), len(change.failures)) == (1, 1)
    assert [one.label for one in store.page(ID).digits] == list("072345")


@pytest.mark.parametrize("where", ["_pages/x.png", "x.png", "7/deep/x.png", "../x.png"])
def test_what_is_no_crop_of_these_captures_is_not_moved(store, where):
    with pytest.raises(CaptureError, match="is no crop in"):
        discard(store, [store.root / where])


def test_a_label_too_long_for_a_folder_is_refused_before_anything_moves(store):
    before = state(store)
    with pytest.raises(CaptureError, match="too long"):
        relabel(store, [crop(store, 1)], "x" * 200)
    assert state(store) == before
