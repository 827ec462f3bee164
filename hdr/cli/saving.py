"""A reading to the pictures that `--annotate` and `--steps` ask for, under names that never collide."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hdr.cli.inputs import Input
from hdr.errors import ImageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hdr.classify.card import ModelCard
    from hdr.reading.results import Reading

_PHOTO = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp"})


class Places:
    """Names in one output folder: one an input, never an input's own file, whatever the file system's case.

    Parameters
    ----------
    folder
        Where to write; made where it is not there.
    inputs
        What is read, none of which may be written over.

    Raises
    ------
    ImageError
        Where the folder cannot be written to, before anything is read.
    """

    def __init__(self, folder: Path, inputs: Iterable[Input]) -> None:
        _check_writable(folder)
        self._folder = folder
        self._taken = {_key(Path(one.name)) for one in inputs}

    def take(self, stem: str, ending: str) -> Path:
        """Return the path for one input: ``stem + ending``, or ``stem-2 + ending`` and so on where that is taken."""
        number = 1
        while True:
            path = self._folder / f"{stem}{'' if number == 1 else f'-{number}'}{ending}"
            if _key(path) not in self._taken:
                self._taken.add(_key(path))
                return path
            number += 1


def save_annotated(places: Places, one: Input, image: NDArray[np.uint8], reading: Reading) -> None:
    """Write the picture with boxes and labels.

    Raises
    ------
    ImageError
        Where it cannot be written.
    """
    from hdr.vision.media import save_image
    from hdr.vision.overlay import draw_reading

    ending = ".jpg" if Path(one.name).suffix.lower() in _PHOTO else ".png"
    save_image(places.take(one.stem, f".annotated{ending}"), draw_reading(image, reading))


def save_steps(places: Places, one: Input, image: NDArray[np.uint8], reading: Reading, card: ModelCard) -> None:
    """Write every stage of the reading into a folder of its own.

    Raises
    ------
    ImageError
        Where they cannot be written.
    """
    from hdr.reading.steps import step_images
    from hdr.vision.media import save_image

    folder = places.take(one.stem, "")
    for number, (name, stage) in enumerate(step_images(image, reading, card).items(), 1):
        save_image(folder / f"{number}-{name}.png", stage)


def _key(path: Path) -> str:
    return str(path.resolve()).casefold()


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ImageError(
            f"Nothing can be written to the folder {folder}: {error.strerror or error}.",
            hint="Name another folder, or give yourself the right to write there.",
        ) from error
