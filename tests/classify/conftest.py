"""Small models of every kind, made once a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hdr.geometry import Box
from hdr.vision.normalize import Crop


def crop_of(pixels: Any) -> Crop:
    pixels = np.asarray(pixels, np.uint8)
    return Crop(pixels, Box(0, 0, pixels.shape[1], pixels.shape[0]))


@pytest.fixture(scope="session")
def bar() -> Crop:
    return crop_of(np.full((20, 4), 255))


@pytest.fixture(scope="session")
def ring() -> Crop:
    pixels = cv2.ellipse(np.zeros((20, 20), np.uint8), (10, 10), (7, 7), 0, 0, 360, 255, 4)
    return crop_of(pixels)


@pytest.fixture(scope="session")
def keras() -> Any:
    return pytest.importorskip("hdr.classify.keras_backend").require_keras()


class Zoo:
    """Untrained models with known weights, saved on demand."""

    def __init__(self, keras: Any, folder: Path) -> None:
        self.keras = keras
        self.folder = folder

    def model(
        self,
        shape: tuple[int, ...] = (28, 28, 1),
        dtype: str = "uint8",
        classes: int = 10,
        scale: float | None = 1 / 255,
    ) -> Any:
        """Flatten and a dense layer: outputs depend on where the ink is and how bright."""
        self.keras.utils.set_random_seed(1)
        layers = self.keras.layers
        picture = layers.Input(shape, dtype=dtype)
        x = layers.Rescaling(scale)(picture) if scale else picture
        x = layers.Flatten()(x) if len(shape) > 1 else x
        return self.keras.Model(picture, layers.Dense(classes, activation="softmax")(x))

    def save(self, model: Any, name: str) -> Path:
        path = self.folder / name
        if name.endswith(".tflite"):
            from hdr.train.convert import to_tflite

            path.write_bytes(to_tflite(model, "float32"))
        else:
            model.save(path)
        return path


@pytest.fixture
def zoo(keras: Any, tmp_path: Path) -> Zoo:
    return Zoo(keras, tmp_path)
