"""A model that is not wanted any more to a folder out of sight, and back: nothing is ever deleted.

It lies in ``models/.removed/``, which no list of models looks into, until somebody empties that by hand.
"""

from __future__ import annotations

import os

from hdr.classify.store import ModelStore, check_name
from hdr.errors import ModelError

FOLDER = ".removed"


def discard(store: ModelStore, name: str) -> str:
    """Put a model out of sight, and return what it is called there.

    Raises
    ------
    ModelError
        Where it is in use, came with the package, or cannot be moved.
    """
    entry = store.find(name)
    if entry.shipped or entry.path.parent != store.root:
        raise ModelError(f"{name} came with the program and stays.", hint="It takes no part in anything unless used.")
    if store.current() == name:
        raise ModelError(f"{name} is in use.", hint="Use another model first.")
    folder = store.root / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        kept = next(one for one in _names(name) if not (folder / one).exists())
        os.replace(entry.path, folder / kept)
    except OSError as error:
        raise ModelError(
            f"{name} cannot be removed ({error.strerror or error}).", hint=f"Allow writing in {store.root}."
        ) from error
    return kept


def _names(name: str) -> list[str]:
    return [name, *(f"{name}.{number}" for number in range(2, 1000))]


def restore(store: ModelStore, kept: str, name: str) -> None:
    """Bring a model back under its name.

    Parameters
    ----------
    store
        Where it was.
    kept
        What `discard` called it.
    name
        What it was called, and is to be.

    Raises
    ------
    ModelError
        Where there is another of that name by now, or it cannot be moved.
    """
    target = store.root / check_name(name)
    if target.exists():
        raise ModelError(f"There is another model {name!r} by now.", hint=f"It stays in {store.root / FOLDER}.")
    try:
        os.replace(store.root / FOLDER / kept, target)
    except OSError as error:
        raise ModelError(
            f"{name} cannot be brought back ({error.strerror or error}).", hint=f"Look into {store.root / FOLDER}."
        ) from error
