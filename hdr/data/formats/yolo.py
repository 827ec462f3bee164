"""Pages to YOLO's folders, `images/` and `labels/` with a `data.yaml`; and back.

A line a box: the class, then the box's middle and size in parts of the picture's, with so many places that the pixels
come back exactly. There is no room for what else is known of a digit; it stands in the export's manifest, which other
programs leave alone. `data.yaml` lists the classes in order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hdr.data.formats.album import Album
from hdr.data.formats.found import (
    Found,
    FoundPage,
    Problems,
    corners,
    digit_of,
    facts_of,
    page_facts_of,
    page_of,
    picture_loader,
)
from hdr.data.formats.taking import read_classes, read_text, walk
from hdr.data.formats.writing import MANIFEST, new_folder, read_manifest
from hdr.data.pages import Page, PageDigit
from hdr.errors import CaptureError, ImageError
from hdr.vision.media import SUFFIXES

_PARTS = {"": "train", "train": "train", "val": "val", "test": "test"}
_LARGEST = 50_000_000


def write(album: Album, target: Path, *, replace: bool) -> None:
    """Write the pages as Ultralytics' YOLO reads them.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    index = {label: number for number, label in enumerate(album.labels)}
    facts = {one.page.capture: _facts(one.page) for one in album.pages}
    with new_folder(target, "yolo", album.labels, {**album.told(), "facts": facts}, replace=replace) as work:
        written = []
        for name, pages in album.parts():
            part = _PARTS[name]
            written += [part] if pages else []
            for kind in ("images", "labels"):
                (work / kind / part).mkdir(parents=True)
            for one in pages:
                picture = one.copy_to(work / "images" / part)
                lines = [_line(digit, index[digit.label], one.page.size) for digit in one.page.digits]
                (work / "labels" / part / picture).with_suffix(".txt").write_text("".join(lines), encoding="ascii")
        (work / "data.yaml").write_text(_data(album.labels, written), encoding="utf-8")


def _facts(page: Page) -> dict[str, Any]:
    return {"page": page_facts_of(page), "digits": [facts_of(digit) for digit in page.digits]}


def _line(digit: PageDigit, number: int, size: tuple[int, int]) -> str:
    (width, height), box = size, digit.box
    (x, y), (w, h) = box.center, (box.width, box.height)
    return f"{number} {x / width:.10f} {y / height:.10f} {w / width:.10f} {h / height:.10f}\n"


def _data(labels: tuple[str, ...], parts: list[str]) -> str:
    import yaml

    # Ultralytics insists on pictures in train and val; for a part without any the first that has some stands in.
    paths = {part: f"images/{part if part in parts else parts[0]}" for part in ("train", "val")}
    if "test" in parts:
        paths["test"] = "images/test"
    told = {**paths, "nc": len(labels), "names": dict(enumerate(labels))}
    return str(yaml.safe_dump(told, sort_keys=False, allow_unicode=True))


def is_yolo(root: Path) -> bool:
    """Whether a folder holds pictures with files of labels in YOLO's way."""
    files = walk(root)
    texts = {path.stem for path in files if path.suffix == ".txt"}
    return _find_names(root) is not None and any(
        path.suffix.lower() in SUFFIXES and path.stem in texts for path in files
    )


def read(root: Path, problems: Problems) -> Found:
    """Yield the pages of YOLO folders; a picture without a file of labels is a page without boxes.

    Raises
    ------
    CaptureError
        Where no file lists the classes, or there is no picture.
    """
    root = root.parent if root.is_file() else root
    names = _find_names(root)
    if names is None:
        raise CaptureError(f"{root} has no list of its classes.", hint="Put data.yaml or classes.txt there.")
    pictures = [path for path in walk(root) if path.suffix.lower() in SUFFIXES]
    if not pictures:
        raise CaptureError(f"{root} has no pictures.", hint="Put them in images/, and their labels in labels/.")
    facts = read_manifest(root).get("facts")
    for picture in pictures:
        told = facts.get(picture.stem) if isinstance(facts, dict) else None
        try:
            yield _page(picture, names, root, told)
        except CaptureError as error:
            problems.append(error)
        except ImageError as error:
            problems.append(CaptureError(error.message, hint=error.hint))


