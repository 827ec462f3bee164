"""A run between two epochs to one file that is whole or not there, and back: so that it can go on after any end."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdr.data.dataset import Dataset
from hdr.data.load import read_npz
from hdr.errors import DatasetError, ModelError, ModelMismatchError
from hdr.train.events import EpochDone
from hdr.train.run_folder import CHECKPOINT, said
from hdr.workspace import write_atomically

_PARTS = ("model", "optimizer", "best")
Arrays = list[NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that a run is after an epoch.

    Parameters
    ----------
    model, optimizer
        Every variable of either, in its own order, random states included.
    best
        The weights of the best epoch so far.
    score
        How good that was.
    temperature
        By which confidence is set right, where that is settled already.
    history
        Every epoch so far.
    made_of
        Digest of the data and the recipe, see `digest_of`.
    """

    model: Arrays
    optimizer: Arrays
    best: Arrays
    score: float
    temperature: float
    history: list[EpochDone]
    made_of: str

    @property
    def epoch(self) -> int:
        """The last one that is done."""
        return self.history[-1].epoch

    def write(self, folder: Path) -> None:
        """Write it in one step; what was there before stays until then.

        Raises
        ------
        ModelError
            Where it cannot be written.
        """
        told = {
            "score": self.score,
            "temperature": self.temperature,
            "made_of": self.made_of,
            "history": [dataclasses.asdict(one) for one in self.history],
        }
        arrays = {f"{part}_{i:05}": a for part in _PARTS for i, a in enumerate(getattr(self, part))}
        file = io.BytesIO()
        np.savez(file, told=np.frombuffer(json.dumps(told).encode(), np.uint8), **arrays)
        with said(folder):
            write_atomically(folder / CHECKPOINT, file.getvalue())


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """Return what was kept in a run's folder; None where no epoch was done.

    Raises
    ------
    ModelError
        Where it is damaged.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    try:
        arrays = read_npz(path)
        told = json.loads(arrays.pop("told").tobytes())
        model, optimizer, best = (
            [arrays[name] for name in sorted(arrays) if name.startswith(f"{part}_")] for part in _PARTS
        )
        history = [EpochDone(**one) for one in told["history"]]
        score, temperature = float(told["score"]), float(told["temperature"])
        kept = Checkpoint(model, optimizer, best, score, temperature, history, str(told["made_of"]))
        assert kept.epoch >= 1
    except (DatasetError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError) as error:
        raise ModelError(
            f"{path} is damaged ({error}).", hint="Throw the run away with hdr train --discard, and begin again."
        ) from error
    return kept


def values_of(variables: Sequence[Any]) -> Arrays:
    """Return what Keras variables hold."""
    return [np.array(np.asarray(one)) for one in variables]  # a copy, whatever the variable shares


def give_back(variables: Sequence[Any], values: Arrays) -> None:
    """Give Keras variables what they held.

    Raises
    ------
    ModelMismatchError
        Where they are others.
    """
    if [tuple(one.shape) for one in variables] != [one.shape for one in values]:
        raise ModelMismatchError(
            "What was kept of the run belongs to other layers than this version builds.",
            hint="Go on with the version that began it, or throw it away with hdr train --discard.",
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def digest_of(recipe: dict[str, Any], *parts: Dataset | None) -> str:
    """Return a hash of a recipe and every sample of its data, in their order."""
    digest = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode())
    for data in (one for one in parts if one is not None):
        digest.update(json.dumps([data.names, data.geometry, data.groups.tolist()]).encode())
        digest.update(data.labels.tobytes())
        for crop in data.crops:
            digest.update(f"{crop.shape}".encode())
            digest.update(np.ascontiguousarray(crop).data)
    return digest.hexdigest()


def digest_of_weights(model: Any) -> str:
    """Return a hash of a model's weights."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()
