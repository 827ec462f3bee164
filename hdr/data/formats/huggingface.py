"""Samples to an image folder as Hugging Face's `datasets` reads it, with a `metadata.jsonl`; and back.

A line a crop: its file, its label, and all that is known of it. `README.md` declares the labels in order, so that the
column comes back as a ``ClassLabel``. Divided, there is a folder a part: ``train``, ``validation``, ``test``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hdr.data.crops import LabelledCrop, encode_crop, read_crop
from hdr.data.formats.found import Found, Problems, crop_facts_of, origin_of, short
from hdr.data.formats.samples import Samples
from hdr.data.formats.taking import Pictures, is_dark_on_light, parse_json, read_classes, read_text
from hdr.data.formats.writing import new_folder, told_of, write_classes
from hdr.errors import CaptureError

METADATA = "metadata.jsonl"
_PARTS = {"": "train", "train": "train", "val": "validation", "test": "test"}
_FEATURES = {
    "page": {"dtype": "string"},
    "number": {"dtype": "int64"},
    "box": {"sequence": "int64"},
    "confirmed": {"dtype": "bool"},
    "predicted": {"dtype": "string"},
    "confidence": {"dtype": "float64"},
    "writer": {"dtype": "string"},
    "source": {"dtype": "string"},
    "model": {"dtype": "string"},
    "saved": {"dtype": "string"},
}


def write(samples: Samples, target: Path, *, replace: bool) -> None:
    """Write the samples as an image folder with metadata.

    Raises
    ------
    CaptureError
        Where something is there already that may not be replaced, or it cannot be written.
    """
    with new_folder(target, "huggingface", samples.labels, told_of(samples), replace=replace) as work:
        counts = {}
        for name, part in samples.parts():
            counts[_PARTS[name]] = len(part)
            (work / _PARTS[name]).mkdir()
            _write_part(part, work / _PARTS[name])
        (work / "README.md").write_text(_card(samples.labels, counts), encoding="utf-8")
        write_classes(work, samples.labels)


def _write_part(samples: Samples, folder: Path) -> None:
    lines = []
    rows = zip(samples.fields, samples.classes, samples.origins, strict=True)
    for number, (field, index, origin) in enumerate(rows):
        name = f"{number:06d}.png"
        (folder / name).write_bytes(encode_crop(field, origin))
        told = {"file_name": name, "label": samples.labels[int(index)], **crop_facts_of(origin)}
        lines.append(json.dumps(told) + "\n")
    (folder / METADATA).write_text("".join(lines), encoding="ascii")


def _card(labels: tuple[str, ...], counts: Mapping[str, int]) -> str:
    """The data set's card: what `datasets` is to make of each column."""
    import yaml

    names = {str(index): label for index, label in enumerate(labels)}
    features: list[dict[str, Any]] = [{"name": "image", "dtype": "image"}]
    features.append({"name": "label", "dtype": {"class_label": {"names": names}}})
    features += [{"name": name, **kind} for name, kind in _FEATURES.items()]
    files = [{"split": part, "path": f"{part}/*"} for part, count in counts.items() if count]
    told = {"configs": [{"config_name": "default", "data_files": files, "features": features}]}
    head = yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
    return f"---\n{head}---\n\nLabelled crops of handwritten digits, white on black, written by hdr.\n"


def read(root: Path, problems: Problems) -> Found:
    """Yield the crops of an image folder with metadata; the label is a text, or a number of the declared classes.

    Raises
    ------
    CaptureError
        Where a `metadata.jsonl` cannot be read, or has no labels.
    """
    files = sorted(path for path in root.rglob(METADATA) if path.is_file() and not path.is_symlink())
    if not files:
        raise CaptureError(f"{root} has no {METADATA}.", hint="It lists a picture a line: file_name and label.")
    pictures = Pictures(root)
    names = read_classes(root) or _declared(root)
    rows = [(path, row) for path in files for row in _rows(path)]
    inverted = _dark_on_light(pictures, rows[:200])
    for path, row in rows:
        try:
            yield _crop(pictures, path, row, names, inverted=inverted)
        except CaptureError as error:
            problems.append(error)


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    # Not by splitlines, which would also break at the separators that a label may hold.
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        row = parse_json(line, f"Line {number} of {path}")
        if not isinstance(row, dict) or not isinstance(row.get("file_name"), str) or "label" not in row:
            raise CaptureError(
                f"Line {number} of {path} has no file_name and label.", hint="Each line needs both to be imported."
            )
        yield row


def _crop(
    pictures: Pictures, path: Path, row: Mapping[str, Any], names: tuple[str, ...] | None, *, inverted: bool
) -> LabelledCrop:
    file = pictures.find(row["file_name"], path.parent)
    label = _label(row["label"], names, f"{row['file_name']} of {path}")
    pixels = read_crop(file, label).pixels
    ours = short(row.get("saved")) != ""
    return LabelledCrop(
        np.asarray(255 - pixels, np.uint8) if inverted and not ours else pixels, label, origin_of(row, file.name)
    )


def _label(told: Any, names: tuple[str, ...] | None, where: str) -> str:
    if isinstance(told, str):
        return told
    if isinstance(told, int) and not isinstance(told, bool):
        if names is None:
            return str(told)
        if 0 <= told < len(names):
            return names[told]
    raise CaptureError(f"{where} has the label {told!r}.", hint="It must be a text, or a number of a class.")


def _declared(root: Path) -> tuple[str, ...] | None:
    """The class names in the data set's card, if it has one that declares them."""
    import yaml

    card = root / "README.md"
    parts = read_text(card, 1 << 20).split("---\n", 2) if card.is_file() else []
    if len(parts) < 3:
        return None
    try:
        told = yaml.load(parts[1], Loader=yaml.BaseLoader)  # noqa: S506  (it makes nothing but texts)
        listed = [*told.get("configs", []), told.get("dataset_info", {})]
        features = [feature for one in listed for feature in one.get("features", []) if feature["name"] == "label"]
        return tuple(features[0]["dtype"]["class_label"]["names"].values()) if features else None
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # a card is for people; without the names the numbers stand for themselves


def _dark_on_light(pictures: Pictures, rows: list[tuple[Path, Mapping[str, Any]]]) -> bool:
    some = []
    for path, row in rows:
        try:
            some.append(read_crop(pictures.find(row["file_name"], path.parent), "").pixels)
        except CaptureError:
            continue  # it is reported when its turn comes
    return is_dark_on_light(some)
