"""A folder that is about to be published, and the programs that filled it, to what its card says of them."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

import numpy as np

import hdr
from hdr.classify.keras_backend import require_keras


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file, by name."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def versions() -> dict[str, str]:
    """Return the versions that a trained model depends on, by program."""
    keras = require_keras()
    import tensorflow as tf

    return {
        "hdr": hdr.__version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
