"""All architectures there are: those of others, with their figures, and ours."""

from __future__ import annotations

from typing import Any

from hdr.classify.keras_backend import require_keras
from hdr.train import zoo as zoo  # registers those of others  # noqa: PLC0414  (an import for what it does)
from hdr.train.registry import (
    LAST,
    Architecture,
    architectures,
    build_model,
    find_architecture,
    probabilities,
    register_architecture,
)

__all__ = [
    "LAST",
    "Architecture",
    "architectures",
    "build_model",
    "find_architecture",
    "register_architecture",
]


def _conv(x: Any, filters: int, side: int, padding: str = "valid") -> Any:
    layers = require_keras().layers
    x = layers.Conv2D(filters, side, padding=padding, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


@register_architecture("default", "Four convolutions with batch normalisation and a dense layer.", dropout=True)
def _default(x: Any, classes: int) -> Any:
    layers = require_keras().layers
    x = layers.MaxPooling2D()(_conv(x, 32, 5))
    x = layers.MaxPooling2D()(_conv(_conv(x, 64, 3, "same"), 96, 3))
    x = layers.Flatten()(_conv(x, 144, 3))
    x = layers.Dense(160, use_bias=False)(layers.Dropout(0.3)(x))
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return probabilities(layers.Dropout(0.3)(x), classes)


@register_architecture("tiny", "One small convolution: for a quick look, and for tests.")
def _tiny(x: Any, classes: int) -> Any:
    layers = require_keras().layers
    x = layers.MaxPooling2D(4)(_conv(x, 8, 5))
    return probabilities(layers.Flatten()(x), classes)
