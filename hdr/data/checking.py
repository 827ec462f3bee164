"""A captures folder to all that is wrong in it, each with its cure; what can safely be set right is set right.

Safe is what loses nothing and what there is no doubt about. Nothing is deleted: what has to go is moved to the recycle
bin. The folder decides the label, so a page is brought into step with it and never the other way round.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hdr.data import staging
from hdr.data.captures import CaptureStore
from hdr.data.crops import parse_crop_file_name, read_crop, read_origin
from hdr.data.freezing import FOLDER as FROZEN
from hdr.data.freezing import picture_hash
from hdr.data.in_step import settle, with_crops
from hdr.data.labels import folder_name, label_of
from hdr.data.merging import labels_by_folder
from hdr.data.pages import Page, read_page
from hdr.data.refusals import explain
from hdr.data.scanning import CACHE
from hdr.data.wording import counted
from hdr.errors import CaptureError
from hdr.workspace import free_path, write_atomically

Places = Mapping[str, Mapping[int, Sequence[Path]]]
Progress = Callable[[int, int], None]
"""Told how many of how many crops were opened. May raise, to stop."""

_PAGE_FILE = re.compile(r"[0-9a-f]{16}")
_LEFT_FOR_S = 60
"""A temporary file may belong to a save that is under way; one with a time farther from now than this is left over."""
_OURS = {staging.PAGES, staging.BIN, FROZEN, "_none"}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    kind
        "unreadable", "misplaced", "doubled", "unknown label", "page gone", "picture gone", "crop gone",
        "orphaned page", "out of step", or "left over".
    path
        The file or folder.
    says
        What is wrong with it, a sentence.
    cure
        What to do, a sentence; where it is `safe`, what `repair` does.
    safe
        Whether `repair` sets it right.
    target
        Where `repair` moves it; None where that is not the cure.
    """

    kind: str
    path: Path
    says: str
    cure: str
    safe: bool = False
    target: Path | None = None


def check(store: CaptureStore, labels: Sequence[str] | None = None, progress: Progress | None = None) -> list[Problem]:
    """Return all that is wrong in the captures; every crop and page is opened, and nothing changed.

    Parameters
    ----------
    store
        The captures.
    labels
        Those that there may be, "none" included; None for any.
    progress
        Told how far it is.

    Raises
    ------
    CaptureError
        Where the folder may not be read.
    """
    root = store.root
    try:
        places = staging.index_crops(root)
        pages, broken = _pages(root)
        found = [*_left_over(root), *_strangers(root, places, pages), *broken]
        if labels is not None:
            found += _unknown_labels(root, set(labels))
        doubled = list(_doubled_names(root, places, pages))
        told = {one.path for one in doubled}
        found += doubled
        found += _crops(root, told, progress)
        found += _pageless(places, pages, root)
        found += [problem for page in pages.values() for problem in _page(root, page, places.get(page.capture, {}))]
    except OSError as error:
        raise explain(root, error) from error
    return found


def repair(store: CaptureStore, problems: Iterable[Problem]) -> list[tuple[Problem, CaptureError | None]]:
    """Set right what is safe.

    Returns
    -------
    Each safe problem, with the reason where it could not be set right. Repairing one may bring to light another: check
    again.

    Raises
    ------
    CaptureError
        Where the captures cannot be written.
    """
    done: list[tuple[Problem, CaptureError | None]] = []
    with store.writing():  # which itself finishes saves that were cut short
        for one in problems:
            if one.safe:
                try:
                    _repair(store, one)
                    done.append((one, None))
                except OSError as error:
                    done.append((one, explain(store.root, error)))
                except CaptureError as error:
                    done.append((one, error))
    return done


def _repair(store: CaptureStore, problem: Problem) -> None:
    if problem.target is not None:
        if problem.path.exists():  # else somebody was quicker
            problem.target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(problem.path, free_path(problem.target))
    elif problem.kind == "out of step":
        page = store.saved_page(problem.path.stem)
        if page is not None:
            settle(store.root, page)
            places = staging.find_crops(store.root, page.capture)
            told = with_crops(labels_by_folder(page, places), {number: paths[0] for number, paths in places.items()})
            write_atomically(problem.path, told.to_json().encode("ascii"))


def _binned(root: Path, path: Path) -> Path:
    return root / staging.BIN / path.parent.name / path.name


