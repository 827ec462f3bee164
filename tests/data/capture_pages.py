"""Pages and readings to save in tests: six digits on one small page."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from hdr.classify.card import ModelCard
from hdr.classify.classifier import StubClassifier
from hdr.classify.names import DIGITS, NOT_A_DIGIT
from hdr.data.captures import CaptureStore, capture_id
from hdr.geometry import Box
from hdr.reading.pipeline import find_crops
from hdr.reading.results import Digit, Reading
from hdr.vision.normalize import Crop


def make_image(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (40, 120, 3)).astype(np.uint8)


LABELS = (*DIGITS, NOT_A_DIGIT)


def make_reading(labels: Sequence[str] = "012345", corrected: dict[int, str] | None = None, shift: int = 0) -> Reading:
    """A row of digits, 18 px apart; `corrected` says what a person gave to which."""
    crops = [
        Crop(np.full((20, 10), 100 + index, np.uint8), Box.from_xywh(5 + 18 * index + shift, 8, 10, 20))
        for index in range(len(labels))
    ]
    classifier = StubClassifier(list(labels) or ["0"], card=ModelCard("stub", LABELS))
    predictions = classifier.classify(crops)
    digits = [Digit(crop, prediction, 0) for crop, prediction in zip(crops, predictions, strict=True)]
    for index, label in (corrected or {}).items():
        digits[index] = digits[index].relabelled(label)
    return Reading((120, 40), tuple(digits), "stub")


def files_of(root: Path) -> dict[str, str]:
    """Every crop below the captures folder as ``{file name: folder}``; a crop in two folders fails the test."""
    found: dict[str, str] = {}
    for path in sorted(root.glob("*/*.png")):
        if path.parent.name in ("_pages", "_bin"):
            continue
        assert path.name not in found, f"{path.name} is in {found[path.name]} and in {path.parent.name}"
        found[path.name] = path.parent.name
    return found


def labels_of(root: Path, image: np.ndarray) -> str:
    """The folders of one page's crops, by their numbers."""
    capture = capture_id(image)
    return "".join(folder for name, folder in sorted(files_of(root).items()) if name.startswith(capture))


def assert_all_whole(root: Path) -> None:
    """Every picture decodes to its last byte and every JSON parses, wherever below the folder it is."""
    for path in root.rglob("*"):
        if path.suffix == ".png" and ".saving-" not in str(path):
            with Image.open(io.BytesIO(path.read_bytes())) as picture:
                picture.load()
        elif path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))


def save_for_ever(root: Path) -> None:
    """Save one page over and over, its labels changing each time, and a new page each time."""
    store, image, count = CaptureStore(root), make_image(), 0
    while True:
        count += 1
        # Both readings are a person's words, so that each save moves crops.
        flip = {1: "1", 4: "4", 5: "5"} if count % 2 else {1: "7", 4: "none", 5: "9"}
        store.save(image, make_reading("012345", flip), "loop")
        store.save(make_image(1000 * os.getpid() + count), make_reading("678"), "loop")


def make_page(seed: int, labels: Sequence[str], corrected: dict[int, str] | None = None) -> tuple[np.ndarray, Reading]:
    """White paper with a row of dark shapes, no two alike, and its reading: found by the pipeline, so labelled."""
    chance = np.random.default_rng(seed)
    image = np.full((60, 40 * len(labels) + 20, 3), 255, np.uint8)
    for index in range(len(labels)):
        x = 15 + 40 * index
        image[12:48, x : x + 5] = 20
        for y in chance.integers(12, 44, 2):
            image[y : y + 4, x : x + chance.integers(12, 22)] = 20
    found = find_crops(image)
    predictions = StubClassifier(list(labels), card=ModelCard("stub", LABELS)).classify(found.crops)
    digits = [Digit(crop, prediction, 0) for crop, prediction in zip(found.crops, predictions, strict=True)]
    for index, label in (corrected or {}).items():
        digits[index] = digits[index].relabelled(label)
    assert len(digits) == len(labels)
    return image, Reading((image.shape[1], 60), tuple(digits), "stub")
