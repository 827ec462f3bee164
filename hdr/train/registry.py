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
from hdr.data.labels import is_writing
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
        How it is trained where nobody says otherwise; see `recipe_for`.
    source
        Whose it is.
    precision
        Of its LiteRT file: the smallest that answers as the Keras file does.
    writing
        How it is trained on digits and letters, where that is not the same.
    dropout
        Whether it has dropout, so that there can be more or less of it.
    """

    name: str
    summary: str
    build: Build
    size: int = 28
    channels: int = 1
    recipe: Recipe = field(default_factory=Recipe)
    source: Source = OURS
    precision: Precision = "dynamic"
    writing: Recipe | None = None
    dropout: bool = False

    def recipe_for(self, names: tuple[str, ...]) -> Recipe:
        """Return how it is trained to tell these labels apart, where nobody says otherwise."""
        own = self.writing if self.writing and is_writing(names) else self.recipe
        return own.suited_to(names)


_REGISTRY: dict[str, Architecture] = {}


def register_architecture(  # noqa: PLR0913  (what an entry consists of)
    name: str,
    summary: str,
    *,
    size: int = 28,
    channels: int = 1,
    recipe: Recipe | None = None,
    source: Source = OURS,
    precision: Precision = "dynamic",
    writing: Recipe | None = None,
    dropout: bool = False,
) -> Callable[[Build], Build]:
    """Put a builder into the registry.

    Parameters
    ----------
    name, summary, size, channels, source, precision, writing, dropout
        As `Architecture` has them.
    recipe
        Likewise; None for the usual one.

    Raises
    ------
    ValueError
        Where there is a builder of that name: none is replaced in silence.
    """

    def register(build: Build) -> Build:
        if name in _REGISTRY:
            raise ValueError(f"architecture {name!r} is already registered")
        own, digits = (one and dataclasses.replace(one, architecture=name) for one in (recipe or Recipe(), writing))
        assert own
        _REGISTRY[name] = Architecture(name, summary, build, size, channels, own, source, precision, digits, dropout)
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


def build_model(
    architecture: Architecture, classes: int, size: int = 0, *, width: float = 1.0, dropout: float = 1.0
) -> Any:
    """Return an untrained Keras model: ``uint8`` (n, size, size, channels) to probabilities (n, classes).

    Parameters
    ----------
    architecture
        Which.
    classes
        Number of outputs.
    size
        Side of the input in pixels; 0 for the architecture's own.
    width, dropout
        See `Recipe`.

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
    model = require_keras().Model(picture, output, name=architecture.name.replace("-", "_"))
    return model if width == dropout == 1 else _resized(model, width, dropout)


_MOST_DROPPED = 0.9


def _resized(model: Any, width: float, dropout: float) -> Any:
    """The same layers with other numbers; the first weights are drawn anew."""
    keras = require_keras()

    def other(layer: Any) -> Any:
        config = layer.get_config()
        if isinstance(layer, keras.layers.Dropout):
            config["rate"] = min(config["rate"] * dropout, _MOST_DROPPED)
        elif isinstance(layer, keras.layers.Conv2D | keras.layers.Dense) and layer.name != LAST:
            key = "units" if "units" in config else "filters"
            config[key] = max(1, round(config[key] * width))
        elif isinstance(layer, keras.Model):
            return layer  # a learned base: its weights fit no other width
        return type(layer).from_config(config)

    return keras.models.clone_model(model, clone_function=other)


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
