"""Archives from outside: within limits, and never outside their folder."""

from __future__ import annotations

import errno
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from hdr.data.formats import archive
from hdr.data.formats.archive import Limits, is_archive, unpacked
from hdr.errors import CaptureError

SMALL = Limits(files=3, bytes=4000, ratio=2, free=500)


def make_zip(path: Path, files: dict[str, bytes], mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, data)
    return path


def make_tar(path: Path, files: dict[str, bytes], kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as made:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            info.size = len(data) if kind == tarfile.REGTYPE else 0
            made.addfile(info, io.BytesIO(data))
    return path


MAKERS = pytest.mark.parametrize(("make", "name"), [(make_zip, "a.zip"), (make_tar, "a.tar"), (make_tar, "a.tgz")])


@MAKERS
def test_what_is_inside_comes_out_and_goes_away(tmp_path, make, name):
    path = make(tmp_path / name, {"x/7/ä 手.png": b"1", "x/8.txt": b"", "./y": b"2"})
    assert is_archive(path)
    with unpacked(path) as folder:
        found = {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
        assert found == {"x/7/ä 手.png": b"1", "x/8.txt": b"", "y": b"2"}
    assert not folder.exists()
    assert not is_archive(tmp_path)
    assert not is_archive(tmp_path / "none.zip")


@MAKERS
@pytest.mark.parametrize("bad", ["../out", "/out", "a/../../out", "..\\out", "\\out", "C:\\out", "c:out"])
def test_no_name_leads_out(tmp_path, make, name, bad):
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in" / name, {"fine": b"1", bad: b"2"})
    with pytest.raises(CaptureError, match="leads out of it"), unpacked(path):
        pass
    assert not list(tmp_path.glob("out*"))
    assert not Path("/out").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_no_links_and_no_devices_in_a_tar(tmp_path, kind):
    with (
        pytest.raises(CaptureError, match="is a link or a device"),
        unpacked(make_tar(tmp_path / "a.tar", {"7": b""}, kind)),
    ):
        pass


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_no_links_and_no_devices_in_a_zip(tmp_path, kind):
    with (
        pytest.raises(CaptureError, match="is a link or a device"),
        unpacked(make_zip(tmp_path / "a.zip", {"7": b"/etc/passwd"}, kind | 0o777)),
    ):
        pass


@MAKERS
def test_too_many_files(tmp_path, make, name):
    with (
        pytest.raises(CaptureError, match="more than 3 files"),
        unpacked(make(tmp_path / name, {str(number): b"" for number in range(4)}), SMALL),
    ):
        pass


@pytest.mark.parametrize(("make", "name"), [(make_zip, "a.zip"), (make_tar, "a.tgz")])
@pytest.mark.parametrize("size", [3000, 100_000])
def test_a_bomb_is_given_up_whatever_its_header_says(tmp_path, make, name, size):
    with (
        pytest.raises(CaptureError, match="far more than its size promises"),
        unpacked(make(tmp_path / name, {"0": bytes(size)}), SMALL),
    ):
        pass


@MAKERS
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.6, 0.9])
def test_cut_off_anywhere(tmp_path, make, name, kept):
    data = bytes(range(256)) * 30
    path = make(tmp_path / name, {str(number): data[number:] for number in range(9)})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(CaptureError, match="damaged or cut off"), unpacked(path):
        pass


def test_an_encrypted_archive(tmp_path):
    path = make_zip(tmp_path / "a.zip", {"7.png": b"123"})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag in the file's own head, and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(CaptureError, match="is encrypted"), unpacked(path):
        pass


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_unpacked_all_at_once_is_refused(tmp_path, way):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", way) as archive:
        archive.writestr("7.png", b"123")
    with pytest.raises(CaptureError, match="packed in an unusual way"), unpacked(tmp_path / "a.zip"):
        pass


def test_a_full_disk_and_a_file_where_a_folder_should_be(tmp_path, monkeypatch):
    with (
        pytest.raises(CaptureError, match="cannot be unpacked"),
        unpacked(make_zip(tmp_path / "b.zip", {"7": b"1", "7/a": b"2"})),
    ):
        pass

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive, "_copy", full)
    with pytest.raises(CaptureError, match="No space left"), unpacked(make_zip(tmp_path / "a.zip", {"7": b"1"})):
        pass
