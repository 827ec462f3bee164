"""The bytes of an `.onnx` file to a yes, or to why they are refused, before ONNX Runtime sees any of them.

An ONNX file carries no Python, but it can name files to read its weights from, operations of somebody's own libraries,
and loops that never end. A classifier of pictures has none of these.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from hdr.classify.quiet import first_line
from hdr.errors import ModelError, UnreadableModelError, UnsafeModelError, install_hint

_DOMAINS = {"", "ai.onnx", "ai.onnx.ml"}


def require_onnx() -> Any:
    """Import the packages that an `.onnx` file is read with, or say how to get them; return ``onnx``.

    Raises
    ------
    ModelError
        Where one is not installed.
    """
    os.environ.setdefault("ORT_LOGGING_LEVEL", "3")
    try:
        import onnx  # type: ignore[import, unused-ignore]  # an extra, which need not be installed
        import onnxruntime  # type: ignore[import, unused-ignore]  # the same; and it comes without types
    except ImportError as error:
        raise ModelError(
            f"ONNX models need onnx and onnxruntime, which are not installed ({error}).",
            hint=install_hint("onnx"),
        ) from error
    onnxruntime.set_default_logger_severity(4)
    onnxruntime.disable_telemetry_events()
    return onnx


def check_onnx(data: bytes, where: str) -> Any:
    """Look an `.onnx` file through, and return what is in it.

    Raises
    ------
    UnreadableModelError
        Where it is no model in ONNX.
    UnsafeModelError
        Where it reaches for other files, or carries what is not one of ONNX's own operations.
    """
    model = parse_onnx(data, where)
    if model.functions or model.training_info:
        raise _unsafe(where, "functions of its own")
    if not model.graph.node:
        raise _unreadable(where, "it holds no operation")
    for node in model.graph.node:
        if node.domain not in _DOMAINS:
            raise _unsafe(where, f"an operation {node.op_type[:80]!r} of {node.domain[:80]!r}")
        if any(one.HasField("g") or one.graphs for one in node.attribute):
            raise _unsafe(where, f"a loop or a branch, {node.op_type[:80]!r}")
    for tensor in _tensors(model.graph):
        if tensor.data_location or tensor.external_data:
            raise _unsafe(where, f"data {tensor.name[:80]!r} kept in another file")
    return model


def parse_onnx(data: bytes, where: str) -> Any:
    """Return a file's content as plain data; nothing is looked at.

    Raises
    ------
    UnreadableModelError
        Where it is no model in ONNX.
    """
    onnx = require_onnx()
    try:
        return onnx.ModelProto.FromString(data)
    except Exception as error:  # protobuf's own errors, which it does not share with any other package
        raise _unreadable(where, first_line(error)) from error


def _tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for attribute in (one for node in graph.node for one in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)


def _unreadable(where: str, why: str) -> UnreadableModelError:
    return UnreadableModelError(
        f"{where} is no ONNX model that can be read ({why}).", hint="Copy it again, or export it again."
    )


def _unsafe(where: str, what: str) -> UnsafeModelError:
    return UnsafeModelError(
        f"{where} carries {what}; it was not opened.",
        hint="Export the model as one file, with ONNX's own operations only, or convert it to .tflite.",
    )
