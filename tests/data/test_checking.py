"""Everything that is wrong is told with its cure; what is safe is set right, and nothing is deleted."""

from __future__ import annotations

import errno
import json
import os
import shutil

import pytest
from capture_pages import files_of, labels_of, make_image, make_reading

from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.data.captures import CaptureStore, capture_id
from hdr.data.checking import check, repair
from hdr.data.crops import crop_file_name
from hdr.data.moving import discard
from hdr.data.scanning import load_index
from hdr.errors import CaptureError

IMAGE = make_image()
ID = capture_id(IMAGE)
LABELS = (*DIGITS, NOT_A_DIGIT)


@pytest.fixture
def store(tmp_path):
    store = CaptureStore(tmp_path / "captures")
    store.save(IMAGE, make_reading("012345"), "page.jpg")
    load_index(store.root)
    return store


def path_of(store, number, label=None):
    return store.root / (label or str(number)) / crop_file_name(ID, number)


def kinds(store):
    return [problem.kind for problem in check(store, LABELS)]


def files(store):
    """Every file's bytes, wherever it lies, without what counts for nothing."""
    found = [path for path in store.root.rglob("*") if path.is_file() and path.suffix != ".json"]
    return sorted(path.read_bytes() for path in found if path.name not in (".lock", ".index.npz"))


def assert_repaired(store, *, but=()):
    before = files(store)
    problems = check(store, LABELS)
    assert [problem.kind for problem in problems if not problem.safe] == list(but)
    assert all(problem.says and problem.cure for problem in problems)
    assert all(error is None for _, error in repair(store, problems))
    assert files(store) == before, "nothing is deleted"
    assert kinds(store) == list(but)


def test_a_folder_in_order(store, tmp_path):
    assert check(store, LABELS) == []
    assert repair(store, []) == []
    assert check(CaptureStore(tmp_path / "none")) == []


def test_an_unreadable_crop_goes_to_the_bin_and_its_page_says_what_is_missing(store):
    path_of(store, 3).write_bytes(b"broken")
    assert kinds(store) == ["unreadable"]
    repair(store, check(store, LABELS))
    assert (store.root / "_bin" / "3" / path_of(store, 3).name).read_bytes() == b"broken"
    assert kinds(store) == ["crop gone"]


def test_an_unreadable_page_goes_to_the_bin_and_its_crops_stay(store):
    (store.root / "_pages" / f"{ID}.json").write_text("{")
    repair(store, check(store, LABELS))
    assert labels_of(store.root, IMAGE) == "012345"
    assert kinds(store) == ["orphaned page", "page gone"]
    assert_repaired(store, but=["page gone"])
    assert {path.name for path in (store.root / "_bin" / "_pages").iterdir()} == {f"{ID}.json", f"{ID}.png"}


def test_a_page_without_its_picture_or_its_crops(store):
    (store.root / "_pages" / f"{ID}.png").unlink()
    assert kinds(store) == ["picture gone"]
    discard(store, [path_of(store, 1)])
    path_of(store, 2).unlink()
    assert kinds(store) == ["picture gone", "crop gone"]
    for number in (0, 3, 4, 5):
        path_of(store, number).unlink()
    assert kinds(store) == ["picture gone", "orphaned page"]


def test_crops_in_no_labels_folder_go_back_to_where_their_page_has_them(store):
    path_of(store, 1).rename(store.root / path_of(store, 1).name)
    path_of(store, 2).rename(store.root / "_pages" / path_of(store, 2).name)
    assert sorted(kinds(store)) == ["crop gone", "misplaced", "misplaced"]
    repair(store, check(store, LABELS))
    assert labels_of(store.root, IMAGE) == "012345"
    assert kinds(store) == []


def test_other_files_in_the_wrong_place_are_told_and_left(store):
    shutil.copy(path_of(store, 1), store.root / "mine.png")
    (store.root / "1" / "deeper").mkdir()
    (store.root / "1" / "notes.txt").write_text("mine")
    (store.root / "_old").mkdir()
    assert kinds(store) == ["misplaced"] * 4
    assert_repaired(store, but=["misplaced"] * 4)


def test_a_label_that_is_not_in_use(store):
    (store.root / "x").mkdir()
    path_of(store, 1).rename(store.root / "x" / path_of(store, 1).name)
    assert kinds(store) == ["unknown label", "out of step"]
    assert "unknown label" not in [problem.kind for problem in check(store)]


