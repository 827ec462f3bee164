"""What happened epoch by epoch, or step by step, to `history.json` beside a model, and back: what curves show."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HISTORY = "history.json"
_VERSION = 1
_LARGEST_BYTES = 4 << 20
_MOST = 100_000


@dataclass(frozen=True)
class History:
    """The numbers of a run.

    Parameters
    ----------
    epochs
        By name (``loss``, ``validation_accuracy``, ...), a number an epoch.
    steps
        The loss of every batch, where a run is too short to have epochs.
    kept
        Which epoch the model is of, from 1; 0 where nothing tells.
    """

    epochs: Mapping[str, tuple[float, ...]]
    steps: tuple[float, ...] = ()
    kept: int = 0


def write_history(folder: Path, epochs: Sequence[Mapping[str, Any]] = (), steps: Sequence[float] = ()) -> None:
    """Write down a run in a model's folder.

    Parameters
    ----------
    folder
        Of the model.
    epochs
        What is known of each epoch, by name, as `EpochDone` has it.
    steps
        The loss of every batch.
    """
    told = {"version": _VERSION, "epochs": [dict(one) for one in epochs], "steps": list(steps)}
    (folder / HISTORY).write_text(json.dumps(told) + "\n", encoding="utf-8")


def read_history(folder: Path) -> History | None:
    """Return what is known of a model's run; None where nothing is, or not in a form that can be believed."""
    path = folder / HISTORY
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
        epochs, steps = told["epochs"][:_MOST], tuple(float(one) for one in told["steps"][:_MOST])
        names = [key for key, value in epochs[0].items() if _is_number(value)] if epochs else []
        kept = max((number for number, one in enumerate(epochs, 1) if one.get("best") is True), default=0)
        return History({name: tuple(float(one[name]) for one in epochs) for name in names}, steps, kept)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
