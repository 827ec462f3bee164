"""What is saved is there, once, under the label that counts; and comes back with its origin."""

from __future__ import annotations

import json
import shutil
import struct
import zlib

import numpy as np
import pytest
from capture_pages import files_of, labels_of, make_image, make_reading
from PIL import Image

from hdr.classify.names import NOT_A_DIGIT
from hdr.data.captures import CaptureStore, capture_id
from hdr.errors import CaptureError
from hdr.geometry import Box
from hdr.reading.results import Reading
from hdr.vision.strokes import Stroke

IMAGE = make_image()
ID = capture_id(IMAGE)


@pytest.fixture
def store(tmp_path):
    return CaptureStore(tmp_path / "captures")


def test_crops_lie_in_their_labels_folders_and_the_page_in_its_own(store):
    report = store.save(IMAGE, make_reading("0010", {3: NOT_A_DIGIT}), "page.jpg")
    assert files_of(store.root) == {
        f"{ID}_00.png": "0",
        f"{ID}_01.png": "0",
        f"{ID}_02.png": "1",
        f"{ID}_03.png": "_none",
    }
    assert {path.name for path in (store.root / "_pages").iterdir()} == {".lock", f"{ID}.png", f"{ID}.json"}
    assert (report.capture, report.folder, report.added, report.total) == (ID, store.root, 4, 4)
    assert str(report) == f"Saved 4 crops to {store.root} (4 new)."


REJECTED = ["1", NOT_A_DIGIT, "2", NOT_A_DIGIT]


def test_what_the_model_alone_rejects_is_not_saved(store):
    report = store.save(IMAGE, make_reading(REJECTED, {3: NOT_A_DIGIT}), "form.jpg")
    assert sorted(files_of(store.root).values()) == ["1", "2", "_none"]
    assert report.total == 3
    assert [digit.label for digit in store.page(ID).digits] == ["1", "2", NOT_A_DIGIT]


def test_what_is_taken_back_is_saved_under_its_digit_and_stays_though_rejected_again(store):
    store.save(IMAGE, make_reading(REJECTED))
    assert store.save(IMAGE, make_reading(REJECTED, {1: "7"})).added == 1
    assert store.save(IMAGE, make_reading(REJECTED)).kept == 1
    assert sorted(files_of(store.root).values()) == ["1", "2", "7"]


def test_a_page_of_nothing_but_print_leaves_no_crops(store):
    assert store.save(IMAGE, make_reading([NOT_A_DIGIT] * 4)).total == 0
    assert files_of(store.root) == {}


def test_a_crop_comes_back_with_its_origin(store):
    store.save(IMAGE, make_reading("05", {1: "8"}), "Seite ä.jpg")
    first, second = store.read(ID)
    assert np.array_equal(first.pixels, np.full((20, 10), 100, np.uint8))
    assert (first.label, first.by_person, first.origin.predicted) == ("0", False, "0")
    assert (second.label, second.by_person, second.origin.predicted) == ("8", True, "5")
    assert second.origin.box == Box.from_xywh(23, 8, 10, 20) == second.crop.box
    assert (second.origin.source, second.origin.model, second.capture, second.origin.number) == (
        "Seite ä.jpg",
        "stub",
        ID,
        1,
    )
    assert second.origin.confidence == pytest.approx(0.9)
    assert second.origin.saved.startswith("20")


def test_the_origin_stands_in_the_png_as_text(store):
    store.save(IMAGE, make_reading("7"), "page.jpg")
    with Image.open(store.root / "7" / f"{ID}_00.png") as picture:
        told = {key: value for key, value in picture.info.items() if key.startswith("hdr:")}
    assert told.pop("hdr:saved")
    assert told == {
        "hdr:capture": ID,
        "hdr:number": "0",
        "hdr:box": "[5, 8, 10, 20]",
        "hdr:page": f"_pages/{ID}.png",
        "hdr:writer": "",
        "hdr:source": "page.jpg",
        "hdr:predicted": "7",
        "hdr:confidence": "0.900000",
        "hdr:by_person": "no",
        "hdr:model": "stub",
        "hdr:geometry": "mnist-1",
    }


