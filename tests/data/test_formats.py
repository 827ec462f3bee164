"""What is exported is read back by readers that share no code with what wrote it."""

from __future__ import annotations

import csv
import errno
import gzip
import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdr.classify.names import CANNOT_TELL, NOT_A_DIGIT
from hdr.data.crops import LabelledCrop, Origin
from hdr.data.formats import FORMATS, class_order, export, idx
from hdr.data.formats.samples import Samples
from hdr.errors import CaptureError
from hdr.vision.normalize import normalize_digit


def make_crop(label: str, number: int, capture: str = "a" * 16, path: Path | None = None) -> LabelledCrop:
    pixels = np.random.default_rng(number).integers(0, 255, (30 + number, 17)).astype(np.uint8)
    return LabelledCrop(pixels, label, Origin(capture, number, source="page.jpg", predicted=label), path)


OF_CROPS = [name for name, one in FORMATS.items() if not one.pages]
CROPS = [make_crop(label, number) for number, label in enumerate("4407")]
FIELDS = np.stack([normalize_digit(crop.pixels) for crop in CROPS])


def read_idx(path: Path) -> np.ndarray:
    """From the format's description: two zeros, type, axes; the length of each; the items."""
    data = gzip.decompress(path.read_bytes())
    assert data[:3] == b"\x00\x00\x08"
    axes = data[3]
    shape = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    items = np.frombuffer(data[4 + 4 * axes :], np.uint8)
    return items.reshape(shape)


def test_npz_loads_without_pickle(tmp_path):
    report = export(CROPS, "npz", tmp_path / "digits.npz")
    with np.load(tmp_path / "digits.npz", allow_pickle=False) as file:
        told = dict(file)
    facts = {"groups", "pages", "numbers", "boxes", "confirmed", "predicted", "confidence"}
    assert set(told) == {"x", "y", "labels", *facts}
    assert told["x"].dtype == told["y"].dtype == np.uint8
    assert np.array_equal(told["x"], FIELDS)
    assert told["y"].tolist() == [4, 4, 0, 7]
    assert told["labels"].tolist() == list("0123456789")
    assert told["groups"].tolist() == ["a" * 16] * 4
    assert (report.total, report.counts["4"], report.counts["9"]) == (4, 2, 0)
    assert str(report) == f"Exported 4 crops to {tmp_path / 'digits.npz'} (npz)."


