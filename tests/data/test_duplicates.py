"""The same picture twice, and one view several times; what merely looks alike is neither."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from capture_pages import make_image

from hdr.bench.hand import written_digits
from hdr.classify.classifier import StubClassifier
from hdr.data import duplicates
from hdr.data.captures import CaptureStore, capture_id
from hdr.data.duplicates import find_duplicates
from hdr.data.moving import relabel
from hdr.data.scanning import load_index
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.vision.normalize import Crop

PICTURES, LABELS = written_digits(40, np.random.default_rng(5))


@pytest.fixture
def store(tmp_path):
    return CaptureStore(tmp_path / "captures")


def save(store, seed, digits, source="page.jpg", shift=0, noise=0):
    """Save a page of 640 x 480 with some of the pictures, each at a place that its number tells."""
    rng = np.random.default_rng(seed)
    image = np.concatenate([make_image(seed)] * 4)[:160, :120].repeat(4, axis=0)[:480].repeat(6, axis=1)[:, :640]
    crops = []
    for place, digit in enumerate(digits):
        pixels = PICTURES[digit].astype(np.int64) + rng.integers(0, noise + 1, PICTURES[digit].shape)
        box = Box.from_xywh(10 + 150 * (place % 4) + shift, 10 + 110 * (place // 4) + shift, 96, 96)
        crops.append(Crop(np.clip(pixels, 0, 255).astype(np.uint8), box))
    predictions = StubClassifier([LABELS[digit] for digit in digits]).classify(crops)
    found = tuple(Digit(crop, one, 0) for crop, one in zip(crops, predictions, strict=True))
    store.save(image, Reading((640, 480), found, "stub"), source)
    return capture_id(image)


def test_the_same_picture_is_found_under_any_name_and_label(store):
    capture = save(store, 1, [3, 4, 5])
    path = store.root / LABELS[3] / f"{capture}_00.png"
    (store.root / "x").mkdir()
    shutil.copy(path, store.root / "x" / "copy.png")
    index = load_index(store.root)
    found = find_duplicates(index)
    (group,) = found.exact
    assert {index.path(row) for row in group} == {path, store.root / "x" / "copy.png"}
    assert (found.near, found.bursts) == ((), ())


def test_one_view_of_a_camera_is_one_burst_and_its_crops_are_told_place_by_place(store):
    ids = [save(store, seed, range(8), "camera 0", shift=seed, noise=20) for seed in (1, 2, 3)]
    other = save(store, 9, range(20, 28), "camera 0", noise=20)  # the same places, other digits: a form
    path = next(store.root.glob(f"*/{ids[1]}_02.png"))
    relabel(store, [path], "x")
    index = load_index(store.root)
    found = find_duplicates(index)
    assert [sorted(burst) for burst in found.bursts] == [sorted(ids)]
    assert set(found.burst_of.values()) == {found.bursts[0][0]}
    assert other not in found.burst_of
    assert sorted(len(group) for group in found.near) == [3] * 8
    assert all(len(set(index.rows["number"][group].tolist())) == 1 for group in found.near)
    assert path.name in {index.name(row) for group in found.near for row in group}, "whatever its label"


def test_live_bursts_of_one_view_stay_together_though_they_have_no_page(store):
    ids = [save(store, seed, range(8), "camera 0", shift=seed, noise=20) for seed in (1, 2)]
    other = save(store, 9, range(20, 28), "camera 0", noise=20)
    shutil.rmtree(store.root / "_pages")
    found = find_duplicates(load_index(store.root))
    assert [sorted(burst) for burst in found.bursts] == [sorted(ids)]
    assert other not in found.burst_of


def test_single_digits_make_a_burst_only_of_one_camera_at_one_time(store):
    save(store, 1, [3], "pad")
    save(store, 2, [3], "pad", noise=20)
    save(store, 3, [3], "a.jpg", noise=20)
    assert find_duplicates(load_index(store.root)).bursts == ()
    pair = [save(store, seed, [7], "camera 0", noise=20) for seed in (4, 5)]
    assert [sorted(burst) for burst in find_duplicates(load_index(store.root)).bursts] == [sorted(pair)]


def test_a_page_that_cannot_be_read_and_a_broken_crop_are_passed_over(store):
    capture = save(store, 1, [3, 4, 5])
    (store.root / "_pages" / f"{capture}.json").write_text("{")
    next(store.root.glob(f"*/{capture}_01.png")).write_bytes(b"broken")
    found = find_duplicates(load_index(store.root))
    assert (found.exact, found.near, found.bursts) == ((), (), ())


def test_an_empty_folder(tmp_path):
    found = find_duplicates(load_index(tmp_path / "none"))
    assert (found.exact, found.near, found.bursts) == ((), (), ())


def test_progress_is_told(store, monkeypatch):
    for seed in range(26):
        save(store, seed, range(10))
    told = []
    find_duplicates(load_index(store.root), lambda done, total: told.append((done, total)))
    assert told == [(256, 260)]


def test_many_equal_pages_are_one_set_and_different_ones_none():
    rng = np.random.default_rng(1)
    hashes = rng.normal(size=(300, 255)).astype(np.float32)
    hashes[100:200] = hashes[0] + 0.1 * rng.normal(size=(100, 255))
    hashes /= np.linalg.norm(hashes, axis=1, keepdims=True)
    sets = duplicates._Union(300)
    for some, others in duplicates._candidates(hashes):
        a, b = sets.apart(some, others)
        alike = (hashes[a] * hashes[b]).sum(axis=1) > 0.9
        sets.join(a[alike], b[alike])
    assert sets.groups() == [[0, *range(100, 200)]]
