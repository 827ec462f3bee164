"""The bytes of a `.keras`, `.h5` or `.json` file to a yes, or to why they are refused, before Keras sees any of them.

A Keras model file can carry code: a Lambda layer (Keras's safe mode does not look for one in `.h5`), a function
named by its module, a layer that reads files. So its configuration is walked as plain data, nested models and
wrappers included, and everything that it names must be on a list of built-in layers that only calculate.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from typing import Any

from hdr.classify import trial
from hdr.classify.files import LARGEST_BYTES
from hdr.classify.keras_old import modern
from hdr.classify.zipped import packed, read_member
from hdr.errors import UnreadableModelError, UnsafeModelError

_LARGEST_CONFIG = 16 << 20
_DEEPEST = 60
_MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
_TRIED: set[bytes] = set()
"""Digests of the files that a child has read whole."""

LAYERS = frozenset(
    """
    Functional Sequential Model InputLayer Dense Activation Flatten Reshape Permute RepeatVector Identity Masking
    Conv1D Conv2D Conv3D Convolution2D Conv1DTranspose Conv2DTranspose DepthwiseConv1D DepthwiseConv2D SeparableConv1D
    SeparableConv2D
    MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D
    GlobalAveragePooling1D GlobalAveragePooling2D
    BatchNormalization BatchNormalizationV1 LayerNormalization GroupNormalization UnitNormalization Normalization
    SpectralNormalization
    ReLU LeakyReLU PReLU ELU Softmax
    Dropout SpatialDropout1D SpatialDropout2D AlphaDropout GaussianDropout GaussianNoise ActivityRegularization
    Add Subtract Multiply Average Maximum Minimum Concatenate Dot
    ZeroPadding1D ZeroPadding2D Cropping1D Cropping2D UpSampling1D UpSampling2D Rescaling Resizing CenterCrop
    RandomFlip RandomRotation RandomTranslation RandomZoom RandomContrast RandomBrightness RandomCrop RandomShear
    LSTM GRU SimpleRNN LSTMCell GRUCell SimpleRNNCell RNN StackedRNNCells Bidirectional TimeDistributed
    Attention AdditiveAttention MultiHeadAttention Embedding
    """.split()  # noqa: SIM905  (ninety names are read and sorted more easily as text)
)
"""Built-in layers that only calculate. Lambda, TFSMLayer, the text layers (they read files) and all others are not."""

_HELPERS = frozenset(
    """
    Zeros Ones Constant Identity IdentityInitializer RandomNormal RandomUniform TruncatedNormal VarianceScaling
    Orthogonal OrthogonalInitializer GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform
    L1 L2 L1L2 OrthogonalRegularizer MaxNorm NonNeg UnitNorm MinMaxNorm
    DTypePolicy Policy FloatDTypePolicy SeedGenerator __keras_tensor__ __tuple__ TensorShape
    """.split()  # noqa: SIM905  (ninety names are read and sorted more easily as text)
)
"""Initializers, regularizers, constraints and the like that a layer's configuration names."""

_MODULES = frozenset(
    """
    keras keras.layers keras.models keras.initializers keras.regularizers keras.constraints keras.dtype_policies
    keras.random keras.activations keras.engine.functional keras.engine.sequential
    keras.src.models.functional keras.src.models.sequential keras.src.models.model
    keras.src.engine.functional keras.src.engine.sequential tensorflow.keras.layers tf_keras.layers builtins
    """.split()  # noqa: SIM905  (ninety names are read and sorted more easily as text)
)


