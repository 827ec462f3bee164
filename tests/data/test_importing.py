"""What comes from outside is added; nothing that is here is taken away, whoever says what."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from capture_pages import assert_all_whole, files_of, make_page
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hdr.data import importing
from hdr.data.captures import CaptureStore, capture_id
from hdr.data.checking import check
from hdr.data.crops import LabelledCrop, Origin
from hdr.data.cutting import cut_boxes
from hdr.data.formats import ExportOptions, export_store
from hdr.data.formats.found import FoundPage
from hdr.data.importing import ImportReport, import_found, import_path
from hdr.data.load import load_dataset
from hdr.data.pages import Page, PageDigit
from hdr.errors import CaptureError
from hdr.geometry import Box

IMAGE, READING = make_page(3, "4071")
ID = capture_id(IMAGE)
BOXES = [digit.box for digit in READING.digits]


@pytest.fixture
def store(tmp_path) -> CaptureStore:
    return CaptureStore(tmp_path / "captures")


def page(*labels: str, by_person: bool = True, boxes=BOXES, **told) -> FoundPage:
    digits = tuple(
        PageDigit(label, box, predicted="1", confidence=0.5, by_person=by_person)
        for label, box in zip(labels, boxes, strict=False)
    )
    return FoundPage(Page("", (0, 0), digits, source="theirs.jpg", **told), lambda: IMAGE)


def take(store: CaptureStore, *found) -> ImportReport:
    report = ImportReport(store.root, "test")
    import_found(store, found, report)
    assert_all_whole(store.root)
    return report


def labels(store: CaptureStore) -> list[str]:
    found = [digit.label for digit in store.page(ID).digits]
    assert found == [crop.label for crop in store.read(ID)]
    return found


def test_a_page_that_is_new(store):
    report = take(store, page("7", "none", "ü", "1"))
    assert (report.pages, report.added, report.problems) == (1, 4, [])
    assert labels(store) == ["7", "none", "ü", "1"]
    for crop, digit in zip(store.read(ID), READING.digits, strict=True):
        assert (crop.by_person, crop.origin.box, crop.origin.source) == (True, digit.box, "theirs.jpg")
        assert np.array_equal(crop.pixels, digit.crop.pixels)
    assert str(report).startswith("Imported 4 crops of 1 page (test) to ")


def test_a_persons_label_here_stays_whatever_comes(store):
    store.save(IMAGE, READING.with_label(0, "9"), "mine.jpg")
    report = take(store, page("7", "7", "7", "1"))
    assert labels(store) == ["9", "7", "7", "1"]
    assert (report.kept, report.relabelled, report.unchanged) == (1, 1, 3)
    assert "1 kept the label that a person gave here." in str(report)
    assert [digit.by_person for digit in store.page(ID).digits] == [True] * 4
    assert store.page(ID).source == "mine.jpg"


def test_a_file_that_a_person_moved_stays_where_it_is(store):
    store.save(IMAGE, READING, "mine.jpg")
    (store.root / "8").mkdir()
    (store.root / "4" / f"{ID}_00.png").rename(store.root / "8" / f"{ID}_00.png")
    take(store, page("7", "0", "7", "1"))
    assert labels(store) == ["8", "0", "7", "1"]


def test_a_mere_prediction_changes_nothing(store):
    store.save(IMAGE, READING, "mine.jpg")
    before = {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()}
    report = take(store, page("5", "5", "5", "5", by_person=False))
    assert (report.unchanged, report.relabelled) == (4, 0)
    assert {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()} == before


def test_what_is_here_only_and_what_is_there_only_are_both_there_afterwards(store):
    store.save(IMAGE, dataclasses.replace(READING, digits=READING.digits[:2]), "mine.jpg")
    report = take(store, page("7", "1", boxes=BOXES[2:]))
    assert (report.added, report.unchanged) == (2, 0)
    assert labels(store) == ["4", "0", "7", "1"]
    assert len(files_of(store.root)) == 4


def test_a_damaged_crop_here_is_written_again(store):
    store.save(IMAGE, READING, "mine.jpg")
    (store.root / "4" / f"{ID}_00.png").write_bytes(b"broken")
    take(store, page("4", "0", "7", "1"))
    assert np.array_equal(store.read(ID)[0].pixels, READING.digits[0].crop.pixels)


def test_a_page_whose_file_is_damaged_loses_no_crop(store):
    store.save(IMAGE, READING.with_label(0, "9"), "mine.jpg")
    (store.root / "_pages" / f"{ID}.json").write_text("{")
    take(store, page("7", boxes=BOXES[1:]))
    assert sorted(crop.label for crop in store.read(ID)) == ["1", "7", "7", "9"]
    assert sorted(digit.label for digit in store.page(ID).digits) == ["1", "7", "7", "9"]


def test_boxes_without_rows_are_put_in_reading_order(store):
    shuffled = [BOXES[2], BOXES[0], BOXES[3], BOXES[1]]
    take(store, page("c", "a", "d", "b", boxes=shuffled))
    assert labels(store) == ["a", "b", "c", "d"]


def test_boxes_are_clipped_and_those_outside_are_told(store):
    report = take(store, page("7", "8", "9", boxes=[Box(-9, -9, 40, 70), Box(900, 5, 950, 30), BOXES[1]]))
    assert [digit.box for digit in store.page(ID).digits] == [Box(0, 0, 40, 60), BOXES[1]]
    assert "1 box lies outside the picture" in str(report.problems[0])


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (dataclasses.replace(page("7"), page=Page("", (9, 9))), "for a picture of 9 x 9 pixels; this one has 180 x 60"),
        (page(*["7"] * 5001, boxes=[BOXES[0]] * 5001), "has 5,001 boxes"),
        (page("x" * 200), "too long for a folder's name"),
    ],
)
def test_a_page_that_cannot_be_taken_is_told_and_the_next_one_taken(store, found, says):
    report = take(store, found, page("7"))
    assert [says in str(problem) for problem in report.problems] == [True]
    assert (report.pages, labels(store)) == (1, ["7"])


def test_a_picture_that_cannot_be_read_is_told(store, tmp_path):
    Image.fromarray(IMAGE).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:200])
    told = {"shapes": [], "imagePath": "a.png", "imageWidth": 180, "imageHeight": 60}
    (tmp_path / "a.json").write_text(json.dumps(told))
    report = import_path(store, tmp_path / "a.json")
    assert (report.pages, len(report.problems)) == (0, 1)
    assert "a.png is" in str(report.problems[0])


def test_a_gray_page_is_the_same_page(store):
    gray = np.ascontiguousarray(IMAGE[:, :, 0])
    store.save(gray, READING, "gray")
    capture = capture_id(gray)
    found = page("7")
    take(store, dataclasses.replace(found, page=dataclasses.replace(found.page, capture=capture)))
    assert [one.id for one in store.list()] == [capture]


def crop(label: str, seed: int, **origin) -> LabelledCrop:
    pixels = np.random.default_rng(seed).integers(0, 255, (20, 10)).astype(np.uint8)
    return LabelledCrop(pixels, label, Origin(**{"capture": "", "by_person": True, **origin}))


def test_crops_without_a_page_are_known_by_their_content(store):
    twins = [crop("4", 1), crop("4", 1), crop("7", 1), crop("4", 2)]
    assert take(store, *twins).added == 4
    assert store.counts() == {"4": 3, "7": 1}
    report = take(store, *reversed(twins))
    assert (report.added, report.unchanged, report.kept) == (0, 4, 0)
    assert take(store, crop("9", 2)).kept == 1
    assert store.counts() == {"4": 3, "7": 1}


def test_a_prediction_here_gives_way_to_a_persons_label(store):
    take(store, crop("4", 1, by_person=False, predicted="4"))
    report = take(store, crop("7", 1))
    assert (report.relabelled, store.counts()) == (1, {"7": 1})
    assert next(store.crops()).by_person
    take(store, crop("4", 2, by_person=False, predicted="4"))
    assert take(store, crop("4", 2)).unchanged == 1
    assert all(one.by_person for one in store.crops())


def test_many_crops_come_in_portions(store, monkeypatch):
    monkeypatch.setattr(importing, "_AT_ONCE", 3)
    assert take(store, *(crop("4", seed % 5) for seed in range(10))).added == 10
    assert take(store, *(crop("4", seed % 5) for seed in range(10))).unchanged == 10


def test_crops_of_a_page_that_is_here_join_it(store):
    store.save(IMAGE, dataclasses.replace(READING, digits=READING.digits[:2]), "mine.jpg")
    first = crop("9", 1, capture=ID, number=0, box=BOXES[0])
    other = crop("5", 2, capture=ID, number=0, box=BOXES[3])
    outside = crop("3", 3, capture=ID, number=7, box=Box(500, 500, 510, 520))
    assert take(store, first, other).added == 1
    assert labels(store) == ["9", "0", "5"]
    assert np.array_equal(store.read(ID)[0].pixels, READING.digits[0].crop.pixels)
    assert take(store, outside).added == 1
    assert store.counts()["3"] == 1


def test_crops_whose_page_is_not_here_wait_for_it(store):
    ahead = [crop(str(n), n, capture=ID, number=n + 5, box=box) for n, box in enumerate(BOXES)]
    assert take(store, *ahead, crop("8", 9, capture=ID, number=5, box=Box(150, 0, 179, 9))).added == 5
    assert take(store, page("7", "7")).kept == 2
    assert sorted(labels(store)) == ["0", "1", "2", "3", "8"]


def test_the_writer_goes_with_the_page_and_the_crops(store, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.eye(28, dtype=np.uint8)[None] * 255, y=np.array([4]))
    import_path(store, tmp_path / "a.npz", writer="Anna")
    take(store, page("7", writer="Ben"))
    assert sorted(one.group for one in store.crops()) == ["Anna", "Ben"]
    assert sorted(load_dataset(store.root).groups) == ["Anna", "Ben"]


def test_a_check_finds_nothing_wrong_with_what_was_imported(store):
    take(store, page("7", "none", "1", "ü"), crop("4", 1), crop("4", 2), page(boxes=[]))
    assert check(store) == []


@pytest.mark.parametrize("call", ["replace", "fsync", "mkdir"])
def test_whichever_write_fails_nothing_is_half_there(tmp_path, call):
    """The n-th write of an import finds the disk full; importing again does the rest."""
    for n in range(1, 40):
        store = CaptureStore(tmp_path / f"{n}")
        store.save(IMAGE, READING.with_label(0, "9"), "mine.jpg")
        with pytest.MonkeyPatch.context() as patch:
            count = fail_at(patch, call, n)
            with contextlib.suppress(CaptureError):
                import_found(store, [page("7", "7", "7", "7"), crop("4", 1), crop("5", 2)], ImportReport(store.root))
        store.counts()
        assert_all_whole(store.root)
        assert labels(store)[0] == "9"
        take(store, page("7", "7", "7", "7"), crop("4", 1), crop("5", 2))
        assert labels(store) == ["9", "7", "7", "7"]
        assert store.counts() == {"4": 1, "5": 1, "7": 3, "9": 1}
        if count() < n:
            return
    pytest.fail("it never ran through")


def fail_at(patch: pytest.MonkeyPatch, name: str, n: int):
    calls: list[int] = []
    real = getattr(os, name)

    def call(*args, **kwargs):
        calls.append(1)
        if len(calls) == n:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **kwargs)

    patch.setattr(os, name, call)
    return lambda: len(calls)


def test_what_a_killed_import_left_is_thrown_away(store):
    left = store.root / "_pages" / ".import-xyz"
    left.mkdir(parents=True)
    (left / "half.png").write_bytes(b"\x89PNG")
    take(store, crop("4", 1))
    assert not left.exists()
    assert sorted(path.name for path in store.root.iterdir()) == ["4", "_pages"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.builds(Box.from_xywh, *[st.integers(0, 150)] * 2, *[st.integers(1, 30)] * 2), max_size=5))
def test_any_boxes_are_cut_to_their_size(boxes):
    boxes = [box.clipped(180, 60) for box in boxes if box.clipped(180, 60).area]
    assert [one.shape for one in cut_boxes(IMAGE, boxes)] == [(box.height, box.width) for box in boxes]


def test_a_box_holds_its_own_digit_and_not_its_neighbours():
    wide = Box(BOXES[0].x0 - 4, 2, BOXES[1].x0 + 1, 58)
    cut = cut_boxes(IMAGE, [wide])[0]
    assert cut[:, : BOXES[0].width + 4].any()
    assert not cut[:, -1:].any()


def test_a_faint_digit_is_looked_at_closer():
    image = IMAGE.copy()
    image[20:40, 5:9] = 235
    cut = cut_boxes(image, [Box(2, 15, 14, 45)])[0]
    assert cut[5:25, 3:7].all()
    assert not cut[:4].any()


def test_killed_at_random_moments_it_leaves_whole_files_and_is_finished_by_the_next(tmp_path):
    store = CaptureStore(tmp_path / "captures")
    store.save(IMAGE, READING.with_label(0, "9"), "mine.jpg")
    out = tmp_path / "out"
    many = CaptureStore(tmp_path / "many")
    for seed in range(6):
        image, reading = make_page(seed + 50, "40712")
        many.save(image, reading, "theirs.jpg")
    export_store(many, "coco", out, ExportOptions(), [])
    code = f"""
import os, sys
from pathlib import Path
from hdr.data.captures import CaptureStore
from hdr.data.importing import import_path
import hdr.data.cutting, hdr.data.formats.coco, filelock, hdr.vision.media
for line in sys.stdin:
    child = os.fork()
    if not child:
        import_path(CaptureStore(Path({str(store.root)!r})), Path({str(out)!r}))
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""
    chance = np.random.default_rng(0)
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for _ in range(12):
            nursery.stdin.write("start\n")
            nursery.stdin.flush()
            child = int(nursery.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.2))
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            assert nursery.stdout.readline() == "dead\n"
            assert_all_whole(store.root)
            store.counts()
            assert labels(store) == ["9", "0", "7", "1"]
            for one in store.list():
                assert one.page is not None
                assert len(one.crops) == len(store.page(one.id).digits)
        nursery.stdin.close()
    import_path(store, out)
    assert store.counts() == {"0": 7, "1": 7, "2": 6, "4": 6, "7": 7, "9": 1}