def test_the_page_comes_back_pixel_for_pixel(store):
    store.save(IMAGE, make_reading("7"))
    with Image.open(store.root / "_pages" / f"{ID}.png") as picture:
        assert np.array_equal(np.asarray(picture), IMAGE)


def test_a_gray_page_is_saved_too(store):
    gray = IMAGE[:, :, 0].copy()
    assert store.save(gray, make_reading("7")).added == 1
    assert store.find(gray) is not None


def test_saving_twice_changes_nothing(store):
    store.save(IMAGE, make_reading("01"), "a.png")
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("[!.]*.*")}
    report = store.save(IMAGE, make_reading("01"), "a.png")
    assert (report.unchanged, report.total) == (2, 2)
    assert "nothing has changed" in str(report)
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("[!.]*.*")} == before


def test_the_same_picture_under_another_name_is_the_same_page(store):
    store.save(IMAGE, make_reading("01"), "a.png")
    store.save(IMAGE.copy(), make_reading("01"), "b.png")
    assert len(files_of(store.root)) == 2


def test_a_relabelled_crop_moves(store):
    store.save(IMAGE, make_reading("01"))
    report = store.save(IMAGE, make_reading("01", {1: "7"}))
    assert labels_of(store.root, IMAGE) == "07"
    assert (report.relabelled, report.unchanged) == (1, 1)
    assert store.read(ID)[1].by_person


def test_a_label_that_is_confirmed_stays_and_is_then_a_persons(store):
    store.save(IMAGE, make_reading("01"))
    report = store.save(IMAGE, make_reading("01", {1: "1"}))
    assert report.unchanged == 2
    assert store.read(ID)[1].origin.by_person


def test_a_digit_that_is_gone_goes(store):
    store.save(IMAGE, make_reading("012"))
    report = store.save(IMAGE, make_reading("01"))
    assert labels_of(store.root, IMAGE) == "01"
    assert report.removed == 1
    assert not (store.root / "_bin").exists()


def test_what_a_person_labelled_goes_to_the_bin_and_not_for_good(store):
    store.save(IMAGE, make_reading("012", {2: "8"}))
    store.save(IMAGE, make_reading("01"))
    assert labels_of(store.root, IMAGE) == "01"
    assert (store.root / "_bin" / "8" / f"{ID}_02.png").is_file()
    assert store.counts() == {"0": 1, "1": 1}


def test_numbers_are_kept_for_good(store):
    store.save(IMAGE, make_reading("012"))
    reading = make_reading("0123")
    less = Reading(reading.size, reading.digits[1:], reading.model)
    store.save(IMAGE, less)
    assert files_of(store.root) == {f"{ID}_01.png": "1", f"{ID}_02.png": "2", f"{ID}_03.png": "3"}
    assert labels_of(store.root, IMAGE) == "123"


def test_a_number_that_was_removed_is_never_given_again(store):
    store.save(IMAGE, make_reading("012"))
    store.save(IMAGE, make_reading("01"))
    store.save(IMAGE, make_reading("018"))
    assert files_of(store.root) == {f"{ID}_00.png": "0", f"{ID}_01.png": "1", f"{ID}_03.png": "8"}


def test_the_bin_keeps_every_crop(store):
    for _ in range(2):
        store.save(IMAGE, make_reading("0", {0: "8"}))
        shutil.rmtree(store.root / "_pages")  # with it goes what tells the numbers that are taken
        store.save(IMAGE, make_reading(""))
        shutil.rmtree(store.root / "_pages")
    assert sorted(path.name for path in (store.root / "_bin" / "8").iterdir()) == [f"{ID}_00-2.png", f"{ID}_00.png"]


