"""Pictures that several threads decode: the same as one after another, in order, and never far ahead of their use."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hdr.classify.card import ModelCard
from hdr.data import photographs
from hdr.data.class_folders import load_class_folders, load_for
from hdr.data.freezing import picture_hash
from hdr.data.photographs import LARGEST_PX, in_order, read_photographs
from hdr.errors import HdrError, ImageError
from hdr.settings import InputSettings
from hdr.vision.media import load_image
from hdr.vision.normalize import PICTURE


def working() -> int:
    return sum(thread.name.startswith("hdr-pictures") for thread in threading.enumerate())


@settings(deadline=None)
@given(st.lists(st.integers(), max_size=30), st.integers(1, 4))
def test_they_come_in_order(items: list[int], at_once: int) -> None:
    assert list(in_order(lambda item: 2 * item, items, at_once)) == [2 * item for item in items]
    assert not working()


def test_no_more_is_begun_than_is_soon_taken() -> None:
    begun: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            begun.append(number)
            yield number

    made = in_order(str, items(), 3)
    for taken in range(10):
        assert next(made) == str(taken)
        assert len(begun) <= taken + 1 + 2 * 3
    made.close()
    assert len(begun) < 20
    assert not working()


def test_what_goes_wrong_in_a_thread_is_raised_and_ends_it() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda item: 1 // item, [2, 1, 0, 5], 2))
    assert not working()


def one_after_another(path: Path) -> np.ndarray:
    """What they were before there were threads."""
    picture = load_image(path)
    scale = LARGEST_PX / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def test_pictures_of_the_usual_size_are_the_same_bit_for_bit(shared_data: Path) -> None:
    files = sorted((shared_data / "balls").glob("*/*.jpg"))[::5]
    for path, read in zip(files, read_photographs(files), strict=True):
        assert not isinstance(read, HdrError)
        picture, digest = read
        assert digest == picture_hash(picture) == picture_hash(one_after_another(path))


def test_a_large_photograph_looks_the_same(tmp_path: Path) -> None:
    cells = np.random.default_rng(1).integers(0, 256, (12, 16, 3), np.uint8)
    whole = cv2.resize(cells, (4032, 3024), interpolation=cv2.INTER_CUBIC)
    Image.fromarray(whole).save(tmp_path / "a.jpg", quality=92)
    (read,) = read_photographs([tmp_path / "a.jpg"])
    assert not isinstance(read, HdrError)
    assert read[0].shape == (240, 320, 3)
    assert np.abs(read[0].astype(int) - one_after_another(tmp_path / "a.jpg")).max() <= 4


def test_what_takes_much_memory_is_decoded_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs, "_USUAL", InputSettings(largest_pixels=100))
    within, most = [0], [0]
    load, count = load_image, threading.Lock()

    def watched(path: Path, limits: InputSettings | None = None, *, least_px: int) -> object:
        if limits is not None:
            return load(path, limits, least_px=least_px)
        with count:
            within[0] += 1
            most[0] = max(most[0], within[0])
        read = load(path, least_px=least_px)
        with count:
            within[0] -= 1
        return read

    monkeypatch.setattr(photographs, "load_image", watched)
    monkeypatch.setattr(photographs, "threads", lambda: 4)
    for number in range(12):
        Image.new("RGB", (40, 30), (number, 0, 0)).save(tmp_path / f"{number:02}.png")
    read = list(read_photographs(sorted(tmp_path.iterdir())))
    assert [one[0][0, 0, 0] for one in read if not isinstance(one, HdrError)] == list(range(12))
    assert most == [1]


def test_what_cannot_be_read_is_an_answer_too(tmp_path: Path) -> None:
    (tmp_path / "torn.jpg").write_bytes(b"?")
    Image.new("RGB", (4, 3)).save(tmp_path / "whole.png")
    torn, whole = read_photographs([tmp_path / "torn.jpg", tmp_path / "whole.png"])
    assert isinstance(torn, ImageError)
    assert not isinstance(whole, HdrError)


def folders(root: Path) -> Path:
    for number in range(30):
        file = root / ("cat", "dog")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (20 + number, 30, 3), np.uint8)
        Image.fromarray(pixels).save(file)
    return root


def test_data_in_a_file_is_the_same_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = ModelCard("m", ("cat", "dog"), 16, 3, geometry=PICTURE)
    told: list[tuple[int, int]] = []

    def both() -> tuple[object, ...]:
        divided = load_class_folders([folders(tmp_path)], 7, progress=lambda *far: told.append(far))
        parts = divided.learn, divided.test, load_for(card, tmp_path, [], lambda *far: told.append(far))
        return tuple(
            (part.files, part.groups.tolist(), part.labels.tolist(), part.fields(24).tobytes()) for part in parts
        )

    in_memory = both()
    monkeypatch.setattr("hdr.data.shelf.SPARE_BYTES", 0)
    monkeypatch.setattr("hdr.data.shelf.Shelf.__init__.__defaults__", (0,))
    assert both() == in_memory
    assert told == 4 * [(number, 30) for number in range(1, 31)]


def test_reading_that_is_stopped_ends_at_once(tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_class_folders([folders(tmp_path)], 7, progress=stop)
    assert not working()
