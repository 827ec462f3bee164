from __future__ import annotations

import io
import zipfile

import pytest

from hdr.classify.zipped import packed, read_member


def _opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def test_a_member_is_read_as_far_as_is_asked() -> None:
    with _opened(packed({"a": b"12345", "b": b""})) as archive:
        assert read_member(archive, "a", 9) == b"12345"
        assert read_member(archive, "a", 3) == b"1234"
        assert read_member(archive, "b", 3) == b""
        with pytest.raises(KeyError):
            read_member(archive, "c", 3)


def test_what_is_unpacked_all_at_once_is_not_read() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a", b"12345")
    with _opened(data.getvalue()) as archive, pytest.raises(zipfile.BadZipFile, match="a is packed in a way"):
        read_member(archive, "a", 9)
