"""Which models and data there are to measure, a model's recorded run as curves, and pictures by their places.

All of it runs in the worker, and imports what it needs when it is called.
"""

from __future__ import annotations

import itertools
import shlex
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
    of_models
        What each model was made from, as far as that is still there, by the model's name.
    """

    models: tuple[str, ...] = ()
    current: str = ""
    data: Mapping[str, Path] = field(default_factory=dict)
    of_models: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)


def look(workspace: Workspace) -> Found:
    """Return which models and data there are."""
    from hdr.classify.store import ModelStore
    from hdr.train.learning import mnist_if_there

    store = ModelStore(workspace)
    cards = {entry.name: entry.card for entry in store.entries() if entry.card is not None}
    data = {"My captures": workspace.captures}
    mnist = mnist_if_there()
    if mnist is not None:
        data["MNIST's test part"] = mnist
    made_from = {name: data_of(str(card.made.get("command", "")), workspace, mnist) for name, card in cards.items()}
    return Found(tuple(cards), store.current(), data, {name: paths for name, paths in made_from.items() if paths})


def data_of(command: str, workspace: Workspace, mnist: Path | None) -> tuple[Path, ...]:
    """Return which data a command of hdr learned from, if all of it is still there; else nothing.

    Parameters
    ----------
    command
        As a card tells it, so it may be anything.
    workspace
        With the captures.
    mnist
        MNIST's file, where it is on this computer.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return ()
    if words[:1] != ["hdr"]:
        return ()
    if "--captures" in words:
        return (workspace.captures,) if workspace.captures.is_dir() else ()
    told = tuple(Path(value) for word, value in itertools.pairwise(words) if word in ("--data", "--captures-in"))
    # A card from elsewhere has this computer ask no other one for its files.
    there = all(path.is_absolute() and not str(path).startswith(("\\\\", "//")) and path.exists() for path in told)
    return (told if there else ()) if told else ((mnist,) if mnist else ())


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
    from hdr.app.train_run import Run
    from hdr.app.train_told import Epoch

    told = history.epochs
    count = max(map(len, told.values()), default=0)
    unknown = (float("nan"),) * count
    likely = max(range(count), key=lambda at: told.get("validation_accuracy", (0.0,) * count)[at], default=-1)
    best = history.kept - 1 if history.kept else likely  # of an older run nothing tells which epoch was kept
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