def _left_over(root: Path) -> Iterator[Problem]:
    """What a save leaves that was killed."""
    for stage in staging.stages(root):
        says = "A save was cut short here."
        yield Problem("left over", stage, says, "It is finished, or taken back where it had not been decided.", True)
    for folder in (root, root / staging.PAGES, root / FROZEN, *(folder for _, folder in staging.label_folders(root))):
        for path in _listed(folder):
            if path.name.startswith(".hdr-") and path.suffix == ".tmp" and abs(time.time() - _time(path)) > _LEFT_FOR_S:
                says, cure = "A killed program left this half-written file.", "It is moved to the recycle bin."
                target = root / staging.BIN / "_left" / path.name.removeprefix(".")
                yield Problem("left over", path, says, cure, True, target)


def _strangers(root: Path, places: Places, pages: Mapping[str, Page]) -> Iterator[Problem]:
    """Files and folders that nobody looks into where they are."""
    for path in _listed(root):
        if path.is_dir() and path.name.startswith("_") and path.name not in _OURS:
            yield Problem("misplaced", path, "Folders that begin with _ are not looked into.", "Give it another name.")
        elif path.is_file() and path.name != CACHE and not path.name.startswith("."):
            yield _stranger(root, path, places, pages)
    for path in _listed(root / staging.PAGES):
        if parse_crop_file_name(path.name):
            yield _stranger(root, path, places, pages)
    for _, folder in staging.label_folders(root):
        for path in _listed(folder):
            if path.is_dir():
                says = "A folder in a label's folder is not looked into."
                yield Problem("misplaced", path, says, f"Move its pictures to {folder}, or elsewhere.")
            elif path.suffix.lower() != ".png" and not path.name.startswith("."):
                says, cure = "Only PNG pictures are looked at here.", "Save it as PNG here, or move it elsewhere."
                yield Problem("misplaced", path, says, cure)


def _stranger(root: Path, path: Path, places: Places, pages: Mapping[str, Page]) -> Problem:
    """A file outside the labels' folders; one of ours goes back to where its page has it, if it lies nowhere else."""
    named = parse_crop_file_name(path.name)
    page = pages.get(named[0]) if named else None
    digit = next((one for one in page.digits if named and one.number == named[1]), None) if page else None
    if named and digit and named[1] not in places.get(named[0], {}):
        target = root / folder_name(digit.label) / path.name
        cure = f"It is moved to the folder of the label that its page has for it, {digit.label}."
        return Problem("misplaced", path, "This crop lies in no label's folder.", cure, True, target)
    cure = "Move it to the folder of its label, or elsewhere."
    return Problem("misplaced", path, "This file lies in no label's folder.", cure)


def _unknown_labels(root: Path, labels: set[str]) -> Iterator[Problem]:
    for label, folder in staging.label_folders(root):
        count = sum(1 for _ in staging.crop_paths(folder))
        if label not in labels and count:
            says = f"{label!r} is none of the labels in use, and {counted(count, 'crop has', 'crops have')} it."
            yield Problem("unknown label", folder, says, "Move them to the right folders, or train a model with it.")


def _doubled_names(root: Path, places: Places, pages: Mapping[str, Page]) -> Iterator[Problem]:
    """One crop in two folders: the copy counts that a person put where the page does not have it."""
    for capture, numbers in places.items():
        digits = {digit.number: digit for digit in pages[capture].digits} if capture in pages else {}
        for number, paths in numbers.items():
            if len(paths) < 2:
                continue
            recorded = digits[number].recorded if number in digits else None
            moved = [path for path in paths if label_of(path.parent.name) != recorded]
            others = [path for path in paths if path not in moved]
            for path in others if len(moved) == 1 else []:
                cure = f"The one in {moved[0].parent.name} stays, where a person put it; this goes to the recycle bin."
                says = "The same crop lies in two folders."
                yield Problem("doubled", path, says, cure, True, _binned(root, path))
            if len(moved) != 1:
                says = f"The same crop lies in {', '.join(path.parent.name for path in paths)}."
                yield Problem("doubled", paths[0], says, "Keep the one in the right folder, and move the others away.")


