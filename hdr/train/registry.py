"""A name to an untrained Keras model: one registry, and what every model in it keeps to.

Every model takes ``uint8`` pictures, digits white on black; rescaling to 0-1 is its first layer, so that the geometry
and the range travel with the file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hdr.classify.keras_backend import require_keras
from hdr.errors import ModelError
from hdr.train.recipe import Recipe

if TYPE_CHECKING:
    from hdr.train.convert import Precision

LAST = "probabilities"
"""The name of every model's last layer."""

Build = Callable[[Any, int], Any]


@dataclass(frozen=True)
class Source:
    """Where an architecture comes from.

    Parameters
    ----------
    name
        In words.
    mnist
        Its accuracy on MNIST's test part, 0 to 1, as told there; None where none is told.
    """

    name: str = ""
    mnist: float | None = None


OURS = Source("ours")


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
        Side of the square input in pixels, where nobody says another.
    channels
        1 or 3.
    recipe
        How it is trained where nobody says otherwise.
    source
        Whose it is.
    precision
        Of its LiteRT file: the smallest that answers as the Keras file does.
    """

    name: str
    summary: str
    build: Build
    size: int = 28
    channels: int = 1
    recipe: Recipe = field(default_factory=Recipe)
    source: Source = OURS
    precision: Precision = "dynamic"


_REGISTRY: dict[str, Architecture] = {}


def register_architecture(
    name: str,
    summary: str,
    *,
    size: int = 28,
    channels: int = 1,
    recipe: Recipe | None = None,
    source: Source = OURS,
    precision: Precision = "dynamic",
) -> Callable[[Build], Build]:
    """Put a builder into the registry. A builder of that name that is already there is never replaced in silence."""

    def register(build: Build) -> Build:
        if name in _REGISTRY:
            raise ValueError(f"architecture {name!r} is already registered")
        named = dataclasses.replace(recipe or Recipe(), architecture=name)
        _REGISTRY[name] = Architecture(name, summary, build, size, channels, named, source, precision)
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


def build_model(architecture: Architecture, classes: int, size: int = 0) -> Any:
    """Return an untrained Keras model: ``uint8`` (n, size, size, channels) to probabilities (n, classes).

    Parameters
    ----------
    architecture
        Which.
    classes
        Number of outputs.
    size
        Side of the input in pixels; 0 for the architecture's own.

    Raises
    ------
    ModelError
        Where its layers leave nothing of a picture so small.
    """
    layers = require_keras().layers
    size, channels = size or architecture.size, architecture.channels
    picture = layers.Input((size, size, channels), dtype="uint8", name="picture")
    rescaled = layers.Rescaling(1 / 255, name="rescale")(picture)
    try:
        output = architecture.build(rescaled, classes)
    except ValueError as error:
        raise ModelError(
            f"{architecture.name} cannot be built for pictures of {size} pixels ({str(error).splitlines()[0]}).",
            hint=f"Its own size is {architecture.size}.",
        ) from error
    return require_keras().Model(picture, output, name=architecture.name.replace("-", "_"))


def probabilities(x: Any, classes: int) -> Any:
    """Return the last layer's output, at full precision whatever the other layers work at."""
    return require_keras().layers.Dense(classes, activation="softmax", name=LAST, dtype="float32")(x)


def normalization_layers(model: Any) -> list[Any]:
    """Return the layers that know the mean and the spread of the data."""
    return [layer for layer in model.layers if isinstance(layer, require_keras().layers.Normalization)]


def adapt(model: Any, pictures: NDArray[np.uint8]) -> None:
    """Tell a model that normalises, right after rescaling, the mean and the spread of what it learns from.

    Parameters
    ----------
    model
        Of the registry.
    pictures
        Shape (n, size, size, channels).
    """
    for layer in normalization_layers(model):
        layer.adapt(pictures.astype(np.float32) / 255)


def set_weights(model: Any, weights: list[Any]) -> None:
    """Give a model all the weights of another of the same layers; Keras alone forgets that a mean is one of them."""
    model.set_weights(weights)
    for layer in normalization_layers(model):
        layer.finalize_state()
