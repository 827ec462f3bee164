"""The index tells what the folder holds, however it came about, and does not believe a cache that cannot be true."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import shutil
import zlib
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from capture_pages import make_image, make_reading
from PIL import Image, PngImagePlugin

from hdr.classify.classifier import StubClassifier
from hdr.data import judging, png_text, scanning
from hdr.data.captures import CaptureStore, capture_id
from hdr.data.crops import Origin, encode_crop, read_crop, read_origin
from hdr.data.index import ROW, CaptureIndex
from hdr.data.judging import judge
from hdr.data.moving import relabel
from hdr.data.png_text import read_texts
from hdr.data.scanning import load_index
from hdr.data.selecting import ORDERS, Filter, order, select
from hdr.errors import CaptureError
from hdr.geometry import Box

IMAGE, OTHER = make_image(), make_image(1)
ID, OTHER_ID = capture_id(IMAGE), capture_id(OTHER)


@pytest.fixture
def store(tmp_path):
    """Two pages of six digits, one of them mended, and a file of somebody else's."""
    store = CaptureStore(tmp_path / "captures")
    store.save(IMAGE, make_reading("012345", {5: "9"}), "page.jpg")
    store.save(OTHER, make_reading("012345"), "camera 0")
    shutil.copy(next((store.root / "3").glob("*.png")), store.root / "4" / "Mine.png")
    return store


def settle(store):
    """Long ago, so that the folders' times can be believed."""
    for folder in store.root.iterdir():
        if folder.is_dir():
            os.utime(folder, (10**9, 10**9))


def names(index, rows):
    return [index.name(int(row)) for row in rows]


def as_told(index):
    return [
        (one.path, one.label, one.predicted, one.confirmed, one.source, one.box)
        for one in map(index.row, range(len(index)))
    ]


def test_a_row_tells_what_its_file_tells(store):
    index = load_index(store.root)
    assert len(index) == 13
    for row in range(len(index)):
        one, crop = index.row(row), read_crop(index.path(row), index.labels[index.label[row]])
        assert (one.path, one.label, one.box) == (crop.path, crop.label, crop.origin.box)
        assert (one.predicted, one.source, one.model) == (crop.origin.predicted, crop.origin.source, "stub")
        assert one.confidence == pytest.approx(crop.origin.confidence)
        assert one.confirmed == crop.by_person
        assert one.saved == datetime.fromisoformat(crop.origin.saved)
        assert one.readable
        assert np.array_equal(index.crop(row).pixels, crop.pixels)
    assert index.counts() == {"0": 2, "1": 2, "2": 2, "3": 2, "4": 3, "5": 1, "9": 1}
    assert index.counts(np.arange(3)) == {"0": 2, "1": 1, "2": 0, "3": 0, "4": 0, "5": 0, "9": 0}
    assert index.capture(int(select(index, Filter(text="mine.png"))[0])) == "Mine"
    assert index.page(ID).is_file()
    assert [
        index.row(int(row)).number for row in index.find([index.path(3), index.path(1), store.root / "no.png"])
    ] == [
        index.row(3).number,
        index.row(1).number,
    ]


def test_pages_are_groups_and_writers_are_and_a_strange_file_is_its_own(store):
    index = load_index(store.root)
    groups = index.groups()
    by_name = {index.capture(row): int(groups[row]) for row in range(len(index))}
    assert len(set(groups.tolist())) == len(set(by_name.values())) == 3
    together = index.groups({ID: ID, OTHER_ID: ID})
    assert len(set(together.tolist())) == 2
    for capture in (ID, OTHER_ID):
        path = next(store.root.glob(f"*/{capture}_00.png"))
        crop = read_crop(path, "0")
        path.write_bytes(encode_crop(crop.pixels, dataclasses.replace(crop.origin, writer="Ada")))
    index = load_index(store.root)
    first = index.find(list(store.root.glob("0/*.png")))
    assert len(set(index.groups()[first].tolist())) == 1


def test_what_has_not_changed_is_not_opened_again(store, monkeypatch):
    settle(store)
    before = as_told(load_index(store.root))
    opened = []
    real = scanning.read_origin
    monkeypatch.setattr(scanning, "read_origin", lambda path: opened.append(path) or real(path))
    monkeypatch.setattr(scanning, "_files", lambda folder: pytest.fail(f"{folder} was listed"))
    assert as_told(load_index(store.root)) == before
    assert opened == []