def test_a_box_that_moved_a_little_is_the_same_digit(store):
    store.save(IMAGE, make_reading("01", {1: "7"}))
    report = store.save(IMAGE, make_reading("01", shift=2))
    assert labels_of(store.root, IMAGE) == "07"
    assert (report.kept, report.added) == (1, 0)
    assert store.read(ID)[0].origin.box == Box.from_xywh(7, 8, 10, 20)


def test_a_prediction_never_replaces_a_persons_label(store):
    store.save(IMAGE, make_reading("0", {0: "6"}))
    report = store.save(IMAGE, make_reading("9"))
    assert labels_of(store.root, IMAGE) == "6"
    assert report.kept == 1
    assert "1 kept the label that a person gave earlier" in str(report)


def test_a_new_prediction_replaces_an_old_one(store):
    store.save(IMAGE, make_reading("0"))
    assert store.save(IMAGE, make_reading("9")).relabelled == 1
    assert labels_of(store.root, IMAGE) == "9"


def test_a_person_changes_their_mind(store):
    store.save(IMAGE, make_reading("0", {0: "6"}))
    store.save(IMAGE, make_reading("0", {0: "8"}))
    assert labels_of(store.root, IMAGE) == "8"


def move(store, number, old, new):
    (store.root / new).mkdir(exist_ok=True)
    shutil.move(store.root / old / f"{ID}_{number:02d}.png", store.root / new)


def test_the_folder_decides_the_label(store):
    store.save(IMAGE, make_reading("01"))
    move(store, 1, "1", "7")
    crop = store.read(ID)[1]
    assert (crop.label, crop.by_person) == ("7", True)
    assert store.counts() == {"0": 1, "7": 1}
    page = store.page(ID)
    assert [(digit.label, digit.by_person) for digit in page.digits] == [("0", False), ("7", True)]


@pytest.mark.parametrize("corrected", [{}, {1: "1"}])
def test_a_crop_moved_by_hand_stays_when_the_page_is_saved_again(store, corrected):
    store.save(IMAGE, make_reading("01", corrected))
    move(store, 1, "1", "7")
    assert store.save(IMAGE, make_reading("01", corrected)).kept == 1
    assert labels_of(store.root, IMAGE) == "07"
    assert store.read(ID)[1].origin.by_person
    assert store.save(IMAGE, make_reading("01")).kept == 1


def test_a_person_in_the_program_overrules_the_hand_in_the_file_manager(store):
    store.save(IMAGE, make_reading("01"))
    move(store, 1, "1", "7")
    store.save(IMAGE, make_reading("01", {1: "4"}))
    assert labels_of(store.root, IMAGE) == "04"


def test_a_crop_deleted_by_hand_is_written_again(store):
    store.save(IMAGE, make_reading("01"))
    (store.root / "1" / f"{ID}_01.png").unlink()
    assert store.save(IMAGE, make_reading("01")).added == 1
    assert labels_of(store.root, IMAGE) == "01"


def test_a_copy_made_by_hand_becomes_one_again_and_none_is_lost(store):
    store.save(IMAGE, make_reading("01"))
    (store.root / "7").mkdir()
    shutil.copy(store.root / "1" / f"{ID}_01.png", store.root / "7")
    store.save(IMAGE, make_reading("01", {1: "1"}))
    assert labels_of(store.root, IMAGE) == "01"
    assert (store.root / "_bin" / "7" / f"{ID}_01.png").is_file()


@pytest.mark.parametrize("folder", ["7", "0"])
def test_a_copy_put_into_another_folder_says_the_label(store, folder):
    store.save(IMAGE, make_reading("31"))
    (store.root / folder).mkdir()
    shutil.copy(store.root / "1" / f"{ID}_01.png", store.root / folder)
    assert store.page(ID).digits[1].label == folder
    assert store.save(IMAGE, make_reading("31")).kept == 1
    assert labels_of(store.root, IMAGE) == "3" + folder


