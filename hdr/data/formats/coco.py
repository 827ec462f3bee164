"""Pages to COCO's object detection JSON, `annotations/instances_<part>.json` beside `images/`; and back.

The categories are the classes in order, numbered from 1, each whether it occurs or not. What is known of a page or a
digit beside its box stands under the key ``hdr``, which readers of COCO leave alone.

References
----------
T.-Y. Lin et al., "Microsoft COCO: Common objects in context", 2014, doi:10.1007/978-3-319-10602-1_48 (the data format).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hdr.data.formats.album import Album, AlbumPage
from hdr.data.formats.found import (
    Found,
    FoundPage,
    Problems,
    box_of,
    digit_of,
    facts_of,
    page_facts_of,
    page_of,
    picture_loader,
)
from hdr.data.formats.taking import Pictures, read_json, walk
from hdr.data.formats.writing import new_folder
from hdr.data.pages import PageDigit
from hdr.errors import CaptureError


def write(album: Album, target: Path, *, replace: bool) -> None:
    """Write the pages as COCO has them.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    with new_folder(target, "coco", album.labels, album.told(), replace=replace) as work:
        (work / "annotations").mkdir()
        for name, pages in album.parts():
            folder = work / "images" / name
            folder.mkdir(parents=True, exist_ok=True)
            for one in pages:
                one.copy_to(folder)
            told = _instances(pages, album.labels)
            path = work / "annotations" / f"instances_{name or 'all'}.json"
            path.write_text(json.dumps(told, indent=1) + "\n", encoding="ascii")


def _instances(pages: tuple[AlbumPage, ...], labels: tuple[str, ...]) -> dict[str, Any]:
    category = {label: number for number, label in enumerate(labels, 1)}
    annotations = [
        _annotation(digit, number, category[digit.label])
        for number, one in enumerate(pages, 1)
        for digit in one.page.digits
    ]
    return {
        "info": {"description": "Handwritten digits on pages, written by hdr"},
        "licenses": [],
        "images": [_image(one, number) for number, one in enumerate(pages, 1)],
        "annotations": [{"id": number, **one} for number, one in enumerate(annotations, 1)],
        "categories": [{"id": number, "name": label, "supercategory": ""} for label, number in category.items()],
    }


def _image(one: AlbumPage, number: int) -> dict[str, Any]:
    width, height = one.page.size
    facts = page_facts_of(one.page)
    return {"id": number, "file_name": one.page.image_name, "width": width, "height": height, "hdr": facts}


def _annotation(digit: PageDigit, image: int, category: int) -> dict[str, Any]:
    box = digit.box
    return {
        "image_id": image,
        "category_id": category,
        "bbox": list(box.xywh),
        "area": box.area,
        "iscrowd": 0,
        "segmentation": [],
        "hdr": facts_of(digit),
    }


def looks_like(told: Any) -> bool:
    """Whether a JSON file is one of COCO's."""
    return isinstance(told, dict) and all(isinstance(told.get(key), list) for key in ("images", "categories"))


def read(root: Path, problems: Problems) -> Found:
    """Yield the pages of COCO files below a folder, or of the one that is named.

    Raises
    ------
    CaptureError
        Where there is none, or one contradicts itself.
    """
    files = [root] if root.is_file() else [path for path in walk(root) if path.suffix.lower() == ".json"]
    told = [(path, one) for path in files if looks_like(one := read_json(path))]
    if not told:
        raise CaptureError(f"{root} holds no COCO file.", hint="It needs a .json with images and categories.")
    for path, one in told:
        yield from _pages(one, path, problems)


def _pages(told: Mapping[str, Any], path: Path, problems: Problems) -> Found:
    names = {
        _key(one, "id"): one.get("name") for one in _dicts(told["categories"], path) if _key(one, "id") is not None
    }
    by_image: dict[Any, list[Mapping[str, Any]]] = {_key(one, "id"): [] for one in _dicts(told["images"], path)}
    if None in by_image:
        raise CaptureError(f"{path} lists a picture without an id.", hint="Export it again.")
    for one in _dicts(told.get("annotations", []), path):
        if _key(one, "image_id") not in by_image:
            raise CaptureError(f"{path} labels a picture {one.get('image_id')!r} that it does not list.")
        by_image[_key(one, "image_id")].append(one)
    pictures = Pictures(_top(path))
    for image in told["images"]:
        try:
            yield _page(image, by_image[_key(image, "id")], names, path, pictures)
        except CaptureError as error:
            problems.append(error)


def _page(
    image: Mapping[str, Any], boxes: list[Mapping[str, Any]], names: Mapping[Any, Any], path: Path, pictures: Pictures
) -> FoundPage:
    name = str(image.get("file_name"))
    digits = [_digit(one, names, f"{path} ({name})") for one in boxes]
    size = image.get("width"), image.get("height")
    width, height = (one if isinstance(one, int) else 0 for one in size)
    page = page_of(image.get("hdr"), name, (width, height), digits)
    ordered = all(digit.number is not None for digit in digits)
    return FoundPage(page, picture_loader(pictures.find(name, path.parent)), ordered)


def _digit(one: Mapping[str, Any], names: Mapping[Any, Any], where: str) -> PageDigit:
    label, box = names.get(_key(one, "category_id")), box_of(one.get("bbox"))
    if not isinstance(label, str):
        raise CaptureError(f"{where} uses the category {one.get('category_id')!r}, which has no name.")
    if box is None:
        raise CaptureError(f"{where} has the box {str(one.get('bbox'))[:60]}.", hint="A box is x, y, width, height.")
    return digit_of(label, box, one.get("hdr"))


def _key(one: Mapping[str, Any], name: str) -> Any:
    """An id, as what can be looked up: a list or an object counts as None."""
    told = one.get(name)
    return told if isinstance(told, int | str) else None


def _dicts(told: Any, path: Path) -> list[Mapping[str, Any]]:
    if isinstance(told, list) and all(isinstance(one, dict) for one in told):
        return told
    raise CaptureError(f"{path} is no COCO file: a list holds what is no object.", hint="Export it again.")


def _top(path: Path) -> Path:
    """Where the pictures are looked for: beside the file, or beside its folder where that is called annotations."""
    return path.parent.parent if path.parent.name.lower() == "annotations" else path.parent