def _page(picture: Path, names: tuple[str, ...], root: Path, told: Any) -> FoundPage:
    """The page with its boxes, which need the picture's size; and what our manifest tells of each, if it fits."""
    from hdr.vision.media import load_image

    labels = _labels_of(picture, root)
    text = read_text(labels, _LARGEST) if labels else ""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    height, width = load_image(picture).shape[:2]
    facts = told.get("digits") if isinstance(told, dict) else None
    ours = isinstance(facts, list) and len(facts) == len(lines)
    each = facts if isinstance(facts, list) and ours else [None] * len(lines)
    digits = [_digit(line, one, names, (width, height), str(labels)) for line, one in zip(lines, each, strict=True)]
    page = page_of(told.get("page") if ours else {}, picture.name, (width, height), digits)
    return FoundPage(page, picture_loader(picture), ordered=ours)


def _digit(line: list[str], facts: Any, names: tuple[str, ...], size: tuple[int, int], where: str) -> PageDigit:
    try:
        number, *told = (float(one) for one in line)
    except ValueError:
        number, told = -1.0, []
    if len(told) < 4 or not math.isfinite(number) or number % 1:
        raise CaptureError(f"{where} has the line {' '.join(line)[:60]!r}.", hint="A line is: class x y width height.")
    if not 0 <= number < len(names):
        raise CaptureError(f"{where} has a class {int(number)}, but only {len(names)} are listed.")
    box = corners(*_sides(told, size))
    if box is None:
        raise CaptureError(f"{where} has an empty box, or one far outside: {' '.join(line)[:60]!r}.")
    return digit_of(names[int(number)], box, facts)


def _sides(told: list[float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The corners in pixels: of a box, with its confidence or without; of more numbers, the polygon's."""
    (width, height), (x, y, w, h) = size, told[:4]
    if len(told) <= 5:
        return (x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height
    xs, ys = told[0::2], told[1::2]
    return min(xs) * width, min(ys) * height, max(xs) * width, max(ys) * height


def _labels_of(picture: Path, root: Path) -> Path | None:
    """Where YOLO looks: the last folder `images` of the path replaced by `labels`; else beside the picture."""
    inner = list(picture.relative_to(root).parts)
    for place in range(len(inner) - 1, -1, -1):
        if inner[place] == "images":
            inner[place] = "labels"
            break
    for path in ((root / Path(*inner)).with_suffix(".txt"), picture.with_suffix(".txt")):
        if path.is_file() and not path.is_symlink():
            return path
    return None


def _find_names(root: Path) -> tuple[str, ...] | None:
    for path in sorted([*root.glob("*.yaml"), *root.glob("*.yml")]):
        if names := _names(path):
            return names
    for folder in (root, root / "labels"):
        if (listed := _plain_classes(folder)) is not None:
            return listed
    return None


def _plain_classes(folder: Path) -> tuple[str, ...] | None:
    """The lines of `classes.txt`, which other programs write as they are, and we as folders' names."""
    path = folder / "classes.txt"
    if (folder / MANIFEST).is_file():
        return read_classes(folder)
    return tuple(line for line in read_text(path, 1 << 20).splitlines() if line) if path.is_file() else None


def _names(path: Path) -> tuple[str, ...] | None:
    """The classes that a `data.yaml` lists, in order; None where it lists none."""
    import yaml

    try:
        told = yaml.load(read_text(path, 1 << 20), Loader=yaml.BaseLoader)  # noqa: S506  (it makes nothing but texts)
        names: Any = told.get("names") if isinstance(told, Mapping) else None
        if isinstance(names, Mapping):
            names = [names[str(number)] for number in range(len(names))]
    except (yaml.YAMLError, KeyError, RecursionError) as error:
        raise CaptureError(f"{path} lists no classes from 0 on ({error}).", hint="Number them 0, 1, 2, ...") from error
    if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
        return tuple(names)
    return None
