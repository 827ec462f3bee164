"""One save of many files as one step: it happens as a whole, or not at all, whenever the process is killed.

A save is prepared in ``_pages/.saving-<capture>/``: the new crops, the page's picture, and last the page's JSON. The
JSON's arrival there is the commit. Before it nothing outside the folder has been touched, and the leftovers are thrown
away; after it the save is carried out by renames alone, by this process or by the next that opens the captures, as
often as need be. A crop changes its label by one rename, so it is never in two folders and never in none.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from hdr.data.crops import crop_file_name, parse_crop_file_name, read_crop
from hdr.data.labels import folder_name, label_of
from hdr.data.pages import read_page
from hdr.errors import CaptureError
from hdr.workspace import free_path, write_atomically

PAGES = "_pages"
BIN = "_bin"
_STAGE = ".saving-"
_DAMAGED = ".damaged-"
_STAGE_NAME = re.compile(r"\.saving-([0-9a-f]{16})")


def label_folders(root: Path) -> list[tuple[str, Path]]:
    """Return each label with its folder; two folders may mean the same label. None where there are no captures."""
    try:
        with os.scandir(root) as entries:
            folders = [Path(entry.path) for entry in entries if entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    named = [(label_of(folder.name), folder) for folder in sorted(folders)]
    return [(label, folder) for label, folder in named if label is not None]


def crop_paths(folder: Path) -> Iterator[Path]:
    """Yield the crops of one label's folder, ours and any other PNG that a person put there; not hidden files."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.lower().endswith(".png"))
    yield from (folder / name for name in names if not name.startswith("."))


def find_crops(root: Path, capture: str) -> dict[int, list[Path]]:
    """Return where the crops of one page lie, by number. Several places for one are copies that a person made."""
    found: dict[int, list[Path]] = {}
    for _, folder in label_folders(root):
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.startswith(capture))  # among maybe 100,000
        for name in names:
            if (named := parse_crop_file_name(name)) and named[0] == capture:
                found.setdefault(named[1], []).append(folder / name)
    return found


def index_crops(root: Path) -> dict[str, dict[int, list[Path]]]:
    """Return where all crops lie that are named as ours are, by page and number."""
    found: dict[str, dict[int, list[Path]]] = {}
    for _, folder in label_folders(root):
        for path in crop_paths(folder):
            if named := parse_crop_file_name(path.name):
                found.setdefault(named[0], {}).setdefault(named[1], []).append(path)
    return found


def stage_save(root: Path, capture: str, crops: Mapping[int, bytes], picture: bytes | None, page_json: str) -> Path:
    """Prepare a save, and commit it.

    Parameters
    ----------
    root
        The captures folder.
    capture
        The page's id.
    crops
        The PNGs that are new or changed, by number.
    picture
        The page's PNG; None where it is there already.
    page_json
        What `Page.to_json` gives: every crop that the page has from now on.

    Returns
    -------
    The committed stage, to be given to `apply_stage`.

    Raises
    ------
    OSError
        Where it cannot be written; nothing has changed then.
    """
    stage = root / PAGES / f"{_STAGE}{capture}"
    try:
        stage.mkdir(parents=True)
        for number, data in crops.items():
            _write_flushed(stage / crop_file_name(capture, number), data)
        if picture is not None:
            _write_flushed(stage / "page.png", picture)
        _flush_folder(stage)
        write_atomically(stage / "page.json", page_json.encode("ascii"))
    except BaseException:
        # Interrupted just after the commit, the save stands; before it, nothing has happened.
        if not (stage / "page.json").exists():
            shutil.rmtree(stage, ignore_errors=True)
        raise
    return stage


def apply_stage(root: Path, stage: Path) -> None:
    """Carry out a committed save. Doing it again, or from the middle on, comes to the same.

    Raises
    ------
    OSError
        Where a file cannot be moved; the stage is still there for another try.
    CaptureError
        For a stage that tells nonsense.
    """
    capture = _STAGE_NAME.fullmatch(stage.name)
    assert capture is not None
    page = read_page(stage / "page.json")
    places = find_crops(root, capture[1])
    for digit in page.digits:
        if digit.number is not None:
            _place(root, stage / crop_file_name(capture[1], digit.number), digit.label, places.pop(digit.number, []))
    for gone in places.values():
        for path in gone:
            _discard(root, path)
    if (stage / "page.png").exists():
        os.replace(stage / "page.png", root / PAGES / f"{capture[1]}.png")
    os.replace(stage / "page.json", root / PAGES / f"{capture[1]}.json")
    with contextlib.suppress(OSError):  # it is empty, and without its page.json it means nothing
        stage.rmdir()


def stages(root: Path) -> list[Path]:
    """Return the saves that a killed process left in the middle."""
    try:
        with os.scandir(root / PAGES) as entries:
            return sorted(Path(entry.path) for entry in entries if _STAGE_NAME.fullmatch(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def recover(root: Path) -> dict[str, OSError]:
    """Finish what was committed and throw away what was not. The caller holds the lock.

    Returns
    -------
    By capture, why its save cannot be finished now; it is tried again the next time.
    """
    failures: dict[str, OSError] = {}
    for stage in stages(root):
        try:
            if (stage / "page.json").exists():
                apply_stage(root, stage)
            else:
                shutil.rmtree(stage)
        except CaptureError:  # no process of ours leaves such a page; it is kept, out of the way of other saves
            aside = stage.with_name(stage.name.replace(_STAGE, _DAMAGED))
            shutil.rmtree(aside, ignore_errors=True)
            os.replace(stage, aside)
        except OSError as error:
            failures[stage.name.removeprefix(_STAGE)] = error
    return failures


def _place(root: Path, staged: Path, label: str, places: list[Path]) -> None:
    """Bring one crop to its label's folder, the earlier file by a rename and the new content over it."""
    right = [path for path in places if label_of(path.parent.name) == label]
    target = right[0] if right else root / folder_name(label) / staged.name
    target.parent.mkdir(exist_ok=True)
    if not right and places:
        os.replace(places[0], target)
        places = places[1:]
    if staged.exists():
        os.replace(staged, target)
    for path in places:
        if path != target:
            _discard(root, path)


def _discard(root: Path, path: Path) -> None:
    """Take away a crop that its page no longer has; what a person labelled goes to the bin and not for good."""
    if _labelled_by_person(path):
        place = root / BIN / path.parent.name
        place.mkdir(parents=True, exist_ok=True)
        os.replace(path, free_path(place / path.name))
    else:
        path.unlink(missing_ok=True)


def _labelled_by_person(path: Path) -> bool:
    try:
        return read_crop(path, label_of(path.parent.name) or "").by_person
    except CaptureError:
        return True  # nobody knows, so nothing is lost


def _write_flushed(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the names in a folder as durable as the files, where the system can (Windows does it by itself)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
