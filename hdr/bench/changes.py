"""Real pages to what another camera, another light or another program would have made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hdr.bench.generate import TruePage
from hdr.geometry import Box

Pixels = NDArray[np.uint8]
Change = Callable[[TruePage], TruePage]


def _scaled(share: float) -> Change:
    def change(page: TruePage) -> TruePage:
        way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
        image = np.asarray(cv2.resize(page.image, None, fx=share, fy=share, interpolation=way), np.uint8)
        boxes = page.boxes and tuple((_box(box, share), label) for box, label in page.boxes)
        return replace(page, image=image, boxes=boxes)

    return change


def _box(box: Box, share: float) -> Box:
    return Box(*(round(share * edge) for edge in (box.x0, box.y0, box.x1, box.y1)))


def _pixels(change: Callable[[Pixels], NDArray[np.floating] | Pixels]) -> Change:
    def changed(page: TruePage) -> TruePage:
        return replace(page, image=np.clip(np.round(change(page.image)), 0, 255).astype(np.uint8))

    return changed


def _gradient(image: Pixels) -> NDArray[np.floating]:
    return np.asarray(image * np.linspace(1.0, 0.3, image.shape[1])[None, :, None], np.float64)


def _noise(image: Pixels) -> NDArray[np.floating]:
    grain = np.random.default_rng(0).normal(0, 12, image.shape[:2])
    return np.asarray(image + grain[:, :, None], np.float64)


def _jpeg(image: Pixels) -> Pixels:
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 25])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


CHANGES: dict[str, Change] = {
    "as it is": lambda page: page,
    "inverted": _pixels(lambda image: 255 - image),
    "half": _scaled(0.5),
    "double": _scaled(2.0),
    "gradient": _pixels(_gradient),
    "noise": _pixels(_noise),
    "jpeg": _pixels(_jpeg),
    "blur": _pixels(lambda image: np.asarray(cv2.GaussianBlur(image, (0, 0), 3), np.uint8)),
    "contrast": _pixels(lambda image: np.asarray(image * 0.25 + 120, np.float64)),
}
"""Half and twice the size, light that falls to a third, grain of 12 levels, JPEG at quality 25, a blur of 3 pixels, a
quarter of the contrast."""
