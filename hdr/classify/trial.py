"""A `.tflite`, `.onnx` or HDF5 file from elsewhere to a yes or no, tried in a process of its own before ours opens it.

LiteRT, ONNX Runtime and the library of HDF5 verify a file's structure, but one that was made or damaged on purpose can
still send them out of their memory or into an endless loop. Then the child ends, and what the person was doing goes on.
What the child refuses within its limits our process never opens: without such limits it might well go on.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hdr.classify.files import LARGEST_BYTES
from hdr.errors import ModelError, UnreadableModelError

if TYPE_CHECKING:
    from hdr.classify.litert import TFLiteModel
    from hdr.classify.onnx_backend import ONNXModel

_SECONDS = 20
_BYTES = 6 << 30  # of address space, which such libraries reserve freely
_AT_ONCE_BYTES = 1 << 30  # that several samples together may take
_TOO_MUCH, _REFUSED = 7, 8  # exit codes
_SEVERAL = 4  # samples
_START = "import sys; sys.path[:0] = sys.argv[3:]; from hdr.classify.trial import main; main(*sys.argv[1:3])"


def try_tflite(model: bytes, where: str) -> int | None:
    """Open and run a LiteRT model in a child, and return how many samples it may be given together; None: any number.

    Raises
    ------
    UnreadableModelError
        Where the child refused it, crashed or did not end.
    """
    return _try("tflite", model, where)


def try_onnx(model: bytes, where: str) -> int | None:
    """Open and run an ONNX model in a child, and return how many samples it may be given together; None: any number.

    Raises
    ------
    UnreadableModelError
        Where the child refused it, crashed or did not end.
    """
    return _try("onnx", model, where)


def try_hdf5(data: bytes, where: str) -> None:
    """Read all of an HDF5 file in a child.

    Raises
    ------
    UnreadableModelError
        Where the child crashed or did not end. A file that is refused in words passes: the caller will get them.
    """
    _try("hdf5", data, where)


def _try(kind: str, model: bytes, where: str) -> int | None:
    if not sys.executable:
        return None  # embedded without an interpreter of its own: there is nothing to start
    started = [sys.executable, "-I", "-c", _START, kind, where]
    command = [*started, str(Path(__file__).resolve().parents[2]), *sys.path]
    try:
        child = subprocess.run(command, input=model, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise _refused(where, f"it did not answer within {_SECONDS} s") from error
    told = _told(child.stdout)
    if child.returncode == _REFUSED and told.get("message"):
        raise UnreadableModelError(told["message"], hint=told["hint"])
    if child.returncode:
        ended = f"it ended with code {child.returncode}"
        raise _refused(where, "it asked for too much memory" if child.returncode == _TOO_MUCH else ended)
    return told.get("most")


def _told(output: bytes) -> dict[str, Any]:
    """The last line of what the child says; before it, libraries may have had their word."""
    try:
        told: dict[str, Any] = json.loads(output.splitlines()[-1])
    except (ValueError, IndexError):
        return {}  # it ended before it could say anything
    return told


def main(kind: str = "tflite", where: str = "model") -> None:
    """Be the child: the model on standard input, the answer on standard output and in the exit code."""
    _limit_memory()
    code, told = 0, dict[str, Any]()
    try:
        data = sys.stdin.buffer.read()
        if kind == "hdf5":
            _read_hdf5(data)
        else:
            told = {"most": _run(_open(kind, data, where))}
    except ModelError as error:
        code, told = _REFUSED, {"message": error.message, "hint": error.hint}
    except MemoryError:
        code = _TOO_MUCH
    # Not through the interpreter's own end: what a broken model left behind may crash it there.
    print(f"\n{json.dumps(told)}", flush=True)
    os._exit(code)


def _open(kind: str, model: bytes, where: str) -> TFLiteModel | ONNXModel:
    if kind == "onnx":
        from hdr.classify.onnx_backend import ONNXModel

        return ONNXModel(model, where, threads=1)
    from hdr.classify.litert import TFLiteModel

    return TFLiteModel(model, where, threads=1)


def _run(model: TFLiteModel | ONNXModel) -> int | None:
    """Run it, and return how many samples together take no more than a gigabyte; None where that cannot be told."""
    model(np.zeros((1, *model.input_shape), model.input_dtype))
    one = _peak()
    model(np.zeros((_SEVERAL, *model.input_shape), model.input_dtype))
    a_sample = (_peak() - one) // (_SEVERAL - 1)
    return max(1, _AT_ONCE_BYTES // a_sample) if a_sample else None


def _peak() -> int:
    """The most memory, in bytes, that this process ever held; 0 where that cannot be told."""
    try:
        import resource
    except ImportError:  # on Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _read_hdf5(data: bytes) -> None:
    """Read every attribute and every weight, as Keras would; nothing is followed out of the file."""
    import h5py

    with contextlib.suppress(OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError):
        waiting, seen, left = [h5py.File(io.BytesIO(data), "r")], set(), LARGEST_BYTES
        while waiting and left > 0:
            here = waiting.pop()
            address = h5py.h5o.get_info(here.id).addr
            if address in seen:  # groups may hold each other
                continue
            seen.add(address)
            list(here.attrs.values())
            if isinstance(here, h5py.Group):
                kept = (name for name in here if isinstance(here.get(name, getlink=True), h5py.HardLink))
                waiting += [here[name] for name in kept]
            elif isinstance(here, h5py.Dataset) and not here.external and not here.is_virtual:
                left -= here.nbytes
                if left > 0:
                    here[()]


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # there is no such limit on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))


def _refused(where: str, why: str) -> UnreadableModelError:
    return UnreadableModelError(
        f"{where} was tried in a process of its own and failed there: {why}.",
        hint="The file is damaged or was made to do harm; copy, save or convert the model again.",
    )
