"""Wrong labels come first, and no crop is judged by what was learned from it or its page."""

from __future__ import annotations

import numpy as np
import pytest
from capture_pages import make_image, make_reading

from hdr.bench.hand import written_digits
from hdr.bench.mistakes import bench_mistakes, spoil
from hdr.classify.features import shipped_hidden_layer
from hdr.classify.loading import load_classifier
from hdr.data.captures import CaptureStore
from hdr.data.mistakes import find_capture_mistakes, find_mistakes, held_out_logits, judge_seen, see_crops
from hdr.data.moving import relabel
from hdr.data.scanning import load_index
from hdr.geometry import Box
from hdr.reading.results import Digit, Reading
from hdr.vision.normalize import Crop


def clouds(per_class=20, classes=3, seed=0):
    """Points around well separated centres, and their labels."""
    rng = np.random.default_rng(seed)
    labels = np.tile(np.arange(classes), per_class)
    return (rng.normal(0, 1, (len(labels), 4)) + 8 * np.eye(4)[labels]).astype(np.float32), labels


def test_the_wrong_labels_come_first_with_the_right_ones_beside_them():
    features, truth = clouds()
    labels = truth.copy()
    labels[[5, 30]] = (truth[[5, 30]] + 1) % 3
    found = find_mistakes(features, labels, np.arange(len(labels)))
    assert set(found.rows[:2].tolist()) == {5, 30}
    assert found.suggested[:2].tolist() == truth[found.rows[:2]].tolist()
    assert found.wrong == 2
    assert (found.doubt[:2] > 0).all()
    assert (found.doubt[2:] < 0).all()
    assert sorted(found.rows.tolist()) == list(range(len(labels)))


def test_what_is_said_of_a_crop_does_not_hang_on_its_own_label_or_its_pages():
    features, labels = clouds()
    groups = np.arange(len(labels)) // 6
    before = held_out_logits(features, labels, groups)
    other = labels.copy()
    other[groups == 4] = 0
    after = held_out_logits(features, other, groups)
    assert np.array_equal(before[groups == 4], after[groups == 4])
    assert not np.array_equal(before, after)


def test_one_page_alone_is_divided_crop_by_crop():
    features, labels = clouds()
    labels[7] = (labels[7] + 1) % 3
    found = find_mistakes(features, labels, np.zeros(len(labels), np.int64))
    assert found.rows[0] == 7


def test_a_label_that_no_other_page_has_is_neither_contradicted_nor_confirmed():
    features, labels = clouds()
    labels[7] = (labels[7] + 1) % 3
    labels[3] = 3
    found = find_mistakes(features, labels, np.arange(len(labels)))
    assert found.rows[0] == 7
    assert found.doubt[found.rows.tolist().index(3)] == 0
    assert found.doubt[-1] < 0


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_to_say_anything(count):
    found = find_mistakes(np.ones((count, 4), np.float32), np.zeros(count, np.int64), np.arange(count))
    assert (len(found.rows), found.wrong) == (0, 0)


def test_a_captures_folder_is_looked_through_with_the_shipped_model(tmp_path):
    store = CaptureStore(tmp_path / "captures")
    pictures, labels = written_digits(60, np.random.default_rng(1))
    for page in range(6):
        part = range(10 * page, 10 * page + 10)
        reading = make_reading([labels[i] for i in part])
        digits = [
            Digit(Crop(pictures[i], one.crop.box), one.prediction, 0)
            for one, i in zip(reading.digits, part, strict=True)
        ]
        store.save(make_image(page), Reading(reading.size, tuple(digits), "stub"))
    path = next((store.root / "3").glob("*.png"))
    relabel(store, [path], "8")
    path = store.root / "8" / path.name
    (store.root / "8" / "broken.png").write_bytes(b"broken")
    index, told = load_index(store.root), []
    found = find_capture_mistakes(index, progress=lambda done, total: told.append((done, total)))
    assert index.path(int(found.rows[0])) == path
    assert index.labels[found.suggested[0]] == "3"
    assert told == [(61, 61)]
    assert len(found.rows) == 60
    some = find_capture_mistakes(index, found.rows[:30])
    assert set(some.rows.tolist()) <= set(found.rows[:30].tolist())
    assert len(find_capture_mistakes(load_index(tmp_path / "none")).rows) == 0
    seen = see_crops(index)
    relabel(store, [path], "3")
    next((store.root / "0").glob("*.png")).unlink()
    later = load_index(store.root)
    again = judge_seen(later, seen)
    assert len(again.rows) == 59
    assert again.wrong < found.wrong
    mended = store.root / "3" / path.name
    assert [
        doubt < 0 for row, doubt in zip(again.rows, again.doubt, strict=True) if later.path(int(row)) == mended
    ] == [True]


def test_the_hidden_layer_says_more_than_the_answer_and_knows_no_batches():
    layer = shipped_hidden_layer()
    pictures, _ = written_digits(300, np.random.default_rng(2))
    crops = [Crop(one, Box(0, 0, 96, 96)) for one in pictures]
    together = layer(crops)
    assert together.shape[0] == len(crops)
    assert together.shape[1] > 11
    assert np.allclose(together[299], layer(crops[299:])[0], atol=1e-3)
    assert layer([]).shape[0] == 0


def test_spoilt_labels_are_wrong_and_no_others():
    truth = np.arange(200) % 10
    for alike in (False, True):
        labels, wrong = spoil(truth, 3, alike=alike)
        assert np.count_nonzero(wrong) == 6
        assert np.array_equal(labels != truth, wrong)


def test_the_bench_finds_most_of_them_early(tmp_path):
    pictures, labels = written_digits(540, np.random.default_rng(3))
    np.savez(tmp_path / "drawn.npz", x=pictures, y=np.array(labels, np.int64))
    found = {(one.data, one.way): one for one in bench_mistakes({"drawn": tmp_path / "drawn.npz"}, load_classifier())}
    assert {way for _, way in found} == {"ours", "model", "taught", "chance"}
    assert len(found) == 2 * 2 * 4
    for name in {name for name, _ in found}:
        ours, chance = found[name, "ours"].figures(), found[name, "chance"].figures()
        assert ours["found"] >= 0.8 > chance["found"]
        assert ours["to_find_95_percent"] < chance["to_find_95_percent"]
