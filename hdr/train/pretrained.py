"""A model with a base that others have trained, and their weights, to a model that begins where they ended."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hdr.classify.files import read_model_file
from hdr.classify.keras_backend import require_keras
from hdr.classify.keras_check import check_weights
from hdr.errors import ModelError, ModelMismatchError

IMAGENET = "imagenet"
"""Names the weights that Keras downloads."""
_ALPHA = 0.35  # of the width: the smallest that there are weights for
_SMALLEST = 32


def mobilenet_base(size: int, weights: str | None = None) -> Any:
    """Return MobileNetV2 without its top: (n, size, size, 3), -1 to 1, to 1,280 numbers a picture.

    Parameters
    ----------
    size
        Side of the pictures in pixels.
    weights
        As `keras.applications` has them; None for new ones.

    Raises
    ------
    ValueError
        For less than 32 pixels, to which the pictures would shrink to nothing.

    References
    ----------
    M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L.-C. Chen, "MobileNetV2: inverted residuals and linear bottlenecks",
    2018, doi:10.1109/CVPR.2018.00474.
    """
    if size < _SMALLEST:
        raise ValueError(f"its base takes {_SMALLEST} pixels or more")  # said better by `build_model`
    return require_keras().applications.MobileNetV2(
        input_shape=(size, size, 3), alpha=_ALPHA, include_top=False, pooling="avg", weights=weights
    )


def find_base(model: Any) -> Any:
    """Return the model inside a model, or None."""
    return next((layer for layer in model.layers if hasattr(layer, "layers")), None)


def load_base(model: Any, weights: str) -> None:
    """Give a model's base its learned weights.

    Parameters
    ----------
    model
        Of the registry.
    weights
        ``imagenet``, or the path of an HDF5 file of the base's weights, as `keras.applications` has them.

    Raises
    ------
    ModelError
        Where the model has no base, or the weights cannot be downloaded.
    ModelMismatchError
        Where the file holds those of another network.
    UnreadableModelError, UnsafeModelError
        Where the file is no HDF5, or reaches out of itself.
    """
    base = find_base(model)
    if base is None:
        raise ModelError(
            f"{model.name.replace('_', '-')} has no base that begins with learned weights.",
            hint="Leave out --weights, or train mobilenetv2.",
        )
    if weights == IMAGENET:
        base.set_weights(_downloaded(base).get_weights())
    else:
        _load_file(base, Path(weights))


def _downloaded(base: Any) -> Any:
    size = base.input_shape[1]
    try:
        # Weights do not depend on the size of the pictures: those of 224 pixels do for any.
        return mobilenet_base(size if size in (96, 128, 160, 192, 224) else 224, IMAGENET)
    except Exception as error:  # what Keras raises for a failed download is a bare Exception
        raise ModelError(
            f"ImageNet's weights could not be downloaded ({error}).",
            hint="Give them as a file: --weights mobilenet_v2_weights_..._0.35_..._no_top.h5",
        ) from error


def _load_file(base: Any, path: Path) -> None:
    """Only numbers are read, out of a private copy of the very bytes that were looked through."""
    data = read_model_file(path)
    check_weights(data, str(path))
    ending = ".weights.h5" if path.name.endswith(".weights.h5") else ".h5"
    with tempfile.TemporaryDirectory(prefix="hdr-") as folder:
        copy = Path(folder) / f"base{ending}"
        copy.write_bytes(data)
        try:
            base.load_weights(copy)
        except Exception as error:  # Keras raises anything for a file of other layers
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelMismatchError(
                f"{path} does not hold the weights of MobileNetV2 {_ALPHA} without its top ({said[:200]}).",
                hint="Take the file named mobilenet_v2_..._0.35_..._no_top.h5 of keras.applications.",
            ) from error


def freeze(model: Any, unfrozen: int) -> None:
    """Let only a base's last layers learn, and all that is not of the base.

    Batch normalisation keeps what the base was taught with: a few pictures tell mean and spread badly.

    Parameters
    ----------
    model
        Of the registry. To take effect it must be compiled anew.
    unfrozen
        How many of the base's layers, from its end; 0 for none.
    """
    base = find_base(model)
    if base is None:
        return
    frozen, kept = len(base.layers) - unfrozen, require_keras().layers.BatchNormalization
    for index, layer in enumerate(base.layers):
        layer.trainable = index >= frozen and not isinstance(layer, kept)