def test_the_folder_decides_and_the_page_follows(store):
    (store.root / "7").mkdir()
    path_of(store, 1).rename(path_of(store, 1, "7"))
    assert kinds(store) == ["out of step"]
    assert_repaired(store)
    page = store.saved_page(ID)
    assert [(one.label, one.recorded, one.by_person) for one in page.digits][1] == ("7", "7", True)


def test_a_crop_that_a_person_took_out_of_the_bin_by_hand_is_on_its_page_again(store):
    discard(store, [path_of(store, 1), path_of(store, 2)])
    for number in (1, 2):
        path_of(store, number).write_bytes(
            (store.root / "_bin" / str(number) / path_of(store, number).name).read_bytes()
        )
    path_of(store, 2).write_bytes(b"broken")
    assert kinds(store) == ["unreadable", "out of step"]
    repair(store, check(store, LABELS))
    assert [one.number for one in store.page(ID).digits] == [0, 1, 3, 4, 5]
    assert kinds(store) == []


def test_a_change_in_labelme_survives_that(store):
    (store.root / "7").mkdir()
    path_of(store, 1).rename(path_of(store, 1, "7"))
    path = store.root / "_pages" / f"{ID}.json"
    told = json.loads(path.read_text())
    told["shapes"][3]["label"] = "8"
    path.write_text(json.dumps(told))
    repair(store, check(store, LABELS))
    assert labels_of(store.root, IMAGE) == "072845"
    assert [one.label for one in store.page(ID).digits] == list("072845")
    told["shapes"][3]["label"] = "x" * 200
    path.write_text(json.dumps(told))
    ((_, error),) = repair(store, check(store, LABELS))
    assert "too long" in error.message


def test_of_two_copies_the_one_that_a_person_moved_stays(store):
    (store.root / "7").mkdir()
    shutil.copy(path_of(store, 1), path_of(store, 1, "7"))
    assert kinds(store) == ["doubled"]
    repair(store, check(store, LABELS))
    assert files_of(store.root)[path_of(store, 1).name] == "7"
    assert (store.root / "_bin" / "1" / path_of(store, 1).name).is_file()
    assert kinds(store) == ["out of step"]


def test_of_three_copies_nobody_can_tell(store):
    for label in "78":
        (store.root / label).mkdir()
        shutil.copy(path_of(store, 1), path_of(store, 1, label))
    path_of(store, 1).unlink()
    assert kinds(store)[0] == "doubled"
    assert not any(problem.safe for problem in check(store, LABELS))


def test_a_copy_under_another_name(store):
    shutil.copy(path_of(store, 1), store.root / "1" / "copy.png")
    assert kinds(store) == ["doubled"]
    assert_repaired(store)
    shutil.copy(path_of(store, 1), store.root / "2" / "copy.png")
    assert_repaired(store, but=["doubled"])


def test_a_crop_whose_page_is_gone(store):
    shutil.rmtree(store.root / "_pages")
    assert_repaired(store, but=["page gone"])


def test_what_a_killed_save_left(store):
    (store.root / "_pages" / ".saving-0123456789abcdef").mkdir()
    for folder in (store.root, store.root / "7", store.root / "_pages"):
        folder.mkdir(exist_ok=True)
        (folder / ".hdr-x.tmp").write_bytes(b"half")
        os.utime(folder / ".hdr-x.tmp", (10**9, 10**9))
    (store.root / ".hdr-now.tmp").write_bytes(b"being written")
    assert kinds(store) == ["left over"] * 4
    assert_repaired(store)
    assert (store.root / ".hdr-now.tmp").exists()
    assert len(list((store.root / "_bin" / "_left").iterdir())) == 3


def test_what_cannot_be_repaired_is_told_and_holds_up_nothing(store, monkeypatch):
    path_of(store, 3).write_bytes(b"broken")
    problems = check(store, LABELS)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EACCES, "Permission denied")))
        ((_, error),) = repair(store, problems)
    assert "may not be written" in error.message
    path_of(store, 3).unlink()
    assert repair(store, problems) == [(problems[0], None)]


def test_a_folder_that_may_not_be_read(store, monkeypatch):
    monkeypatch.setattr(os, "scandir", lambda *_: (_ for _ in ()).throw(PermissionError(errno.EACCES, "Denied")))
    with pytest.raises(CaptureError, match="may not be"):
        check(store)
    with pytest.raises(CaptureError, match="may not be read"):
        load_index(store.root)


def test_progress_is_told(store):
    told = []
    check(store, LABELS, lambda done, total: told.append((done, total)))
    assert told == [(0, 6)]
