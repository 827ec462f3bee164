"""Pictures in memory and in a file without a name: the same, whatever happens to the disk."""

from __future__ import annotations

import errno
import mmap
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hdr.data import shelf
from hdr.data.dataset import Dataset
from hdr.data.freezing import picture_hash
from hdr.data.shelf import Shelf, spare_folder
from hdr.vision.normalize import PICTURE

Pixels = NDArray[np.uint8]


def pictures(count: int, seed: int = 0) -> list[Pixels]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (*rng.integers(1, 20, 2), 3), np.uint8) for _ in range(count)]


def shelved(given: Sequence[Pixels], most_bytes: int) -> list[Pixels]:
    with Shelf(most_bytes) as one:
        for picture in given:
            one.put(picture.copy())
        return one.arrays()


def filed(arrays: Sequence[Pixels]) -> int:
    """How many of them lie in a file."""
    return sum(isinstance(_owner(array), mmap.mmap) for array in arrays)


def _owner(array: Pixels) -> object:
    owner: object = array
    while isinstance(owner, np.ndarray) and owner.base is not None:
        owner = owner.base
    return owner.obj if isinstance(owner, memoryview) else owner


def assert_same(arrays: Sequence[Pixels], given: Sequence[Pixels]) -> None:
    assert [picture_hash(one) for one in arrays] == [picture_hash(one) for one in given]
    assert not any(one.flags.writeable for one in arrays)


@pytest.fixture(autouse=True)
def small_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing is left free for others, so that the tests run on a full machine too."""
    monkeypatch.setattr(shelf, "SPARE_BYTES", 0)
    monkeypatch.setattr(shelf, "spare_folder", lambda: tmp_path)
    return tmp_path


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 12_000), st.integers(0, 5))
def test_what_comes_back_is_what_was_put_there(count: int, most_bytes: int, seed: int) -> None:
    given_ones = pictures(count, seed)
    assert_same(shelved(given_ones, most_bytes), given_ones)


def test_only_what_is_too_much_is_written_and_nothing_is_to_be_seen_of_it(small_disk: Path) -> None:
    given_ones = pictures(20)
    whole = sum(one.nbytes for one in given_ones)
    assert filed(shelved(given_ones, whole)) == 0
    arrays = shelved(given_ones, whole - 1)
    assert filed(arrays) == 20
    assert list(small_disk.iterdir()) == []
    assert_same(arrays, given_ones)  # after the file was closed


def test_gray_pictures_and_one_that_lies_otherwise_in_memory() -> None:
    given_ones = [np.arange(12, dtype=np.uint8).reshape(3, 4), np.arange(24, dtype=np.uint8).reshape(4, 6)[::2, ::-1]]
    with Shelf(0) as one:
        for picture in given_ones:
            one.put(picture)
        assert_same(one.arrays(), given_ones)


def test_a_dataset_of_views_does_what_one_of_arrays_does() -> None:
    given_ones = pictures(12)
    sets = [
        Dataset(crops, np.arange(12) % 2, np.arange(12).astype(str), ("a", "b"), geometry=PICTURE)
        for crops in (given_ones, shelved(given_ones, 0))
    ]
    fields = [one.merge(one).take(np.array([20, 3, 3])).fields(16) for one in sets]
    assert np.array_equal(fields[0], fields[1])
    parts = [one.split(0.3, 1)[1] for one in sets]
    assert_same(list(parts[1].crops), list(parts[0].crops))
    assert np.array_equal(cv2.resize(sets[1].crops[0], (5, 5)), cv2.resize(given_ones[0], (5, 5)))


@pytest.mark.parametrize("writes", [0, 1, 7])
def test_what_has_no_room_on_the_disk_stays_in_memory(writes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self) -> None:
            self.file, self.left = nameless(), writes

        def write(self, data: memoryview) -> int:
            self.left -= 1
            if self.left < 0:
                self.file.write(data[: len(data) // 2])  # a part of it still had room
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(data)

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

    nameless = shelf._nameless
    monkeypatch.setattr(shelf, "_nameless", Full)
    given_ones = pictures(20)
    most_bytes = sum(one.nbytes for one in given_ones[:5])
    arrays = shelved(given_ones, most_bytes)
    assert filed(arrays) == (4 + writes if writes else 0)  # the first write is of all five that were held
    assert_same(arrays, given_ones)


def test_a_disk_that_others_need_too_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "SPARE_BYTES", 1 << 60)
    given_ones = pictures(9)
    arrays = shelved(given_ones, 500)
    assert filed(arrays) == 0
    assert_same(arrays, given_ones)


def test_pieces_that_are_written_are_written_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def __init__(self) -> None:
            self.file = nameless()

        def write(self, data: memoryview) -> int:
            return self.file.write(data[:7])

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

    nameless = shelf._nameless
    monkeypatch.setattr(shelf, "_nameless", Slow)
    given_ones = pictures(5)
    assert_same(shelved(given_ones, 0), given_ones)


@pytest.mark.parametrize("what", ["spare_folder", "_nameless"])
def test_without_a_folder_for_it_all_stays_in_memory(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> Path:
        raise PermissionError(errno.EACCES, "not here")

    monkeypatch.setattr(shelf, what, none)
    given_ones = pictures(9)
    arrays = shelved(given_ones, 500)
    assert filed(arrays) == 0
    assert_same(arrays, given_ones)


def test_a_file_that_cannot_be_mapped_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> object:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr("hdr.data.shelf.mmap.mmap", none)
    given_ones = pictures(9)
    assert_same(shelved(given_ones, 500), given_ones)


def test_it_goes_to_a_disk_unless_somebody_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(shelf, "_ON_DISK", tmp_path)
    monkeypatch.setattr("hdr.data.shelf.tempfile.tempdir", str(tmp_path / "of the system"))
    assert spare_folder() == tmp_path
    monkeypatch.setenv("TMPDIR", "told")
    assert spare_folder() == tmp_path / "of the system"
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(shelf, "_ON_DISK", tmp_path / "gone")
    assert spare_folder() == tmp_path / "of the system"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system ends a process in another way")
def test_a_kill_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import numpy as np, os, signal\n"
        "from hdr.data import shelf\n"
        "shelf.SPARE_BYTES = 0\n"
        "one = shelf.Shelf(0)\n"
        "one.put(np.zeros((99, 99, 3), np.uint8))\n"
        "assert one._tray is None\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list(tmp_path.iterdir()) == []