def test_only_what_is_new_is_opened_and_what_moved_is_known(store, monkeypatch):
    settle(store)
    load_index(store.root)
    opened = []
    real = scanning.read_origin
    monkeypatch.setattr(scanning, "read_origin", lambda path: opened.append(path.name) or real(path))
    (store.root / "7").mkdir()
    moved = next((store.root / "0").glob("*.png"))
    moved.rename(store.root / "7" / moved.name)
    shutil.copy(next((store.root / "1").glob("*.png")), store.root / "1" / "new.png")
    index = load_index(store.root)
    assert opened == ["new.png"]
    assert index.row(int(index.find([store.root / "7" / moved.name])[0])).confirmed
    assert index.counts()["7"] == 1


def test_a_folder_that_has_only_just_changed_is_looked_at_again(store):
    load_index(store.root)
    when = (store.root / "0").stat().st_mtime_ns
    next((store.root / "0").glob("*.png")).unlink()
    os.utime(store.root / "0", ns=(when, when))  # the same time, as a coarse clock would tell
    assert load_index(store.root).counts()["0"] == 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"x" * 1000])
def test_a_damaged_cache_is_made_anew(store, content):
    before = as_told(load_index(store.root))
    (store.root / scanning.CACHE).write_bytes(content)
    assert as_told(load_index(store.root)) == before


def forge(store, **changes):
    """A cache that somebody made by hand, with other rows or another head, believed as far as its times go."""
    settle(store)
    index = load_index(store.root)
    rows = index.rows.copy()
    told = {
        "version": 1,
        "folders": list(index.folders),
        "texts": list(index.texts),
        "times": {name: (store.root / name).stat().st_mtime_ns for name in index.folders},
    }
    for key, value in changes.items():
        if key in rows.dtype.names:
            rows[key][0] = value
        else:
            told[key] = value
    text = np.frombuffer(json.dumps(told).encode(), np.uint8)
    np.savez(store.root / scanning.CACHE, rows=rows.view(np.uint8), told=text)


@pytest.mark.parametrize(
    "changes",
    [
        {"predicted": 10**6},
        {"source": -1},
        {"folder": 99},
        {"name": 10**6},
        {"confidence": float("nan")},
        {"number": -5},
        {"saved": 1 << 62},
        {"version": 2},
        {"texts": ["", 3]},
        {"texts": ["../../escape.png"]},
        {"folders": []},
        {"times": {"0": "soon"}},
        {"times": []},
    ],
)
def test_a_cache_that_cannot_be_true_is_not_believed(store, changes):
    before = as_told(load_index(store.root))
    forge(store, **changes)
    assert as_told(load_index(store.root)) == before


def test_a_name_that_climbs_out_is_not_believed(store):
    settle(store)
    index = load_index(store.root)
    before = as_told(index)
    forge(store, name=1, texts=["", "../../secret.png", *index.texts[2:]])
    assert as_told(load_index(store.root)) == before


def test_a_cache_larger_than_any_is_not_opened(store, monkeypatch):
    before = as_told(load_index(store.root))
    monkeypatch.setattr(scanning, "_LARGEST_BYTES", 1)
    assert as_told(load_index(store.root)) == before


def test_where_the_cache_cannot_be_written_the_index_is_there_all_the_same(store, monkeypatch):
    monkeypatch.setattr(scanning, "write_atomically", lambda *_: (_ for _ in ()).throw(OSError(30, "Read-only")))
    assert len(load_index(store.root)) == 13
    assert not (store.root / scanning.CACHE).exists()


def test_no_captures_and_files_that_are_no_pictures(store, tmp_path):
    assert len(load_index(tmp_path / "none")) == 0
    assert load_index(tmp_path / "none").counts() == {}
    (store.root / "0" / "broken.png").write_bytes(b"broken")
    (store.root / "0" / ".hidden.png").write_bytes(b"broken")
    index = load_index(store.root)
    (row,) = select(index, Filter(text="broken"))
    assert (index.row(int(row)).readable, index.row(int(row)).box) == (False, None)
    with pytest.raises(CaptureError, match="cannot be read as a crop"):
        index.crop(int(row))