def test_a_damaged_crop_is_mended_by_the_next_save(store):
    store.save(IMAGE, make_reading("01"))
    (store.root / "1" / f"{ID}_01.png").write_bytes(b"broken")
    store.save(IMAGE, make_reading("01"))
    assert store.read(ID)[1].label == "1"


def test_a_damaged_crop_whose_digit_is_gone_goes_to_the_bin(store):
    store.save(IMAGE, make_reading("01"))
    (store.root / "1" / f"{ID}_01.png").write_bytes(b"broken")
    store.save(IMAGE, make_reading("0"))
    assert labels_of(store.root, IMAGE) == "0"
    assert (store.root / "_bin" / "1" / f"{ID}_01.png").is_file()


def test_without_its_page_a_crop_is_still_known(store):
    store.save(IMAGE, make_reading("01", {1: "7"}))
    shutil.rmtree(store.root / "_pages")
    store.save(IMAGE, make_reading("01"))
    assert labels_of(store.root, IMAGE) == "07"


def test_a_damaged_page_is_written_anew(store):
    store.save(IMAGE, make_reading("01"))
    (store.root / "_pages" / f"{ID}.json").write_text("{")
    with pytest.raises(CaptureError, match="not a page's labelme file"):
        store.page(ID)
    store.save(IMAGE, make_reading("01"))
    assert len(store.page(ID).digits) == 2


def test_labels_of_any_text(store):
    labels = ["../../etc", "A", "a", "_none", "con", "日本"]
    store.save(IMAGE, make_reading("012345", dict(enumerate(labels))))
    assert [crop.label for crop in store.read(ID)] == labels
    assert set(store.counts()) == set(labels)
    assert {path.parent.parent for path in store.root.glob("*/*.png")} == {store.root}


def test_a_label_too_long_for_a_folder_is_refused_before_anything_is_written(store):
    store.save(IMAGE, make_reading("01"))
    with pytest.raises(CaptureError, match="too long"):
        store.save(IMAGE, make_reading("01", {0: "5", 1: "x" * 200}))
    assert labels_of(store.root, IMAGE) == "01"


def test_a_hand_made_folder_of_the_same_label_is_left_as_it_is(store):
    store.save(IMAGE, make_reading("0", {0: "cat"}))
    shutil.move(store.root / "cat", store.root / "Cat")
    assert store.counts() == {"Cat": 1}
    store.save(IMAGE, make_reading("0"))
    assert labels_of(store.root, IMAGE) == "Cat"


def test_pictures_put_there_by_hand_count_and_are_their_own_groups(store, tmp_path):
    (store.root / "3").mkdir(parents=True)
    Image.new("RGB", (5, 7), "white").save(store.root / "3" / "mine.png")
    (store.root / "3" / "notes.txt").write_text("no crop")
    (store.root / "3" / ".hidden.png").write_bytes(b"")
    assert store.counts() == {"3": 1}
    (crop,) = store.crops()
    assert (crop.label, crop.capture, crop.by_person, crop.pixels.shape) == ("3", "mine", True, (7, 5))
    assert crop.crop.box == Box(0, 0, 5, 7)
    assert [capture.id for capture in store.list()] == ["mine"]


def test_nonsense_in_the_text_chunks_is_no_origin(store):
    from PIL import PngImagePlugin

    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("hdr:capture", "x")
    chunks.add_text("hdr:number", "many")
    (store.root / "3").mkdir(parents=True)
    Image.new("L", (5, 7)).save(store.root / "3" / "mine.png", pnginfo=chunks)
    assert next(store.crops()).capture == "mine"


def test_counts_come_in_order_and_without_zeros(store):
    store.save(IMAGE, make_reading("9310", {0: NOT_A_DIGIT, 1: "10"}))
    (store.root / "5").mkdir()
    assert list(store.counts().items()) == [("0", 1), ("1", 1), ("10", 1), ("none", 1)]


