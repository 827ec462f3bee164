"""A model file to how many parameters it holds, without running any of it and without TensorFlow."""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

from hdr.classify.files import LARGEST_BYTES, read_model_file
from hdr.classify.zipped import read_member
from hdr.errors import ModelError

_ADDING = {3, 4, 9}
"""BuiltinOperator of LiteRT's schema: two convolutions and the dense layer, whose whole numbers are what they add."""
_INT32, _INT64 = 2, 4
"""TensorType of LiteRT's schema."""
_ONNX_WEIGHTS = {1, 2, 3, 10, 11, 16}
"""TensorProto.DataType: float, uint8, int8, float16, double, bfloat16. Whole numbers of more bits are sizes."""
_BROKEN = (
    OSError,
    RuntimeError,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    ImportError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    ModelError,
)
"""What a file raises that is not whole after all, in a place that nobody has looked at."""
_NO_WEIGHTS = ("optimizer", "seed_generator")


def count_parameters(path: Path) -> int | None:
    """Return how many parameters a model file holds; None where that cannot be told.

    A converter may have folded some into others: batch normalisation counts in a Keras file, and not in its `.tflite`.

    Parameters
    ----------
    path
        A file that `load_classifier` has opened: its content is believed to be whole.
    """
    path = path.with_name(f"{path.stem}.weights.h5") if path.suffix.lower() == ".json" else path
    count = _COUNT.get(path.suffix.lower())
    if count is None or not path.is_file():
        return None
    try:
        return count(read_model_file(path)) or None
    except _BROKEN:
        return None


def _in_keras(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _in_h5(read_member(archive, "model.weights.h5", LARGEST_BYTES))


def _in_h5(data: bytes) -> int:
    import h5py

    sizes: list[int] = []

    def visit(name: str, found: Any) -> None:
        if isinstance(found, h5py.Dataset) and not any(part.startswith(_NO_WEIGHTS) for part in name.split("/")):
            sizes.append(int(found.size))

    with h5py.File(io.BytesIO(data), "r") as file:
        file.visititems(visit)
    return sum(sizes)


def _in_tflite(data: bytes) -> int:
    from ai_edge_litert import schema_py_generated as schema

    read: Any = schema.Model.GetRootAs(data, 0)  # type: ignore[attr-defined, unused-ignore]  # made by a generator
    graph, constants = read.Subgraphs(0), dict[int, int]()
    for number in range(graph.OperatorsLength()):
        operator = graph.Operators(number)
        adds = read.OperatorCodes(operator.OpcodeIndex()).BuiltinCode() in _ADDING
        for index in (operator.Inputs(i) for i in range(operator.InputsLength())):
            tensor = graph.Tensors(index) if index >= 0 else None
            constant = tensor is not None and read.Buffers(tensor.Buffer()).DataLength() > 0
            if tensor is not None and constant and (adds or tensor.Type() not in {_INT32, _INT64}):
                constants[index] = math.prod(tensor.Shape(i) for i in range(tensor.ShapeLength()))
    return sum(constants.values())


def _in_onnx(data: bytes) -> int:
    from hdr.classify.onnx_check import parse_onnx

    model = parse_onnx(data, "model.onnx")
    return sum(math.prod(one.dims) for one in model.graph.initializer if one.data_type in _ONNX_WEIGHTS)


_COUNT = {".keras": _in_keras, ".h5": _in_h5, ".hdf5": _in_h5, ".tflite": _in_tflite, ".onnx": _in_onnx}
