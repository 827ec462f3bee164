"""A Matroska film to the same film as MP4: its packets are copied, nothing is encoded anew.

OpenCV writes packets as they are, but not the few bytes that a player needs before the first of them (the decoder's
configuration), so these are put into the file afterwards: into the box ``esds`` of ISO/IEC 14496-14, as a descriptor
of ISO/IEC 14496-1. That box lies in the index at the file's end, so that nothing else has to move.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hdr.reading.sources_ffmpeg import keep_quiet

_CODEC = "mp4v"
_AS_FLAGGED = 1_000_000  # else OpenCV takes every packet for one that a player can begin with
_ROOM_LEFT = 1_000_000
_WAY = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"mp4v", b"esds")
_HEAD = {b"stsd": 16, b"mp4v": 86, b"esds": 12}
"""Bytes of a box before what it holds; 8 of all others."""
_ES, _DECODER, _CONFIGURATION = 3, 4, 5
_ES_HEAD, _DECODER_HEAD, _MOST = 3, 13, 64


def to_mp4(source: Path, target: Path) -> int:
    """Copy a film into an MP4 file, which is there whole or not at all.

    Parameters
    ----------
    source
        A Matroska file of MPEG-4 part 2, as `hdr.reading.recorder_video` writes them.
    target
        A new file.

    Returns
    -------
    How many frames it has; 0 where it has not come about. The source stays in any case.
    """
    import cv2

    part = target.with_name(f".{target.name}")  # OpenCV goes by the ending
    count = 0
    with contextlib.suppress(OSError, ValueError, cv2.error):
        copied = _copy(source, part)
        if copied and _plays(part, copied):
            part.replace(target)
            count = copied
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
    return count


def _copy(source: Path, target: Path) -> int:
    """How many packets were copied; 0 where it cannot be done."""
    import cv2

    keep_quiet()
    film = cv2.VideoCapture(str(source), cv2.CAP_FFMPEG, [cv2.CAP_PROP_FORMAT, -1])  # packets, as they are
    got, header = film.retrieve(None, int(film.get(cv2.CAP_PROP_CODEC_EXTRADATA_INDEX)))
    if not got or shutil.disk_usage(target.parent).free < source.stat().st_size + _ROOM_LEFT:
        film.release()
        return 0
    size = tuple(int(film.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    raw = [cv2.VIDEOWRITER_PROP_RAW_VIDEO, 1, cv2.VIDEOWRITER_PROP_KEY_INTERVAL, _AS_FLAGGED]
    codec, fps = cv2.VideoWriter.fourcc(*_CODEC), film.get(cv2.CAP_PROP_FPS)
    out = cv2.VideoWriter(str(target), cv2.CAP_FFMPEG, codec, fps, size, raw)
    count = _copy_packets(film, out) if out.isOpened() else 0
    film.release()
    out.release()
    if count:
        put_header(target, np.asarray(header, np.uint8).tobytes())
    return count


def _copy_packets(film: Any, out: Any) -> int:
    import cv2

    count = 0
    while True:
        got, packet = film.read()
        if not got:
            return count
        out.set(cv2.VIDEOWRITER_PROP_KEY_FLAG, film.get(cv2.CAP_PROP_LRF_HAS_KEY_FRAME))
        out.write(packet)
        count += 1


def _plays(path: Path, count: int) -> bool:
    """Whether it has so many frames, and the last of them can be seen."""
    import cv2

    film = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    film.set(cv2.CAP_PROP_POS_FRAMES, count - 1)
    whole = film.get(cv2.CAP_PROP_FRAME_COUNT) == count and film.read()[0]
    film.release()
    return bool(whole)


def put_header(path: Path, header: bytes) -> None:
    """Put a decoder's configuration into an MP4 file that has none.

    Parameters
    ----------
    path
        Its index must be its last box.
    header
        The configuration, of 64 bytes at most.

    Raises
    ------
    ValueError
        Where the file is built in another way.
    """
    with path.open("r+b") as file:
        at = _find_index(file)
        file.seek(at)
        index = with_header(file.read(), header)
        file.seek(at)
        file.write(index)
        file.flush()
        os.fsync(file.fileno())


def _find_index(file: Any) -> int:
    end, at = file.seek(0, os.SEEK_END), 0
    while at < end:
        file.seek(at)
        size, name = int.from_bytes(file.read(4), "big"), file.read(4)
        if size == 1:  # more than four bytes can tell
            size = int.from_bytes(file.read(8), "big")
        if name == _WAY[0] and at + size == end:
            return int(at)
        at += max(8, size)
    raise ValueError("no index at the end")


def with_header(index: bytes, header: bytes) -> bytes:
    """Return an MP4's index, the box ``moov``, with a decoder's configuration in it.

    Raises
    ------
    ValueError
        Where it has one, or is built in another way.
    """
    boxes = _boxes(index)
    es = boxes[-1] + _HEAD[_WAY[-1]]
    es_size, decoder = _descriptor(index, es, _ES)
    decoder_size, fields = _descriptor(index, decoder + _ES_HEAD, _DECODER)
    end = fields + _DECODER_HEAD
    if decoder_size != _DECODER_HEAD or len(header) > _MOST:
        raise ValueError("a decoder's configuration is there, or does not fit")
    more = bytes((_CONFIGURATION, 0x80, 0x80, 0x80, len(header))) + header
    new = bytearray(index[:end] + more + index[end:])
    new[decoder - 1] = es_size + len(more)
    new[fields - 1] = decoder_size + len(more)
    for at in boxes:
        new[at : at + 4] = (int.from_bytes(index[at : at + 4], "big") + len(more)).to_bytes(4, "big")
    return bytes(new)


def _boxes(index: bytes) -> Sequence[int]:
    """Where each box on the way to the decoder's configuration begins."""
    found, at, end = [], 0, len(index)
    for name in _WAY:
        while index[at + 4 : at + 8] != name:
            at += max(8, int.from_bytes(index[at : at + 4], "big"))
            if at >= end:
                raise ValueError(f"no box {name!r}")
        found.append(at)
        end = at + int.from_bytes(index[at : at + 4], "big")
        at += _HEAD.get(name, 8)
    return found


def _descriptor(index: bytes, at: int, tag: int) -> tuple[int, int]:
    """The size of a descriptor, told in four bytes of seven bits, and where what it holds begins."""
    if index[at] != tag or index[at + 1 : at + 4] != b"\x80\x80\x80":
        raise ValueError(f"no descriptor {tag}")
    return index[at + 4], at + 5