def test_no_captures_yet(store):
    assert store.counts() == {}
    assert store.list() == []
    assert list(store.crops()) == []
    assert store.find(IMAGE) is None
    assert not store.root.exists()


def test_the_list_names_files_by_capture(store):
    other = make_image(1)
    store.save(IMAGE, make_reading("01"))
    store.save(other, make_reading("7"))
    captures = {capture.id: capture for capture in store.list()}
    assert set(captures) == {ID, capture_id(other)}
    assert [label for label, _ in captures[ID].crops] == ["0", "1"]
    assert captures[ID].page == store.root / "_pages" / f"{ID}.json"


def test_a_page_without_digits_is_a_page(store):
    report = store.save(IMAGE, make_reading(""))
    assert report.total == 0
    assert store.page(ID).digits == ()
    assert [capture.id for capture in store.list()] == [ID]


def test_what_cannot_be_read_is_collected_or_raised(store):
    store.save(IMAGE, make_reading("01"))
    (store.root / "1" / f"{ID}_01.png").write_bytes((store.root / "0" / f"{ID}_00.png").read_bytes()[:60])
    problems: list[CaptureError] = []
    assert [crop.label for crop in store.crops(problems)] == ["0"]
    assert "cannot be read as a crop" in problems[0].message
    assert problems[0].message.count(f"{ID}_01.png") == 1
    with pytest.raises(CaptureError, match="cannot be read as a crop"):
        list(store.crops())


@pytest.mark.parametrize("side", [12_000, 40_000])
def test_a_crop_of_absurd_size_is_refused_before_it_is_decoded(store, side):
    chunk = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    (store.root / "1").mkdir(parents=True)
    (store.root / "1" / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", 0)
        + b"IDAT"
    )
    with pytest.raises(CaptureError, match=r"no crop of a digit|decompression bomb"):
        list(store.crops())


def test_unknown_captures_and_pages(store):
    with pytest.raises(CaptureError, match="no capture"):
        store.read("nope")
    with pytest.raises(CaptureError, match="no page"):
        store.page("../../etc/passwd")


def test_a_reading_of_another_picture_is_refused(store):
    with pytest.raises(CaptureError, match="not \\(50, 60\\)"):
        store.save(np.zeros((60, 50, 3), np.uint8), make_reading("1"))
    assert not store.root.exists()


def test_strokes_are_kept(store):
    strokes = (Stroke(((1.0, 2.5), (3.0, 4.0)), 9.0), Stroke(((5.0, 5.0),), 20.0, erases=True))
    store.save(IMAGE, make_reading("1"), "pad", strokes)
    assert store.page(ID).strokes == strokes
    assert store.find(IMAGE) == store.page(ID)
    store.save(IMAGE, make_reading("2"), "pad")
    assert store.page(ID).strokes == strokes


def test_what_labelme_changed_counts_and_what_it_added_stays(store):
    store.save(IMAGE, make_reading("01"))
    path = store.root / "_pages" / f"{ID}.json"
    told = json.loads(path.read_text())
    told["shapes"][1]["label"] = "8"
    told["shapes"].append({"label": "word", "points": [[1, 1], [2, 2], [3, 1]], "shape_type": "polygon", "flags": {}})
    told["flags"] = {"checked": True}
    told["note"] = "mine"
    path.write_text(json.dumps(told))
    assert store.save(IMAGE, make_reading("01")).kept == 1
    assert labels_of(store.root, IMAGE) == "08"
    again = json.loads(path.read_text())
    assert (again["note"], again["flags"], again["shapes"][2]["label"]) == ("mine", {"checked": True}, "word")


def test_many_digits_get_three_figures(store, tmp_path):
    image = np.zeros((400, 2000, 3), np.uint8)
    reading = make_reading("7" * 110)
    store.save(image, Reading((2000, 400), reading.digits, "stub"))
    assert f"{capture_id(image)}_109.png" in files_of(store.root)
