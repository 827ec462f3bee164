"""A folder of pictures as a job that can be left and taken up again: which of its pages are done.

That stands beside the captures, in ``captures/.jobs/``, and not in the folder, which may be nobody's to write in. A
picture that was changed since it was done is to be done again.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from hdr.workspace import write_atomically

FOLDER = ".jobs"
_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"}
_LARGEST_BYTES = 100_000_000
Stamp = tuple[int, int]


@dataclass(frozen=True)
class FolderJob:
    """One folder's job.

    Parameters
    ----------
    folder
        With the pictures; those in its sub-folders are not looked at.
    file
        Where it stands what is done.
    """

    folder: Path
    file: Path

    @classmethod
    def of(cls, captures: Path, folder: Path) -> FolderJob:
        """Return the job of a folder, begun or not."""
        folder = folder.resolve()
        name = hashlib.sha256(str(folder).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return cls(folder, captures / FOLDER / f"{name}.json")

    def pictures(self) -> list[Path]:
        """Return its pictures as a person would order them: 2 before 10.

        Raises
        ------
        OSError
            Where the folder cannot be looked into.
        """
        found = (path for path in self.folder.iterdir() if path.suffix.lower() in _PICTURES)
        return sorted((path for path in found if not path.name.startswith(".")), key=_as_a_person_would)

    def done(self) -> set[Path]:
        """Return the pictures that are done and have not changed since."""
        return {self.folder / name for name, stamp in self._told().items() if _stamp(self.folder / name) == stamp}

    def finish(self, picture: Path) -> None:
        """Remember that a picture is done.

        Raises
        ------
        OSError
            Where that cannot be written.
        """
        stamp = _stamp(picture)
        if stamp is not None:
            told = self._told() | {picture.name: stamp}
            done = {name: list(one) for name, one in told.items()}
            text = json.dumps({"folder": str(self.folder), "done": done}, indent=1)
            write_atomically(self.file, (text + "\n").encode("ascii"))

    def _told(self) -> dict[str, Stamp]:
        """What is done, by the name of the picture; nothing where the file is damaged."""
        try:
            if self.file.stat().st_size > _LARGEST_BYTES:
                return {}
            told = json.loads(self.file.read_text(encoding="ascii"))["done"]
            return {str(name): (int(size), int(changed)) for name, (size, changed) in told.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}


def _stamp(picture: Path) -> Stamp | None:
    try:
        told = picture.stat()
    except OSError:
        return None
    return told.st_size, told.st_mtime_ns


def _as_a_person_would(path: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.name