def test_a_folder_or_a_file_that_vanishes_meanwhile_is_passed_over(store, monkeypatch):
    real = scanning.staging.label_folders
    gone = [("x", store.root / "x")]
    monkeypatch.setattr(scanning.staging, "label_folders", lambda root: [*real(root), *gone])
    assert len(load_index(store.root)) == 13
    shutil.rmtree(store.root / "0")
    monkeypatch.setattr(scanning, "_times", lambda root: {"0": 1, "1": 1})
    assert load_index(store.root).counts() == {"0": 0, "1": 2}


def test_progress_is_told_and_stops_the_look(store):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_index(store.root, stop)


def test_filters(store):
    index = load_index(store.root)
    today = datetime.now().astimezone().date()

    def count(**wanted):
        return len(select(index, Filter(**wanted)))

    assert count() == 13
    assert count(labels=("4", "9")) == 4
    assert count(labels=("x",)) == 0
    assert count(confidence=(0.89, 0.91)) == 13
    assert count(confidence=(0.0, 0.5)) == 0
    assert (count(disagrees=True), count(disagrees=False)) == (2, 11)
    assert (count(confirmed=True), count(confirmed=False)) == (2, 11)
    assert count(since=today, until=today) == 13
    assert count(since=today + timedelta(days=1)) == count(until=date(2020, 1, 1)) == 0
    assert (count(capture=ID), count(capture="Mine"), count(capture="0" * 16)) == (6, 1, 0)
    assert (count(source="camera 0"), count(source="camera")) == (6, 0)
    assert (count(text="CAMERA"), count(text="camera 9"), count(text=ID[:6]), count(text="")) == (6, 0, 6, 13)
    assert count(text="4") == 3
    assert count(labels=("4",), confirmed=True, text="mine") == 1


def test_orders(store):
    path = next((store.root / "2").glob(f"{ID}*.png"))
    crop = read_crop(path, "2")
    origin = dataclasses.replace(crop.origin, confidence=0.1, saved="2020-01-01T00:00:00+00:00")
    path.write_bytes(encode_crop(crop.pixels, origin))
    index = load_index(store.root)
    rows = select(index, Filter())
    assert set(ORDERS) == {"label", "unsure", "sure", "newest", "oldest", "page"}
    assert all(sorted(order(index, rows, by)) == rows.tolist() for by in ORDERS)
    assert order(index, rows).tolist() == rows.tolist()
    assert names(index, order(index, rows, "unsure"))[0] == path.name
    assert names(index, order(index, rows, "sure"))[-1] == path.name
    assert names(index, order(index, rows, "oldest"))[0] == path.name
    assert names(index, order(index, rows, "newest"))[-1] == path.name
    sources = [index.row(int(row)).source for row in order(index, rows, "page")]
    assert len([1 for a, b in itertools.pairwise(sources) if a != b]) == 1


def test_another_models_opinion(store):
    index, told = load_index(store.root), []
    classifier = StubClassifier(["7"], 0.6, StubClassifier().card)
    judged = judge(index, classifier, lambda done, total: told.append((done, total)))
    assert told == [(13, 13)]
    assert len(select(judged, Filter(disagrees=True))) == 13
    assert len(select(judged, Filter(confidence=(0.5, 0.7)))) == 13
    assert np.array_equal(judged.confirmed, index.confirmed)
    assert (judged.row(0).predicted, judged.row(0).model) == ("7", "stub")
    assert judged.row(0).confidence == pytest.approx(0.6)
    again = StubClassifier(["7"], 0.6)
    judge(load_index(store.root), again)
    assert again.calls == [], "it has said so before"
    relabel(store, [next((store.root / "3").glob("*.png"))], "7")
    moved = judge(load_index(store.root), again)
    assert again.calls == [1], "its file was written anew"
    assert len(select(moved, Filter(disagrees=False))) == 1
    (store.root / "0" / "broken.png").write_bytes(b"broken")
    assert len(judge(load_index(store.root), again)) == 14


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", None])
def test_an_opinion_that_cannot_be_true_is_asked_for_again(store, content, monkeypatch):
    judge(load_index(store.root), StubClassifier(["7"]))
    if content is None:
        monkeypatch.setattr(judging, "_LARGEST_BYTES", 1)
    else:
        (store.root / judging.CACHE).write_bytes(content)
    classifier = StubClassifier(["7"])
    judge(load_index(store.root), classifier)
    assert classifier.calls == [13]


