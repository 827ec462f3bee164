"""Samples to class folders: ``<label>/<name>.png``, and the order of the classes in `classes.txt`.

Every class has its folder, an empty one too, so that Keras's ``image_dataset_from_directory`` takes the lines of
`classes.txt` as its ``class_names``. torchvision's ``ImageFolder`` wants ``allow_empty=True`` where a class has none.
"""

from __future__ import annotations

from pathlib import Path

from hdr.data.crops import encode_crop
from hdr.data.formats.samples import Samples
from hdr.data.formats.writing import CLASSES, new_folder
from hdr.data.labels import folder_name


def write(samples: Samples, target: Path, *, replace: bool) -> None:
    """Write the samples as class folders.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    folders = [folder_name(label) for label in samples.labels]
    with new_folder(target, samples, "folder", replace=replace) as work:
        for folder in folders:
            (work / folder).mkdir()
        taken: set[str] = set()
        for field, index, origin, name in zip(
            samples.fields, samples.classes, samples.origins, samples.names, strict=True
        ):
            path = _free(f"{folders[int(index)]}/{name}", taken)
            (work / f"{path}.png").write_bytes(encode_crop(field, origin))
        (work / CLASSES).write_text("".join(f"{folder}\n" for folder in folders), encoding="utf-8")


def _free(path: str, taken: set[str]) -> str:
    """Two files of one name can only come from two folders of one label."""
    candidate, number = path, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{path}-{number}"
    taken.add(candidate.casefold())
    return candidate