def check_keras(data: bytes, where: str) -> tuple[dict[str, Any], bytes]:
    """Look a `.keras` file through, and return its configuration, and a copy that holds nothing but what was looked at.

    Raises
    ------
    UnreadableModelError
        Where it is no whole `.keras` file, or too large.
    UnsafeModelError
        Where it carries, or names, anything but built-in layers.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive, where)
            config = read_member(archive, "config.json", _LARGEST_CONFIG)
            weights = read_member(archive, "model.weights.h5", LARGEST_BYTES)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, RuntimeError, OSError, zlib.error) as error:
        raise _unreadable(where, str(error)) from error
    told = check_config(_parse(config, where), where)
    check_weights(weights, where)
    return told, packed({"metadata.json": b"{}", "config.json": json.dumps(told).encode(), "model.weights.h5": weights})


def check_h5(data: bytes, where: str) -> dict[str, Any]:
    """Look a `.h5` file through, and return its configuration.

    Raises
    ------
    UnreadableModelError
        Where it is no whole model in HDF5, or too large.
    UnsafeModelError
        Where it carries, or names, anything but built-in layers, or other files.
    """
    with _opened(data, where) as file:
        try:
            config = file.attrs.get("model_config")
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            raise _unreadable(where, str(error)) from error
        if config is None:
            raise UnreadableModelError(
                f"{where} holds weights only, no model.",
                hint="Give the file that model.save() wrote, or the .json that these weights belong to.",
            )
        told = check_config(_parse(config, where), where)
        _check_links(file, where)
    return told


def check_json(config: bytes, weights: bytes, where: str) -> dict[str, Any]:
    """Look an architecture and its weights through, and return the architecture.

    Raises
    ------
    UnreadableModelError
        Where one of them is none, or too large.
    UnsafeModelError
        Where they carry, or name, anything but built-in layers, or other files.
    """
    told = check_config(_parse(config, where), where)
    check_weights(weights, where)
    return told


def check_weights(data: bytes, where: str) -> None:
    """Look an HDF5 file through of which nothing but weights will be read.

    Raises
    ------
    UnreadableModelError
        Where it is no HDF5, or too large.
    UnsafeModelError
        Where it reaches for other files.
    """
    with _opened(data, where) as file:
        _check_links(file, where)


def check_config(config: Any, where: str) -> dict[str, Any]:
    """Walk a configuration, as parsed from its JSON; return it as Keras 3 writes it, and not how it was compiled.

    Raises
    ------
    UnreadableModelError
        Where it is no model's.
    UnsafeModelError
        Where anything in it is not on the lists above.
    """
    if not isinstance(config, dict) or config.get("class_name") not in ("Functional", "Sequential", "Model"):
        raise _unreadable(where, "its configuration is no model's")
    # How it was compiled is never used: a model is loaded to answer, not to learn.
    told = {key: value for key, value in config.items() if key != "compile_config"}
    _walk(told, where, 0)
    return modern(told)


def _walk(part: Any, where: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise _unreadable(where, "its configuration is nested too deeply")
    if isinstance(part, dict):
        _check_named(part, where)
        for value in part.values():
            _walk(value, where, depth + 1)
    elif isinstance(part, list):
        for value in part:
            _walk(value, where, depth + 1)


def _check_named(part: dict[str, Any], where: str) -> None:
    """Refuse a part of a configuration that names a class, a function or a module that is not on the lists."""
    name = part.get("class_name")
    if "class_name" in part and (not isinstance(name, str) or name not in LAYERS | _HELPERS):
        raise _unsafe(where, f"a layer or object {str(name)[:80]!r}")
    module = part.get("module")
    if "module" in part and module is not None and (not isinstance(module, str) or module not in _MODULES):
        raise _unsafe(where, f"something of the module {str(module)[:80]!r}")
    registered = part.get("registered_name")
    if registered is not None and registered not in (name, f"keras>{name}", f"keras.src>{name}"):
        raise _unsafe(where, f"a custom object {str(registered)[:80]!r}")
    if any(isinstance(part.get(key), (dict, list)) for key in ("function", "__lambda__", "lambda", "py_function")):
        raise _unsafe(where, "a function")


def _check_members(archive: zipfile.ZipFile, where: str) -> None:
    members = archive.infolist()
    names = [one.filename for one in members]
    other = sorted(set(names) - _MEMBERS)
    if len(names) != len(set(names)):
        raise _unsafe(where, "two members of one name")
    if other:
        raise _unsafe(where, f"the file {other[0][:80]!r}")
    sizes = {one.filename: one.file_size for one in members}
    if sum(sizes.values()) > LARGEST_BYTES or sizes.get("config.json", 0) > _LARGEST_CONFIG:
        raise _unreadable(where, f"it unpacks to {sum(sizes.values()):,} bytes")


def _parse(config: Any, where: str) -> Any:
    try:
        if isinstance(config, (bytes, str)) and len(config) > _LARGEST_CONFIG:
            raise _unreadable(where, "its configuration is too large")
        return json.loads(config)
    except (ValueError, TypeError, RecursionError) as error:
        raise _unreadable(where, f"its configuration is no JSON: {error}") from error


def _opened(data: bytes, where: str) -> Any:
    from hdr.classify.keras_backend import require_keras

    require_keras()
    import h5py

    _try_once(data, where)
    try:
        return h5py.File(io.BytesIO(data), "r")
    except (OSError, RuntimeError, ValueError) as error:
        raise _unreadable(where, str(error)) from error


def _try_once(data: bytes, where: str) -> None:
    """Have a file tried, unless this process has had the same one tried before."""
    digest = hashlib.sha256(data).digest()
    if digest not in _TRIED:
        trial.try_hdf5(data, where)
        _TRIED.add(digest)


def _check_links(group: Any, where: str) -> None:
    """Refuse links out of the file and data kept elsewhere: opening a model reads no other file."""
    import h5py

    total, waiting, seen = 0, [(group, 0)], 0
    try:
        while waiting:
            here, depth = waiting.pop()
            for name in here:
                seen += 1
                if isinstance(here.get(name, getlink=True), (h5py.ExternalLink, h5py.SoftLink)):
                    raise _unsafe(where, f"a link {name[:80]!r} to somewhere else")
                item = here[name]
                if isinstance(item, h5py.Group):
                    waiting.append((item, depth + 1))
                elif isinstance(item, h5py.Dataset):
                    if item.external or item.is_virtual:
                        raise _unsafe(where, f"data {name[:80]!r} kept in another file")
                    total += item.nbytes
                if depth > _DEEPEST or seen > 100_000 or total > LARGEST_BYTES:
                    raise _unreadable(where, "its weights are too large")
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise _unreadable(where, str(error)) from error


def _unreadable(where: str, why: str) -> UnreadableModelError:
    return UnreadableModelError(
        f"{where} is no Keras model that can be read ({why}).",
        hint="Copy it again, or save it again with model.save().",
    )


def _unsafe(where: str, what: str) -> UnsafeModelError:
    return UnsafeModelError(
        f"{where} carries {what}, which could be code; it was not opened.",
        hint="Save the model with Keras's own layers only, or convert it to .tflite where you trust it.",
    )