def test_an_opinion_with_numbers_of_no_label_is_asked_for_again(store):
    judge(load_index(store.root), StubClassifier(["7"]))
    with np.load(store.root / judging.CACHE) as kept:
        told, answers = kept["told"], np.frombuffer(kept["answers"].tobytes(), judging._TOLD).copy()
    answers["told"][0] = 99
    np.savez(store.root / judging.CACHE, told=told, answers=answers.view(np.uint8))
    classifier = StubClassifier(["7"])
    judge(load_index(store.root), classifier)
    assert classifier.calls == [13]
    other = StubClassifier(["7"], card=dataclasses.replace(StubClassifier().card, name="another"))
    judge(load_index(store.root), other)
    assert other.calls == [13]


@pytest.mark.parametrize(
    "told",
    [
        {"confidence": float("nan")},
        {"confidence": 7.0},
        {"saved": "0001-01-01T00:00:00"},
        {"saved": "9999-12-31T23:59:59+00:00"},
        {"saved": "yesterday"},
        {"box": Box(0, 0, 1 << 40, 5)},
    ],
)
def test_what_a_file_of_somebody_else_says_that_cannot_be(tmp_path, told):
    path = tmp_path / "7" / f"{'0' * 16}_03.png"
    path.parent.mkdir()
    path.write_bytes(encode_crop(np.zeros((4, 4), np.uint8), dataclasses.replace(ORIGIN, **told)))
    for _ in range(2):
        index = load_index(tmp_path)
        one = index.row(0)
        assert one.confidence in (0.0, 0.5)
        assert one.saved.year >= 2026
        assert one.box in (None, ORIGIN.box)
        settle(CaptureStore(tmp_path))


ORIGIN = Origin("0" * 16, 3, Box(1, 2, 3, 4), "手書き.jpg", "7", 0.5, True, "stub", "2026-01-01T00:00:00+00:00", "Ada")


def test_the_quick_look_tells_what_pillow_tells(tmp_path):
    path = tmp_path / f"{'0' * 16}_03.png"
    path.write_bytes(encode_crop(np.zeros((4, 4), np.uint8), ORIGIN))
    texts = read_texts(path)
    with Image.open(path) as picture:
        assert texts == {key: str(told) for key, told in picture.info.items()}
    assert read_origin(path) == ORIGIN == read_crop(path, "7").origin


def test_files_that_are_not_as_plain_are_left_to_pillow(tmp_path):
    path = tmp_path / f"{'0' * 16}_03.png"
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("hdr:capture", "0" * 16, zip=True)
    Image.new("L", (4, 4)).save(path, "PNG", pnginfo=chunks)
    assert read_texts(path) is None
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("hdr:source", "手", zip=True)
    Image.new("L", (4, 4)).save(path, "PNG", pnginfo=chunks)
    assert read_texts(path) is None
    assert read_origin(path).capture == "0" * 16
    Image.new("L", (4, 4)).save(path, "GIF")
    assert read_texts(path) is None
    assert read_origin(path).number == 3


def chunk(kind, body):
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        chunk(b"tEXt", b"no zero"),
        chunk(b"iTXt", b"key\0\0\0\0\0\xff"),
        chunk(b"tEXt", b"a\0b")[:-1] + b"x",
        b"\0\0",
    ],
)
def test_what_was_not_written_rightly_is_left_to_pillow(tmp_path, body):
    (tmp_path / "a.png").write_bytes(png_text._SIGNATURE + body)
    assert read_texts(tmp_path / "a.png") is None
    with pytest.raises(CaptureError):
        read_origin(tmp_path / "a.png")


def test_an_index_of_a_hundred_thousand_is_small():
    rows = np.zeros(100_000, ROW)
    rows["folder"] = np.arange(len(rows)) % 10
    rows["capture"], rows["name"] = np.arange(len(rows)) // 50, -1
    assert rows.nbytes < 10_000_000
    index = CaptureIndex(scanning.Path("captures"), tuple("0123456789"), ("", "page.jpg"), rows)
    assert sum(index.counts().values()) == len(index)
    found = order(index, select(index, Filter(labels=("3",), confirmed=True, text="0000")), "newest")
    assert len(found) == 10_000
