"""What a model is used on, to a few hundred crops to try it with: given data, one's own captures, drawn digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdr.classify.card import ModelCard
from hdr.data.captures import CaptureStore
from hdr.data.class_folders import load_for
from hdr.data.drawn import draw_digits
from hdr.errors import CaptureError, ModelError
from hdr.geometry import Box
from hdr.vision.normalize import Crop

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Samples:
    """Crops, and in words where they come from."""

    crops: tuple[Crop, ...]
    told: str


def find_samples(card: ModelCard, data: Sequence[Path], captures: Path, most: int = 600, seed: int = 0) -> Samples:
    """Return crops as a model meets them.

    Parameters
    ----------
    card
        Digits are drawn for a model that knows some.
    data
        Files and folders as `load_for` takes them. What cannot be read in a folder is left out: it is only a sample.
    captures
        The captures folder; it need not be there.
    most
        Crops in all; every source gives the same number where it can.
    seed
        Decides which.

    Raises
    ------
    DatasetError
        Where given data cannot be read.
    ModelError
        Where there is nothing to try it with.
    """
    sources = [(name, crops) for name, crops in _sources(card, data, captures, most, seed) if len(crops)]
    if not sources:
        raise ModelError(
            f"There is nothing to try a model of {', '.join(card.labels)} with.",
            hint="Give some of what it is used on with --data.",
        )
    rng, share = np.random.default_rng(seed), -(-most // len(sources))
    found: list[Pixels] = []
    words: list[str] = []
    for name, crops in sources:
        chosen = rng.permutation(len(crops))[:share]
        found += [np.asarray(crops[index], np.uint8) for index in chosen]
        words.append(f"{len(chosen)} {name}")
    return Samples(tuple(Crop(one, Box(0, 0, one.shape[1], one.shape[0])) for one in found), ", ".join(words))


def _sources(
    card: ModelCard, data: Sequence[Path], captures: Path, most: int, seed: int
) -> Iterator[tuple[str, Sequence[Pixels] | Pixels]]:
    for path in data:
        yield f"of {path.name}", load_for(card, path, [], most=most).crops
    problems: list[CaptureError] = []  # a capture that cannot be read is told by `hdr captures check`
    crops = CaptureStore(captures).crops(problems) if captures.is_dir() else ()
    yield "captures", [crop.pixels for crop in crops if crop.label in card.labels]
    drawn = draw_digits(most, seed)
    known = [names in card.labels for names in drawn.names]
    yield "drawn", drawn.take(np.flatnonzero(np.array(known)[drawn.labels])).crops
