"""Pages to what Label Studio imports: `tasks.json`, the pictures, and `label_config.xml` for the project.

What a person confirmed is an annotation, what only the model says a prediction with its score. The pictures are named
as its local storage serves them: set ``LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true`` and
``LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT`` to the export's folder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

from hdr.data.formats.album import Album, AlbumPage
from hdr.data.formats.found import facts_of, page_facts_of
from hdr.data.formats.writing import new_folder, write_classes
from hdr.data.formats.xml import add, check_labels, to_bytes
from hdr.data.pages import PageDigit

_FROM, _TO = "label", "image"


def write(album: Album, target: Path, *, replace: bool) -> None:
    """Write the pages as Label Studio imports them.

    Raises
    ------
    CaptureError
        For a label that its configuration cannot hold, where something is there already that may not be replaced, or
        where it cannot be written.
    """
    check_labels(album, "Label Studio")
    with new_folder(target, "labelstudio", album.labels, album.told(), replace=replace) as work:
        for name, pages in album.parts():
            tasks = [_task(one, one.copy_to(work / "images" / name), name) for one in pages]
            path = work / (f"tasks-{name}.json" if name else "tasks.json")
            path.write_text(json.dumps(tasks, indent=1) + "\n", encoding="ascii")
        (work / "label_config.xml").write_bytes(to_bytes(_config(album.labels), declared=False))
        write_classes(work, album.labels)


def _task(one: AlbumPage, picture: str, part: str) -> dict[str, Any]:
    place = "/".join(filter(None, ("images", part, picture)))
    confirmed = [digit for digit in one.page.digits if digit.by_person]
    predicted = [digit for digit in one.page.digits if not digit.by_person]
    task: dict[str, Any] = {
        "data": {"image": f"/data/local-files/?d={quote(place)}", "hdr": page_facts_of(one.page)},
        "annotations": [{"result": _results(confirmed, one.page.size)}] if confirmed else [],
        "predictions": [],
    }
    if predicted:
        score = min(digit.confidence for digit in predicted)
        told = {"model_version": one.page.model or "hdr", "score": round(score, 6)}
        task["predictions"] = [{**told, "result": _results(predicted, one.page.size)}]
    return task


def _results(digits: Sequence[PageDigit], size: tuple[int, int]) -> list[dict[str, Any]]:
    return [_result(digit, number, size) for number, digit in enumerate(digits)]


def _result(digit: PageDigit, number: int, size: tuple[int, int]) -> dict[str, Any]:
    (width, height), (x, y, w, h) = size, digit.box.xywh
    place = {"x": 100 * x / width, "y": 100 * y / height, "width": 100 * w / width, "height": 100 * h / height}
    told: dict[str, Any] = {
        "id": f"digit-{digit.number if digit.number is not None else f'new-{number}'}",
        "type": "rectanglelabels",
        "from_name": _FROM,
        "to_name": _TO,
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "value": {**place, "rotation": 0, "rectanglelabels": [digit.label]},
        "meta": {"hdr": facts_of(digit)},
    }
    return told if digit.by_person else {**told, "score": round(digit.confidence, 6)}


def _config(labels: tuple[str, ...]) -> Element:
    root = Element("View")
    add(root, "Image", name=_TO, value="$image", zoom="true")
    names = add(root, "RectangleLabels", name=_FROM, toName=_TO)
    for label in labels:
        keys = {"hotkey": label} if len(label) == 1 and label.isascii() and label.isalnum() else {}
        add(names, "Label", value=label, **keys)
    return root
