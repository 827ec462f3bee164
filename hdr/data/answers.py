"""What a model says of every picture to a file that another program, such as the window, can go on with; and back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hdr.data.evaluate import Answers, Evaluation
from hdr.data.fair import Place
from hdr.data.load import read_npz
from hdr.errors import DatasetError, HdrError
from hdr.workspace import write_atomically

_NO_INDEX = -1


@dataclass(frozen=True, eq=False)
class Told:
    """What was measured, picture by picture.

    Parameters
    ----------
    evaluation
        What was said of each.
    places
        Where each is.
    """

    evaluation: Evaluation
    places: tuple[Place, ...]


def write_answers(path: Path, told: Told) -> None:
    """Write an `.npz` of ``labels truth probabilities files index``, and ``model``; whole or not at all.

    Raises
    ------
    HdrError
        Where it cannot be written.
    """
    answers, buffer = told.evaluation.answers, io.BytesIO()
    np.savez_compressed(
        buffer,
        model=np.array(told.evaluation.model),
        trained_on=np.array(told.evaluation.trained_on),
        labels=np.array(told.evaluation.names),
        truth=answers.truth,
        probabilities=answers.probabilities,
        files=np.array([place.file for place in told.places], np.str_),
        index=np.array([_NO_INDEX if place.index is None else place.index for place in told.places], np.int64),
    )
    try:
        write_atomically(path, buffer.getvalue())
    except OSError as error:
        raise HdrError(f"{path} cannot be written: {error.strerror}.", hint="Choose another folder.") from error


def read_answers(path: Path) -> Told:
    """Return what `write_answers` wrote.

    Raises
    ------
    DatasetError
        Where it is no such file.
    """
    arrays = read_npz(path)
    try:
        names = tuple(str(name) for name in arrays["labels"])
        answers = Answers(arrays["truth"].astype(np.int64), arrays["probabilities"].astype(np.float32))
        told = zip(arrays["files"].tolist(), arrays["index"].tolist(), strict=True)
        places = tuple(Place(str(file), None if index == _NO_INDEX else int(index)) for file, index in told)
        result = Evaluation(str(arrays["model"]), names, answers, str(arrays["trained_on"]))
        whole = answers.probabilities.shape == (len(answers.truth), len(names)) and len(places) == len(answers.truth)
        whole = whole and bool(((answers.truth >= 0) & (answers.truth < len(names))).all())
    except (KeyError, ValueError, TypeError) as error:
        raise _none(path) from error
    if not whole:
        raise _none(path)
    return Told(result, places)


def _none(path: Path) -> DatasetError:
    return DatasetError(f"{path} holds no answers of a model.", hint="Make it with: hdr evaluate MODEL --answers FILE")
