"""Folders as people have them: each is listed as it is meant, or told in a sentence with its cure."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr.classify.card import ModelCard
from hdr.data.class_folders import load_class_folders, load_for
from hdr.data.label_folders import PICTURE_ENDINGS, advice, list_labels
from hdr.data.load import load_folder
from hdr.errors import DatasetError
from hdr.vision.media import SUFFIXES
from hdr.vision.normalize import PICTURE

HEIC = b"\0\0\0\x18ftypheic" + bytes(50)


def put(*files: Path) -> None:
    """Write small pictures, all different."""
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng([*os.fsencode(file)])
        Image.fromarray(rng.integers(0, 256, (9, 12, 3), np.uint8)).save(file)


def put_many(folder: Path, count: int = 4) -> None:
    put(*(folder / f"{number}.png" for number in range(count)))


def listed(root: Path) -> list[tuple[str, list[str]]]:
    return [(one.label, [file.name for file in one.files]) for one in list_labels(root).labelled]


def why(root: Path) -> str:
    with pytest.raises(DatasetError) as error:
        load_class_folders([root], 7)
    return str(error.value).replace(str(root), "ROOT")


def test_what_is_listed_is_what_can_be_read_and_two_that_are_told() -> None:
    assert SUFFIXES | {".heic", ".heif"} == PICTURE_ENDINGS


def test_names_of_all_kinds_and_files_of_other_kinds(tmp_path: Path) -> None:
    accent = unicodedata.normalize("NFD", "é")
    put(tmp_path / "cup & saucer" / "ünï cødé 数.JPG", tmp_path / accent / "a.Jpeg", tmp_path / "数字" / "b.PNG")
    for name in ("Thumbs.db", ".DS_Store", "desktop.ini", "._a.jpg", "notes.txt"):
        (tmp_path / "数字" / name).write_bytes(b"x")
    put_many(tmp_path / ".hidden")
    assert listed(tmp_path) == [("cup & saucer", ["ünï cødé 数.JPG"]), ("é", ["a.Jpeg"]), ("数字", ["b.PNG"])]
    assert list_labels(tmp_path).aside == ()


def test_some_of_all_are_chosen_by_a_seed(tmp_path: Path) -> None:
    for label, count in (("cat", 20), ("dog", 30), ("cow", 1)):
        put_many(tmp_path / label, count)
    whole = list_labels(tmp_path)
    some = whole.some(25, 1)
    assert some.count() == 25
    assert some == whole.some(25, 1) != whole.some(25, 2)
    assert {file for one in some.every for file in one.files} < {file for one in whole.every for file in one.files}
    assert whole.some(99, 1) == whole
    card = ModelCard("m", ("cat", "cow", "dog"), 16, 3, geometry=PICTURE)
    assert len(load_for(card, tmp_path, [], most=7)) == 7


def test_links_are_followed_and_one_to_itself_ends(tmp_path: Path) -> None:
    put_many(tmp_path / "elsewhere" / "x", 1)
    put_many(tmp_path / "root" / "cat", 1)
    (tmp_path / "root" / "dog").symlink_to(tmp_path / "elsewhere" / "x")
    (tmp_path / "root" / "loop").symlink_to(tmp_path / "root")
    (tmp_path / "root" / "cat" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    assert listed(tmp_path / "root") == [("cat", ["0.png", "gone.png"]), ("dog", ["0.png"])]


def test_what_looks_as_if_it_was_meant_to_be_learned_is_told(tmp_path: Path) -> None:
    for name in ("cat", "cat/more", "dog", "_birds", "none", "_pages"):
        put_many(tmp_path / name)
    put(tmp_path / "loose.png")
    told = list_labels(tmp_path).aside
    assert [sentence.replace(str(tmp_path), "ROOT") for sentence in told] == [
        "1 picture lies in ROOT itself, without a label. A picture's label is the name of its folder.",
        "ROOT/_birds begins with _, as hdr's own folders do. Rename it to have it learned.",
        "ROOT/cat/more lies inside the folder of a label. Move its pictures up into ROOT/cat.",
        "ROOT/none stands for what has no label. Rename it, such as to other, to have it learned as one.",
    ]
    divided = load_class_folders([tmp_path], 7)
    assert divided.left_out == told
    assert divided.learn.names == ("cat", "dog")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (["PetImages/Cat", "PetImages/Dog"], "Labels lie deeper: give ROOT/PetImages."),
        (["a/b/c/Cat", "a/b/c/Dog"], "Labels lie deeper: give ROOT/a/b/c."),
        (["train/cat", "train/dog"], "Labels lie deeper: give ROOT/train."),
        (["cat/x", "dog/y"], "move those of ROOT/cat/x up into ROOT/cat, and the others likewise"),
        (["."], "give the folder above, or put those of each label into one of their own, such as ROOT/cat."),
        (["cat"], "one label only, 'cat'. Give a folder with a sub-folder a label"),
        ([], "no labelled pictures. Give a folder with a sub-folder a label"),
        (["train/cat", "train/dog", "test"], "test holds no labelled pictures. Give ROOT/train: a part of it is held"),
        (["train", "test/cat", "test/dog"], "train holds no labelled pictures. Give ROOT/test: a part of it is held"),
    ],
)
def test_folders_that_lie_otherwise_are_told_how_to_give_them(files: Sequence[str], says: str, tmp_path: Path) -> None:
    for one in files:
        put_many(tmp_path / one)
    assert says in why(tmp_path)


def test_a_part_too_many_is_told(tmp_path: Path) -> None:
    for part in ("Training", "TESTING", "val"):
        for label in ("cat", "dog"):
            put_many(tmp_path / part / label, 3)
    divided = load_class_folders([tmp_path], 7)
    assert divided.own
    assert [sentence.replace(str(tmp_path), "ROOT") for sentence in divided.left_out] == [
        "ROOT/val has no part beside Training and TESTING: what choices are made by is drawn from what is learned from."
    ]


def test_photos_that_cannot_be_read_are_told_with_their_cure(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "a.HEIC").write_bytes(HEIC)
    assert why(tmp_path).endswith("HEIC photo, which cannot be read. Share or export it as JPEG, and open that.")
    put_many(tmp_path / "cat")
    put_many(tmp_path / "dog")
    told = load_class_folders([tmp_path], 7).left_out
    assert len(told) == 2
    assert all("Share or export it as JPEG" in sentence for sentence in told)


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names are text there")
def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    put_many(tmp_path / "dog")
    put_many(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    assert why(tmp_path).endswith("'dog'. The name of ROOT/caf\\xe9 is no text. Rename it to have it learned.")


def test_a_folder_that_may_not_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "pictures"
    for label in ("cat", "cow", "dog"):
        put_many(root / label)
    scandir = os.scandir

    def closed(path: Path) -> object:
        if path == shut:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("hdr.data.label_folders.os.scandir", closed)
    shut = root / "cow"
    divided = load_class_folders([root], 7)
    assert divided.left_out == (f"{shut} cannot be opened (Permission denied). Check that you may read it.",)
    assert divided.learn.names == ("cat", "dog")
    left_out: list[str] = []
    for label in ("1", "7"):
        put_many(tmp_path / "digits" / label)
    shut = tmp_path / "digits" / "7"
    assert len(load_folder(tmp_path / "digits", left_out=left_out)) == 4
    assert left_out == [f"{shut} cannot be opened (Permission denied). Check that you may read it."]
    with pytest.raises(DatasetError, match="cannot be opened"):
        load_folder(tmp_path / "digits")
    shut = root
    with pytest.raises(DatasetError, match="cannot be opened"):
        list_labels(root)
    assert advice(root).startswith("Give a folder with a sub-folder")
    shut = root / "cat"
    assert advice(tmp_path).startswith("Labels lie deeper")


def test_odd_files_among_good_ones(tmp_path: Path) -> None:
    put_many(tmp_path / "cat", 12)
    put_many(tmp_path / "dog", 12)
    pixels = np.random.default_rng(1).integers(0, 256, (30, 40, 4), np.uint8)
    Image.fromarray(pixels, "CMYK").save(tmp_path / "cat" / "cmyk.jpg")
    frames = [Image.fromarray(pixels[..., channel]) for channel in range(3)]
    frames[0].save(tmp_path / "cat" / "moving.gif", save_all=True, append_images=frames[1:])
    Image.new("1", (12_000, 12_000)).save(tmp_path / "cat" / "huge.png")
    Image.new("1", (6_000, 6_000)).save(tmp_path / "cat" / "large.png")
    (tmp_path / "dog" / "torn.png").write_bytes((tmp_path / "dog" / "1.png").read_bytes()[:60])
    (tmp_path / "dog" / "empty.webp").write_bytes(b"")
    divided = load_class_folders([tmp_path], 7)
    assert len(divided.learn) + len(divided.test) == 24 + 3
    assert {Path(sentence.split(" ")[0]).name for sentence in divided.left_out} == {
        "huge.png",
        "torn.png",
        "empty.webp",
    }