def _crops(root: Path, told: set[Path], progress: Progress | None) -> Iterator[Problem]:
    """What cannot be read, and pictures that are there twice under different names."""
    seen: dict[str, Path] = {}
    files = [(label, path) for label, folder in staging.label_folders(root) for path in staging.crop_paths(folder)]
    for done, (label, path) in enumerate(files):
        if progress and done % 256 == 0:
            progress(done, len(files))
        if path in told:
            continue
        try:
            crop = read_crop(path, label)
        except CaptureError as error:
            if path.exists():
                cure = "It is moved to the recycle bin; save its page again to have it back."
                yield Problem("unreadable", path, error.message, cure, True, _binned(root, path))
            continue
        first = seen.setdefault(picture_hash(crop.pixels), path)
        if first != path:
            yield from _doubled_picture(root, first, path)


def _doubled_picture(root: Path, first: Path, path: Path) -> Iterator[Problem]:
    """Two pages may hold the same picture with the same label: that is no mistake, and `duplicates` tells of it."""
    if label_of(first.parent.name) != label_of(path.parent.name):
        says = f"The same picture has another label as {first}."
        yield Problem("doubled", path, says, "Move the one with the wrong label to the recycle bin.")
        return
    copy, other = (first, path) if parse_crop_file_name(path.name) else (path, first)
    if parse_crop_file_name(copy.name) is None:
        says = f"The same picture is there as {other.name}."
        yield Problem("doubled", copy, says, "It is moved to the recycle bin.", True, _binned(root, copy))


def _pageless(places: Places, pages: Mapping[str, Page], root: Path) -> Iterator[Problem]:
    for capture in places:
        if capture not in pages and not (root / staging.PAGES / f"{capture}.json").exists():
            path = next(iter(places[capture].values()))[0]
            if not _has_box(path):  # it came without a page, from MNIST's files or another table of crops
                continue
            count = sum(len(paths) for paths in places[capture].values())
            says = f"The page of {'this crop' if count == 1 else f'this and {count - 1} more crops'} is gone."
            yield Problem("page gone", path, says, "It can still be learned from. To have the page, save it again.")


def _pages(root: Path) -> tuple[dict[str, Page], list[Problem]]:
    pages: dict[str, Page] = {}
    problems: list[Problem] = []
    listed = [path for path in _listed(root / staging.PAGES) if _PAGE_FILE.fullmatch(path.stem)]
    jsons = {path.stem for path in listed if path.suffix == ".json"}
    for path in listed:
        if path.suffix == ".json":
            try:
                pages[path.stem] = read_page(path)
            except CaptureError as error:
                cure = "It is moved to the recycle bin; its crops stay. Save the page again to have its boxes back."
                problems.append(Problem("unreadable", path, error.message, cure, True, _binned(root, path)))
        elif path.suffix == ".png" and path.stem not in jsons:
            cure = "It is moved to the recycle bin. To have it back, read it from there and save it."
            problems.append(
                Problem("orphaned page", path, "This picture has no boxes.", cure, True, _binned(root, path))
            )
    return pages, problems


def _page(root: Path, page: Page, places: Mapping[int, Sequence[Path]]) -> Iterator[Problem]:
    path = root / staging.PAGES / f"{page.capture}.json"
    if not path.exists():
        return  # a page that calls itself by another name; what it says is not ours to judge
    if not path.with_suffix(".png").is_file():
        cure = "Read its picture again and save it; the labels stay."
        yield Problem("picture gone", path, "The picture of this page is gone.", cure)
    missing = [digit.number for digit in page.digits if digit.number is not None and digit.number not in places]
    if missing and len(missing) == len(page.digits):
        cure = "Save the page again to have its crops back, or move it away."
        yield Problem("orphaned page", path, "None of this page's crops is there any more.", cure)
    elif missing:
        says = f"{len(missing)} of this page's {len(page.digits)} crops are gone."
        yield Problem("crop gone", path, says, "Restore them from the recycle bin, or save the page again.")
    moved = any(_differs(digit.recorded, places.get(digit.number or 0, ())) for digit in page.digits)
    listed = {digit.number for digit in page.digits}
    strange = [paths[0] for number, paths in places.items() if number not in listed]
    if moved or any(_has_box(one) for one in strange):
        says = "Crops were moved to other folders, or came back, since it was saved."
        yield Problem("out of step", path, says, "The page takes over the crops and labels of the folders.", True)


def _has_box(path: Path) -> bool:
    try:
        return read_origin(path).box is not None
    except CaptureError:
        return False


def _differs(recorded: str | None, paths: Sequence[Path]) -> bool:
    return recorded is not None and len(paths) == 1 and label_of(paths[0].parent.name) != recorded


def _listed(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return sorted(folder.iterdir())
    return []


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
