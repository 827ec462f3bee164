"""A name to an untrained Keras model: one registry, and what every model in it keeps to.

Every model takes ``uint8`` pictures, white on black; rescaling to 0-1 is its first layer, so that the geometry and the
range travel with the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hdr.classify.keras_backend import require_keras
from hdr.errors import ModelError

LAST = "probabilities"
"""The name of every model's last layer."""

Build = Callable[[Any, int], Any]


@dataclass(frozen=True)
class Architecture:
    """One entry of the registry.

    Parameters
    ----------
    name
        As `hdr train --arch` has it.
    summary
        A sentence.
    build
        Rescaled input tensor and number of classes to probabilities.
    size
        Side of the square input in pixels.
    channels
        1 or 3.
    """

    name: str
    summary: str
    build: Build
    size: int = 28
    channels: int = 1


_REGISTRY: dict[str, Architecture] = {}


def register_architecture(name: str, summary: str, *, size: int = 28, channels: int = 1) -> Callable[[Build], Build]:
    """Put a builder into the registry. A builder of that name that is already there is never replaced in silence."""

    def register(build: Build) -> Build:
        if name in _REGISTRY:
            raise ValueError(f"architecture {name!r} is already registered")
        _REGISTRY[name] = Architecture(name, summary, build, size, channels)
        return build

    return register


def architectures() -> tuple[Architecture, ...]:
    """Return all of them, in the order of registration."""
    return tuple(_REGISTRY.values())


def find_architecture(name: str) -> Architecture:
    """Return the one of that name.

    Raises
    ------
    ModelError
        Where there is none.
    """
    if name not in _REGISTRY:
        raise ModelError(f"There is no architecture {name!r}.", hint=f"Use one of {', '.join(_REGISTRY)}.")
    return _REGISTRY[name]


def build_model(architecture: Architecture, classes: int) -> Any:
    """Return an untrained Keras model: ``uint8`` (n, size, size, channels) to probabilities (n, classes)."""
    layers = require_keras().layers
    size, channels = architecture.size, architecture.channels
    picture = layers.Input((size, size, channels), dtype="uint8", name="picture")
    rescaled = layers.Rescaling(1 / 255, name="rescale")(picture)
    output = architecture.build(rescaled, classes)
    return require_keras().Model(picture, output, name=architecture.name.replace("-", "_"))


def _conv(x: Any, filters: int, side: int, padding: str = "valid") -> Any:
    layers = require_keras().layers
    x = layers.Conv2D(filters, side, padding=padding, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def _probabilities(x: Any, classes: int) -> Any:
    """The last layer, at full precision whatever the others work at."""
    return require_keras().layers.Dense(classes, activation="softmax", name=LAST, dtype="float32")(x)


@register_architecture("default", "Four convolutions with batch normalisation and a dense layer; ours.")
def _default(x: Any, classes: int) -> Any:
    layers = require_keras().layers
    x = layers.MaxPooling2D()(_conv(x, 32, 5))
    x = layers.MaxPooling2D()(_conv(_conv(x, 64, 3, "same"), 96, 3))
    x = layers.Flatten()(_conv(x, 144, 3))
    x = layers.Dense(160, use_bias=False)(layers.Dropout(0.3)(x))
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return _probabilities(layers.Dropout(0.3)(x), classes)


@register_architecture("tiny", "One small convolution: for a quick look, and for tests.")
def _tiny(x: Any, classes: int) -> Any:
    layers = require_keras().layers
    x = layers.MaxPooling2D(4)(_conv(x, 8, 5))
    return _probabilities(layers.Flatten()(x), classes)
