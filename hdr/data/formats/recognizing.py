"""A file or a folder from outside to the format that it is in, by what it holds and not by what it is called."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from hdr.data.formats import coco, folder, huggingface, idx, labelme, voc, yolo
from hdr.data.formats.found import Found, Problems
from hdr.data.formats.taking import read_json, walk
from hdr.data.staging import PAGES
from hdr.errors import CaptureError
from hdr.vision.media import SUFFIXES

_KNOWN = (
    "It may be class folders, MNIST's IDX files, .npz, .csv, labelme, COCO, YOLO or Pascal VOC files, an image folder "
    "with metadata.jsonl, another captures folder, or an archive of one of them."
)


def recognize(path: Path) -> tuple[str, Path]:
    """Return the format's name, and the file or folder that its reader takes.

    Raises
    ------
    CaptureError
        Where it is none that is known.
    """
    if path.is_dir():
        return _of_folder(_unwrapped(path))
    if path.is_file():
        return _of_file(path), path
    raise CaptureError(f"There is no file or folder {path}.", hint="Check its name and where it is.")


def _of_file(path: Path) -> str:
    ending = path.suffix.lower()
    if ending in (".npz", ".csv"):
        return ending[1:]
    if idx.images_below(path):
        return "idx"
    if ending in (".yaml", ".yml"):
        return "yolo"
    if ending == ".xml" and voc.is_voc(path):
        return "voc"
    if ending == ".json" and (name := _of_json(path)):
        return name
    if ending in SUFFIXES:
        raise CaptureError(f"{path} is a picture without labels.", hint="Read it with `hdr read`, or in the window.")
    raise CaptureError(f"{path} is in no format that is known.", hint=_KNOWN)


def _of_json(path: Path) -> str | None:
    told = read_json(path)
    if coco.looks_like(told):
        return "coco"
    return "labelme" if labelme.looks_like(told) else None


def _of_jsons(files: list[Path]) -> str | None:
    """The format of the first that is in one; a damaged file is one for its reader to report."""
    damaged: CaptureError | None = None
    for file in files:
        try:
            if name := _of_json(file):
                return name
        except CaptureError as error:
            damaged = damaged or error
    if damaged is not None:
        raise damaged
    return None


def _unwrapped(path: Path) -> Path:
    """The folder inside, where there is nothing else: archives often hold one."""
    while True:
        inside = [one for one in path.iterdir() if not one.name.startswith((".", "__MACOSX"))]
        if len(inside) != 1 or not inside[0].is_dir() or inside[0].is_symlink() or folder.pictures_in(inside[0]):
            return path
        path = inside[0]


def _of_folder(path: Path) -> tuple[str, Path]:
    if (path / PAGES).is_dir():
        return "captures", path
    files = walk(path)
    tests: dict[str, Callable[[], bool]] = {
        "huggingface": lambda: any(file.name == huggingface.METADATA for file in files),
        "idx": lambda: bool(idx.images_below(path)),
        "yolo": lambda: yolo.is_yolo(path),
        "voc": lambda: any(file.suffix.lower() == ".xml" and voc.is_voc(file) for file in files),
    }
    for name, holds in tests.items():
        if holds():
            return name, path
    if name_of := _of_jsons([file for file in files if file.suffix.lower() == ".json"]):
        return name_of, path
    for ending in (".npz", ".csv"):
        if any(file.suffix.lower() == ending for file in files):
            return ending[1:], path
    if any(folder.pictures_in(one) for _, one in folder.class_folders(path)):
        return "folder", path
    raise CaptureError(f"{path} holds nothing in a format that is known.", hint=_KNOWN)


def read_format(name: str, path: Path, problems: Problems) -> Found:
    """Yield what a file or folder of a format holds, as `recognize` found it.

    Raises
    ------
    CaptureError
        Where it is damaged as a whole.
    """
    module = import_module(f"hdr.data.formats.{'table' if name == 'csv' else name}")
    single = path.is_dir() and name in ("npz", "csv")
    for one in [file for file in walk(path) if file.suffix.lower() == f".{name}"] if single else [path]:
        yield from module.read(one, problems)
