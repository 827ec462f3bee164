"""An archive from outside to a folder of plain files: within limits, and never outside that folder.

Nothing that an archive says of itself is believed: sizes are counted while its files are written. Links, devices and
names that climb out are refused, whatever else the archive holds; rights, owners and times are not taken over.
"""

from __future__ import annotations

import contextlib
import lzma
import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from hdr.classify.zipped import USUAL
from hdr.errors import CaptureError

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

_CHUNK = 1 << 20
_BLOCK = 512
_DRIVE = re.compile(r"[A-Za-z]:")
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, ValueError, RuntimeError)
_CURE = "Pack it again, or unpack it yourself and import the folder."


@dataclass(frozen=True)
class Limits:
    """What an archive may come to.

    Parameters
    ----------
    files
        How many it may hold.
    bytes
        How large all of them may be together.
    ratio
        How many times the archive's own size, from ``free`` bytes on.
    free
        So much is never too much.
    """

    files: int = 500_000
    bytes: int = 8 << 30
    ratio: int = 200
    free: int = 64 << 20


def is_archive(path: Path) -> bool:
    """Whether a file is named like an archive that can be unpacked."""
    return path.name.lower().endswith(SUFFIXES) and path.is_file()


@contextlib.contextmanager
def unpacked(path: Path, limits: Limits | None = None) -> Iterator[Path]:
    """Give a folder with what an archive holds; it is gone afterwards.

    Raises
    ------
    CaptureError
        Where it is damaged, encrypted or beyond the limits, or where it holds a link, a device or a name that leads
        out of the folder.
    """
    with tempfile.TemporaryDirectory(prefix="hdr-import-") as folder:
        root = Path(folder)
        try:
            _unpack(path, root, limits or Limits())
        except CaptureError:
            raise
        except _BROKEN as error:
            raise CaptureError(f"The archive {path} is damaged or cut off ({error}).", hint=_CURE) from error
        except OSError as error:
            why = error.strerror or str(error)
            raise CaptureError(
                f"The archive {path} cannot be unpacked ({why}).",
                hint="Free some space, and check that it may be read.",
            ) from error
        yield root


def _unpack(path: Path, root: Path, limits: Limits) -> None:
    room = min(limits.bytes, max(limits.free, limits.ratio * path.stat().st_size))
    count = 0
    for name, file in _members(path):
        count += 1
        if count > limits.files:
            raise CaptureError(f"The archive {path} holds more than {limits.files:,} files.", hint="Divide it.")
        target = root / _inside(name, path)
        if file is None:
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with file, target.open("wb") as out:
            room -= _copy(file, out, room, path)


def _copy(file: IO[bytes], out: IO[bytes], room: int, path: Path) -> int:
    done = 0
    while chunk := file.read(_CHUNK):
        done += len(chunk)
        if done > room:
            raise CaptureError(
                f"The archive {path} unpacks to far more than its size promises.",
                hint="If you trust it, unpack it yourself and import the folder.",
            )
        out.write(chunk)
    return done


def _members(path: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    """Yield each file's name and content, of folders the name alone."""
    if zipfile.is_zipfile(path):
        yield from _zip_members(path)
    else:
        yield from _tar_members(path)


def _zip_members(path: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            kind = info.external_attr >> 28  # the upper bits of Unix's mode: 4 a folder, 8 a file, 0 where not told
            if kind not in (0, 4, 8):
                raise _special(path, info.filename)
            if info.flag_bits & 1:
                raise CaptureError(f"The archive {path} is encrypted.", hint="Unpack it yourself, import the folder.")
            if info.compress_type not in USUAL:  # Python unpacks others all at once, whatever comes of them
                raise CaptureError(f"The archive {path} is packed in an unusual way.", hint=_CURE)
            yield info.filename, None if info.is_dir() else archive.open(info)


def _tar_members(path: Path) -> Iterator[tuple[str, IO[bytes] | None]]:
    with tarfile.open(path, "r:*") as archive:
        for info in archive:
            if not (info.isfile() or info.isdir()) or info.issparse():
                raise _special(path, info.name)
            yield info.name, archive.extractfile(info)
        # Of a tar that is cut off Python does not always tell; a whole one ends in blocks of zeros.
        file = archive.fileobj
        assert file is not None
        file.seek(archive.offset)
        if file.read(_BLOCK) != bytes(_BLOCK):
            raise tarfile.ReadError("it does not end as an archive does")


def _special(path: Path, name: str) -> CaptureError:
    return CaptureError(
        f"The archive {path} holds {name!r}, which is a link or a device and no plain file.", hint="Pack it without."
    )


def _inside(name: str, path: Path) -> PurePosixPath:
    """The name as a path that cannot lead out, on any system."""
    plain = name.replace("\\", "/")
    parts = PurePosixPath(plain).parts
    if not plain or plain.startswith("/") or _DRIVE.match(plain) or ".." in parts or "\0" in plain:
        raise CaptureError(f"The archive {path} holds the name {name!r}, which leads out of it.", hint=_CURE)
    return PurePosixPath(*parts)
