"""What several benches are asked and need: options, the digits to write with, a model's file, and Keras."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hdr.bench.generate import Digits

AsJson = Annotated[bool, typer.Option("--json", help="JSON, an object a line, for programs.")]
Mnist = Annotated[
    Path | None,
    typer.Option(
        help="Write with the test digits of this MNIST .npz; without it, of the one that HDR_MNIST names, else "
        "with our own strokes."
    ),
]


def need_keras() -> None:
    """Refuse to begin without it: the baseline runs in processes of its own, where it would end in a traceback.

    Raises
    ------
    ModelError
        Where it is not installed.
    """
    if not all(importlib.util.find_spec(name) for name in ("keras", "tensorflow")):
        from hdr.errors import ModelError, install_hint

        raise ModelError(
            "The baseline that this is measured against runs with TensorFlow, which is not installed.",
            hint=install_hint("train"),
        )


def model_file(name: str, model: str | None = None) -> Path:
    """Return a file of a model, by default of the one in use.

    Raises
    ------
    ModelNotFoundError
        Where the model has no such file.
    """
    from hdr.classify.store import ModelStore
    from hdr.errors import ModelNotFoundError

    store = ModelStore()
    path = store.find(model or store.current()).path / name
    if not path.is_file():
        raise ModelNotFoundError(
            f"The model {model or 'in use'} has no {name}, which the baseline runs.",
            hint="Choose one: hdr models use default",
        )
    return path


def digits_told(mnist: Path | None) -> Digits | None:
    """Return MNIST's test digits of the file given or named by the environment; None where there is none."""
    from hdr.data.load import load_mnist, told_mnist

    path = mnist or told_mnist()
    if path is None:
        return None
    _, test = load_mnist(path)
    return test.fields(), [test.names[label] for label in test.labels]
