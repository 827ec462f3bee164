"""Which models and data there are to measure, a model's recorded run as curves, and pictures by their places.

All of it runs in the worker, and imports what it needs when it is called.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hdr.app.train_run import Run
    from hdr.train.history import History
    from hdr.workspace import Workspace

_ARRAYS_KEPT = 2


@dataclass(frozen=True)
class Found:
    """What there is.

    Parameters
    ----------
    models
        Names of the models that can be used.
    current
        The one in use.
    data
        Data by what a person calls it.
    """

    models: tuple[str, ...] = ()
    current: str = ""
    data: Mapping[str, Path] = field(default_factory=dict)


def look(workspace: Workspace) -> Found:
    """Return which models and data there are."""
    from hdr.classify.store import ModelStore
    from hdr.train.learning import mnist_if_there

    store = ModelStore(workspace)
    models = tuple(entry.name for entry in store.entries() if entry.card is not None)
    data = {"My captures": workspace.captures}
    mnist = mnist_if_there()
    if mnist is not None:
        data["MNIST's test part"] = mnist
    return Found(models, store.current(), data)


def read_history_of(workspace: Workspace, model: str) -> Run | None:
    """Return what is recorded of a model's training; None where nothing is."""
    from hdr.classify.store import ModelStore
    from hdr.errors import ModelError
    from hdr.train.history import read_history

    try:
        history = read_history(ModelStore(workspace).find(model).path)
    except ModelError:
        return None
    return None if history is None else as_run(history)


def as_run(history: History) -> Run:
    """Return recorded numbers in the form that curves are drawn of."""
    from hdr.app.train_run import Epoch, Run

    told = history.epochs
    count = max(map(len, told.values()), default=0)
    unknown = (float("nan"),) * count
    best = max(range(count), key=lambda at: told.get("validation_accuracy", (0.0,) * count)[at], default=-1)
    epochs = [
        Epoch(
            at + 1,
            told.get("loss", unknown)[at],
            told.get("accuracy", unknown)[at],
            told.get("validation_loss", unknown)[at],
            told.get("validation_accuracy", unknown)[at],
            at == best,
        )
        for at in range(count)
    ]
    steps = [((at + 1) / len(history.steps), loss) for at, loss in enumerate(history.steps)]
    return Run(total_epochs=max(1, count), epochs=epochs, steps=steps)


_arrays: OrderedDict[tuple[Path, int], Any] = OrderedDict()


def read_picture(path: Path, index: int | None) -> NDArray[np.uint8]:
    """Return a picture: of its own file, or of an array as `load_dataset` takes it.

    Raises
    ------
    HdrError
        Where it cannot be read.
    """
    if index is None:
        from hdr.vision.media import load_image

        return load_image(path)
    from hdr.errors import DatasetError

    arrays = _array(path)
    if index >= len(arrays):
        raise DatasetError(f"{path} has no picture {index} any more.", hint="Measure again.")
    picture: NDArray[np.uint8] = arrays[index]
    return picture


def _array(path: Path) -> Any:
    """An array of pictures, kept: thousands are asked for one by one."""
    from hdr.data.load import read_npz

    key = path, path.stat().st_mtime_ns if path.is_file() else 0
    if key not in _arrays:
        arrays = read_npz(path)
        _arrays[key] = arrays.get("x_test", arrays.get("x", ()))
        while len(_arrays) > _ARRAYS_KEPT:
            _arrays.popitem(last=False)
    _arrays.move_to_end(key)
    return _arrays[key]