def test_csv_has_a_header_and_a_row_a_digit(tmp_path):
    export(CROPS, "csv", tmp_path / "digits.csv")
    with (tmp_path / "digits.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    assert head == ["label", *(f"pixel{number}" for number in range(784))]
    assert [row[0] for row in rows] == list("4407")
    assert np.array_equal(np.array([row[1:] for row in rows], np.uint8).reshape(-1, 28, 28), FIELDS)


def test_idx_is_mnists_four_files(tmp_path):
    export(CROPS, "idx", tmp_path / "digits")
    assert sorted(path.name for path in (tmp_path / "digits").iterdir()) == [
        "classes.txt",
        "hdr-export.json",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
    ]
    assert np.array_equal(read_idx(tmp_path / "digits" / "train-images-idx3-ubyte.gz"), FIELDS)
    assert read_idx(tmp_path / "digits" / "train-labels-idx1-ubyte.gz").tolist() == [4, 4, 0, 7]
    assert read_idx(tmp_path / "digits" / "t10k-images-idx3-ubyte.gz").shape == (0, 28, 28)
    assert read_idx(tmp_path / "digits" / "t10k-labels-idx1-ubyte.gz").shape == (0,)


def test_class_folders_hold_every_class_even_without_a_crop(tmp_path):
    export(CROPS, "folder", tmp_path / "digits")
    folders = (tmp_path / "digits" / "classes.txt").read_text(encoding="utf-8").split("\n")
    assert folders == [*"0123456789", ""]
    assert sorted(path.name for path in (tmp_path / "digits").iterdir() if path.is_dir()) == list("0123456789")
    found = {path.relative_to(tmp_path / "digits").as_posix(): path for path in (tmp_path / "digits").rglob("*.png")}
    assert sorted(found) == [
        f"0/{'a' * 16}_02.png",
        f"4/{'a' * 16}_00.png",
        f"4/{'a' * 16}_01.png",
        f"7/{'a' * 16}_03.png",
    ]
    with Image.open(found[f"7/{'a' * 16}_03.png"]) as picture:
        assert np.array_equal(np.asarray(picture), FIELDS[3])
        assert picture.info["hdr:source"] == "page.jpg"
    told = json.loads((tmp_path / "digits" / "hdr-export.json").read_text())
    assert told["labels"] == list("0123456789")
    assert (told["format"], told["size_px"], told["samples"]) == ("folder", 28, 4)


def test_two_files_of_one_name_both_stay(tmp_path):
    twins = [make_crop("4", 0, path=tmp_path / "4" / "x.png"), make_crop("4", 1, path=tmp_path / "^4" / "X.png")]
    export(twins, "folder", tmp_path / "digits")
    assert sorted(path.name for path in (tmp_path / "digits" / "4").iterdir()) == ["X-2.png", "x.png"]


@pytest.mark.parametrize("format_name", OF_CROPS)
def test_every_format_takes_another_size_and_other_labels(tmp_path, format_name):
    crops = [make_crop("cat/dog", 0), make_crop("3", 1), make_crop(NOT_A_DIGIT, 2)]
    report = export(crops, format_name, tmp_path / "out", 16, with_none=True)
    assert report.labels == (*"0123456789", "cat/dog", NOT_A_DIGIT)
    assert (report.total, report.left_out) == (3, 0)
    if format_name == "npz":
        with np.load(tmp_path / "out", allow_pickle=False) as file:
            assert file["x"].shape == (3, 16, 16)
            assert file["y"].tolist() == [10, 3, 11]
    if format_name == "csv":
        assert (tmp_path / "out").read_text().split("\n")[1].startswith("cat/dog,")
    if format_name == "folder":
        assert len(list((tmp_path / "out" / "cat%2Fdog").iterdir())) == 1
        assert len(list((tmp_path / "out" / "_none").iterdir())) == 1
    if format_name == "idx":
        assert (tmp_path / "out" / "classes.txt").read_text().split() == [*"0123456789", "cat%2Fdog", "_none"]


def test_what_is_no_digit_is_left_out_unless_asked_for(tmp_path):
    report = export([*CROPS, make_crop(NOT_A_DIGIT, 9), make_crop(CANNOT_TELL, 10)], "csv", tmp_path / "out.csv")
    assert (report.total, report.left_out) == (4, 2)
    assert not {NOT_A_DIGIT, CANNOT_TELL} & set(report.labels)
    assert "2 that are no digits were left out" in str(report)


def test_the_order_of_classes_is_never_inferred():
    assert class_order(["4"]) == tuple("0123456789")
    assert class_order([NOT_A_DIGIT, "b", "10", "a", "4"]) == (*"0123456789", "10", "a", "b", NOT_A_DIGIT)


@pytest.mark.parametrize("format_name", OF_CROPS)
def test_what_is_there_is_not_replaced_unless_asked_for(tmp_path, format_name):
    export(CROPS, format_name, tmp_path / "out")
    with pytest.raises(CaptureError, match=r"is there already|holds an earlier export") as caught:
        export(CROPS[:1], format_name, tmp_path / "out")
    assert "--force" in caught.value.hint
    assert export(CROPS[:1], format_name, tmp_path / "out", replace=True).total == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("format_name", ["folder", "idx", "huggingface"])
def test_a_folder_that_is_no_export_is_never_replaced(tmp_path, format_name):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(CaptureError, match="is in use and is no earlier export"):
        export(CROPS, format_name, tmp_path, replace=True)
    with pytest.raises(CaptureError, match="is a file"):
        export(CROPS, format_name, tmp_path / "precious.txt", replace=True)
    assert (tmp_path / "precious.txt").read_text() == "mine"


@pytest.mark.parametrize("format_name", ["folder", "idx", "huggingface"])
def test_an_empty_folder_is_filled(tmp_path, format_name):
    (tmp_path / "out").mkdir()
    export(CROPS, format_name, tmp_path / "out")
    assert (tmp_path / "out" / "hdr-export.json").is_file()


@pytest.mark.parametrize("format_name", ["npz", "csv"])
def test_a_folder_is_no_file(tmp_path, format_name):
    with pytest.raises(CaptureError, match="is a folder"):
        export(CROPS, format_name, tmp_path, replace=True)


@pytest.mark.parametrize("format_name", OF_CROPS)
@pytest.mark.parametrize("earlier", [False, True])
def test_whichever_write_fails_there_is_the_old_export_or_none(tmp_path, format_name, earlier):
    n, failures = 0, 0
    while True:
        n += 1
        target = tmp_path / str(n) / "out"
        target.parent.mkdir()
        if earlier:
            export(CROPS[:1], format_name, target)
        before = contents(target.parent)
        with pytest.MonkeyPatch.context() as patch:
            calls, failure = fail_at(patch, n), ""
            try:
                export(CROPS, format_name, target, replace=True)
            except CaptureError as error:
                failure = error.message
        if len(calls) < n:
            break
        if failure:
            failures += 1
            assert "could not be written" in failure
            assert contents(target.parent) == before, calls
    assert failures >= 2


def fail_at(patch: pytest.MonkeyPatch, n: int) -> list[str]:
    """Let the n-th call that writes find the disk full."""
    calls: list[str] = []
    for home, name in ((os, "replace"), (os, "fsync"), (os, "mkdir"), (Path, "write_bytes"), (Path, "write_text")):
        real = getattr(home, name)

        def call(*args, _real=real, _name=name, **kwargs):
            calls.append(_name)
            if len(calls) == n:
                raise OSError(errno.ENOSPC, "No space left on device")
            return _real(*args, **kwargs)

        patch.setattr(home, name, call)
    return calls


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("format_name", "size", "crops", "match"),
    [
        ("tga", 28, CROPS, "no format 'tga'"),
        ("csv", 7, CROPS, "size is 7 px"),
        ("csv", 1025, CROPS, "size is 1025 px"),
        ("csv", 28, [], "nothing to export"),
        ("csv", 28, [make_crop(NOT_A_DIGIT, 1)], "nothing to export"),
    ],
)
def test_what_cannot_be_exported(tmp_path, format_name, size, crops, match):
    with pytest.raises(CaptureError, match=match):
        export(crops, format_name, tmp_path / "out", size)
    assert not list(tmp_path.iterdir())


def test_idx_has_room_for_256_classes(tmp_path):
    labels = tuple(str(number) for number in range(257))
    samples = Samples(FIELDS, np.array([0, 1, 2, 256], np.uint32), labels, (), ())
    with pytest.raises(CaptureError, match="room for 256 classes"):
        idx.write(samples, tmp_path / "out", replace=False)


def test_a_keras_reader_takes_the_folder(tmp_path):
    """As `image_dataset_from_directory` does: the given class names must be exactly the folders that are there."""
    export(CROPS, "folder", tmp_path / "digits")
    names = (tmp_path / "digits" / "classes.txt").read_text().splitlines()
    assert set(names) == {path.name for path in (tmp_path / "digits").iterdir() if path.is_dir()}
