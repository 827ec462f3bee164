"""Films copied from Matroska to MP4: the same frames, and all that a player needs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from hdr.reading.recorder_mp4 import put_header, to_mp4, with_header

SIZE, COUNT = (64, 48), 30


def written(path: Path) -> Path:
    """A film of grain."""
    rng = np.random.default_rng(1)
    out = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 25, SIZE)
    for _ in range(COUNT):
        out.write(rng.integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8))
    out.release()
    return path


def frames(path: Path) -> list[bytes]:
    film, found = cv2.VideoCapture(str(path)), []
    while (frame := film.read()[1]) is not None:
        found.append(frame.tobytes())
    return found


def box(path: Path, name: bytes) -> bytes:
    data = path.read_bytes()
    at = data.index(name) - 4
    return data[at : at + int.from_bytes(data[at : at + 4], "big")]


def test_the_copy_has_the_same_frames_and_what_a_player_needs(tmp_path: Path) -> None:
    film, plain = written(tmp_path / "a.mkv"), written(tmp_path / "plain.mp4")
    assert to_mp4(film, tmp_path / "a.mp4") == COUNT
    assert frames(tmp_path / "a.mp4") == frames(film)
    assert cv2.VideoCapture(str(tmp_path / "a.mp4")).get(cv2.CAP_PROP_FPS) == 25
    for name in (b"stss", b"stts"):  # where a player can begin, and the time of each frame
        assert box(tmp_path / "a.mp4", name) == box(plain, name)
    configuration, usual = (box(path, b"esds")[12:] for path in (tmp_path / "a.mp4", plain))
    assert configuration[26:] == usual[26:]  # before it stands the bit rate, which is not the same
    assert (configuration[:5], configuration[8:12]) == (usual[:5], usual[8:12])
    assert {path.name for path in tmp_path.iterdir()} == {"a.mkv", "a.mp4", "plain.mp4"}


def test_what_is_no_film_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "a.mkv").write_bytes(b"none")
    assert to_mp4(tmp_path / "a.mkv", tmp_path / "a.mp4") == 0
    assert to_mp4(written(tmp_path / "b.mkv"), tmp_path / "none" / "b.mp4") == 0
    assert {path.name for path in tmp_path.iterdir()} == {"a.mkv", "b.mkv"}


@pytest.mark.parametrize("fails", ["put_header", "_plays"])
def test_a_copy_that_is_not_whole_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    def fail(*_: object) -> bool:
        if fails == "put_header":
            raise ValueError("another file")
        return False

    film = written(tmp_path / "a.mkv")
    monkeypatch.setattr(f"hdr.reading.recorder_mp4.{fails}", fail)
    assert to_mp4(film, tmp_path / "a.mp4") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


def test_a_film_that_is_built_in_another_way_is_left_as_it_is(tmp_path: Path) -> None:
    plain = written(tmp_path / "plain.mp4")
    before, index = plain.read_bytes(), box(plain, b"moov")
    with pytest.raises(ValueError, match="is there"):
        put_header(plain, b"header")
    assert plain.read_bytes() == before
    with pytest.raises(ValueError, match="no box b'esds'"):
        with_header(index.replace(b"esds", b"none"), b"")
    with pytest.raises(ValueError, match="no descriptor 3"):
        with_header(index.replace(b"\x03\x80\x80\x80", b"\x03\x80\x80\x00"), b"")
    (tmp_path / "b.mp4").write_bytes(before + b"\0\0\0\x08free")
    with pytest.raises(ValueError, match="no index at the end"):
        put_header(tmp_path / "b.mp4", b"")
    (tmp_path / "c.mp4").write_bytes(b"\0\0\0\x01mdat" + (24).to_bytes(8, "big") + bytes(8) + before)
    with pytest.raises(ValueError, match="is there"):
        put_header(tmp_path / "c.mp4", b"")
