"""Samples to class folders, ``<label>/<name>.png``, with the order of the classes in `classes.txt`; and back.

Every class has its folder, an empty one too, so that Keras's ``image_dataset_from_directory`` takes the lines of
`classes.txt` as its ``class_names``. torchvision's ``ImageFolder`` wants ``allow_empty=True`` where a class has none.
Divided, the class folders lie in ``train/``, ``val/`` and ``test/``. What is known of a crop rides inside its PNG.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from hdr.data.crops import LabelledCrop, encode_crop, read_crop
from hdr.data.formats.found import CAPTURE, Found, Problems
from hdr.data.formats.samples import Samples
from hdr.data.formats.taking import is_dark_on_light
from hdr.data.formats.writing import new_folder, told_of, write_classes
from hdr.data.labels import folder_name, label_of
from hdr.errors import CaptureError

PART_FOLDERS = frozenset({"train", "val", "valid", "validation", "test", "training", "testing"})
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"})
_SOME = 200


def write(samples: Samples, target: Path, *, replace: bool) -> None:
    """Write the samples as class folders.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    folders = [folder_name(label) for label in samples.labels]
    with new_folder(target, "folder", samples.labels, told_of(samples), replace=replace) as work:
        for name, part in samples.parts():
            for folder in folders:
                (work / name / folder).mkdir(parents=True)
            _write_part(part, work / name, folders)
        write_classes(work, samples.labels)


def _write_part(samples: Samples, root: Path, folders: list[str]) -> None:
    taken: set[str] = set()
    for field, index, origin, name in zip(samples.fields, samples.classes, samples.origins, samples.names, strict=True):
        path = _free(f"{folders[int(index)]}/{name}", taken)
        (root / f"{path}.png").write_bytes(encode_crop(field, origin))


def _free(path: str, taken: set[str]) -> str:
    """Two files of one name can only come from two folders of one label."""
    candidate, number = path, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{path}-{number}"
    taken.add(candidate.casefold())
    return candidate


def read(root: Path, problems: Problems) -> Found:
    """Yield the crops of class folders, of ``train/`` and ``test/`` too; dark ink on light paper is inverted.

    Raises
    ------
    CaptureError
        Where there are no such folders.
    """
    folders = class_folders(root)
    if not folders:
        raise CaptureError(f"{root} has no class folders.", hint="It needs a folder a label, such as 7/a.png.")
    files = [(label, path) for label, folder in folders for path in pictures_in(folder)]
    inverted = _dark_on_light(files)
    for label, path in files:
        try:
            crop = read_crop(path, label)
        except CaptureError as error:
            problems.append(error)
            continue
        yield _as_found(crop, path, inverted=inverted and not crop.origin.saved)


def class_folders(root: Path) -> list[tuple[str, Path]]:
    """Return each label with its folder; several may mean the same label."""
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink())
    if folders and all(path.name.lower() in PART_FOLDERS for path in folders if not path.name.startswith((".", "_"))):
        return [one for folder in folders for one in class_folders(folder)]
    labelled = [(label_of(path.name), path) for path in folders if not path.name.startswith("__")]
    return [(label, path) for label, path in labelled if label is not None]


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures of one class, not those of folders inside."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    return [path for path in found if not path.name.startswith(".") and path.is_file() and not path.is_symlink()]


def _as_found(crop: LabelledCrop, path: Path, *, inverted: bool) -> LabelledCrop:
    origin = crop.origin
    if not origin.saved:  # nobody told where it came from, so whoever put it there labelled it
        origin = dataclasses.replace(origin, capture="", by_person=True, source=f"{path.parent.name}/{path.name}")
    elif origin.box is None or not CAPTURE.fullmatch(origin.capture):
        origin = dataclasses.replace(origin, capture="", box=None)
    pixels = np.asarray(255 - crop.pixels, np.uint8) if inverted else crop.pixels
    return LabelledCrop(pixels, crop.label, origin)


def _dark_on_light(files: list[tuple[str, Path]]) -> bool:
    """Whether the pictures show dark ink on light paper, by some of them from everywhere."""
    some = []
    for label, path in files[:: max(1, len(files) // _SOME)]:
        try:
            crop = read_crop(path, label)
        except CaptureError:
            continue  # it is reported when its turn comes
        if not crop.origin.saved:
            some.append(crop.pixels)
    return is_dark_on_light(some)
