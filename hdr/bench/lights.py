"""A good picture of a page to a worse one: light, lens, sensor and file, each by a known amount.

Every degradation takes pixels of shape (height, width, 3), RGB, 0 to 255, a strength from 0 (nothing) to 1 (hard for a
person), and what decides by chance; it returns pixels of the same shape.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from hdr.bench.generate import Floats, to_bytes

Rng = np.random.Generator
Degradation = Callable[[Floats, float, Rng], Floats]


def _gradient(pixels: Floats, strength: float, rng: Rng) -> Floats:
    height, width = pixels.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width]
    ramp = (np.cos(angle) * (x / width - 0.5) + np.sin(angle) * (y / height - 0.5)) / np.sqrt(2) + 0.5
    return np.asarray(pixels * (1 - 0.85 * strength * ramp[:, :, None]), np.float32)


def _shadow(pixels: Floats, strength: float, rng: Rng) -> Floats:
    height, width = pixels.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width]
    side = np.cos(angle) * (x - width / 2) + np.sin(angle) * (y - height / 2) + rng.uniform(-0.2, 0.2) * width
    soft = 1 / (1 + np.exp(-np.clip(side / max(2.0, 0.004 * width), -50, 50)))
    return np.asarray(pixels * (1 - 0.7 * strength * soft[:, :, None]), np.float32)


def _noise(pixels: Floats, strength: float, rng: Rng) -> Floats:
    return pixels + rng.normal(0, 60 * strength, pixels.shape[:2]).astype(np.float32)[:, :, None]


def _blur(pixels: Floats, strength: float, _: Rng) -> Floats:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.1 + 8 * strength), np.float32)


def _jpeg(pixels: Floats, strength: float, _: Rng) -> Floats:
    buffer = io.BytesIO()
    Image.fromarray(to_bytes(pixels)).save(buffer, "JPEG", quality=max(1, round(60 - 59 * strength)))
    return np.asarray(Image.open(buffer), np.float32)


def _contrast(pixels: Floats, strength: float, _: Rng) -> Floats:
    paper = np.median(pixels, axis=(0, 1))
    return np.asarray(paper + (pixels - paper) * (1 - 0.95 * strength), np.float32)


def _invert(pixels: Floats, strength: float, rng: Rng) -> Floats:
    """White on black, and at growing strength a smeared board."""
    small = rng.uniform(0, 1, (8, 11)).astype(np.float32)
    smear = cv2.resize(small, pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    board = 255 - pixels
    return np.asarray(board * (1 - 0.6 * strength) + 90 * strength * smear[:, :, None], np.float32)


LIGHTS: dict[str, Degradation] = {
    "gradient": _gradient,
    "shadow": _shadow,
    "noise": _noise,
    "blur": _blur,
    "jpeg": _jpeg,
    "contrast": _contrast,
    "invert": _invert,
}
"""What happens to a page when its picture is taken."""
