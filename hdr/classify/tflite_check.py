"""The bytes of a `.tflite` file to a yes, or a sentence on what is wrong with them; and whether the model rescales."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from hdr.errors import UnreadableModelError

_MUL, _DIV = 18, 42  # BuiltinOperator of LiteRT's schema


def check_tflite(model: bytes, where: str) -> None:
    """Look at a model's identifier and outermost offsets; LiteRT itself verifies the rest of the flatbuffer.

    Raises
    ------
    UnreadableModelError
        Where the bytes are no LiteRT model, or cannot be a whole one.
    """
    if not model:
        raise UnreadableModelError(f"{where} is empty.", hint="Copy it again: the copy was cut off.")
    if model[4:8] != b"TFL3":
        raise UnreadableModelError(
            f"{where} is not a LiteRT model: it lacks the mark TFL3.",
            hint="Give a .tflite file as a converter wrote it.",
        )
    root = struct.unpack_from("<I", model)[0]
    table = root - struct.unpack_from("<i", model, root)[0] if root + 4 <= len(model) else -1
    if not 0 <= table <= len(model) - 4:
        raise UnreadableModelError(f"{where} is cut off or damaged.", hint="Copy or convert it again.")


def rescales(model: bytes) -> bool:
    """Whether the first thing a model does to its float input is to make it much smaller: it then takes 0 to 255.

    Parameters
    ----------
    model
        A file's bytes that LiteRT has verified.
    """
    # Loaded by hand only here, for a float model without a card: importing the schema takes a third of a second.
    try:
        from ai_edge_litert import schema_py_generated as schema
    except ImportError:  # an older LiteRT comes without it; asking the model (see `litert`) then decides alone
        return False
    try:
        return _begins_by_shrinking(schema.Model.GetRootAs(model, 0))  # type: ignore[attr-defined, unused-ignore]  # made by a generator
    except (struct.error, TypeError, ValueError, IndexError, AttributeError):
        return False  # tables that lead nowhere, which LiteRT may never look at


def _begins_by_shrinking(read: Any) -> bool:
    graph = read.Subgraphs(0)
    picture = graph.Inputs(0)
    for index in range(graph.OperatorsLength()):
        operator = graph.Operators(index)
        inputs = [operator.Inputs(i) for i in range(operator.InputsLength())]
        if picture in inputs:
            code = read.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()
            return code in (_MUL, _DIV) and _shrinks(read, graph, inputs, picture, code == _DIV)
    return False


def _shrinks(read: Any, graph: Any, inputs: list[int], picture: int, divides: bool) -> bool:
    other = [index for index in inputs if index != picture]
    data = read.Buffers(graph.Tensors(other[0]).Buffer()).DataAsNumpy() if other else 0
    if not isinstance(data, np.ndarray) or not data.size or data.size % 4:
        return False
    factors = np.abs(np.frombuffer(data.tobytes(), "<f4"))
    return bool((factors >= 50).all() if divides else (factors <= 0.02).all())
