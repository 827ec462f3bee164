"""The usual line of models, from a dense network to transfer learning, each as its source has it, recipe included."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hdr.classify.keras_backend import require_keras
from hdr.data.augment import Warp
from hdr.data.pictures import PictureWarp
from hdr.train.pretrained import IMAGENET, mobilenet_base
from hdr.train.recipe import Recipe, Stage
from hdr.train.registry import Source, probabilities, register_architecture

_ADAM = Recipe(
    epochs=8,
    learning_rate=1e-3,
    weight_decay=0.0,
    smoothing=0.0,
    warp=None,
    mild=0.0,
    optimizer="adam",
    schedule="constant",
)
_RMSPROP = replace(_ADAM, epochs=5, batch=64, optimizer="rmsprop")
_WARPED = replace(_ADAM, epochs=12, warp=Warp(), mild=0.5, schedule="cosine")
_COLOUR = replace(
    _ADAM,
    epochs=60,  # after 30 its loss still falls as fast as before
    batch=16,  # of some hundred pictures, 32 at once are so few steps that cnn-rgb may end where it began
    learning_rate=3e-4,  # at 1e-3 likewise
    warp=PictureWarp(),
    validation=0.2,
)
_TRANSFER = replace(
    _COLOUR,
    epochs=30,
    learning_rate=1e-3,
    stages=(Stage(0.5), Stage(5 / 6, 0.1, unfrozen=20), Stage(1, 0.01, unfrozen=20, everything=True)),
    weights=IMAGENET,
    size=224,
)
_TRANSFER_TO_WRITING = replace(
    _TRANSFER,
    epochs=6,
    batch=64,
    schedule="cosine",
    stages=(Stage(1 / 6), Stage(5 / 6, unfrozen=65), Stage(1, 0.1, unfrozen=65, everything=True)),
    warp=None,
    validation=1 / 12,
    size=0,
)
_FIVE = Source("the five-model comparison")
_SPORTS = Source("the two-sports tutorial")


def _conv(x: Any, filters: int) -> Any:
    return require_keras().layers.Conv2D(filters, 3, activation="relu")(x)


def _pool(x: Any) -> Any:
    return require_keras().layers.MaxPooling2D()(x)


def _dense(x: Any, units: int) -> Any:
    return require_keras().layers.Dense(units, activation="relu")(x)


def _flat(x: Any) -> Any:
    return require_keras().layers.Flatten()(x)


def _drop(x: Any, share: float) -> Any:
    return require_keras().layers.Dropout(share)(x)


@register_architecture(
    "dense", "One hidden layer of 512, no convolution.", recipe=_ADAM, source=Source("the webcam tutorial", 0.98)
)
def _one_hidden_layer(x: Any, classes: int) -> Any:
    return probabilities(_dense(_flat(x), 512), classes)


@register_architecture(
    "cnn-93k",
    "Three convolutions (32, 64, 64), two poolings, a dense layer of 64.",
    recipe=_RMSPROP,
    source=Source("the Tk tutorial", 0.9926),
)
def _cnn_93k(x: Any, classes: int) -> Any:
    x = _conv(_pool(_conv(_pool(_conv(x, 32)), 64)), 64)
    return probabilities(_dense(_flat(x), 64), classes)


@register_architecture("cnn-small", "One convolution of 32, a pooling, a dense layer.", recipe=_ADAM, source=_FIVE)
def _cnn_small(x: Any, classes: int) -> Any:
    return probabilities(_dense(_flat(_pool(_conv(x, 32))), 100), classes)


@register_architecture("cnn-deep", "Four convolutions, 32 to 64 filters.", recipe=_ADAM, source=_FIVE)
def _cnn_deep(x: Any, classes: int) -> Any:
    return probabilities(_dense(_flat(_deep(x)), 128), classes)


def _deep(x: Any) -> Any:
    x = _pool(_conv(_conv(x, 32), 32))
    return _pool(_conv(_conv(x, 64), 64))


@register_architecture("cnn-bn", "The deep one with batch normalisation.", recipe=_ADAM, source=_FIVE)
def _cnn_bn(x: Any, classes: int) -> Any:
    for filters, pooled in ((32, False), (32, True), (64, False), (64, True)):
        x = _normalised(require_keras().layers.Conv2D(filters, 3, use_bias=False)(x))
        x = _pool(x) if pooled else x
    return probabilities(_normalised(require_keras().layers.Dense(128, use_bias=False)(_flat(x))), classes)


def _normalised(x: Any) -> Any:
    layers = require_keras().layers
    return layers.ReLU()(layers.BatchNormalization()(x))


@register_architecture("cnn-dropout", "The deep one with dropout.", recipe=_ADAM, source=_FIVE, dropout=True)
def _cnn_dropout(x: Any, classes: int) -> Any:
    x = _drop(_flat(_drop(_deep(x), 0.25)), 0.25)
    return probabilities(_drop(_dense(x, 128), 0.5), classes)


@register_architecture(
    "cnn-augmented", "The one with dropout, on strongly bent digits.", recipe=_WARPED, source=_FIVE, dropout=True
)
def _cnn_augmented(x: Any, classes: int) -> Any:
    return _cnn_dropout(x, classes)


@register_architecture(
    "cnn-111k",
    "Normalised by the data's mean and spread; two convolutions (32, 64), a pooling, dropout.",
    recipe=replace(_ADAM, epochs=12),
    source=Source("the live-detection project", 0.9897),
    dropout=True,
)
def _cnn_111k(x: Any, classes: int) -> Any:
    x = require_keras().layers.Normalization(name="normalize")(x)
    x = _drop(_pool(_conv(_conv(x, 32), 64)), 0.25)
    return probabilities(_drop(_flat(x), 0.5), classes)


@register_architecture(
    "cnn-rgb",
    "For colour pictures: three convolutions (32, 32, 64) with poolings, dropout, a dense layer of 128.",
    size=224,
    channels=3,
    recipe=_COLOUR,
    source=_SPORTS,
    dropout=True,
)
def _cnn_rgb(x: Any, classes: int) -> Any:
    x = _pool(_conv(_pool(_conv(_pool(_conv(x, 32)), 32)), 64))
    return probabilities(_dense(_drop(_flat(x), 0.4), 128), classes)


@register_architecture(
    "mobilenetv2",
    "Transfer learning: an ImageNet base, a new head; then its last layers; then all the data once more. Pictures at "
    "224 pixels, writing at 96.",
    size=96,
    channels=3,
    recipe=_TRANSFER,
    writing=_TRANSFER_TO_WRITING,
    source=_SPORTS,
    dropout=True,
    precision="float32",  # of a thousand digits 24 get another label at 8 bits, 12 at 16: its layers are thin
)
def _mobilenetv2(x: Any, classes: int) -> Any:
    x = require_keras().layers.Rescaling(2, offset=-1, name="rescale_to_base")(x)
    return probabilities(_drop(mobilenet_base(x.shape[1])(x), 0.2), classes)
