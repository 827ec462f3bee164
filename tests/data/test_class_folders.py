"""Folders of labelled pictures of anything to two parts, and what will hurt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hdr.classify.card import ModelCard
from hdr.classify.classifier import model_input
from hdr.cli.main import run
from hdr.data.class_folders import load_class_folders, load_for
from hdr.data.dataset import Dataset
from hdr.data.labels import is_writing
from hdr.data.looking import counts_of, warnings_of
from hdr.errors import DatasetError
from hdr.geometry import Box
from hdr.train.look import data_report
from hdr.vision.normalize import PICTURE, Crop, fit_picture


def pictures(root: Path, label: str, count: int, seed: int = 0, size: tuple[int, int] = (12, 9)) -> Path:
    """Write pictures that are all different."""
    (root / label).mkdir(parents=True, exist_ok=True)
    for index in range(count):
        rng = np.random.default_rng([seed, index, *label.encode()])
        Image.fromarray(rng.integers(0, 255, (*size, 3), np.uint8)).save(root / label / f"{seed}-{index}.png")
    return root


def test_any_labels_any_sizes_in_colour(tmp_path: Path) -> None:
    pictures(tmp_path, "rugby ball", 12)
    pictures(tmp_path, "football", 20, size=(400, 800))
    pictures(tmp_path, "_pages", 3)
    data = load_class_folders([tmp_path], 7)
    assert data.learn.names == ("football", "rugby ball")
    assert not data.own
    assert counts_of(data)["football"][0] + counts_of(data)["football"][1] == 20
    assert 4 <= len(data.test) <= 9
    assert data.learn.geometry == data.test.geometry == PICTURE
    assert data.learn.fields(16).shape == (len(data.learn), 16, 16, 3)
    assert max(max(crop.shape) for crop in data.learn.crops) == 320
    again = load_class_folders([tmp_path], 7)
    assert again.test.files == data.test.files


def test_the_datas_own_division_is_kept_and_what_is_in_both_is_told(tmp_path: Path) -> None:
    for part, count in (("Train", 12), ("validation", 5)):
        for label in ("cat", "dog"):
            pictures(tmp_path / part, label, count, seed=len(part))
    same = (tmp_path / "Train" / "cat" / "5-0.png").read_bytes()
    (tmp_path / "validation" / "cat" / "copy.png").write_bytes(same)
    data = load_class_folders([tmp_path], 7)
    assert data.own
    assert (len(data.learn), len(data.test)) == (24, 11)
    assert [Path(one).name for one in data.across] == ["copy.png"]
    assert any("also learned from, such as" in one for one in warnings_of(data))
    assert len(load_for(ModelCard("m", ("cat", "dog"), 16, 3, geometry=PICTURE), tmp_path, [])) == 11


def test_the_same_picture_twice_is_never_divided(tmp_path: Path) -> None:
    pictures(tmp_path, "cat", 15)
    for index in range(15):
        (tmp_path / "dog").mkdir(exist_ok=True)
        (tmp_path / "dog" / f"{index}.png").write_bytes((tmp_path / "cat" / f"0-{index}.png").read_bytes())
    data = load_class_folders([tmp_path], 7)
    assert data.across == ()
    assert len(data.learn) + len(data.test) == 30


def test_pictures_that_two_folders_share_are_told(tmp_path: Path) -> None:
    for root in ("a", "b"):
        for label in ("cat", "dog"):
            pictures(tmp_path / root, label, 12)
    pictures(tmp_path / "b", "cat", 3, seed=1)
    data = load_class_folders([tmp_path / "a", tmp_path / "b", tmp_path / "a"], 7)
    assert len(data.learn) + len(data.test) == 24 + 27  # a folder that is named twice counts once
    learned = {crop.tobytes() for crop in data.learn.crops}
    both = [file for file, crop in zip(data.test.files, data.test.crops, strict=True) if crop.tobytes() in learned]
    assert both
    assert list(data.across) == both


def test_files_that_cannot_be_read_are_listed(tmp_path: Path) -> None:
    pictures(tmp_path, "cat", 12)
    pictures(tmp_path, "dog", 12)
    (tmp_path / "dog" / "torn.jpg").write_bytes(b"no picture")
    (tmp_path / "dog" / "note.txt").write_text("not even named like one")
    data = load_class_folders([tmp_path], 7)
    assert len(data.left_out) == 1
    assert "torn.jpg" in data.left_out[0]
    assert any("1 left out, such as: " in one and "torn.jpg" in one for one in warnings_of(data))


def _digits(path: Path, count: int) -> Path:
    crops = np.zeros((count, 28, 28), np.uint8)
    crops[:, 4:20, 10:14] = 255
    labels = np.arange(count) % 10
    np.savez(path, x_train=crops, y_train=labels, x_test=crops[:5], y_test=labels[:5])
    return path


def test_own_digits_and_mnist_together_are_ink(tmp_path: Path) -> None:
    for label in "17":
        pictures(tmp_path / "mine", label, 10)
    data = load_class_folders([tmp_path / "mine", _digits(tmp_path / "m.npz", 40)], 7)
    assert data.learn.names == tuple("0123456789")
    assert len(data.learn) + len(data.test) == 20 + 40 + 5
    assert data.learn.fields().shape[1:] == (28, 28)
    assert len(set(data.learn.groups)) == len(data.learn)
    assert data.across[0] == "sample 0"  # of MNIST's file, whose digits lie in no file of their own
    assert is_writing(("A", "none"))
    assert not is_writing(("A", "car"))


@pytest.mark.parametrize(("labels", "what"), [([], "no labelled pictures"), (["cat"], "one label only, 'cat'")])
def test_too_few_labels_are_a_sentence(tmp_path: Path, labels: list[str], what: str) -> None:
    for label in labels:
        pictures(tmp_path, label, 2)
    with pytest.raises(DatasetError, match=what):
        load_class_folders([tmp_path], 7)


def test_what_is_not_there_or_not_readable_or_unknown_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no file or folder"):
        load_class_folders([tmp_path / "gone"], 7)
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "torn.png").write_bytes(b"")
    card = ModelCard("m", ("cat", "dog"), 16, 3, geometry=PICTURE)
    with pytest.raises(DatasetError, match=r"No picture of .* can be read\. .*torn\.png is empty"):
        load_for(card, tmp_path, [])
    with pytest.raises(DatasetError, match="no labelled pictures"):
        load_for(card, tmp_path / "cat", [])
    pictures(tmp_path, "cow", 1)
    with pytest.raises(DatasetError, match="no label of this model"):
        load_for(card, tmp_path, [])


def test_ink_and_pictures_do_not_join() -> None:
    ink = Dataset([np.zeros((3, 3), np.uint8)], np.zeros(1, np.int64), np.array(["a"]))
    photo = Dataset(ink.crops, ink.labels, ink.groups, geometry=PICTURE)
    with pytest.raises(DatasetError, match="cannot join"):
        ink.merge(photo)
    with pytest.raises(DatasetError, match="1 crops have 2 files"):
        Dataset(ink.crops, ink.labels, ink.groups, files=("a", "b"))


def test_what_will_hurt_is_said(tmp_path: Path) -> None:
    for label, count in (("many", 150), ("three", 3)):
        pictures(tmp_path / "train", label, count)
    pictures(tmp_path / "train", "once", 1)
    pictures(tmp_path / "test", "many", 5, seed=1)
    pictures(tmp_path / "test", "new", 2, seed=1)
    told = "\n".join(warnings_of(load_class_folders([tmp_path], 7)))
    assert "'three' has 3 pictures" in told
    assert "'once' has one picture" in told
    assert "Nothing to learn 'new' from" in told
    assert "Nothing to test on for once, three" in told
    assert "150 samples and another 1:" in told


def test_of_many_labels_with_few_pictures_some_are_named(tmp_path: Path) -> None:
    for label in "abcdefg":
        pictures(tmp_path / "train", f"label {label}", 1 + (label == "a"))
    pictures(tmp_path / "test", "label a", 1, seed=1)
    told = list(warnings_of(load_class_folders([tmp_path], 7)))
    assert "7 labels have fewer than 10 pictures" in told[0]
    assert "such as label b (1), label c (1)" in told[0]
    assert "label b, label c, label d, label e, label f and 1 more" in told[1]


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3]), st.booleans())
def test_a_picture_keeps_its_shape_and_fills_the_square(height: int, width: int, channels: int, colour: bool) -> None:
    shape = (height, width, 3) if colour else (height, width)
    whole = fit_picture(np.full(shape, 77, np.uint8), 20, channels)
    assert whole.shape == (20, 20, channels)
    assert (whole == 77).all()


def test_models_and_data_place_a_picture_alike() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (30, 50, 3), np.uint8)
    data = Dataset([picture], np.zeros(1, np.int64), np.array(["a"]), ("x", "y"), geometry=PICTURE)
    card = ModelCard("m", ("x", "y"), 24, 3, geometry=PICTURE)
    assert np.array_equal(data.fields(24), model_input([Crop(picture, Box(0, 0, 50, 30))], card))
    assert model_input([], card).shape == (0, 24, 24, 3)


def test_the_command_shows_it_before_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for label in ("cat", "<b>dog"):
        pictures(tmp_path / "data", label, 12)
    (tmp_path / "data" / "cat" / "torn.png").write_bytes(b"")
    page = tmp_path / "look.html"
    assert run(["train", "--data", str(tmp_path / "data"), "--look", str(page)]) == 0
    told = capsys.readouterr()
    assert "cat: " in told.out
    assert "left out:" in told.err
    html = page.read_text(encoding="utf-8")
    assert "<b>dog" not in html
    assert "&lt;b&gt;dog" in html
    assert "What will hurt" in html


def test_of_very_many_labels_the_page_shows_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hdr.train.look._MOST_LABELS", 2)
    for number in range(4):
        pictures(tmp_path, f"label {number}", 2)
    html = data_report(load_class_folders([tmp_path], 7), "many")
    assert html.count('<div class="gallery">') == 2
    assert "and 2 more labels" in html


@pytest.mark.train
def test_a_model_of_pictures_is_trained_and_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for label, colour in (("red", 0), ("blue", 2)):
        (tmp_path / "data" / label).mkdir(parents=True)
        for index in range(20):
            picture = np.random.default_rng([index, colour]).integers(0, 60, (16, 20, 3), np.uint8)
            picture[..., colour] += 150
            Image.fromarray(picture).save(tmp_path / "data" / label / f"{index}.png")
    out = tmp_path / "models"
    typed = ["train", "--arch", "tiny", "--epochs", "1", "--name", "colours", "--out", str(out)]
    assert run([*typed, "--data", str(tmp_path / "data")]) == 0
    report = tmp_path / "r.html"
    data = ["--data", str(tmp_path / "data")]
    assert run(["evaluate", str(out / "colours"), *data, "--report", str(report)]) == 0
    assert "How it learned" in report.read_text(encoding="utf-8")
    card = ModelCard.from_json((out / "colours" / "card.json").read_text())
    assert (card.geometry, card.labels) == (PICTURE, ("blue", "red"))
    assert "--data" in card.made["command"]
    assert "samples of data" in card.trained_on
    assert capsys.readouterr().out
