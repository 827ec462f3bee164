"""A member of a zip from anywhere to its bytes: never more of them, packed or unpacked, than its list of contents says.

Python unpacks bzip2 and LZMA all at once, however little of it is asked for: 1,300 bytes become a gigabyte. Nobody
packs a model so.
"""

from __future__ import annotations

import io
import zipfile

USUAL = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Ways of packing that are unpacked only as far as is asked."""


def read_member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return what a member holds, or its first `most` + 1 bytes: whoever asked then knows that it is too much.

    Raises
    ------
    zipfile.BadZipFile
        Where it is packed in an unusual way, or holds something else than the archive says.
    KeyError
        Where there is none of that name.
    """
    told = archive.getinfo(name)
    if told.compress_type not in USUAL:
        raise zipfile.BadZipFile(f"{name} is packed in a way that is not read here")
    with archive.open(told) as file:
        return file.read(min(told.file_size, most + 1))


def packed(members: dict[str, bytes]) -> bytes:
    """Return a zip of plain members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()
