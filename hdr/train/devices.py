"""What TensorFlow finds to compute with: in words, and whether half precision pays there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from hdr.classify.keras_backend import require_keras

_BFLOAT16 = 8
"""The compute capability from which on NVIDIA's GPUs multiply in bfloat16."""


def device_in_words(*, mixed: bool) -> str:
    """Return what a run computes with, such as ``GPU NVIDIA H100, bfloat16``."""
    gpus = _gpus()
    name = f"GPU {gpus[0].get('device_name', 'of an unknown kind')}" if gpus else f"CPU, {_cores()} cores"
    return f"{name}, bfloat16" if mixed else name


def mixed_suits() -> bool:
    """Whether a GPU is there that is faster in bfloat16, which needs no scaling of the loss."""
    gpus = _gpus()
    return bool(gpus) and gpus[0].get("compute_capability", (0, 0)) >= (_BFLOAT16, 0)


def prepare_devices() -> None:
    """Have TensorFlow take a GPU's memory as it needs it, not all at once: others use it too."""
    tf = _tensorflow()
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:
            return  # it computes already


@contextlib.contextmanager
def precision(*, mixed: bool) -> Iterator[None]:
    """Have layers that are made meanwhile work in bfloat16, or as they do anyway."""
    config = require_keras().config
    before = config.dtype_policy()
    config.set_dtype_policy("mixed_bfloat16" if mixed else before)
    try:
        yield
    finally:
        config.set_dtype_policy(before)


def _gpus() -> list[dict[str, Any]]:
    tf = _tensorflow()
    return [tf.config.experimental.get_device_details(one) for one in tf.config.get_visible_devices("GPU")]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _tensorflow() -> Any:
    require_keras()
    import tensorflow as tf

    return tf
